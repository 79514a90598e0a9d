"""Structures: what is left of a design without its rates, times and shares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pacsim.studies.input_ranges import slots_of

if TYPE_CHECKING:
    from pacsim.design import Design

STRUCTURAL = ("count",)
"""Kinds of numbers that may add or remove elements."""


def structure_of(design: Design) -> str:
    """Return what is left of a design without its rates, times and shares.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
    ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}})
    >>> structure_of(one) == structure_of(one.vary({"parts.a.ttr": "2 h"}))
    True
    >>> structure_of(one) == structure_of(one.vary({"roles.store": None}))
    False
    """
    slots = slots_of(design)
    numbers = {
        one.path
        for one in design.resolved.inputs
        if one.path in slots and slots[one.path].kind not in STRUCTURAL
    }

    def bare(plain: Any, path: str) -> Any:  # noqa: ANN401
        if path in numbers:
            return "number"
        if isinstance(plain, dict):
            return {
                key: bare(value, f"{path}.{key}" if path else key) for key, value in plain.items()
            }
        return plain

    return json.dumps(bare({k: v for k, v in design.plain.items() if k != "name"}, ""))
