"""Disk arrays: data loss as chains in the number of disks in each stage; what is around them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import mean_time_to, solve
from pacsim.parts import disk_array, raid
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import (
    all_in,
    missing,
    model,
    part,
    practices,
)
from tests.oracle.simulating import simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from pacsim.core import Model
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

    Moves = Callable[[Any], Iterator[tuple[Hashable, float]]]

EXACT = 1e-9
LIFE, REPLACE, NOTICE, SPARE, SIZE, RATE = 400.0, 15.0, 25.0, 2.0, 60.0, 10.0
REBUILD = SIZE / RATE
MISSION, BACK = 300.0, 35.0


def array(layout: str, disks: int, *, disk: dict[str, Any] | None = None, **more: Any) -> Part:
    """Return an array whose disks live 400 h, are replaced in 15 h and rebuilt in 6 h."""
    one = {"size": SIZE, "life": Exp(LIFE), "rebuild_rate": RATE, **(disk or {})}
    plain = {"disk_replace": Exp(REPLACE), "replace": Exp(50.0)}
    return part("disk_array", "array", layout=layout, disks=disks, disk=one, **{**plain, **more})


@pytest.fixture
def markov(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make rebuilds exponential with the mean they have; lost contents are back after BACK."""

    def lose(
        site: BuildContext,
        _part: Part,
        slots: list[ElementRef],
        contents: ElementRef,
        gone: Condition,
    ) -> Condition:
        contents.now("ok -> lost", 10, "disks", when=gone)
        contents.now("doomed -> lost", 10, "read-error")
        new = [slot.move(dict.fromkeys(slot.states, "up")) for slot in slots]
        contents.after("lost -> ok", Exp(BACK), "back", effects=new)
        return site.m.always()

    monkeypatch.setattr(raid, "Deterministic", Exp)
    monkeypatch.setattr(disk_array, "add_contents", lose)


def built(one: Part, *, monitored: bool = True) -> Model:
    """Return the model of an array, with degraded sets monitored or not."""
    finds = ("degraded_raid",) if monitored else ()
    return model(one, down=("array.ok",), doing=practices(monitoring={"finds": finds}))


def judged(one: Model, moves: Moves, start: Hashable) -> None:
    """Hold mean time to loss and loss in a mission to a chain whose end is ``"lost"``."""
    chain = Chain(explored(start, moves))
    assert mean_time_to(one, "loss:array") == close(chain.mean_time(start, "lost"), EXACT)
    found = float(solve(one, horizon=MISSION).mission["loss:array"][0])
    assert found == close(chain.at(start, MISSION)["lost"], EXACT)


def unspared(n: int, m: int, *, notice: bool = False, serial: bool = False) -> Moves:
    """Return the moves of (unnoticed, on order, waiting, rebuilding) disks without a spare."""

    def moves(state: Any) -> Iterator[tuple[Hashable, float]]:
        if state == "lost":
            return
        hidden, ordered, waiting, rebuilding = state
        bad = sum(state)

        def at(*new: int) -> Hashable:
            if serial and new[3] == 0 and new[2] > 0:
                return (new[0], new[1], new[2] - 1, 1)
            return new

        fall = at(hidden + 1, *state[1:]) if notice else at(hidden, ordered + 1, *state[2:])
        yield ("lost" if bad + 1 > m else fall), (n - bad) / LIFE
        yield at(hidden - 1, ordered + 1, waiting, rebuilding), hidden / NOTICE
        there = (waiting + 1, rebuilding) if serial else (waiting, rebuilding + 1)
        yield at(hidden, ordered - 1, *there), ordered / REPLACE
        yield at(hidden, ordered, waiting, rebuilding - 1), rebuilding / REBUILD

    return moves


NONE = (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("layout", "disks", "survives"),
    [
        ("raid0", 3, 0), ("raid1", 2, 1), ("raid1", 3, 2), ("raid5", 4, 1), ("raid6", 5, 2),
        ("raidz3", 6, 3),
    ],
)  # fmt: skip
@pytest.mark.parametrize("serial", [False, True], ids=["parallel", "serial"])
@pytest.mark.usefixtures("markov")
def test_loss(layout: str, disks: int, survives: int, *, serial: bool) -> None:
    """Data is lost when more disks are gone than the layout survives."""
    # Sees: a serial rebuild that does not wait; a tolerance off by one.
    one = built(array(layout, disks, rebuild="serial" if serial else "parallel"))
    judged(one, unspared(disks, survives, serial=serial), NONE)


@pytest.mark.usefixtures("markov")
def test_loss_of_pairs() -> None:
    """Three pairs of raid10 are three mirrors that must all survive."""
    # Sees: any two disks counted as a loss.
    one = built(array("raid10", 6))
    mirror = Chain(explored(NONE, unspared(2, 1))).at(NONE, MISSION)["lost"]
    found = float(solve(one, horizon=MISSION).mission["loss:array"][0])
    assert found == close(1 - (1 - mirror) ** 3, EXACT)


@pytest.mark.parametrize("serial", [False, True], ids=["parallel", "serial"])
@pytest.mark.usefixtures("markov")
def test_unnoticed(*, serial: bool) -> None:
    """Without monitoring somebody has to notice before the disk is replaced; with it nobody."""
    # Sees: unnoticed time in a monitored set.
    one = array("raid6", 4, disk={"unnoticed": Exp(NOTICE)},
                rebuild="serial" if serial else "parallel")  # fmt: skip
    judged(built(one, monitored=False), unspared(4, 2, notice=True, serial=serial), NONE)
    judged(built(one), unspared(4, 2, serial=serial), NONE)


def spared(n: int, m: int, *, serial: bool) -> Moves:
    """Return the moves of (waiting, starting, rebuilding, spares, all spares) with hot spares.

    A spare is ordered again when it is used; a serial set starts one spare at a time.
    """

    def moves(state: Any) -> Iterator[tuple[Hashable, float]]:
        if state == "lost":
            return
        waiting, starting, rebuilding, there, stock = state
        bad = waiting + starting + rebuilding

        def at(w: int, s: int, r: int, k: int) -> Hashable:
            while w > 0 and k > 0 and not (serial and s + r > 0):
                w, s, k = w - 1, s + 1, k - 1
            return (w, s, r, k, stock)

        fall = at(waiting + 1, starting, rebuilding, there)
        yield ("lost" if bad + 1 > m else fall), (n - bad) / LIFE
        yield at(waiting, starting - 1, rebuilding + 1, there), starting / SPARE
        yield at(waiting, starting, rebuilding - 1, there), rebuilding / REBUILD
        yield at(waiting, starting, rebuilding, there + 1), (stock - there) / REPLACE

    return moves


@pytest.mark.parametrize("serial", [False, True], ids=["parallel", "serial"])
@pytest.mark.parametrize("spares", [1, 2])
@pytest.mark.usefixtures("markov")
def test_hot_spares(spares: int, *, serial: bool) -> None:
    """With hot spares the rebuild starts soon; each one used is ordered again."""
    # Sees: a spare ordered only when the shelf is empty; a second spare started in a serial set.
    one = array("raid6", 4, disk={"hotspare_start": Exp(SPARE)}, hot_spares=spares,
                rebuild="serial" if serial else "parallel")  # fmt: skip
    judged(built(one), spared(4, 2, serial=serial), (0, 0, 0, spares, spares))


UBER = 0.3 / (8.0 * SIZE)
"""Errors per bit such that a disk read in full has 0.3 of them on average."""


@pytest.mark.parametrize("loses", ["array", "stripe"])
@pytest.mark.parametrize(("layout", "n", "m", "read"), [("raid5", 4, 1, 3), ("raid6", 5, 2, 3),
                                                        ("raid1", 2, 1, 1)])  # fmt: skip
@pytest.mark.usefixtures("markov")
def test_read_error(loses: str, layout: str, n: int, m: int, read: int) -> None:
    """The rebuild without redundancy left meets an unreadable sector with 1 - exp(-bits read)."""
    # Sees: read errors while redundancy is left; a probability linear in the bits read.
    one = array(layout, n, disk={"uber": UBER}, read_error_loses=loses)
    u = 1 - math.exp(-0.3 * read)
    plain = unspared(n, m)

    def moves(state: Any) -> Iterator[tuple[Hashable, float]]:
        for there, rate in plain(state):
            done = there != "lost" and sum(there) < sum(state)  # type: ignore[call-overload]
            if done and sum(state) == m:
                yield there, rate * (1 - u)
                yield "lost", rate * u
            else:
                yield there, rate

    judged(built(one), moves, NONE)


@pytest.mark.usefixtures("markov")
def test_read_error_of_pairs() -> None:
    """Every rebuild of a pair reads its partner without redundancy."""
    one = built(array("raid10", 4, disk={"uber": UBER}, read_error_loses="array"))
    u, plain = 1 - math.exp(-0.3), unspared(2, 1)

    def moves(state: Any) -> Iterator[tuple[Hashable, float]]:
        for there, rate in plain(state):
            if there == NONE:
                yield there, rate * (1 - u)
                yield "lost", rate * u
            else:
                yield there, rate

    mirror = Chain(explored(NONE, moves)).at(NONE, MISSION)["lost"]
    found = float(solve(one, horizon=MISSION).mission["loss:array"][0])
    assert found == close(1 - (1 - mirror) ** 2, EXACT)


CONTROLLERS = {"controller": Exp(80.0), "controller_repair": all_in(Exp(6.0))}
SAFE = {"life": Exp(1e18)}


@pytest.mark.usefixtures("markov")
def test_controllers_and_shelf() -> None:
    """Two controllers with a common share, in series with the shelf and the power."""
    # Sees: one controller enough to stop the array; the whole rate kept beside the shock.
    share, life, repair = 0.15, 80.0, 6.0
    pair = Chain(
        [
            (0, 1, 2 * (1 - share) / life), (0, 2, share / life), (1, 2, 1 / life),
            (1, 0, 1 / repair), (2, 1, 2 / repair),
        ]
    ).share(2)  # fmt: skip
    feed = part("pdu", "pdu", fails=Exp(90.0), ttr=Exp(5.0))
    one = array("raid1", 2, disk=SAFE, **CONTROLLERS, both_controllers=share, shelf=Exp(700.0),
                shelf_repair=all_in(Exp(9.0)), power=("pdu",))  # fmt: skip
    found = missing(model(feed, one, down=("array.reach",)), "array.reach")
    assert found == close(1 - (1 - pair) * (700 / 709) * (90 / 95), EXACT)


@pytest.mark.usefixtures("markov")
def test_one_controller() -> None:
    """A single controller has no common share."""
    one = array("raid1", 2, disk=SAFE, **CONTROLLERS, controllers=1, both_controllers=0.15)
    assert missing(model(one, down=("array.reach",)), "array.reach") == close(6 / 86, EXACT)


@pytest.mark.usefixtures("markov")
def test_controller_of_two_is_masked() -> None:
    """A fault stays hidden while the other controller is up; the one that ends service does not."""
    # Sees: a second fault that stays hidden as well, as if nobody missed the array.
    doing = practices(times={"hidden_unmonitored": Exp(30.0), "call": Exp(2.0)})
    mean = {"hidden": 30.0, "called": 2.0, "vendor": 1.0, "work": 6.0}
    follow = {"hidden": "vendor", "called": "vendor", "vendor": "work", "work": "up"}

    def moves(state: Any) -> Iterator[tuple[Any, float]]:
        for k, one in enumerate(state):
            other = state[1 - k]
            then = follow[one] if one != "up" else "hidden" if other == "up" else "called"
            rate = 1 / 80.0 if one == "up" else 1 / mean[one]
            yield ((then, other) if k == 0 else (other, then)), rate

    for count in (1, 2):
        one = array("raid1", 2, disk=SAFE, controller=Exp(80.0), controller_repair=Exp(6.0),
                    controllers=count)  # fmt: skip
        found = missing(model(one, down=("array.reach",), doing=doing), "array.reach")
        if count == 1:
            assert found == close(9.0 / 89.0, EXACT)
            continue
        chain = Chain(explored(("up", "up"), moves))
        down = [s for s in chain.states if "up" not in s]  # type: ignore[operator]
        assert found == close(chain.share(*down), EXACT)


@pytest.mark.usefixtures("markov")
def test_sector_losses_are_counted() -> None:
    """An unreadable sector of the last redundant rebuild costs a stripe each time, and no time."""
    # Sees: the good rebuilds counted; the array lost with the stripe.
    one = built(array("raid5", 4, disk={"uber": UBER}, read_error_loses="stripe"))
    plain = unspared(4, 1)

    def moves(state: Any) -> Iterator[tuple[Hashable, float]]:
        yield from plain(state)
        if state == "lost":
            yield NONE, 1 / BACK

    chain = Chain(explored(NONE, moves))
    found = solve(one, steady=True).steady
    sectors = sum(found[f"loss:array:sector:disk-{k:02d}"][0] for k in range(1, 5))
    expected = chain.share((0, 0, 0, 1)) / REBUILD * (1 - math.exp(-0.9))
    assert sectors == close(expected, EXACT)
    assert found["no array.ok"][0] == close(chain.share("lost"), EXACT)


def test_rebuild_of_fixed_length() -> None:
    """A mirror with a fixed rebuild d: mean time to loss (1/2 + q)/(l q), q = 1 - exp(-l d)."""
    # Sees: an exponential rebuild. Resolves 1 % of the rate of losses.
    # Gone until somebody notices, after 1 on average, and the new array is there.
    life, noticed, replaced = 30.0, 1.0, 10.0
    gone = noticed + replaced
    disk = {"size": 20.0, "life": Exp(life), "rebuild_rate": 10.0}
    one = array("raid1", 2, disk=disk, disk_replace=Det(13.0), replace=Det(replaced))
    q = 1 - math.exp(-15.0 / life)
    between = life * (0.5 + q) / q
    simulated(built(one), 1e5, 60).by_time(gone / (between + gone), "no array.ok")
