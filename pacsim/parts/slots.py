"""Slots: what may be written for a type of part, read by the loader, the checks and the reference.

A slot's kind says how its value is read:

=============  ====================================================================================
kind           value
=============  ====================================================================================
life           time to failure; a bare time is the mean of an exponential; also rate, afr, mttf
work           time to repair, respond or restore; a bare time is the median of a lognormal with
               p95 = 4 x median; becomes a `Delay`
delay          a setting that may also be a law; a bare time is exact; becomes a `Delay`
seconds        a setting in time units; a number
share          probability or share, 0 to 1
rate           events per time, in 1/s
bit_rate       per bit read
count          whole number from 0 to 10 000
items          a number, or a law of numbers; becomes a `Delay`
bytes          bytes, or a law of them; becomes a `Delay`
mean           0 or more
growth         in a year, as a fraction; or by year
years          a time; a bare number is one of years
timer          a time, or ``none`` for a timer that is not there
tries          a count, or ``none`` for no limit
hours          24 weights, of the hours from midnight
days           weights of days and spans of days, such as ``mon-fri``
size           bytes
throughput     bytes/s
choice         one of ``options``
words          one of ``options``, or a list of them
clock          time of day such as ``"22:00"``; seconds after midnight
when           a monthly time such as ``"first sunday 02:00"``, as written
text           free words
flag           true or false
name           a part or group
names          a list of parts or groups
feeds          a list of parts, or ``{need: k, of: [...]}``
needs          a tree of needs
calendar       a calendar file, or the same as a map
record         a nested record of the slots in ``record``
records        a map of names to such records
=============  ====================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.parts.values import HANDS_ON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacsim.parts.groups import GroupHooks
    from pacsim.parts.hardware import Hardware
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

REQUIRED = "required"
"""Default of a slot that must be given, by the design or by its bundle."""
EARLY, LATE, LAST = -1, 1, 2
"""Turns of types that are built before or after the others (0) and the groups."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that may be written for a part.

    Parameters
    ----------
    name : str
        Key in the design and slot of the bundle.
    kind : str
        See the module.
    doc : str
        Meaning, range and, for settings, the default in words.
    default : object
        As it would be written (``{"catalogue": "srv.reboot"}`` included), None for "not there",
        or `REQUIRED`.
    also : str
        Another key for it. It means the same, unless `covers` is set: then it is ``ttr`` and says
        that the value covers everything from fault to working.
    options : tuple of str
        Of a choice, or the words that a list may have.
    record : RecordType, optional
        Of a nested record.
    file : bool
        Whether a path to a file may stand in place of the record (support, calendars).
    positive : bool
        Whether a number cannot be zero.
    below : float, optional
        Bound that a number must stay under.
    requires : tuple of str
        Other slots without which this one, if it is given and not zero, means nothing.
    refers : tuple of str
        Traits (`pacsim.parts.traits`) of which a part or group that is named here must have one;
        empty: any will do. Feeds always want `GIVES_POWER`.
    counted : bool
        Whether its time may be counted in the hours of a calendar.
    next_day : bool
        Whether its time may begin at the opening of the next business day.
    covers : str
        Of a repair: what a value covers that does not say so, `ALL_IN` everything from fault to
        working or `HANDS_ON` the work, after the repair chain; with ``ttr`` the key says so.
        Empty: no repair, the one delay is all there is.
    vendor : bool
        Of a repair: whether it is of hardware that a vendor's contract covers, so that a time of
        the catalogue that covers everything was read under some contract.
    means : mapping
        Of a choice: words that others use for one of the options, in small letters and digits;
        to nothing if they look like one and are none.
    remedy : str
        What to write if it is required and missing; in general "give it", or a bundle.
    only_with : tuple of str
        Other slots; the default is taken only if one of them is written.
    without : tuple of str and object, optional
        Another slot, or several in one text, and the default if neither the part nor its bundle
        gives any of them.
    traffic : object
        Default where the design has a workload; None if that makes no difference.
    """

    name: str
    kind: str
    doc: str
    default: Any = None
    also: str = ""
    options: tuple[str, ...] = ()
    record: RecordType | None = None
    file: bool = False
    positive: bool = False
    below: float | None = None
    requires: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    counted: bool = False
    next_day: bool = False
    covers: str = ""
    vendor: bool = False
    means: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    remedy: str = ""
    only_with: tuple[str, ...] = ()
    without: tuple[str, Any] | None = None
    traffic: Any = None


@dataclass(frozen=True, slots=True)
class RecordType:
    """The slots of a part, a group or a nested record.

    Parameters
    ----------
    name : str
        The word written as ``type``.
    doc : str
        What it is, a sentence or two.
    slots : tuple of Slot
        In the order of the reference page.
    unused : mapping
        Slots of a bundle that this version does not model, with one word or phrase why.
    bundle : bool
        Whether ``from`` may name a bundle.
    moved : mapping
        Where older files wrote a slot, as ``"record.key"``, to the slot; both at once is an error.
    gone : mapping
        Keys that mean nothing here, as older files or those of other types wrote them, to what to
        write in their place.
    build : callable, optional
        ``build(context, part)`` adds the automaton.
    traits : frozenset of str
        What it is to others: constants of `pacsim.parts.traits`.
    turn : int
        When it is built: `EARLY` registers something for others, `LATE` and `LAST` use what
        others, groups too, have registered.
    check : callable, optional
        ``check(review, part, path)`` notes what only this type can tell about one of its records.
    warn : callable, optional
        ``warn(review, part, path)`` returns what is legal and still looks wrong.
    hardware : Hardware, optional
        Its boxes in the spreadsheet's number and when they have failed; nothing without.
    fills : callable, optional
        ``fills(context, part)``: of what stores, whether it may be full within the term, as gate
        ``.room`` says; without it there is always room.
    group : GroupHooks, optional
        Of a group: what its members and those that need it may ask.
    idle : callable, optional
        ``idle(practices, part)`` returns slots that change nothing under these practices, with why;
        those of nested records as ``record.slot``.
    """

    name: str
    doc: str
    slots: tuple[Slot, ...]
    unused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    bundle: bool = True
    moved: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    gone: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    build: Callable[[Any, Any], None] | None = None
    traits: frozenset[str] = frozenset()
    turn: int = 0
    check: Callable[[Review, Part, str], None] | None = None
    warn: Callable[[Review, Part, str], list[str]] | None = None
    hardware: Hardware | None = None
    fills: Callable[[Any, Part], bool] | None = None
    group: GroupHooks | None = None
    idle: Callable[[Part, Part], Mapping[str, str]] | None = None

    def slot(self, key: str) -> Slot | None:
        """Return the slot of a key or of its other name."""
        for slot in self.slots:
            if key in (slot.name, slot.also) and key:
                return slot
        return None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that may be written."""
        names = [slot.name for slot in self.slots]
        return tuple(names + [slot.also for slot in self.slots if slot.also])


def declaration(part: Part) -> RecordType | None:
    """Return the declaration of a part's type; None for a part made without one."""
    return part.kind if isinstance(part.kind, RecordType) else None


POWER = Slot("power", "feeds", "parts that feed it; any one suffices, or {need: k, of: [...]}")
NETWORK = Slot("network", "names", "switches, links and other parts it is cabled to")
CAPACITY = Slot("capacity", "throughput", "most that it carries; everything if not given")


def life(
    name: str,
    doc: str,
    default: Any = REQUIRED,  # noqa: ANN401
    also: str = "",
    *,
    requires: tuple[str, ...] = (),
    without: tuple[str, Any] | None = None,
) -> Slot:
    """Return a slot for a time to failure, which may mean nothing without others."""
    return Slot(name, "life", doc, default, also, requires=requires, without=without)


def work(
    name: str,
    doc: str,
    default: Any = REQUIRED,  # noqa: ANN401
    also: str = "",
    *,
    counted: bool = False,
    covers: str | None = None,
    vendor: bool = False,
) -> Slot:
    """Return a slot for a time to repair, respond or restore.

    With ``counted`` it may be counted in the hours of a calendar, as the repair chain reads it.
    With ``also="ttr"`` it is a repair that may be stated in two ways, unless ``covers`` is empty.
    """
    if covers is None:
        covers = HANDS_ON if also == "ttr" else ""
    return Slot(name, "work", doc, default, also, counted=counted, covers=covers, vendor=vendor)


def vendor_repair(of: str = "") -> Slot:
    """Return slot ``repair``, or ``ttr``, of hardware that a vendor's contract covers."""
    what = f"hands-on repair of {of}" if of else "hands-on repair"
    return work(
        "repair",
        f"{what}, or with ttr everything from fault to working",
        also="ttr",
        counted=True,
        vendor=True,
    )


def share(name: str, doc: str, default: Any = REQUIRED) -> Slot:  # noqa: ANN401
    """Return a slot for a probability."""
    return Slot(name, "share", doc, default)
