"""What people reported of clusters, storage and power, as small designs with known answers."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import pacsim
from pacsim.design.build import build
from pacsim.engines import reference
from tests.close import close
from tests.statistical import agrees

if TYPE_CHECKING:
    from pacsim.results import Result

HERE = Path(__file__).parent
YEAR, TERM = 8760.0, 7 * 8760.0
TERMS = 4096


@cache
def found(name: str, replications: int = 64) -> Result:
    return pacsim.run(HERE / f"{name}.yaml", replications=replications, seed=1, progress=False)


def any_loss(name: str) -> float:
    """Return the share of terms that lose anything."""
    share = found(name, TERMS).get("p_any_loss", role="overall").estimate
    assert share is not None
    return share


def agree(name: str, expected: float, terms: int) -> None:
    """Hold a share of terms to the share that an independent simulation has in so many terms."""
    share = any_loss(name)
    agrees(share, math.sqrt(expected * (1 - expected) * (1 / TERMS + 1 / terms)), expected)


def lit(start: float, work: float) -> float:
    """Return when work is done that goes on in light only: ten hours on, ten off."""
    t = start
    while work > 1e-12:
        into = t % 20.0
        if into >= 10.0:
            t += 20.0 - into
            continue
        here = min(work, 10.0 - into)
        t, work = t + here, work - here
    return t


def test_a_rebuild_in_the_dark_waits() -> None:
    """Two disks of 5 000 h; one second until the new one is in, 11.1 h of light to rebuild it."""
    # Sees: a rebuild without power (5.4 % of terms); one that begins anew with each light (more).
    rng, terms, lost = np.random.default_rng(1), 20000, 0
    for _ in range(terms):
        t = 0.0
        while (t := t + rng.exponential(2500.0)) < TERM:
            over = lit(t + 1 / 3600, 4e12 / 1e8 / 3600)
            second = t + rng.exponential(5000.0)
            if second < over:
                lost += second < TERM
                break
            t = over
    agree("rebuild-in-the-dark", lost / terms, terms)


def test_a_spare_that_is_late() -> None:
    """One spare in ten is picked up a month late; five disks of 20 000 h, the set survives one."""
    # Sees: the mean delay of a spare for all of them; spares always at once (3.4 % of terms).
    rng, terms, lost = np.random.default_rng(2), 20000, 0
    for _ in range(terms):
        t = 0.0
        while (t := t + rng.exponential(4000.0)) < TERM:
            late = 720.0 if rng.random() < 0.1 else 1 / 60
            over, second = t + late + 4e12 / 1e8 / 3600, t + rng.exponential(5000.0)
            if second < over:
                lost += second < TERM
                break
            t = over
    agree("spare-late", lost / terms, terms)


def test_the_same_hour_takes_everything() -> None:
    """All disks stop after 32 768 h: all studies so far are gone, in every term, once."""
    result = found("same-hour")
    for measure in ("p_any_loss", "p_loss_over_100", "p_loss_of_all"):
        assert result.get(measure, role="overall").estimate == 1.0
    lost = result.get("studies_lost_in_term")
    assert lost.estimate == close(70_000 * 32_768 / YEAR, 1e-9)
    assert lost.unit == "studies"


def test_a_full_array_stops_what_writes() -> None:
    """3 of 4 TB are there and 8.4 TB a year come: full after 43.45 days, for the rest of the term."""
    # Sees: an archive that grows beyond its disks; parity counted as room (6 TB: 130 days).
    design = pacsim.load(HERE / "storage-full.yaml")
    (said,) = [w for w in design.resolved.warnings if "full in" in w]
    assert said.startswith("parts.array: full in February 2026, 43 days after the start (4 TB net")
    model = build(design.resolved).model
    (row,) = reference.simulate(model, horizon=TERM * 3600).episodes_of("role:store")
    full = 365 / 8.4
    assert row["start"] / 86400 == close(full, 1e-12)
    assert model.transitions[row["cause"]].name == "array/full.fills"
    result = found("storage-full")
    assert result.get("down_unplanned").estimate == close(YEAR - full * 24 / 7, 1e-9)
    assert result.find("down_by_root")[0].of == "array/full"


def test_mains_that_come_back_for_ten_minutes() -> None:
    """The battery lasts half an hour once; ten minutes of charging give 30 s in each later cut."""
    # Sees: a battery that is full again after any recharge.
    hours, cycle, at = 0.0, 7 / 6, 1 / 6
    month = YEAR / 12
    for k in range(int(month / cycle) + 1):
        dark = at + k * cycle + (0.5 if k == 0 else 30 / 3600)
        hours += max(0.0, min(at + k * cycle + 1.0, month) - dark)
    assert found("second-cut").get("down").estimate == close(12 * hours, 1e-9)


@pytest.mark.parametrize("measure", ["down_unplanned"])
def test_figure_and_interval_are_in_one_unit(measure: str) -> None:
    """8760 x (0.5 / 1000.5)^2 h = 7.9 s a year: its interval is of seconds as well."""
    # Sees: "8 s/yr" over "0.0021 - 0.0024", which are hours.
    result = found("interval-unit", 4000)
    row = result.get(measure)
    assert row.lower is not None
    assert row.upper is not None
    assert row.lower < 8760 * (0.5 / 1000.5) ** 2 < row.upper
    lines = str(result).splitlines()
    at = next(k for k, text in enumerate(lines) if text.startswith("down, unplanned"))
    assert lines[at].endswith(" s/yr")
    low, high = (float(end) for end in lines[at + 1].split(" - "))
    assert low == close(row.lower * 3600, 0.07)
    assert high == close(row.upper * 3600, 0.07)
