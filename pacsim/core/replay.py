"""One replication in words: what fired, from which state to which, and what it took down.

A trace lists firings only, so states are worked out again from the model. Where chance decided
(an effect with p < 1, whose draw a trace does not hold) a state is known as a set until a later
firing or recorded states narrow it; such a state is shown as ``up|down``.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from pacsim.core.model import NONE

if TYPE_CHECKING:
    import numpy as np

    from pacsim.core.model import Batch, ElementEffect, Model, Outcome, Selector

HOUR, DAY = 3600.0, 86400.0
HOURS_UNTIL = 2.0 * DAY
"""Times are given in hours until here, in days afterwards."""


def replay(
    model: Model,
    batch: Batch,
    states: np.ndarray | None = None,
    *,
    start: float = -math.inf,
    end: float | None = None,
) -> list[str]:
    """Return one replication's trace as lines for people.

    Parameters
    ----------
    model : Model
        What was run; its times are taken as seconds.
    batch : Batch
        Of one replication, run with ``trace=True``.
    states : structured ndarray, optional
        Recorded states of all elements (`pacsim.core.recording`): rows of the batch's changes in
        which ``what`` is the index of an element.
    start, end : float, optional
        Seconds; lines of earlier and of later times are left out.

    Returns
    -------
    list of str
        One line per firing: civil date and time (left out if the origin is random), time since the
        start, what moved, name and class; immediates stand below the firing that set them off. One
        line per begin and end of an episode, with its root.

    Raises
    ------
    ValueError
        If the batch has no trace or several replications.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Deterministic
    >>> from pacsim.engines.reference import simulate
    >>> m = ModelBuilder()
    >>> a = m.element("a", "up down", fault="down")
    >>> fail = a.after("up -> down", Deterministic(36000.0), "fail", cls="fault")
    >>> back = a.after("down -> up", Deterministic(5400.0), "repair", cls="repair", renew=True)
    >>> m.role("service", a == "up")
    >>> model = m.build()
    >>> for line in replay(model, simulate(model, horizon=43200.0, trace=True)):
    ...     print(line)
    Mon 2024-01-01 10:00:00    10 h  a: up -> down (a.fail, fault)
    Mon 2024-01-01 10:00:00    10 h  * service begins, root a.fail
    Mon 2024-01-01 11:30:00  11.5 h  a: down -> up (a.repair, repair)
    Mon 2024-01-01 11:30:00  11.5 h  * service ends after 1.5 h
    """
    if batch.trace is None or len(batch.values) != 1:
        msg = f"a replay needs one replication with trace=True, got {len(batch.values)}"
        raise ValueError(msg if batch.trace is not None else f"{msg} without a trace")
    story = _Story(model)
    known = _Settled(model, states)
    after = [*batch.trace["time"][1:].tolist(), None]
    # Firings come before the episodes they begin or end at the same time.
    rows = [
        (float(t), 0, *story.tell(int(i), int(k), None if t == following else known.at(float(t))))
        for (t, i, k), following in zip(batch.trace, after, strict=True)
    ]
    rows += [(t, 1, True, text) for t, text in _episodes(model, batch.episodes)]
    rows.sort(key=lambda row: row[:2])
    rows = [row for row in rows if start <= row[0] <= (math.inf if end is None else end)]
    dates = [_date(model, t) for t, *_ in rows]
    times = [_span(t) for t, *_ in rows]
    wide = max((len(text) for text in times), default=0)
    return [
        f"{date}{time:>{wide}}  {'' if own else '  '}{text}"
        for date, time, (_, _, own, text) in zip(dates, times, rows, strict=True)
    ]


def _span(seconds: float) -> str:
    if abs(seconds) < HOURS_UNTIL:
        return f"{seconds / HOUR:.4g} h"
    return f"{seconds / DAY:.2f} d"


def _date(model: Model, t: float) -> str:
    if model.random_origin:
        return ""
    try:
        when = model.origin.when + dt.timedelta(seconds=t)
    except OverflowError:
        return ""
    return f"{when:%a %Y-%m-%d %H:%M:%S}  "


def _episodes(model: Model, episodes: np.ndarray) -> list[tuple[float, str]]:
    told = []
    for row in episodes:
        name = model.observations[int(row["observation"])].name
        cause = int(row["cause"])
        root = "the start" if cause == NONE else model.transitions[cause].name
        told.append((float(row["start"]), f"* {name} begins, root {root}"))
        length = _span(float(row["end"] - row["start"]))
        end = "goes on at the end of the run after" if row["censored"] else "ends after"
        told.append((float(row["end"]), f"* {name} {end} {length}"))
    return told


class _Settled:
    """The recorded states, read forwards in time."""

    def __init__(self, model: Model, states: np.ndarray | None) -> None:
        self.rows = None if states is None else iter(states)
        self.following = None if self.rows is None else next(self.rows, None)
        self.now = [element.initial for element in model.elements]

    def at(self, t: float) -> list[int] | None:
        """Return the state of every element once everything at t has happened, if recorded."""
        if self.rows is None:
            return None
        while self.following is not None and float(self.following["time"]) <= t:
            self.now[int(self.following["what"])] = int(self.following["value"])
            self.following = next(self.rows, None)
        return self.now


class _Story:
    """The states that each element may be in, firing after firing."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.maybe = [{element.initial} for element in model.elements]

    def tell(self, index: int, chosen: int, settled: list[int] | None = None) -> tuple[bool, str]:
        """Return whether a firing began an instant, and it in words.

        ``settled`` holds the states after it, where they are known.
        """
        model = self.model
        transition = model.transitions[index]
        own = transition.element
        before = [set(states) for states in self.maybe]
        # A transition that fires tells where its element was.
        before[own] = (before[own] & transition.sources) or set(transition.sources)
        self.maybe[own] = before[own]
        rows = self._selected(transition.outcomes)
        outcomes = [row[chosen] for row in rows if chosen < len(row)]
        self.maybe = self._after(before, own, outcomes)
        if settled is not None:
            self.maybe = [{state} for state in settled]
        moved = [own] + [e for e in range(len(before)) if e != own and self.maybe[e] != before[e]]
        words = ", ".join(f"{model.elements[e].name}: {self._arrow(e, before[e])}" for e in moved)
        which = f" outcome {chosen + 1}" if max(len(row) for row in rows) > 1 else ""
        return transition.timed, f"{words} ({transition.name}{which}, {transition.cls})"

    def _arrow(self, element: int, before: set[int]) -> str:
        names = self.model.elements[element].states
        old, new = (
            "|".join(names[s] for s in sorted(states)) for states in (before, self.maybe[element])
        )
        return f"{old} -> {new}"

    @staticmethod
    def _after(before: list[set[int]], own: int, outcomes: list[Outcome]) -> list[set[int]]:
        """Return where elements may be after one of the outcomes."""
        after: list[set[int]] = [set() for _ in before]
        for outcome in outcomes:
            effects = {effect.element: effect for effect in outcome.effects}
            for element, states in enumerate(before):
                if element == own:
                    after[element].add(outcome.target)
                else:
                    after[element] |= _moved(states, effects.get(element))
        return after

    def _selected(self, selector: Selector[tuple[Outcome, ...]]) -> tuple[tuple[Outcome, ...], ...]:
        """Return the entries of a table that the level may select."""
        if selector.level == NONE:
            return selector.table
        low, high = self._ranges()[selector.level]
        return selector.table[max(0, low) : high + 1]

    def _ranges(self) -> list[tuple[int, int]]:
        """Return the least and greatest value of every level."""
        model = self.model
        levels = [(0, 0)] * len(model.levels)
        # Whether a gate is surely true, and whether it may be.
        gates = [(False, True)] * len(model.gates)
        for kind, i in model.order:
            if kind == "G":
                gates[i] = self._gate(i, levels, gates)
                continue
            low = high = model.levels[i].constant
            for e, weights in model.levels[i].elements:
                low += min(weights[s] for s in self.maybe[e])
                high += max(weights[s] for s in self.maybe[e])
            for g, weight in model.levels[i].gates:
                values = {weight * sure for sure in gates[g]}
                low, high = low + min(values), high + max(values)
            levels[i] = (low, high)
        return levels

    def _gate(
        self, index: int, levels: list[tuple[int, int]], gates: list[tuple[bool, bool]]
    ) -> tuple[bool, bool]:
        gate = self.model.gates[index]
        if gate.connection is None:
            low, high = levels[gate.level]
            return low >= gate.k, high >= gate.k
        surely, maybe = (self._joined(index, [known[which] for known in gates]) for which in (0, 1))
        return surely, maybe

    def _joined(self, index: int, gates: list[bool]) -> bool:
        graph = self.model.gates[index].connection
        assert graph is not None
        alive = [g == NONE or gates[g] for g in graph.vertices]
        steps = [(a, b) for a, b, _, g in graph.edges if g == NONE or gates[g]]
        steps += [
            (b, a) for a, b, directed, g in graph.edges if not directed and (g == NONE or gates[g])
        ]
        reached = {v for v in graph.sources if alive[v]}
        size = -1
        while size < len(reached):
            size = len(reached)
            reached |= {b for a, b in steps if a in reached and alive[b]}
        return not reached.isdisjoint(graph.targets)


def _moved(states: set[int], effect: ElementEffect | None) -> set[int]:
    if effect is None or effect.moves is None:
        return set(states)
    ends = {state if effect.moves[state] == NONE else effect.moves[state] for state in states}
    return ends if effect.p >= 1.0 else ends | states
