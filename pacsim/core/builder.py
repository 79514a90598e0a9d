"""The pleasant way to write a `Model`: elements, arrows, conditions; all mistakes named at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pacsim.core.argument_checks import name_of, whole, words_of
from pacsim.core.building.assemble import assembled
from pacsim.core.model import AtLeast, Connected, Forward, GateExpr, LevelExpr, first_true
from pacsim.core.writing.conditions import Condition, Count, gate_expr
from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
from pacsim.core.writing.observation_writer import Watching
from pacsim.core.writing.transition_requests import EndRequest, TransitionRequest
from pacsim.core.writing.written_model import (
    DormantRequest,
    ElementRequest,
    QuantityRequest,
    WrittenModel,
)
from pacsim.delays.calendars import TimeOrigin

if TYPE_CHECKING:
    from pacsim.core.model import Model
    from pacsim.core.writing.transition_requests import Numbers
    from pacsim.delays.calendars import Intervals


class ModelBuilder(Watching):
    """Collects elements, transitions, quantities and observations, then builds a frozen `Model`.

    All times are **seconds**. Nothing is checked until `build`, which reports every mistake at
    once, by name.

    Parameters
    ----------
    origin : TimeOrigin, optional
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

    def __init__(self, origin: TimeOrigin | None = None, *, random_origin: bool = False) -> None:
        super().__init__()
        self.elements: list[ElementRequest] = []
        self.quantities: list[QuantityRequest] = []
        self.transitions: list[TransitionRequest] = []
        self.definitions: dict[str, GateExpr] = {}
        self._forwards: dict[str, Condition] = {}
        self.rounded: list[str] = []
        self.distinct: list[tuple[str, tuple[GateExpr, ...]]] = []
        self.sleepers: list[DormantRequest] = []
        if origin is not None and not isinstance(origin, TimeOrigin):
            self.problem(f"origin {origin!r} must be a TimeOrigin of pacsim.delays")
            origin = None
        self.origin = origin or TimeOrigin()
        self.random_origin = random_origin

    def element(
        self,
        name: str,
        states: str | Iterable[str],
        *,
        fault: str | Iterable[str] = (),
        planned: str | Iterable[str] = (),
        initial: str | None = None,
        lasting: bool = False,
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
        lasting : bool
            Its state outlives what moved it, as "which of two members serves" does after planned
            work: it is read as it is when planned and unplanned down time are told apart (R28).

        Returns
        -------
        ElementRef
            ``element == "up"`` is a condition; `ElementRef.after` and `ElementRef.now` add
            transitions.
        """
        name = name_of(name, "element", self.problem)
        owner = f"element {name}"
        names = words_of(states, owner, self.problem)
        ref = ElementRef(self, len(self.elements), name, names)
        if not names or len(set(names)) < len(names):
            self.problem(f"element {name}: states must be there and differ, got {states!r}")
        faults, works = (
            frozenset(ref.state(word) for word in words_of(flag, owner, self.problem))
            for flag in (fault, planned)
        )
        begins = ref.state(initial) if initial is not None else 0
        self.elements.append(ElementRequest(name, names, begins, faults, works, lasting))
        if lasting and (faults or works):
            self.problem(f"element {name}: a lasting element has no flagged states")
        return ref

    def counter(self, name: str, top: int, initial: int = 0) -> ElementRef:
        """Add an element whose states are the numbers 0 to ``top`` (R4).

        Parameters
        ----------
        name : str
            Unique over elements.
        top : int
            Largest number, >= 0.
        initial : int
            In 0..top.

        Examples
        --------
        >>> ModelBuilder().counter("spares", 2, initial=2).states
        ('0', '1', '2')
        """
        top = whole(top, f"counter {name}: top", self.problem)
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

        Returns
        -------
        QuantityRef
            Its methods are jumps, and delays until it meets a value.
        """
        name = name_of(name, "quantity", self.problem)
        self.quantities.append(QuantityRequest(name, low, high, start, rate, profile))
        return QuantityRef(len(self.quantities) - 1, name, self)

    def gate(self, name: str, condition: Condition) -> Condition:
        """Name a condition: it is shared, shown in results and may have been used before.

        Parameters
        ----------
        name : str
            Unique over gates; `forward` gives the same condition before it is defined.
        condition : Condition
            What the name stands for; a circle of names is a build error.
        """
        name = name_of(name, "gate", self.problem)
        if name in self.definitions:
            self.problem(f"gate {name!r} is defined twice; give each definition its own name")
        self.definitions[name] = gate_expr(condition, self, f"gate {name!r}", self.problem)
        return self.forward(name)

    def forward(self, name: str) -> Condition:
        """Return a condition that `gate` defines later under this name.

        Parameters
        ----------
        name : str
            One that is never defined is a build error.
        """
        # Asked for over and over: the same one is told to be the same faster than an equal one.
        made = self._forwards.get(name) if isinstance(name, str) else None
        if made is None:
            name = name_of(name, "gate", self.problem)
            made = self._forwards[name] = Condition(Forward(name), self)
        return made

    def all(self, conditions: Iterable[Condition]) -> Condition:
        """Return the condition "all of them"; true for none.

        Parameters
        ----------
        conditions : iterable of Condition
            Of this builder; any number.

        Returns
        -------
        Condition
            For guards, gates and observations.
        """
        children = self._children("all", conditions)
        return Condition(AtLeast(len(children), children), self)

    def any(self, conditions: Iterable[Condition]) -> Condition:
        """Return the condition "at least one of them"; false for none.

        Parameters
        ----------
        conditions : iterable of Condition
            Of this builder; any number.

        Returns
        -------
        Condition
            For guards, gates and observations.
        """
        return Condition(AtLeast(1, self._children("any", conditions)), self)

    def at_least(self, k: int, conditions: Iterable[Condition]) -> Condition:
        """Return the condition "at least ``k`` of them" (R5).

        Parameters
        ----------
        k : int
            A 32-bit integer; with 0 or less it always holds.
        conditions : iterable of Condition
            All different; the same one twice is a build error, weigh it with `count`.

        Examples
        --------
        >>> m = ModelBuilder()
        >>> disks = [m.element(f"disk-{i}", "up down") for i in range(4)]
        >>> data_there = m.at_least(3, (disk == "up" for disk in disks))
        """
        owner = f"at_least({k!r}, ...)"
        k, children = whole(k, owner, self.problem), self._children(owner, conditions)
        self.distinct.append((owner, children))
        return Condition(AtLeast(k, children), self)

    def always(self) -> Condition:
        """Return the condition that always holds."""
        return Condition(AtLeast(0, ()), self)

    def count(self, conditions: Iterable[Condition]) -> Count:
        """Return the level "how many of them hold" (R5).

        Parameters
        ----------
        conditions : iterable of Condition
            The same one twice counts twice.

        Examples
        --------
        >>> m = ModelBuilder()
        >>> units = [m.element(name, "up work") for name in "abc"]
        >>> at_work = m.count(unit == "work" for unit in units)
        >>> crowded = at_work >= 2
        """
        children = self._children("count", conditions)
        return Count(LevelExpr(0, (), tuple((child, 1) for child in children)), self)

    def first_of(self, conditions: Iterable[Condition]) -> Count:
        """Return the position of the first true condition, their number if none is true.

        Parameters
        ----------
        conditions : iterable of Condition
            In order; the level ranges over 0 to their number.
        """
        return Count(first_true(self._children("first_of", conditions)), self)

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

        Examples
        --------
        >>> m = ModelBuilder()
        >>> switch = m.element("switch", "up down", fault="down")
        >>> alive = {"server": None, "switch": switch == "up", "users": None}
        >>> edges = [("server", "switch"), ("switch", "users")]
        >>> reached = m.connected(alive, edges, ["server"], ["users"])
        """
        # Each is gone through twice, which a generator allows once.
        if not isinstance(vertices, Mapping):
            self.problem("connected: vertices must be a mapping of names to conditions or None")
            return self.always()
        lines: list[tuple[Any, ...]] = [
            tuple(edge) if isinstance(edge, Iterable) else (edge,) for edge in edges
        ]
        starts = words_of(sources, "connected: sources", self.problem)
        goals = words_of(targets, "connected: targets", self.problem)
        index = {name: i for i, name in enumerate(vertices)}
        if self._misdrawn(index, lines, (*starts, *goals)):
            return self.always()
        points = tuple(
            self._alive(condition, f"vertex {name!r}") for name, condition in vertices.items()
        )
        alive = [
            self._alive(edge[2] if len(edge) == 3 else None, f"edge {edge[0]!r} to {edge[1]!r}")
            for edge in lines
        ]
        joined = tuple(
            (index[edge[0]], index[edge[1]], directed, gate)
            for edge, gate in zip(lines, alive, strict=True)
        )
        first, last = (tuple(index[name] for name in ends) for ends in (starts, goals))
        return Condition(Connected(points, joined, first, last), self)

    def _misdrawn(
        self, index: Mapping[str, int], lines: list[tuple[Any, ...]], named: tuple[str, ...]
    ) -> bool:
        """Note edges that are none and vertices that are not there; return whether there are."""
        wrong = [edge for edge in lines if len(edge) not in {2, 3}]
        for edge in wrong:
            self.problem(f"connected: edge {edge!r} must be (from, to) or (from, to, alive)")
        ends = [end for edge in lines for end in edge[:2]]
        unknown = [name for name in dict.fromkeys([*named, *ends]) if name not in index]
        for name in unknown:
            self.problem(f"connected: no vertex {name!r} among {', '.join(index)}")
        return bool(wrong or unknown)

    def _alive(self, condition: Condition | None, owner: str) -> GateExpr | None:
        """Return when a vertex or an edge is alive; None if it always is."""
        if condition is None:
            return None
        return gate_expr(condition, self, f"connected: {owner}", self.problem)

    def add_transition(self, request: TransitionRequest) -> TransitionRef:
        """Note a transition; `ElementRef.after` and `ElementRef.now` are the ways to call this.

        Parameters
        ----------
        request : TransitionRequest
            What was written.

        Returns
        -------
        TransitionRef
            By its full name, ``element.transition``.
        """
        owner = request.element.name
        full = f"{owner}.{name_of(request.name, f'transition of {owner}', self.problem)}"
        effects = request.end.effects
        if not isinstance(effects, Iterable):
            self.problem(f"{full}: effects must be a list, got {effects!r}; write [effect]")
            effects = ()
        # Gone through more than once, which a generator allows once.
        end = EndRequest(request.end.outcomes, tuple(effects), request.end.renew)
        self.transitions.append(
            TransitionRequest(
                request.element, full, request.arrow, request.start, end,
                request.when, request.cls, request.rank, request.automatic,
            )
        )  # fmt: skip
        return TransitionRef(full, self)

    def dormant(
        self,
        start: TransitionRef,
        end: TransitionRef,
        *,
        when: Condition,
        expiry: TransitionRef | None = None,
    ) -> None:
        """Declare that nobody looks at a cycle of runs between its uses; it saves time only.

        An engine may leave the cycle alone while the condition holds and replay the same runs, with
        the same draws, when somebody looks: figures are the same to the bit. Who looks all the time
        is found when a model is run; the cycle is then not left alone (`pacsim.core.dormant`).

        Parameters
        ----------
        start : TransitionRef
            Begins a run at a tick (`pacsim.core.every`) and sets quantities.
        end : TransitionRef
            Ends it after a law. One of its outcomes moves one other element to one state, whatever
            its state was, renews it, and sets quantities or copies what ``start`` sets.
        when : Condition
            While it holds no other transition of these elements fires.
        expiry : TransitionRef, optional
            Ends that state after a fixed time.

        Examples
        --------
        >>> from pacsim.core import every, outcome
        >>> from pacsim.delays import Exponential
        >>> m = ModelBuilder()
        >>> run, copy = m.element("run", "idle busy"), m.element("copy", "none there")
        >>> start = run.after("idle -> busy", every(24.0), "start", cls="tick")
        >>> kept = outcome(1.0, "idle", copy.move(dict.fromkeys(copy.states, "there"), renew=True))
        >>> end = run.after("busy ->", Exponential(2.0), "end", outcomes=[kept])
        >>> m.dormant(start, end, when=m.always())
        >>> len(m.build().dormant)
        1
        """
        self.sleepers.append(DormantRequest(start, end, expiry, when))

    def problem(self, text: str) -> None:
        """Note a mistake that `build` will report with all the others.

        Parameters
        ----------
        text : str
            What it concerns, the value, the rule and the remedy.
        """
        self.problems.append(text)

    def build(self) -> Model:
        """Return the frozen model.

        Returns
        -------
        Model
            For any engine; the builder may be written on and built again.

        Raises
        ------
        ModelError
            With every mistake found, each naming the element, transition, gate or quantity.

        Examples
        --------
        >>> m = ModelBuilder()
        >>> disk = m.element("disk", "up down", fault="broken")
        >>> m.build()
        Traceback (most recent call last):
        ...
        pacsim.errors.ModelError: the model cannot be built, 1 problem:
          element disk: no state 'broken'; it has up, down
        """
        return assembled(self.written()).model

    def written(self) -> WrittenModel:
        """Return what has been written so far, as plain data."""
        return WrittenModel(
            home=self,
            elements=tuple(self.elements),
            quantities=tuple(self.quantities),
            transitions=tuple(self.transitions),
            observations=tuple(self.observations),
            definitions=dict(self.definitions),
            distinct=tuple(self.distinct),
            problems=tuple(self.problems),
            rounded=tuple(self.rounded),
            origin=self.origin,
            random_origin=self.random_origin,
            dormant=tuple(self.sleepers),
        )

    def _children(self, owner: str, conditions: Iterable[Condition]) -> tuple[GateExpr, ...]:
        if not isinstance(conditions, Iterable):
            self.problem(f"{owner}: give a list of conditions")
            return ()
        note = self.problem
        return tuple([gate_expr(c, self, owner, note) for c in conditions])
