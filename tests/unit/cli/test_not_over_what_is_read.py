"""No command writes a figure over the file that it was asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pacsim.cli.main import USAGE, application

if TYPE_CHECKING:
    from pathlib import Path

DESIGN = """\
pacsim: 1
name: Two in series
parts:
  a: {type: component, ttf: 1 year, ttr: {exactly: 4 h, low: 2 h, high: 7 h}}
roles: {store: {needs: [a]}}
"""


@pytest.mark.parametrize(
    "words",
    [
        ("sensitivity", "FILE", "--csv", "FILE"),
        ("run", "FILE", "--csv", "FILE"),
        ("run", "FILE", "--json", "FILE"),
        ("run", "FILE", "--outages", "LINK"),
        ("compare", "FILE", "--csv", "FILE"),
        ("report", "FILE", "--out", "FILE"),
        ("capacity", "FILE", "--csv", "FILE"),
        ("score", "FILE", "models/sla/99.9-monthly.yaml", "--csv", "FILE"),
        ("score", "other.npz", "FILE", "--windows", "FILE"),
    ],
)
def test_the_file_stays_as_it_is(words: tuple[str, ...], tmp_path: Path) -> None:
    # Sees: a design of which nothing is left but the figures that were asked for.
    file, link = tmp_path / "two.yaml", tmp_path / "link.yaml"
    file.write_text(DESIGN)
    link.symlink_to(file)
    named = {"FILE": str(file), "LINK": str(link)}
    done = CliRunner().invoke(application(), [named.get(word, word) for word in words])
    assert (done.exit_code, "is read; give what is written another file" in done.output) == (
        USAGE, True,
    ), done.output  # fmt: skip
    assert file.read_text() == DESIGN
