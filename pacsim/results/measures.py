"""Every measure, once: its name, unit, meaning, estimator, and what people call it."""

from __future__ import annotations

from types import MappingProxyType

from pacsim.results.measure_record import FROM_RATES, QUANTILE, RATIO, SHARE, STUDENT, Measure
from pacsim.results.traffic_measures import traffic_measures

BY = ("root", "contributor", "loss_class", "fault_kind", "how", "place")
"""What a measure may be split by."""
ODDS = f"{SHARE} of the sum of the terms' odds; by their mean below where none is certain"
LOST_IN_TERM = "studies_lost_in_term"
UNSEEN = "the upper end allows for losses that none of the terms had, at most of all that is stored"
MANY_STUDIES = 100
"""A term that loses more has lost more than half a day of a community hospital."""
DRAWN = "inputs"
"""Group of what draws of all inputs say, if they were asked for."""
OVER_INPUTS = "replicated Latin hypercubes, each draw on replications of its own"
CAPACITY = ("steady", "storage")
"""Groups of what ``pacsim capacity`` says of a design with a workload."""


def _down() -> list[Measure]:
    group = "down"
    kinds = {
        "down": ("down", "Hours a year in which the role is not usable."),
        "down_unplanned": (
            "down, unplanned",
            "Hours a year down that faults alone would have caused as well.",
        ),
        "down_planned": (
            "down, planned",
            "Hours a year down that planned work alone would have caused as well.",
        ),
        "down_mixed": (
            "down, needing both",
            "Hours a year down that neither faults nor planned work would have caused alone.",
        ),
    }
    return [
        Measure(
            "unavailability", "1", group, "unavailability",
            "Share of the term in which it is down.", STUDENT,
        ),
        *(
            Measure(name, "h/year", group, label, meaning, STUDENT, paired=True)
            for name, (label, meaning) in kinds.items()
        ),
        *(
            Measure(
                f"degraded{kind}", "h/year", group, f"degraded{said}",
                f"Hours a year up and in part, {how}; 0 where no part of a design serves in part.",
                STUDENT,
            )
            for kind, said, how in (
                ("", "", "as to read while contents are being restored"),
                ("_unplanned", ", unplanned", "for which faults alone suffice"),
                ("_planned", ", planned", "for which planned work alone suffices"),
                ("_mixed", ", needing both", "for which neither suffices alone"),
            )
        ),
        Measure(
            "outages", "1/year", group, "outages",
            "Down times of at least `min_outage`, shorter gaps between them merged first.", STUDENT,
            paired=True,
        ),
        Measure(
            "outages_unplanned", "1/year", group, "unplanned outages",
            "Outages of which at most half is planned down time.", STUDENT,
        ),
        Measure(
            "outages_short", "1/year", group, "short outages",
            "Down times below `min_outage`, after merging.", STUDENT,
        ),
        Measure(
            "outage_duration_mean", "h", group, "mean outage",
            "Hours of outages over their number, those cut off by the end of a term included.",
            RATIO,
        ),
    ]  # fmt: skip


def _over_inputs() -> list[Measure]:
    return [
        Measure(
            "down_unplanned_over_inputs", "h/year", DRAWN, "  with inputs as uncertain as they are",
            "Hours a year down, unplanned, over draws of all inputs from their ranges: the mean, "
            "and the range that holds 95 % of them, sampling error taken off.", OVER_INPUTS,
        ),
        Measure(
            "order_over_inputs", "1", DRAWN, "  order of the designs kept",
            "Share of these draws in which a design is on the same side of the first as in most: "
            "lower or higher, as its note says.", f"{SHARE} of draws",
        ),
    ]  # fmt: skip


def _places() -> list[Measure]:
    group = "down"
    return [
        Measure(
            "down_at", "h/year", group, "down at",
            "Hours a year in which the role is not usable from a place.", STUDENT, ("place",),
        ),
        Measure(
            "degraded_at", "h/year", group, "degraded at",
            "Hours a year usable from a place and in part.", STUDENT, ("place",),
        ),
        Measure(
            "failing", "1", group, "requests that fail",
            "Share of the requests that fail, by the share of each place: all of them while the "
            "role is down there, else as many as the worst of its groups lets fail.", STUDENT,
        ),
    ]  # fmt: skip


def _quantiles() -> list[Measure]:
    measures = [
        Measure(
            "degraded_episodes", "1/year", "down", "times degraded",
            "Degraded times of at least `min_outage`, shorter gaps between them merged first.",
            STUDENT,
        ),
        Measure(
            "degraded_duration_mean", "h", "down", "degraded, mean length",
            "Hours of these over their number, those cut off by the end of a term included.", RATIO,
        ),
        *(
            Measure(
                f"degraded_duration_{name}", "h", "down", f"degraded: {who}",
                "Quantile of the lengths of these that were over in their term.", QUANTILE,
            )
            for name, who in (
                ("p50", "half are over after"), ("p95", "one in twenty lasts longer than")
            )
        ),
    ]  # fmt: skip
    for name, who in (("p50", "half are over after"), ("p95", "one in twenty lasts longer than")):
        measures += [
            Measure(
                f"outage_duration_{name}", "h", "down", who,
                "Quantile of the lengths of outages that were over in their term.", QUANTILE,
            ),
            Measure(
                f"outage_duration_unplanned_{name}", "h", "down", f"unplanned: {who}",
                "The same of outages of which at most half is planned.", QUANTILE,
            ),
        ]  # fmt: skip
    return measures


def _years() -> list[Measure]:
    measures = [
        Measure(
            "longest_outage_p95", "h", "down", "longest outage of a term, one in twenty",
            "95 % quantile of the longest outage in a term, 0 if there is none.", QUANTILE,
        ),
        Measure(
            "down_year_p95", "h", "down", "worst year in twenty",
            "95 % quantile of the hours down in a contract year.", QUANTILE,
        ),
        Measure(
            "down_year_worst_5pc", "h", "down", "mean of the worst years",
            "Mean of the hours down in the worst 5 % of contract years.", "histogram",
        ),
    ]  # fmt: skip
    for name, percent in (("99_9", "99.9 %"), ("99_99", "99.99 %")):
        measures.append(
            Measure(
                f"p_year_within_{name}", "1", "down", f"{percent} met in a year",
                f"Share of contract years with {percent} availability; planned down time is left "
                "out, mixed counts.", "years of one term are one cluster",
            )
        )  # fmt: skip
    return measures


def _why() -> list[Measure]:
    group = "why"
    return [
        Measure(
            "down_by_root", "h/year", group, "began with",
            "Hours a year down by fault or work: unplanned hours of a down time by the fault, "
            "planned ones by the work with which they began, mixed ones by what it began with; "
            "they sum to `down`.", STUDENT, ("root",),
        ),
        Measure(
            "down_unplanned_by_root", "h/year", group, "unplanned: began with",
            "The unplanned hours of these.", STUDENT, ("root",),
        ),
        Measure(
            "down_planned_by_root", "h/year", group, "  of which",
            "The planned hours of these, by kind of work.", STUDENT, ("root",),
        ),
        Measure(
            "contributor_share", "1", group, "present in",
            "Share of the down time in which an element is faulty or worked on, as cause or not.",
            "ratio, Korn-Graubard for few events", ("contributor",),
        ),
        Measure(
            "degraded_by_root", "h/year", group, "degraded: began with",
            "Hours a year degraded, like `down_by_root`.", STUDENT, ("root",),
        ),
        Measure(
            "degraded_contributor_share", "1", group, "degraded: present in",
            "Share of the degraded time in which an element is faulty or worked on.",
            "ratio, Korn-Graubard for few events", ("contributor",),
        ),
        Measure(
            "spreadsheet_down", "h/year", group, "your spreadsheet would say",
            "Hours a year by mean times of the hardware boxes alone, independent of one another.",
            "exact, hardware boxes only",
        ),
    ]  # fmt: skip


def _loss() -> list[Measure]:
    group = "loss"
    measures = [
        Measure(
            "p_any_loss", "1", group, "any study lost in a term",
            "Probability that anything stored is lost for good within a term.", ODDS, paired=True,
        ),
        Measure(
            "p_loss_over_100", "1", group, f"more than {MANY_STUDIES} studies",
            f"Probability that a term loses more than {MANY_STUDIES} studies, of all that store "
            "something together.", SHARE, paired=True,
        ),
        Measure(
            "p_loss_of_all", "1", group, "everything",
            "Probability that contents are lost within a term of which no copy exists, with all "
            "that was stored.", SHARE, paired=True,
        ),
        Measure(
            LOST_IN_TERM, "studies", group, "studies lost in a term, expected",
            "Mean number of studies that a term loses, of all that store something together.",
            "mean by class of loss, summed (Zou-Donner); what was not seen is bounded by its odds "
            "times all that is stored", paired=True,
        ),
        Measure(
            "losses", "1/year", group, "losses", "Losses by the way in which they happen.", STUDENT,
            ("loss_class",),
        ),
        Measure(
            "studies_lost", "1/year", group, "studies lost", "Studies that these cost.", STUDENT,
            ("loss_class",),
        ),
        Measure(
            "unreachable", "h/year", group, "being restored",
            "Hours a year in which what is stored is being restored from a copy.", STUDENT,
        ),
    ]  # fmt: skip
    for name, of in (("p50", "Median"), ("p95", "95 % quantile")):
        measures += [
            Measure(
                f"data_loss_window_{name}", "h", group, f"age of the last copy, {name}",
                f"{of} of what would be lost if all were lost at a random moment, in hours since "
                "the last copy.", QUANTILE,
            ),
            Measure(
                f"restoration_time_{name}", "h", group, f"length of a restore, {name}",
                f"{of} of the time that contents are gone and come back.", QUANTILE,
            ),
        ]  # fmt: skip
    return measures


def _failover() -> list[Measure]:
    group = "failover"
    measures = [
        Measure(
            "failovers", "1/year", group, "failovers",
            "Gaps of a group's service while another member could take over; those without "
            "planned moves, and each kind.", STUDENT, ("fault_kind",),
        ),
        Measure(
            "no_standby", "1/year", group, "gaps without a standby",
            "Gaps at whose start no other member could take over.", STUDENT,
        ),
        Measure(
            "failover_latency_mean", "s", group, "mean latency",
            "Mean length of these gaps, without planned moves; the sum of the times of its phases.",
            RATIO,
        ),
        Measure(
            "failover_automatic", "1", group, "automatic",
            "Share of gaps that ended by an automatic switch.", SHARE, ("fault_kind",),
        ),
        Measure(
            "failing_at_start", "1", group, "requests that fail at the start",
            "Mean share of requests that fail as a gap of a pool begins; those without planned "
            "moves, and each kind.", RATIO, ("fault_kind",),
        ),
        Measure(
            "failover_ended", "1", group, "ended by", "Share of gaps by how service came back.",
            SHARE, ("how",),
        ),
        Measure(
            "failover_overlapped", "1", group, "struck again",
            "Share of gaps in which another fault struck before they were over.", SHARE,
        ),
    ]  # fmt: skip
    measures.append(
        Measure(
            "sessions_broken", "1/year", group, "sessions broken",
            "Sessions of a pool that break, as a share of all that are open, summed over a year.",
            STUDENT,
        )
    )  # fmt: skip
    for name, of in (("p50", "Median"), ("p95", "95 % quantile")):
        measures.append(
            Measure(
                f"failover_latency_{name}", "s", group, f"until it serves, {name}",
                f"{of} of the lengths of these gaps, as far as they were over in their term.",
                QUANTILE, ("fault_kind",),
            )
        )  # fmt: skip
    for name, what in (
        ("detection", "until the check has found it"),
        ("decision", "from there until a switch begins"),
        ("switchover", "of the switch, the start of a cold member included"),
    ):
        measures.append(
            Measure(f"{name}_time", "s", group, name, f"Mean time {what}.", RATIO)
        )  # fmt: skip
    return measures


def _peak_hour() -> list[Measure]:
    steady, _ = CAPACITY
    hours = "order statistics, hours as clusters"
    quantiles = (("p50", "Median"), ("p95", "95 % quantile"), ("p99", "99 % quantile"))
    return [
        *(
            Measure(
                f"time_to_first_image_{name}", "s", steady, f"first image at the peak, {name}",
                f"{of} of the times in the peak hour from when a workstation turns to an opening "
                "until its first image, by contract year and scenario.", hours,
            )
            for name, of in quantiles
        ),
        *(
            Measure(
                f"peak_{name}", "s", steady, f"operations at the peak, {name}",
                f"{of} of the times of an operation in the peak hour, by contract year and "
                "scenario.", hours,
            )
            for name, of in quantiles
        ),
        Measure(
            "headroom", "1", steady, "room",
            "Factor on all rates of the peak hour at which the first p95 passes its target, or "
            "something has a load of 1, by contract year.", "bisection to 1 % on the same draws",
        ),
        Measure(
            "n_minus_1", "1", steady, "carries the peak with one part out",
            "Share of what may fail by itself with which out the peak is carried: loads below 1, "
            "each p95 within its target; by contract year.", "counted",
        ),
    ]  # fmt: skip


def _capacity() -> list[Measure]:
    steady, storage = CAPACITY
    return [
        Measure(
            "load", "1", steady, "load",
            "What is asked of a resource by what it can do, in the mean week and in the peak hour, "
            "by contract year.", FROM_RATES,
        ),
        Measure(
            "exams_expected", "1/h", steady, "exams in the peak hour",
            "Exams, emergencies among them, in the hour of the week with most arrivals, by "
            "contract year.", FROM_RATES,
        ),
        Measure(
            "openings_expected", "1/h", steady, "openings in the peak hour",
            "Studies that readers open in that hour, by contract year.", FROM_RATES,
        ),
        Measure("exams", "1/year", storage, "exams", "Exams in a contract year.", FROM_RATES),
        Measure(
            "added", "TB", storage, "added",
            "What these add to the archive, compressed as it is stored.", FROM_RATES,
        ),
        Measure(
            "stored", "TB", storage, "stored",
            "What is there at the end of a contract year, less what retention deleted.",
            FROM_RATES,
        ),
        Measure(
            "stored_share", "1", storage, "of usable",
            "The same as share of what the archive's arrays may be filled with; may be over 1.",
            FROM_RATES,
        ),
        Measure(
            "storage_full", "years", storage, "full after",
            "Years from the start until the arrays hold what they may be filled with.", FROM_RATES,
        ),
    ]  # fmt: skip


MEASURES = MappingProxyType(
    {
        one.name: one
        for one in (
            *_down(),
            *_places(),
            *_quantiles(),
            *_years(),
            *_why(),
            *_loss(),
            *_failover(),
            *_over_inputs(),
            *_peak_hour(),
            *_capacity(),
            *traffic_measures(),
        )
    }
)
"""Every measure that ships, by name, in the order of the documentation."""


def unit_of(measure: str, other: str = "") -> str:
    """Return the unit of a measure; of one that does not ship, what its owner says.

    Examples
    --------
    >>> unit_of("down"), unit_of("queue_length", "1")
    ('h/year', '1')
    """
    known = MEASURES.get(measure)
    return known.unit if known is not None else other


def label(measure: str) -> str:
    """Return what people call a measure; one that does not ship by its name.

    Examples
    --------
    >>> label("down_mixed"), label("queue_length")
    ('down, needing both', 'queue_length')
    """
    known = MEASURES.get(measure)
    return known.label if known is not None else measure


def table() -> str:
    """Return the table of measures in Markdown, as it stands in the documentation."""
    lines = [
        "# Measures",
        "",
        "Made from the registry in `pacsim/results/measures.py`, anew by",
        "",
        "    python -c \"from pacsim.results.measures import table; print(table(), end='')\" "
        "> docs/measures.md",
        "",
        "Intervals are 95 %. Figures split *by* something have the thing in the columns `by` and "
        "`of`, those *at*",
        "coordinates in columns of their own. Designs are compared by the measures marked "
        "*paired*, term by term, with the",
        "same faults.",
    ]
    for group in dict.fromkeys(one.group for one in MEASURES.values()):
        lines += [
            "",
            f"## {group.capitalize()}",
            "",
            "| measure | unit | in words | meaning | estimator | by |",
            "|---|---|---|---|---|---|",
        ]
        for one in MEASURES.values():
            if one.group == group:
                name = f"`{one.name}`{', paired' if one.paired else ''}"
                by = ", ".join((*one.by, *(f"at {name}" for name in one.at)))
                cells = (name, one.unit, one.label, one.meaning, one.estimator, by)
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
