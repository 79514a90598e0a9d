"""Models that a worker has made ready, and what it learnt in making them for the next ones."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from pacsim.campaign.tallies import DesignTally
from pacsim.design.design import design_like, design_of
from pacsim.studies.structures import Structure, structure_of
from pacsim.studies.uncollected import uncollected
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design import Design
    from pacsim.engines.kernel import Runner

KEPT_MODELS = 4
"""Models that are kept: those of the points whose stages a worker has in turn."""
KEPT_STRUCTURES = 8
"""Designs that are kept for those that differ from one of them in numbers alone."""

Made = tuple[DesignTally, "Runner"]
"""The empty tally and the runner of a design."""


class MadeModels:
    """Models made ready, the last few of a worker; its threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[str, Made] = OrderedDict()
        self._structures: OrderedDict[str, tuple[Structure, Runner]] = OrderedDict()
        self._last: Design | None = None

    def of(self, plain: str) -> Made:
        """Return the empty tally and the runner of a resolved design, given as JSON."""
        key = hashlib.sha256(plain.encode()).hexdigest()
        with self._lock:
            made = self._made.get(key)
            if made is None:
                with uncollected():
                    made = self._made[key] = self._make(plain)
            self._made.move_to_end(key)
            while len(self._made) > KEPT_MODELS:
                self._made.popitem(last=False)
        return made

    def _make(self, plain: str) -> Made:
        from pacsim.engines.kernel import Runner

        written = json.loads(plain)
        known = self._last
        design = design_of(written) if known is None else design_like(written, known)
        self._last = design
        shape = structure_of(design)
        structure = self._structures.get(shape)
        if structure is None:
            first = Structure.of(design)
            view, runner = first.view, Runner(first.view.model, first.view.term, YEAR)
            self._structures[shape] = first, runner
        else:
            first, like = structure
            view = first.view_of(design)
            runner = Runner(view.model, view.term, YEAR, like=like)
        self._structures.move_to_end(shape)
        while len(self._structures) > KEPT_STRUCTURES:
            self._structures.popitem(last=False)
        return DesignTally(view), runner
