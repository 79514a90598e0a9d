"""Rows made of estimates, rows found again, and files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.errors import PacsimError
from pacsim.results import Result
from pacsim.results.rows import row
from pacsim.stats import Estimate
from tests.unit.results.made import A, B, made, of


def test_the_scale_is_of_the_figure_and_both_ends() -> None:
    found = row(
        "d", "r", "m", Estimate(10.0, 8.0, 14.0, 5, "way"), unit="h/year", scale=0.5, note="why"
    )
    assert (found.estimate, found.lower, found.upper) == (5.0, 4.0, 7.0)
    assert (found.n, found.method, found.note, found.unit) == (5, "way", "why", "h/year")
    assert (found.design, found.role, found.measure, found.against) == ("d", "r", "m", "")


@pytest.mark.parametrize(
    ("unit", "most"), [("1", 1.0), ("h/year", 8760.0), ("1/year", 1e6), ("h", 1e6), ("s", 1e6)]
)
def test_ends_are_cut_at_what_can_be(unit: str, most: float) -> None:
    """No share beyond 1, no more than all hours of a year, nothing below 0; counts have no end."""
    found = row("d", "r", "m", Estimate(0.5, -3.0, 1e6, 5, ""), unit=unit)
    assert (found.lower, found.upper) == (0.0, most)
    apart = row("d", "r", "m", Estimate(0.5, -3.0, 1e6, 5, ""), unit=unit, against="c")
    assert (apart.lower, apart.upper) == (-3.0, 1e6)
    none = row("d", "r", "m", Estimate(None, None, None, 0, ""), unit=unit)
    assert (none.estimate, none.lower, none.upper) == (None, None, None)


def test_a_figure_is_found_by_all_that_is_asked() -> None:
    """Never a difference, another role or one of a split in its place."""
    result = made()
    assert result.get("down_unplanned").estimate == 6.3
    assert result.get("down_unplanned", role="read").estimate == 98.0
    assert result.get("down_unplanned", design=B).estimate == 1.4
    host = result.get("failovers", design=B, by="fault_kind", of="hung")
    assert host.estimate == 0.5
    # The first row is of the difference, the split or the other role.
    turned = Result(result.rows[::-1], {}, (B, A))
    assert turned.get("down_unplanned", role="store").estimate == 1.4
    assert turned.get("down_unplanned", design=A, role="store").estimate == 6.3
    with pytest.raises(PacsimError, match=r"known: .*failovers"):
        turned.get("failovers", design=B)
    with pytest.raises(PacsimError, match="no figure 'nothing' for the first design"):
        result.get("nothing")


def test_rows_are_found_by_every_column_asked() -> None:
    result = made()
    found = result.find("down_unplanned", design=B, against="")
    assert [r.estimate for r in found] == [1.4]
    assert [r.estimate for r in result.difference("read")] == [11.0]
    assert [r.measure for r in result.difference()] == ["down_unplanned", "outages", "down_planned"]


def test_what_json_cannot_say_is_never_written(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    with pytest.raises(ValueError, match="JSON compliant"):
        made(later=float("nan")).save(file)
    assert not list(tmp_path.iterdir())


def test_a_file_that_fails_half_way_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a neighbour."""
    file = tmp_path / "r.json"
    made().save(file)
    before = file.read_text()

    def fails(self: Path, target: Path) -> None:
        msg = "disk full"
        raise OSError(28, msg)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(PacsimError, match=r"r\.json: cannot be written: disk full"):
        made(seed=18).save(file)
    assert file.read_text() == before
    assert [f.name for f in tmp_path.iterdir()] == ["r.json"]


def test_a_repr_says_what_it_is() -> None:
    assert repr(made()) == f"<Result: {A}, {B}; 400 terms, {len(made().rows)} figures>"
    assert made()._repr_html_().count("<table>") == 1
    assert of(A, "x", 1.0).plain()["measure"] == "x"
