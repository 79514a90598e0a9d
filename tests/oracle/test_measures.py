"""Measures of designs small enough for closed forms: every figure against its formula."""

import math
from pathlib import Path

import pytest

from pacsim.api import compare
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.design import Design, load
from pacsim.results import Result
from pacsim.units import HOUR, YEAR
from tests.close import close
from tests.statistical import agrees

YEARS, LIFE, DOWN = 7.0, 400.0, 5.0
"""Contract years; hours between failures and of a repair, both exponential."""
ONE = """
pacsim: 1
catalogue: "2026.1"
name: {name}
parts:
  ris: {{type: component, ttf: 400 h, ttr: {{mean: {down} h, family: exponential}}}}
roles:
  use: {{needs: [ris]}}
"""
Z = 1.959964


def written(folder: Path, text: str, name: str = "one") -> Design:
    """Return the design of a text."""
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return load(file)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return 2 000 terms of one repairable part."""
    design = written(tmp_path_factory.mktemp("one"), ONE.format(name="one", down=DOWN))
    return compare([design], replications=2000, role="use", progress=False)


def error(result: Result, measure: str) -> float:
    """Return the standard error behind an interval."""
    row = result.get(measure)
    assert row.upper is not None
    assert row.estimate is not None
    return (row.upper - row.estimate) / Z


def test_down_and_outages(one: Result) -> None:
    """U over the term is r/(m+r) (1 - (1 - e^-sT)/(sT)); sees 0.5 %: MTTR in place of MTTF does."""
    s = 1 / LIFE + 1 / DOWN
    hours = YEARS * YEAR / HOUR
    mean = DOWN / (LIFE + DOWN) * (1 - (1 - math.exp(-s * hours)) / (s * hours))
    down = one.get("down")
    assert down.estimate is not None
    agrees(down.estimate, error(one, "down"), 8760 * mean)
    assert one.get("unavailability").estimate == close(down.estimate / 8760, 1e-12)
    # Failures happen at 1/m while up; those shorter than a minute are counted apart.
    failures = 8760 * (1 - mean) / LIFE
    short = 1 - math.exp(-1 / 60 / DOWN)
    found = one.get("outages").estimate
    assert found is not None
    agrees(found, error(one, "outages"), failures * (1 - short))
    few = one.get("outages_short").estimate
    assert few is not None
    agrees(few, error(one, "outages_short"), failures * short)


def test_durations(one: Result) -> None:
    """Longer than a minute, an exponential is a minute plus the same exponential."""
    for measure, quantile in (("p50", math.log(2)), ("p95", math.log(20))):
        row = one.get(f"outage_duration_{measure}")
        assert row.lower is not None
        assert row.upper is not None
        expected = 1 / 60 + DOWN * quantile
        # 95 % interval widened to the suite's rate, plus the width of a bin.
        half = (row.upper - row.lower) * 1.2
        assert abs(row.estimate - expected) < half + 0.006 * expected  # type: ignore[operator]
    mean = one.get("outage_duration_mean").estimate
    assert mean is not None
    agrees(mean, error(one, "outage_duration_mean"), DOWN + 1 / 60)


def test_parts_of_the_whole(one: Result) -> None:
    """One root has it all, nothing is planned, and the part is present all the time."""
    down = one.get("down").estimate
    assert down is not None
    assert one.get("down_unplanned").estimate == close(down, 1e-12)
    assert one.get("down_planned").estimate == 0.0
    roots = one.find("down_by_root")
    assert [r.of for r in roots] == ["ris/unit"]
    assert roots[0].estimate == close(down, 1e-9)
    assert one.find("contributor_share")[0].estimate == close(1.0, 1e-12)


def test_pairs_see_the_same_faults(tmp_path: Path) -> None:
    """Half the repair time saves half; the paired interval is far shorter than the unpaired one."""
    slow = written(tmp_path, ONE.format(name="slow", down=DOWN), "slow")
    fast = written(tmp_path, ONE.format(name="fast", down=DOWN / 2), "fast")
    result = compare([slow, fast], replications=512, role="use", progress=False)
    row = next(r for r in result.difference("use") if r.measure == "down")
    assert row.design == "fast"
    assert row.against == "slow"
    assert row.upper is not None
    assert row.lower is not None
    assert row.upper < 0
    alone = [result.get("down", design=d) for d in ("slow", "fast")]
    widths = [r.upper - r.lower for r in alone]  # type: ignore[operator]
    assert row.upper - row.lower < 0.75 * math.hypot(*widths)


def test_figures_do_not_depend_on_threads(tmp_path: Path) -> None:
    """Same seed, same terms: the same rows to the bit."""
    design = written(tmp_path, ONE.format(name="one", down=DOWN))
    first = compare([design], replications=700, threads=1, progress=False)
    second = compare([design], replications=700, threads=2, progress=False)
    assert first.rows == second.rows


PAIR = """
pacsim: 1
catalogue: "2026.1"
name: pair
parts:
  room: {type: clients, network: [left, right]}
  left: {type: switch, ttf: 1000 h, ttr: {mean: 10 h, family: exponential}}
  right: {like: left}
  one:
    type: server
    ttf: 2000 h
    ttr: {mean: 20 h, family: exponential}
    reboot: 5 min
    boot_after_power: 5 min
    network: [left, right]
  two: {like: one}
groups:
  both:
    type: active_passive
    members: [one, two]
    check: {sees: host, every: 1 s, fall: 3}
roles:
  use: {needs: [both], used_from: [room]}
"""


def test_the_spreadsheets_number(tmp_path: Path) -> None:
    """Two switches and two servers, one of each enough: 1 - (1 - a^2)(1 - b^2) by hand.

    A group taken as a series, or a switch counted once a server, is off by a factor.
    """
    design = written(tmp_path, PAIR, "pair")
    a, b = 10 / 1010, 20 / 2020
    expected = 8760 * (a**2 + b**2 - a**2 * b**2)
    assert spreadsheet_down(design.resolved, "use") == close(expected, 1e-9)
