"""The build context: the model being written and what a part may ask while it is added.

Parts know each other only by named gates (``<part>.output``, ``.ok``, ``.forwards``), so the order
in which they are built does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pacsim.delays.calendars import Calendar
from pacsim.parts.groups import PLAIN, GroupHooks
from pacsim.parts.monitoring import finds
from pacsim.parts.slots import declaration
from pacsim.parts.traits import FILLS_AGAIN, MIRRORS, RESPONDS, TAKES_SHARE
from pacsim.parts.values import Feeds, Part
from pacsim.parts.watch_handles import Belonging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
    from pacsim.core.writing.transition_requests import OutcomeRequest
    from pacsim.delays.law import Law
    from pacsim.parts.watch_handles import Handle

TRANSFER, START, BATTERY, HOST, APPLICATION, DATABASE = 21, 22, 23, 24, 25, 26
"""Priorities of what follows power, sources before consumers (R16)."""
CONTENTS, LOSS, RESUMING, GROUP, PEOPLE, TIDY = 10, 11, 30, 40, 50, 90
COPY = 27
"""Of copies, of databases and of mirrors: after all that power makes of them, so that one instant
is judged when it is over."""
ADDRESS = 30
"""After all that power makes of a member, before the groups that are reached by an address."""


@dataclass(frozen=True, slots=True)
class Victim:
    """What a shock does to one part: an element, and a map for each way the fault can go."""

    element: ElementRef
    ways: tuple[tuple[float, Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Host:
    """An operating system, and the states from which a reset makes it boot anew."""

    element: ElementRef
    reset: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup of an array: its part, whether a copy exists, the studies it lacks, and its age."""

    part: Part
    exists: Condition
    unsaved: QuantityRef
    age: QuantityRef


@dataclass(frozen=True, slots=True)
class Change:
    """A change that may fail, of one window: its servers, its course, and which one was changed.

    ``which`` and ``round`` are there if there are several servers.
    """

    servers: tuple[str, ...]
    element: ElementRef
    which: ElementRef | None = None
    round: ElementRef | None = None


def hooks(group: Part) -> GroupHooks:
    """Return the hooks of a group's type, the plain ones if it has none of its own."""
    kind = declaration(group)
    return kind.group if kind is not None and kind.group is not None else PLAIN


def common_share(parts: Mapping[str, Part], group: Part | None, name: str, kind: str) -> float:
    """Return the share of a part's failures that common causes take from its own clock.

    A cause that has fewer than two parts to take is none, so it takes nothing
    (`BuildContext.shock`).
    """
    share = 0.0
    if group is not None:
        known = [parts[x] for x in group.names("members") if x in parts]
        share += hooks(group).share(group, known, kind)
    for part in parts.values() if kind == "hardware" else ():
        if not part.has(TAKES_SHARE):
            continue
        if name in part.names("members") and len(part.names("members")) > 1:
            share += float(part.values.get("share") or 0.0)
    return share


@dataclass(slots=True)
class BuildContext:
    """The resolved parts of a design, and the model they are added to.

    Parameters
    ----------
    m : ModelBuilder
        Receives elements, transitions, gates and observations.
    parts, groups, roles : mapping
        By name.
    practices, archive : Part
        Resolved records.
    term : float
        Seconds that are looked at; what begins later is not built.
    losses : mapping
        Of each part with contents, whether anything of it has been lost: ``none`` or ``some``.
    engines : mapping
        Of each database what runs: ``crashed`` and ``stopped`` are among its states.
    made : mapping
        Every element of a part by its name, ``PART/KIND``, for hooks of the part's own type.
    paths : mapping
        Conditions of live paths by their ends and what they carry: many ask for the same one.
    grouped : mapping
        The group of each part that has been asked for.
    """

    m: ModelBuilder
    parts: Mapping[str, Part]
    groups: Mapping[str, Part]
    roles: Mapping[str, Part]
    practices: Part
    archive: Part
    term: float = float("inf")
    busy: list[Condition] = field(default_factory=list)
    victims: dict[tuple[str, str], Victim] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    engines: dict[str, ElementRef] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    ended: dict[str, ElementRef] = field(default_factory=dict)
    losses: dict[str, ElementRef] = field(default_factory=dict)
    handles: list[Handle] = field(default_factory=list)
    belongings: dict[str, Belonging] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    resuming: dict[str, ElementRef] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    patches: dict[str, ElementRef] = field(default_factory=dict)
    mirrors: dict[str, Any] = field(default_factory=dict)
    made: dict[str, ElementRef] = field(default_factory=dict)
    paths: dict[tuple[str, str, float | None], Condition] = field(default_factory=dict)
    grouped: dict[str, Part | None] = field(default_factory=dict)

    # -- what is added and watched ----------------------------------------------------------------

    def element(
        self,
        part: str,
        kind: str,
        states: str | Iterable[str],
        *,
        number: str | int = "",
        fault: str | Iterable[str] = (),
        planned: str | Iterable[str] = (),
        lasting: bool = False,
        called: str = "",
    ) -> ElementRef:
        """Add an element of a part, called ``PART/KIND`` or ``PART/KIND-NUMBER``, and return it.

        Parameters
        ----------
        part : str
            The part or group that it belongs to.
        kind : str
            What of the part it is.
        states, fault, planned, lasting
            As of `ModelBuilder.element`.
        number : str or int
            Which one, if the part has several of the kind.
        called : str
            What it is called as a cause, if not by its name.
        """
        name = self._belongs(part, kind, number)
        if called:
            self.belongings[name] = Belonging(part, kind, called)
        ref = self.m.element(name, states, fault=fault, planned=planned, lasting=lasting)
        self.made[name] = ref
        return ref

    def counter(self, part: str, kind: str, top: int, initial: int = 0) -> ElementRef:
        """Add a number that a part keeps, called ``PART/KIND``, and return it."""
        return self.m.counter(self._belongs(part, kind, ""), top, initial)

    def _belongs(self, part: str, kind: str, number: str | int) -> str:
        """Return the name of an element, and note whose it is and what it is called as a cause."""
        inner = f"{kind}-{number}" if number != "" else kind
        group = self.group_of(part)
        # Members of a group are alike, so their faults are added up, by number where there are
        # several; those of a part that stands alone, and of mirrored arrays, are added up as well.
        if group is not None and not group.has(MIRRORS):
            label = f"{group.name}/{inner}"
        else:
            label = f"{self.keeper(part)}/{kind}"
        self.belongings[f"{part}/{inner}"] = Belonging(part, kind, label)
        return f"{part}/{inner}"

    def call(self, transition: TransitionRef, label: str) -> None:
        """Say what a transition is called as a cause, if not as its element is."""
        self.called[transition.name] = label

    def watch(self, handle: Handle) -> None:
        """Hand over what is watched; the observation it names is added by whoever calls this."""
        self.handles.append(handle)

    # -- who is connected with whom -------------------------------------------------------------

    def powered(self, part: Part) -> Condition:
        """Return the condition that enough feeds of a part are live; always without feeds."""
        feeds = part.values.get("power")
        if feeds is None:
            return self.m.always()
        return self.fed(part, [self.output(name) for name in feeds.of])

    def fed(self, part: Part, live: Sequence[Condition]) -> Condition:
        """Return the condition that as many feeds of a part are live as it needs.

        A feed that is named twice counts twice, and with power supplies each has one of its own.
        """
        feeds: Feeds = part.values["power"]
        if len(set(feeds.of)) < len(feeds.of) and "psu" not in part:
            return self.m.count(live) >= feeds.need
        return self.m.at_least(feeds.need, live)

    def output(self, name: str) -> Condition:
        """Return the condition that a source or carrier of power is live."""
        return self.m.forward(f"{name}.output")

    def ok(self, name: str) -> Condition:
        """Return the condition that a part or group does its job."""
        return self.m.forward(f"{name}.ok")

    def works(self, name: str) -> Condition | None:
        """Return the condition that work on what a part stores goes on; None if it always does.

        A rebuild, a restore and a run of a backup stand still without it and keep what is done.
        """
        if name in self.groups:
            return self.ok(name)
        part = self.parts[name]
        needed = ("power", "controller", "shelf") if part.has(FILLS_AGAIN) else ("power",)
        if not any(slot in part for slot in needed):
            return None
        return self.m.forward(f"{name}.reach") if part.has(FILLS_AGAIN) else self.powered(part)

    def group_of(self, server: str) -> Part | None:
        """Return the failover group that a server is a member of."""
        if server not in self.grouped:
            holding = (one for one in self.groups.values() if server in one.names("members"))
            self.grouped[server] = next(holding, None)
        return self.grouped[server]

    def named(self, name: str) -> Part:
        """Return the part or group of a name."""
        return self.parts[name] if name in self.parts else self.groups[name]

    def keeper(self, array: str) -> str:
        """Return what the losses of an array are counted for: its mirror, or itself."""
        group = self.group_of(array)
        return group.name if group is not None and group.has(MIRRORS) else array

    def starts_late(self, server: str) -> bool:
        """Return whether a server's application is started only once its group needs it."""
        group = self.group_of(server)
        late = group is not None and hooks(group).starts_late(group)
        return late and "software" in self.parts[server]

    def active(self, server: str) -> Condition | None:
        """Return the condition that a member is its group's active one; None if there is no one."""
        group = self.group_of(server)
        active = hooks(group).active if group is not None else None
        return active(self.m, group, server) if active is not None and group is not None else None

    def ready(self, name: str) -> Condition:
        """Return the condition that a part does its job, or only has to be started for it."""
        late = self.starts_late(name)
        return self.m.forward(f"{name}.ready") if late else self.ok(name)

    def takes_part(self, name: str) -> Condition:
        """Return the condition that a part is ready, or as a member that it is in its group."""
        group = self.group_of(name)
        joined = hooks(group).joined if group is not None else None
        return self.ready(name) if joined is None or group is None else joined(self.m, group, name)

    # -- common causes --------------------------------------------------------------------------

    def own_law(self, name: str, kind: str, law: Law) -> Law:
        """Return a part's own law when a share of its failures is stated as common (R8, beta)."""
        share = self._common_share(name, kind)
        return law.scaled(1.0 / (1.0 - share)) if share > 0 else law

    def _common_share(self, name: str, kind: str) -> float:
        return common_share(self.parts, self.group_of(name), name, kind)

    def shock(self, part: str, kind: str, law: Law, share: float, victims: list[Victim]) -> None:
        """Add one shock at share x rate that takes every victim the same way (tests 17b, 18)."""
        if share <= 0 or len(victims) < 2:
            return
        from pacsim.core import outcome

        element = self.element(part, kind, "armed")
        element.after(
            "armed ->",
            law.scaled(1.0 / share),
            "strike",
            cls="fault",
            outcomes=[
                outcome(way[0], "armed", *(v.element.move(v.ways[k][1]) for v in victims))
                for k, way in enumerate(victims[0].ways)
            ],
        )

    # -- people ---------------------------------------------------------------------------------

    @property
    def crew(self) -> Part | None:
        """The crew, if the design has one."""
        return next((p for p in self.parts.values() if p.has(RESPONDS)), None)

    def person_free(self) -> Condition:
        """Return the condition that somebody is free; always without a crew."""
        crew = self.crew
        return self.m.forward(f"{crew.name}.free") if crew is not None else self.m.always()

    def respond(self) -> tuple[Law, Calendar | None] | None:
        """Return the law of alert to start of work, and the hours that slow it down.

        Off duty the same law runs slower, by the ratio of the medians, on a profile: no events.
        """
        crew = self.crew
        if crew is None:
            return None
        law, hours = crew.law("respond"), crew.values.get("on_duty")
        if hours is None or "respond_night" not in crew:
            return law, None
        slow = law.quantile(0.5) / crew.law("respond_night").quantile(0.5)
        return law, Calendar(hours.name, hours.weekly, hours.closed_dates, slow)

    def support_of(self, part: Part) -> Part | None:
        """Return the vendor contract that covers a part."""
        contract = part.values.get("support") or self.practices.values.get("support")
        assert contract is None or isinstance(contract, Part)
        return contract

    def time(self, name: str) -> Law:
        """Return one of the people's laws of the practices."""
        return self.practices.part("times").law(name)

    @property
    def monitoring(self) -> bool:
        """Whether anything is monitored."""
        return "monitoring" in self.practices

    def finds(self, what: str) -> bool:
        """Return whether monitoring finds a kind of hidden fault."""
        return finds(self.practices, what)

    @property
    def hidden(self) -> Law:
        """How long a fault that nobody feels stays unknown."""
        return self.time("hidden" if self.monitoring else "hidden_unmonitored")

    def unseen(self, server: str) -> Condition | None:
        """Return the condition that nobody feels a fault of a server: its group serves without it.

        None if there is no such time: it is no member, or all members serve.
        """
        group, active = self.group_of(server), self.active(server)
        if group is None or active is None:
            return None
        unneeded = hooks(group).unneeded
        if unneeded is not None:
            return unneeded(self.m, group, server)
        return ~active & self.ok(group.name)

    def unfelt(
        self, server: str, felt: list[OutcomeRequest], late: list[OutcomeRequest]
    ) -> list[OutcomeRequest] | dict[Condition | bool, list[OutcomeRequest]]:
        """Return how a fault of a server ends: ``late`` if nobody feels it as it strikes.

        Where a group says more of who is needed than who is active, `add_found` asks it in the same
        instant: that costs nothing while no fault is late.
        """
        unseen, group, active = self.unseen(server), self.group_of(server), self.active(server)
        if unseen is None or group is None or active is None:
            return felt
        return {unseen if hooks(group).unneeded is None else ~active: late, True: felt}

    def add_found(
        self, element: ElementRef, late: str, felt: str, target: str, server: str
    ) -> None:
        """Add what becomes of a fault that nobody feels: found by chance, or felt once needed."""
        unseen = self.unseen(server)
        if unseen is not None:
            element.now(f"{late} -> {felt}", TIDY, f"{felt}-felt", when=~unseen)
            element.after(f"{late} -> {target}", self.hidden, f"{felt}-found")

    def noticed(self, *, masked: bool | Condition) -> Law | dict[Condition | bool, Law]:
        """Return how long a fault stays unknown: plain, or longer while redundancy masks it.

        A condition says whether redundancy is left at the moment of the fault: the fault that uses
        it up is noticed like any outage.
        """
        hidden = self.hidden
        plain = self.time("alert" if self.monitoring else "call")
        if isinstance(masked, bool):
            return hidden if masked else plain
        return {masked: hidden, True: plain}
