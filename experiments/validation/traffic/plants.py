"""Wrong lines planted in the kernel of the traffic, each to be told from the reference.

    python experiments/validation/traffic/plants.py                # some minutes
    python experiments/validation/traffic/plants.py --only guard --worlds 40

The sources of the kernel are joined with one line changed and run as they stand, interpreted, since
to compile each would take a minute. Worlds are those of `tests/agreement/test_traffic_kernel.py`;
how many it takes until the logs differ is printed. The exit code is 1 if a line is not seen, or if
the kernel as it is differs.
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

from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.kernel import joined_traffic
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference.running import ReferenceTraffic
from tests.agreement.test_traffic_kernel import rounds
from tests.agreement.traffic_worlds import KEY, UNTIL, DrawnWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.simulators import TrafficSimulator

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


def _plainly(function: Callable[..., object]) -> Callable[..., object]:
    """Return a function whose records have attributes, as those of numba have."""

    def called(*given: object) -> object:
        with np.errstate(over="ignore"):
            return function(
                *(
                    x.view(np.recarray) if isinstance(x, np.ndarray) and x.dtype.names else x
                    for x in given
                )
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
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
