"""What an author holds while writing a model: elements, transitions, effects, quantities.

These objects only record expressions; `pacsim.core.builder.ModelBuilder` makes and checks them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from pacsim.core.argument_checks import whole
from pacsim.core.model import In, LevelExpr, Weights
from pacsim.core.writing.capacities import Real, ratio
from pacsim.core.writing.conditions import Condition, Count, Home
from pacsim.core.writing.transition_requests import (
    ClockRequest,
    EndRequest,
    JumpRequest,
    MoveRequest,
    TransitionRequest,
    TurnRequest,
    UntilRequest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core.model import Class, Memory
    from pacsim.core.writing.transition_requests import Delays, EffectRequest, Numbers, Outcomes
    from pacsim.delays.calendars import Intervals


class _Builder(Home, Protocol):
    def add_transition(self, request: TransitionRequest) -> TransitionRef: ...


class ElementRef:
    """An element of the model being written.

    ``element == "up"`` and ``element.among("up", "spare")`` are conditions; `after` and `now` add
    transitions; `move`, `renew` and `step` are effects for other elements' transitions.

    Parameters
    ----------
    builder : ModelBuilder
        Which made it, by `ModelBuilder.element`.
    index : int
        Its number, from 0.
    name : str
        As given.
    states : tuple of str
        Their names.
    """

    __slots__ = ("_in", "builder", "index", "name", "states")

    def __init__(self, builder: _Builder, index: int, name: str, states: tuple[str, ...]) -> None:
        self._in: dict[str, Condition] = {}
        self.builder = builder
        self.index = index
        self.name = name
        self.states = states

    def __hash__(self) -> int:
        return hash((id(self.builder), self.index))

    def __eq__(self, state: object) -> Condition:  # type: ignore[override]
        return self.among(self._word(state))

    def __ne__(self, state: object) -> Condition:  # type: ignore[override]
        return ~self.among(self._word(state))

    def _word(self, state: object) -> str:
        # Falling back to identity would make a plain bool, which is a case of its own.
        if isinstance(state, str):
            return state
        rule = f"{self.name} is compared with {state!r}; give the name of one of its states"
        self.builder.problem(rule)
        return self.states[0]

    def __repr__(self) -> str:
        return f"<element {self.name}: {' '.join(self.states)}>"

    def state(self, name: str) -> int:
        """Return the index of a state; a name that does not exist is noted as a problem.

        Parameters
        ----------
        name : str
            Of a state of this element.
        """
        if name in self.states:
            return self.states.index(name)
        self.builder.problem(
            f"element {self.name}: no state {name!r}; it has {', '.join(self.states)}"
        )
        return 0

    def among(self, *states: str) -> Condition:
        """Return the condition "the element is in one of these states".

        Parameters
        ----------
        *states : str
            Names of states.
        """
        one = states[0] if len(states) == 1 and isinstance(states[0], str) else ""
        if one in self._in:
            return self._in[one]
        expr = In(self.index, frozenset(self.state(name) for name in states))
        made = Condition(expr, self.builder)
        if one in self.states:
            # Asked for over and over; a state that is not there is noted each time.
            self._in[one] = made
        return made

    def value(self, weights: Mapping[str, float]) -> Count:
        """Return the level that has the given value in each named state and 0 in the others.

        Values need not be whole: see `Count`.

        Parameters
        ----------
        weights : mapping of str to float
            State to its value, finite; 0 for those left out.
        """
        table = [Fraction(0)] * len(self.states)
        if not isinstance(weights, Mapping):
            rule = f"value({weights!r}) must map states to numbers"
            self.builder.problem(f"element {self.name}: {rule}")
            weights = {}
        for name, weight in weights.items():
            owner = f"element {self.name}: value in state {name!r}"
            table[self.state(name)] = ratio(weight, owner, self.builder.problem)
        per = math.lcm(*(value.denominator for value in table))
        values = tuple(int(value * per) for value in table)
        return Count(Real(LevelExpr(0, (Weights(self.index, values),)), per), self.builder)

    def number(self) -> Count:
        """Return the index of the state as a level: the value of a counter."""
        return self.value({name: index for index, name in enumerate(self.states)})

    def after(
        self,
        arrow: str,
        delay: Delays,
        name: str,
        *,
        when: Condition | None = None,
        cls: Class = "reaction",
        memory: Memory = "restart",
        speed: Numbers = 1.0,
        profile: Intervals | None = None,
        outcomes: Outcomes | None = None,
        effects: Iterable[EffectRequest] = (),
        renew: bool = False,
        rank: int = 0,
        initial_age: float = 0.0,
        automatic: bool = False,
    ) -> TransitionRef:
        """Add a timed transition ``"from other -> to"`` that fires after a delay (R8).

        Parameters
        ----------
        arrow : str
            Source states, ``->`` and the target; no target when ``outcomes`` are given.
        delay : law or delay request, or cases
            A law of `pacsim.delays`, `next_open` and the like, ``quantity.falls_to(v)``, or a
            mapping of conditions to them (first true one wins, ``True`` is the default).
        name : str
            Unique within the element; the transition is called ``element.name``.
        when : Condition, optional
            Guard.
        cls : {"fault", "reaction", "repair", "planned", "tick"}
            Class (R8, R27).
        memory : {"restart", "resume", "keep"}
            What happens to the clock when it is interrupted (R12).
        speed : float or cases
            Work units per second; 0 freezes the clock (R11).
        profile : Intervals, optional
            Calendar on which the clock runs (R3).
        outcomes : list of `outcome`, or cases of such lists, optional
            Several ways to end, with probabilities.
        effects, renew
            Of the only outcome, when ``outcomes`` is not given.
        rank : int
            Order among ties, before the name.
        initial_age : float
            Age of a clock that starts at t = 0, in work units (R18).
        automatic : bool
            Whether nobody has to do it: a restart, a boot, a refuelling (R8). It changes nothing.

        Returns
        -------
        TransitionRef
            For observations.
        """
        clock = ClockRequest(delay, memory, speed, profile, initial_age)
        end = EndRequest(outcomes, effects, renew)
        return self.builder.add_transition(
            TransitionRequest(self, name, arrow, clock, end, when, cls, rank, automatic)
        )

    def now(
        self,
        arrow: str,
        priority: int,
        name: str,
        *,
        when: Condition | None = None,
        cls: Class = "reaction",
        fifo: bool = False,
        outcomes: Outcomes | None = None,
        effects: Iterable[EffectRequest] = (),
        renew: bool = False,
        rank: int = 0,
    ) -> TransitionRef:
        """Add an immediate transition; small priorities first, ``fifo`` by entry stamp (R16).

        Parameters
        ----------
        arrow : str
            ``"from -> to"``, states of this element.
        priority : int
            Small ones fire first.
        name : str
            Unique in the element.
        when : Condition, optional
            What must hold; always unless given.
        cls : {"fault", "reaction", "repair", "planned", "tick"}
            Class (R8, R27).
        fifo : bool
            Whether the one that has waited longest fires first.
        outcomes : list of `outcome`, or cases of such lists, optional
            Several ways to end, with probabilities; the arrow then has no target.
        effects : iterable of effect
            Moves of other elements, jumps of quantities.
        renew : bool
            Whether the clocks of the element begin anew.
        rank : int
            Order among equals of one priority.
        """
        turn, end = TurnRequest(priority, fifo), EndRequest(outcomes, effects, renew)
        return self.builder.add_transition(
            TransitionRequest(self, name, arrow, turn, end, when, cls, rank)
        )

    def move(self, moves: Mapping[str, str], *, p: float = 1.0, renew: bool = False) -> MoveRequest:
        """Return the effect that moves this element by a map, with probability ``p`` (R9).

        Parameters
        ----------
        moves : mapping of str to str
            Source state to target state of this element; others stay.
        p : float
            Probability, 0 to 1.
        renew : bool
            Whether its clocks begin anew.
        """
        if not isinstance(moves, Mapping) or not (moves or renew):
            self.builder.problem(
                f"element {self.name}: move({moves!r}) does nothing; map source states to targets"
            )
            moves = {}
        return MoveRequest(self, moves, renew, p, counter=False)

    def renew(self, *, p: float = 1.0) -> MoveRequest:
        """Return the effect that renews this element in whatever state it is (R9).

        Parameters
        ----------
        p : float
            Probability, 0 to 1.
        """
        return MoveRequest(self, None, renew=True, p=p, counter=False)

    def step(self, by: int) -> MoveRequest:
        """Return the effect that counts up or down; leaving the range is a run error.

        Parameters
        ----------
        by : int
            How many states up, or down if negative.
        """
        by = whole(by, f"element {self.name}: step", self.builder.problem)
        moves = {
            name: self.states[index + by]
            for index, name in enumerate(self.states)
            if 0 <= index + by < len(self.states)
        }
        if not moves:
            self.builder.problem(
                f"element {self.name}: step({by}) can never apply to its {len(self.states)} states"
            )
        return MoveRequest(self, moves, renew=False, p=1.0, counter=True)


@dataclass(frozen=True, slots=True)
class TransitionRef:
    """A transition of the model being written, for observations.

    Parameters
    ----------
    name : str
        In full, ``element.transition``.
    builder : ModelBuilder
        Which made it.
    """

    name: str
    builder: _Builder = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuantityRef:
    """A quantity of the model being written: jumps, and delays that wait for a value.

    Parameters
    ----------
    index : int
        Its number, from 0.
    name : str
        As given.
    builder : ModelBuilder
        Which made it, by `ModelBuilder.quantity`.
    """

    index: int
    name: str
    builder: _Builder = field(repr=False)

    def set(self, value: float) -> JumpRequest:
        """Return the jump ``quantity := value``.

        Parameters
        ----------
        value : float
            In the unit of the quantity.
        """
        return JumpRequest(self, "set", value, None)

    def add(self, value: float) -> JumpRequest:
        """Return the jump ``quantity += value``.

        Parameters
        ----------
        value : float
            In the unit of the quantity.
        """
        return JumpRequest(self, "add", value, None)

    def copy(self, other: QuantityRef) -> JumpRequest:
        """Return the jump ``quantity := other``, read before any jump of the step.

        Parameters
        ----------
        other : QuantityRef
            Of the same builder.
        """
        return JumpRequest(self, "copy", 0.0, other)

    def falls_to(self, value: float) -> UntilRequest:
        """Return the delay until the quantity is ``value`` or less (R20).

        Parameters
        ----------
        value : float
            In the unit of the quantity.
        """
        return UntilRequest(self, value, falls=True)

    def rises_to(self, value: float) -> UntilRequest:
        """Return the delay until the quantity is ``value`` or more (R20).

        Parameters
        ----------
        value : float
            In the unit of the quantity.
        """
        return UntilRequest(self, value, falls=False)


Handle = ElementRef | TransitionRef | QuantityRef
