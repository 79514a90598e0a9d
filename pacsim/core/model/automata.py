"""The frozen model: guarded stochastic automata that every engine reads and none changes.

The rules it follows are numbered R1 to R28 in `docs/semantics.md`. A `Model` is made by
`pacsim.core.ModelBuilder`; nothing here checks anything, the builder has done so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from pacsim.core.model.expressions import GateExpr, LevelExpr
    from pacsim.core.model.observation_kinds import Observation
    from pacsim.delays.calendars import Intervals, TimeOrigin
    from pacsim.delays.law import Law

T = TypeVar("T")
Class = Literal["fault", "reaction", "repair", "planned", "tick"]
Memory = Literal["restart", "resume", "keep"]
NONE = -1
"""Index that stands for "no gate", "no level", "no profile"."""


@dataclass(frozen=True, slots=True)
class Element:
    """A finite set of local states; a state may be flagged as a fault or as planned work (R4).

    A *lasting* one outlives what moved it: it is read as it is when planned and unplanned down time
    are told apart (R28).
    """

    name: str
    states: tuple[str, ...]
    initial: int
    fault: frozenset[int]
    planned: frozenset[int]
    lasting: bool = False

    def flagged(self, state: int) -> bool:
        """Return whether the state is a fault or planned work.

        Examples
        --------
        >>> Element("a", ("up", "down"), 0, frozenset({1}), frozenset()).flagged(1)
        True
        """
        return state in self.fault or state in self.planned


@dataclass(frozen=True, slots=True)
class Level:
    """A folded integer sum over states and gates with its range (R5)."""

    name: str
    constant: int
    elements: tuple[tuple[int, tuple[int, ...]], ...]
    gates: tuple[tuple[int, int], ...]
    low: int
    high: int
    expr: LevelExpr


@dataclass(frozen=True, slots=True)
class Connection:
    """A folded connected gate: vertices and edges with the index of their gate, or `NONE` (R7)."""

    vertices: tuple[int, ...]
    edges: tuple[tuple[int, int, bool, int], ...]
    sources: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """``level >= k``, or connected; ``expr`` is the unfolded form (R5-R7).

    ``level`` is `NONE` for a connected gate, and then ``connection`` is set.
    """

    name: str
    level: int
    k: int
    connection: Connection | None
    expr: GateExpr


@dataclass(frozen=True, slots=True)
class Selector(Generic[T]):
    """A table indexed by a level; with ``level == NONE`` the only entry always holds (R10)."""

    level: int
    table: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Until:
    """Fires when the quantity meets ``value`` from the side the direction says (R20)."""

    quantity: int
    value: float
    falls: bool


@dataclass(frozen=True, slots=True)
class NextOpen:
    """Absolute time of the next moment with ``need`` seconds left in one open interval (R2)."""

    calendar: int
    need: float


@dataclass(frozen=True, slots=True)
class NextOpening:
    """Absolute time of the first opening strictly later than now (R2); schedule ticks use it."""

    calendar: int


@dataclass(frozen=True, slots=True)
class NextBusinessDay:
    """Absolute time of the first opening on a later civil date than now's (R2)."""

    calendar: int


@dataclass(frozen=True, slots=True)
class NextTick:
    """Absolute time of the smallest ``offset + k * period`` strictly later than now."""

    period: float
    offset: float


Delay: TypeAlias = "Law | Until | NextOpen | NextOpening | NextBusinessDay | NextTick"


@dataclass(frozen=True, slots=True)
class ElementEffect:
    """Move and/or renew another element, together, with probability ``p`` (R9).

    ``moves[s]`` is the new state of an element found in state ``s``, or `NONE` when ``s`` is not in
    the map; ``moves`` is None for a renewal without a map. ``stream`` is its lane (R25).
    """

    element: int
    moves: tuple[int, ...] | None
    renew: bool
    p: float
    counter: bool
    stream: int


@dataclass(frozen=True, slots=True)
class Jump:
    """``quantity := value``, ``+= value`` or ``:= other`` (R9)."""

    quantity: int
    how: Literal["set", "add", "copy"]
    value: float
    other: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a firing can end: probability, target state of the own element, effects (R9)."""

    p: float
    target: int
    renew_self: bool
    effects: tuple[ElementEffect, ...]
    jumps: tuple[Jump, ...]


@dataclass(frozen=True, slots=True)
class Transition:
    """A timed (``delay``) or immediate (``priority``) transition of one element (R8).

    An ``automatic`` one brings something back and nobody has to do it. No engine reads that.
    """

    name: str
    element: int
    sources: frozenset[int]
    guard: int
    delay: Selector[Delay] | None
    priority: int | None
    fifo: bool
    memory: Memory
    speed: Selector[float]
    profile: int
    outcomes: Selector[tuple[Outcome, ...]]
    cls: Class
    rank: int
    initial_age: float
    delay_stream: int
    outcome_stream: int
    automatic: bool = False

    @property
    def timed(self) -> bool:
        """Whether it waits for a delay rather than firing at once."""
        return self.delay is not None

    @property
    def is_root(self) -> bool:
        """Whether a firing is its own root: timed, of class fault, planned or tick (R27)."""
        return self.timed and self.cls in {"fault", "planned", "tick"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A bounded real with a piecewise-constant rate (R19); ``start`` None reads as never."""

    name: str
    low: float
    high: float
    start: float | None
    rate: Selector[float]
    profile: int


@dataclass(frozen=True, slots=True)
class Dormant:
    """A cycle of runs that nobody looks at while ``gate`` holds (`pacsim.core.dormant`).

    ``start`` begins a run and ``end`` ends it; what a good one keeps is let go by ``expiry``, or
    never if that is `NONE`.
    """

    gate: int
    start: int
    end: int
    expiry: int


@dataclass(frozen=True, slots=True)
class Model:
    """Elements, levels, gates, transitions, quantities and observations, frozen and checked.

    ``order`` lists levels ("L", i) and gates ("G", i) so that each comes after what it reads.
    Transitions are sorted by (rank, name), which is their order among ties (R8). Times are in
    seconds. Engines read a model and never change it.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Exponential
    >>> m = ModelBuilder()
    >>> disk = m.element("disk", "up down", fault="down")
    >>> fail = disk.after("up -> down", Exponential(1e7), "fail", cls="fault")
    >>> model = m.build()
    >>> model.transitions[model.transition("disk.fail")].is_root
    True
    """

    elements: tuple[Element, ...]
    levels: tuple[Level, ...]
    gates: tuple[Gate, ...]
    order: tuple[tuple[Literal["L", "G"], int], ...]
    transitions: tuple[Transition, ...]
    quantities: tuple[Quantity, ...]
    calendars: tuple[Intervals, ...]
    observations: tuple[Observation, ...]
    origin: TimeOrigin
    random_origin: bool
    definitions: dict[str, GateExpr] = field(default_factory=dict)
    """What each `Forward` gate was defined as, for engines that read unfolded expressions."""
    notes: tuple[str, ...] = ()
    """What was rounded when real capacities were scaled to integers (R6)."""
    dormant: tuple[Dormant, ...] = ()
    """What engines may leave alone at times; it changes nothing of what happens."""

    def __repr__(self) -> str:
        """Return the model's size in words."""
        return (
            f"<Model: {len(self.elements)} elements, {len(self.transitions)} transitions, "
            f"{len(self.gates)} gates, {len(self.quantities)} quantities>"
        )

    def element(self, name: str) -> int:
        """Return the index of the element of that name; KeyError if there is none."""
        return _find(self.elements, name, "element")

    def transition(self, name: str) -> int:
        """Return the index of the transition of that name; KeyError if there is none."""
        return _find(self.transitions, name, "transition")

    def gate(self, name: str) -> int:
        """Return the index of the gate of that name; KeyError if there is none."""
        return _find(self.gates, name, "gate")


def _find(items: tuple[Element | Transition | Gate, ...], name: str, what: str) -> int:
    for index, item in enumerate(items):
        if item.name == name:
            return index
    msg = f"no {what} {name!r} in this model"
    raise KeyError(msg)
