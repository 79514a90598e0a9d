"""Words from data sheets and other tools: the hint leads to what they mean, and pages say so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pacsim.design import DesignError, load
from tests.close import close

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "docs"
H = 3600.0


def hint(file: Path) -> str:
    """Return the remedy of the only problem of a file."""
    with pytest.raises(DesignError) as caught:
        load(file)
    (problem,) = caught.value.problems
    return problem.remedy


@pytest.mark.parametrize("word", ["mttr", "mdt", "mttf"])
@pytest.mark.parametrize("key", ["ttr", "repair"])
def test_a_mean_time_to_repair(word: str, key: str, tmp_path: Path) -> None:
    """Each hint in turn, until the file is read: the mean is that of the data sheet."""
    # Sees: a hint to a time to failure, or to a bare time, whose mean is 1.43 times as long.
    text = (HERE / "word-mttr.yaml").read_text(encoding="utf-8")
    text = text.replace("ttr: {mttr: 10 h}", f"{key}: {{{word}: 10 h}}")
    file = tmp_path / "my.yaml"
    file.write_text(text, encoding="utf-8")
    assert hint(file) == "write {mean: 10 h, family: exponential}"
    file.write_text(text.replace(f"{{{word}: 10 h}}", hint(file).removeprefix("write ")))
    law = load(file).resolved.parts["box"].law("repair")
    assert law.mean() == close(10 * H, 1e-12)
    assert law.quantile(0.5) == close(10 * H * 0.6931471805599453, 1e-9)


def test_mttr_in_place_of_ttr(tmp_path: Path) -> None:
    text = (HERE / "word-mttr.yaml").read_text(encoding="utf-8")
    file = tmp_path / "my.yaml"
    file.write_text(text.replace("ttr: {mttr: 10 h}", "mttr: 10 h"), encoding="utf-8")
    with pytest.raises(DesignError) as caught:
        load(file)
    found = {problem.path: problem.remedy for problem in caught.value.problems}
    assert found["parts.box.mttr"] == "write ttr: {mean: 10 h, family: exponential}"


def test_a_mean_alone_and_a_mean_time_between_failures(tmp_path: Path) -> None:
    text = (HERE / "word-mttr.yaml").read_text(encoding="utf-8")
    file = tmp_path / "my.yaml"
    file.write_text(text.replace("{mttr: 10 h}", "{mean: 10 h}"), encoding="utf-8")
    assert hint(file) == "write {mean: 10 h, family: exponential}"
    text = text.replace("{mttr: 10 h}", "4 h")
    file.write_text(text.replace("ttf: 1000 h", "ttf: {mtbf: 1000 h}"), encoding="utf-8")
    assert hint(file) == "write {mttf: 1000 h}"


@pytest.mark.parametrize(
    ("word", "layout"),
    [
        ("raidz2", "raid6"), ("raidz", "raid5"), ("raidz1", "raid5"), ("RAID-Z2", "raid6"),
        ("RAID6", "raid6"), ("raid 1+0", "raid10"), ("mirror", "raid1"), ("RAID-DP", "raid6"),
        ("raid-z3", "raidz3"),
    ],
)  # fmt: skip
def test_layouts_by_other_names(word: str, layout: str, tmp_path: Path) -> None:
    """The layout that survives as many failed disks."""
    text = (HERE / "word-raidz2.yaml").read_text(encoding="utf-8")
    file = tmp_path / "my.yaml"
    file.write_text(text.replace("layout: raidz2", f'layout: "{word}"'), encoding="utf-8")
    assert hint(file) == f"write {layout}"
    file.write_text(text.replace("layout: raidz2", f"layout: {layout}"), encoding="utf-8")
    assert load(file).resolved.parts["array"]["layout"] == layout


@pytest.mark.parametrize("word", ["raid60", "raid50", "raid0+1"])
def test_several_sets_in_one_are_none_of_them(word: str, tmp_path: Path) -> None:
    # Sees: raid6 for raid60, which is not lost alike.
    text = (HERE / "word-raidz2.yaml").read_text(encoding="utf-8")
    file = tmp_path / "my.yaml"
    file.write_text(text.replace("layout: raidz2", f"layout: {word}"), encoding="utf-8")
    assert hint(file).startswith("it is none of raid0, raid5")


@pytest.mark.parametrize(
    ("file", "remedy", "page", "says", "not_said"),
    [
        ("two-backups", "keep the one a restore would take", "parts/backup.md",
         "`check` refuses a second one", "the last in the design"),
        ("restart-first-three", "write 0 or 1", "parts/active_passive.md",
         "0 or 1; `check` refuses more", "every number above 0"),
        ("restart-first-three", "write 0 or 1", "parts/server.md",
         "cannot ask for more", "number above 0"),
        ("restart-first-three", "write 0 or 1", "limitations.md",
         "above 1 it is refused", "counts as 1"),
        ("two-backups", "keep the one a restore would take", "limitations.md",
         "second backup of an array is refused", "an earlier backup of an array"),
    ],
)  # fmt: skip
def test_pages_say_what_is_refused(
    file: str, remedy: str, page: str, says: str, not_said: str
) -> None:
    assert hint(HERE / f"{file}.yaml") == remedy
    text = re.sub(r"\s+", " ", (PAGES / page).read_text(encoding="utf-8"))
    assert says in text
    assert not_said not in text
