"""Wrong lines planted in the kernel of the traffic, each to be told from the reference.

    python experiments/validation/traffic/plants.py                # some minutes
    python experiments/validation/traffic/plants.py --only guard --worlds 40

The sources of the kernel are joined with one line changed and run as they stand, interpreted, since
to compile each would take a minute. Worlds are those of `tests/agreement/test_traffic_kernel.py`;
how many it takes until the logs differ is printed. Lines of what is left out of windows are told by
the figures of those of `tests/agreement/test_traffic_windows.py`. The exit code is 1 if a line is
not seen, or if the kernel as it is differs.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from pacsim.errors import SimulationError
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.kernel import joined_traffic
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference.running import ReferenceTraffic
from pacsim.traffic.windows import TrafficWindows
from tests.agreement.test_traffic_kernel import rounds
from tests.agreement.test_traffic_windows import (
    LEAD,
    SEEDS,
    TERM,
    assert_same_figures,
    assert_tells_the_same,
    one_by_one,
    windowed,
)
from tests.agreement.traffic_worlds import KEY, UNTIL, DrawnWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.second_pass import Passed
    from pacsim.traffic.simulators import TrafficSimulator
    from pacsim.traffic.window_tables import WindowBatch

    Simulating = Callable[[TrafficTables], TrafficSimulator]

KEYED = "AGAIN * state.jobs[job].parked + state.jobs[job].key"
DRAW = "SENDERS * math.floor(SLOT * state.clock[0].now) + workload.lines[line].sender"
PLANTS: dict[str, tuple[str, str, str]] = {
    "no guard for whole items": ("whole_items", "progress + GUARD", "progress"),
    "whole items rounded up": (
        *("whole_items", "math.floor(progress + GUARD)"),
        "math.ceil(progress - GUARD)",
    ),
    "the last response is now": ("last_response", "return at if at < now else now", "return now"),
    "a retransmission just now is past": ("next_retransmission", "< now", "<= now"),
    "emergencies in their turn": ("list_of", "state.jobs[job].stream == EMERGENCY_STREAM", "False"),
    "jobs put in at the end": ("put_in_order", "precedes(state, job, ahead)", "False"),
    "the last of a moment first": (
        *("precedes", "state.jobs[one].turn < state.jobs[other].turn"),
        "state.jobs[one].turn > state.jobs[other].turn",
    ),
    "missed resets by the second": ("misses", DRAW, DRAW.replace("SLOT * ", "")),
    "missed resets of all senders alike": (
        *("misses", DRAW),
        DRAW.replace(" + workload.lines[line].sender", ""),
    ),
    "parked again by the same draw": ("park", KEYED, "state.jobs[job].key"),
    "a commitment at once": ("store", "state.clock[0].now + wait", "state.clock[0].now"),
    "one association more": ("take_place", ".in_use >= most", ".in_use > most"),
    "places before all have looked": (
        *("seek", "set_stage(state, CHANGES_OF)\n        write_changes(workload, state)"),
        "write_changes(workload, state)\n        set_stage(state, CHANGES_OF)",
    ),
    "a turn by an alarm that is given up": ("act", "elif why == LOOK:", "elif False:"),
    "a place for one that stands still": ("offer", " and state.lines[k].answers == 1", ""),
    "a member that was away knows its sessions": (
        *("ends", "value in (SILENT, REFUSES)"),
        "value == REFUSES",
    ),
    "a restart is not heard": ("look", "met in (UP, ERRORING, REFUSES)", "met in (UP, ERRORING)"),
    "a release counts from the last response": ("release", "renew(state, line)", "pass"),
    "the same member in turn": (
        *("chosen", "state.lines[line].turn + state.lines[line].tries"),
        "state.lines[line].turn",
    ),
    "one refusal more": ("note_refusal", ".refused >= most", ".refused > most"),
    "put by for one check": (
        *("dialable", "workload.archive[0].rise * workload.dialling[0].every"),
        "workload.dialling[0].every",
    ),
    "one try more": ("sent", "state.jobs[job].failures <= most", "state.jobs[job].failures < most"),
}
"""Function of the sources, what stands there once, and what is put in its place."""
WINDOW_PLANTS: dict[str, tuple[str, str, str]] = {
    "refused tries beyond a change": ("try_on", "change < state.world[0].changes", "False"),
    "refused tries beyond what was asked for": (
        *("try_on", "state.clock[0].until"),
        "state.clock[0].until + 600.0",
    ),
    "refused tries beyond patience": ("try_on", " and at < over", ""),
    "a refused try that is not counted": ("try_on", "state.cases[case].step_tries += 1", "pass"),
    "the first try of a step takes the row of the next": (
        "says_nothing",
        "state.follows[row] & FRESH",
        "False",
    ),
    "whatever fails takes one row": (
        *("says_nothing", "state.attempts[row].items != 0 or state.attempts[row].bytes != 0.0"),
        "False",
    ),
    "tries after a pause take one row": ("row_behind", "follows and says", "says"),
    "nobody notes what follows": ("row_behind", "|= FOLLOWED", "|= 0"),
    "the last try before an open one stays": ("note_open", "= DROPPED", "= FOLLOWED"),
    "who is aside longest comes back last": ("come_back", "case >= 0 and", "case < 0 and"),
    "crowded flows as if alone": ("make_rates", "filled > FULL", "filled > 9.0"),
    "other conditions at the begin are met by nobody": (
        *("parts_at", "not same and (not unmet(workload, state, condition))"),
        "False",
    ),
    "a twin's last tries stand where its run's do": (
        *("copy_run", "twin.cases[case].row += its_attempts - attempts"),
        "pass",
    ),
    "a twin's tries are followed by nothing": (
        *("copy_run", "twin.follows[its_attempts + k] = state.follows[attempts + k]"),
        "pass",
    ),
    "a twin has none of its run's queues": (
        *("copy_run", "copy_numbers(twin.queues, state.queues, workload.archive[0].queue_numbers)"),
        "pass",
    ),
    "a twin has no place of its run": (
        "copy_run",
        "copy_numbers(twin.members, state.members, workload.archive[0].member_numbers)",
        "pass",
    ),
    "a run and its twin part later": (
        *("parts_at", "state.change_times[change] if"),
        "state.change_times[change] + 60.0 if",
    ),
}
"""The same, of lines that are told by the figures of windows."""
WINDOWED = range(SEEDS)
"""Seeds of the windows that are looked at."""


def interpreted(plant: tuple[str, str, str] | None) -> Callable[..., object]:
    """Return what the kernel is called by, with a wrong line."""
    read = joined_traffic.read_sources

    def planted(sources: Iterable[str]) -> Iterator[tuple[str, ast.stmt, frozenset[str]]]:
        for module, node, wanted in read(sources):
            found: ast.stmt = node
            if plant and isinstance(node, ast.FunctionDef) and node.name == plant[0]:
                text = ast.unparse(node)
                assert text.count(plant[1]) == 1, f"{plant[1]!r} is not in {plant[0]} once"
                (found,) = ast.parse(text.replace(*plant[1:])).body
                seen.append(plant)
            yield module, found, wanted

    seen: list[tuple[str, str, str]] = []
    with patch.object(joined_traffic, "read_sources", planted):
        text = joined_traffic.joined_source()
    assert len(seen) == bool(plant), f"{plant}: no such function"
    text = re.sub(r"^@numba\.njit\(.*\)$", "", text, flags=re.MULTILINE)
    module = types.ModuleType("interpreted_traffic")
    exec(compile(text, "<kernel>", "exec"), module.__dict__)
    module.__dict__["trailing_zeros"] = lambda word: (int(word) & -int(word)).bit_length() - 1
    # Tables are handed down as they are: only compiled code has addresses.
    module.__dict__["pointer_of"] = lambda table: table
    return _plainly(getattr(module, joined_traffic.ENTRY))


class PlainRow:
    """A row whose fields are attributes, as wide as compiled code makes them."""

    __slots__ = ("_row",)

    def __init__(self, row: np.void) -> None:
        object.__setattr__(self, "_row", row)

    def __getattr__(self, name: str) -> object:
        found = self._row[name]
        return found.item() if np.ndim(found) == 0 else found

    def __getitem__(self, name: str) -> object:
        return self._row[name].item()

    def __setattr__(self, name: str, value: object) -> None:
        self._row[name] = value


class PlainRows:
    """Rows as compiled code sees them."""

    def __init__(self, table: np.ndarray) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, k: int) -> PlainRow:
        return PlainRow(self._table[k])

    def __setitem__(self, k: int, row: PlainRow) -> None:
        self._table[k] = object.__getattribute__(row, "_row")


def _plainly(function: Callable[..., object]) -> Callable[..., object]:
    """Return a function whose records have attributes, as those of numba have."""

    def called(*given: object) -> object:
        with np.errstate(over="ignore"):
            return function(
                *(PlainRows(x) if isinstance(x, np.ndarray) and x.dtype.names else x for x in given)
            )

    return called


def log(simulator: Simulating, world: DrawnWorld) -> TrafficLog:
    """Return what happens in a world."""
    run = simulator(world.tables).begin(world.line, 0.0, KEY)
    run.feed(ArrivalTable.of(world.came))
    run.advance(UNTIL)
    return run.log()


def differs(world: DrawnWorld, right: TrafficLog) -> bool:
    """Return whether the kernel makes something else of a world; what it cannot go on with is."""
    try:
        other = log(cast("Simulating", CompiledTraffic), world)
    except (AssertionError, ValueError, IndexError, OverflowError, ZeroDivisionError):
        return True
    return any(
        getattr(right, name).tobytes() != getattr(other, name).tobytes()
        for name in ("attempts", "jobs", "counts")
    )


def right_windows(seed: int) -> tuple[TrafficTables, Passed, WindowBatch]:
    """Return a workload, a term, and its windows, one by one."""
    tables, one = windowed(seed)
    windows = TrafficWindows(CompiledTraffic(tables), TERM, lead=LEAD)
    return tables, one, one_by_one(windows, one, len(tables.stations))


def windows_differ(tables: TrafficTables, one: Passed, right: WindowBatch) -> bool:
    """Return whether windows have other figures than they should, or none."""
    windows = TrafficWindows(CompiledTraffic(tables), TERM, lead=LEAD)
    try:
        kept = windows.differing(one)
        assert_same_figures(kept, right, tables)
        assert_tells_the_same(kept, right, tables)
    except (AssertionError, ValueError, IndexError, OverflowError, SimulationError):
        return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=580, help="at most, of each")
    parser.add_argument("--only", default="", help="plants whose names have this in them")
    asked = parser.parse_args()
    drawn = rounds(
        lambda world: worlds.append((world, log(cast("Simulating", ReferenceTraffic), world)))
    )
    worlds: list[tuple[DrawnWorld, TrafficLog]] = []

    def seen_in(plant: tuple[str, str, str] | None, most: int) -> int:
        """Return in which world it is seen, 0 if it is not."""
        joined_traffic._KERNEL[:] = [interpreted(plant)]  # noqa: SLF001
        for k in range(most):
            while len(worlds) <= k:
                next(drawn)
            if differs(*worlds[k]):
                return k + 1
        return 0

    bad = seen_in(None, min(asked.worlds, 60))
    print("| planted | seen in world |\n|---|---:|")
    print(f"| nothing, 60 worlds | {bad or 'none'} |", flush=True)
    for name, plant in PLANTS.items():
        if asked.only in name:
            found = seen_in(plant, asked.worlds)
            print(f"| {name} | {found or 'not seen'} |", flush=True)
            bad += not found
    wanted = {name: plant for name, plant in WINDOW_PLANTS.items() if asked.only in name}
    joined_traffic._KERNEL.clear()  # noqa: SLF001
    right = [right_windows(seed) for seed in WINDOWED] if wanted else []
    for name, planted in ({"nothing, in windows": None} | wanted if wanted else {}).items():
        joined_traffic._KERNEL[:] = [interpreted(planted)]  # noqa: SLF001
        found = next((k for k, made in enumerate(right, 1) if windows_differ(*made)), 0)
        print(f"| {name} | {found or ('none' if planted is None else 'not seen')} |", flush=True)
        bad += bool(found) if planted is None else not found
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
