"""What each lever is worth on the two shipped designs: paired differences beside sums by hand.

    python experiments/validation/levers.py [--most 65536] [--only NAME ...]

A lever is moved to the worse or the better side, against the design as it ships, with the same
faults in both. The run grows until the interval of the difference is narrower than a quarter of the
hand value, or than 0.01 h a year. The exit code is 1 if a lever moves the wrong way or is not
resolved.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from hand_pair import active_passive, degraded
from hand_sums import Hand, single_server
from reporting import versions

import pacsim
from pacsim.core import layout
from pacsim.design.build import build
from pacsim.engines import kernel
from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacsim.design import Design

DESIGNS = Path(__file__).parents[2] / "models" / "designs"
TERM_HOURS = 7 * 8760.0
SINGLE, PAIR = "single-server.yaml", "active-passive.yaml"
SUMS: dict[str, Callable[[Hand], dict[str, float]]] = {
    SINGLE: single_server,
    PAIR: active_passive,
}
SMALL = 0.01
"""Hours a year below which a difference is as good as none."""
LOSS = "p_any_loss"
BOTH = "down + degraded, unplanned"
"""With the hours in which two sides serve: what fencing has to be judged by."""
FIRST, MOST = 8192, 131_072
CHUNK = 8192
"""Terms that are held in memory at a time."""
HOURS_A_YEAR, TWO_SIDED = 8760.0, 1.96
FEW = 4000
"""Terms in which tanks are drawn: most levers leave them as they are."""
CHANGES = "parts.server-a.software.change_fails"
GROUP = "groups.pacs"
NO_GROUP = "the design has no failover group"
SUPPORT = DESIGNS.parent / "support"


@dataclass(frozen=True)
class Lever:
    """One change of a design: where, which way it must move what, and why it may stand still.

    Parameters
    ----------
    name : str
        For people.
    changes : mapping
        Dotted path to value, as of `Design.vary`.
    way : int
        Sign of the difference, variant less design; 0 if it must stand still.
    pair_only : bool
        Whether only the pair has it.
    measure : str
        Which figure it is judged by.
    still : str
        Why it changes next to nothing, if it does.
    of : mapping
        What the design is changed by first, as of `Design.vary`.
    """

    name: str
    changes: Mapping[str, Any]
    way: int
    pair_only: bool = False
    measure: str = "down_unplanned"
    still: str = ""
    of: Mapping[str, Any] = field(default_factory=dict)


NO_WINDOWS: dict[str, Any] = {"practices.maintenance": None}
"""Nothing moves the service each month, so nothing but a fault or a test tries the standby."""
PROVEN = "a planned move each month has tried the standby already"
FINDS = ("dead_battery", "degraded_raid", "hung_service", "standby")


def tested(every: str, **more: float) -> dict[str, Any]:
    """Return the change that adds tests of the failover."""
    return {"practices.failover_tests": {"every": every, "outage": "10 min", **more}}


LEVERS = (
    Lever("failover tests each month", tested("1 month"), 1, pair_only=True),
    Lever("failover tests each quarter", tested("3 months"), 1, pair_only=True),
    Lever("failover tests each year", tested("1 year"), 1, pair_only=True, still=PROVEN),
    Lever("failover tests each month, that go well", tested("1 month", causes_outage=0), -1,
          pair_only=True),
    Lever("failover tests each quarter, that go well", tested("3 months", causes_outage=0), -1,
          pair_only=True),
    Lever("no windows: failover tests each month", tested("1 month"), -1, pair_only=True,
          of=NO_WINDOWS),
    Lever("no windows: failover tests each quarter", tested("3 months"), -1, pair_only=True,
          of=NO_WINDOWS),
    Lever("no windows: failover tests each year", tested("1 year"), -1, pair_only=True,
          of=NO_WINDOWS),
    Lever("no windows: failover tests each ten years", tested("10 years"), 0, pair_only=True,
          still="none falls into the term", of=NO_WINDOWS),
    Lever("no latent faults, success by the last proof", {f"{GROUP}.latent": None}, 1,
          pair_only=True),
    Lever("latent faults half as often", {f"{GROUP}.latent": "27720 h"}, -1, pair_only=True),
    Lever("latent faults twice as often", {f"{GROUP}.latent": "6930 h"}, 1, pair_only=True),
    Lever("monitoring finds a latent standby", {"practices.monitoring.finds": list(FINDS)}, -1,
          pair_only=True),
    Lever("the check looks at the standby", {f"{GROUP}.check.standby": True}, -1, pair_only=True,
          still="both are rarely bad at once, and the port of what hangs answers"),
    Lever("nothing monitored", {"practices.monitoring": None}, 1),
    Lever("no written procedures", {"practices.procedures": "none"}, 1, pair_only=True),
    Lever("manual success 0.5", {"practices.times.manual_success": 0.5}, 1, pair_only=True),
    Lever(
        "support on the next business day",
        {"practices.support": str(SUPPORT / "next-business-day.yaml")},
        1,
    ),
    Lever("no vendor contract", {"practices.support": None}, 1),
    Lever("staffed at all hours", {"parts.it-team.on_duty": None}, -1),
    Lever("UPS 30 min", {"parts.ups-a.runtime": "30 min"}, -1),
    Lever("generator fails to start, 10 %", {"parts.generator.start": 0.1}, 1),
    Lever(
        "RAID 5", {"parts.array.layout": "raid5"}, 1, measure=LOSS,
    ),
    Lever("two hot spares", {"parts.array.hot_spares": 2}, -1, measure=LOSS,
          still="a second and a third disk rarely fail before the first is replaced: wipes decide"),
    Lever("hot standby", {f"{GROUP}.standby": "hot"}, 1, pair_only=True,
          still="a crash of the idle application is mended long before it is needed"),
    Lever("cold standby", {f"{GROUP}.standby": "cold"}, 1, pair_only=True,
          still="a start more in each takeover, a few minutes a year"),
    Lever("check that sees a hang", {f"{GROUP}.check.sees": "http"}, -1, pair_only=True),
    Lever("check each 10 s", {f"{GROUP}.check.every": "10 s"}, 1, pair_only=True),
    Lever("fencing works in half of the cases", {f"{GROUP}.fencing.success": 0.5}, 1,
          pair_only=True),
    Lever("fencing works in half of the cases", {f"{GROUP}.fencing.success": 0.5}, 1,
          pair_only=True, measure=BOTH),
    Lever("no fencing", {f"{GROUP}.fencing": None}, -1, pair_only=True,
          still="no takeover fails for want of it; what it is for are losses"),
    Lever("no fencing", {f"{GROUP}.fencing": None}, 1, pair_only=True, measure=BOTH),
    Lever("a switch to a fit standby succeeds in 95 %", {f"{GROUP}.success": 0.95}, 1,
          pair_only=True),
    Lever("fenced members rejoin in 90 %", {f"{GROUP}.rejoins": 0.9}, -1, pair_only=True),
    Lever("fail over at once, no restart", {f"{GROUP}.restart_first": 0}, 1, pair_only=True),
    Lever(
        "both members in one window", {"practices.maintenance.windows.rolling": False}, 1,
        pair_only=True, measure="down_planned",
    ),
    Lever("2 % of changes fail", {CHANGES: 0.02}, -1),
    Lever("15 % of changes fail", {CHANGES: 0.15}, 1),
    Lever("half of the failed patches are shared", {"practices.maintenance.windows.shared": 0.5}, 1,
          pair_only=True),
    Lever("no fencing", {f"{GROUP}.fencing": None}, 1, pair_only=True, measure=LOSS),
)  # fmt: skip


class Difference(NamedTuple):
    """A paired difference with its 95 % interval."""

    estimate: float
    lower: float
    upper: float


def down_or_degraded(design: Design, terms: int) -> np.ndarray:
    """Return of each term the unplanned hours a year in which the role is down or degraded."""
    model = build(design.resolved).model
    found, place, years = [], layout(model), TERM_HOURS / HOURS_A_YEAR
    for first in range(0, terms, CHUNK):
        batch = kernel.simulate(
            model, seed=1, first=first, count=min(CHUNK, terms - first), horizon=TERM_HOURS * HOUR
        )
        columns = [place[f"role:store{which}"].unplanned for which in ("", ".degraded")]
        found.append(sum(batch.values[:, x].ravel() for x in columns))
    return np.concatenate(found) / HOUR / years


def difference(design: Design, variant: Design, lever: Lever, terms: int) -> Difference:
    """Return variant less design of the lever's figure, paired, over so many terms."""
    if lever.measure == BOTH:
        worse = down_or_degraded(variant, terms) - down_or_degraded(design, terms)
        half = TWO_SIDED * worse.std(ddof=1) / terms**0.5
        return Difference(worse.mean(), worse.mean() - half, worse.mean() + half)
    result = pacsim.compare(
        [design, variant], replications=terms, seed=1, role="store", progress=False
    )
    for row in result.rows:
        role = "overall" if lever.measure == LOSS else "store"
        if row.measure == lever.measure and row.against and row.role == role:
            return Difference(row.estimate, row.lower, row.upper)
    message = f"no paired difference of {lever.measure}"
    raise LookupError(message)


def by_hand(file: str, design: Design, variant: Design, lever: Lever) -> float | None:
    """Return the difference of the sums; None for figures that have none."""
    planned = {"windows/work", "upgrades/work", "pacs/tests"}
    totals = []
    for one in (design, variant):
        sums = SUMS[file](Hand(one.resolved, TERM_HOURS, terms=FEW))
        wanted = lever.measure == "down_planned"
        total = sum(v for k, v in sums.items() if (k in planned) == wanted)
        if lever.measure == BOTH:
            total += degraded(Hand(one.resolved, TERM_HOURS, terms=FEW))
        totals.append(total)
    return None if lever.measure == LOSS else totals[1] - totals[0]


def judged(lever: Lever, file: str, most: int) -> tuple[str, bool]:
    """Return the line of one lever on one design, and whether it is as it should be."""
    design = pacsim.load(DESIGNS / file)
    if lever.of:
        design = design.vary({**lever.of, "name": "changed first"})
    variant = design.vary({**lever.changes, "name": "variant"})
    hand = by_hand(file, design, variant, lever)
    terms = FIRST
    while True:
        row = difference(design, variant, lever, terms)
        low, high, value = row.lower, row.upper, row.estimate
        half = (high - low) / 2
        close = half < SMALL or (hand is not None and half < abs(hand) / 4)
        if close or terms >= most:
            break
        terms = min(2 * terms, most)
    still = low <= 0 <= high or abs(value) < SMALL
    wrong = (lever.way > 0 and high < 0) or (lever.way < 0 and low > 0)
    wrong |= not lever.way and not still
    why = lever.still if still or not lever.way else ""
    if still and not why and lever.measure != LOSS:
        why = f"under {SMALL} h/yr" if half < SMALL else "not told from nothing"
    verdict = "WRONG WAY" if wrong else "" if close or lever.measure == LOSS else "not resolved"
    shown = "" if hand is None else f"{hand:+.3f}"
    line = (
        f"| {lever.name} | {lever.measure} | {shown} | {value:+.4f} ({low:+.4f} to {high:+.4f}) "
        f"| {terms} | {verdict or why} |"
    )
    return line, not verdict


def main() -> None:
    """Print the table of each design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    print(f"{versions()}; seed 1. Variant less design; h/year, or probability in 7 years.")
    good = True
    for file in SUMS:
        print(f"\n{file}\n\n| lever | figure | by hand | simulated | terms | |")
        print("|---|---|---:|---:|---:|---|")
        for lever in LEVERS:
            if options.only and lever.name not in options.only:
                continue
            if lever.pair_only and file == SINGLE:
                print(f"| {lever.name} | | | | | {NO_GROUP} |")
                continue
            line, fine = judged(lever, file, options.most)
            print(line, flush=True)
            good = good and fine
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
