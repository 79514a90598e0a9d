"""The observation half of the builder: what a run should report (R23-R24, R27-R28)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from pacsim.core.argument_checks import name_of, words_of
from pacsim.core.writing.conditions import Condition
from pacsim.core.writing.handles import ElementRef
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
    from pacsim.core.writing.conditions import Count
    from pacsim.core.writing.handles import QuantityRef, TransitionRef
    from pacsim.core.writing.observation_requests import ObservationRequest
    from pacsim.delays.calendars import Intervals


class Watching:
    """Notes what was written; every method here adds one observation under a unique name."""

    def __init__(self) -> None:
        self.observations: list[ObservationRequest] = []
        self.problems: list[str] = []

    def gate_time(self, name: str, condition: Condition, *, by_window: bool = False) -> None:
        """Observe the time during which a condition holds.

        Parameters
        ----------
        name : str
            Unique over observations, here and below.
        condition : Condition
            Of this builder.
        by_window : bool
            Whether it is also given for each window of the run.
        """
        self._watch(GateTimeRequest(self._named(name), condition, by_window))

    def level_integral(self, name: str, level: Count) -> None:
        """Observe the integral of a level over time.

        Parameters
        ----------
        name : str
            Unique over observations.
        level : Count
            Of this builder; its values may be real. The figure is in its unit times s.
        """
        self._watch(LevelIntegralRequest(self._named(name), level))

    def level_time(self, name: str, level: Count) -> None:
        """Observe the time spent at each value of a level.

        Parameters
        ----------
        name : str
            Unique over observations.
        level : Count
            Of this builder; its values are whole numbers >= 0. The figures are in s, one a value.
        """
        self._watch(LevelTimeRequest(self._named(name), level))

    def changes(self, name: str, level: Count) -> None:
        """Record a level: a row for each value that holds over a positive time (R22).

        Parameters
        ----------
        name : str
            Unique over observations.
        level : Count
            Of this builder.
        """
        self._watch(ChangesRequest(self._named(name), level))

    def firings(
        self,
        name: str,
        transition: TransitionRef,
        *,
        outcome: int = -1,
        when: Condition | None = None,
    ) -> None:
        """Observe firings of a transition.

        Parameters
        ----------
        name : str
            Unique over observations.
        transition : TransitionRef
            As `ElementRef.after` and `ElementRef.now` return it.
        outcome : int
            Number of the outcome that counts, from 0; -1 for all.
        when : Condition, optional
            What must hold just before the firing.
        """
        self._watch(FiringsRequest(self._named(name), transition, outcome, when))

    def entries(self, name: str, element: ElementRef, states: str | Iterable[str]) -> None:
        """Observe how often an element enters a set of states, by its own firing or by effect.

        Parameters
        ----------
        name : str
            Unique over observations.
        element : ElementRef
            Of this builder.
        states : str or iterable of str
            Moves among them do not count.
        """
        words = words_of(states, f"observation {name!r}", self.problems.append)
        if not isinstance(element, ElementRef):
            self.problems.append(f"observation {name!r}: {element!r} is no element")
            return
        entered = frozenset(element.state(word) for word in words)
        self._watch(EntriesRequest(self._named(name), element, entered))

    def quantity_integral(self, name: str, quantity: QuantityRef) -> None:
        """Observe the integral of a quantity over time.

        Parameters
        ----------
        name : str
            Unique over observations.
        quantity : QuantityRef
            Of this builder. The figure is in its unit times s.
        """
        self._watch(QuantityIntegralRequest(self._named(name), quantity))

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

        Parameters
        ----------
        name : str
            Unique over observations.
        transition : TransitionRef or iterable of TransitionRef
            At whose firings; at least one.
        quantity : QuantityRef, optional
            What is read.
        outcome : int
            Number of the outcome that counts, from 0; -1 for all.
        when : Condition, optional
            What must hold just before the firing.
        scale, offset : float
            Finite.
        profile : Intervals, optional
            On which an age is read as an amount; the age needs low=0 and an upper bound.
        """
        listed = isinstance(transition, Iterable) and not isinstance(transition, str)
        several = tuple(cast("Iterable[TransitionRef]", transition if listed else (transition,)))
        name = self._named(name)
        self._watch(SampleRequest(name, several, quantity, outcome, when, scale, offset, profile))

    def first_passage(self, name: str, condition: Condition) -> None:
        """Observe the first time at which a condition holds over a positive time.

        Parameters
        ----------
        name : str
            Unique over observations.
        condition : Condition
            Infinity is reported if it does not hold before the horizon.
        """
        self._watch(FirstPassageRequest(self._named(name), condition))

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
        """Observe every maximal interval of positive length in which a condition holds (R24).

        Parameters
        ----------
        name : str
            Unique over observations.
        condition : Condition
            Of this builder.
        causes : bool
            Whether the time is also split into unplanned, planned and mixed (R28) and shared among
            the flagged elements (R27).
        by_window : bool
            Whether its figures are also given for each window of the run.
        at_start, at_end : Count, optional
            Levels of values >= 0 that are read at both ends.
        phase : Count, optional
            A level of values 0..7 by which the length is split.
        """
        name = self._named(name)
        self._watch(EpisodesRequest(name, condition, causes, by_window, at_start, at_end, phase))

    def role(self, name: str, up: Condition, full: Condition | None = None) -> None:
        """Observe a role: its down time by window, split by planned and unplanned, with causes.

        Parameters
        ----------
        name : str
            Unique over observations.
        up : Condition
            What must hold for the role to be played; episodes are kept of its opposite.
        full : Condition, optional
            What must hold for it to be played in full. The time in which it is up and not full is
            a second observation, ``NAME.degraded``, split in the same way: it is unplanned if
            faults alone keep it from being full, and so on (R28).
        """
        down = ~up if isinstance(up, Condition) else up
        self.episodes(name, down, causes=True, by_window=True)
        if full is None:
            return
        lacking = ~full if isinstance(full, Condition) else full
        both = isinstance(up, Condition) and isinstance(lacking, Condition)
        name = self._named(f"{name}.degraded")
        partly = up & lacking if both else lacking
        self._watch(EpisodesRequest(name, partly, causes=True, judged=lacking))

    def _named(self, name: object) -> str:
        return name_of(name, "observation", self.problems.append)

    def _watch(self, request: ObservationRequest) -> None:
        if any(request.name == other.name for other in self.observations):
            self.problems.append(f"observation {request.name!r} is defined twice")
        self.observations.append(request)
