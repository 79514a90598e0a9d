"""Histories: a model of which a run lists the changes of elements and gates (R22).

Levels are recorded by `ModelBuilder.changes`. What is recorded is one more observation each, so
that no engine needs a mode of its own: it draws nothing, guards nothing and has no column, and all
else comes out the same to the bit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacsim.core.model import Changes, Level, LevelExpr, Weights

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core.model import Model


def recording(
    model: Model,
    *,
    elements: Iterable[str] = (),
    gates: Iterable[str] = (),
) -> Model:
    """Return a model whose runs list changes, each with the value that then holds for a time.

    Parameters
    ----------
    model : Model
        What is run. Its transitions, streams and figures stay as they are.
    elements : iterable of str
        Names of elements; the values are indices into ``Element.states``.
    gates : iterable of str
        Names of gates; the values are 0 and 1.

    Returns
    -------
    Model
        With one observation `Changes` each, in the order elements, gates as given, behind
        the model's own. ``Batch.changes`` of a run has their rows, numbered in this order.

    Raises
    ------
    KeyError
        If the model has no such element or gate.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Deterministic
    >>> from pacsim.engines.reference import simulate
    >>> m = ModelBuilder()
    >>> a = m.element("a", "up down")
    >>> fail = a.after("up -> down", Deterministic(10.0), "fail")
    >>> back = a.after("down -> up", Deterministic(4.0), "back")
    >>> found = simulate(recording(m.build(), elements=["a"]), horizon=20.0).changes
    >>> [(float(row["time"]), int(row["value"])) for row in found]
    [(0.0, 0), (10.0, 1), (14.0, 0)]
    """
    made = list(model.levels)
    order = list(model.order)
    watched = list(model.observations)

    def new(level: Level) -> None:
        made.append(level)
        order.append(("L", len(made) - 1))
        watched.append(Changes(level.name, len(made) - 1))

    for name in elements:
        index = model.element(name)
        weights = tuple(range(len(model.elements[index].states)))
        expr = LevelExpr(0, (Weights(index, weights),), ())
        new(Level(f"state of {name}", 0, ((index, weights),), (), 0, weights[-1], expr))
    for name in gates:
        index = model.gate(name)
        expr = LevelExpr(0, (), ((model.gates[index].expr, 1),))
        new(Level(f"truth of {name}", 0, (), ((index, 1),), 0, 1, expr))
    return replace(model, levels=tuple(made), order=tuple(order), observations=tuple(watched))
