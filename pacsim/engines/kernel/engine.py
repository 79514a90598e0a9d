"""The compiled engine: replications in batches, on threads, with the reference's exact results."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core import model as core
from pacsim.core.run_arguments import check_run
from pacsim.delays.law import Law, named
from pacsim.engines.kernel import manifest, names
from pacsim.engines.kernel.compile import kernel
from pacsim.engines.kernel.declaring import Record, columns_of, row_type, width_of
from pacsim.engines.kernel.features import needed
from pacsim.engines.kernel.records import (
    ChangeRow,
    ContributorRow,
    EpisodeRow,
    FiringRow,
    Move,
    SampleRow,
)
from pacsim.engines.kernel.rows import RowsNeeded, expected
from pacsim.engines.kernel.simplify import simplified
from pacsim.engines.kernel.tables import Packer, Tables, origin_stream, window_bounds
from pacsim.errors import SimulationError, UnsupportedError

if TYPE_CHECKING:
    import threading

    from pacsim.core.model import Model

ENGINE = "compiled"
LOOK_SECONDS = 0.05
ROWS: dict[str, type[Record]] = {
    "episodes": EpisodeRow,
    "contributors": ContributorRow,
    "samples": SampleRow,
    "firings": FiringRow,
    "changes": ChangeRow,
}
"""What a row of each buffer is, in the order in which the kernel numbers the buffers."""
COUNTED = {
    "episodes": "episode_rows",
    "contributors": "contributor_rows",
    "samples": "sample_rows",
    "firings": "firing_rows",
    "changes": "change_rows",
}
"""Which of the counters tells how many rows a buffer holds."""


def supports(model: Model) -> tuple[str, ...]:
    """Return the reasons why this engine cannot treat a model, by name; none for most models."""
    reasons = []
    for transition in model.transitions:
        for entry in transition.delay.table if transition.delay is not None else ():
            if not isinstance(entry, Law) or entry.compiled:
                continue
            law = f"{transition.name}: {named(entry)}"
            if entry.samplable:
                reasons.append(f"{law} is not one of the kernel's laws; use the reference engine")
            else:
                reasons.append(f"{law} cannot be sampled; use the exact engine")
    return tuple(reasons)


class Runner:
    """A model made ready for one horizon; `batch` may be called from several threads."""

    def __init__(self, model: Model, horizon: float, window: float | None = None) -> None:
        reasons = supports(model)
        if reasons:
            raise UnsupportedError(ENGINE, reasons)
        check_run(horizon, window)
        self.model = model
        self.horizon = float(horizon)
        self.plain = not needed(model)
        cut = None if window is None else float(window)
        self.windows, self.bounds = window_bounds(self.horizon, cut)
        packed = simplified(model)
        self.tables: Tables = Packer(packed, self.horizon, self.windows).tables()
        self.rows_needed = RowsNeeded(len(ROWS))

    def prepare(self) -> None:
        """Compile the kernel, or take it from the disk, without running anything."""
        self.batch(0, 0, 0)

    def batch(
        self,
        seed: int,
        first: int,
        count: int,
        *,
        trace: bool = False,
        stop: threading.Event | None = None,
        sleep: bool = True,
    ) -> core.Batch:
        """Return replications ``first .. first + count - 1``.

        Dormant sets may sleep, unless there is a trace or ``sleep`` is False; that changes nothing
        but the time it takes and ``Batch.replayed``.

        ``stop``, if given, is looked at every few hundredths of a second; once it is set the rest
        is left at zero.

        Raises
        ------
        SimulationError
            If a replication must stop (R9, R14, R17).
        ValueError
            If what is asked makes no sense.
        """
        check_run(self.horizon, seed=seed, first=first, count=count, trace=trace)
        # numpy's integers would overflow where Python's do not.
        seed, first, count = int(seed), int(first), int(count)
        tables = self.tables
        dimensions = tables.dimensions
        state = manifest.rooms(manifest.State, dimensions)
        rows = self._rows(count, trace=trace)
        counters = manifest.Counters(manifest.Counters.room())
        gauges = manifest.Gauges(manifest.Gauges.room())
        calendars = {name: np.array(part) for name, part in tables.calendars.items()}
        values = np.zeros((count, tables.columns))
        events, replayed = (np.zeros(count, dtype=np.int64) for _ in range(2))

        def arguments(done: int, asked: int) -> tuple[Any, ...]:
            return manifest.in_order(
                {
                    "model": tables.model,
                    "calendars": calendars,
                    "state": state,
                    "counters": counters.array,
                    "gauges": gauges.array,
                    "results": {
                        "values": values[done:].reshape(-1),
                        "events": events[done:],
                        "replayed": replayed[done:],
                    },
                    "rows": rows,
                    "task": {
                        "boundaries": self.bounds,
                        "seed": np.uint64(seed & 0xFFFFFFFFFFFFFFFF),
                        "first": first + done,
                        "count": asked,
                        "horizon": self.horizon,
                        "columns": tables.columns,
                        "windows": self.windows,
                        "immediates": dimensions.immediates,
                        "recorded": dimensions.recorded,
                        "sleepers": dimensions.dormant if sleep and not trace else 0,
                        "origin_stream": np.uint64(origin_stream()),
                        "random_origin": int(self.model.random_origin),
                    },
                }
            )

        run = kernel(arguments(0, 0), plain=self.plain)
        done = 0
        # Compiled code cannot be interrupted, so it is called for a few replications at a time.
        step = count if stop is None else 1
        while done < count and not (stop is not None and stop.is_set()):
            asked = min(step, count - done)
            began = time.perf_counter()
            reached = run(*arguments(done, asked))
            done += reached
            if time.perf_counter() - began < LOOK_SECONDS:
                step *= 2
            if counters.error == names.FULL_BUFFER:
                full = list(rows)[counters.error_at]
                written = getattr(counters, COUNTED[full])
                likely = expected(written, done, count) * manifest.Rows.fields[full].width
                rows[full] = _grown(rows[full], likely)
            elif counters.error != names.FINE:
                raise SimulationError(self._stopped(first + done, state, counters, gauges))
        self.rows_needed.learn([getattr(counters, COUNTED[name]) for name in ROWS], done)
        return core.Batch(
            first=first,
            values=values,
            events=events,
            episodes=_filled(core.EPISODE, EpisodeRow, rows["episodes"], counters.episode_rows),
            contributors=_filled(
                core.CONTRIBUTOR, ContributorRow, rows["contributors"], counters.contributor_rows
            ),
            samples=_filled(core.SAMPLE, SampleRow, rows["samples"], counters.sample_rows),
            trace=_filled(core.FIRING, FiringRow, rows["firings"], counters.firing_rows)
            if trace
            else None,
            changes=_filled(core.CHANGE, ChangeRow, rows["changes"], counters.change_rows),
            layout=tables.layout,
            replayed=replayed,
        )

    def _rows(self, count: int, *, trace: bool) -> dict[str, np.ndarray]:
        """Return room for the rows of a batch, as much as those before it make one expect."""
        found = {}
        for kind, name in enumerate(ROWS):
            rows = self.rows_needed.room(kind, count)
            if name == "contributors":
                # One more episode must find room for all elements.
                rows += len(self.model.elements)
            if name == "firings" and not trace:
                rows = 0
            field = manifest.Rows.fields[name]
            found[name] = np.zeros(rows * field.width, dtype=field.dtype)
        return found

    def _stopped(
        self,
        replication: int,
        state: dict[str, np.ndarray],
        counters: manifest.Counters,
        gauges: manifest.Gauges,
    ) -> str:
        """Return why a run had to stop, naming the transitions."""
        where = f"t = {gauges.error_time!r}, replication {replication}"
        transitions = self.model.transitions
        if counters.error == names.BAD_DRAW:
            name = transitions[counters.error_at].name
            return f"{name} drew {gauges.error_value!r} at {where}; a delay must be >= 0"
        if counters.error == names.BEYOND_COUNTER:
            name = transitions[counters.error_at].name
            moved = state["moves"].view(row_type(Move))[0]
            found = self.model.elements[moved["element"]]
            now = found.states[state["elements"][moved["element"]]["state"]]
            return (
                f"{name} counts {found.name} beyond its range at {now}, "
                f"{where}; widen the counter or guard the transition"
            )
        what = "steps in one instant"
        if counters.error == names.TOO_MANY_INSTANTS:
            what = f"{names.INSTANT_LIMIT} instants at one time"
        number, ring = counters.recent, state["recent"]
        last = [int(ring[k % len(ring)]) for k in range(max(0, number - len(ring)), number)]
        listed = ", ".join(dict.fromkeys(transitions[i].name for i in last))
        return (
            f"{what} at {where}; the last transitions were {listed}; "
            "give one of them a positive delay or a guard that ends"
        )


def _grown(array: np.ndarray, size: int) -> np.ndarray:
    """Return the array with more room: twice as much, or so much if that is more."""
    grown = np.zeros(max(2 * len(array), size), dtype=array.dtype)
    grown[: len(array)] = array
    return grown


def _filled(kind: np.dtype[Any], record: type[Record], flat: np.ndarray, count: int) -> np.ndarray:
    """Return the rows that a buffer holds, as a table of a type that has the same columns.

    A buffer of that type is handed over itself: most of the time of a copy is new memory.
    """
    if flat.dtype == kind:
        return flat[:count]
    written = flat[: count * width_of(record)].view(row_type(record))
    made = np.zeros(count, dtype=kind)
    for name in columns_of(record):
        made[name] = written[name]
    return made


def simulate(
    model: Model,
    *,
    seed: int = 1,
    first: int = 0,
    count: int = 1,
    horizon: float,
    window: float | None = None,
    trace: bool = False,
) -> core.Batch:
    """Return replications ``first .. first + count - 1`` over [0, horizon).

    The same figures, episodes, samples and traces, bit by bit, as the reference engine's
    `simulate`, whose parameters these are.
    """
    check_run(horizon, window, seed=seed, first=first, count=count, trace=trace)
    return Runner(model, horizon, window).batch(seed, first, count, trace=trace)
