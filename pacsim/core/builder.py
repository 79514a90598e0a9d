"""The pleasant way to write a `Model`: elements, arrows, conditions; all mistakes named at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pacsim.core.assemble import Assembler
from pacsim.core.expressions import AtLeast, Connected, Forward, GateExpr, LevelExpr
from pacsim.core.watch import Watching
from pacsim.core.written import (
    Condition,
    Count,
    EffectRequest,
    ElementRef,
    QuantityRef,
    TransitionRef,
)
from pacsim.delays.calendars import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacsim.core.model import Class, Memory, Model
    from pacsim.core.requests import Numbers
    from pacsim.delays.calendars import Intervals

T = TypeVar("T")


class ModelBuilder(Watching):
    """Collects elements, transitions, quantities and observations, then builds a frozen `Model`.

    Nothing is checked until `build`, which reports every mistake at once, by name.

    Parameters
    ----------
    origin : Origin, optional
        Civil date of t = 0; a Monday if not given (R1).
    random_origin : bool
        Shift all calendars of each replication by a uniform share of a week (R1).

    Examples
    --------
    A two-unit cold standby system with one repair crew:

    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays.laws import Exponential
    >>> m = ModelBuilder()
    >>> units = {x: m.element(x, "up waiting work", fault="waiting work") for x in "ab"}
    >>> serving = m.element("serving", "a b")
    >>> free = 1 - m.count(unit == "work" for unit in units.values())
    >>> for me, other in ("ab", "ba"):
    ...     u, v = units[me], units[other]
    ...     fail = u.after("up -> waiting", Exponential(1000.0), "fail", cls="fault",
    ...                    memory="keep", speed={serving == me: 1.0, True: 0.0})
    ...     start = u.now("waiting -> work", 50, "start", when=free >= 1, fifo=True)
    ...     done = u.after("work -> up", Exponential(24.0), "repair", cls="repair", renew=True)
    ...     switch = serving.now(f"{me} -> {other}", 20, f"to-{other}",
    ...                          when=(u != "up") & (v == "up"))
    >>> m.gate_time("down", ~m.any(unit == "up" for unit in units.values()))
    >>> m.build()
    <Model: 3 elements, 8 transitions, 4 gates, 0 quantities>
    """

    def __init__(self, origin: Origin | None = None, *, random_origin: bool = False) -> None:
        super().__init__()
        self.origin = origin or Origin()
        self.random_origin = random_origin

    def element(
        self,
        name: str,
        states: str | Iterable[str],
        *,
        fault: str | Iterable[str] = (),
        planned: str | Iterable[str] = (),
        initial: str | None = None,
    ) -> ElementRef:
        """Add an element; states are names separated by spaces, the first one is initial (R4).

        Parameters
        ----------
        name : str
            Unique over elements.
        states : str or iterable of str
            At least one; unique.
        fault, planned : str or iterable of str
            States that are flagged.
        initial : str, optional
            Initial state, if it is not the first.
        """
        names = _words(states)
        ref = ElementRef(self, len(self.elements), name, names)
        self.elements.append(ref)
        if not names or len(set(names)) < len(names):
            self.problem(f"element {name}: states must be there and differ, got {states!r}")
        self.flags.append(
            (
                frozenset(ref.state(word) for word in _words(fault)),
                frozenset(ref.state(word) for word in _words(planned)),
            )
        )
        self.initials.append(ref.state(initial) if initial is not None else 0)
        return ref

    def counter(self, name: str, top: int, initial: int = 0) -> ElementRef:
        """Add an element whose states are the numbers 0 to ``top`` (R4)."""
        return self.element(name, [str(i) for i in range(top + 1)], initial=str(initial))

    def quantity(
        self,
        name: str,
        *,
        low: float,
        high: float,
        start: float | None,
        rate: Numbers = 0.0,
        profile: Intervals | None = None,
    ) -> QuantityRef:
        """Add a real in [low, high] with a piecewise-constant rate (R19).

        Parameters
        ----------
        name : str
            Unique over quantities.
        low, high : float
            Bounds, low < high; high may be infinite.
        start : float or None
            Value at t = 0; None reads as never until the first jump.
        rate : float or cases
            Units per second, any sign.
        profile : Intervals, optional
            Calendar on which the rate holds.
        """
        self.quantities.append((name, low, high, start, rate, profile))
        return QuantityRef(len(self.quantities) - 1, name)

    def gate(self, name: str, condition: Condition) -> Condition:
        """Name a condition: it is shared, shown in results and may have been used before."""
        if name in self.definitions:
            self.problem(f"gate {name!r} is defined twice; give each definition its own name")
        self.definitions[name] = condition.expr
        return Condition(Forward(name))

    @staticmethod
    def forward(name: str) -> Condition:
        """Return a condition that `gate` defines later under this name."""
        return Condition(Forward(name))

    def all(self, conditions: Iterable[Condition]) -> Condition:
        """Return the condition "all of them"; true for none."""
        children = self._children(conditions)
        return Condition(AtLeast(len(children), children))

    def any(self, conditions: Iterable[Condition]) -> Condition:
        """Return the condition "at least one of them"; false for none."""
        return Condition(AtLeast(1, self._children(conditions)))

    def at_least(self, k: int, conditions: Iterable[Condition]) -> Condition:
        """Return the condition "at least ``k`` of them"; the same child twice is a mistake (R5)."""
        children = self._children(conditions)
        if len(set(children)) < len(children):
            self.problem(f"at_least({k}, ...) has the same condition twice; weigh it with count")
        return Condition(AtLeast(k, children))

    def always(self) -> Condition:
        """Return the condition that always holds."""
        return Condition(AtLeast(0, ()))

    def count(self, conditions: Iterable[Condition]) -> Count:
        """Return the level "how many of them hold" (R5)."""
        return Count(LevelExpr(0, (), tuple((child, 1) for child in self._children(conditions))))

    def first_of(self, conditions: Iterable[Condition]) -> Count:
        """Return the position of the first true condition, their number if none is true."""
        return self.first_true(tuple(conditions))

    def connected(
        self,
        vertices: Mapping[str, Condition | None],
        edges: Iterable[tuple[str, str] | tuple[str, str, Condition | None]],
        sources: Iterable[str],
        targets: Iterable[str],
        *,
        directed: bool = False,
    ) -> Condition:
        """Return the condition that a path of alive parts joins sources to targets (R7).

        Parameters
        ----------
        vertices : dict
            Name to the condition "alive", or None for one that always is.
        edges : iterable
            (from, to) or (from, to, alive condition).
        sources, targets : iterable of str
            Vertex names; ends must be alive too.
        directed : bool
            Whether edges lead one way only.
        """
        names = list(vertices)
        for name in {*sources, *targets, *(end for edge in edges for end in edge[:2])} - set(names):
            self.problem(f"connected: no vertex {name!r} among {', '.join(names)}")
            return self.always()
        index = {name: i for i, name in enumerate(names)}
        return Condition(
            Connected(
                tuple(None if alive is None else alive.expr for alive in vertices.values()),
                tuple(_edge(edge, index, directed=directed) for edge in edges),
                tuple(index[name] for name in sources),
                tuple(index[name] for name in targets),
            )
        )

    def add_transition(
        self,
        element: ElementRef,
        arrow: str,
        name: str,
        *,
        delay: object,
        priority: int | None,
        fifo: bool,
        memory: Memory,
        speed: Numbers,
        profile: Intervals | None,
        outcomes: object,
        effects: Iterable[EffectRequest],
        renew: bool,
        when: Condition | None,
        cls: Class,
        rank: int,
        initial_age: float,
    ) -> TransitionRef:
        """Note a transition; `ElementRef.after` and `ElementRef.now` are the ways to call this."""
        full = f"{element.name}.{name}"
        self.requests.append(
            {
                "name": full,
                "element": element,
                "arrow": arrow,
                "delay": delay,
                "priority": priority,
                "fifo": fifo,
                "memory": memory,
                "speed": speed,
                "profile": profile,
                "outcomes": outcomes,
                "effects": tuple(effects),
                "renew": renew,
                "when": when,
                "cls": cls,
                "rank": rank,
                "initial_age": initial_age,
            }
        )
        return TransitionRef(full)

    def problem(self, text: str) -> None:
        """Note a mistake that `build` will report with all the others."""
        self.problems.append(text)

    def build(self) -> Model:
        """Return the frozen model.

        Raises
        ------
        ModelError
            With every mistake found, each naming the element, transition, gate or quantity.
        """
        return Assembler(self).model()

    @staticmethod
    def _children(conditions: Iterable[Condition]) -> tuple[GateExpr, ...]:
        return tuple(condition.expr for condition in conditions)


def _words(names: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(names.split()) if isinstance(names, str) else tuple(names)


def _edge(
    edge: tuple[str, str] | tuple[str, str, Condition | None],
    index: Mapping[str, int],
    *,
    directed: bool,
) -> tuple[int, int, bool, GateExpr | None]:
    alive = edge[2] if len(edge) == 3 else None
    return index[edge[0]], index[edge[1]], directed, None if alive is None else alive.expr
