"""Turns what an author wrote into a frozen `Model`, collecting every mistake by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pacsim.core import observations as watch
from pacsim.core.expressions import Forward
from pacsim.core.fold import Folder
from pacsim.core.model import (
    NONE,
    Element,
    Model,
    NextBusinessDay,
    NextOpen,
    NextOpening,
    NextTick,
    Outcome,
    Quantity,
    Selector,
    Transition,
    Until,
)
from pacsim.core.outcomes import OutcomeReader
from pacsim.core.requests import (
    NextBusinessDayRequest,
    NextOpeningRequest,
    NextOpenRequest,
    NextTickRequest,
)
from pacsim.core.streams import OUTCOME_LANE, stream_id
from pacsim.core.written import Condition, Count, UntilRequest
from pacsim.delays.laws import Law
from pacsim.errors import ModelError

if TYPE_CHECKING:
    from pacsim.core.builder import ModelBuilder
    from pacsim.core.model import Delay
    from pacsim.delays.calendars import Intervals

T = TypeVar("T")
CLASSES = ("fault", "reaction", "repair", "planned", "tick")
MEMORIES = ("restart", "resume", "keep")


class Assembler:
    """One build: folds gates, reads transitions, checks, freezes."""

    def __init__(self, written: ModelBuilder) -> None:
        self.written = written
        self.problems = list(written.problems)
        self.folder = Folder([len(e.states) for e in written.elements], written.definitions)
        self.calendars: list[Intervals] = []
        self.outcomes = OutcomeReader(self.problems)

    def model(self) -> Model:
        """Return the frozen model, or raise `ModelError` with all mistakes."""
        written = self.written
        self._unique([e.name for e in written.elements], "element")
        self._unique([q[0] for q in written.quantities], "quantity")
        self._unique([r["name"] for r in written.requests], "transition")
        quantities = tuple(self._quantity(*fields) for fields in written.quantities)
        transitions = sorted(
            (self._transition(request) for request in written.requests),
            key=lambda t: (t.rank, t.name),
        )
        for name in written.definitions:
            self.folder.gate(Forward(name))
        self._priorities(transitions)
        self._streams(transitions)
        index = {t.name: i for i, t in enumerate(transitions)}
        observations = tuple(
            self._observation(kind, name, fields, index) for kind, name, fields in written.watched
        )
        problems = list(dict.fromkeys(self.problems + self.folder.problems))
        if problems:
            raise ModelError(problems)
        return Model(
            elements=tuple(
                Element(ref.name, ref.states, initial, *flags)
                for ref, initial, flags in zip(
                    written.elements, written.initials, written.flags, strict=True
                )
            ),
            levels=tuple(self.folder.levels),
            gates=tuple(self.folder.gates),
            order=tuple(self.folder.order),
            transitions=tuple(transitions),
            quantities=quantities,
            calendars=tuple(self.calendars),
            observations=observations,
            origin=written.origin,
            random_origin=written.random_origin,
            definitions=dict(written.definitions),
        )

    def _unique(self, names: list[str], what: str) -> None:
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.problems.append(f"{what} {name!r} is defined twice; names are unique")

    def _gate(self, condition: Condition | None) -> int:
        return NONE if condition is None else self.folder.gate(condition.expr)

    def _level(self, level: Count | None) -> int:
        return NONE if level is None else self.folder.level(level.expr)

    def _calendar(self, calendar: Intervals | None) -> int:
        if calendar is None:
            return NONE
        if calendar not in self.calendars:
            self.calendars.append(calendar)
        return self.calendars.index(calendar)

    def _select(self, owner: str, choices: object, read: Callable[[Any], T]) -> Selector[T]:
        """Return a selector for one value, for cases by condition, or for (level, table) (R10)."""
        if isinstance(choices, Mapping):
            conditions = [key for key in choices if key is not True]
            if True not in choices or not all(isinstance(c, Condition) for c in conditions):
                self.problems.append(
                    f"{owner}: cases need conditions as keys and a default under True"
                )
                return Selector(NONE, (read(next(iter(choices.values()))),))
            if list(choices)[-1] is not True:
                self.problems.append(f"{owner}: the default True must be the last case")
            level = self.written.first_true(tuple(conditions))
            return Selector(self._level(level), tuple(read(v) for v in choices.values()))
        if isinstance(choices, tuple) and len(choices) == 2 and isinstance(choices[0], Count):
            count, table = choices
            index = self._level(count)
            level_range = self.folder.levels[index]
            if level_range.low < 0 or level_range.high >= len(table):
                self.problems.append(
                    f"{owner}: the level ranges over {level_range.low}..{level_range.high} but its "
                    f"table has entries 0..{len(table) - 1}; give one entry for each value"
                )
            return Selector(index, tuple(read(v) for v in table))
        return Selector(NONE, (read(choices),))

    def _quantity(
        self,
        name: str,
        low: float,
        high: float,
        start: float | None,
        rate: object,
        profile: Intervals | None,
    ) -> Quantity:
        if not low < high or math.isnan(low) or math.isnan(high):
            self.problems.append(f"quantity {name}: bounds [{low}, {high}] need low < high")
        elif start is not None and not low <= start <= high:
            self.problems.append(f"quantity {name}: start {start} lies outside [{low}, {high}]")

        def read(value: object) -> float:
            if not isinstance(value, int | float) or not math.isfinite(value):
                self.problems.append(f"quantity {name}: rate {value!r} must be a finite number")
                return 0.0
            return float(value)

        selector = self._select(f"quantity {name}", rate, read)
        return Quantity(
            name,
            float(low),
            float(high),
            None if start is None else float(start),
            selector,
            self._calendar(profile),
        )

    def _transition(self, request: Mapping[str, Any]) -> Transition:
        name, element = request["name"], request["element"]
        sources, default_target = self.outcomes.arrow(name, element, request)
        if request["cls"] not in CLASSES:
            self.problems.append(
                f"{name}: class {request['cls']!r} is none of {', '.join(CLASSES)}"
            )
        if request["memory"] not in MEMORIES:
            self.problems.append(
                f"{name}: memory {request['memory']!r} is none of {', '.join(MEMORIES)}"
            )
        timed = request["priority"] is None
        if not timed and not (isinstance(request["priority"], int) and request["priority"] >= 0):
            self.problems.append(
                f"{name}: priority {request['priority']!r} must be an integer >= 0"
            )
        delay = (
            self._select(name, request["delay"], lambda d: self._delay(name, d)) if timed else None
        )
        speed = self._select(name, request["speed"], lambda v: self._speed(name, v))
        profile = self._calendar(request["profile"])
        if delay is not None:
            self._clock_rules(request, delay, speed, profile)
        if request["outcomes"] is None:
            outcomes: Selector[tuple[Outcome, ...]] = Selector(
                NONE, (self.outcomes.single(name, element, default_target, request),)
            )
        else:
            outcomes = self._select(
                name, request["outcomes"], lambda rows: self.outcomes.table(name, element, rows)
            )
        return Transition(
            name=name,
            element=element.index,
            sources=sources,
            guard=self._gate(request["when"]),
            delay=delay,
            priority=request["priority"],
            fifo=request["fifo"],
            memory=request["memory"],
            speed=speed,
            profile=profile,
            outcomes=outcomes,
            cls=request["cls"],
            rank=request["rank"],
            initial_age=float(request["initial_age"]),
            delay_stream=stream_id(name),
            outcome_stream=stream_id(name, OUTCOME_LANE),
        )

    def _delay(self, name: str, delay: object) -> Delay:
        match delay:
            case Law():
                return delay
            case UntilRequest(quantity, value, falls):
                _, low, high, *_ = self.written.quantities[quantity.index]
                if not low <= value <= high:
                    self.problems.append(
                        f"{name}: waits for {quantity.name} at {value}, outside [{low}, {high}]"
                    )
                return Until(quantity.index, float(value), falls)
            case NextOpenRequest(calendar, need):
                try:
                    calendar.check_need(need)
                except ValueError as error:
                    self.problems.append(f"{name}: {error}")
                return NextOpen(self._calendar(calendar), float(need))
            case NextOpeningRequest(calendar):
                return NextOpening(self._calendar(calendar))
            case NextBusinessDayRequest(calendar):
                return NextBusinessDay(self._calendar(calendar))
            case NextTickRequest(period, offset):
                if not (period > 0 and math.isfinite(period) and math.isfinite(offset)):
                    self.problems.append(f"{name}: every({period}, {offset}) needs a period > 0")
                return NextTick(float(period), float(offset))
            case _:
                self.problems.append(
                    f"{name}: {delay!r} is no delay; give a law of pacsim.delays, next_open, "
                    "every, next_opening, next_business_day, or quantity.falls_to / rises_to"
                )
                return NextTick(1.0, 0.0)

    def _speed(self, name: str, speed: object) -> float:
        if not isinstance(speed, int | float) or not (math.isfinite(speed) and speed >= 0):
            self.problems.append(f"{name}: speed {speed!r} must be a finite number >= 0")
            return 1.0
        return float(speed)

    def _clock_rules(
        self,
        request: Mapping[str, Any],
        delay: Selector[Delay],
        speed: Selector[float],
        profile: int,
    ) -> None:
        name, age = request["name"], request["initial_age"]
        plain_speed = speed == Selector(NONE, (1.0,)) and profile == NONE
        for entry in delay.table:
            if isinstance(entry, Law):
                continue
            if not plain_speed:
                self.problems.append(
                    f"{name}: calendar and until delays run at speed 1 without a profile (R14, R20)"
                )
            if age != 0:
                self.problems.append(f"{name}: initial_age needs a law, not {entry!r}")
            if not isinstance(entry, Until) and request["memory"] != "restart":
                self.problems.append(f"{name}: a calendar delay allows only memory 'restart' (R14)")
        if not (math.isfinite(age) and age >= 0):
            self.problems.append(f"{name}: initial_age {age!r} must be finite and >= 0")

    def _priorities(self, transitions: list[Transition]) -> None:
        by_priority: dict[int, set[bool]] = {}
        for t in transitions:
            if t.priority is not None:
                by_priority.setdefault(t.priority, set()).add(t.fifo)
        for priority, kinds in sorted(by_priority.items()):
            if len(kinds) > 1:
                names = [t.name for t in transitions if t.priority == priority]
                self.problems.append(
                    f"priority {priority} is fifo for some and by index for others of "
                    f"{', '.join(names)}; make them all the same (R17)"
                )

    def _streams(self, transitions: list[Transition]) -> None:
        owner: dict[int, str] = {stream_id("calendar.origin"): "calendar.origin"}
        for t in transitions:
            lanes = {t.delay_stream: t.name, t.outcome_stream: f"{t.name} (outcome)"}
            for row in t.outcomes.table:
                for outcome in row:
                    for effect in outcome.effects:
                        lanes[effect.stream] = f"{t.name} (effect on element {effect.element})"
            for stream, who in lanes.items():
                if owner.setdefault(stream, who) != who:
                    self.problems.append(
                        f"{who} and {owner[stream]} share a random stream; rename one of them (R25)"
                    )

    def _observation(
        self, kind: str, name: str, fields: Mapping[str, Any], transitions: Mapping[str, int]
    ) -> watch.Observation:
        gate = self._gate(fields.get("gate"))
        when = self._gate(fields.get("when"))
        transition = NONE
        if "transition" in fields:
            transition = transitions.get(fields["transition"].name, NONE)
            if transition == NONE:
                self.problems.append(
                    f"observation {name!r}: no transition {fields['transition'].name!r}"
                )
        match kind:
            case "gate_time":
                return watch.GateTime(name, gate, fields["by_window"])
            case "level_integral":
                return watch.LevelIntegral(name, self._level(fields["level"]))
            case "level_time":
                level = self._value_level(name, fields["level"], None)
                return watch.LevelTime(name, level, max(0, self.folder.levels[level].high))
            case "firings":
                return watch.FiringCount(name, transition, fields["outcome"], when)
            case "entries":
                return watch.EntryCount(name, fields["element"].index, fields["states"])
            case "quantity_integral":
                return watch.QuantityIntegral(name, fields["quantity"].index)
            case "sample":
                return watch.Sample(
                    name,
                    transition,
                    fields["quantity"].index,
                    fields["outcome"],
                    when,
                    float(fields["scale"]),
                    float(fields["offset"]),
                )
            case "first_passage":
                return watch.FirstPassage(name, gate)
            case _:
                return watch.Episodes(
                    name,
                    gate,
                    fields["causes"],
                    fields["by_window"],
                    self._value_level(name, fields["at_start"], None),
                    self._value_level(name, fields["at_end"], None),
                    self._value_level(name, fields["phase"], watch.PHASES - 1),
                )

    def _value_level(self, name: str, level: Count | None, top: int | None) -> int:
        index = self._level(level)
        if index != NONE:
            found = self.folder.levels[index]
            if found.low < 0 or (top is not None and found.high > top):
                bound = "0 or more" if top is None else f"0..{top}"
                self.problems.append(
                    f"observation {name!r}: its level ranges over {found.low}..{found.high}; "
                    f"it must stay within {bound}"
                )
        return index
