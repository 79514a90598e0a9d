"""Batches written by hand, and designs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.campaign.tallies import DesignTally
from pacsim.core.model import EPISODE, SAMPLE, Batch
from pacsim.design import Design, load
from pacsim.units import HOUR

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.results import Row
    from pacsim.results.outage_file import KeptOutages
PAIR = """
pacsim: 1
name: pair
contract: {term: 2 years}
parts:
  one: {type: server, ttf: 2000 h, ttr: 20 h, reboot: 5 min, boot_after_power: 5 min}
  two: {like: one}
  c: {type: component, ttf: 5 years, ttr: 1 h}
groups:
  both:
    type: active_passive
    members: [one, two]
    check: {sees: host, every: 1 s, fall: 3}
roles:
  store: {needs: [both]}
  read: {needs: [c]}
"""
DISKS = """
pacsim: 1
name: disks
contract: {term: 2 years}
parts:
  disks: {type: disk_array, from: array_dual_controller, layout: raid5, disks: 4,
          disk: {from: disk_group}, stripe_studies: 3}
  nightly: {type: backup, from: backup_nightly, of: [disks]}
roles:
  store: {needs: [disks]}
"""
SECOND = 1 / 3600
EXACT, BIN = 1e-9, 0.006


def design(folder: Path, text: str, name: str = "one") -> Design:
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return load(file)


class Written:
    """A batch being written by hand, times in hours."""

    def __init__(self, tally: DesignTally, terms: int) -> None:
        self.tally, self.reader = tally, tally.reader
        lay = self.reader.lay
        self.batch = Batch(
            first=0,
            values=np.zeros((terms, lay.columns)),
            events=np.full(terms, 10),
            episodes=np.zeros(0, dtype=EPISODE),
            contributors=np.zeros(0),
            samples=np.zeros(0, dtype=SAMPLE),
        )

    def put(self, term: int, name: str, place: int, number: float) -> None:
        first = self.reader.place(name).all.start
        self.batch.values[term, first + place] = number

    def down(self, term: int, kinds: tuple[float, float, float], **flagged: float) -> None:
        """Put the down time of `store`: unplanned, planned, mixed; and of elements while down."""
        self.put(term, "role:store", 0, sum(kinds) * HOUR)
        for k, hours in enumerate(kinds):
            self.put(term, "role:store", 2 + k, hours * HOUR)
        for element, hours in flagged.items():
            at = self.reader.model.element(element.replace("__", "/"))
            self.put(term, "role:store", 5 + at, hours * HOUR)

    def year(self, term: int, year: int, kinds: tuple[float, float, float]) -> None:
        """Put the down time of `store` in one year of two: blocks of time, begun and three kinds."""
        base = 5 + len(self.reader.model.elements)
        self.put(term, "role:store", base + year, sum(kinds) * HOUR)
        for k, hours in enumerate(kinds):
            self.put(term, "role:store", base + 2 * (2 + k) + year, hours * HOUR)

    def episode(self, term: int, name: str, start: float, hours: float, **more: object) -> None:
        row = np.zeros(1, dtype=EPISODE)
        row["replication"], row["observation"] = term, self.reader.lay.index(name)
        row["start"], row["end"], row["cause"] = start * HOUR, (start + hours) * HOUR, -1
        first = {"unplanned_cause": more.get("cause", -1), "planned_cause": more.get("cause", -1)}
        for key, value in {**first, **more}.items():
            row[key] = value
        object.__setattr__(self.batch, "episodes", np.concatenate([self.batch.episodes, row]))


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> DesignTally:
    """Return three terms: two short outages merged and a shorter one; three long ones; none."""
    made = DesignTally.of(design(tmp_path_factory.mktemp("pair"), PAIR), outages=True)
    w, store = Written(made, 3), "role:store"
    model = made.reader.model
    a, c = model.transition("one/hardware.fail"), model.transition("c/unit.fail")
    w.episode(0, store, 10.0, 2.0, cause=a, unplanned=2 * HOUR)
    w.episode(0, store, 12.0 + 30 * SECOND, 1.0, cause=c, unplanned=HOUR)
    w.episode(0, store, 100.0, 0.01, cause=a, unplanned=0.01 * HOUR)
    w.down(0, (3.01, 0.0, 0.0), one__hardware=3.01, two__hardware=2.0)
    w.year(0, 0, (3.01, 0.0, 0.0))
    w.episode(1, store, 200.0, 10.0, cause=c, planned=10 * HOUR)
    w.episode(1, store, 300.0, 4.0, cause=a, planned_cause=c, planned=HOUR, mixed=3 * HOUR)
    w.episode(1, store, 17470.0, 50.0, cause=a, unplanned=50 * HOUR, censored=True)
    w.down(1, (50.0, 11.0, 3.0), one__hardware=54.0, c__unit=12.0)
    w.year(1, 0, (0.0, 11.0, 3.0))
    w.year(1, 1, (50.0, 0.0, 0.0))
    w.episode(2, "role:read", 5.0, 1.0, unplanned=HOUR)
    w.put(1, "overall", 0, 64 * HOUR)
    w.put(2, "overall", 0, 1 * HOUR)
    made.add(w.batch)
    return made


def log_of(tally: DesignTally) -> KeptOutages:
    assert tally.log is not None
    return tally.log.kept()


def figures(tally: DesignTally) -> dict[tuple[str, str, str], Row]:
    return {(r.role, r.measure, r.of): r for r in tally.rows()}
