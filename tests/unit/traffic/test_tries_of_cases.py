"""What tries tell of cases, beside sums by hand over the tries of each; wrong lines are seen."""

from __future__ import annotations

import math
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from pacsim.traffic.figured_stations import ASKS, FORWARDS, PROBES, READS, SENDS
from pacsim.traffic.kernel import tries_of_cases as made
from pacsim.traffic.kernel import tries_source
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, KINDS, OK, OPEN, REJECTED, STREAMS
from pacsim.traffic.window_tables import WindowLogs
from tests.unit.traffic.planted_lines import interpreted

DOES = np.array([SENDS, SENDS, READS, READS, FORWARDS, ASKS, PROBES])
STATIONS = SimpleNamespace(
    does=DOES,
    retry_count=np.array([3, -1, -1, 2, 3, 1, -1]),
    retry_every=np.array([60.0, 60.0, 10.0, 20.0, 60.0, 15.0, 5.0]),
    sends_anew=np.array([True, False, False, False, True, False, False]),
    patience=np.array([np.inf, np.inf, 30.0, 50.0, np.inf, 20.0, np.inf]),
    returns=np.array([0.0, 0.0, 70.0, 90.0, 0.0, 0.0, 0.0]),
)
WINDOWS, SEEDS = 4, 30
OPERATIONS = {
    SENDS: ("store",) * 3,
    READS: ("query", "query", "retrieve"),
    ASKS: ("worklist",) * 3,
}

Told = tuple[dict[Any, tuple[Any, ...]], dict[Any, tuple[Any, ...]]]
"""What is known of cases, and of queries by case and step."""


class Drawn:
    """Tries of windows by chance, and the cases of which they are to tell."""

    def __init__(self, seed: int, *, told: bool) -> None:
        rng = np.random.default_rng(seed)
        names = sorted(
            {
                (int(rng.integers(WINDOWS)), int(rng.choice([0, 1, 2, 3, 5])), int(rng.integers(2)),
                 int(rng.integers(5)))
                for _ in range(25)
            }
        )  # fmt: skip
        place: list[tuple[int, float, tuple[Any, ...]]] = []
        for name in names:
            # Those of others come in between.
            rows = self._of(name, rng)
            moments = np.sort(rng.random(len(rows))).tolist()
            place += [(name[0], at, row) for at, row in zip(moments, rows, strict=True)]
        for window in range(WINDOWS):
            probe = ((window, 6, 4, 0), 6, "echo", 0, 0, 5.0, 6.0, 1, 1, 1.0)
            place.append((window, float(rng.random()), probe))
        ordered = [row for *_, row in sorted(place, key=lambda one: one[:2])]
        self.names = [name for name in names if rng.random() < 0.8]
        self.tries = np.zeros(len(ordered), dtype=ATTEMPTS)
        for to, (name, station, kind, step, again, start, end, how, items, size) in zip(
            self.tries, ordered, strict=True
        ):
            _, to["source"], to["stream"], to["number"] = name
            to["station"], to["operation"], to["step"], to["try"] = (
                station,
                KINDS.index(kind),
                step,
                again,
            )
            to["start"], to["end"], to["how"], to["items"], to["bytes"] = (
                start,
                end,
                how,
                items,
                size,
            )
        windows = [row[0][0] for row in ordered]
        bounds = np.searchsorted(windows, np.arange(WINDOWS + 1))
        self.windows = windows
        follows = rng.random(len(ordered)) < 0.5 if told else None
        self.logs = WindowLogs(
            self.tries, np.zeros(0, JOBS), bounds, np.zeros(WINDOWS + 1, dtype=np.int64),
            np.zeros((0, len(DOES)), COUNTS), follows,
        )  # fmt: skip
        self.jobs = np.zeros(len(self.names), dtype=JOBS)
        self.jobs["source"] = [name[1] for name in self.names]
        self.jobs["finished"] = rng.integers(0, 50, len(self.names))
        self.parked = rng.integers(0, 3, len(self.names))

    def _of(
        self, name: tuple[int, int, int, int], rng: np.random.Generator
    ) -> list[tuple[Any, ...]]:
        """Return the tries of a case, one after the other."""
        source, step, at, rows = name[1], 0, float(rng.integers(40)), []
        for again in range(int(rng.integers(0, 9))):
            station = source
            if DOES[source] == SENDS and again > 3:
                station = 4
            # A step is always of one kind.
            kind = OPERATIONS[int(DOES[source])][step % 3]
            end = at + float(rng.integers(1, 4))
            how = int(rng.choice([OK, OPEN, REJECTED, 1, 2]))
            rows.append(
                (name, station, kind, step, again % 4, at, end, how, int(rng.integers(2)), float(rng.integers(9)))
            )  # fmt: skip
            at = end + float(rng.choice([STATIONS.retry_every[station], 7.0, 100.0]))
            # A step may come again, and one before it, even one that was passed over.
            step = max(0, step + int(rng.choice([-1, -1, 0, 0, 1, 1, 3])))
        return rows

    def found(
        self,
    ) -> Told:
        """Return what is found, by case and by query."""
        heads = [source * len(STREAMS) + stream for _, source, stream, _ in self.names]
        bounds = np.searchsorted([name[0] for name in self.names], np.arange(WINDOWS + 1))
        given = made.CaseNames(bounds, np.array(heads), np.array([name[3] for name in self.names]))
        cases, queries = made.tries_of_cases(
            self.logs,
            given,
            self.jobs,
            self.parked,
            STATIONS,  # type: ignore[arg-type]
        )
        columns = (
            "first",
            "ended",
            "given_up",
            "aside",
            "again",
            "rejected",
            "pieces",
            "pieces_routed",
            "asked",
        )
        return (
            {
                name: (*(row[x].item() for x in columns), self._chain(queries, row["query"]))
                for name, row in zip(self.names, cases, strict=True)
            },
            {
                (*self.names[row["case"]], row["step"].item()): tuple(
                    row[x].item() for x in ("asked", "ended", "given_up", "rejected")
                )
                for row in queries
            },
        )

    @staticmethod
    def _chain(queries: np.ndarray, query: int) -> list[int]:
        """Return the steps of a case's queries as they hang on each other, the last one first."""
        found: list[int] = []
        while query >= 0 and len(found) <= len(queries):
            found.append(int(queries[query]["step"]))
            query = queries[query]["before"]
        return found

    def expected(
        self,
    ) -> Told:
        """Return the same from lists of tries of each case."""
        cases: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        queries: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for case, name in enumerate(self.names):
            mine = [
                k for k, row in enumerate(self.tries)
                if (self.windows[k], row["source"], row["stream"], row["number"]) == name
            ]  # fmt: skip
            rows = [self.tries[k] for k in mine]
            stores = [row for row in rows if KINDS[row["operation"]] == "store"]
            aside = self._asides(case, mine)
            rejected = {KINDS[row["operation"]] for row in rows if row["how"] == REJECTED}
            gone = [
                row["end"] for row in stores
                if row["how"] not in (OK, OPEN)
                and row["try"] == STATIONS.retry_count[row["station"]]
            ]  # fmt: skip
            steps = {int(row["step"]) for row in rows if KINDS[row["operation"]] == "query"}
            again, pieces = 0.0, [0, 0]
            for station in {row["station"] for row in stores}:
                there = [row for row in stores if row["station"] == station]
                pieces[int(station != name[1])] = sum(row["items"] > 0 for row in there)
                if STATIONS.sends_anew[station]:
                    sent = [row["bytes"] for row in there]
                    again += sum(sent) - max(sent)
            cases[name] = (
                min((row["start"] for row in rows), default=math.inf),
                max((row["end"] for row in rows), default=-math.inf),
                min(gone, default=math.inf), min((at for _, at in aside), default=math.inf), again,
                bool(rejected) * 4 + ("retrieve" in rejected) * 2 + ("store" in rejected), *pieces,
                len(steps), sorted(steps, reverse=True),
            )  # fmt: skip
            for step in steps:
                asks = [r for r in rows if KINDS[r["operation"]] == "query" and r["step"] == step]
                served = [row["end"] for row in asks if row["how"] == OK]
                queries[(*name, step)] = (
                    min(row["start"] for row in asks), served[-1] if served else math.inf,
                    min((at for of, at in aside if of == step), default=math.inf),
                    int(any(row["how"] == REJECTED for row in asks)),
                )  # fmt: skip
        return cases, queries

    def _asides(self, case: int, mine: list[int]) -> list[tuple[int, float]]:
        """Return at which steps a case was put aside, and when."""
        source = self.names[case][1]
        found: list[tuple[int, float]] = []
        if DOES[source] != READS:
            return []
        over = self.jobs["finished"][case] + STATIONS.patience[source]
        for k, after in zip_longest(mine, mine[1:]):
            row = self.tries[k]
            if row["how"] in (OK, OPEN):
                continue
            if after is None:
                put = self.parked[case] > len(found)
            elif self.logs.follows is not None:
                put = not self.logs.follows[k]
            else:
                put = (
                    self.tries["start"][after] != row["end"] + STATIONS.retry_every[row["station"]]
                )
            if put:
                found.append((int(row["step"]), float(max(over, row["end"]))))
                over = found[-1][1] + STATIONS.patience[source] + STATIONS.returns[source]
        return found


@pytest.mark.parametrize("told", [False, True])
def test_tries_tell_what_sums_by_hand_tell(told: bool) -> None:
    queries = 0
    for seed in range(SEEDS):
        drawn = Drawn(seed, told=told)
        found, expected = drawn.found(), drawn.expected()
        assert found == expected
        queries += len(found[1])
    assert queries > 10 * SEEDS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tries[k].number != number or", ""),
        ("or tries[k].source * streams + tries[k].stream != head", ""),
        ("if case < begin:", "if case < 0:"),
        ("heads[case] == head and", ""),
        (" and numbers[case] == number", ""),
        ("place = (place + 1) & mask", "break"),
        ("tries[k].how != OK and", ""),
        (" and tries[k].how != OPEN", ""),
        ('tries[k]["try"] == stations[station].retry_count', "True"),
        ("min(cases[case].given_up, tries[k].end)", "tries[k].end"),
        ("if last >= 0 and fails(tries, last):", "if last >= 0:"),
        ("follows[last] != 0", "follows[k] != 0"),
        ("tries[k].start == again", "tries[k].start <= again"),
        ("cases[case].parked > cases[case].asides", "cases[case].parked > 0"),
        ("cases[case].asides += 1", "pass"),
        ("max(cases[case].patient, tries[k].end)", "tries[k].end"),
        ("at + cases[case].returns", "at"),
        ("min(queries[query].given_up, at)", "at"),
        ("queries[query].before = before", "queries[query].before = -1"),
        ("queries[after].before = query", "pass"),
        ("if after < 0:", "if True:"),
        ("if query < 0 or queries[query].step != step:", "if query < 0:"),
        ("and queries[query].step == tries[k].step", ""),
        ("cases[case].asked += 1", "pass"),
        ("max(cases[case].most, tries[k].bytes)", "tries[k].bytes"),
        ("if station == tries[k].source:", "if True:"),
        ("anew = stations[station].sends_anew", "anew = True"),
        ("cases[case].pieces_routed += 1", "cases[case].pieces += 1"),
    ],
)
def test_wrong_lines_are_seen(old: str, new: str) -> None:
    planted = interpreted(tries_source, old, new)
    with patch.object(made, "compiled", planted):
        both = (Drawn(seed, told=seed % 2 == 1) for seed in range(SEEDS))
        assert any(one.found() != one.expected() for one in both)


def test_what_is_planted_in_is_right_otherwise() -> None:
    plain = interpreted(tries_source, "count = 0\n", "count = 0  # as it stands\n")
    with patch.object(made, "compiled", plain):
        for seed in range(6):
            drawn = Drawn(seed, told=seed % 2 == 1)
            assert drawn.found() == drawn.expected()
