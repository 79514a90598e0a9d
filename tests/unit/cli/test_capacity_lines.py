"""What ``pacsim capacity`` prints of figures by hand, to the letter."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pacsim.cli.capacity_lines import BLOCKS, WIDTH, lines
from pacsim.traffic.client_tables import QUERY, RETRIEVE, STORE, WORKLIST
from pacsim.traffic.headroom import Room
from pacsim.traffic.part_out import CARRIES, OVERLOADED, SLOW, Outs, PartOut, Scenario
from pacsim.traffic.peak_hour import FIRST_IMAGE, PeakTimes
from pacsim.traffic.peaks import Peaks, ScenarioPeak, YearPeak
from pacsim.traffic.steady import LIMITS, POOLS, STATIONS, Load, Steady
from pacsim.traffic.storage import Storage, Year

TARGETS = {"store": 600.0, "first_image": 3.0, "query": 2.0, "worklist": 5.0}
HOUR = 34


def loads(workers_a: float, workers_b: float, station: float = 0.02) -> tuple[Load, ...]:
    return (
        Load(POOLS, "workers of a", workers_a / 4, workers_a),
        Load(POOLS, "workers of b", workers_b / 4, workers_b),
        Load(STATIONS, "CT-1", station / 4, station),
        Load(STATIONS, "CT-2", station / 4, station),
        Load(LIMITS, "a", 0.001, 0.004),
    )


def peak(year: int, *some: Load) -> Steady:
    return Steady(year, HOUR, 27.2, 75.4, some)


def times(**seconds: float) -> PeakTimes:
    """Return two hours of twenty operations each, of which p95 is what is said."""
    found: dict[str, list[np.ndarray]] = {}
    for name in (STORE, FIRST_IMAGE, RETRIEVE, QUERY, WORKLIST):
        at = seconds.get(name, 0.5)
        hour = np.array([at / 2.0] * 18 + [at, 2.0 * at])
        found[name] = [hour, hour] if at > 0.0 else [np.zeros(0)] * 2
    return PeakTimes(found)


ALL = times(store=41.0, first_image=1.6, query=0.5, worklist=0.0)
OUT = times(store=66.0, first_image=3.4, query=math.inf, worklist=0.0)
PARTS = (
    PartOut("a hardware", "a", (("failed", 1),)),
    PartOut("a application", "a", (("dead", 0), ("hung", 1))),
    PartOut("b hardware", "b", (("failed", 0),)),
    PartOut("core", "core", (("down", -1), ("soft", 0))),
    PartOut("array shelf", "array", (("down", -1),)),
)
STORAGE = Storage(
    (Year(1, 70_000.0, 2.5e12, 2.5e12, 0.125), Year(2, 77_000.0, 2.75e12, 5.25e12, 0.2625)),
    20e12,
    None,
)


def made(**changes: Any) -> Any:
    """Return the capacity of a design of two servers, its figures by hand."""
    usual = loads(0.011, 0.0)
    scenarios = (
        ScenarioPeak("all up", peak(1, *usual), ALL, CARRIES),
        ScenarioPeak("a out", peak(1, *loads(0.0, 0.022)), OUT, SLOW),
    )
    first = times(store=40.0, first_image=1.25, query=0.5, worklist=0.0)
    before = (
        ScenarioPeak("all up", peak(0, *usual), first, CARRIES),
        ScenarioPeak("a out", peak(0, *loads(0.0, 0.022)), ALL, CARRIES),
    )
    peaks = Peaks(
        200,
        TARGETS,
        600.0,
        Outs(tuple(Scenario(x.name, ()) for x in scenarios), PARTS),
        (
            YearPeak(before, Room(24.6, "first_image", "workers of a", 0.25)),
            YearPeak(scenarios, Room(22.4, "first_image", "workers of a", 0.25)),
        ),
        1,
    )
    workload = SimpleNamespace(line=lambda: "workload Hospital at a: 70 000 exams a year")
    found = SimpleNamespace(
        design=SimpleNamespace(name="Pair", resolved=SimpleNamespace(workload=workload)),
        years=(peak(0, *usual), peak(1, *usual)),
        busiest_year=peak(1, *usual),
        storage=STORAGE,
        warnings=("archive.study_size: too large",),
        peaks=peaks,
    )
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def with_peaks(**changes: Any) -> list[str]:
    """Return what is said if something is otherwise in the year with most arrivals."""
    found = made()
    outs = {"outs": changes.pop("outs")} if "outs" in changes else {}
    years = (found.peaks.years[0], found.peaks.top._replace(**changes))
    found.peaks = replace(found.peaks, years=years, **outs)
    return lines(found)


RIGHT = """\
Pair: workload Hospital at a: 70 000 exams a year
Peak hour: Tuesday 10:00 of contract year 2, 27 exams, 75 openings

                        target   all up         a out
store, p95              10 min     41 s       1.1 min
first image, p95           3 s    1.6 s         3.4 s
query, p95                 2 s    0.5 s   over 10 min
worklist, p95              5 s        -             -
busiest: workers of a             1.1 %             -
highest load of any                 2 %         2.2 %

One part out: carries 1 of 5; slow: a hardware, a application (hung); not served: core (down),
  array shelf.
Room: 22.4 times this peak; then p95 of first image is over 3 s.

busiest                    mean week   peak hour
station CT-1 and 1 alike       0.5 %         2 %
workers of a                 0.275 %       1.1 %
associations of a              0.1 %       0.4 %
workers of b                     0 %         0 %

year    exams    added   stored   of usable   first image p95   one part out   room
1      70 000   2.5 TB   2.5 TB        12 %             1.2 s         3 of 5   24.6
2      77 000   2.8 TB   5.2 TB        26 %             1.6 s         1 of 5   22.4
Full: not within the term; 20.0 TB may be filled.
warning: archive.study_size: too large
"""


def test_all_of_it() -> None:
    assert lines(made()) == RIGHT.splitlines()


def test_without_peak_hours() -> None:
    said = lines(made(peaks=None))
    right = RIGHT.splitlines()
    assert said[:3] == right[:3]
    assert said[3:8] == right[15:20]
    assert said[9] == "year    exams    added   stored   of usable"
    assert not any("out" in line or "Room" in line for line in said)


@pytest.mark.parametrize(
    ("room", "right"),
    [
        (
            Room(9.96, "", "station reader-1", 1.0),
            "Room: 10.0 times this peak; then station reader-1 is loaded in full.",
        ),
        (
            Room(0.8, "store", "x", 0.1),
            "Room: none; 0.8 times this peak is carried, then p95 of store is over 10 min.",
        ),
        (
            Room(0.5, "", "array", 1.0),
            "Room: none; 0.5 times this peak is carried, then array is loaded in full.",
        ),
        (Room(14.2, "", "x", 0.1, more=True), "Room: more than 14.2 times this peak."),
        (Room(math.inf, "", "", 0.0, more=True), "Room: nothing is asked for."),
    ],
)
def test_room(room: Room, right: str) -> None:
    assert right in with_peaks(room=room)


def test_a_peak_that_is_not_carried() -> None:
    # Sees: parts blamed for what is so with all up.
    said = " ".join(" ".join(with_peaks(scenarios=_judged(OVERLOADED, OVERLOADED))).split())
    right = "All up: does not carry. One part out: carries 0 of 5; not served: core (down), array"
    assert right in said
    said = " ".join(" ".join(with_peaks(scenarios=_judged(SLOW, OVERLOADED))).split())
    right = "All up: slow. One part out: carries 0 of 5; does not carry: a hardware, a application"
    assert right in said


def _judged(*verdicts: str) -> tuple[ScenarioPeak, ...]:
    known = made().peaks.top.scenarios
    return tuple(x._replace(verdict=v) for x, v in zip(known, verdicts, strict=True))


def test_rough_pools_are_named_with_one_out_too() -> None:
    # Sees: only what is so with all up; stations and limits, whose load is no matter of sharing.
    assert not any("rough" in line for line in lines(made()))
    scenarios = list(made().peaks.top.scenarios)
    scenarios[1] = scenarios[1]._replace(loads=peak(1, *loads(0.0, 0.66, station=0.9)))
    said = with_peaks(scenarios=tuple(scenarios))
    assert "Over 65 % at the peak: waiting times there are rough (workers of b)." in said
    scenarios[1] = scenarios[1]._replace(loads=peak(1, *loads(0.0, 0.65, station=0.9)))
    assert not any("rough" in line for line in with_peaks(scenarios=tuple(scenarios)))


def many(count: int, slow: set[int]) -> list[str]:
    peaks = made().peaks
    scenarios = [
        peaks.top.scenarios[0],
        *(
            ScenarioPeak(f"server-{k:02d} out", peak(1, *loads(0.0, 0.01)), OUT if k in slow else ALL, SLOW if k in slow else CARRIES)
            for k in range(1, count + 1)
        ),
    ]  # fmt: skip
    outs = Outs(tuple(Scenario(x.name, ()) for x in scenarios), ())
    return with_peaks(scenarios=tuple(scenarios), outs=outs)


def test_many_scenarios_stand_in_blocks() -> None:
    # Sees: a block that is too wide, one that repeats a column, labels without targets.
    said = many(6, set())
    heads = [line for line in said if "target" in line]
    assert len(heads) == 2
    names = [name for head in heads for name in head.replace(" out", "-out").split()]
    right = ["all", "up", *(f"server-{k:02d}-out" for k in range(1, 7))]
    assert [x for x in names if x != "target"] == right
    assert sum(line.startswith("store, p95") for line in said) == 2
    assert max(map(len, said)) <= WIDTH
    assert not any("more with which" in line for line in said)


def test_of_too_many_those_that_carry_are_left_out() -> None:
    said = many(20, {7, 20})
    heads = [line for line in said if "target" in line]
    assert len(heads) == BLOCKS
    shown = " ".join(heads)
    assert "all up" in shown
    assert "server-07 out" in shown
    assert "server-20 out" in shown
    kept = shown.count(" out")
    assert f"{20 - kept} more with which out it is carried: see --json or --csv." in said
    assert max(map(len, said)) <= WIDTH


def test_long_texts_are_wrapped() -> None:
    found = made(warnings=("w " * 120,))
    found.design.name = "A design with a very long name " * 4
    found.peaks = replace(
        found.peaks,
        outs=only([PartOut(f"part-{k}", "", (("down", -1),)) for k in range(60)]),
    )
    assert max(map(len, lines(found))) <= WIDTH


def only(parts: list[PartOut]) -> Outs:
    return Outs((), tuple(parts))


def test_the_page_tells_what_is_printed() -> None:
    page = Path(__file__).parents[3] / "docs" / "capacity.md"
    assert "pacsim capacity" in page.read_text(encoding="utf-8")
