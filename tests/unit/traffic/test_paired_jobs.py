"""Cases that went otherwise, found row by row by the rules; wrong lines are seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pytest

from pacsim.traffic import window_cases as made
from pacsim.traffic.kernel import pairing_source
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, LOST_FORGOTTEN, STREAMS, UNDECIDED
from pacsim.traffic.window_tables import WindowLogs
from tests.unit.traffic.planted_lines import interpreted

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOWS, OF_A_WINDOW, SEEDS, ROUTER = 4, 16, 40, 9
COMPARED = ("first", "stored", "tries", "parked", "outcome", "sent")

Case = tuple[int, int, int, int]
"""Source, stream, slot and number."""
Rows = dict[tuple[Case, bool], int]
"""Rows of a run by case, and whether they are a router's."""


class Drawn:
    """Jobs of two runs, by chance."""

    def __init__(self, seed: int, slots: tuple[int, ...] = (0, 1, 2)) -> None:
        rng = np.random.default_rng(seed)
        runs: tuple[list[Any], list[Any]] = ([], [])
        self.bounds: tuple[list[int], list[int]] = ([0], [0])
        for _ in range(WINDOWS):
            # Windows have the same cases often, and cases the same parts of names.
            cases = {
                (int(rng.integers(3)), int(rng.integers(4)), int(rng.choice(slots)), number)
                for number in rng.choice([0, 1, 7, SLOT - 1], int(rng.integers(OF_A_WINDOW)))
            }
            one, other = self._window(rng, sorted(cases))
            for run, bounds, rows in zip(runs, self.bounds, (one, other), strict=True):
                run.extend(rows[k] for k in rng.permutation(len(rows)))
                bounds.append(len(run))
        self.jobs = [np.array(run, dtype=JOBS) for run in runs]

    @staticmethod
    def _window(rng: np.random.Generator, cases: list[Any]) -> tuple[list[Any], list[Any]]:
        runs: tuple[list[Any], list[Any]] = ([], [])
        for source, stream, slot, number in cases:
            for station in (source, ROUTER):
                row = np.zeros((), dtype=JOBS)
                row["source"], row["stream"], row["slot"] = source, stream, slot
                row["number"], row["station"] = number, station
                row["first"], row["stored"] = (rng.choice([math.nan, 4.0]) for _ in range(2))
                row["outcome"] = rng.choice([0, 1, LOST_FORGOTTEN], p=[0.6, 0.2, 0.2])
                row["parked"], row["tries"] = rng.integers(3), rng.integers(2)
                other = row.copy()
                if rng.random() < 0.5:
                    name = str(rng.choice(COMPARED))
                    other[name] = 5 if name != "parked" else row[name] + 1
                if rng.random() < 0.1:
                    row["outcome"] = other["outcome"] = UNDECIDED
                # It may be anything else.
                other["bytes"], other["finished"] = rng.random(2)
                having = rng.choice(4, p=[0.1, 0.1, 0.1, 0.7])
                for k, one in enumerate((row, other)):
                    if having in (k, 3):
                        runs[k].append(one)
        return runs

    def expected(self) -> Iterator[tuple[Any, ...]]:
        """Yield the cases in order, and of each run row, parkings, and whether by hand."""
        for window in range(WINDOWS):
            both = [self._rows(run, window) for run in range(2)]
            names = {case for rows in both for case, _ in rows}
            for case in sorted(names):
                if any(self._changed(both, (case, routed)) for routed in (False, True)):
                    yield (
                        window,
                        *case,
                        *(self._made(run, rows, case) for run, rows in enumerate(both)),
                    )

    def _rows(self, run: int, window: int) -> Rows:
        found = {}
        for k in range(*self.bounds[run][window : window + 2]):
            row = self.jobs[run][k]
            case = tuple(int(row[x]) for x in ("source", "stream", "slot", "number"))
            found[case, bool(row["station"] != row["source"])] = k
        return found  # type: ignore[return-value]

    def _changed(self, both: list[Rows], one: tuple[Case, bool]) -> bool:
        rows = [self.jobs[run][x[one]] for run, x in enumerate(both) if one in x]
        told = {tuple(repr(float(row[x])) for x in COMPARED) for row in rows}
        return len(rows) == 1 or len(told) > 1 or any(x["outcome"] == UNDECIDED for x in rows)

    def _made(self, run: int, rows: Rows, case: Case) -> tuple[int, int, bool]:
        router = rows.get((case, True), -1)
        own = rows.get((case, False), router)
        here, there = (self.jobs[run][k] if k >= 0 else None for k in (own, router))
        parked = sum(int(x["parked"]) for x in (here, there) if x is not None)
        lost_there = there is not None and there["outcome"] == LOST_FORGOTTEN
        by_hand = there is not None and there["parked"] > lost_there
        if here is not None:
            lost_here = here["outcome"] == LOST_FORGOTTEN and not lost_there
            by_hand |= here["parked"] > lost_here
        return own, parked, bool(by_hand)

    def found(self) -> Iterator[tuple[Any, ...]]:
        """Yield the same as the package has it."""
        logs = [
            WindowLogs(
                np.zeros(0, dtype=ATTEMPTS), jobs, np.zeros(WINDOWS + 1, dtype=np.int64),
                np.array(bounds), np.zeros(0, dtype=COUNTS),
            )
            for jobs, bounds in zip(self.jobs, self.bounds, strict=True)
        ]  # fmt: skip
        names, sides = made.paired_jobs(logs[0], logs[1])
        for window in range(WINDOWS):
            for case in range(*names.bounds[window : window + 2].tolist()):
                source, stream = divmod(int(names.head[case]), len(STREAMS))
                slot, number = divmod(int(names.number[case]), SLOT)
                of_runs = (
                    (int(x.at[case]), int(x.parked[case]), bool(x.by_hand[case])) for x in sides
                )
                yield window, source, stream, slot, number, *of_runs

    def is_right(self) -> bool:
        """Return whether the package finds what the rules say, in the same order."""
        return list(self.found()) == list(self.expected())


def test_cases_are_those_of_the_rules() -> None:
    told = rows = 0
    for seed in range(SEEDS):
        # Those of ten years: in whole numbers of 32 bits names would not fit.
        drawn = Drawn(seed, slots=(0, 1, 87_600))
        assert drawn.is_right()
        told += len(list(drawn.expected()))
        rows += sum(map(len, drawn.jobs))
    # Many are left out, and many are not.
    assert 0.1 * rows < told < 0.45 * rows


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first_case[window] = count", "first_case[window] = begin"),
        ("        begin = end\n", ""),
        ("    first_case[len(bounds) - 1] = count", "    first_case[len(bounds) - 1] = begin"),
        (" = twin_bounds[window], twin_bounds[window + 1]", " = first, last"),
        ("for k in range(first, last):", "for k in range(first, last - 1):"),
        ("note_row(twins, k, streams, heads, numbers, rows, 2,", "note_row(twins, k, streams, heads, numbers, rows, 0,"),
        ("differ(jobs, rows[case, 0], twins, rows[case, 2]) or ", ""),
        ("jobs, rows[case, 1], twins, rows[case, 3]", "jobs, -1, twins, -1"),
        ("jobs[k].source * streams + jobs[k].stream", "jobs[k].source * streams"),
        ("jobs[k].source * streams + jobs[k].stream", "jobs[k].source * 3 + jobs[k].stream"),
        ("NUMBERS * jobs[k].slot + jobs[k].number", "NUMBERS + jobs[k].number"),
        ("NUMBERS * jobs[k].slot + jobs[k].number", "NUMBERS * jobs[k].slot + 0 * jobs[k].number"),
        ("NUMBERS = 1048576", "NUMBERS = 1048575"),
        ("if case < begin:", "if case < 0:"),
        ("        end += 1\n", ""),
        ("        places[place] = case\n", ""),
        ("            rows[case, column] = -1\n", "            rows[case, column] = 0\n"),
        ("(1 if jobs[k].station != jobs[k].source else 0)", "0"),
        ("return (k < 0) != (twin < 0)", "return False"),
        ("return (k < 0) != (twin < 0)", "return True"),
        ("jobs[k].outcome == UNKNOWN or ", ""),
        (" or jobs[k].outcome != twins[twin].outcome:", ":"),
        ("jobs[k].tries != twins[twin].tries or ", ""),
        (" or jobs[k].parked != twins[twin].parked:", ":"),
        ("not same(jobs[k].first, twins[twin].first) or ", ""),
        (" or not same(jobs[k].stored, twins[twin].stored):", ":"),
        ("not same(jobs[k].sent, twins[twin].sent)", "False"),
        (" or (math.isnan(one) and math.isnan(other))", ""),
        ("one == other or (math.isnan(one) and math.isnan(other))", "one == other or math.isnan(one)"),
        ("    while gap > 0:", "    while gap > 1:"),
        ("        gap //= 3", "        gap = 0"),
        ("at - gap >= begin and ", "at - gap > begin and "),
        ("            order[at] = case\n", ""),
        ("heads[one] < heads[other]", "heads[one] > heads[other]"),
        ("numbers[one] < numbers[other]", "False"),
        ("        if own < 0:\n            own = routed\n", ""),
        ("        parked[k] = 0\n", ""),
        ("        by_hand[k] = False\n", ""),
        ("1 if jobs[routed].outcome == GIVEN_AWAY else 0", "0"),
        ("            parked[k] += jobs[routed].parked\n", ""),
        ("            parked[k] += jobs[own].parked\n", ""),
        ("jobs[routed].parked > forgotten", "False"),
        ("jobs[own].outcome == GIVEN_AWAY and forgotten == 0", "jobs[own].outcome == GIVEN_AWAY"),
        ("jobs[own].outcome == GIVEN_AWAY and forgotten == 0", "False"),
        ("by_hand[k] or jobs[own].parked > here", "jobs[own].parked > here"),
        ("rows[order[k], run], rows[order[k], run + 1]", "rows[k, run], rows[k, run + 1]"),
    ],
)  # fmt: skip
def test_wrong_lines_are_seen(old: str, new: str) -> None:
    with patch.object(made, "compiled", interpreted(pairing_source, old, new)):
        assert not all(_is_right(seed) for seed in range(SEEDS))


def _is_right(seed: int) -> bool:
    try:
        return Drawn(seed).is_right()
    except IndexError:
        return False


def test_what_is_planted_in_is_right_otherwise() -> None:
    plain = interpreted(
        pairing_source, "begin = count = 0\n", "begin = count = 0  # as it stands\n"
    )
    with patch.object(made, "compiled", plain):
        assert all(_is_right(seed) for seed in range(6))
