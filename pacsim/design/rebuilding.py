"""Models of designs that differ from a known one in numbers: only what they are used for is made.

The known design is built once more with numbers that remember what was done with them
(`pacsim.design.traced`). In another one the transitions and quantities in which its other numbers
stand are read anew; all else is taken over. Where a number was used in a way that is not known, or
a comparison comes out otherwise, the model is built as any other.
"""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.core import dormant
from pacsim.core.building.assemble import Assembled, Assembler
from pacsim.core.building.calendar_span import refusal
from pacsim.core.model import alike
from pacsim.core.writing.transition_requests import TransitionRequest, UntilRequest
from pacsim.design.build import described
from pacsim.design.traced import (
    Leaves,
    Trace,
    Traced,
    TracedLaw,
    TracedPart,
    filled,
    valued,
    within,
)
from pacsim.parts.values import Delay, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacsim.core.model import Model
    from pacsim.design.build import Built
    from pacsim.design.resolved import Resolved

RECORDS = ("contract", "archive", "practices")
SECTIONS = ("parts", "groups", "roles")


class Rebuilder:
    """Builds designs that differ from a known one in numbers.

    Parameters
    ----------
    resolved : Resolved
        The known design.
    built : Built
        What it became.
    """

    def __init__(self, resolved: Resolved, built: Built) -> None:
        assert built.assembled is not None
        self.resolved = resolved
        self.base = built
        self._trace = trace = Trace()
        self._leaves: dict[tuple[str, ...], int] = {}
        context = described(self._traced(resolved))
        written = self._written = context.m.written()
        # What no transition and no quantity says is not read anew.
        for one in (*written.observations, *context.handles):
            trace.opaque |= within(one)
        self._quantities = [within(one) for one in written.quantities]
        self._transitions = [within(one) | self._waited(one) for one in written.transitions]
        self._filled = [filled(one, {}) for one in written.quantities]
        folder = built.assembled.folder.again(written.definitions)
        self._assembler = None if folder is None else Assembler(written, folder)
        if self._assembler is not None:
            # Transitions that hold no number are not read, and calendars go by the order of use.
            self._assembler.delays.calendars[:] = built.model.calendars
        self._lock = threading.Lock()
        self._places = {t.name: i for i, t in enumerate(built.model.transitions)}
        if not self._says_the_same():
            self._assembler = None

    def paths(self, *, opaque: bool) -> list[str]:
        """Return the numbers of which not all uses are known, or those of which they are."""
        found = (path for path, x in self._leaves.items() if (x in self._trace.opaque) is opaque)
        return sorted(".".join(path) for path in found)

    def built(self, resolved: Resolved) -> Built | None:
        """Return what a design becomes; None if it differs in more than what is known.

        Parameters
        ----------
        resolved : Resolved
            Of a loaded design.
        """
        values = self._changes(resolved)
        if self._assembler is None or values is None or not self._trace.opaque.isdisjoint(values):
            return None
        try:
            if not self._decides_the_same(values):
                return None
            with self._lock, self._assembler.folder.numbers.passing():
                model = self._model(values, self._assembler)
        except (ArithmeticError, ValueError):
            # What is wrong with a number says who builds it anew.
            return None
        return None if model is None else self._finished(model)

    def _finished(self, model: Model) -> Built:
        assert self.base.assembled is not None
        return replace(
            self.base, model=model, assembled=Assembled(model, self.base.assembled.folder)
        )

    def _model(self, values: Mapping[int, Any], assembler: Assembler) -> Model | None:
        """Return the model with other numbers; None if that is not all there is to change."""
        before = self.base.model
        assembler.problems.clear()
        changed = set(values)
        transitions, quantities = list(before.transitions), list(before.quantities)
        requests = list(self._filled)
        for k, leaves in enumerate(self._quantities):
            if not leaves.isdisjoint(changed):
                requests[k] = filled(self._written.quantities[k], values)
                quantities[k] = assembler.quantity(requests[k])
        # Waits look at the bounds of what they wait for.
        assembler.delays.quantities = requests
        for request, leaves in zip(self._written.transitions, self._transitions, strict=True):
            if not leaves.isdisjoint(changed):
                made = assembler.transitions.read(filled(request, values))
                transitions[self._places[made.name]] = made
        model = replace(before, transitions=tuple(transitions), quantities=tuple(quantities))
        if assembler.problems or not alike(before, model):
            return None
        spans = (refusal(x, model.quantities, model.transitions) for x in model.observations)
        if any(why is not None for why in spans):
            return None
        if dormant.may_differ(before, model) and dormant.all_problems(model):
            return None
        return model

    def _waited(self, request: TransitionRequest) -> Leaves:
        """Return the numbers of the bounds of all that a transition waits for."""
        delay: Any = getattr(request.start, "delay", None)
        delays = [delay]
        # Nobody asks of what kind a traced law is.
        if type(delay) is dict:
            delays = list(delay.values())
        elif type(delay) is tuple:
            delays = list(delay[1])
        waits = (one.quantity.index for one in delays if type(one) is UntilRequest)
        return frozenset().union(*(self._quantities[k] for k in waits))

    def _says_the_same(self) -> bool:
        """Return whether all that is read anew with the known numbers is as it was."""
        if self._assembler is None:
            return False
        return self._model(dict(self._known()), self._assembler) == self.base.model

    def _decides_the_same(self, values: Mapping[int, Any]) -> bool:
        """Return whether every comparison that was made comes out as it did."""
        changed = set(values)
        return all(
            one.told(valued(one.left, values), valued(one.right, values)) == one.came_out
            for one in self._trace.decisions
            if not one.leaves.isdisjoint(changed)
        )

    # -- what is traced, and what differs ---------------------------------------------------------

    def _traced(self, resolved: Resolved) -> Resolved:
        """Return the design with traced numbers."""
        made: dict[str, Any] = {
            name: self._traced_part(getattr(resolved, name), (name,)) for name in RECORDS
        }
        for name in SECTIONS:
            section = {
                key: self._traced_part(part, (name, key))
                for key, part in getattr(resolved, name).items()
            }
            made[name] = MappingProxyType(section)
        return replace(resolved, **made)

    def _traced_part(self, part: Part, path: tuple[str, ...]) -> Part:
        values = {
            slot: self._traced_value(value, (*path, slot)) for slot, value in part.values.items()
        }
        return TracedPart(part.name, part.type, MappingProxyType(values), part.kind)

    def _traced_value(self, value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401
        if isinstance(value, Part):
            return self._traced_part(value, path)
        if type(value) is float:
            leaf = self._leaves.setdefault(path, len(self._leaves))
            return Traced(self._trace, value, frozenset({leaf}))
        if type(value) is Delay:
            leaf = self._leaves.setdefault(path, len(self._leaves))
            law: Any = TracedLaw(self._trace, value.law, leaf)
            return replace(value, law=law)
        return value

    def _known(self) -> Iterator[tuple[int, Any]]:
        """Yield every number and law of the known design."""
        for path, leaf in self._leaves.items():
            one: Any = self.resolved
            for key in path:
                if isinstance(one, Part):
                    one = one.values[key]
                else:
                    one = one[key] if hasattr(one, "keys") else getattr(one, key)
            yield leaf, one.law if type(one) is Delay else one

    def _changes(self, resolved: Resolved) -> dict[int, Any] | None:
        """Return the numbers that differ in a design, None if more differs."""
        values: dict[int, Any] = {}
        pairs: list[tuple[Part, Part, tuple[str, ...]]] = [
            (getattr(self.resolved, x), getattr(resolved, x), (x,)) for x in RECORDS
        ]
        for name in SECTIONS:
            mine, theirs = getattr(self.resolved, name), getattr(resolved, name)
            if list(mine) != list(theirs):
                return None
            pairs += [(mine[key], theirs[key], (name, key)) for key in mine]
        return values if all(self._differ(*pair, values) for pair in pairs) else None

    def _differ(
        self, mine: Part, theirs: Part, path: tuple[str, ...], values: dict[int, Any]
    ) -> bool:
        """Note the numbers in which two records differ; return whether that is all."""
        if mine is theirs:
            return True
        if (mine.name, mine.type) != (theirs.name, theirs.type) or mine.kind is not theirs.kind:
            return False
        if list(mine.values) != list(theirs.values):
            return False
        for slot, was in mine.values.items():
            now, here = theirs.values[slot], (*path, slot)
            if was is now:
                continue
            if isinstance(was, Part) and isinstance(now, Part):
                if not self._differ(was, now, here, values):
                    return False
            elif type(was) is float and type(now) is float:
                if was != now or math.copysign(1.0, was) != math.copysign(1.0, now):
                    values[self._leaves[here]] = now
            elif type(was) is Delay and type(now) is Delay:
                if was.law != now.law:
                    values[self._leaves[here]] = now.law
                # Where a time comes from matters while contracts are put in force, not to a model.
                same = replace(was, law=now.law, entry=now.entry, read_under=now.read_under)
                if same != now:
                    return False
            elif type(was) is not type(now) or was != now:
                return False
        return True
