"""The compiled engine: replications in batches, on threads, with the reference's exact results."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core import observations as core
from pacsim.core.asked import check_run
from pacsim.delays.laws import Law, named
from pacsim.engines.kernel import names
from pacsim.engines.kernel.compile import kernel
from pacsim.engines.kernel.features import needed
from pacsim.engines.kernel.rows import RowsNeeded, expected
from pacsim.engines.kernel.simplify import simplified
from pacsim.engines.kernel.tables import Packer, Tables, memory, origin_stream, window_bounds
from pacsim.errors import SimulationError, UnsupportedError

if TYPE_CHECKING:
    import threading

    from pacsim.core.model import Model

ENGINE = "compiled"
EPISODE_WIDTH = 11 + core.PHASES
SHARE_WIDTH = 3
WIDTHS = (EPISODE_WIDTH, SHARE_WIDTH, 4, 3, 4)
"""Width of the row buffers, in the order of the numbers by which the kernel says which is full."""
ROW_COUNTS = (
    names.EPISODE_ROWS,
    names.SHARE_ROWS,
    names.SAMPLE_ROWS,
    names.TRACE_ROWS,
    names.CHANGE_ROWS,
)
LOOK_SECONDS = 0.05


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
        self.packed = simplified(model)
        self.tables: Tables = Packer(self.packed, self.horizon, self.windows).tables()
        self.rows_needed = RowsNeeded(len(WIDTHS))

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
    ) -> core.Batch:
        """Return replications ``first .. first + count - 1``.

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
        tables, model = self.tables, self.model
        working = memory(self.packed, tables)
        scalars, reals = working[-2], working[-1]
        calendars = tuple(np.array(part) for part in tables.calendars)
        values = np.zeros((count, tables.columns))
        events = np.zeros(count, dtype=np.int64)
        buffers = self._buffers(count, trace=trace)

        def arguments(done: int, asked: int) -> tuple[Any, ...]:
            return (
                *tables.fixed,
                *calendars,
                *working,
                values[done:].reshape(-1),
                events[done:],
                *buffers,
                self.bounds,
                np.uint64(seed & 0xFFFFFFFFFFFFFFFF),
                first + done,
                asked,
                self.horizon,
                tables.columns,
                self.windows,
                tables.immediates,
                np.uint64(origin_stream()),
                int(model.random_origin),
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
            if scalars[names.ERROR] == names.FULL_BUFFER:
                full = int(scalars[names.ERROR_AT])
                likely = expected(int(scalars[ROW_COUNTS[full]]), done, count)
                buffers[full] = _grown(buffers[full], likely * WIDTHS[full])
            elif scalars[names.ERROR] != names.FINE:
                raise SimulationError(self._stopped(first + done, working, scalars, reals))
        self.rows_needed.learn([int(scalars[at]) for at in ROW_COUNTS], done)
        rows, shares, samples, steps, noted = buffers
        return core.Batch(
            first=first,
            values=values,
            events=events,
            episodes=_episodes(rows, int(scalars[names.EPISODE_ROWS])),
            contributors=_contributors(shares, int(scalars[names.SHARE_ROWS])),
            samples=_samples(samples, int(scalars[names.SAMPLE_ROWS])),
            trace=_trace(steps, int(scalars[names.TRACE_ROWS])) if trace else None,
            changes=_changes(noted, int(scalars[names.CHANGE_ROWS])),
            layout=tables.layout,
        )

    def _buffers(self, count: int, *, trace: bool) -> list[np.ndarray]:
        """Return room for the rows of a batch, as much as those before it make one expect."""
        episodes, shares, samples, steps, noted = (
            width * self.rows_needed.room(kind, count) for kind, width in enumerate(WIDTHS)
        )
        return [
            np.zeros(episodes),
            # One more episode must find room for all elements.
            np.zeros(shares + SHARE_WIDTH * len(self.model.elements), dtype=np.int64),
            np.zeros(samples),
            np.zeros(steps if trace else 0),
            np.zeros(noted),
        ]

    def _stopped(
        self, replication: int, working: tuple[Any, ...], scalars: np.ndarray, reals: np.ndarray
    ) -> str:
        """Return why a run had to stop, naming the transitions."""
        t = float(reals[names.ERROR_TIME])
        where = f"t = {t!r}, replication {replication}"
        transitions = self.model.transitions
        code = int(scalars[names.ERROR])
        if code == names.BAD_DRAW:
            name = transitions[int(scalars[names.ERROR_AT])].name
            drawn = float(reals[names.ERROR_VALUE])
            return f"{name} drew {drawn!r} at {where}; a delay must be >= 0"
        if code == names.BEYOND_COUNTER:
            name = transitions[int(scalars[names.ERROR_AT])].name
            moved = working[18]
            found = self.model.elements[int(moved[0])]
            return (
                f"{name} counts {found.name} beyond its range at {found.states[int(moved[1])]}, "
                f"{where}; widen the counter or guard the transition"
            )
        what = "steps in one instant"
        if code == names.TOO_MANY_INSTANTS:
            what = f"{names.INSTANT_LIMIT} instants at one time"
        number = int(scalars[names.RECENT])
        ring = working[20]
        last = [int(ring[k % names.RECENT_KEPT]) for k in range(max(0, number - 64), number)]
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


def _episodes(flat: np.ndarray, count: int) -> np.ndarray:
    table = flat[: count * EPISODE_WIDTH].reshape(count, EPISODE_WIDTH)
    made = np.zeros(count, dtype=core.EPISODE)
    for column, name in enumerate(core.EPISODE.names or ()):
        made[name] = table[:, 11:] if name == "phases" else table[:, column]
    return made


def _contributors(flat: np.ndarray, count: int) -> np.ndarray:
    table = flat[: SHARE_WIDTH * count].reshape(count, SHARE_WIDTH)
    made = np.zeros(count, dtype=core.CONTRIBUTOR)
    for column, name in enumerate(("element", "episode", "at_start")):
        made[name] = table[:, column]
    return made


def _samples(flat: np.ndarray, count: int) -> np.ndarray:
    table = flat[: 4 * count].reshape(count, 4)
    made = np.zeros(count, dtype=core.SAMPLE)
    for column, name in enumerate(core.SAMPLE.names or ()):
        made[name] = table[:, column]
    return made


def _changes(flat: np.ndarray, count: int) -> np.ndarray:
    table = flat[: 4 * count].reshape(count, 4)
    made = np.zeros(count, dtype=core.CHANGE)
    for column, name in enumerate(core.CHANGE.names or ()):
        made[name] = table[:, column]
    return made


def _trace(flat: np.ndarray, count: int) -> np.ndarray:
    table = flat[: 3 * count].reshape(count, 3)
    made = np.zeros(count, dtype=core.FIRING)
    for column, name in enumerate(core.FIRING.names or ()):
        made[name] = table[:, column]
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
