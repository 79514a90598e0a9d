"""How often intervals hold the true figure when few terms have any event in them.

Terms are drawn as sums of a Poisson number of sizes, most of them empty. What pacsim gives
(`pacsim.stats`, with the number of eventful terms) stands beside what Student's interval and the
delta method alone would give. Only samples with two eventful terms or more count, but for the last
two tables.
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

import numpy as np
from reporting import versions

from pacsim.stats import (
    Estimate,
    clustered_interval,
    mean_interval,
    none_seen,
    paired_difference,
    ratio_interval,
    share_interval,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TERMS = 2000
EXPECTED = (2, 5, 10, 20, 50, 200)
"""Events expected in all terms together."""


def lognormal(sigma: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Return draws of mean 1."""
    return lambda rng, n: rng.lognormal(-sigma * sigma / 2.0, sigma, n)


# 0.843: p95 is four times the median, as of a bare time to repair.
LAWS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "fixed": lambda _, n: np.ones(n),
    "exponential": lambda rng, n: rng.exponential(1.0, n),
    "lognormal 0.843": lognormal(0.843),
    "lognormal 1.5": lognormal(1.5),
}


class Held:
    """Counts how often one kind of interval holds a value, and how long it is."""

    def __init__(self) -> None:
        self.n = self.inside = 0
        self.above: list[float] = []

    def add(self, found: Estimate, true: float) -> None:
        """Count one; a missing end holds everything on its side."""
        low = -math.inf if found.lower is None else found.lower
        high = math.inf if found.upper is None else found.upper
        self.n += 1
        self.inside += low <= true <= high
        if found.value:
            self.above.append(high / found.value)

    @property
    def share(self) -> str:
        """Coverage in per cent."""
        return f"{100 * self.inside / self.n:.1f}"

    @property
    def factor(self) -> str:
        """Median of the upper end over the estimate."""
        return f"{np.median(self.above):.1f}"


def events(rng: np.random.Generator, expected: float, law: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the term of each event and its size."""
    count = rng.poisson(expected)
    return rng.integers(TERMS, size=count), LAWS[law](rng, count)


def summed(of: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the sum of sizes by term."""
    found: np.ndarray = np.bincount(of, sizes, TERMS)
    return found


def means(rng: np.random.Generator, law: str, expected: int, runs: int) -> str:
    """Return a line on the mean of all terms and on the mean size of an event."""
    mean, student, size, delta = Held(), Held(), Held(), Held()
    while mean.n < runs:
        of, sizes = events(rng, expected, law)
        x, y = summed(of, sizes), summed(of, np.ones(len(of)))
        seen = int(np.count_nonzero(y))
        if seen < 2:
            continue
        true = expected / TERMS
        cov = np.cov(x, y)
        m, v = float(x.mean()), float(cov[0, 0])
        mean.add(mean_interval(m, v, TERMS, eventful=seen), true)
        student.add(mean_interval(m, v, TERMS), true)
        below = float(y.mean())
        size.add(ratio_interval(m, below, cov, TERMS, eventful=seen), 1.0)
        delta.add(ratio_interval(m, below, cov, TERMS), 1.0)
    return (
        f"| {law} | {expected} | {mean.share} | {mean.factor} | {student.share} "
        f"| {size.share} | {size.factor} | {delta.share} |"
    )


def shares(rng: np.random.Generator, law: str, expected: int, runs: int) -> str:
    """Return a line on the share of the time in which a cause was present, true for 9 in 10."""
    cells = [law, str(expected)]
    for true in (0.5, 0.9):
        share, delta = Held(), Held()
        while share.n < runs:
            of, sizes = events(rng, expected, law)
            y = summed(of, sizes)
            seen = int(np.count_nonzero(y))
            if seen < 2:
                continue
            x = summed(of, sizes * (rng.random(len(of)) < true))
            cov, top, below = np.cov(x, y), float(x.mean()), float(y.mean())
            share.add(share_interval(top, below, cov, TERMS, eventful=seen), true)
            delta.add(ratio_interval(top, below, cov, TERMS), true)
        cells += [share.share, delta.share]
    return f"| {' | '.join(cells)} |"


def years(rng: np.random.Generator, expected: int, runs: int) -> str:
    """Return a line on the share of good years: terms of seven, bad ones alone or up to the end."""
    cells = [str(expected)]
    for lasting in (0.0, 0.3):
        share, student = Held(), Held()
        while share.n < runs:
            met = np.ones((TERMS, 7))
            first = rng.integers(7, size=rng.poisson(expected))
            for term, year in zip(rng.integers(TERMS, size=len(first)), first, strict=True):
                met[term, year : 7 if rng.random() < lasting else year + 1] = 0.0
            good = met.mean(axis=1)
            if good.min() == 1.0:
                continue
            lost = (1.0 - lasting) * 1.0 + lasting * 4.0
            # Two troubles in one term are rare: few of the events lose the same year.
            true = 1.0 - expected * lost / (7 * TERMS)
            v, m = float(good.var(ddof=1)), float(good.mean())
            some, lacking = int(np.count_nonzero(good)), int(np.count_nonzero(good < 1.0))
            found = clustered_interval(m, v, TERMS, some=some, lacking=lacking, each=7)
            share.add(found, true)
            student.add(mean_interval(m, v, TERMS), true)
        cells += [share.share, student.share]
    return f"| {' | '.join(cells)} |"


def one_event(rng: np.random.Generator, law: str, expected: float, runs: int) -> str:
    """Return a line on samples of one eventful term, and on all samples whatever was seen."""
    alone, every = Held(), Held()
    for _ in range(runs):
        of, sizes = events(rng, expected, law)
        x = summed(of, sizes)
        seen, m, v = int(np.count_nonzero(x)), float(x.mean()), float(x.var(ddof=1))
        found = mean_interval(m, v, TERMS, eventful=seen) if seen else none_seen(TERMS)
        every.add(found, expected / TERMS)
        if seen == 1:
            alone.add(found, expected / TERMS)
    return f"| {law} | {expected} | {alone.share} | {every.share} |"


def differences(rng: np.random.Generator, law: str, expected: int, runs: int) -> str:
    """Return a line on two alike designs that share no events: how often they are told apart."""
    apart = 0
    for _ in range(runs):
        x, y = (summed(*events(rng, expected, law)) for _ in range(2))
        found = paired_difference(float(x.mean()), float(y.mean()), np.cov(x, y), TERMS)
        held = found.lower is not None and found.upper is not None
        apart += held and not found.lower <= 0.0 <= found.upper  # type: ignore[operator]
    return f"| {law} | {expected} | {100 * apart / runs:.1f} |"


def show(title: str, heads: str, lines: list[str]) -> None:
    """Print one table in Markdown."""
    columns = heads.split(", ")
    print(f"\n{title}:\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    print("\n".join(lines), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, runs = np.random.default_rng(options.seed), options.runs
    print(f"{versions()}; {runs} samples of {TERMS} terms a line, seed {options.seed}.")
    cells = [(law, k) for law in LAWS for k in EXPECTED]
    show(
        "Mean of all terms; mean size of an event",
        "size, events expected, mean: covered %, upper end / mean, Student's alone, "
        "size: covered %, upper end / mean, delta method alone",
        [means(rng, law, k, runs) for law, k in cells],
    )
    show(
        "Share of the time, true 0.5 and 0.9",
        "size, events expected, 0.5: covered %, delta method alone, 0.9: covered %, "
        "delta method alone",
        [shares(rng, law, k, runs) for law, k in cells if law != "fixed"],
    )
    show(
        "Share of good years in terms of seven; bad years come alone, or three in ten last to the "
        "end",
        "bad years or runs of them expected, alone: covered %, Student's alone, "
        "lasting: covered %, Student's alone",
        [years(rng, k, runs) for k in EXPECTED],
    )
    show(
        "One eventful term, and whatever was seen",
        "size, events expected, covered % of those with one, covered % of all",
        [one_event(rng, law, k, runs) for law in LAWS for k in (0.2, 1.0, 2.0, 5.0)],
    )
    show(
        "Two designs of the same law told apart, wrongly, at one comparison of 95 %",
        "size, events expected in each, told apart %",
        [differences(rng, law, k, runs) for law, k in cells],
    )


if __name__ == "__main__":
    main()
