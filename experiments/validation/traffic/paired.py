"""How much paired differences of the traffic are worth, and by which causes.

    python experiments/validation/traffic/paired.py --terms 64        # some minutes of a core

Designs of a comparison meet the same faults and the same exams. What both have of a fault cancels
in their difference; what one of them is spared does not, and no pairing can change that. For pairs
of designs with the workload of the community hospital: late studies a year in each term by the root
with which a window began, their correlation over terms, and the ratio of the variance of the
difference of two designs with terms of their own to that with the same terms,

    (Var A + Var B) / (Var A + Var B - 2 Cov).

Every window of each term is simulated, so that long outages are in it as often as they are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from pacsim.campaign.probe_windows import without_probes
from pacsim.design import load
from pacsim.traffic.chosen_simulator import simulator
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.second_pass import timelines
from pacsim.traffic.window_figures import counted, window_figures
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import HOUR, YEAR

ROOT = Path(__file__).resolve().parents[3]
NOT_SERVED = ("operations_failed", "operations_slow")
MEASURES: dict[str, tuple[tuple[str, ...], str]] = {
    "studies late": (("studies_delayed",), ""),
    "stores not served in time": (NOT_SERVED, "store"),
    "first images not served in time": (NOT_SERVED, "retrieve"),
    "openings put aside": (("studies_unreachable",), ""),
}
"""What is compared: measures, and the operation of which."""
WORKLOAD = (
    f"{{from: {ROOT}/models/workloads/community-hospital.yaml, archive: NAME, "
    "at: {modalities: radiology, readers: reading-rooms}}"
)
FEEDS = """
parts:
  ups-b:    {like: ups-a}
  pdu-b:    {like: pdu-a, power: [ups-b]}
  ups-pair: {type: common_cause, members: [ups-a, ups-b], share: {catalogue: ups.beta}}
  core-1:   {power: [pdu-a, pdu-b]}
  access-1: {power: [pdu-a, pdu-b]}
  server-a: {power: [pdu-a, pdu-b]}
  array:    {power: [pdu-a, pdu-b]}
"""
DESIGNS = {
    "single server": ("single-server", "server-a", ""),
    "pair": ("active-passive", "pacs", ""),
    "pair, a check each 5 s": ("active-passive", "pacs", "groups: {pacs: {check: {every: 5 s}}}"),
    "single server on two feeds": ("single-server", "server-a", FEEDS),
}
PAIRS = (
    ("single server", "pair"),
    ("single server", "single server on two feeds"),
    ("pair", "pair, a check each 5 s"),
)
LEAST = 0.01
"""Share of both variances from which a cause has a line."""


@dataclass(frozen=True)
class Terms:
    """Windows of some terms: number, root, hours that are not as usual, counts of `MEASURES`."""

    term: np.ndarray
    root: np.ndarray
    hours: np.ndarray
    counts: np.ndarray
    years: float
    terms: int

    def column(self, measure: int, root: str | None = None) -> np.ndarray:
        """Return what there is a year in each term, of one root or of all."""
        some = np.full(len(self.term), fill_value=True) if root is None else self.root == root
        sums = np.bincount(self.term[some], self.counts[some, measure], self.terms)
        return np.asarray(sums / self.years)


def simulated(name: str, folder: Path, terms: int, seed: int) -> Terms:
    """Return the windows of the first terms of a design."""
    base, archive, more = DESIGNS[name]
    file = folder / f"{base}-{abs(hash(name))}.yaml"
    file.write_text(
        f'pacsim: 1\ncatalogue: "2026.3"\nname: {name}\n'
        f"extends: {ROOT}/models/designs/{base}.yaml\n"
        f"workload: {WORKLOAD.replace('NAME', archive)}\n{more}\n"
    )
    resolved = load(file).resolved
    assert resolved.workload is not None
    read = without_probes(tables(resolved))
    stations = FiguredStations(read, resolved.workload.targets)
    handed = hand_over(resolved, archive, read.conditions.sites, read.conditions.targets)
    term = resolved.contract.number("term")
    windows = TrafficWindows(simulator(read), term, seed=seed, roots=handed.roots)
    places = [
        [
            k
            for k, one in enumerate(counted(stations))
            if one.measure in names and dict(one.at).get("operation", "") == operation
        ]
        for names, operation in MEASURES.values()
    ]
    rows, counts, roots = [], [], []
    for passed in timelines(handed, term, range(terms), seed=seed):
        batch = windows.batch(passed)
        of = window_figures(batch, stations, {}).counts
        rows.append(batch.windows)
        counts.append(np.stack([of[:, mine].sum(axis=1) for mine in places], axis=1))
        began = {one.start: one.root for one in passed.divergences}
        roots += [began[x] for x in batch.windows["divergence"].tolist()]
    every = np.concatenate(rows)
    hours = (every["ended"] - every["divergence"]) / HOUR
    return Terms(every["term"], np.array(roots), hours, np.concatenate(counts), term / YEAR, terms)


def ratio(first: np.ndarray, second: np.ndarray) -> float:
    """Return the variance of the difference with other terms by that with the same."""
    cov = np.cov(first, second)
    apart = cov[0, 0] + cov[1, 1]
    paired = apart - 2.0 * cov[0, 1]
    return float(apart / paired) if paired > 1e-9 * apart else np.inf


def correlation(first: np.ndarray, second: np.ndarray) -> str:
    """Return it, or a dash of what one of both has never."""
    if first.std() == 0.0 or second.std() == 0.0:
        return "-"
    return f"{np.corrcoef(first, second)[0, 1]:.3f}"


def said(value: float) -> str:
    """Return a ratio as it is printed."""
    return "over 1 000" if value > 1000.0 else f"{value:.3g}"


def causes(first: Terms, second: Terms) -> None:
    """Print late studies by the root of their window."""
    print("| began with | late, a | late, b | share of both variances | correlation | ratio |")
    print("|---|---:|---:|---:|---:|---:|")
    whole = [x.column(0) for x in (first, second)]
    both = sum(x.var(ddof=1) for x in whole)
    of = {
        root: [x.column(0, root) for x in (first, second)]
        for root in sorted({*first.root.tolist(), *second.root.tolist()})
    }
    shares = {root: sum(x.var(ddof=1) for x in pair) / both for root, pair in of.items()}
    lines = [("all", whole, 1.0)]
    lines += [
        (root, of[root], shares[root])
        for root in sorted(of, key=lambda x: -shares[x])
        if shares[root] >= LEAST
    ]
    for root, (a, b), share in lines:
        print(
            f"| {root} | {a.mean():.2f} | {b.mean():.2f} | {share:.1%} | {correlation(a, b)} "
            f"| {said(ratio(a, b))} |"
        )
    alone = [pair[0] - pair[1] for pair in of.values() if not (pair[0].any() and pair[1].any())]
    left = np.sum(alone, axis=0).var(ddof=1) if alone else 0.0
    most = both / left if left > 0 else np.inf
    print(f"\nIf what both have were alike in both: {said(float(most))}.\n")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terms", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {name: simulated(name, Path(folder), asked.terms, asked.seed) for name in DESIGNS}
    for a, b in PAIRS:
        print(f"## a: {a}, b: {b}\n")
        causes(found[a], found[b])
        for k, name in enumerate(MEASURES):
            value = ratio(found[a].column(k), found[b].column(k))
            print(f"{name}: {said(value)}")
        print()
    for name, one in found.items():
        hours = np.bincount(one.term, one.hours, one.terms)
        long = one.hours > 8.0
        late = one.column(0)
        severe = np.bincount(one.term[long], one.counts[long, 0], one.terms) / one.years
        print(
            f"{name}: late studies by hours not as usual, correlation {correlation(late, hours)}; "
            f"windows over 8 h have {severe.var() / late.var():.1%} of the variance"
        )


if __name__ == "__main__":
    main()
