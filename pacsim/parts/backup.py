"""A nightly backup: runs, succeeds or not, is kept, and is what a restore takes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.core import every, outcome
from pacsim.delays import Deterministic
from pacsim.parts.build_context import CONTENTS, BuildContext, Copy
from pacsim.parts.slots import EARLY, RecordType, Slot, declaration, share, work
from pacsim.parts.traits import COPIED, COPIES, MIRRORS, STORES
from pacsim.parts.watch_handles import CopyAgeWatch
from pacsim.units import MONTH

if TYPE_CHECKING:
    from pacsim.core.writing.transition_requests import Numbers
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

INFINITE = float("inf")


def share_of_good_runs(backup: Part) -> float:
    """Return how likely a run leaves a copy that can be restored; a share not given counts as 1."""
    success, usable = (backup.values.get(name) for name in ("success", "usable"))
    return (1.0 if success is None else float(success)) * (1.0 if usable is None else float(usable))


def build(context: BuildContext, part: Part) -> None:
    """Add ``/run``, ``/copy``, ages and numbers of what no copy holds (tests 30-32, 48).

    Ages are ``since_start`` of the run and ``since_copy``; studies are ``new`` and ``unsaved``.
    A run during which the contents of a source were not whole is bad as a whole. A good one
    hands over age and studies since its own start. A copy does not expire while it is needed,
    that is while the contents of a source are not whole. Twelve times a year an effect-free tick
    reads what would be lost if the array were lost now. A run stands still while a source cannot
    work, as without power, and keeps what is done; nobody looks at it only while all of them can.
    """
    m, name = context.m, part.name
    sources = [source for source in part.names("of") if _stores(context, source)]
    whole = m.all(m.forward(f"{source}.whole") for source in sources)
    works = [one for one in map(context.works, sources) if one is not None]
    started = m.quantity(f"{name}/since_start", low=0.0, high=INFINITE, start=None, rate=1.0)
    copied = m.quantity(f"{name}/since_copy", low=0.0, high=INFINITE, start=None, rate=1.0)
    written = [_Unsaved(context, part, source, sources) for source in sources]
    copy = context.element(name, "copy", "none clean")
    run = context.element(name, "run", "idle busy spoiled")
    tick = every(part.number("interval"), part.number("starts"))
    fresh = [started.set(0.0), *(one.new.set(0.0) for one in written)]
    start = run.after("idle -> busy", tick, "start", cls="tick", effects=fresh)
    run.now("busy -> spoiled", CONTENTS, "spoil", when=~whole)
    good = share_of_good_runs(part)
    commit = outcome(
        good,
        "idle",
        copy.move({"none": "clean", "clean": "clean"}, renew=True),
        copied.copy(started),
        *(one.unsaved.copy(one.new) for one in written),
    )
    end = run.after(
        "busy spoiled ->",
        part.law("duration"),
        "end",
        speed={m.all(works): 1.0, True: 0.0} if works else 1.0,
        outcomes={
            run == "busy": [commit, outcome(1.0 - good, "idle")],
            True: [outcome(1.0, "idle")],
        },
    )
    if good > 0:
        for source, one in zip(sources, written, strict=True):
            context.copies[source] = Copy(part, copy == "clean", one.unsaved, copied)
    expiry = None
    if "retention" in part:
        kept = Deterministic(part.number("retention"))
        expiry = copy.after("clean -> none", kept, "expire", when=whole, memory="resume")
    if not any(one.may_stop for one in written):
        # What is written at two rates is counted all the time.
        m.dormant(start, end, when=m.all([whole, *works]), expiry=expiry)
    m.gate(f"{name}.ok", m.always())
    probe = context.element(name, "probe", "ready")
    read = probe.after("ready -> ready", every(MONTH, MONTH / 2.0), "read", cls="tick")
    ages = f"window:{name}"
    m.sample(ages, read, copied, when=copy == "clean")
    # The newest copy of a mirror is its other member's, so the mirror reads that one or this.
    of = tuple(x for x in part.names("of") if not context.named(x).has(MIRRORS))
    context.watch(CopyAgeWatch(name, ages, of=of, restorable=good > 0))


class _Unsaved:
    """Studies of one source since the start of a run, and since that of its last copy.

    An array that is full within the term takes none from then on.
    """

    def __init__(self, context: BuildContext, part: Part, source: str, sources: list[str]) -> None:
        of = f"-{source}" if len(sources) > 1 else ""
        studies = context.archive.number("studies")
        known = context.named(source)
        kind = declaration(known)
        fills = kind.fills if kind is not None else None
        self.may_stop = fills is not None and fills(context, known)
        rate: Numbers = studies
        if self.may_stop:
            rate = {context.m.forward(f"{source}.room"): studies, True: 0.0}
        self.new, self.unsaved = (
            context.m.quantity(
                f"{part.name}/{what}{of}", low=0.0, high=INFINITE, start=0.0, rate=rate
            )
            for what in ("new", "unsaved")
        )


def _stores(context: BuildContext, source: str) -> bool:
    return context.named(source).has(STORES)


def check(review: Review, part: Part, path: str) -> None:
    """Note a second backup of the same contents."""
    for k, source in enumerate(part.names("of")):
        known = review.parts.get(source)
        if known is None or not known.has(STORES):
            continue
        first = next(one for one in review.having(COPIES) if source in one.names("of"))
        if first.name != part.name:
            rule = f'a second backup of "{source}" beside "{first.name}" is not supported yet'
            review.problem(f"{path}.of[{k}]", rule, "keep the one a restore would take")


TYPE = RecordType(
    name="backup",
    doc="A run starts every `interval`; it is good with probability success x usable.",
    slots=(
        Slot(
            "of",
            "names",
            "arrays and databases it copies",
            default="required",
            refers=(COPIED,),
        ),
        Slot("interval", "seconds", "time between starts", default="24 h", positive=True),
        Slot("starts", "clock", "time of day of the start", default="22:00"),
        Slot("duration", "delay", "length of a run", default="required"),
        share("success", "probability that a run ends well"),
        share("usable", "probability that a copy can be restored"),
        Slot("retention", "seconds", "how long a copy is kept", default=None, positive=True),
        Slot("restore_rate", "throughput", "rate of a restore", default="required"),
        work("prepare", "decide, find media, prepare the target"),
        Slot("copies_to", "text", "where the copies are"),
    ),
    unused=MappingProxyType(
        {
            "unnoticed": "the next run repeats a failed one",
            "unnoticed_monitored": "the next run repeats a failed one",
            "restore_rate_tape": "alternative to restore_rate",
            "verify": "an unusable copy counts as none",
            "compromised": "ransomware is not counted yet",
        }
    ),
    build=build,
    traits=frozenset({COPIES}),
    turn=EARLY,
    check=check,
)
