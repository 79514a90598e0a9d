"""The exact engine against published and independently computed data-loss probabilities."""

import pytest

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Exponential
from pacsim.engines.exact import mean_time_to, solve
from tests.close import close
from tests.oracle.building import LIFE, REBUILD, raid
from tests.oracle.chains_by_hand import lost_of_ten

YEARS5 = 43800.0


def loss(m: ModelBuilder, hours: float = YEARS5) -> float:
    return float(solve(m.build(), horizon=hours).mission["loss"][0])


@pytest.mark.parametrize(
    ("model", "hours", "expected"),
    [
        (lambda: raid(2, 1), YEARS5, 1.459111437909e-6),
        (lambda: raid(8, 1), YEARS5, 4.084451986557e-5),
        (lambda: raid(10, 2), YEARS5, 5.250210105385e-9),
        (lambda: raid(10, 2, serial=True), YEARS5, 1.049670115406e-8),
        (lambda: raid(3, 2), YEARS5, 4.376093771713e-11),
    ],
    ids=["raid1", "raid5", "raid6-parallel", "raid6-serial", "mirror3"],
)
def test_data_loss(model: object, hours: float, expected: float) -> None:
    assert loss(model(), hours) == close(expected, rel=1e-9)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("total", "expected", "digits"),
    [
        ((1.0, 0.5), 2.097853e-8, 2e-7),
        ((1.0, 1.0), 1.049670115e-8, 1e-9),
        ((1.0, 2.0), 5.250210105e-9, 1e-9),
    ],
)
def test_15_total_rate_of_a_rebuild(
    total: tuple[float, float], expected: float, digits: float
) -> None:
    """Row 15 and its two wrong readings; the speed of each slot is its part of the total."""
    model = raid(10, 2, weights=(total[0], total[1] / 2))
    assert loss(model) == close(expected, rel=digits)
    # Alike disks by their number: three states that lead to loss, by a matrix exponential. Its
    # last digit is one of 1, so this has eight of the loss.
    assert loss(model) == close(lost_of_ten(LIFE, REBUILD, total, YEARS5), rel=1e-7)


@pytest.mark.parametrize(
    "fault", [{"life": LIFE * 1.001}, {"rebuild": REBUILD * 1.001}], ids=["life", "rebuild"]
)
def test_a_planted_fault_of_a_thousandth_is_seen(fault: dict[str, float]) -> None:
    assert loss(raid(3, 2, **fault)) != close(4.376093771713e-11, rel=1e-4)  # type: ignore[arg-type]
    assert loss(raid(3, 1)) > 1e4 * 4.376093771713e-11


def test_mean_time_to_loss_of_a_mirror() -> None:
    """(3 lambda + mu) / (2 lambda^2): Patterson, Gibson, Katz 1988."""
    expected = (3 / LIFE + 1 / REBUILD) / (2 / LIFE**2)
    assert mean_time_to(raid(2, 1).build(), "loss") == close(expected, rel=1e-13)


def one_spare() -> ModelBuilder:
    """RAID-6 8+2, serial rebuild, one hot spare, at most one in stock or on order."""
    m = ModelBuilder()
    stock = m.element("stock", "there ordered")
    slots = [
        m.element(f"disk-{k}", "up failed rebuilding", fault="failed rebuilding") for k in range(10)
    ]
    failed = m.count(slot != "up" for slot in slots)
    busy = m.any(slot == "rebuilding" for slot in slots)
    for slot in slots:
        slot.after("up -> failed", Exponential(LIFE), "fail", cls="fault")
        slot.now(
            "failed -> rebuilding",
            50,
            "start",
            when=(stock == "there") & ~busy,
            effects=[stock.move({"there": "ordered"})],
        )
        slot.after("rebuilding -> up", Exponential(REBUILD), "rebuild", cls="repair", renew=True)
    stock.after("ordered -> there", Exponential(336.0), "delivery")
    m.first_passage("loss", failed >= 3)
    return m


def test_waiting_for_a_spare() -> None:
    assert loss(one_spare()) == close(1.64385547786e-8, rel=1e-9)


def with_read_errors(disks: int, tolerates: int, read: int) -> ModelBuilder:
    """The rebuild that completes without redundancy left draws an unrecoverable read."""
    from math import expm1

    bad = -expm1(-read * 20e12 * 8 * 1e-15)
    m = ModelBuilder()
    slots = [m.element(f"disk-{k}", "up down", fault="down") for k in range(disks)]
    array = m.element("array", "ok lost", fault="lost")
    failed = m.count(slot == "down" for slot in slots)
    for slot in slots:
        slot.after("up -> down", Exponential(LIFE), "fail", cls="fault", when=array == "ok")
        plain = [outcome(1.0, "up", renew=True)]
        risky = [
            outcome(1 - bad, "up", renew=True),
            outcome(bad, "up", array.move({"ok": "lost"}), renew=True),
        ]
        critical = (failed >= tolerates) & ~(failed >= tolerates + 1)
        slot.after(
            "down",
            Exponential(REBUILD),
            "rebuild",
            cls="repair",
            when=array == "ok",
            outcomes={critical: risky, True: plain},
        )
    array.now("ok -> lost", 10, "lose", when=failed >= tolerates + 1)
    m.first_passage("loss", array == "lost")
    return m


def test_unrecoverable_reads() -> None:
    assert loss(with_read_errors(8, 1, 7)) == close(0.1784985578, rel=1e-9)
    assert loss(with_read_errors(10, 2, 8)) == close(4.737867766e-5, rel=1e-9)


@pytest.mark.parametrize(("stages", "expected"), [(1, 2.9118e-7), (4, 2.9148e-7), (16, 2.9156e-7)])
def test_deterministic_rebuild_is_approached_by_stages(stages: int, expected: float) -> None:
    """One year of a mirror whose rebuild takes exactly 24 h: 2.9158539565632e-7 in the limit."""
    found = loss(raid(2, 1, stages=stages), 8760.0)
    assert found == close(expected, rel=2e-5)
    assert abs(found / 2.9158539565632e-7 - 1) < 1.5e-3 / stages


def test_erlang_rebuild_barely_matters() -> None:
    """Five disks stand for ten: the property is what is tested, the chain of ten is too large."""
    one, two = (loss(raid(5, 2, stages=k)) for k in (1, 2))
    assert one == close(two, rel=1e-3)
    assert one != two
