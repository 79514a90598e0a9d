"""Windows in compiled code are those that Python makes one by one, to the bit.

Workloads have a station of each kind; histories, the place of a
term's begin and its end, and divergences that take no time are drawn. What figures are made of is
all that figures need.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays import Lognormal
from pacsim.engines.kernel.declaring import row_type
from pacsim.errors import SimulationError
from pacsim.traffic.client_conditions import REFUSES, SILENT, ConditionChange
from pacsim.traffic.client_tables import (
    EMERGENCIES,
    EXAMS,
    OPENINGS,
    WAITS,
    Arrivals,
    ImagingStudy,
    Limit,
    Modality,
    Probe,
    Rates,
    Reader,
    TrafficTables,
)
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.kernel import run_arrays, term_arrays
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import OK, OPEN, REJECTED, UNDECIDED
from pacsim.traffic.second_pass import Divergence
from pacsim.traffic.window_figures import window_figures
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.traffic.windows import ALL, TrafficWindows
from pacsim.units import HOUR
from tests.agreement.windowed_worlds import history, workload
from tests.oracle.traffic.outages import passed

if TYPE_CHECKING:
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.second_pass import Passed

TERM = 5.0 * HOUR
LEAD = 240.0
FIRST_SEEDS, SEEDS = 24, 32
TARGETS = {"store": 120.0, "first_image": 4.0, "query": 2.0, "worklist": 4.0}


def busy(seed: int, *, probes: bool = True) -> TrafficTables:
    """Return a workload by chance to which something comes."""
    made = workload(seed)
    study = ImagingStudy(Lognormal(40.0, 1.0), 1e6, compression=2.0, size_growth=(1.0,))
    found = []
    for one in made.stations:
        does = one.does
        if isinstance(does, Modality):
            streams = tuple(
                Arrivals(name, Rates((rate,) * 168, (1.0,), 5))
                for name, rate in ((EXAMS, 4.0), (EMERGENCIES, 1.5))
            )
            found.append(replace(one, does=replace(does, study=study), streams=streams))
        elif isinstance(does, Reader):
            does = replace(does, mix=((1.0, study),), queries=1.5, prior_exists=0.5, priors=2)
            streams = (Arrivals(OPENINGS, Rates((9.0,) * 168, (1.0,), 5)),)
            found.append(replace(one, does=does, streams=streams))
        elif probes or not isinstance(does, Probe):
            found.append(one)
    return replace(made, stations=tuple(found))


def term(seed: int, tables: TrafficTables, last: int | None = None) -> Passed:
    """Return a term of which some is wrong: from its begin, at its end, for no time at all.

    In its last half hour a member may be what is given.
    """
    rng = np.random.default_rng([seed, 3])
    line = history(seed, tables.conditions)
    names, count = tables.conditions.names, len(tables.conditions.names)

    scale = float(rng.choice([1.0, 4.0]))
    rows = zip(line.time[count:], line.what[count:], line.value[count:], strict=True)
    changes: list[ConditionChange] = [
        ConditionChange(float(time) * scale, names[what], int(value)) for time, what, value in rows
    ]
    if rng.random() < 0.4:
        changes.append(ConditionChange(TERM - 200.0, names[0], 1))
    if last is not None:
        changes.append(ConditionChange(TERM - 1800.0, names[0], last))
    made = passed(tables.conditions, changes, TERM)
    found = list(made.divergences)
    for at in rng.uniform(0.0, TERM, 2).tolist():
        if not any(one.start <= at <= one.end for one in found):
            found.append(Divergence(at, at, False, "other", ""))
    return made._replace(divergences=tuple(sorted(found)))


def crowded(tables: TrafficTables, most: int) -> TrafficTables:
    """Return a workload whose clients wait for each other, give up and try again without faults."""
    soon = [
        replace(one, timers=replace(one.timers, associate=5.0, retry_every=20.0, retry_count=-1))
        for one in tables.stations
    ]
    limits = tuple(Limit(most, WAITS) for _ in tables.limits)
    return replace(tables, stations=tuple(soon), limits=limits)


def wrong_before(one: Passed) -> Passed:
    """Return a term in whose longest divergence, of which is not told, one of no length starts."""
    longest = max(one.divergences, key=lambda x: x.end - x.start)
    middle = (longest.start + longest.end) / 2.0
    told = [x for x in one.divergences if x != longest]
    told.append(Divergence(middle, middle, False, "other", ""))
    return one._replace(divergences=tuple(sorted(told)))


def windowed(seed: int) -> tuple[TrafficTables, Passed]:
    """Return a workload and a term: the first ones of all kinds, then crowded or wrong before."""
    tables = busy(seed, probes=seed % 3 == 0)
    # The first of each four has one server.
    last = {0: REFUSES, 4: SILENT}.get(seed % 8)
    one = term(seed, tables, last)
    if seed < FIRST_SEEDS:
        return tables, one
    return (crowded(tables, seed // 2 % 2), one) if seed % 2 else (tables, wrong_before(one))


def one_by_one(windows: TrafficWindows, one: Passed, stations: int) -> WindowBatch:
    """Return the windows of a term that Python makes."""
    found, done = [], 0
    while done < len(one.divergences):
        found.append(windows.window(one, done))
        done += found[-1].divergences
    rows = np.array([x.row for x in found], dtype=WINDOWS)
    logs = [
        WindowLogs.of([getattr(x, run) for x in found], stations) for run in ("faulted", "twin")
    ]
    return WindowBatch(rows, *logs)


def assert_same(mine: Any, its: Any, *names: str) -> None:
    """Assert that arrays are the same to the bit."""
    for name in names:
        one, other = getattr(mine, name), getattr(its, name)
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes(), name


def assert_same_figures(one: WindowBatch, other: WindowBatch, tables: TrafficTables) -> None:
    """Assert that figures of both are the same to the bit."""
    stations = FiguredStations(tables, TARGETS)
    mine, its = (window_figures(x, stations) for x in (one, other))
    assert_same(mine, its, "counts", "backlog", "harm")
    assert list(mine.values) == list(its.values)
    for figure, values in mine.values.items():
        for a, b in zip(values, its.values[figure], strict=True):
            assert a.tobytes() == b.tobytes(), figure


COMPARED = ("first", "stored", "tries", "parked", "outcome", "sent")
"""Columns of a job in which it may differ from its twin."""
Case = tuple[int, int, int]
"""Where something arose, in which stream, and its number there."""


def case_of(row: Any) -> Case:
    """Return the case of a row of jobs or attempts."""
    if "slot" in row.dtype.names:
        return int(row["source"]), int(row["stream"]), SLOT * int(row["slot"]) + int(row["number"])
    return int(row["source"]), int(row["stream"]), int(row["number"])


def changed_cases(faulted: TrafficLog, twin: TrafficLog) -> set[Case]:
    """Return which cases went otherwise in the two runs of a window, or are open in either."""
    told: dict[Case, Counter[tuple[bytes, ...]]] = {}
    undecided = set()
    for sign, log in ((1, faulted), (-1, twin)):
        for row in log.jobs:
            case = case_of(row)
            what = tuple(row[name].tobytes() for name in ("station", *COMPARED))
            told.setdefault(case, Counter())[what] += sign
            if row["outcome"] == UNDECIDED:
                undecided.add(case)
    return undecided | {case for case, rows in told.items() if any(rows.values())}


def telling(log: TrafficLog, cases: set[Case], tables: TrafficTables) -> dict[Case, list[Any]]:
    """Return the attempts of cases that tell something, and whether the next came as it should.

    One is left out if it failed and carried nothing, is not the first of its step, did not use up
    all tries, and the next follows when it should.
    """
    rows: dict[Case, list[Any]] = {}
    for row in log.attempts:
        if not isinstance(tables.stations[row["station"]].does, Probe) and case_of(row) in cases:
            rows.setdefault(case_of(row), []).append(row)
    found: dict[Case, list[Any]] = {}
    for case, every in rows.items():
        found[case] = []
        for k, row in enumerate(every):
            before, after = (
                every[k - 1] if k else None,
                every[k + 1] if k + 1 < len(every) else None,
            )
            timers = tables.stations[row["station"]].timers
            step = (row["station"], row["step"])
            again = before is not None and (before["station"], before["step"]) == step
            follows = goes_on = False
            if after is not None and after["station"] == row["station"]:
                follows = bool(after["start"] == row["end"] + timers.retry_every)
                goes_on = follows and after["step"] == row["step"]
            tells = row["how"] in (OK, OPEN, REJECTED) or row["items"] or row["bytes"]
            tells = tells or row["try"] == timers.retry_count
            if tells or not (again and goes_on):
                found[case].append((row.tobytes(), follows))
    return found


def assert_tells_the_same(kept: WindowBatch, right: WindowBatch, tables: TrafficTables) -> None:
    """Assert that of each window what is kept is what tells something."""
    for k in range(len(right.windows)):
        cases = changed_cases(right.faulted.log(k), right.twin.log(k))
        for run in ("faulted", "twin"):
            want = telling(getattr(right, run).log(k), cases, tables)
            logs = getattr(kept, run)
            part = slice(logs.attempts_from[k], logs.attempts_from[k + 1])
            mine: dict[Case, list[Any]] = {}
            for row, follows in zip(logs.attempts[part], logs.follows[part], strict=True):
                if not isinstance(tables.stations[row["station"]].does, Probe):
                    mine.setdefault(case_of(row), []).append((row.tobytes(), bool(follows)))
            assert mine == want, (k, run)


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let compiled code run short of everything, and go on."""
    monkeypatch.setattr(run_arrays, "FIRST_ROOM", 3)
    monkeypatch.setattr(term_arrays, "FIRST_ROOM", 1)


@pytest.mark.usefixtures("little_room")
def test_windows_are_those_that_python_makes() -> None:
    met: Counter[str] = Counter()
    for seed in range(SEEDS):
        tables, one = windowed(seed)
        simulator = CompiledTraffic(tables)
        windows = TrafficWindows(simulator, TERM, lead=LEAD)
        right = one_by_one(windows, one, len(tables.stations))
        for _ in range(2):
            # In fresh arrays, and in those that were used before.
            found = windows.batch(one)
            assert_same(found, right, "windows")
            for run in ("faulted", "twin"):
                names = ("attempts", "jobs", "attempts_from", "jobs_from", "counts")
                assert_same(getattr(found, run), getattr(right, run), *names)
        kept = windows.differing(one)
        assert_same(kept, right, "windows")
        assert_same_figures(kept, right, tables)
        assert_tells_the_same(kept, right, tables)
        rows = right.windows
        met["windows"] += len(rows)
        met["censored"] += int(rows["censored"].sum())
        met["overlapped"] += int((rows["overlapped"] > 0).sum())
        met["from the begin"] += int((rows["start"] == 0.0).sum())
        met["of no length"] += sum(x.start == x.end for x in one.divergences)
        met["left out"] += len(right.faulted.attempts) - len(kept.faulted.attempts)
    assert min(met.values()) > 5, met


def test_some_windows_are_those_among_all() -> None:
    tables = busy(1)
    windows, one = TrafficWindows(CompiledTraffic(tables), TERM, lead=LEAD), term(1, tables)
    every = windows.batch(one)
    opens = np.array([x.start for x in one.divergences]) - LEAD
    assert len(every.windows) > 2
    second = int(np.searchsorted(opens, every.windows["divergence"][1] - LEAD))
    some = windows.batch(one, [(second, float(opens[second]))])
    assert some.windows.tolist() == every.windows[1:2].tolist()
    assert some.faulted.attempts.tobytes() == every.faulted.log(1).attempts.tobytes()
    from_there = windows.batch(one, [(second, float(opens[second])), (0, np.inf)])
    assert from_there.windows.tolist() == every.windows[1:].tolist()
    assert windows.batch(one, ALL).windows.tolist() == every.windows.tolist()


def test_what_does_not_add_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: a run begins with an exam that came from nowhere."""
    tables = busy(1)
    simulator, one = CompiledTraffic(tables), term(1, tables)
    # Without a lead, in which a run would stand for its twin too.
    windows = TrafficWindows(simulator, TERM, lead=0.0)
    with simulator._at_hand() as made:
        held = made._run.fixed.arrays
    # Numbers of stations that are cleared, but for the first one.
    archive = held["archive"].copy()
    record = WorkloadGroup.fields["archive"].record
    assert record is not None
    rows = archive.view(row_type(record))
    rows["station_numbers"] -= RunStateGroup.fields["stations"].width
    monkeypatch.setitem(held, "archive", archive)
    windows.batch(one._replace(divergences=one.divergences[:1]))
    with pytest.raises(SimulationError, match=r"term 0, .*window until"):
        windows.batch(one)
