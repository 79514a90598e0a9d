"""The exact engine: figures of Markov models without sampling (R31)."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core import observations as watch
from pacsim.core.asked import check_run
from pacsim.engines.exact import elimination
from pacsim.engines.exact.explore import (
    ENGINE,
    MAX_STATES,
    Chain,
    counted_place,
    explore,
    flagged_vector,
    gate_vector,
    largest,
    level_vector,
)
from pacsim.engines.exact.transient import Jumps
from pacsim.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Model

ROUNDING = 2.0**-53


@dataclass(frozen=True, slots=True, eq=False)
class ExactResult:
    """What the exact engine found, by observation.

    Attributes
    ----------
    mission : dict
        Name to an array laid out as by `pacsim.core.layout` without windows: expected value of each
        column over the mission; the probability of having happened for a first passage; NaN where a
        chain cannot tell (unplanned, planned and mixed need the path).
    steady : dict
        The same per unit of time in the long run; NaN for first passages. Empty if not asked for.
    states : int
        Number of states.
    method : str
        How it was computed.
    error_bound : float
        Relative bound of probabilities and times: what the sums leave out, and rounding to first
        order. Below 1e-280 nothing is promised; nor for a level that adds and subtracts.
    """

    mission: dict[str, np.ndarray]
    steady: dict[str, np.ndarray]
    states: int
    method: str
    error_bound: float


def solve(
    model: Model,
    *,
    horizon: float | None = None,
    steady: bool = False,
    max_states: int = MAX_STATES,
) -> ExactResult:
    """Return expected values of all observations over a mission, in the long run, or both.

    Parameters
    ----------
    model : Model
        With exponential and Erlang delays and mixtures of them only.
    horizon : float, optional
        Length of the mission, > 0.
    steady : bool
        Whether to give long-run figures too.
    max_states : int
        Refused above this.

    Returns
    -------
    ExactResult
        By observation.

    Raises
    ------
    UnsupportedError
        Naming what is not Markov, which parts make too many states, or which parts let the long
        run depend on chance.
    ValueError
        Naming the horizon, if it is not a positive finite number.

    Examples
    --------
    Two parallel parts, each down one part in a thousand million:

    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Exponential
    >>> m = ModelBuilder()
    >>> parts = [m.element(name, "up down") for name in "ab"]
    >>> for part in parts:
    ...     fail = part.after("up -> down", Exponential(1e9 - 1), "fail")
    ...     back = part.after("down -> up", Exponential(1.0), "repair", renew=True)
    >>> m.gate_time("down", m.all(part == "down" for part in parts))
    >>> f"{solve(m.build(), steady=True).steady['down'][0]:.12e}"
    '1.000000000000e-18'
    """
    if horizon is not None:
        check_run(horizon)
    chain = explore(model, max_states)
    places = watch.layout(model)
    count = len(chain.states)
    mission: dict[str, np.ndarray] = {}
    long_run: dict[str, np.ndarray] = {}
    bound = 0.0
    methods = []
    if horizon is not None:
        methods.append("uniformisation")
        jumps = Jumps(chain.source, chain.target, chain.rate, count)
        with _naming(model):
            spent = jumps.transient(chain.start, horizon)
        bound = spent.bound
        for observed, width in zip(model.observations, places.width, strict=True):
            if isinstance(observed, watch.FirstPassage):
                with _naming(model):
                    p, bound_of_p = _passage(chain, observed.gate, horizon)
                mission[observed.name] = np.array([p])
                bound = max(bound, bound_of_p)
            else:
                mission[observed.name] = _figures(chain, observed, width, spent.time, start=True)
    if steady:
        methods.append("GTH elimination")
        graph = _ergodic(chain)
        with _naming(model):
            pi = elimination.steady_state(graph)
        bound = max(bound, 8.0 * count * ROUNDING)
        for observed, width in zip(model.observations, places.width, strict=True):
            long_run[observed.name] = _figures(chain, observed, width, pi, start=False)
    # Figures are sums over states, each added in pairs.
    bound += (10.0 + math.log2(count)) * ROUNDING
    method = f"CTMC with {count} states; {', '.join(methods)}"
    return ExactResult(mission, long_run, count, method, bound)


@contextmanager
def _naming(model: Model) -> Iterator[None]:
    """Add the largest parts to a refusal that knows numbers only."""
    try:
        yield
    except UnsupportedError as error:
        raise UnsupportedError(ENGINE, (*error.reasons, largest(model))) from None


def _ergodic(chain: Chain) -> elimination.Graph:
    """Return the graph of a chain whose long run does not depend on chance, or refuse."""
    graph = elimination.Graph(chain.source, chain.target, chain.rate, len(chain.states))
    closed = elimination.closed_classes(graph)
    if len(closed) == 1:
        return graph
    elements = chain.instants.model.elements
    seen = [
        [{chain.states[k].states[e] for k in inside} for e in range(len(elements))]
        for inside in closed
    ]
    parts = [e for e in range(len(elements)) if any(s[e] != seen[0][e] for s in seen)]
    ends = []
    for sets in seen[:4]:
        where = [
            f"{elements[e].name} {' or '.join(elements[e].states[s] for s in sorted(sets[e]))}"
            for e in parts[:4]
        ]
        ends.append(", ".join(where) or "the same states with other clocks")
    if len(closed) > len(ends):
        ends.append("...")
    msg = (
        f"the long run depends on chance: {len(closed)} sets of states are never left ("
        f"{'; '.join(ends)}); ask for figures over a mission, or add the missing repairs"
    )
    raise UnsupportedError(ENGINE, (msg,))


def mean_time_to(model: Model, condition: str, *, max_states: int = MAX_STATES) -> float:
    """Return the mean time until the first passage of that name, from the start.

    Parameters
    ----------
    model : Model
        With a `first_passage` observation called ``condition``.
    condition : str
        Name of the observation.
    max_states : int
        Refused above this.

    Returns
    -------
    float
        Time; infinity if it may never happen.

    Raises
    ------
    UnsupportedError
        If it is too large a chain, or a time or a rate on its ways beyond the range of numbers.
    """
    chain = explore(model, max_states)
    gates = [
        o.gate
        for o in model.observations
        if o.name == condition and isinstance(o, watch.FirstPassage)
    ]
    if not gates:
        msg = f"no first passage called {condition!r}; add m.first_passage({condition!r}, ...)"
        raise KeyError(msg)
    graph = elimination.Graph(chain.source, chain.target, chain.rate, len(chain.states))
    with _naming(model):
        times = elimination.mean_times(graph, chain.start, gate_vector(chain, gates[0]))
    started = chain.start > 0
    return float(chain.start[started] @ times[started])


def _passage(chain: Chain, gate: int, horizon: float) -> tuple[float, float]:
    """Return the probability that a gate becomes true before the horizon, and a relative bound."""
    absorbing = gate_vector(chain, gate) > 0
    jumps = Jumps(chain.source, chain.target, chain.rate, len(chain.states), absorbing)
    spent = jumps.transient(chain.start, horizon)
    return min(1.0, float(chain.start @ absorbing) + jumps.absorbed(spent)), spent.bound


def _figures(
    chain: Chain, observed: watch.Observation, width: int, weight: np.ndarray, *, start: bool
) -> np.ndarray:
    """Return an observation's columns for a weight on each state (time spent, or probability)."""
    row = np.full(width, math.nan)
    match observed:
        case watch.GateTime(_, gate, _):
            row[0] = gate_vector(chain, gate) @ weight
        case watch.LevelIntegral(_, level, scale):
            row[0] = scale * (level_vector(chain, level) @ weight)
        case watch.LevelTime(_, level, _):
            values = level_vector(chain, level)
            for value in range(width):
                row[value] = weight[values == value].sum()
        case watch.FiringCount() | watch.EntryCount():
            place = counted_place(chain, observed)
            row[0] = chain.count_rate[:, place] @ weight + start * chain.count_start[place]
        case watch.Episodes():
            down = gate_vector(chain, observed.gate)
            row[0] = down @ weight
            enters = (down[chain.source] == 0) & (down[chain.target] > 0)
            row[1] = weight[chain.source[enters]] @ chain.rate[enters]
            row[1] += start * float(chain.start @ down)
            if observed.causes:
                for e in range(len(chain.instants.model.elements)):
                    row[5 + e] = (down * flagged_vector(chain, e)) @ weight
        case _:
            pass
    return row
