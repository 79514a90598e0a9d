"""Reads transitions as they were written (R8-R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.argument_checks import finite, whole
from pacsim.core.building.delay_reader import NO_DELAY
from pacsim.core.model import NONE, Outcome, Selector, Transition, Until
from pacsim.core.streams import OUTCOME_LANE, stream_id
from pacsim.core.writing.handles import ElementRef
from pacsim.core.writing.transition_requests import ClockRequest, NextTickRequest, TurnRequest
from pacsim.delays.law import Law

if TYPE_CHECKING:
    from pacsim.core.building.delay_reader import DelayReader
    from pacsim.core.building.expression_reader import ExpressionReader
    from pacsim.core.building.outcome_reader import OutcomeReader
    from pacsim.core.model import Delay
    from pacsim.core.writing.transition_requests import TransitionRequest

CLASSES = ("fault", "reaction", "repair", "planned", "tick")
MEMORIES = ("restart", "resume", "keep")
USUAL = Selector(NONE, (1.0,))
"""Speed of a clock of which nothing is said."""
NO_CLOCK = ClockRequest(NextTickRequest(1.0, 0.0))
"""Gives an immediate transition what a clock has when nothing is said; its delay is not read."""


class TransitionReader:
    """Reads transitions and notes what is wrong with them in a shared list of problems."""

    def __init__(
        self,
        expressions: ExpressionReader,
        delays: DelayReader,
        outcomes: OutcomeReader,
        problems: list[str],
    ) -> None:
        self.expressions = expressions
        self.delays = delays
        self.outcomes = outcomes
        self.problems = problems

    def read(self, request: TransitionRequest) -> Transition:
        """Return a transition, or note what is wrong with it."""
        name, start, expressions = request.name, request.start, self.expressions
        expressions.ours(name, request.element, ElementRef)
        sources, target = self.outcomes.arrow(request)
        if request.cls not in CLASSES:
            self.problems.append(f"{name}: class {request.cls!r} is none of {', '.join(CLASSES)}")
        clock = start if isinstance(start, ClockRequest) else NO_CLOCK
        if clock.memory not in MEMORIES:
            self.problems.append(
                f"{name}: memory {clock.memory!r} is none of {', '.join(MEMORIES)}"
            )
        delay: Selector[Delay] | None = None
        priority, fifo = None, False
        if isinstance(start, TurnRequest):
            priority, fifo = start.priority, start.fifo
            if not (isinstance(priority, int) and priority >= 0):
                self.problems.append(f"{name}: priority {priority!r} must be an integer >= 0")
        else:
            delay = expressions.select(
                name, start.delay, lambda d: self.delays.delay(name, d), NO_DELAY
            )
        speed = USUAL
        if type(clock.speed) is not float or clock.speed != 1.0:
            speed = expressions.select(name, clock.speed, lambda v: self._speed(name, v), 1.0)
        profile = self.delays.calendar(name, clock.profile)
        age = self._age(name, clock.initial_age)
        if delay is not None:
            plain = speed == USUAL and profile == NONE
            self._clock_rules(name, delay, clock, age, plain=plain)
        return Transition(
            name=name,
            element=request.element.index,
            sources=sources,
            outcomes=self._outcomes(request, target),
            guard=NONE if request.when is None else self._guard(request),
            delay=delay,
            priority=priority,
            fifo=fifo if fifo is False else expressions.flag(name, "fifo", fifo),
            memory=clock.memory,
            speed=speed,
            profile=profile,
            cls=request.cls,
            rank=request.rank if type(request.rank) is int else self._rank(request),
            initial_age=age,
            delay_stream=stream_id(name),
            outcome_stream=stream_id(name, OUTCOME_LANE),
            automatic=self._automatic(request),
        )

    def _guard(self, request: TransitionRequest) -> int:
        return self.expressions.gate(f"{request.name}: when", request.when)

    def _rank(self, request: TransitionRequest) -> int:
        return whole(request.rank, f"{request.name}: rank", self.problems.append)

    def _automatic(self, request: TransitionRequest) -> bool:
        if request.automatic is False:
            return False
        automatic = self.expressions.flag(request.name, "automatic", request.automatic)
        if automatic and request.cls not in {"repair", "reaction"}:
            self.problems.append(
                f"{request.name}: class {request.cls!r} brings nothing back, so it cannot be "
                "automatic; leave it out"
            )
        return automatic

    def _outcomes(self, request: TransitionRequest, target: int) -> Selector[tuple[Outcome, ...]]:
        if request.end.outcomes is None:
            return Selector(NONE, (self.outcomes.single(request, target),))
        return self.expressions.select(
            request.name,
            request.end.outcomes,
            lambda rows: self.outcomes.table(request, rows),
            (),
        )

    def _speed(self, name: str, speed: object) -> float:
        number = finite(speed)
        if number is None or number < 0:
            self.problems.append(f"{name}: speed {speed!r} must be a finite number >= 0")
            return 1.0
        return number

    def _age(self, name: str, age: object) -> float:
        if type(age) is float and age == 0.0:
            return 0.0
        number = finite(age)
        if number is None or number < 0:
            self.problems.append(f"{name}: initial_age {age!r} must be finite and >= 0")
        return number or 0.0

    def _clock_rules(
        self, name: str, delay: Selector[Delay], clock: ClockRequest, age: float, *, plain: bool
    ) -> None:
        for entry in delay.table:
            if isinstance(entry, Law):
                continue
            if not plain:
                self.problems.append(
                    f"{name}: calendar and until delays run at speed 1 without a profile (R14, R20)"
                )
            if age != 0:
                self.problems.append(f"{name}: initial_age needs a law, not {entry!r}")
            if not isinstance(entry, Until) and clock.memory != "restart":
                self.problems.append(f"{name}: a calendar delay allows only memory 'restart' (R14)")
