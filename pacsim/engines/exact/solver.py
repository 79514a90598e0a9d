"""The exact engine: figures of Markov models without sampling (R31)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core import model as watch
from pacsim.core.run_arguments import check_run
from pacsim.engines.exact import elimination
from pacsim.engines.exact.explore import (
    ENGINE,
    MAX_STATES,
    Chain,
    counted_place,
    explore,
    flagged_vector,
    gate_vector,
    level_vector,
)
from pacsim.engines.exact.size import largest
from pacsim.engines.exact.solution import ExactResult
from pacsim.engines.exact.transient import Jumps, Spent
from pacsim.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.core.model import Model

ROUNDING = 2.0**-53


def solve(
    model: Model,
    *,
    horizon: float | Sequence[float] | None = None,
    steady: bool = False,
    max_states: int = MAX_STATES,
) -> ExactResult:
    """Return expected values of all observations over a mission, in the long run, or both.

    If first passages are all that is observed, and the long run is not asked for, nothing is
    explored behind their targets.

    Parameters
    ----------
    model : Model
        With exponential and Erlang delays and mixtures of them only.
    horizon : float or sequence of float, optional
        Length of the mission in seconds, > 0; several are answered from one exploration.
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
        If neither is asked for; or naming the horizon, if it is not a positive finite number.

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
    >>> f"{solve(m.build(), steady=True)['down'].steady:.12e}"
    '1.000000000000e-18'
    """
    horizons = _horizons(horizon)
    if not horizons and not steady:
        msg = (
            "nothing is asked for; give horizon=... (seconds) for figures over a mission, "
            "steady=True for the long run, or both"
        )
        raise ValueError(msg)
    places = watch.layout(model)
    passages = [o for o in model.observations if isinstance(o, watch.FirstPassage)]
    apart = bool(passages) and len(passages) == len(model.observations) and not steady
    whole = None if apart else explore(model, max_states)
    mission: dict[str, np.ndarray] = {}
    at_end: dict[str, np.ndarray] = {}
    long_run: dict[str, np.ndarray] = {}
    states = 0 if whole is None else len(whole.states)
    bound = 0.0
    methods = []
    if horizons:
        methods.append("uniformisation")
        for passage in passages:
            chain = whole or explore(model, max_states, passage.gate)
            states = max(states, len(chain.states))
            with _naming(model):
                row, bound_of_it = _passage(chain, passage.gate, horizons)
            mission[passage.name] = row[:, None]
            at_end[passage.name] = np.full((len(horizons), 1), math.nan)
            bound = max(bound, bound_of_it)
        if whole is not None:
            bound = max(bound, _mission(model, whole, places, horizons, mission, at_end))
        if not isinstance(horizon, Iterable):
            mission = {name: rows[0] for name, rows in mission.items()}
            at_end = {name: rows[0] for name, rows in at_end.items()}
        mission, at_end = (
            {o.name: by_name[o.name] for o in model.observations} for by_name in (mission, at_end)
        )
    if steady:
        assert whole is not None
        methods.append("GTH elimination")
        graph = _ergodic(whole)
        with _naming(model):
            pi = elimination.steady_state(graph)
        bound = max(bound, 8.0 * states * ROUNDING)
        for observed in model.observations:
            columns = places[observed.name]
            long_run[observed.name] = _figures(whole, observed, columns, pi, start=False)
    # Figures are sums over states, each added in pairs.
    bound += (10.0 + math.log2(states)) * ROUNDING
    method = f"CTMC with {states} states; {', '.join(methods)}"
    return ExactResult(mission, long_run, states, method, bound, at_end, places)


def _horizons(horizon: float | Sequence[float] | None) -> tuple[float, ...]:
    """Return the horizons as they were given, all of them checked."""
    if horizon is None:
        return ()
    given = tuple(horizon) if isinstance(horizon, Iterable) else (horizon,)
    if not given:
        msg = "horizon names no time; give a number of seconds > 0, or several"
        raise ValueError(msg)
    for each in given:
        check_run(each)
    return tuple(float(each) for each in given)


def _stretches(
    jumps: Jumps, start: np.ndarray, horizons: tuple[float, ...]
) -> Iterator[tuple[list[int], Spent]]:
    """Yield what a chain has done until each horizon, the earliest first, with its places.

    From one to the next only the time between is added, so that all cost as much as the last.
    """
    now, time, bound = 0.0, np.zeros(len(start)), 0.0
    for until in sorted(set(horizons)):
        spent = jumps.transient(start, until - now)
        now, start, bound = until, spent.end, bound + spent.bound
        time = time + spent.time
        places = [k for k, each in enumerate(horizons) if each == until]
        yield places, Spent(start, time, bound)


def _mission(
    model: Model,
    chain: Chain,
    places: watch.Layout,
    horizons: tuple[float, ...],
    mission: dict[str, np.ndarray],
    at_end: dict[str, np.ndarray],
) -> float:
    """Add the figures of all but first passages, one row for each horizon; return their bound."""
    observations = [o for o in model.observations if not isinstance(o, watch.FirstPassage)]
    for observed in observations:
        whole = places[observed.name].all
        shape = (len(horizons), whole.stop - whole.start)
        mission[observed.name], at_end[observed.name] = np.empty(shape), np.empty(shape)
    bound = 0.0
    jumps = Jumps(chain.source, chain.target, chain.rate, len(chain.states))
    with _naming(model):
        for rows, spent in _stretches(jumps, chain.start, horizons):
            bound = spent.bound
            for observed in observations:
                columns = places[observed.name]
                over = _figures(chain, observed, columns, spent.time, start=True)
                then = _figures(chain, observed, columns, spent.end, start=False)
                mission[observed.name][rows], at_end[observed.name][rows] = over, then
    return bound


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
        Seconds; infinity if it may never happen.

    Raises
    ------
    KeyError
        If there is no such first passage, with a name that is free for one.
    UnsupportedError
        If it is too large a chain, or a time or a rate on its ways beyond the range of numbers.
    """
    gate = _passage_gate(model, condition)
    chain = explore(model, max_states, gate)
    graph = elimination.Graph(chain.source, chain.target, chain.rate, len(chain.states))
    with _naming(model):
        times = elimination.mean_times(graph, chain.start, gate_vector(chain, gate))
    started = chain.start > 0
    return float(chain.start[started] @ times[started])


def _passage_gate(model: Model, condition: str) -> int:
    """Return the gate of the first passage of that name, or say what to write."""
    taken = {o.name: o for o in model.observations}
    found = taken.get(condition)
    if isinstance(found, watch.FirstPassage):
        return found.gate
    free = condition
    while free in taken:
        free = f"first {free}"
    known = [name for name, o in taken.items() if isinstance(o, watch.FirstPassage)]
    others = f" (there are {', '.join(map(repr, known))})" if known else ""
    what = (
        f"no first passage is called {condition!r}"
        if found is None
        else f"{condition!r} is a {type(found).__name__} and no first passage"
    )
    msg = f"{what}{others}; add m.first_passage({free!r}, ...)"
    raise KeyError(msg)


def _passage(chain: Chain, gate: int, horizons: tuple[float, ...]) -> tuple[np.ndarray, float]:
    """Return the probabilities that a gate becomes true before the horizons, and their bound."""
    absorbing = gate_vector(chain, gate) > 0
    jumps = Jumps(chain.source, chain.target, chain.rate, len(chain.states), absorbing)
    probabilities, bound = np.empty(len(horizons)), 0.0
    begun = float(chain.start @ absorbing)
    for places, spent in _stretches(jumps, chain.start, horizons):
        probabilities[places] = min(1.0, begun + jumps.absorbed(spent))
        bound = spent.bound
    return probabilities, bound


def _figures(
    chain: Chain,
    observed: watch.Observation,
    columns: watch.Columns,
    weight: np.ndarray,
    *,
    start: bool,
) -> np.ndarray:
    """Return an observation's columns for a weight on each state (time spent, or probability)."""
    row = np.full(columns.all.stop - columns.all.start, math.nan)
    match observed:
        case watch.GateTime(_, gate, _):
            row[0] = gate_vector(chain, gate) @ weight
        case watch.LevelIntegral(_, level, scale):
            row[0] = scale * (level_vector(chain, level) @ weight)
        case watch.LevelTime(_, level, _):
            values = level_vector(chain, level)
            for value in range(len(row)):
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
            if columns.contributors is not None:
                first = columns.contributors.start - columns.all.start
                row[first : first + len(chain.instants.model.elements)] = 0.0
                for e in watch.can_matter(chain.instants.model, observed.gate):
                    row[first + e] = (down * flagged_vector(chain, e)) @ weight
        case _:
            pass
    return row
