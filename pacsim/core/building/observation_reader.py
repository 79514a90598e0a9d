"""Reads observations as they were written, one kind after another (R22-R24, R27-R28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.argument_checks import whole
from pacsim.core.model import (
    NONE,
    PHASES,
    Changes,
    EntryCount,
    Episodes,
    FiringCount,
    FirstPassage,
    GateTime,
    LevelIntegral,
    LevelTime,
    QuantityIntegral,
    Sample,
)
from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
from pacsim.core.writing.observation_requests import (
    ChangesRequest,
    EntriesRequest,
    EpisodesRequest,
    FiringsRequest,
    FirstPassageRequest,
    GateTimeRequest,
    LevelIntegralRequest,
    LevelTimeRequest,
    QuantityIntegralRequest,
    SampleRequest,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.core.building.delay_reader import DelayReader
    from pacsim.core.building.expression_reader import ExpressionReader
    from pacsim.core.model import Observation, Transition
    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.core.writing.observation_requests import ObservationRequest


class ObservationReader:
    """Reads observations of sorted transitions and notes what is wrong in a shared list."""

    def __init__(
        self,
        expressions: ExpressionReader,
        delays: DelayReader,
        transitions: Sequence[Transition],
        problems: list[str],
    ) -> None:
        self.expressions = expressions
        self.delays = delays
        self.transitions = transitions
        self.places = {t.name: i for i, t in enumerate(transitions)}
        self.problems = problems

    def read(self, request: ObservationRequest) -> Observation:
        """Return an observation, or note what is wrong with it."""
        name, owner = request.name, f"observation {request.name!r}"
        match request:
            case GateTimeRequest():
                gate = self._gate(owner, request.gate)
                by_window = self.expressions.flag(owner, "by_window", request.by_window)
                return GateTime(name, gate, by_window)
            case FirstPassageRequest():
                return FirstPassage(name, self._gate(owner, request.gate))
            case LevelIntegralRequest():
                return self._level_integral(owner, request)
            case LevelTimeRequest():
                return self._level_time(owner, request)
            case FiringsRequest():
                return self._firings(owner, request)
            case EntriesRequest():
                self.expressions.ours(owner, request.element, ElementRef)
                return EntryCount(name, request.element.index, request.states)
            case QuantityIntegralRequest():
                return QuantityIntegral(name, self._quantity(owner, request.quantity))
            case SampleRequest():
                return self._sample(owner, request)
            case EpisodesRequest():
                return self._episodes(owner, request)
            case ChangesRequest():
                if not self._has_level(owner, request.level):
                    return Changes(name, NONE)
                return Changes(name, *self.expressions.real_level(owner, request.level))

    def _gate(self, owner: str, condition: Condition | None) -> int:
        if condition is None:
            self.problems.append(f"{owner}: None is no condition")
        return self.expressions.gate(owner, condition)

    def _level_integral(self, owner: str, request: LevelIntegralRequest) -> LevelIntegral:
        if not self._has_level(owner, request.level):
            return LevelIntegral(request.name, NONE)
        return LevelIntegral(request.name, *self.expressions.real_level(owner, request.level))

    def _level_time(self, owner: str, request: LevelTimeRequest) -> LevelTime:
        if not self._has_level(owner, request.level):
            return LevelTime(request.name, NONE, 0)
        level = self.expressions.value_level(owner, request.level, None)
        return LevelTime(request.name, level, max(0, self.expressions.folder.levels[level].high))

    def _has_level(self, owner: str, level: Count | None) -> bool:
        if level is None:
            self.problems.append(f"{owner}: None is no level")
        return level is not None

    def _firings(self, owner: str, request: FiringsRequest) -> FiringCount:
        when = self.expressions.gate(f"{owner}: when", request.when)
        watched = self._watched(owner, (request.transition,))
        outcome = self._outcome(owner, request.outcome, watched)
        return FiringCount(request.name, watched[0] if watched else NONE, outcome, when)

    def _sample(self, owner: str, request: SampleRequest) -> Sample:
        when = self.expressions.gate(f"{owner}: when", request.when)
        watched = self._watched(owner, request.transitions)
        if not request.transitions:
            self.problems.append(f"{owner}: no transition is given, so it would see nothing")
        outcome = self._outcome(owner, request.outcome, watched)
        quantity = NONE
        if request.quantity is not None:
            quantity = self._quantity(owner, request.quantity)
        elif request.profile is not None:
            self.problems.append(f"{owner}: a profile needs a quantity that is an age")
        return Sample(
            request.name,
            watched,
            quantity,
            outcome,
            when,
            self.expressions.finite(owner, "scale", request.scale),
            self.expressions.finite(owner, "offset", request.offset),
            self.delays.calendar(owner, request.profile),
        )

    def _episodes(self, owner: str, request: EpisodesRequest) -> Episodes:
        return Episodes(
            request.name,
            self._gate(owner, request.gate),
            self.expressions.flag(owner, "causes", request.causes),
            self.expressions.flag(owner, "by_window", request.by_window),
            self.expressions.value_level(owner, request.at_start, None),
            self.expressions.value_level(owner, request.at_end, None),
            self.expressions.value_level(owner, request.phase, PHASES - 1),
            self.expressions.gate(f"{owner}: full", request.judged),
        )

    def _quantity(self, owner: str, quantity: QuantityRef) -> int:
        return quantity.index if self.expressions.ours(owner, quantity, QuantityRef) else NONE

    def _watched(self, owner: str, listed: Sequence[TransitionRef]) -> tuple[int, ...]:
        """Return the indices of transitions that are observed."""
        watched = tuple(
            self.places[one.name]
            for one in listed
            if self.expressions.ours(owner, one, TransitionRef)
        )
        if len(set(watched)) < len(watched):
            self.problems.append(f"{owner}: a transition is listed twice")
        return watched

    def _outcome(self, owner: str, given: object, watched: Sequence[int]) -> int:
        """Return the number of an outcome that each of the transitions has, -1 for all."""
        outcome = whole(given, f"{owner}: outcome", self.problems.append)
        for transition in (self.transitions[i] for i in watched):
            rows = max((len(row) for row in transition.outcomes.table), default=0)
            if not -1 <= outcome < rows:
                self.problems.append(
                    f"{owner}: {transition.name} has no outcome {outcome}; "
                    f"they are 0..{rows - 1}, or -1 for all"
                )
        return outcome
