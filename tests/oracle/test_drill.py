"""The law of detection against failovers measured on real servers (see data/README.md)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from pacsim.delays import Deterministic as Det
from tests.oracle.parts.making import fired
from tests.oracle.parts.pairing import pair
from tests.statistical import agrees, likely

FAULT = 5000.0


def trials(mode: str = "") -> list[dict[str, float]]:
    """Return the trials of one mode, or all of them, as numbers."""
    text = (Path(__file__).parent / "data" / "drill.csv").read_text(encoding="utf-8")
    return [
        {key: float(value) for key, value in row.items() if key != "mode"}
        for row in csv.DictReader(text.splitlines())
        if mode in row["mode"]
    ]


def intervals(mode: str = "") -> np.ndarray:
    """Return measured times to detection in intervals of the check."""
    return np.array([t["t_haproxy_down_s"] / (t["inter_ms"] / 1000.0) for t in trials(mode)])


@pytest.mark.parametrize("mode", ["", "ap", "aa"])
def test_measured_detection_is_fall_less_one_and_a_phase(mode: str) -> None:
    """Interval x (fall - 1 + U(0, 1)), with three failures."""
    measured = intervals(mode) - (3 - 1)
    assert len(measured) >= 60
    likely(stats.kstest(measured, "uniform").pvalue)
    # Three whole intervals, or two and a half with no phase, would be seen.
    assert stats.kstest(measured - 1.0, "uniform").pvalue < 1e-12
    assert stats.kstest(measured, stats.uniform(0.4, 0.2).cdf).pvalue < 1e-6


def test_the_measurement_adds_less_than_a_hundredth_of_a_second() -> None:
    """A constant that check and log add to every trial shows as a gap above the law's lower bound.

    Every trial lies within the bounds of its law, (fall - 1) and fall intervals, so nothing has to
    be subtracted before the shape is judged: no constant above the smallest gap can be in the data.
    """
    gaps = []
    for t in trials():
        interval = t["inter_ms"] / 1000.0
        gaps.append(t["t_haproxy_down_s"] - (t["fall"] - 1) * interval)
        assert 0.0 < gaps[-1] < interval
    assert min(gaps) < 0.01
    # The shape does not hang on it: the p-value of the largest such constant is no smaller.
    each = np.array([t["inter_ms"] / 1000.0 for t in trials()])
    found = np.array(gaps)
    as_is, less = (stats.kstest((found - c) / each, "uniform").pvalue for c in (0.0, min(gaps)))
    assert less > as_is


def test_the_group_detects_as_the_servers_did() -> None:
    """A pair that is checked three times: its own times to detection beside the measured ones."""
    # Sees: fall intervals in place of fall - 1 + U; a phase that is not drawn.
    built = pair(a={"fails": Det(FAULT)}, check={"every": 2.0, "fall": 3})
    drawn = np.array(
        [fired(built, "pacs/phase.detected", FAULT + 60.0, first=k)[0] for k in range(400)]
    )
    drawn = (drawn - FAULT) / 2.0
    likely(stats.ks_2samp(drawn, intervals()).pvalue)
    assert stats.ks_2samp(drawn + 0.5, intervals()).pvalue < 1e-9


def test_half_of_the_requests_fail_until_detection() -> None:
    """Two active servers, one dead and not known to be: every other operation fails."""
    failed = sum(t["n_fail"] for t in trials("aa"))
    total = failed + sum(t["n_ok_in_window"] for t in trials("aa"))
    assert (failed, total) == (1523, 3050)
    agrees(failed / total, 0.5 / np.sqrt(total), 0.5)
