"""Turns what an author wrote into a frozen `Model`, collecting every mistake by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pacsim.core import observations as watch
from pacsim.core.checks import finite, gate_expr, level_expr, shown, strange, whole
from pacsim.core.conditions import Condition, Count
from pacsim.core.expressions import Forward
from pacsim.core.fold import Folder
from pacsim.core.model import (
    NONE,
    Element,
    Model,
    Outcome,
    Quantity,
    Selector,
    Transition,
    Until,
)
from pacsim.core.outcomes import OutcomeReader
from pacsim.core.reach import refusal
from pacsim.core.streams import OUTCOME_LANE, stream_id
from pacsim.core.waits import NO_DELAY, DelayReader
from pacsim.core.watch import first_true
from pacsim.core.written import ElementRef, Handle, QuantityRef, TransitionRef
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
        self.waits = DelayReader(written, self.problems)
        self.outcomes = OutcomeReader(written, self.problems)

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
        for owner, children in written.distinct:
            if len({self.folder.numbers.of(child) for child in children}) < len(children):
                self.problems.append(f"{owner} has the same condition twice; weigh it with count")
        self._priorities(transitions)
        self._streams(transitions)
        observations = tuple(
            self._observation(kind, name, fields, transitions)
            for kind, name, fields in written.watched
        )
        for observed in observations:
            why = refusal(observed, quantities, tuple(transitions))
            if why is not None:
                self.problems.append(f"observation {observed.name!r}: {why}")
        problems = list(dict.fromkeys(self.problems + self.folder.problems))
        if problems:
            raise ModelError(problems)
        return Model(
            elements=tuple(
                Element(ref.name, ref.states, initial, *flags, lasting)
                for ref, initial, flags, lasting in zip(
                    written.elements, written.initials, written.flags, written.lasting, strict=True
                )
            ),
            levels=tuple(self.folder.levels),
            gates=tuple(self.folder.gates),
            order=tuple(self.folder.order),
            transitions=tuple(transitions),
            quantities=quantities,
            calendars=tuple(self.waits.calendars),
            observations=observations,
            origin=written.origin,
            random_origin=written.random_origin,
            definitions=dict(written.definitions),
            notes=tuple(dict.fromkeys(written.rounded)),
        )

    def _flag(self, owner: str, what: str, value: object) -> bool:
        """Return a flag; engines read only true and false alike."""
        if not isinstance(value, bool | np.bool_):
            self.problems.append(f"{owner}: {what} must be True or False, got {shown(value)}")
            return False
        return bool(value)

    def _unique(self, names: list[str], what: str) -> None:
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.problems.append(f"{what} {name!r} is defined twice; names are unique")

    def _gate(self, owner: str, condition: Condition | None) -> int:
        if condition is None:
            return NONE
        self.folder.owner = owner
        return self.folder.gate(gate_expr(condition, self.written, owner, self.problems.append))

    def _level(self, owner: str, level: Count | None) -> int:
        if level is None:
            return NONE
        self.folder.owner = owner
        expr = level_expr(level, self.written, owner, self.problems.append)
        real = level.real.reduced() if isinstance(level, Count) and expr is level.expr else None
        if real is not None:
            expr = real.whole
        if real is not None and real.per > 1:
            self.problems.append(
                f"{owner}: a level with values that are not whole selects nothing and has no times "
                "of its own; compare it with thresholds, or observe its integral (R6)"
            )
        return self.folder.level(expr)

    def _real_level(self, owner: str, level: Count) -> tuple[int, float]:
        """Return the index of a level and what to multiply its values by."""
        expr = level_expr(level, self.written, owner, self.problems.append)
        if not isinstance(level, Count) or expr is not level.expr:
            return NONE, 1.0
        self.folder.owner = owner
        whole_level, scale, rounding = level.real.integral()
        if rounding is not None:
            self.written.rounded.append(rounding.words(level.names()))
        return self.folder.level(whole_level), scale

    def _select(
        self, owner: str, choices: object, read: Callable[[Any], T], default: T
    ) -> Selector[T]:
        """Return a selector for one value, for cases by condition, or for (level, table) (R10).

        ``default`` stands for what cannot be read.
        """
        if isinstance(choices, Mapping):
            conditions = [key for key in choices if key is not True]
            values = tuple(read(value) for value in choices.values()) or (default,)
            if True not in choices or not all(isinstance(c, Condition) for c in conditions):
                self.problems.append(
                    f"{owner}: cases need conditions as keys and a default under True"
                )
                return Selector(NONE, values[:1])
            if list(choices)[-1] is not True:
                self.problems.append(f"{owner}: the default True must be the last case")
            exprs = tuple(
                gate_expr(key, self.written, owner, self.problems.append) for key in conditions
            )
            self.folder.owner = owner
            return Selector(self.folder.level(first_true(exprs)), values)
        if isinstance(choices, tuple) and len(choices) == 2 and isinstance(choices[0], Count):
            count, table = choices
            index = self._level(owner, count)
            if not isinstance(table, tuple | list):
                self.problems.append(f"{owner}: (level, table) needs a tuple, got {table!r}")
                return Selector(NONE, (default,))
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
        owner = f"quantity {name}"
        numbers = all(
            finite(bound) is not None or bound in (float("inf"), float("-inf"))
            for bound in (low, high, 0.0 if start is None else start)
        )
        if not numbers:
            self.problems.append(
                f"{owner}: low {low!r}, high {high!r} and start {start!r} must be numbers"
            )
            low, high, start = 0.0, 1.0, None
        elif not low < high:
            self.problems.append(f"{owner}: bounds [{low}, {high}] need low < high")
        elif start is not None and not low <= start <= high:
            self.problems.append(f"{owner}: start {start} lies outside [{low}, {high}]")

        def read(value: object) -> float:
            number = finite(value)
            if number is None:
                self.problems.append(f"{owner}: rate {value!r} must be a finite number")
            return number or 0.0

        return Quantity(
            name,
            float(low),
            float(high),
            None if start is None else float(start),
            self._select(owner, rate, read, 0.0),
            self.waits.calendar(owner, profile),
        )

    def _transition(self, request: Mapping[str, Any]) -> Transition:
        name, element = request["name"], request["element"]
        self._ours(name, element, ElementRef)
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
        delay: Selector[Delay] | None = (
            self._select(name, request["delay"], lambda d: self.waits.delay(name, d), NO_DELAY)
            if timed
            else None
        )
        speed = self._select(name, request["speed"], lambda v: self._speed(name, v), 1.0)
        profile = self.waits.calendar(name, request["profile"])
        age = request["initial_age"]
        found = finite(age)
        if found is None or found < 0:
            self.problems.append(f"{name}: initial_age {age!r} must be finite and >= 0")
        age = found or 0.0
        if delay is not None:
            self._clock_rules(request, age, delay, speed, profile)
        if request["outcomes"] is None:
            outcomes: Selector[tuple[Outcome, ...]] = Selector(
                NONE, (self.outcomes.single(name, element, default_target, request),)
            )
        else:
            outcomes = self._select(
                name,
                request["outcomes"],
                lambda rows: self.outcomes.table(name, element, rows),
                (),
            )
        return Transition(
            name=name,
            element=element.index,
            sources=sources,
            guard=self._gate(f"{name}: when", request["when"]),
            delay=delay,
            priority=request["priority"],
            fifo=self._flag(name, "fifo", request["fifo"]),
            memory=request["memory"],
            speed=speed,
            profile=profile,
            outcomes=outcomes,
            cls=request["cls"],
            rank=whole(request["rank"], f"{name}: rank", self.problems.append),
            initial_age=age,
            delay_stream=stream_id(name),
            outcome_stream=stream_id(name, OUTCOME_LANE),
        )

    def _speed(self, name: str, speed: object) -> float:
        number = finite(speed)
        if number is None or number < 0:
            self.problems.append(f"{name}: speed {speed!r} must be a finite number >= 0")
            return 1.0
        return number

    def _clock_rules(
        self,
        request: Mapping[str, Any],
        age: float,
        delay: Selector[Delay],
        speed: Selector[float],
        profile: int,
    ) -> None:
        name = request["name"]
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
        self,
        kind: str,
        name: str,
        fields: Mapping[str, Any],
        transitions: list[Transition],
    ) -> watch.Observation:
        owner, index = f"observation {name!r}", {t.name: i for i, t in enumerate(transitions)}
        if "gate" in fields and fields["gate"] is None:
            self.problems.append(f"{owner}: None is no condition")
        if "level" in fields and fields["level"] is None:
            self.problems.append(f"{owner}: None is no level")
        gate = self._gate(owner, fields.get("gate"))
        when = self._gate(f"{owner}: when", fields.get("when"))
        quantity = outcome = NONE
        listed = fields.get("transitions", ())
        watched = [index[one.name] for one in listed if self._ours(owner, one, TransitionRef)]
        if len(set(watched)) < len(watched):
            self.problems.append(f"{owner}: a transition is listed twice")
        if "transitions" in fields and not listed:
            self.problems.append(f"{owner}: no transition is given, so it would see nothing")
        if "outcome" in fields:
            outcome = whole(fields["outcome"], f"{owner}: outcome", self.problems.append)
        for transition in (transitions[i] for i in watched):
            rows = max((len(row) for row in transition.outcomes.table), default=0)
            if not -1 <= outcome < rows:
                self.problems.append(
                    f"{owner}: {transition.name} has no outcome {outcome}; "
                    f"they are 0..{rows - 1}, or -1 for all"
                )
        given: Any = fields.get("quantity")
        if "quantity" in fields and (given is not None or kind != "sample"):
            if self._ours(owner, given, QuantityRef):
                quantity = given.index
        elif fields.get("profile") is not None:
            self.problems.append(f"{owner}: a profile needs a quantity that is an age")
        match kind:
            case "gate_time":
                return watch.GateTime(
                    name, gate, self._flag(owner, "by_window", fields["by_window"])
                )
            case "level_integral":
                if fields["level"] is None:
                    return watch.LevelIntegral(name, NONE)
                return watch.LevelIntegral(name, *self._real_level(owner, fields["level"]))
            case "level_time":
                level = self._value_level(name, fields["level"], None)
                high = 0 if level == NONE else self.folder.levels[level].high
                return watch.LevelTime(name, level, max(0, high))
            case "changes":
                if fields["level"] is None:
                    return watch.Changes(name, NONE)
                return watch.Changes(name, *self._real_level(owner, fields["level"]))
            case "firings":
                return watch.FiringCount(name, watched[0] if watched else NONE, outcome, when)
            case "entries":
                self._ours(owner, fields["element"], ElementRef)
                return watch.EntryCount(name, fields["element"].index, fields["states"])
            case "quantity_integral":
                return watch.QuantityIntegral(name, quantity)
            case "sample":
                return watch.Sample(
                    name,
                    tuple(watched),
                    quantity,
                    outcome,
                    when,
                    self._finite(owner, "scale", fields["scale"]),
                    self._finite(owner, "offset", fields["offset"]),
                    self.waits.calendar(owner, fields["profile"]),
                )
            case "first_passage":
                return watch.FirstPassage(name, gate)
            case _:
                return watch.Episodes(
                    name,
                    gate,
                    self._flag(owner, "causes", fields["causes"]),
                    self._flag(owner, "by_window", fields["by_window"]),
                    self._value_level(name, fields["at_start"], None),
                    self._value_level(name, fields["at_end"], None),
                    self._value_level(name, fields["phase"], watch.PHASES - 1),
                )

    def _ours(self, owner: str, handle: object, kind: type) -> bool:
        """Return whether it is a handle of this builder; else note what is wrong with it."""
        if not isinstance(handle, kind) or not isinstance(handle, Handle):
            what = kind.__name__.removesuffix("Ref").lower()
            self.problems.append(f"{owner}: {shown(handle)} is no {what}")
        elif handle.builder is not self.written:
            strange([handle.name], owner, self.problems.append)
        else:
            return True
        return False

    def _finite(self, owner: str, what: str, value: object) -> float:
        number = finite(value)
        if number is None:
            self.problems.append(f"{owner}: {what} {value!r} must be a finite number")
            return 1.0
        return number

    def _value_level(self, name: str, level: Count | None, top: int | None) -> int:
        index = self._level(f"observation {name!r}", level)
        if index != NONE:
            found = self.folder.levels[index]
            if found.low < 0 or (top is not None and found.high > top):
                bound = "0 or more" if top is None else f"0..{top}"
                self.problems.append(
                    f"observation {name!r}: its level ranges over {found.low}..{found.high}; "
                    f"it must stay within {bound}"
                )
        return index
