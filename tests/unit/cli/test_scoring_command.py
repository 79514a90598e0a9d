"""``score``: what it takes, prints, saves and leaves with."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from pacsim import PacsimError, score
from pacsim.cli.main import application
from pacsim.results.outage_file import save_outages
from tests.unit.results.made import A, B, made
from tests.unit.service_levels.test_on_designs import kept

if TYPE_CHECKING:
    from pathlib import Path

LEVEL = """pacsim: 1
name: two nines
measures: store
window: month
target: 99 %
credits: {below: {99 %: 10 %}, of: 100 EUR/month}
limits: {longest: 8 h}
"""
LOG = "start,end,kind\n2027-01-05 00:00,2027-01-05 10:00,unplanned\n"


def say(*arguments: Any, code: int = 0) -> str:
    done = CliRunner().invoke(application(), ["score", *map(str, arguments)])
    assert done.exit_code == code, done.output
    # What the command line prints of an error on its way out.
    said = str(done.exception) if isinstance(done.exception, PacsimError) else ""
    return " ".join(f"{done.output} {said}".split())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with outages of two designs, a result beside them, a level and a log."""
    rows = [(4, 3.0, 10.0), (7, 40.0, 5.0), (7, 80.0, 9.0), (9, 1.0, 2.0)]
    save_outages({A: kept(rows, 40), B: kept(rows[:1], 40)}, tmp_path / "r.npz")
    made().save(tmp_path / "r.json")
    (tmp_path / "sla.yaml").write_text(LEVEL)
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path


@pytest.mark.parametrize("source", ["r.npz", "r.json"])
def test_designs_side_by_side(files: Path, source: str) -> None:
    text = say(files / source, files / "sla.yaml")
    assert "1 service level, 1-year contract, scored on 40 terms each" in text
    # 40 terms of 12 months: 2 missed of the first, 1 of the second.
    assert "windows met 99.6 % 99.8 %" in text
    assert "of what is allowed 19 in 20 have 6.7 h left 19 in 20 have 6.7 h left" in text
    assert "a limit is broken in 0.4 % 0.2 %" in text
    assert "credits 0.50 EUR/yr 0.25 EUR/yr" in text.replace("0.5 EUR", "0.50 EUR")
    assert "an outage over 8 h 1 in 20 1 in 40" in text
    assert "store 99 % of each month; unplanned, mixed, planned down time counts" in text
    assert "12 months, each may be down 7.4 h" in text
    assert "summer time is not observed" in text


def test_a_log(files: Path) -> None:
    span = ("--from", "2027-01-01", "--to", "2028-01-01")
    text = say(files / "log.csv", files / "sla.yaml", *span)
    assert "windows met 11 of 12" in text
    assert "longest outage 10 h" in text
    assert "all windows of a term" not in text
    assert (
        "log.csv, two nines: 2027-01-01 to 2027-02-01: down 10 h, allowed 7.4 h, a limit is broken "
        "(no outage over 8 h); pays 10 % of the fee, 10 EUR."
    ) in text
    assert "2027-01-01 (as asked for) to 2028-01-01" in text


def test_what_is_saved_is_what_was_found(files: Path) -> None:
    say(files / "r.npz", files / "sla.yaml", "--csv", files / "f.csv", "--windows", files / "w.csv")
    found = score(files / "r.npz", files / "sla.yaml")
    with (files / "f.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found.rows) == 2 * 9
    assert {row["service_level"] for row in rows} == {"two nines"}
    assert [float(row["estimate"]) for row in rows] == [one.estimate for one in found.rows]
    assert {row["unit"] for row in rows if row["measure"] == "sla_credits"} == {"EUR/year"}
    with (files / "w.csv").open(encoding="utf-8") as file:
        windows = list(csv.DictReader(file))
    assert [(one["begins"], float(one["down"])) for one in windows[:3]] == [
        ("2027-01-01", 12 / 40), ("2027-02-01", 5 / 40), ("2027-03-01", 9 / 40),
    ]  # fmt: skip
    assert float(windows[0]["met"]) == 39 / 40
    assert float(windows[2]["paid"]) == pytest.approx(0.1 / 40)


def test_what_is_wrong(files: Path) -> None:
    level = files / "sla.yaml"
    assert "it needs --from and --to" in say(files / "log.csv", level, code=1)
    text = say(level, files / "r.npz", code=1)
    assert "sla.yaml: cannot be scored; outages (.npz), a saved result (.json) or a log" in text
    assert "a design is run before, with --outages FILE.npz" in text
    text = say(files, level, code=1)
    assert "the points of a study are run one by one, with --outages FILE.npz" in text
    text = say(files / "r.npz", level, files / "log.csv", code=1)
    assert "log.csv: 1 problem is no service level; give one file of outages or a log" in text
    assert "cannot be read: No such file" in say(files / "none.npz", level, code=1)
    (files / "r.npz").unlink()
    text = say(files / "r.json", level, code=1)
    assert "a saved result holds no outages, and there is no" in text
    assert "run it again with --outages FILE.npz" in text
    save_outages({"other": kept([], 4)}, files / "r.npz")
    assert "holds outages of other, not of" in say(files / "r.json", level, code=1)
    save_outages({}, files / "r.npz")
    assert "holds outages of no design" in say(files / "r.npz", level, code=1)


def test_roles_and_hours_that_are_not_there(files: Path) -> None:
    (files / "sla.yaml").write_text(LEVEL.replace("store", "stroe"))
    text = say(files / "r.npz", files / "sla.yaml", code=1)
    assert f'line 3 measures no role "stroe" in {A}; did you mean "store"?' in text
    closed = "hours: {hours: [sun 00:00-01:00], closed: [2027-01-03]}\nname:"
    (files / "sla.yaml").write_text(LEVEL.replace("name:", closed))
    save_outages({"one": kept([], 4, days=7.0)}, files / "o.npz")
    text = say(files / "o.npz", files / "sla.yaml", code=1)
    assert text == "two nines: no time of one is in its hours"


def test_check_reads_service_levels(files: Path) -> None:
    """A study that has a target elsewhere, or a design, is none."""
    good, bad = files / "sla.yaml", files / "bad.yaml"
    bad.write_text(LEVEL.replace("month\n", "moon\n"))
    done = CliRunner().invoke(application(), ["check", str(good)])
    assert done.exit_code == 0
    assert "fine: store 99 % of each month; " in done.output
    done = CliRunner().invoke(application(), ["check", str(bad), str(good)])
    assert done.exit_code == 1
    assert "line 4  window  'moon' is no window; did you mean" in done.output


def test_usage(files: Path) -> None:
    level = files / "sla.yaml"
    assert "starts (--from) 'x' is no time" in say(files / "log.csv", level, "--from", "x", code=2)
    twice = ("--csv", files / "a.csv", "--windows", files / "a.csv")
    assert "is given for two things" in say(files / "r.npz", level, *twice, code=2)
    assert "there is no folder" in say(files / "r.npz", level, "--csv", files / "no/a.csv", code=2)
    assert "two service levels are called" in say(files / "r.npz", level, level, code=2)
