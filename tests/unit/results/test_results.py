"""Rows, saving and reading, words, and the table from rows alone."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pacsim.errors import PacsimError
from pacsim.formatting import nines, odds, percent
from pacsim.results import COLUMNS, Result, Row
from pacsim.results.table import as_html, table
from pacsim.results.terminal import as_text


def figure(design: str, measure: str, estimate: float | None, **more: object) -> Row:
    """Return a row with an interval of 10 % around its estimate."""
    values = {
        "design": design, "against": "", "role": "store", "measure": measure, "by": "", "of": "",
        "unit": "h/year", "estimate": estimate,
        "lower": None if estimate is None else 0.9 * estimate,
        "upper": None if estimate is None else 1.1 * estimate,
        "n": 100, "method": "by hand", "note": "",
    } | more  # fmt: skip
    return Row(**values)  # type: ignore[arg-type]


def result(*rows: Row, designs: tuple[str, ...] = ("one",)) -> Result:
    """Return a result of these rows."""
    provenance = {
        "role": "store",
        "term_years": 7.0,
        "replications": 100,
        "seed": 1,
        "seconds": 2.0,
    }
    return Result(rows=rows, provenance=provenance, designs=designs)


def test_a_saved_result_is_the_same_when_read(tmp_path: Path) -> None:
    """Also with nothing where nothing is known."""
    saved = result(figure("one", "down_unplanned", 3.0), figure("one", "outages", None))
    saved.save(tmp_path / "r.json")
    assert Result.load(tmp_path / "r.json") == saved
    content = json.loads((tmp_path / "r.json").read_text())
    assert content["schema"] == 2
    assert set(content["rows"][0]) == set(COLUMNS)
    saved.to_csv(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    assert list(saved.to_frame().columns) == list(COLUMNS)


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 2}', '{"schema": 1}', "\x00", "{"])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    """With the file's name, never a traceback."""
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(PacsimError, match=r"bad\.json"):
        Result.load(file)
    with pytest.raises(PacsimError, match="cannot be read"):
        Result.load(tmp_path / "none.json")
    with pytest.raises(PacsimError, match="cannot be written"):
        result().save(tmp_path / "no" / "where.json")


def test_no_number_that_is_none() -> None:
    """NaN and infinity are refused when the row is made."""
    for bad in (float("nan"), float("inf")):
        with pytest.raises(PacsimError, match="give None"):
            figure("one", "down", bad)


def test_names_are_escaped() -> None:
    """A design called like a tag stays text."""
    name = "<script>alert(1)</script>"
    html = as_html(table(result(figure(name, "down_unplanned", 1.0), designs=(name,))))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_none_seen_is_a_bound() -> None:
    """A zero count is odds under something, never zero."""
    row = figure("one", "p_any_loss", 0.0, upper=0.004, role="array", unit="1")
    assert "under 1 in 250" in as_text(table(result(row)))
    assert odds(0.0, None) == "none seen"


def test_differences_in_words() -> None:
    """A difference whose interval contains zero cannot be told apart; signs decide the verb."""
    same = figure("b", "down_unplanned", 0.1, against="a", lower=-0.2, upper=0.4)
    less = figure("b", "down_unplanned", -4.0, against="a", lower=-5.0, upper=-3.0)
    more = figure("b", "down_unplanned", 4.0, against="a", lower=3.0, upper=5.0)
    base = [figure(d, "down_unplanned", 3.0) for d in "ab"]

    def text(row: Row) -> str:
        return " ".join(as_text(table(result(*base, row, designs=("a", "b")))).split())

    assert "cannot be told apart" in text(same)
    assert "saves 4.0 h/yr" in text(less)
    assert "95 %; same faults in both)" in text(less)
    assert "(3.0 - 5.0, 95 %" in text(less)
    assert "to 0.4 h/yr (95 %)." in text(same)
    together = replace(same, method="paired, Student t, 95 % over 3 comparisons together")
    assert "(95 % over 3 comparisons together)." in text(together)
    assert "costs 4.0 h/yr" in text(more)


def test_nothing_seen_in_either_is_said() -> None:
    """Not "differs by 0 to 0", nor "too few terms"; equal down time is said to be equal."""
    none = [figure(d, "down_unplanned", 0.0, method="none seen", upper=None) for d in "ab"]
    some = [figure(d, "down_unplanned", 3.0) for d in "ab"]
    for lower in (0.0, None):
        row = figure("b", "down_unplanned", 0.0, against="a", lower=lower, upper=lower)
        text = as_text(table(result(*none, row, designs=("a", "b"))))
        assert "no unplanned down time was seen in either" in text
        assert "0 to 0" not in text
    row = figure("b", "down_unplanned", 0.0, against="a", lower=0.0, upper=0.0)
    assert "the same in every term" in " ".join(
        as_text(table(result(*some, row, designs=("a", "b")))).split()
    )


def test_every_array_and_group_has_its_line() -> None:
    """Named if there are several, in order of first appearance; one alone needs no name."""
    rows = [
        figure("a", "p_any_loss", 0.1, role="array", unit="1"),
        figure("b", "p_any_loss", 0.05, role="array-2", unit="1"),
        figure("b", "p_any_loss", 0.0, role="array", upper=0.01, unit="1"),
    ]
    for group, seconds in (("web", 120.0), ("pacs", 30.0)):
        for part in ("p50", "p95"):
            measure = f"failover_latency_{part}"
            rows.append(figure("b", measure, seconds, role=group, unit="s"))
            rows.append(figure("b", measure, 999.0, role=group, by="fault_kind", of="host"))
    rows += [figure("b", f"failover_latency_{p}", None, role="ris") for p in ("p50", "p95")]
    found = {line.label: line.cells for line in table(result(*rows, designs=("a", "b"))).lines}
    assert found == {
        "failover until it serves, web": ("-", "2 min (p95 2 min)"),
        "failover until it serves, pacs": ("-", "30 s (p95 30 s)"),
        "failover until it serves, ris": ("-", "none seen"),
        "any study lost in 7 years, array": ("1 in 10", "under 1 in 100"),
        "any study lost in 7 years, array-2": ("-", "1 in 20"),
    }
    assert list(found)[-2:] == [f"any study lost in 7 years, {x}" for x in ("array", "array-2")]
    alone = table(result(rows[0], designs=("a",)))
    assert [line.label for line in alone.lines] == ["any study lost in 7 years"]


def test_no_down_time_is_all_of_the_time_as_far_as_seen() -> None:
    row = figure("one", "unavailability", 0.0, method="none seen", upper=None, unit="1")
    lines = table(result(row)).lines
    assert [(x.label, x.cells) for x in lines] == [("available", ("100 % (no down time seen)",))]


def test_any_role_down_has_a_line_if_it_is_no_role_of_its_own() -> None:
    rows = [figure("one", "down_unplanned", 1.0), figure("one", "down", 2.0, role="overall")]
    found = {line.label: line.cells for line in table(result(*rows)).lines}
    assert found["any role down"] == ("2.0 h/yr",)
    declared = figure("one", "outages", 2.0, role="overall")
    assert "any role down" not in as_text(table(result(*rows, declared)))
    assert "any role down" not in as_text(table(result(rows[0])))


def test_nearly_all_is_not_all() -> None:
    """Rounding never turns a little into nothing or nearly all into all."""
    assert percent(0.99996) == "99.996 %"
    assert percent(0.00004) == "0.004 %"
    assert nines(1e-7).startswith("99.99999")
    assert nines(0.0) == "100 %"


def test_a_result_is_read_as_it_was_saved(tmp_path: Path) -> None:
    point = (("check", "1 s"), ("success", 0.67))
    whole = result(figure("one", "down", 1.0), figure("one", "down", 1 / 3, point=point))
    whole.save(tmp_path / "r.json")
    read = Result.load(tmp_path / "r.json")
    assert read == whole
    assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o666 & ~current_umask()


def test_what_nobody_has_a_copy_of_is_saved_beside_the_note(tmp_path: Path) -> None:
    """In JSON and only where there is any; a table of rows has the columns it had."""
    plain = figure("one", "p_any_loss", 0.5, role="a", unit="1")
    bare = figure("one", "p_any_loss", 0.5, role="b", unit="1", no_copy_of=("b", "c"))
    whole = result(plain, bare)
    assert "no_copy_of" not in plain.plain()
    assert json.loads(whole.to_json())["rows"][1]["no_copy_of"] == ["b", "c"]
    whole.save(tmp_path / "r.json")
    assert Result.load(tmp_path / "r.json") == whole
    assert whole.columns() == COLUMNS
    with pytest.raises(PacsimError, match="cannot be called 'no_copy_of'"):
        figure("one", "down", 1.0, point=(("no_copy_of", "x"),))


def test_coordinates_are_columns_of_their_own(tmp_path: Path) -> None:
    """Only where there are any; in a file of a run without a study nothing is said of them."""
    point = (("check", "1 s"), ("success", 0.67))
    plain, studied = figure("one", "down", 1.0), figure("one", "down", 2.0, point=point)
    assert "point" not in plain.plain()
    both = result(plain, studied)
    frame = both.to_frame()
    assert list(frame.columns) == [*COLUMNS, "check", "success"]
    assert frame["success"].isna().tolist() == [True, False]
    both.to_csv(tmp_path / "r.csv")
    lines = (tmp_path / "r.csv").read_text().splitlines()
    assert lines[0].endswith(",note,check,success")
    assert lines[2].endswith(",1 s,0.67")
    assert list(result(plain).to_frame().columns) == list(COLUMNS)
    with pytest.raises(PacsimError, match="cannot be called 'design'"):
        figure("one", "down", 1.0, point=(("design", "x"),))


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
