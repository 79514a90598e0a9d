"""Measures of the traffic through faults: what is felt, operations, studies, backlogs."""

from __future__ import annotations

from pacsim.results.measure_record import FROM_RATES, RATIO, STUDENT, Measure

FELT, OPERATIONS, STUDIES, BACKLOG = "felt", "operations", "studies", "backlog"
TRAFFIC = (FELT, OPERATIONS, STUDIES, BACKLOG)
"""Groups of what ``run`` and ``compare`` say of a design with a workload."""
STRATA = f"sum of two strata; {STUDENT}"
QUANTILES = "weighted order statistics; terms are clusters"
LARGEST = "largest seen"
OPERATION, MODALITY = ("operation",), ("modality",)


def traffic_measures() -> list[Measure]:
    """Return the measures of the traffic in the order of the documentation."""
    return [*_felt(), *_operations(), *_studies(), *_backlog()]


def _quantiles(
    name: str, unit: str, group: str, label: str, meaning: str, at: tuple[str, ...] = ()
) -> list[Measure]:
    return [
        Measure(f"{name}_{p}", unit, group, f"{label}, {p}", f"{of} of {meaning}", QUANTILES, at=at)
        for p, of in (("p50", "Median"), ("p95", "95 % quantile"))
    ]


def _felt() -> list[Measure]:
    return [
        *_quantiles(
            "failover_felt", "s", FELT, "a break is felt for",
            "the longest interval between successes of a probe, less the undisturbed one, of "
            "windows in which it is longer; those of all kinds leave planned work out.",
            ("client", "fault_kind"),
        ),
        *_quantiles(
            "wait_felt", "s", FELT, "an operation ends later by",
            "by how much operations end later than in the twin, or are given up, if over 1 s.",
            OPERATION,
        ),
        Measure(
            "failovers_unfelt", "1", FELT, "breaks that nobody feels",
            "Share of windows in which no probe feels anything.", RATIO,
        ),
        Measure(
            "windows", "1/year", FELT, "windows",
            "Times around divergences that the traffic is simulated in, by what was wrong first.",
            STRATA, at=("fault_kind",),
        ),
        Measure(
            "windows_overlapped", "1/year", FELT, "later divergences in windows",
            "Divergences that begin in the window of another one.", STRATA,
        ),
    ]  # fmt: skip


def _operations() -> list[Measure]:
    return [
        Measure(
            "operations", "1/year", OPERATIONS, "operations",
            "Exams to store, openings up to the first image, queries, worklist questions.",
            FROM_RATES, at=OPERATION,
        ),
        Measure(
            "operations_failed", "1/year", OPERATIONS, "operations given up",
            "Operations that their client gives up, less the twin's: parked, lost, blocked, put "
            "aside, typed by hand.", STRATA, at=OPERATION,
        ),
        Measure(
            "operations_slow", "1/year", OPERATIONS, "operations beyond target",
            "Operations that are not given up and not done within their target, less the twin's; a "
            "first image counts from when the twin's workstation turns to its opening.",
            STRATA, at=OPERATION,
        ),
        Measure(
            "operations_rejected", "1/year", OPERATIONS, "operations rejected",
            "Operations of which a try is rejected for want of a place or of room, less the "
            "twin's.", STRATA, at=OPERATION,
        ),
        Measure(
            "user_unavailability", "1", OPERATIONS, "not served in time",
            "Share of the operations that are given up or not done within their target: slow "
            "without faults, and by faults; the latter apart as reason `faults`, by which designs "
            "are compared.", f"{STRATA}; both parts by Zou-Donner", paired=True,
            at=("operation", "reason"),
        ),
        Measure(
            "slow_without_faults", "1", OPERATIONS, "slow without faults",
            "Share of the operations of fault-free weeks that are not done within their target; a "
            "first image counts from when the workstation turns to its opening.",
            "Korn-Graubard, days are clusters; Clopper-Pearson if none is slow", at=OPERATION,
        ),
    ]  # fmt: skip


def _studies() -> list[Measure]:
    return [
        Measure(
            "studies_delayed", "1/year", STUDIES, "studies late",
            "Studies stored more than 60 s later than in the twin.", STRATA, paired=True,
            at=MODALITY,
        ),
        Measure(
            "studies_resent", "1/year", STUDIES, "studies sent in pieces",
            "Studies of which more than one association carried something, less the twin's.",
            STRATA, at=MODALITY,
        ),
        Measure(
            "studies_by_hand", "1/year", STUDIES, "studies sent by hand",
            "Studies that a person sends again after the client has given up, less the twin's.",
            STRATA, at=MODALITY,
        ),
        Measure(
            "studies_lost_at_modality", "1/year", STUDIES, "lost at the scanner",
            "Studies overwritten before they were stored, or forgotten after they were given up, "
            "less the twin's.", STRATA, paired=True, at=("modality", "reason"),
        ),
        Measure(
            "exams_blocked", "1/year", STUDIES, "exams that cannot be made",
            "Exams for which the modality has no room left, less the twin's.", STRATA, at=MODALITY,
        ),
        Measure(
            "studies_unreachable", "1/year", STUDIES, "openings put aside",
            "Openings that a reader puts aside at least once, less the twin's.", STRATA,
        ),
        Measure(
            "worklist_by_hand", "1/year", STUDIES, "worklist typed by hand",
            "Worklist questions given up, so that data are typed, less the twin's.", STRATA,
            at=MODALITY,
        ),
        *_quantiles(
            "study_delay", "min", STUDIES, "a late study is late by",
            "by how much studies that are late are stored later than in the twin.",
        ),
        Measure(
            "sent_twice", "GB/year", STUDIES, "sent twice",
            "Bytes acknowledged more than once, as a whole study is sent again, less the twin's.",
            STRATA,
        ),
    ]  # fmt: skip


def _backlog() -> list[Measure]:
    meaning = (
        "the time from the end of a window's last divergence until no exam is stored later than "
        "in the twin, of windows in which any is; 0 if it is over before."
    )
    return [
        *_quantiles("backlog_drain", "min", BACKLOG, "backlog gone after", meaning),
        Measure(
            "backlog_drain_longest", "min", BACKLOG, "longest until a backlog is gone",
            "The longest of these.", LARGEST,
        ),
        Measure(
            "backlog_most", "GB", BACKLOG, "largest backlog",
            "The most at one time of what the twin has stored and the archive has not; without "
            "what is lost in the end.", LARGEST,
        ),
    ]  # fmt: skip
