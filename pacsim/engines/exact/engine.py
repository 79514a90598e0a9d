"""The exact engine: figures of Markov models without sampling (R31)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core import observations as watch
from pacsim.engines.exact import numerics
from pacsim.engines.exact.explore import (
    MAX_STATES,
    Chain,
    counted_place,
    explore,
    flagged_vector,
    gate_vector,
    level_vector,
)

if TYPE_CHECKING:
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
        Relative bound from rounding and truncation.
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
        With exponential and Erlang delays only.
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
        Naming what is not Markov, or which parts make too many states.

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
    chain = explore(model, max_states)
    places = watch.layout(model)
    count = len(chain.states)
    mission: dict[str, np.ndarray] = {}
    long_run: dict[str, np.ndarray] = {}
    bound = 0.0
    if horizon is not None:
        jumps = numerics.Jumps(chain.source, chain.target, chain.rate, count)
        _, spent = jumps.transient(chain.start, horizon)
        bound = (jumps.uniform_rate * horizon + 100.0) * 4.0 * ROUNDING + 1e-15
        for observed, width in zip(model.observations, places.width, strict=True):
            if isinstance(observed, watch.FirstPassage):
                mission[observed.name] = np.array([_passage(chain, observed.gate, horizon)])
            else:
                mission[observed.name] = _figures(chain, observed, width, spent, start=True)
    if steady:
        pi = numerics.steady_state(chain.source, chain.target, chain.rate, count, chain.start)
        bound = max(bound, 8.0 * count * ROUNDING)
        for observed, width in zip(model.observations, places.width, strict=True):
            long_run[observed.name] = _figures(chain, observed, width, pi, start=False)
    method = f"CTMC with {count} states; uniformisation, GTH elimination"
    return ExactResult(mission, long_run, count, method, bound)


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
    absorbing = gate_vector(chain, gates[0])
    times = numerics.mean_times(*_reachable_before(chain, absorbing))
    return float(chain.start @ times)


def _reachable_before(
    chain: Chain, absorbing: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray]:
    """Return the chain with nothing leaving the absorbing states, unreachable states absorbed."""
    keep = absorbing[chain.source] == 0
    source, target, rate = chain.source[keep], chain.target[keep], chain.rate[keep]
    seen = chain.start > 0
    while True:
        before = int(seen.sum())
        seen[target[seen[source]]] = True
        if int(seen.sum()) == before:
            break
    kept = seen[source]
    absorbed = np.where(seen, absorbing, 1.0)
    return source[kept], target[kept], rate[kept], len(chain.states), absorbed


def _passage(chain: Chain, gate: int, horizon: float) -> float:
    """Return the probability that a gate becomes true before the horizon."""
    absorbing = gate_vector(chain, gate)
    keep = absorbing[chain.source] == 0
    jumps = numerics.Jumps(
        chain.source[keep], chain.target[keep], chain.rate[keep], len(chain.states)
    )
    _, spent = jumps.transient(chain.start, horizon)
    into = keep & (absorbing[chain.target] > 0)
    # The flow into the absorbing states is a sum of positive terms however small it is.
    flow = float(np.sum(spent[chain.source[into]] * chain.rate[into]))
    return min(1.0, float(chain.start @ absorbing) + flow)


def _figures(
    chain: Chain, observed: watch.Observation, width: int, weight: np.ndarray, *, start: bool
) -> np.ndarray:
    """Return an observation's columns for a weight on each state (time spent, or probability)."""
    row = np.full(width, math.nan)
    match observed:
        case watch.GateTime(_, gate, _):
            row[0] = gate_vector(chain, gate) @ weight
        case watch.LevelIntegral(_, level):
            row[0] = level_vector(chain, level) @ weight
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
