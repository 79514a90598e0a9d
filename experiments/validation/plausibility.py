"""Hold the two shipped designs to sums of rate x mean: every cause of down time beside its sum."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hand_failovers import failovers
from hand_sums import Hand, active_passive, single_server
from reporting import versions

import pacsim

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.design import Design
    from pacsim.results import Result
    from pacsim.results.rows import Row

DESIGNS = Path(__file__).parents[2] / "models" / "designs"
SUMS: dict[str, Callable[[Hand], dict[str, float]]] = {
    "single-server.yaml": single_server,
    "active-passive.yaml": active_passive,
}
ROLE, FAR = "store", 0.25
TERM_HOURS = 7 * 8760.0
WHY = {
    ("active-passive.yaml", "mains/momentary"): "batteries of one age wear out together",
}
"""What makes a sum differ from the simulation by more than a quarter, and not by chance."""


def roots(result: Result, design: str) -> dict[str, Row]:
    """Return the simulated h/year of each cause."""
    found = result.find("down_by_root", role=ROLE, design=design)
    return {row.of: row for row in found}


def table(result: Result, design: str, sums: dict[str, float], file: str) -> str:
    """Return the causes of one design in Markdown, largest first."""
    lines = ["| cause | hand sum | simulated | ratio | |", "|---|---:|---:|---:|---|"]
    simulated = roots(result, design)
    order = sorted({*sums, *simulated}, key=lambda of: -sums.get(of, 0.0))
    for of in order:
        row, by_hand = simulated.get(of), sums.get(of)
        estimate = row.estimate if row is not None and row.estimate is not None else None
        low, high = (row.lower or 0.0, row.upper or 0.0) if row is not None else (0.0, 0.0)
        shown = "" if estimate is None else f"{estimate:.4f} ({low:.4f} - {high:.4f})"
        ratio, why = "", ""
        if by_hand and estimate is not None:
            ratio = f"{estimate / by_hand:.2f}"
            if abs(estimate / by_hand - 1) > FAR:
                chance = low <= by_hand <= high
                why = WHY.get(
                    (file, of),
                    "rare: the sum is within the interval" if chance else "not explained",
                )
        elif by_hand is None:
            why = WHY.get((file, of), "no sum")
        else:
            why = "none seen"
        number = "" if by_hand is None else f"{by_hand:.4f}"
        lines.append(f"| {of} | {number} | {shown} | {ratio} | {why} |")
    down, sheet = (
        result.get("down", role=ROLE, design=design),
        result.get("spreadsheet_down", role=ROLE, design=design),
    )
    total = sum(sums.values())
    interval = f"{down.estimate:.3f} ({down.lower:.3f} - {down.upper:.3f})"
    ratio = f"{(down.estimate or 0.0) / total:.2f}"
    lines.append(f"| **all** | **{total:.3f}** | **{interval}** | {ratio} | |")
    lines.append(f"| the spreadsheet's number | {sheet.estimate:.3f} | | | |")
    return "\n".join(lines)


def switches(result: Result, design: Design) -> str:
    """Return the failovers of the pair by kind, by hand and simulated, in Markdown."""
    lines = [
        "| kind | gaps a year by hand | simulated | ended by a switch, by hand | simulated "
        "| h/year, switch worked | h/year, switch failed |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, by_hand in failovers(Hand(design.resolved, TERM_HOURS)).items():
        cells = []
        for measure in ("failovers", "failover_automatic"):
            (row,) = (
                r
                for r in result.find(measure, design=design.name)
                if r.by == "fault_kind" and r.of == kind and r.role in design.resolved.groups
            )
            cells.append(f"{row.estimate:.3f} ({row.lower:.3f} - {row.upper:.3f})")
        lines.append(
            f"| {kind} | {by_hand.gaps:.3f} | {cells[0]} | {by_hand.automatic:.3f} | {cells[1]} "
            f"| {by_hand.worked:.3f} | {by_hand.failed:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    designs: dict[str, Design] = {file: pacsim.load(DESIGNS / file) for file in SUMS}
    result = pacsim.compare(
        list(designs.values()),
        replications=options.replications,
        seed=options.seed,
        threads=1,
        role=ROLE,
        progress=False,
    )
    print(f"{versions()}; {options.replications} terms of 7 years, seed {options.seed}; h/year.")
    for file, design in designs.items():
        sums = SUMS[file](Hand(design.resolved, TERM_HOURS))
        if design.resolved.groups:
            print(f"\n{design.name}, failovers:\n\n{switches(result, design)}")
        print(f"\n{design.name}, role {ROLE}:\n\n{table(result, design.name, sums, file)}")


if __name__ == "__main__":
    main()
