"""Measures of service levels: windows of time held to a contract."""

from __future__ import annotations

from pacsim.results.measure_record import SHARE, STUDENT, Measure

SERVICE_LEVELS = "service levels"
"""Group of what ``pacsim score`` says."""


def service_level_measures() -> list[Measure]:
    """Return the measures of service levels in the order of the documentation."""
    group, at = SERVICE_LEVELS, ("service_level",)
    return [
        Measure(
            "sla_met", "1", group, "windows met",
            "Share of the windows of a service level in which its target is met and no limit is "
            "broken.", "Korn-Graubard, windows of one term are one cluster", at=at,
        ),
        Measure(
            "sla_met_throughout", "1", group, "all windows of a term met",
            "Share of the terms in which every window is met.", SHARE, at=at,
        ),
        Measure(
            "sla_miss_hours", "h/year", group, "down beyond what is allowed",
            "Counted hours a year by which windows are down longer than their target allows.",
            STUDENT, at=at,
        ),
        Measure(
            "sla_credits", "currency/year", group, "credits",
            "What is paid back in a year, in the currency of the contract; without one the share "
            "of the fees.", STUDENT, at=at,
        ),
        Measure(
            "p_outage_over", "1", group, "an outage over",
            "Share of the terms with an outage of which more than so many hours count.", SHARE,
            ("over",), at=at,
        ),
    ]  # fmt: skip
