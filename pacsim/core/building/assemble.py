"""Turns what an author wrote into a frozen `Model`, collecting every mistake by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacsim.core import dormant
from pacsim.core.argument_checks import finite
from pacsim.core.building.calendar_span import refusal
from pacsim.core.building.delay_reader import DelayReader
from pacsim.core.building.expression_reader import ExpressionReader
from pacsim.core.building.fold import Folder
from pacsim.core.building.observation_reader import ObservationReader
from pacsim.core.building.outcome_reader import OutcomeReader
from pacsim.core.building.transition_reader import TransitionReader
from pacsim.core.model import NONE, Dormant, Element, Forward, Model, Quantity, alike
from pacsim.core.streams import stream_id
from pacsim.core.writing.handles import TransitionRef
from pacsim.errors import ModelError

if TYPE_CHECKING:
    from pacsim.core.model import Transition
    from pacsim.core.writing.written_model import (
        DormantRequest,
        ElementRequest,
        QuantityRequest,
        WrittenModel,
    )


@dataclass(frozen=True, slots=True)
class Assembled:
    """A model, and what was learnt in building it that helps to build one that is like it.

    Parameters
    ----------
    model : Model
        Frozen.
    folder : Folder
        With all its levels and gates.
    """

    model: Model
    folder: Folder


def assembled(written: WrittenModel, known: Assembled | None = None) -> Assembled:
    """Return the frozen model of what was written.

    Parameters
    ----------
    written : WrittenModel
        By a builder.
    known : Assembled, optional
        A model that may differ in numbers alone; then nothing is folded anew, and what depends on
        conditions and arrows only is not checked again. The model is the same either way.

    Raises
    ------
    ModelError
        With every mistake found.
    """
    if known is not None:
        made = _like(written, known)
        if made is not None:
            return made
    assembler = Assembler(written)
    return Assembled(assembler.model(), assembler.folder)


def _like(written: WrittenModel, known: Assembled) -> Assembled | None:
    """Return the model if it differs from a known one in numbers alone, None if in more."""
    before = known.model
    elements = tuple(_element(one) for one in written.elements)
    folder = known.folder.again(written.definitions) if elements == before.elements else None
    if folder is None:
        return None
    assembler = Assembler(written, folder)
    model = assembler.read()
    if assembler.problems or folder.problems or not alike(before, model):
        return None
    # One object stands for equal ones, which are then soon told to be equal.
    pairs = zip(before.transitions, model.transitions, strict=True)
    kept = tuple(was if was == now else now for was, now in pairs)
    model = replace(model, transitions=kept)
    if dormant.may_differ(before, model) and dormant.all_problems(model):
        return None
    return Assembled(model, known.folder)


def _element(request: ElementRequest) -> Element:
    return Element(
        request.name, request.states, request.initial, request.fault, request.planned,
        request.lasting,
    )  # fmt: skip


class Assembler:
    """One build: folds gates, reads transitions, checks, freezes.

    Parameters
    ----------
    written : WrittenModel
        By a builder.
    folder : Folder, optional
        That knows the model's gates already.
    """

    def __init__(self, written: WrittenModel, folder: Folder | None = None) -> None:
        self.written = written
        self.problems = problems = list(written.problems)
        if folder is None:
            folder = Folder([len(e.states) for e in written.elements], written.definitions)
        self.folder = folder
        self.expressions = ExpressionReader(
            written.home, self.folder, problems, list(written.rounded)
        )
        self.delays = DelayReader(written.home, written.quantities, problems)
        self.transitions = TransitionReader(
            self.expressions, self.delays, OutcomeReader(written.home, problems), problems
        )

    def model(self) -> Model:
        """Return the frozen model, or raise `ModelError` with all mistakes."""
        written = self.written
        self._unique([e.name for e in written.elements], "element")
        self._unique([q.name for q in written.quantities], "quantity")
        self._unique([t.name for t in written.transitions], "transition")
        model = self.read()
        self._refuse_if_wrong()
        self.problems += dormant.all_problems(model)
        self._refuse_if_wrong()
        return model

    def read(self) -> Model:
        """Return the model with all that was found wrong in ``problems``, for `model` to raise."""
        written = self.written
        quantities = tuple(self.quantity(request) for request in written.quantities)
        transitions = sorted(
            (self.transitions.read(request) for request in written.transitions),
            key=lambda t: (t.rank, t.name),
        )
        for name in written.definitions:
            self.folder.gate(Forward(name))
        for owner, children in written.distinct:
            if len({self.folder.numbers.of(child) for child in children}) < len(children):
                self.problems.append(f"{owner} has the same condition twice; weigh it with count")
        self._priorities(transitions)
        self._streams(transitions)
        reader = ObservationReader(self.expressions, self.delays, transitions, self.problems)
        observations = tuple(reader.read(request) for request in written.observations)
        for observed in observations:
            why = refusal(observed, quantities, tuple(transitions))
            if why is not None:
                self.problems.append(f"observation {observed.name!r}: {why}")
        places = {t.name: i for i, t in enumerate(transitions)}
        sleepers = tuple(self._dormant(request, places) for request in written.dormant)
        return Model(
            elements=tuple(map(_element, written.elements)),
            levels=tuple(self.folder.levels),
            gates=tuple(self.folder.gates),
            order=tuple(self.folder.order),
            transitions=tuple(transitions),
            quantities=quantities,
            calendars=tuple(self.delays.calendars),
            observations=observations,
            origin=written.origin,
            random_origin=written.random_origin,
            definitions=dict(written.definitions),
            notes=tuple(dict.fromkeys(self.expressions.rounded)),
            dormant=sleepers,
        )

    def _refuse_if_wrong(self) -> None:
        problems = list(dict.fromkeys(self.problems + self.folder.problems))
        if problems:
            raise ModelError(problems)

    def _dormant(self, request: DormantRequest, places: dict[str, int]) -> Dormant:
        owner = "dormant set"

        def place(asked: TransitionRef) -> int:
            ours = self.expressions.ours(owner, asked, TransitionRef)
            return places.get(asked.name, NONE) if ours else NONE

        return Dormant(
            self.expressions.gate(owner, request.when),
            place(request.start),
            place(request.end),
            NONE if request.expiry is None else place(request.expiry),
        )

    def _unique(self, names: list[str], what: str) -> None:
        for name in sorted(name for name, times in Counter(names).items() if times > 1):
            self.problems.append(f"{what} {name!r} is defined twice; names are unique")

    def quantity(self, request: QuantityRequest) -> Quantity:
        """Return a quantity, or note what is wrong with it."""
        owner = f"quantity {request.name}"
        low, high, start = request.low, request.high, request.start
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
            request.name,
            float(low),
            float(high),
            None if start is None else float(start),
            self.expressions.select(owner, request.rate, read, 0.0),
            self.delays.calendar(owner, request.profile),
        )

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
