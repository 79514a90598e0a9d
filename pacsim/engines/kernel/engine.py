"""The compiled engine: replications in batches, on threads, with the reference's exact results."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core import run_arguments
from pacsim.core.model import contributors
from pacsim.core.run_arguments import check_run
from pacsim.delays.law import Law, named
from pacsim.engines.kernel import names
from pacsim.engines.kernel.compile import kernel
from pacsim.engines.kernel.declaring import row_type
from pacsim.engines.kernel.features import needed
from pacsim.engines.kernel.memory import ROWS, Memory
from pacsim.engines.kernel.records import ClockState, MoveRow
from pacsim.engines.kernel.refill import refilled
from pacsim.engines.kernel.row_buffers import RowsNeeded
from pacsim.engines.kernel.simplify import simplified
from pacsim.engines.kernel.tables import Packer, Tables, origin_stream, window_bounds
from pacsim.errors import SimulationError, UnsupportedError

if TYPE_CHECKING:
    from pacsim.core.model import Batch, Model

ENGINE = "compiled"
LOOK_SECONDS = 0.05
LOOK_EVENTS = 1_000_000


class Halt:
    """The wish that batches end, which compiled code sees within a million events."""

    def __init__(self) -> None:
        self.flag = np.zeros(1, dtype=np.int64)

    def set(self) -> None:
        """Wish it."""
        self.flag[0] = 1

    def is_set(self) -> bool:
        """Return whether it is wished."""
        return bool(self.flag[0])


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
    """A model made ready for one horizon; `batch` may be called from several threads.

    Parameters
    ----------
    model : Model
        What is run.
    horizon : float
        Length of a replication in s.
    window : float, optional
        Length of the windows into which it is cut.
    like : Runner, optional
        Of a model that may differ in numbers alone, over the same horizon: then its tables are
        refilled, which takes a tenth of the time and gives the same bits.
    """

    def __init__(
        self,
        model: Model,
        horizon: float,
        window: float | None = None,
        *,
        like: Runner | None = None,
    ) -> None:
        reasons = supports(model)
        if reasons:
            raise UnsupportedError(ENGINE, reasons)
        check_run(horizon, window)
        self.model = model
        self.horizon = float(horizon)
        self.plain = not needed(model)
        cut = None if window is None else float(window)
        self.windows, self.bounds = window_bounds(self.horizon, cut)
        made: Tables | None = None
        if like is not None and (like.horizon, like.windows) == (self.horizon, self.windows):
            made = refilled(like.tables, like.model, model, self.horizon)
        self.refilled = made is not None
        if made is None:
            packed = simplified(model)
            made = Packer(packed, self.horizon, self.windows, contributors(model)).tables()
        self.tables: Tables = made
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
        stop: Halt | None = None,
        sleep: bool = True,
    ) -> Batch:
        """Return replications ``first .. first + count - 1``.

        Dormant sets may sleep, unless there is a trace or ``sleep`` is False; that changes nothing
        but the time it takes and ``Batch.replayed``.

        ``stop``, if given, is looked at every few hundredths of a second and every million events;
        once it is set what is not done, also of the replication under way, is left at zero.

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
        memory = Memory(self.tables, count, self.rows_needed, trace=trace)
        dormant = self.tables.dimensions.dormant if sleep and not trace else 0
        halt = (stop or Halt()).flag

        def arguments(done: int, asked: int) -> tuple[Any, ...]:
            return memory.arguments(done, self._task(seed, first + done, asked, dormant, halt))

        run = kernel(arguments(0, 0), plain=self.plain)
        done = 0
        # Compiled code cannot be interrupted, so it is called for a few replications at a time.
        step = count if stop is None else 1
        while done < count and not (stop is not None and stop.is_set()):
            began = time.perf_counter()
            done += run(*arguments(done, min(step, count - done)))
            if time.perf_counter() - began < LOOK_SECONDS:
                step *= 2
            if memory.counters.error == names.FULL_BUFFER:
                memory.grow(done)
            elif memory.counters.error == names.HALTED:
                break
            elif memory.counters.error != names.FINE:
                raise SimulationError(self._stopped(first + done, memory))
        self.rows_needed.learn([memory.written(name) for name in ROWS], done)
        return memory.batch(first)

    def _task(
        self, seed: int, first: int, count: int, dormant: int, halt: np.ndarray
    ) -> dict[str, Any]:
        """Return what one call of the kernel is asked to do."""
        dimensions = self.tables.dimensions
        return {
            "boundaries": self.bounds,
            "halt": halt,
            "most_events": run_arguments.MOST_EVENTS,
            "look_events": LOOK_EVENTS,
            "seed": np.uint64(seed & 0xFFFFFFFFFFFFFFFF),
            "first": first,
            "count": count,
            "horizon": self.horizon,
            "columns": self.tables.columns,
            "windows": self.windows,
            "immediates": dimensions.immediates,
            "recorded": dimensions.recorded,
            "sleepers": dormant,
            "origin_stream": np.uint64(origin_stream()),
            "random_origin": int(self.model.random_origin),
        }

    def _stopped(self, replication: int, memory: Memory) -> str:
        """Return why a run had to stop, naming the transitions."""
        state, counters, gauges = memory.state, memory.counters, memory.gauges
        where = f"t = {gauges.error_time!r}, replication {replication}"
        transitions = self.model.transitions
        if counters.error == names.BAD_DRAW:
            name = transitions[counters.error_at].name
            return f"{name} drew {gauges.error_value!r} at {where}; a delay must be >= 0"
        if counters.error == names.BEYOND_COUNTER:
            name = transitions[counters.error_at].name
            moved = state["moves"].view(row_type(MoveRow))[0]
            element = self.model.elements[moved["element"]]
            now = element.states[state["elements"][moved["element"]]["state"]]
            return (
                f"{name} counts {element.name} beyond its range at {now}, "
                f"{where}; widen the counter or guard the transition"
            )
        if counters.error == names.TOO_MANY_EVENTS:
            fired = state["clocks"].view(row_type(ClockState))["firings"]
            firings = [(t.name, int(n)) for t, n in zip(transitions, fired, strict=False)]
            return run_arguments.too_many_events(firings, where)
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


def simulate(
    model: Model,
    *,
    seed: int = 1,
    first: int = 0,
    count: int = 1,
    horizon: float,
    window: float | None = None,
    trace: bool = False,
) -> Batch:
    """Return replications ``first .. first + count - 1`` over [0, horizon).

    The same figures, episodes, samples and traces, bit by bit, as the reference engine's
    `simulate`, whose parameters these are.
    """
    check_run(horizon, window, seed=seed, first=first, count=count, trace=trace)
    return Runner(model, horizon, window).batch(seed, first, count, trace=trace)
