"""Run the statistical verification programme and judge it; the exit code is 1 if a figure fails."""

from __future__ import annotations

import argparse
import math
import sys
import time

import cases_latent
import cases_periodic
import cases_power
import cases_raid
import cases_repair
import cases_scripted
import cases_services
import cases_trees
from judging import Case, Row, Study, Told, entries, limit
from reporting import OUT, plot, table, table_of_told, versions

COMPARISONS = 105
"""Simulated figures of the whole programme, among which the rate of false alarms is shared."""
MODULES = (
    cases_repair,
    cases_services,
    cases_periodic,
    cases_power,
    cases_raid,
    cases_latent,
    cases_trees,
    cases_scripted,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="CASE", help="may be repeated")
    factor = "on the numbers of replications"
    parser.add_argument("--replications-factor", type=float, default=1.0, metavar="F", help=factor)
    parser.add_argument("--seed", type=int, default=20240101)
    options = parser.parse_args()
    cases: dict[str, Case] = {k: v for module in MODULES for k, v in module.CASES.items()}
    texts = entries()
    if set(cases) != set(texts):
        parser.error(f"cases.yaml and the models differ: {sorted(set(cases) ^ set(texts))}")
    chosen = options.only or list(cases)
    for name in chosen:
        if name not in cases:
            parser.error(f"no case {name!r}; there are {', '.join(cases)}")
    rows: list[Row] = []
    told: list[Told] = []
    began, events = time.perf_counter(), 0
    for name in chosen:
        study = Study(name, texts[name], options.seed, options.replications_factor)
        start = time.perf_counter()
        cases[name](study)
        rows += study.rows
        told += study.told
        events += study.events
        sys.stderr.write(
            f"{name}: {time.perf_counter() - start:.1f} s, of which {study.seconds:.1f} s "
            f"for {study.events:.3g} events\n"
        )
    seconds = time.perf_counter() - began
    z = [row.z for row in rows if row.z is not None]
    if options.only is None and len(z) != COMPARISONS:
        sys.stderr.write(f"{len(z)} figures are simulated, COMPARISONS says {COMPARISONS}\n")
        return 2
    at = limit(COMPARISONS)
    failed = sum(row.fails(at) for row in rows) + sum(t.fails for t in told)
    lines = [
        f"{versions()}; seed {options.seed}, factor {options.replications_factor:g}; "
        f"{seconds:.0f} s on one core, {events:.3g} events.",
        "",
        *([table(rows, at), ""] if rows else []),
        *([table_of_told(told), ""] if told else []),
        f"{len(rows)} figures, {len(z)} of them simulated, and {len(told)} without chance; "
        f"a simulated figure fails at |z| >= {at:.2f}. {failed} fail.",
    ]
    if z:
        lines.append(f"Mean of z squared: {math.fsum(x * x for x in z) / len(z):.2f}.")
        sys.stderr.write(f"plot of all z: {plot(z, at)}\n")
    text = "\n".join(lines)
    print(text)
    OUT.mkdir(exist_ok=True)
    (OUT / "table.md").write_text(text + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
