"""Operations of cases and what both runs differ in, case by case by the rules; wrong lines are seen."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pytest

from pacsim.traffic import case_operations as made
from pacsim.traffic.figured_stations import ASKS, READS, SENDS
from pacsim.traffic.kernel import operations_source
from pacsim.traffic.kernel.compiled_figures import CASES, QUERIES
from pacsim.traffic.logs import BLOCKED, BY_TYPING, JOBS, LOST_FORGOTTEN, LOST_OVERWRITTEN
from pacsim.traffic.window_cases import Cases, CaseSide
from tests.unit.traffic.planted_lines import interpreted

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGETS = {"store": 9.0, "retrieve": 4.0, "query": 3.0, "worklist": math.inf}
OTHER = {"store": math.inf, "retrieve": 6.0, "query": 2.0, "worklist": 5.0}
WINDOWS, CASES_OF_ALL, SEEDS = 3, 24, 20

Operation = tuple[int, str, int]
"""Case, name and step."""


class Drawn:
    """What two runs made of the same cases, by chance."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        targets = TARGETS if seed % 2 else OTHER
        self.stations: Any = SimpleNamespace(
            does=np.array([SENDS, READS, ASKS]),
            patience=np.array([math.inf, 5.0, 6.0]),
            target=targets.__getitem__,
        )
        window = np.sort(rng.integers(WINDOWS, size=CASES_OF_ALL))
        source = rng.integers(3, size=CASES_OF_ALL)
        finished = rng.integers(9, size=CASES_OF_ALL).astype(float)
        self.cases = Cases(window, *(self._side(rng, source, finished) for _ in range(2)))

    @staticmethod
    def _side(rng: np.random.Generator, source: np.ndarray, finished: np.ndarray) -> CaseSide:
        def times(size: int, missing: float) -> np.ndarray:
            found = rng.integers(5, 20, size).astype(float)
            found[rng.random(size) < 0.4] = missing
            return found

        number = len(source)
        jobs, tries = np.zeros(number, dtype=JOBS), np.zeros(number, dtype=CASES)
        jobs["source"], jobs["finished"] = source, finished
        jobs["outcome"] = rng.integers(6, size=number)
        for name in ("first", "stored"):
            jobs[name] = times(number, math.nan)
        for name in ("first", "given_up", "aside"):
            tries[name] = times(number, math.inf)
        tries["ended"] = times(number, -math.inf)
        tries["rejected"] = rng.integers(8, size=number)
        tries["query"] = -1
        rows = []
        for case in np.repeat(np.flatnonzero(source == 1), 2).tolist():
            # Those of a case come in turn with those of others.
            rows += [(case, step) for step in range(5) if rng.random() < 0.4]
        rows = sorted(set(rows), key=lambda row: (row[1], row[0]))
        queries = np.zeros(len(rows), dtype=QUERIES)
        for query, (case, step) in enumerate(rows):
            queries[query]["case"], queries[query]["step"] = case, step
            queries[query]["before"] = tries["query"][case]
            tries["query"][case] = query
            tries["asked"][case] += 1
        queries["rejected"] = rng.integers(2, size=len(rows))
        queries["asked"] = rng.integers(5, 12, len(rows))
        for name in ("ended", "given_up"):
            queries[name] = times(len(rows), math.inf)
        return CaseSide(
            jobs=jobs, seen=rng.random(number) < 0.8, parked=rng.integers(2, size=number),
            by_hand=np.zeros(number, dtype=bool), tries=tries, queries=queries,
            closed=np.full(number, 16.0),
        )  # fmt: skip

    def expected(self, side: CaseSide) -> dict[Operation, tuple[Any, ...]]:
        """Return the operations of a run by the rules, in order."""
        found = {}
        for case, job in enumerate(side.jobs):
            for name, step, asked, end, gone, failed, rejected in self._of(side, case, job):
                until = side.closed[case] if math.isnan(end) else end
                late = until - asked > self.stations.target(name)
                found[case, name, step] = (
                    asked, end, gone, bool(failed), bool(late), bool(rejected)
                )  # fmt: skip
        return found

    def _of(self, side: CaseSide, case: int, job: Any) -> Iterator[tuple[Any, ...]]:
        does, tries = self.stations.does[job["source"]], side.tries[case]
        none = math.nan
        if side.seen[case] and does == SENDS:
            parked = side.parked[case] > 0
            lost = job["outcome"] in (LOST_OVERWRITTEN, LOST_FORGOTTEN, BLOCKED)
            gone = tries["given_up"] if parked else none
            rejected = tries["rejected"] % 2
            yield "store", 0, job["finished"], job["stored"], gone, parked or lost, rejected
        if side.seen[case] and does == READS:
            turned = self.cases.twin.tries["first"][case]
            asked = turned if turned < math.inf else job["finished"]
            known = not math.isnan(job["first"])
            aside = tries["aside"] < (job["first"] if known else math.inf)
            gone = tries["aside"] if aside else none
            yield "retrieve", 0, asked, job["first"], gone, aside, tries["rejected"] // 2 % 2
        for row in sorted(side.queries[side.queries["case"] == case], key=lambda x: x["step"]):
            end, gone = (row[x] if row[x] < math.inf else none for x in ("ended", "given_up"))
            failed = not math.isnan(gone)
            yield "query", int(row["step"]), row["asked"], end, gone, failed, row["rejected"]
        if side.seen[case] and does == ASKS:
            typed = job["outcome"] == BY_TYPING
            over = max(job["finished"] + 6.0, tries["ended"])
            gone, rejected = over if typed else none, tries["rejected"] // 4
            yield "worklist", 0, job["finished"], job["stored"], gone, typed, rejected

    def found(self, side: CaseSide) -> dict[Operation, tuple[Any, ...]]:
        """Return the operations that the package finds, in its order."""
        rows = made.operations_of(side, self.stations, self.cases.twin)
        columns = ("asked", "end", "given_up", "failed", "late", "rejected")
        return {
            (int(row["case"]), made.NAMES[row["operation"]], int(row["step"])): tuple(
                row[x].item() for x in columns
            )
            for row in rows
        }

    def compared(self) -> tuple[Counter[tuple[int, str, str]], list[tuple[Any, ...]]]:
        """Return what differs and the waits, from the operations by the rules."""
        counts: Counter[tuple[int, str, str]] = Counter()
        window = self.cases.window.tolist()
        both = [self.expected(side) for side in (self.cases.faulted, self.cases.twin)]
        for rows, sign in zip(both, (1, -1), strict=True):
            for (case, name, _), (*_, failed, late, rejected) in rows.items():
                counts[window[case], name, "failed"] += sign * failed
                counts[window[case], name, "slow"] += sign * (late and not failed)
                counts[window[case], name, "rejected"] += sign * rejected
        faulted, twin = both
        waits = []
        for operation in (x for x in faulted if x in twin):
            _, end, gone, *_ = faulted[operation]
            until = end if math.isnan(gone) else gone
            wait = until - twin[operation][1]
            if wait > 1.0:
                case, name, _ = operation
                waits.append((window[case], name, float(wait), not math.isnan(gone)))
        return counts, waits

    def told(self) -> tuple[Counter[tuple[int, str, str]], list[tuple[Any, ...]]]:
        """Return the same as the package has it."""
        counts, waits = made.compared_operations(self.cases, self.stations, WINDOWS)
        told = {
            (window, name, what): int(counts[window, k, column])
            for window in range(WINDOWS)
            for k, name in enumerate(made.NAMES)
            for column, what in enumerate(made.COUNTED)
        }
        return Counter(told), [
            (int(row["window"]), made.NAMES[row["operation"]], float(row["wait"]),
             bool(row["given_up"]))
            for row in waits
        ]  # fmt: skip

    def is_right(self) -> bool:
        """Return whether the package finds what the rules say, in the same order."""
        for side in (self.cases.faulted, self.cases.twin):
            found, expected = self.found(side), self.expected(side)
            # Not a number is none, which is the same as none.
            if repr(list(found.items())) != repr(list(_plain(expected).items())):
                return False
        return self.told() == self.compared()


def _plain(rows: dict[Operation, tuple[Any, ...]]) -> dict[Operation, tuple[Any, ...]]:
    return {
        key: (*(float(x) for x in row[:3]), *(bool(x) for x in row[3:]))
        for key, row in rows.items()
    }


def test_operations_are_those_of_the_rules() -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        drawn = Drawn(seed)
        assert drawn.is_right()
        counts, waits = drawn.compared()
        seen.update(f"{what} {name}" for (_, name, what), x in counts.items() if x)
        seen.update(f"waits {name} {gone}" for _, name, _, gone in waits)
    wanted = {f"{what} {name}" for what in made.COUNTED for name in made.NAMES}
    assert wanted | {f"waits {x} {gone}" for x in made.NAMES for gone in (True, False)} == set(seen)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        if seen[case]:", "        if True:"),
        ("            count += 1\n        # The", "            pass\n        # The"),
        ("count += tries[case].asked", "pass"),
        ("            at -= 1\n", ""),
        ("closed[rows[row].case]", "closed[row // 99] + 3.0"),
        ("if parked[case] > 0:", "if parked[case] > 1:"),
        ("= tries[case].given_up\n", "= jobs[case].stored\n"),
        ("(OVERWRITTEN, FORGOTTEN, ", "(FORGOTTEN, "),
        ("(OVERWRITTEN, FORGOTTEN, ", "(OVERWRITTEN, "),
        (", BLOCKED):", "):"),
        ("tries[case].rejected & STORE_REJECTED != 0", "False"),
        ("tries[case].rejected & FETCH_REJECTED != 0", "tries[case].rejected != 0"),
        ("tries[case].rejected & SOME_REJECTED != 0", "tries[case].rejected != 0"),
        ("twin_tries[case].first, jobs", "tries[case].first, jobs"),
        ("jobs[case].finished if math.isinf(turned) else turned", "turned"),
        ("aside < math.inf and ", ""),
        ("math.isnan(first) or ", ""),
        (" or aside < first", ""),
        ("jobs[case].outcome == TYPED", "False"),
        ("max(jobs[case].finished + patience, tries[case].ended)", "tries[case].ended"),
        ("rows[row].step = queries[query].step", "pass"),
        ("queries[query].ended if queries[query].ended < math.inf else math.nan", "math.nan"),
        ("if queries[query].given_up < math.inf:", "if False:"),
        ("queries[query].rejected != 0", "False"),
        ("closed if math.isnan(rows[row].end) else rows[row].end", "rows[row].end"),
        ("> targets[rows[row].operation]", "> targets[0]"),
        ("window, counts, -1)", "window, counts, 1)"),
        ("counts[where, operation, FAILED]", "counts[where, operation, SLOW]"),
        ("    elif rows[row].late:", "    if rows[row].late:"),
        ("    if rows[row].rejected:", "    if False:"),
        ("where, operation = window[rows[row].case]", "where, operation = window[0]"),
        ("            twin += 1\n", "            twin += 2\n"),
        ("twin == len(twins) or comes_before(rows, row, twins, twin)", "twin == len(twins)"),
        ("rows[row].given_up if gone else rows[row].end", "rows[row].end"),
        ("- twins[twin].end", "- twins[twin].asked"),
        ("if wait > LEAST_WAIT:", "if wait >= LEAST_WAIT:"),
        ("waits[number].given_up = gone", "waits[number].given_up = False"),
        ("one[a].case < other[b].case", "one[a].case > other[b].case"),
        ("one[a].operation < other[b].operation", "False"),
        ("one[a].step < other[b].step", "False"),
    ],
)
def test_wrong_lines_are_seen(old: str, new: str) -> None:
    # What is read past its end, or never written, is seen as well.
    with patch.object(made, "compiled", interpreted(operations_source, old, new)):
        assert not all(_is_right(seed) for seed in range(SEEDS))


def _is_right(seed: int) -> bool:
    try:
        return Drawn(seed).is_right()
    except IndexError:
        return False


def test_what_is_planted_in_is_right_otherwise() -> None:
    plain = interpreted(
        operations_source, "number = twin = 0\n", "number = twin = 0  # as it stands\n"
    )
    with patch.object(made, "compiled", plain):
        assert all(_is_right(seed) for seed in range(6))
