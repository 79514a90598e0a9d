"""The observation half of the builder: what a run should report (R23-R24, R27-R28)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pacsim.core.checks import name_of, words_of
from pacsim.core.conditions import Condition, Count
from pacsim.core.expressions import AtLeast, GateExpr, LevelExpr, Not
from pacsim.core.written import ElementRef, QuantityRef, TransitionRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.delays.calendars import Intervals


class Watching:
    """Notes what was written; every method here adds one observation under a unique name."""

    def __init__(self) -> None:
        self.elements: list[ElementRef] = []
        self.flags: list[tuple[frozenset[int], frozenset[int]]] = []
        self.initials: list[int] = []
        self.lasting: list[bool] = []
        self.quantities: list[tuple[str, float, float, float | None, object, Intervals | None]] = []
        self.requests: list[dict[str, Any]] = []
        self.definitions: dict[str, GateExpr] = {}
        self.watched: list[tuple[str, str, Mapping[str, Any]]] = []
        self.problems: list[str] = []
        self.rounded: list[str] = []
        """What became of real capacities that had to be rounded (R6)."""
        self.distinct: list[tuple[str, tuple[GateExpr, ...]]] = []
        """Whose operands must all differ, which is known at build only."""

    def gate_time(self, name: str, condition: Condition, *, by_window: bool = False) -> None:
        """Observe the time during which a condition holds."""
        self._watch("gate_time", name, gate=condition, by_window=by_window)

    def level_integral(self, name: str, level: Count) -> None:
        """Observe the integral of a level over time; its values may be real."""
        self._watch("level_integral", name, level=level)

    def level_time(self, name: str, level: Count) -> None:
        """Observe the time spent at each value of a level, which must not go below 0."""
        self._watch("level_time", name, level=level)

    def changes(self, name: str, level: Count) -> None:
        """Record a level: a row for each value that holds over a positive time (R22)."""
        self._watch("changes", name, level=level)

    def firings(
        self,
        name: str,
        transition: TransitionRef,
        *,
        outcome: int = -1,
        when: Condition | None = None,
    ) -> None:
        """Observe firings of a transition: one outcome or all (-1), while ``when`` held before."""
        self._watch("firings", name, transitions=(transition,), outcome=outcome, when=when)

    def entries(self, name: str, element: ElementRef, states: str | Iterable[str]) -> None:
        """Observe how often an element enters a set of states, by its own firing or by effect."""
        words = words_of(states, f"observation {name!r}", self.problems.append)
        if not isinstance(element, ElementRef):
            self.problems.append(f"observation {name!r}: {element!r} is no element")
            return
        self._watch(
            "entries", name, element=element, states=frozenset(element.state(w) for w in words)
        )

    def quantity_integral(self, name: str, quantity: QuantityRef) -> None:
        """Observe the integral of a quantity over time."""
        self._watch("quantity_integral", name, quantity=quantity)

    def sample(
        self,
        name: str,
        transition: TransitionRef | Iterable[TransitionRef],
        quantity: QuantityRef | None = None,
        *,
        outcome: int = -1,
        when: Condition | None = None,
        scale: float = 1.0,
        offset: float = 0.0,
        profile: Intervals | None = None,
    ) -> None:
        """Observe ``offset + scale * x`` at each firing, before its jumps (R23).

        x is the quantity, or the time if none is given; several transitions may be sampled into
        one observation. With a profile P the quantity is an age in seconds and x is the amount
        ``P(now) - P(now - age)`` that came in over it: with 0.01 studies a second as ``scale`` and
        1 by day, 0.2 by night as profile, the studies of the hours since the last copy.
        """
        listed = isinstance(transition, Iterable) and not isinstance(transition, str)
        several: Any = transition if listed else (transition,)
        self._watch(
            "sample",
            name,
            transitions=tuple(several),
            quantity=quantity,
            outcome=outcome,
            when=when,
            scale=scale,
            offset=offset,
            profile=profile,
        )

    def first_passage(self, name: str, condition: Condition) -> None:
        """Observe the first time at which a condition holds over a positive time."""
        self._watch("first_passage", name, gate=condition)

    def episodes(
        self,
        name: str,
        condition: Condition,
        *,
        causes: bool = False,
        by_window: bool = False,
        at_start: Count | None = None,
        at_end: Count | None = None,
        phase: Count | None = None,
    ) -> None:
        """Observe every maximal interval in which a condition holds (R24), with causes if asked."""
        self._watch(
            "episodes",
            name,
            gate=condition,
            causes=causes,
            by_window=by_window,
            at_start=at_start,
            at_end=at_end,
            phase=phase,
        )

    def role(self, name: str, up: Condition) -> None:
        """Observe a role: its down time by window, split by planned and unplanned, with causes."""
        down = ~up if isinstance(up, Condition) else up
        self.episodes(name, down, causes=True, by_window=True)

    def _watch(self, kind: str, name: str, **fields: object) -> None:
        name = name_of(name, "observation", self.problems.append)
        if any(name == other for _, other, _ in self.watched):
            self.problems.append(f"observation {name!r} is defined twice")
        self.watched.append((kind, name, fields))


def first_true(exprs: tuple[GateExpr, ...]) -> LevelExpr:
    """Return the position of the first true expression, their number if none is true."""
    # One for every leading stretch in which none is true, so the range is 0..n exactly.
    prefixes = (exprs[: k + 1] for k in range(len(exprs)))
    none = (Not(AtLeast(1, prefix) if len(prefix) > 1 else prefix[0]) for prefix in prefixes)
    return LevelExpr(0, (), tuple((gate, 1) for gate in none))
