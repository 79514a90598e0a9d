"""The shipped designs beside what is published of real archives. Nothing is tuned to it.

    python experiments/validation/calibration.py [--replications 16384]

Outages count from half an hour on: what people remember when they are asked. Published figures are
entries of the catalogue; they stand in no design.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from reporting import versions

import pacsim
from pacsim.design.catalogue_entries import catalogue

DESIGNS = Path(__file__).parents[2] / "models" / "designs"
FILES = ("single-server.yaml", "active-passive.yaml")
HOURS = 8760.0
LONG = "30 min"
LACKS = (
    "ransomware and other intrusions (cyber), which take days to weeks once in decades",
    "cooling that fails, and rooms that are lost (site)",
    "one push that disables all machines at once, upgrades that are backed out after days",
    "faults that cluster in working hours, where people change things",
)
"""What lengthens the tail of real archives and has no part yet."""


def main() -> None:
    """Print one table: a row a figure, published beside simulated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=16384)
    options = parser.parse_args()
    designs = [pacsim.load(DESIGNS / file).vary({"contract.min_outage": LONG}) for file in FILES]
    result = pacsim.compare(
        designs, replications=options.replications, seed=1, role="store", progress=False
    )
    known = catalogue().entries
    print(
        f"{versions()}; {options.replications} terms of 7 years, seed 1; outages from {LONG} on.\n"
    )
    print(f"| figure | published | {' | '.join(d.name for d in designs)} |")
    print(f"|---|---:|{'---:|' * len(designs)}")

    def line(label: str, published: str, measure: str, form: str, scale: float = 1.0) -> None:
        cells = []
        for design in designs:
            row = result.get(measure, role="store", design=design.name)
            ends = sorted(scale * x for x in (row.lower, row.upper) if x is not None)
            interval = f" ({ends[0]:{form}} - {ends[1]:{form}})" if len(ends) == 2 else ""
            cells.append(f"{scale * (row.estimate or 0.0):{form}}{interval}")
        print(f"| {label} | {published} | {' | '.join(cells)} |")

    uptime = known["pacs.uptime_real"].value["typical"]
    number = known["pacs.outage_norm"].value["typical"]
    length = known["pacs.outage_norm.duration"].value["typical"]
    line("down with planned work, h a year", f"{(1 - uptime) * HOURS:.0f}", "down", ".1f")
    line("down, % of the time", f"{100 * (1 - uptime):.2f}", "down", ".2f", 100 / HOURS)
    line("unplanned outages a year", f"{number:g}", "outages_unplanned", ".2f")
    line("half of them are over after, h", f"{length:g}", "outage_duration_unplanned_p50", ".2f")
    line("one in twenty lasts longer than, h", "not known", "outage_duration_unplanned_p95", ".1f")
    line("down, unplanned, h a year", f"{number * length:g}", "down_unplanned", ".2f")
    print("\nWhat the tail lacks:")
    for what in LACKS:
        print(f"- {what}")


if __name__ == "__main__":
    main()
