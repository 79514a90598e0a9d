"""Reads arrows, outcomes, effects and jumps of one transition as they were written (R9)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, cast

from pacsim.core.argument_checks import finite, is_real, strange
from pacsim.core.model import NONE, ElementEffect, Jump, Outcome
from pacsim.core.streams import name_hash, stream_id
from pacsim.core.writing.handles import ElementRef, QuantityRef
from pacsim.core.writing.transition_requests import JumpRequest, MoveRequest, OutcomeRequest

if TYPE_CHECKING:
    from pacsim.core.writing.transition_requests import (
        EffectRequest,
        ElementHandle,
        TransitionRequest,
    )

SUM_TOLERANCE = 1e-12


class OutcomeReader:
    """Reads outcomes and notes what is wrong with them in a shared list of problems."""

    def __init__(self, home: object, problems: list[str]) -> None:
        self.home = home
        self.problems = problems

    def arrow(self, request: TransitionRequest) -> tuple[frozenset[int], int]:
        """Return the source states and the target (or `NONE`) of ``"from other -> to"``."""
        name, element, arrow, end = request.name, request.element, request.arrow, request.end
        if not isinstance(arrow, str):
            self.problems.append(f"{name}: arrow {arrow!r} must be text such as 'up -> down'")
            return frozenset(), 0
        left, found, right = arrow.partition("->")
        sources, targets = left.split(), right.split()
        if not sources:
            self.problems.append(f"{name}: arrow {arrow!r} names no source state")
        if end.outcomes is None:
            if len(targets) != 1:
                self.problems.append(f"{name}: arrow {arrow!r} needs exactly one target after '->'")
                return frozenset(self._state(name, element, word) for word in sources), 0
        elif found and targets:
            self.problems.append(
                f"{name}: leave the target out of {arrow!r}; its outcomes name theirs"
            )
        if end.outcomes is not None and (end.effects or end.renew):
            self.problems.append(f"{name}: give effects and renew to each outcome, not beside them")
        target = self._state(name, element, targets[0]) if len(targets) == 1 else NONE
        return frozenset(self._state(name, element, word) for word in sources), target

    def single(self, request: TransitionRequest, target: int) -> tuple[Outcome, ...]:
        """Return the only outcome of a transition written without a list of them."""
        name, end = request.name, request.end
        effects, jumps = self._effects(name, request.element, end.effects)
        return (Outcome(1.0, target, self._flag(name, end.renew), effects, jumps),)

    def table(
        self, request: TransitionRequest, rows: Iterable[OutcomeRequest]
    ) -> tuple[Outcome, ...]:
        """Return outcomes whose probabilities sum to 1 within 1e-12."""
        name, element = request.name, request.element
        outcomes: list[Outcome] = []
        if not isinstance(rows, Iterable):
            self.problems.append(f"{name}: outcomes must be a list, got {rows!r}")
            return ()
        for row in rows:
            if not isinstance(row, OutcomeRequest):
                self.problems.append(
                    f"{name}: {row!r} is no outcome; write outcome(p, target, ...)"
                )
                continue
            p = row.p if is_real(row.p) else math.nan
            if not 0.0 <= p <= 1.0:
                self.problems.append(f"{name}: outcome probability {row.p!r} is outside [0, 1]")
                p = 0.0
            effects, jumps = self._effects(name, element, row.effects)
            target = self._state(name, element, row.target)
            outcomes.append(Outcome(float(p), target, self._flag(name, row.renew), effects, jumps))
        total = math.fsum(o.p for o in outcomes)
        if abs(total - 1.0) > SUM_TOLERANCE:
            self.problems.append(f"{name}: outcome probabilities sum to {total!r}, not to 1")
        return tuple(outcomes)

    def _flag(self, name: str, renew: object) -> bool:
        if not isinstance(renew, bool):
            self.problems.append(f"{name}: renew must be True or False, got {renew!r}")
        return renew is True

    def _state(self, name: str, element: ElementHandle, word: str) -> int:
        if word in element.states:
            return element.states.index(word)
        self.problems.append(
            f"{name}: no state {word!r} in element {element.name}; "
            f"it has {', '.join(element.states)}"
        )
        return 0

    def _effects(
        self, name: str, own: ElementHandle, written: Iterable[EffectRequest]
    ) -> tuple[tuple[ElementEffect, ...], tuple[Jump, ...]]:
        if written == ():
            return (), ()
        effects: list[ElementEffect] = []
        jumps: list[Jump] = []
        for effect in written:
            if isinstance(effect, MoveRequest | JumpRequest) and not self._ours(name, effect):
                continue
            if isinstance(effect, MoveRequest):
                effects.append(self._move(name, own, effect))
            elif isinstance(effect, JumpRequest):
                jumps.append(self._jump(name, effect))
            else:
                self.problems.append(f"{name}: {effect!r} is no effect; use move, renew, step, set")
        if len({e.element for e in effects}) < len(effects):
            self.problems.append(f"{name}: an element occurs in two effects of one outcome (R9)")
        if len({j.quantity for j in jumps}) < len(jumps):
            self.problems.append(f"{name}: a quantity jumps twice in one outcome (R9)")
        return tuple(effects), tuple(jumps)

    def _ours(self, name: str, effect: EffectRequest) -> bool:
        kind: type[ElementRef | QuantityRef] = QuantityRef
        if isinstance(effect, MoveRequest):
            kind, handles = ElementRef, [cast("object", effect.element)]
        else:
            handles = [effect.quantity, *([effect.other] if effect.how == "copy" else [])]
        good = True
        for handle in handles:
            if not isinstance(handle, kind):
                self.problems.append(f"{name}: {handle!r} is no {kind.__name__[:-3].lower()}")
                good = False
            elif handle.builder is not self.home:
                strange([handle.name], name, self.problems.append)
                good = False
        return good

    def _move(self, name: str, own: ElementHandle, effect: MoveRequest) -> ElementEffect:
        element = effect.element
        if element is own:
            self.problems.append(
                f"{name}: an effect on its own element {own.name}; use the target and renew (R9)"
            )
        p = effect.p if is_real(effect.p) else math.nan
        if not 0.0 <= p <= 1.0:
            self.problems.append(f"{name}: effect probability {effect.p!r} is outside [0, 1]")
        moves: list[int] | None = None
        if effect.moves is not None:
            moves = [NONE] * len(element.states)
            for source, target in effect.moves.items():
                moves[self._state(name, element, source)] = self._state(name, element, target)
        return ElementEffect(
            element.index,
            None if moves is None else tuple(moves),
            self._flag(name, effect.renew),
            float(p),
            effect.counter,
            stream_id(name, name_hash(element.name)),
        )

    def _jump(self, name: str, jump: JumpRequest) -> Jump:
        value = finite(jump.value)
        if value is None:
            self.problems.append(f"{name}: {jump.quantity.name} jumps to {jump.value!r}")
            value = 0.0
        other = NONE if jump.other is None else jump.other.index
        how = cast("Literal['set', 'add', 'copy']", jump.how)
        return Jump(jump.quantity.index, how, value, other)
