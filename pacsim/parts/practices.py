"""Practices: tests of the failover, monitoring, procedures, support, maintenance windows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.build_context import hooks
from pacsim.parts.monitoring import idle_times
from pacsim.parts.schedule import DAYS, parse_monthly
from pacsim.parts.slots import RecordType, Slot, share, work
from pacsim.parts.traits import HOSTS, SERVES, WORKED_ON
from pacsim.units import DAY, HOUR, MONTH, between

if TYPE_CHECKING:
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

FINDS = ("dead_battery", "degraded_raid", "hung_service", "stopped_copy", "standby")
SUPPORT = RecordType(
    name="support",
    doc="A vendor's contract: when somebody comes, how long the part takes.",
    slots=(
        Slot(
            "response",
            "work",
            "call until somebody is there",
            default="required",
            counted=True,
            next_day=True,
        ),
        Slot(
            "part_missing",
            "share",
            "probability that the part is not at hand",
            default=0,
            requires=("part_delay",),
        ),
        work("part_delay", "added time then", default=None, counted=True),
    ),
    unused=MappingProxyType(
        {
            "fix": "every part has a repair of its own",
            "remote": "response counts from the call",
            "escalate": "counted in the spread of repairs",
            "escalate_fix": "counted in the spread of repairs",
        }
    ),
)


def _span(seconds: float) -> str:
    """Return a time in its natural unit."""
    return between(1.0 / seconds)


def check_tests(review: Review, tests: Part, path: str) -> None:
    """Note tests that are not over before the next one."""
    every, outage = tests.values.get("every"), tests.values.get("outage")
    if every and outage is not None and outage.law.mean() >= every:
        rule = f"a test takes {_span(outage.law.mean())} and begins anew each {_span(every)}"
        review.problem(f"{path}.outage", rule, "write a shorter time, or tests that are rarer")


def warn_tests(review: Review, tests: Part, path: str) -> list[str]:
    """Return a warning if no test falls into the term."""
    every, term = tests.values.get("every"), review.contract.values.get("term")
    if not every or not term or every < term:
        return []
    return [
        f"{path}.every: the first test comes after {_span(every)} and the term ends after "
        f"{_span(term)}, so there is none; write a shorter time, or leave the tests out"
    ]


def warn_finds(review: Review, monitoring: Part, path: str) -> list[str]:
    """Return a warning for each thing that is looked for and that no group can have."""
    slots = {"standby": ("latent",), "stopped_copy": ("replica_stop", "stops")}
    idle = [
        (word, names)
        for word, names in slots.items()
        if word in monitoring.names("finds")
        and not any(g.values.get(x) is not None for g in review.groups.values() for x in names)
    ]
    return [
        f"{path}.finds: {word} finds nothing: no group has {' or '.join(names)}; leave it out, "
        "or give the group that"
        for word, names in idle
    ]


TESTS = RecordType(
    name="failover_tests",
    doc="Regular tests of the failover: a short planned outage that shows what is wrong.",
    slots=(
        Slot("every", "seconds", "time between tests", default="required", positive=True),
        Slot(
            "outage", "delay", "planned outage of a test", default={"catalogue": "fo.test_planned"}
        ),
        share("finds", "share of latent faults that it finds", {"catalogue": "fo.test_finds"}),
        share(
            "causes_outage",
            "probability that service is not back when it ends",
            {"catalogue": "fo.test_outage"},
        ),
        work("outage_repair", "until it is back then", {"catalogue": "fo.test_outage.repair"}),
    ),
    bundle=False,
    gone=MappingProxyType(
        {
            "valid": "leave it out: success falls with the time since the last proof, "
            "as proven_for of the group says, or with latent not at all"
        }
    ),
    check=check_tests,
    warn=warn_tests,
)
MONITORING = RecordType(
    name="monitoring",
    doc="What somebody is told about before users complain or redundancy is used up.",
    slots=(Slot("finds", "names", f"of {', '.join(FINDS)}", default=(), options=FINDS),),
    bundle=False,
    warn=warn_finds,
)


def check_window(review: Review, window: Part, path: str) -> None:
    """Note rounds that do not divide a year, and work at once on members that are drained first."""
    every, lasts = window.values.get("every"), window.values.get("lasts")
    if every and lasts is not None and lasts.law.mean() >= every:
        rule = f"work lasts {_span(lasts.law.mean())} and begins anew each {_span(every)}"
        review.problem(f"{path}.lasts", rule, "write a shorter time, or work that is rarer")
    if every and (every % MONTH or (12 * MONTH) % every):
        rule = "does not divide a year into whole months"
        review.problem(f"{path}.every", rule, "write 1, 2, 3, 4, 6 or 12 months")
    for group in review.groups.values():
        meant = {group.name, *group.names("members")} & {*window.names("of")}
        if meant and not window.values.get("rolling") and hooks(group).drains(group):
            rule = f'"{group.name}" drains its members, and work on all at once waits for none'
            remedy = f"write rolling: true, or leave drain out of {group.name}"
            review.problem(f"{path}.rolling", rule, remedy)


def warn_window(review: Review, window: Part, path: str) -> list[str]:
    """Return a warning for each group of which one serves and that is worked on all at once.

    Upgrades are left alone: a release that all must have at the same time is one.
    """
    servers = set(window.names("of"))
    at_once = [
        group.name
        for group in review.groups.values()
        if hooks(group).active is not None
        and set(group.names("members")) <= servers
        and not window.values.get("rolling")
    ]
    return [
        f'{path}: works on all members of "{name}" at once, so none is left to serve; '
        "write rolling: true"
        for name in at_once
    ]


def work_slots(of: Slot, every: str, shared: str, doc: str) -> tuple[Slot, ...]:
    """Return the slots of planned work on what ``of`` says, with defaults for its kind."""
    return (
        of,
        Slot(
            "every", "seconds", "month, or a whole number of months", default=every, positive=True
        ),
        Slot("on", "when", 'such as "first sunday 02:00"', default="required"),
        Slot("lasts", "delay", "length", default="required"),
        Slot("rolling", "flag", doc, default=False),
        share(
            "shared", "share of failed changes that leave all of them bad", {"catalogue": shared}
        ),
        share(
            "seen_at_once",
            "share of failed changes that are seen at once",
            {"catalogue": "fo.test_finds"},
        ),
        work("found", "time in use until another one shows", {"catalogue": "sw.change_found"}),
    )


WINDOW = RecordType(
    name="maintenance",
    doc="Planned work on servers, on a weekday of the month, one after the other if rolling.",
    slots=work_slots(
        Slot("of", "names", "servers", default="required", refers=(SERVES,)),
        "1 month",
        "sw.release_beta",
        "one server after the other, only while the others are healthy",
    ),
    bundle=False,
    check=check_window,
    warn=warn_window,
)
UPGRADES = RecordType(
    name="upgrades",
    doc="Upgrades of the application on all its servers, and so of what runs there.",
    slots=(
        *work_slots(
            Slot(
                "of",
                "names",
                "servers, or groups with all their members",
                default="required",
                refers=(SERVES, HOSTS, WORKED_ON),
            ),
            "1 year",
            "sw.change_shared.upgrade",
            "one member after the other instead of all at once",
        ),
        Slot("overruns", "share", "share of them that take twice as long", default=0),
    ),
    bundle=False,
    check=check_window,
)


def check_names(review: Review, practices: Part, path: str) -> None:
    """Note a window that is called as the upgrades are."""
    if "upgrades" in practices and "upgrades" in (practices.values.get("maintenance") or {}):
        rule = "upgrades have a key of their own"
        review.problem(f"{path}.maintenance.upgrades", rule, "give this window another name")


def warn_together(review: Review, practices: Part, path: str) -> list[str]:
    """Return a warning for each group all of whose members several windows take at once.

    A window that works on its servers in turn waits while one of them is out; others do not. One
    that lasts past midnight meets those of the next day.
    """
    named = dict(practices.values.get("maintenance") or {})
    if practices.values.get("upgrades") is not None:
        named["upgrades"] = practices.part("upgrades")
    spans = []
    for name, record in named.items():
        when, lasts = record.values.get("on"), record.values.get("lasts")
        servers: set[str] = set()
        for one in record.names("of"):
            home = review.groups.get(one)
            servers |= {one} if home is None else set(home.names("members"))
        if when is None or lasts is None or (record.values.get("rolling") and len(servers) > 1):
            continue
        mean = lasts.law.mean()
        if not mean > 0.0:
            # What is over at once takes nobody away.
            continue
        week, day, second = parse_monthly(str(when))
        spans.append((week, day, second, second + mean, name, servers))
    found = []
    for group in review.groups.values():
        members = set(group.names("members"))
        for week, day, begin, _, name, _ in spans:
            there = [
                (first - earlier, end - earlier, other, servers)
                for when, weekday, first, end, other, servers in spans
                for earlier in _days_before((when, weekday), (week, day))
                if first - earlier <= begin < end - earlier
            ]
            taken = set().union(*(x[3] for x in there))
            alone = any(members <= x[3] for x in there)
            last = name == [x[2] for x in there if x[0] == begin][-1]
            if not members or not members <= taken or alone or not last:
                continue
            names = " and ".join(x[2] for x in there)
            length = _span(min(x[1] for x in there) - begin)
            night = ", past midnight" if min(x[0] for x in there) < 0.0 else ""
            found.append(
                f'{path}: {names} together work on all members of "{group.name}" for {length} '
                f"from {_clock(begin)}{night}, so none is left to serve; move one of them, or "
                "write one window of all with rolling: true"
            )
    return found


def _days_before(one: tuple[int, int], day: tuple[int, int]) -> tuple[float, ...]:
    """Return by how many seconds a weekday of a month is before another, if it is that or the next.

    The first sunday is the day after the first saturday, and in a month that begins with a sunday
    the second one is.
    """
    if one == day:
        return (0.0,)
    follows = (one[1] + 1) % len(DAYS) == day[1] and day[0] in {one[0], one[0] + 1} - {0}
    return (DAY,) if follows else ()


def _clock(second: float) -> str:
    """Return a time of day as it is written."""
    return f"{int(second // HOUR):02d}:{int(second % HOUR // 60):02d}"


PEOPLE = RecordType(
    name="times",
    doc="Times and probabilities of people, from the catalogue unless given.",
    slots=tuple(
        Slot(name, kind, doc, default={"catalogue": entry})
        for name, kind, doc, entry in (
            (
                "alert",
                "work",
                "plain fault until somebody knows, monitored",
                "hum.detect.monitored",
            ),
            ("call", "work", "plain fault until a user calls", "hum.detect.user"),
            ("gray", "work", "hung service until it is recognised, unmonitored", "hum.detect.gray"),
            (
                "hidden",
                "work",
                "masked fault until it is known, monitored",
                "hum.detect.latent.monitored",
            ),
            (
                "hidden_unmonitored",
                "work",
                "masked fault until it is known, unmonitored",
                "hum.detect.latent.unmonitored",
            ),
            (
                "manual_failover",
                "work",
                "decide and carry out by a written procedure",
                "hum.manual_failover",
            ),
            (
                "no_procedure",
                "factor",
                "factor on manual_failover without a procedure",
                "hum.manual_failover.no_procedure",
            ),
            ("manual_success", "share", "success at the first go", "hum.manual_success"),
            (
                "manual_success_no_procedure",
                "share",
                "success at the first go without a procedure",
                "hum.manual_success.no_procedure",
            ),
            ("no_contract", "work", "part ordered and fitted without a contract", "sup.none"),
        )
    ),
    bundle=False,
    idle=idle_times,
)
TYPE = RecordType(
    name="practices",
    doc="What people do regularly; each can be left out or varied.",
    slots=(
        Slot("failover_tests", "record", "tests of the failover", record=TESTS),
        Slot("monitoring", "record", "monitoring", record=MONITORING),
        Slot(
            "procedures",
            "choice",
            "manual procedures",
            default="written",
            options=("written", "none"),
        ),
        Slot(
            "support",
            "record",
            "vendor contract: a file or the same as a map",
            record=SUPPORT,
            file=True,
        ),
        Slot("maintenance", "records", "planned work by name", record=WINDOW),
        Slot("upgrades", "record", "planned upgrades", record=UPGRADES),
        Slot("times", "record", "times of people", default={}, record=PEOPLE),
    ),
    bundle=False,
    check=check_names,
    warn=warn_together,
)
