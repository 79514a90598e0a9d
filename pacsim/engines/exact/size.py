"""Why a model has too many states, and what would make them fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import FirstPassage

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pacsim.core.model import Model


def too_many(model: Model, limit: int, *, aimed: bool) -> str:
    """Return what to say of a model with too many states.

    Parameters
    ----------
    model : Model
        Of which too much was explored.
    limit : int
        Number of states at which exploration ended.
    aimed : bool
        Whether only what lies before a target was explored.

    Returns
    -------
    str
        The largest parts, and what would shrink the model: parts that are alike and could be
        counted, and targets behind which nothing need be explored.
    """
    advice = []
    for names, states in _alike(model):
        shown = f"{names[0]} ... {names[-1]}" if len(names) > 2 else " and ".join(names)
        counts = _ways(len(names), states)
        advice.append(
            f"{len(names)} elements that look alike, {shown}, have {states}^{len(names)} states "
            f"together; counting how many are in each state (m.counter) takes {counts}"
        )
    passages = [o.name for o in model.observations if isinstance(o, FirstPassage)]
    if passages and not aimed:
        advice.append(
            f"for {', '.join(map(repr, passages))} nothing behind the target need be explored; "
            "leave the other observations and steady=True out"
        )
    elif not aimed:
        advice.append("a first_passage alone is not explored behind its target")
    rest = "leave parts out, raise max_states, or simulate"
    return "; ".join([f"more than {limit} states", largest(model), *advice, rest])


def largest(model: Model) -> str:
    """Return how many elements a model has and which have most states."""
    first = sorted(model.elements, key=lambda e: -len(e.states))[:5]
    names = ", ".join(f"{e.name} ({len(e.states)})" for e in first)
    return f"{len(model.elements)} elements, the largest are {names}"


def _alike(model: Model) -> list[tuple[list[str], int]]:
    """Return names and number of states of elements that look alike, the most numerous first."""
    moves: dict[int, list[Hashable]] = {e: [] for e in range(len(model.elements))}
    for t in model.transitions:
        local = t.name.removeprefix(f"{model.elements[t.element].name}.")
        delays = None if t.delay is None else tuple(map(repr, t.delay.table))
        moves[t.element].append((local, t.sources, delays, t.priority, t.memory, t.cls))
    kinds: dict[Hashable, list[int]] = {}
    for index, e in enumerate(model.elements):
        kind = (e.states, e.initial, e.fault, e.planned, frozenset(moves[index]))
        kinds.setdefault(kind, []).append(index)
    groups = [alike for alike in kinds.values() if len(alike) > 1 and moves[alike[0]]]
    groups.sort(key=lambda alike: -len(alike))
    return [
        ([model.elements[e].name for e in alike], len(model.elements[alike[0]].states))
        for alike in groups[:2]
    ]


def _ways(parts: int, states: int) -> int:
    """Return in how many ways parts that are alike can be spread over states."""
    from math import comb

    return comb(parts + states - 1, states - 1)
