"""Models that a worker has made ready, and what it learnt in making them for the next ones."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.campaign.batch_view import BatchView
from pacsim.campaign.tallies import DesignTally
from pacsim.design.build import build
from pacsim.design.design import design_like, design_of
from pacsim.design.rebuilding import Rebuilder
from pacsim.studies.structures import structure_of
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design import Design
    from pacsim.design.build import Built
    from pacsim.engines.kernel import Runner

KEPT_MODELS = 4
"""Models that are kept: those of the points whose stages a worker has in turn."""
KEPT_STRUCTURES = 8
"""Designs that are kept for those that differ from one of them in numbers alone."""

Made = tuple[DesignTally, "Runner"]
"""The empty tally and the runner of a design."""


@dataclass(slots=True)
class Structure:
    """The first design of a structure, for those that differ from it in numbers alone.

    Parameters
    ----------
    design : Design
        As it was resolved.
    view : BatchView
        Of its model.
    runner : Runner
        With its tables.
    rebuilder : Rebuilder, optional
        Made for the second design of the structure.
    """

    design: Design
    view: BatchView
    runner: Runner
    rebuilder: Rebuilder | None = None

    def built(self, design: Design) -> Built:
        """Return what a design becomes, in little time if it differs in numbers alone."""
        if self.rebuilder is not None:
            made = self.rebuilder.built(design.resolved)
            if made is not None:
                return made
        made = build(design.resolved, like=self.view.built)
        if self.rebuilder is None and made.is_like(self.view.built):
            self.rebuilder = Rebuilder(self.design.resolved, self.view.built)
        return made


class MadeModels:
    """Models made ready, the last few of a worker; its threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[str, Made] = OrderedDict()
        self._structures: OrderedDict[str, Structure] = OrderedDict()
        self._last: Design | None = None

    def of(self, plain: str) -> Made:
        """Return the empty tally and the runner of a resolved design, given as JSON."""
        key = hashlib.sha256(plain.encode()).hexdigest()
        with self._lock:
            made = self._made.get(key)
            if made is None:
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
            view = BatchView.of(build(design.resolved), design.resolved, design.name)
            runner = Runner(view.model, view.term, YEAR)
            self._structures[shape] = Structure(design, view, runner)
        else:
            built, like = structure.built(design), structure.view
            view = BatchView.of(built, design.resolved, design.name, like=like)
            runner = Runner(view.model, view.term, YEAR, like=structure.runner)
        self._structures.move_to_end(shape)
        while len(self._structures) > KEPT_STRUCTURES:
            self._structures.popitem(last=False)
        return DesignTally(view), runner
