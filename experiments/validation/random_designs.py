"""Random designs of every kind of group and line: traces of both simulators, equal to the bit.

    python experiments/validation/random_designs.py                        # 200 for 20 years: hours
    python experiments/validation/random_designs.py --designs 40 --years 0.5  # what the tests run
    python experiments/validation/random_designs.py --first 40 --designs 20 --processes 2
    python experiments/validation/random_designs.py --keep runs.jsonl  # goes on where it stopped

`tests/agreement/designs.py` draws them. The table says for each kind in how many designs it stands,
how many others it meets, and how often that one of its transitions fired which fired least. It
fails if a trace, an outage or a figure differs, if two kinds meet less often than ten times in two
hundred designs, or if a transition that `tests/agreement/test_designs.py` lists fired less than
fifty times.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from pacsim.design import design_of
from pacsim.design.build import build
from tests.agreement.designs import KINDS, PAIRS, drawn, kinds_of, moves_of, pairs_of
from tests.agreement.test_designs import OFTEN, YEAR, assert_equal, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

Run = tuple[int, Counter[str], int, str]


def run(number: int, years: float) -> Run:
    """Return a number, what fired, the events, and what is wrong with its design."""
    design = design_of(drawn(number))
    model = build(design.resolved).model
    try:
        batch = assert_equal(model, years * YEAR, number)
    except AssertionError as error:
        return number, Counter(), 0, f"{error} differs"
    assert batch.trace is not None
    moves = moves_of(design, model)
    return number, Counter(moves[k] for k in batch.trace["transition"]), int(batch.events[0]), ""


def runs_of(asked: argparse.Namespace) -> Iterator[Run]:
    """Yield the runs asked for: those that the file has kept, then the others as they end."""
    kept = asked.keep.read_text().splitlines() if asked.keep and asked.keep.exists() else []
    rest = dict.fromkeys(range(asked.first, asked.first + asked.designs))
    for line in kept:
        years, number, fired, events, said = json.loads(line)
        if years == asked.years and number in rest:
            del rest[number]
            yield number, Counter(fired), events, said
    with ProcessPoolExecutor(asked.processes) as pool:
        futures = [pool.submit(run, number, asked.years) for number in rest]
        for future in as_completed(futures):
            if asked.keep:
                with asked.keep.open("a") as file:
                    file.write(json.dumps([asked.years, *future.result()]) + "\n")
            yield future.result()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--designs", type=int, default=200)
    parser.add_argument("--years", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a file that keeps each run as it ends")
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.designs)
    start, counts, events, wrong = time.perf_counter(), Counter[str](), 0, []
    for number, fired, some, said in runs_of(asked):
        counts += fired
        events += some
        if said:
            wrong.append(f"design {number}: {said}")
            print(wrong[-1], flush=True)
    kinds = [kinds_of(drawn(number)) for number in numbers]
    met = Counter(pair for one in kinds for pair in pairs_of(one))
    print(f"{asked.designs} designs, {asked.years:g} years, {events} events, ", end="")
    print(f"{time.perf_counter() - start:.0f} s\n")
    print("| kind | designs | meets least | fired least |\n|---|---:|---|---|")
    for kind in KINDS:
        least = min((met[pair], *(set(pair) - {kind})) for pair in PAIRS if kind in pair)
        own = {
            move: n for move, n in counts.items() if move.startswith(f"{kind}/") and listed(move)
        }
        rare = min(own, key=lambda move: own[move], default="")
        shown = f"{rare.partition('/')[2]} {own[rare]}" if rare else ""
        number_of = sum(kind in one for one in kinds)
        print(f"| {kind} | {number_of} | {least[1]} {least[0]} | {shown} |")
    seldom = {move: n for move, n in counts.items() if listed(move) and n < OFTEN}
    print(f"\nless than {OFTEN} times: {seldom or 'none'}")
    few = 10 * asked.designs // 200
    apart = [pair for pair in PAIRS if met[pair] < few]
    print(f"pairs that meet less than {few} times: {apart or 'none'}")
    print(f"designs that differ: {len(wrong)}")
    return 1 if wrong or seldom or apart else 0


if __name__ == "__main__":
    sys.exit(main())
