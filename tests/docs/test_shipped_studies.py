"""The studies that ship are right, and each has a page with its question, table and picture."""

from pathlib import Path

import pytest

from pacsim import Study

SWEEPS = Path(__file__).parents[2] / "experiments" / "sweeps"
FILES = sorted(SWEEPS.glob("*/*.yaml"))


def test_there_are_three() -> None:
    assert [file.stem for file in FILES] == ["disks", "failover", "power"]


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_study_and_its_page(file: Path) -> None:
    study = Study.load(file)
    page = (file.parent / "README.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {study.name}\n\n**{study.question}** ")
    assert f"]({file.stem}.png)" in page
    assert (file.parent / f"{file.stem}.png").stat().st_size > 10_000
    assert f"pacsim sweep experiments/sweeps/{file.stem}/{file.name}" in page
    # What the table shows is varied by the study.
    for one in study.dimensions:
        assert all(f"{one.name}" in page and label in page for label in one.labels)
    line = f"| [{file.stem}]({file.stem}/README.md) | {study.question} | {len(study.points)} |"
    assert line in (SWEEPS / "README.md").read_text(encoding="utf-8")
