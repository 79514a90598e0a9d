"""State-space exploration: from a model to a continuous-time Markov chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.model import NONE, NextBusinessDay, NextOpen, NextOpening, NextTick, Until
from pacsim.delays.law import named
from pacsim.engines.exact.instant import Instants, Spot, Tangible
from pacsim.engines.exact.size import too_many
from pacsim.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import model as watch
    from pacsim.core.model import Model
    from pacsim.engines.exact.settling import Ways

ENGINE = "exact"
MAX_STATES = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A chain: rates ``rate[k]`` from ``source[k]`` to ``target[k]``, start, and what is observed.

    ``count_rate[s, o]`` is the rate at which observation ``o`` of the counted ones grows in state
    ``s`` and ``count_start[o]`` what the initial settling adds.
    """

    states: list[Tangible]
    source: np.ndarray
    target: np.ndarray
    rate: np.ndarray
    start: np.ndarray
    count_rate: np.ndarray
    count_start: np.ndarray
    instants: Instants


def supports(model: Model) -> tuple[str, ...]:
    """Return the reasons why a model is no Markov chain, by name, each with a remedy.

    Parameters
    ----------
    model : Model
        Any model.

    Returns
    -------
    tuple of str
        Empty if the engine can treat it.
    """
    reasons = [
        f"quantity {q.name}: its value is not a finite state; use the compiled engine"
        for q in model.quantities
    ]
    for t in model.transitions:
        if t.profile != NONE:
            name = model.calendars[t.profile].name
            reasons.append(f"{t.name}: profile {name!r} depends on the date; simulate it")
        for delay in t.delay.table if t.delay is not None else ():
            if isinstance(delay, NextOpen | NextOpening | NextBusinessDay):
                name = model.calendars[delay.calendar].name
                reasons.append(f"{t.name}: calendar {name!r} depends on the date; simulate it")
            elif isinstance(delay, NextTick):
                reasons.append(
                    f"{t.name}: ticks every {delay.period:g} are not Markov; simulate it"
                )
            elif isinstance(delay, Until):
                reasons.append(f"{t.name}: waits for a quantity; simulate it")
            elif (ways := delay.phases()) is None:
                reasons.append(
                    f"{t.name}: {named(delay)} is not made of exponential phases; use Exponential, "
                    "Erlang or a Mixture of these, or simulate"
                )
            elif t.initial_age > 0 and (len(ways) > 1 or ways[0][1] > 1):
                reasons.append(f"{t.name}: initial_age of a delay with phases; leave it out")
    return tuple(dict.fromkeys(reasons))


def explore(model: Model, max_states: int = MAX_STATES, target: int = NONE) -> Chain:
    """Return the chain of a model, its vanishing states removed.

    With a target gate nothing is explored behind it: all states in which it is true are one, which
    is never left and not counted.

    Parameters
    ----------
    model : Model
        One that `supports` has no reason against.
    max_states : int
        Refused above this.
    target : int
        Index of the gate at which to stop; -1 for none.

    Raises
    ------
    UnsupportedError
        Naming what is not Markov, or the elements with most states if there are too many, and what
        would make them fewer.
    """
    reasons = supports(model)
    if reasons:
        raise UnsupportedError(ENGINE, reasons)
    instants = Instants(model)
    numbering = _Numbering(instants, max_states, target)
    start: dict[int, float] = {}
    settling = instants.settle({instants.first(): 1.0})
    memo = (0,) * len(instants.remembering)
    for state, p, chance in _landings(instants, settling, memo):
        place = numbering.number(state)
        start[place] = start.get(place, 0.0) + p * chance
    rows: list[tuple[int, int, float]] = []
    growths: list[np.ndarray] = []
    while len(growths) < len(numbering.states):
        growths.append(_leave(instants, numbering, len(growths), rows))
    table = np.array(rows, dtype=[("s", np.int64), ("t", np.int64), ("r", np.float64)])
    first = np.zeros(len(numbering.states))
    for place, p in start.items():
        first[place] = p
    return Chain(
        numbering.states,
        table["s"],
        table["t"],
        table["r"],
        first,
        np.array(growths).reshape(len(numbering.states), len(instants.counted)),
        np.array(settling.counts),
        instants,
    )


class _Numbering:
    """States in the order in which they are met; all that are at the target are one."""

    def __init__(self, instants: Instants, most: int, target: int) -> None:
        self.instants, self.most, self.target = instants, most, target
        self.index: dict[Tangible, int] = {}
        self.states: list[Tangible] = []
        self.reached = NONE

    def number(self, state: Tangible) -> int:
        """Return the number of a state, a new one if it is new and none too many."""
        if state in self.index:
            return self.index[state]
        aimed = self.target != NONE
        at_target = aimed and self.instants.read(state.states)[1][self.target]
        if at_target and self.reached != NONE:
            return self.reached
        if not at_target and len(self.states) - (self.reached != NONE) >= self.most:
            why = too_many(self.instants.model, self.most, aimed=aimed)
            raise UnsupportedError(ENGINE, (why,))
        self.index[state] = len(self.states)
        self.states.append(state)
        if at_target:
            self.reached = self.index[state]
        return self.index[state]


def _landings(
    instants: Instants, ends: Ways[Spot], memo: tuple[int, ...]
) -> Iterator[tuple[Tangible, float, float]]:
    """Yield where an instant ends, and the two factors of its probability."""
    for spot, p in ends.to.items():
        for chance, state in instants.tangible(spot, memo):
            yield state, p, chance


def _leave(
    instants: Instants, numbering: _Numbering, place: int, rows: list[tuple[int, int, float]]
) -> np.ndarray:
    """Add the rates out of a state, and return those at which counts grow in it."""
    growth = np.zeros(len(instants.counted))
    if place == numbering.reached:
        return growth
    state = numbering.states[place]
    for rate, after in _firings(instants, state):
        if isinstance(after, Tangible):
            rows.append((place, numbering.number(after), rate))
            continue
        ends = instants.settle(after.to)
        if len(growth):
            growth += rate * (np.array(after.counts) + np.array(ends.counts))
        for landing, p, chance in _landings(instants, ends, state.memo):
            other = numbering.number(landing)
            if other != place:
                rows.append((place, other, rate * p * chance))
    return growth


def _firings(instants: Instants, state: Tangible) -> Iterator[tuple[float, Ways[Spot] | Tangible]]:
    """Yield the rate of every running clock, and its step or the state after a mere stage."""
    model = instants.model
    levels, _ = instants.read(state.states)
    for i in instants.timed:
        t = model.transitions[i]
        if not instants.enabled(t, state.states) or t.delay is None:
            continue
        speed = t.speed.table[0 if t.speed.level == NONE else levels[t.speed.level]]
        clock, place = instants.clocks[i], NONE
        if clock.remembers:
            place = instants.remembering.index(i)
            memory = state.memo[place]
        else:
            memory = clock.drawn(instants.entry(t, state.states))[0][1]
        stage, stages, mean = clock.remembered(memory)
        rate = speed * stages / mean
        if rate <= 0.0:
            continue
        if stage + 1 < stages:
            memo = tuple(v + (k == place) for k, v in enumerate(state.memo))
            yield rate, replace(state, memo=memo)
        else:
            yield rate, instants.step(instants.begin(state), i)


def gate_vector(chain: Chain, gate: int) -> np.ndarray:
    """Return 1.0 for the states in which a gate is true."""
    return np.array([float(chain.instants.read(s.states)[1][gate]) for s in chain.states])


def level_vector(chain: Chain, level: int) -> np.ndarray:
    """Return a level's value in every state."""
    return np.array([float(chain.instants.read(s.states)[0][level]) for s in chain.states])


def flagged_vector(chain: Chain, element: int) -> np.ndarray:
    """Return 1.0 for the states in which an element is flagged."""
    own = chain.instants.model.elements[element]
    return np.array([float(own.flagged(s.states[element])) for s in chain.states])


def counted_place(chain: Chain, observed: watch.FiringCount | watch.EntryCount) -> int:
    """Return the column of a counted observation in ``count_rate``."""
    return chain.instants.counted.index(observed)
