"""How often the best of ten designs is chosen, beside what was promised, and what it saved.

Designs of known means meet the same faults: normal block means, and hours that 0.4 % of the terms
have. In the hardest case nine designs are just as much worse as matters; in the others they are
worse by once to nine times that.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.append(str(Path(__file__).parents[3]))

from tests.ranked_means import normal, ranked, rare

DESIGNS, RATE = 10, 1e-3
CASES = {"normal": (normal, 0.3), "rare": (rare, 0.001)}
HEADS = ("means", "promised %", "chosen right %", "of", "blocks of the last", "saved %", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = 0
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    for name, (draw, matters) in CASES.items():
        for kind, draws in (
            ("all as bad as matters", partial(draw, DESIGNS, matters)),
            ("ever worse", partial(draw, DESIGNS, matters * np.arange(1, DESIGNS))),
        ):
            for promised in (0.9, 0.95):
                made = [
                    ranked(
                        draws,
                        DESIGNS,
                        seed=options.seed * 1_000_003 + k,
                        certainty=promised,
                        indifferent=matters,
                    )
                    for k in range(options.runs)
                ]
                right = sum(one for one, _ in made)
                fails = stats.binom.cdf(right, options.runs, promised) < RATE / 8
                failed += bool(fails)
                last = np.mean([max(found.blocks) for _, found in made])
                saved = 100 * np.mean([found.saved for _, found in made])
                print(
                    f"| {name}, {kind} | {100 * promised:g} | {100 * right / options.runs:.1f} "
                    f"| {options.runs} | {last:.0f} | {saved:.0f} "
                    f"| {'**FAILS**' if fails else 'ok'} |",
                    flush=True,
                )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
