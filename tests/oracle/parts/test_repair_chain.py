"""Hands-on repairs of what has several ways to be down, and of disks: stages that add up.

With every stage fixed a hands-on repair is the same time line as one delay of their sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.parts.values import CONTRACTED, Delay
from tests.close import close
from tests.oracle.parts.making import fired, gaps, model, part, practices

if TYPE_CHECKING:
    from pacsim.parts.values import Part

EXACT = 1e-9
NEVER = 1e15
CALL, RESPONSE = 1.0, 2.0


def doing(**more: Any) -> Part:
    """Return practices: known after 1, somebody there after 2; hidden faults after 5."""
    times = {"call": Det(CALL), "hidden_unmonitored": Det(5.0), **more.pop("times", {})}
    return practices(times=times, support={"response": Det(RESPONSE), "part_missing": 0.0}, **more)


def both_ways(total: float) -> list[dict[str, Any]]:
    """Return one repair of so many hours, all included and hands-on."""
    return [{"ttr": Det(total)}, {"repair": Det(total - CALL - RESPONSE)}]


def mains(on: float, off: float) -> Part:
    return part("utility", "mains", outages=Det(on), duration=Det(off))


@pytest.mark.parametrize("repair", both_ways(4.0))
@pytest.mark.parametrize(("drops", "expected"), [(1.0, [(10.0, 14.0)]), (0.0, [(11.0, 12.0)])])
def test_ups(repair: dict[str, Any], drops: float, expected: list[tuple[float, float]]) -> None:
    """Down or bypassed until it is mended; the cut from 11 to 12 goes through a bypass."""
    # Sees: a bypass that bridges a cut; a way without its repair; a stage left out.
    one = part("ups", "ups", power=("mains",), fails=Det(10.0), drops_load=drops, runtime=2.0,
               recharge=8.0, **repair)  # fmt: skip
    built = model(mains(11.0, 1.0), one, down=("ups.output",), doing=doing())
    assert gaps(built, "ups.output", 23.0) == expected
    assert fired(built, "ups/module.fail", 26.0) == [10.0, 24.0]


def house(*more: Part) -> Any:
    """Return mains of 100 on and 30 off, with what is behind them."""
    return model(mains(100.0, 30.0), *more, down=("ats.output", "generator.ok"), doing=doing())


def generator(**more: Any) -> Part:
    plain = {"start": 0.0, "start_delay": Det(1.0), "run": Det(NEVER), "ttr": Det(4.0)}
    return part("generator", "generator", **{**plain, **more})


def ats(**more: Any) -> Part:
    plain = {"demand": 0.0, "delay": Det(1.0), "bypass": Det(5.0)}
    return part("ats", "ats", normal="mains", emergency="generator", **plain | more)


@pytest.mark.parametrize("repair", both_ways(7.0))
def test_generator(repair: dict[str, Any]) -> None:
    """Locked out at 103, mended at 110."""
    locked = part("generator", "generator", start=1.0, start_delay=Det(1.0), run=Det(NEVER),
                  retries=3, retry_cures=0.0, **repair)  # fmt: skip
    assert gaps(house(locked, ats(ttr=Det(1.0))), "generator.ok", 112.0) == [(103.0, 110.0)]


@pytest.mark.parametrize("repair", both_ways(200.0))
def test_ats_stuck(repair: dict[str, Any]) -> None:
    """Stuck at 102, over by hand at 107, back at 135, over at 236, back at 265, mended at 302."""
    # Sees: stages that begin anew with each move by hand; moves that end with the first stage.
    built = house(generator(), ats(demand=1.0, **repair))
    assert gaps(built, "ats.output", 350.0) == [(100.0, 107.0), (230.0, 236.0)]
    assert fired(built, "ats/position.by-hand-back", 350.0) == [135.0, 265.0]
    # A good switch again, it tries at 360 and sticks at 362; one that is stuck still, at 365.
    assert fired(built, "ats/position.by-hand", 380.0) == [107.0, 236.0, 367.0]


@pytest.mark.parametrize("repair", both_ways(60.0))
def test_ats_dead(repair: dict[str, Any]) -> None:
    """Dead at 90, round it at 95, over at 106, back at 135, mended at 155; dead again at 245."""
    built = house(generator(), ats(spurious=Det(90.0), **repair))
    found = [(90.0, 95.0), (100.0, 106.0), (230.0, 232.0), (245.0, 250.0)]
    assert gaps(built, "ats.output", 300.0) == found


@pytest.mark.parametrize("repair", both_ways(92.0))
def test_ats_dead_again(repair: dict[str, Any]) -> None:
    """It dies each 90 hours, so that a repair of 92, begun anew each time, is never done."""
    # Sees: a repair that goes on where it was before the second fault, to an end at 187.
    built = house(generator(), ats(spurious=Det(90.0), **repair))
    whose = "position" if "ttr" in repair else "repair"
    assert fired(built, f"ats/{whose}.repaired", 400.0) == []
    assert fired(built, "ats/position.fail", 400.0) == [90.0, 185.0, 280.0, 375.0]


def array(**more: Any) -> Part:
    """Return a set that survives three failed disks, each rebuilt in 6 h."""
    disk = {"size": 60.0, "life": Exp(900.0), "rebuild_rate": 10.0, **more.pop("disk", {})}
    return part("disk_array", "array", layout="raidz3", disks=6, disk=disk, replace=Det(50.0),
                **more)  # fmt: skip


CONTRACT_ONLY = Delay(Det(3.0), covers=CONTRACTED)
HANDS = Delay(Det(3.0), covers="hands_on")


@pytest.mark.parametrize(
    ("replace", "disk", "finds", "serial", "total"),
    [
        (HANDS, {}, (), "parallel", 5 + 2 + 3),
        (HANDS, {"unnoticed": Det(7.0)}, (), "parallel", 7 + 2 + 3),
        (HANDS, {"unnoticed": Det(7.0)}, ("degraded_raid",), "serial", 9 + 2 + 3),
        (CONTRACT_ONLY, {}, (), "parallel", 2 + 3),
        (CONTRACT_ONLY, {"unnoticed": Det(7.0)}, (), "serial", 7 + 2 + 3),
        (CONTRACT_ONLY, {"unnoticed": Det(7.0)}, ("degraded_raid",), "parallel", 2 + 3),
        (Det(3.0), {"unnoticed": Det(7.0)}, (), "parallel", 7 + 3),
    ],
)
def test_disk_replaced(replace: Any, disk: Any, finds: Any, serial: str, total: float) -> None:
    """From the failure: unnoticed or hidden, response, replacement, rebuild of 6 h."""
    # Sees: a failed disk noticed twice or never; the response left out of a contract's time.
    seen = {"monitoring": {"finds": finds}, "times": {"hidden": Det(9.0)}} if finds else {}
    one = array(disk_replace=replace, disk=disk, rebuild=serial)
    built = model(one, down=("array.ok",), doing=doing(**seen))
    checked = 0
    for k in range(1, 7):
        failed = fired(built, f"array/disk-0{k}.fail", 4000.0)
        done = fired(built, f"array/disk-0{k}.rebuilt", 4000.0)
        for a, b in zip(failed, done, strict=False):
            # A serial rebuild may wait for another one.
            assert b - a == close(total + 6.0, EXACT) or (serial == "serial" and b - a > total + 6)
            checked += b - a == close(total + 6.0, EXACT)
    assert checked > 8


@pytest.mark.parametrize(("replace", "total"), [(HANDS, 5 + 2 + 3), (CONTRACT_ONLY, 2 + 3)])
def test_spare_ordered(replace: Delay, total: float) -> None:
    """A spare used is replaced the same way."""
    one = array(disk_replace=replace, hot_spares=1)
    built = model(one, down=("array.ok",), doing=doing())
    ordered = fired(built, "array/order-1.order", 3000.0)
    back = fired(built, "array/order-1.repaired", 3000.0)
    assert len(back) > 5
    for a, b in zip(ordered, back, strict=False):
        assert b - a == close(total, EXACT)
