"""A result made by hand in which no two figures are alike, so that a swapped one is seen."""

from __future__ import annotations

from dataclasses import replace

from pacsim.results import Result, Row
from pacsim.results.measures import UNSEEN
from pacsim.stats import NONE_SEEN, ONE_SEEN

A, B = "Alone", "Pair"
BARE = "NO COPY of disks: what is lost there is gone"
INPUT = {"design": A, "path": "", "value": "", "low": "", "high": "", "status": "", "source": "",
         "id": ""}  # fmt: skip


def of(
    design: str,
    measure: str,
    estimate: float | None,
    ends: tuple[float | None, float | None] = (None, None),
    *,
    role: str = "store",
    unit: str = "h/year",
    by: tuple[str, str] = ("", ""),
    against: str = "",
    method: str = "by hand",
    note: str = "",
    n: int = 400,
    no_copy_of: tuple[str, ...] = (),
) -> Row:
    """Return a row."""
    return Row(
        design, against, role, measure, *by, unit, estimate, *ends, n, method, note,
        no_copy_of=no_copy_of,
    )  # fmt: skip


Odds = tuple[float, tuple[float, float]]


def losses(design: str, *figures: Odds, bare: bool = False) -> list[Row]:
    """Return the odds of any loss, a large one and one of all; the first says who has no copy."""
    names = ("p_any_loss", "p_loss_over_100", "p_loss_of_all")
    rows = [
        of(design, name, p, ends, role="overall", unit="1")
        for name, (p, ends) in zip(names, figures, strict=True)
    ]
    return [replace(rows[0], note=BARE, no_copy_of=("disks",)), *rows[1:]] if bare else rows


def rows_of_alone() -> list[Row]:
    """Return the figures of a design without redundancy."""
    p95 = "outage_duration_unplanned_p95"
    return [
        of(A, "unavailability", 2.5e-3, unit="1"),
        of(A, "down", 21.9),
        of(A, "down_unplanned", 6.3, (5.5, 7.5)),
        of(A, "down_planned", 12.5, (11.5, 13.5)),
        of(A, "down_mixed", 3.1),
        of(A, "spreadsheet_down", 1.7),
        of(A, "outages_unplanned", 4.5, (4.3, 4.8), unit="1/year"),
        of(A, "outages", 16.0, unit="1/year"),
        of(A, "outage_duration_unplanned_p50", 0.25, unit="h"),
        of(A, p95, 6.5, unit="h"),
        of(A, "p_year_within_99_9", 0.79, (0.76, 0.82), unit="1"),
        of(A, "down", 30.5, role="overall"),
        of(
            A,
            "p_any_loss",
            0.03125,
            (0.02, 0.04),
            role="disks",
            unit="1",
            note=BARE,
            no_copy_of=("disks",),
        ),
        *losses(A, (0.0625, (0.05, 0.1)), (0.05, (0.04, 0.08)), (0.0125, (0.01, 0.02)), bare=True),
        of(A, "studies_lost_in_term", 5215.0, (3000.0, 8000.0), role="overall", unit="studies"),
        of(A, "restoration_time_p50", 33.0, role="disks", unit="h"),
        of(A, "restoration_time_p95", 44.0, role="disks", unit="h"),
        of(A, "degraded", 0.0, (0.0, 0.0), note="exactly 0: no part of the design serves in part"),
        of(A, "down_by_root", 6.0, by=("root", "server/application")),
        of(A, "down_by_root", 2.0, by=("root", "mains/outage")),
        of(A, "down_by_root", 12.0, by=("root", "server/patch")),
        of(A, "down_unplanned_by_root", 3.0, by=("root", "server/application")),
        of(A, "down_unplanned_by_root", 4.0, by=("root", "mains/outage")),
        of(A, "down_unplanned_by_root", 1.0, by=("root", "access/unit")),
        of(A, "contributor_share", 0.37, unit="1", by=("contributor", "server/application")),
        of(A, "contributor_share", 0.22, unit="1", by=("contributor", "mains/outage")),
        of(A, "contributor_share", 0.58, unit="1", by=("contributor", "server/patch")),
        # Another role, none of whose figures may stand where those of `store` do.
        of(A, "unavailability", 9e-2, unit="1", role="read"),
        of(A, "outages", 99.0, unit="1/year", role="read"),
        of(A, "down_unplanned", 98.0, (97.0, 99.0), role="read"),
    ]


def rows_of_pair() -> list[Row]:
    """Return the figures of a design in which something was never seen, or cannot be."""
    return [
        of(B, "unavailability", 1.5e-4, unit="1"),
        of(B, "down", 1.3),
        of(B, "down_unplanned", 1.4, (0.0, 49.4), method=ONE_SEEN),
        of(B, "down_planned", 0.0, (0.0, 0.0), note="exactly 0: no planned work in the design"),
        of(B, "down_mixed", 0.0, (0.0, None), method=NONE_SEEN, note="none seen in 400 terms"),
        of(B, "spreadsheet_down", 0.0, (0.0, 0.0), note="exactly 0: the role needs no hardware box"),
        of(B, "outages_unplanned", 0.0, (0.0, 0.013), unit="1/year", method=NONE_SEEN),
        of(B, "outage_duration_unplanned_p50", None, unit="h", n=0),
        of(B, "outage_duration_unplanned_p95", None, unit="h", n=0),
        of(B, "p_year_within_99_9", 0.9996, (0.998, 0.99997), unit="1"),
        of(B, "down", 1.9, role="overall"),
        of(B, "p_any_loss", 0.0, (0.0, 0.002), role="disks", unit="1"),
        *losses(B, (0.25, (0.15, 0.4)), (0.0, (0.0, 0.008)), (0.0, (0.0, 0.005))),
        of(B, "studies_lost_in_term", 0.55, (0.25, 70.0), role="overall", unit="studies",
           note=UNSEEN),
        of(B, "data_loss_window_p50", 12.5, role="disks", unit="h"),
        of(B, "data_loss_window_p95", 23.0, role="disks", unit="h"),
        of(B, "restoration_time_p50", None, role="disks", unit="h", n=0),
        of(B, "restoration_time_p95", None, role="disks", unit="h", n=0),
        of(B, "degraded", 0.004, (0.002, 0.005)),
        of(B, "failover_latency_p50", 95.0, role="group", unit="s"),
        of(B, "failover_latency_p95", 2700.0, role="group", unit="s"),
        *(
            of(B, measure, value, role="group", unit=unit, by=("fault_kind", kind))
            for kind, values in (("host", (1.5, 42.0, 1500.0, 0.66)), ("hung", (0.5, 7200.0, 36000.0, 0.25)))
            for measure, unit, value in zip(
                ("failovers", "failover_latency_p50", "failover_latency_p95", "failover_automatic"),
                ("1/year", "s", "s", "1"), values, strict=True,
            )
        ),
        of(B, "down_by_root", 1.3, by=("root", "pacs/phase")),
        of(B, "down_unplanned_by_root", 1.3, by=("root", "pacs/phase")),
        of(B, "outages", 3.4, unit="1/year"),
        of(B, "down_unplanned", -5.0, (-6.5, -4.0), against=A),
        of(B, "outages", 0.8, (-0.3, 1.8), unit="1/year", against=A,
           note="cannot be told apart"),
        of(B, "down_unplanned", 11.0, (10.0, 12.0), against=A, role="read"),
        of(B, "down_planned", None, against=A, note="none seen in either in 400 terms"),
    ]  # fmt: skip


def made(**provenance: object) -> Result:
    """Return two designs side by side."""
    known = {
        "versions": {"pacsim": "9.8.7", "python": "3.11"}, "seed": 17, "replications": 400,
        "seconds": 2.5, "term_years": 5.0, "min_outage": 300.0, "role": "store",
        "precision": 0.02, "reached": True, "partial": False,
    }  # fmt: skip
    inputs = (
        {**INPUT, "path": "parts.b.ttf", "value": "5 year", "status": "vendor", "source": "letter <1>"},
        {**INPUT, "path": "parts.z.ttf", "value": "7 year", "status": "assumed", "low": "3 year",
         "high": "9 year", "id": "z.mttf"},
        {**INPUT, "path": "parts.a.ttr", "value": "4 h", "status": "assumed", "source": "guess"},
        {**INPUT, "path": "parts.a.ttr", "value": "4 h", "status": "assumed", "source": "guess",
         "design": B},
    )  # fmt: skip
    return Result(
        rows=(*rows_of_alone(), *rows_of_pair()),
        provenance=known | provenance,
        designs=(A, B),
        inputs=inputs,
        warnings=("Alone: server has no power", "Pair: nothing is monitored"),
    )
