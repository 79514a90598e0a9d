"""Structures: what is left of a design without its rates, times and shares, and its model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.campaign.batch_view import BatchView
from pacsim.design.build import build
from pacsim.design.rebuilding import Rebuilder
from pacsim.studies.input_ranges import slots_of

if TYPE_CHECKING:
    from pacsim.design import Design
    from pacsim.design.build import Built

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


@dataclass(slots=True)
class Structure:
    """A design and its model, for designs that differ from it in numbers alone.

    Threads may share it.

    Parameters
    ----------
    design : Design
        As it was resolved.
    view : BatchView
        Of its model.
    """

    design: Design
    view: BatchView
    _rebuilder: Rebuilder | None = None

    @classmethod
    def of(cls, design: Design) -> Structure:
        """Return that of a design, whose model is built.

        Raises
        ------
        ModelError
            If it cannot be built.
        """
        view = BatchView.of(build(design.resolved), design.resolved, design.name)
        return cls(design, view)

    def view_of(self, design: Design) -> BatchView:
        """Return the view of another design, made in little time if it differs in numbers alone.

        Raises
        ------
        ModelError
            If it cannot be built.
        """
        built = self._built(design)
        return BatchView.of(built, design.resolved, design.name, like=self.view)

    def _built(self, design: Design) -> Built:
        if self._rebuilder is not None:
            made = self._rebuilder.built(design.resolved)
            if made is not None:
                return made
        made = build(design.resolved, like=self.view.built)
        # It is worth its while from the second design on.
        if self._rebuilder is None and made.is_like(self.view.built):
            self._rebuilder = Rebuilder(self.design.resolved, self.view.built)
        return made
