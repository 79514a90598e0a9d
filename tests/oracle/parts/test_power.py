"""Utility, transfer switch, UPS and generator: chains, and scenarios worked out by hand."""

import math
from typing import Any

import pytest

from pacsim.core import Model
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.delays import Law
from pacsim.parts import utility
from pacsim.parts.values import Part
from tests.close import close
from tests.oracle.parts.chains import Chain
from tests.oracle.parts.making import fired, gaps, missing, model, part, practices

EXACT = 1e-9
NEVER = 1e9


def mains(on: float, off: float, law: type[Law] = Det) -> Part:
    """Return a utility that is on and off for so long."""
    return part("utility", "mains", outages=law(on), duration=law(off))  # type: ignore[call-arg]


# -- utility ------------------------------------------------------------------------------------


def weighted(weights: tuple[float, ...], laws: tuple[Law, ...]) -> Law:
    """Stand in for a mixture with an exponential of its mean, so that a chain can be solved."""
    return Exp(sum(w * law.mean() for w, law in zip(weights, laws, strict=True)))


def test_utility_mean_of_mixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Down by interruptions with the mean of the mixture, momentary ones and inner faults."""
    # Sees: the share of major ones on the wrong side.
    monkeypatch.setattr(utility, "Mixture", weighted)
    one = part(
        "utility", "mains", outages=Exp(400.0), duration=Exp(2.0), major=Exp(30.0),
        major_share=0.1, momentary=Exp(50.0), momentary_length=Exp(0.01),
        internal=Exp(3000.0), internal_repair=Exp(7.0),
    )  # fmt: skip
    length = 0.9 * 2.0 + 0.1 * 30.0
    live = (400 / (400 + length)) * (50 / 50.01) * (3000 / 3007)
    assert missing(model(one, down=("mains.output",)), "mains.output") == close(1 - live, EXACT)


def test_utility_mixture_draws_one_length() -> None:
    """An interruption is a normal one or a major one, never something between."""
    one = part("utility", "mains", outages=Det(10.0), duration=Det(1.0), major=Det(5.0),
               major_share=0.5)  # fmt: skip
    lengths = {b - a for a, b in gaps(model(one, down=("mains.output",)), "mains.output", 500.0)}
    assert lengths >= {1.0, 5.0}
    assert lengths <= {1.0, 5.0, *(x for x in lengths if x < 1.0)}


# -- transfer switch ----------------------------------------------------------------------------


def ats(**more: Any) -> Part:
    """Return a transfer switch between ``mains`` and ``other``; nothing goes wrong unless given."""
    plain = {"demand": 0.0, "delay": Det(1.0), "ttr": Det(20.0), "bypass": Det(5.0)}
    return part("ats", "ats", normal="mains", **{"emergency": "other", **plain, **more})


def hand_chain(
    stick: float, *, spurious: float = 0.0, on: float = 100.0, off: float = 8.0
) -> list[tuple[object, object, float]]:
    """Return the rates among (state of the switch, mains live) with an other side that never dies.

    Transfer 0.5, by hand 3, repair 6; ``held`` has been put on the other side by hand. What
    follows at once is done: a switch that works leaves a dead normal side and returns to a live one.
    """
    at_once = {("normal", False): ("leaving", False), ("leaving", True): ("normal", True),
               ("emergency", True): ("normal", True)}  # fmt: skip
    delay, hand, repair = 0.5, 3.0, 6.0
    moves = {
        ("leaving", False): [("emergency", (1 - stick) / delay), ("stuck", stick / delay)],
        ("stuck", False): [("held", 1 / hand), ("normal", 1 / repair)],
        ("stuck", True): [("normal", 1 / repair)],
        ("held", False): [("emergency", 1 / repair)],
        ("held", True): [("stuck", 1 / hand), ("emergency", 1 / repair)],
        ("dead", False): [("held", 1 / hand)],
        ("dead", True): [("stuck", 1 / hand)],
    }
    rates: list[tuple[object, object, float]] = []
    for state in ("normal", "leaving", "emergency", "stuck", "held", "dead"):
        for live in (True, False):
            here = (state, live)
            if here in at_once:
                continue
            then = [*moves.get(here, []), *([("dead", spurious)] if state != "dead" else [])]
            other = (state, not live)
            rates.append((here, at_once.get(other, other), 1 / on if live else 1 / off))
            for to, rate in then:
                if rate > 0:
                    rates.append((here, at_once.get((to, live), (to, live)), rate))
    return rates


LIVE = [("normal", True), ("emergency", False), ("stuck", True), ("held", False), ("held", True)]


@pytest.mark.parametrize("spurious", [None, 60.0])
def test_ats_chain(spurious: float | None) -> None:
    """Sticking, faults by itself, hand and repair, while the mains come and go."""
    # Sees: a stuck switch that does not carry the normal side when that comes back; one put over
    # by hand that returns by itself; a bypass that never carries the other side; a repair that
    # begins anew with each move by hand.
    stick = 0.3
    other = part("pdu", "other", fails=Exp(1e16), ttr=Exp(1e-3))
    more = {} if spurious is None else {"spurious": Exp(spurious)}
    switch = ats(demand=stick, delay=Exp(0.5), ttr=Exp(6.0), bypass=Exp(3.0), **more)
    chain = Chain(hand_chain(stick, spurious=0.0 if spurious is None else 1 / spurious))
    built = model(mains(100.0, 8.0, Exp), other, switch, down=("ats.output", "ats.held"))
    live = chain.share(*(state for state in LIVE if state in chain.states))
    assert missing(built, "ats.output") == close(1 - live, EXACT)
    held = chain.share(("held", False), ("held", True))
    assert missing(built, "ats.held") == close(1 - held, EXACT)


# -- UPS ----------------------------------------------------------------------------------------


def ups(**more: Any) -> Part:
    """Return a UPS on the mains: 2 h on battery, 8 h to charge; nothing fails unless given."""
    plain = {"fails": Det(NEVER), "ttr": Det(1.0), "runtime": 2.0, "recharge": 8.0}
    return part("ups", "ups", power=("mains",), **{**plain, **more})


def dark(*parts: Part, until: float, monitored: float | None = None) -> list[tuple[float, float]]:
    """Return the intervals without output of ``ups``; monitored with a time to be told."""
    doing = practices()
    if monitored is not None:
        doing = practices(monitoring={"finds": ("dead_battery",)}, times={"hidden": Det(monitored)})
    return gaps(model(*parts, down=("ups.output",), doing=doing), "ups.output", until)


def test_ups_runtime_and_recharge() -> None:
    """4 h on, 1.75 h off: the charge after each cut is 0.25, 0, 0 of 2 h, and 1 h more a pause."""
    # Sees: a battery that is full as soon as the mains are back.
    found = dark(mains(4.0, 1.75), ups(), until=20.0)
    assert found == [(11.0, 11.5), (16.5, 17.25)]


def bridging(kind: str, **more: Any) -> Part:
    """Return a part that carries the load for 2 h, called ``ups`` whatever it is."""
    if kind == "ups":
        return ups(**more)
    plain = {"fails": Det(NEVER), "ttr": Det(1.0), "rides": Det(2.0)}
    return part(kind, "ups", power=("mains",), **{**plain, **more})


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", ["ups", "flywheel"])
def test_ups_discharges_under_its_own_load_only(kind: str) -> None:
    """A cut longer than the runtime is dark for the difference, a shorter one is not seen."""
    # Sees: a load that stays dark once it was; one that is carried on for ever.
    assert dark(mains(100.0, 5.0), bridging(kind), until=300.0) == [(102.0, 105.0), (207.0, 210.0)]
    assert dark(mains(100.0, 1.5), bridging(kind), until=300.0) == []


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("kind", "drops"), [("ups", {"drops_load": 1.0}), ("flywheel", {})])
def test_ups_that_fails_drops_the_load(kind: str, drops: dict[str, Any]) -> None:
    """A fault of its own, also one in a cut that it would have bridged."""
    # Sees: a broken one that still carries; one that is good again before it is repaired.
    broken = bridging(kind, fails=Det(10.0), ttr=Det(3.0), **drops)
    assert dark(mains(100.0, 1.0), broken, until=20.0) == [(10.0, 13.0)]
    assert dark(mains(9.5, 1.5), broken, until=20.0) == [(10.0, 13.0)]


def test_ups_dead_battery() -> None:
    """A battery that died unseen drops the load at once; from then on it is known and replaced."""
    # Sees: the death not made known by the demand: nothing replaced, the second cut dark at once.
    dead = ups(battery_life=Det(3.0), battery_replace=Det(1.0))
    # Dies at 3, found by the cut at 4, replaced at 5; dies at 8, and so on.
    assert dark(mains(4.0, 1.5), dead, until=12.0) == [(4.0, 5.5), (9.5, 11.0)]
    slow = ups(battery_life=Det(6.0), battery_replace=Det(3.0))
    # Dies at 6, found at 9.5, replaced at 12.5, good until 18.5: the cut from 15 is bridged.
    assert dark(mains(4.0, 1.5), slow, until=18.0) == [(9.5, 11.0)]


def test_ups_dead_battery_found_earlier() -> None:
    """Tests, or monitoring instead of them, find a dead battery before it is needed."""
    # Sees: tests that go on beside monitoring; a monitored battery that nobody replaces.
    tested = ups(battery_life=Det(3.0), battery_replace=Det(0.25), battery_test=3.5)
    # Dies at 3, found at 3.5, new at 3.75, dead at 6.75, found at 7, new at 7.25; dead at 10.25.
    assert dark(mains(4.0, 1.5), tested, until=10.0) == []
    late = ups(battery_life=Det(3.0), battery_replace=Det(0.25), battery_test=5.0)
    assert dark(mains(4.0, 1.5), late, until=5.4) == [(4.0, 5.4)]
    assert dark(mains(4.0, 1.5), late, until=5.4, monitored=0.5) == []


@pytest.mark.parametrize("often", [0.25, 1.0, 4.0])
def test_ups_dead_battery_with_periodic_tests(often: float) -> None:
    """A hidden fault of rate 1 tested each tau is there for 1 - (1 - exp(-tau)) / tau of the time.

    The textbook figure of a proof test: the mean over lives at the middles of a hundred equal
    shares of their law, each from new to the first test.
    """
    # Sees: tests that come late, early or find nothing; a battery that is never dead.
    hidden = []
    for k in range(100):
        life = -math.log(1.0 - (k + 0.5) / 100)
        one = ups(battery_life=Det(life), battery_replace=Det(1e-6), battery_test=often)
        built = model(mains(NEVER, 1.0), one, down=("ups.output",))
        died = fired(built, "ups/battery.die", 1.001 * often)
        found = fired(built, "ups/battery.tested", 1.001 * often)
        assert len(found) == (life < often)
        hidden.append(found[0] - died[0] if found else 0.0)
    assert sum(hidden) / 100 / often == close(1.0 - (1.0 - math.exp(-often)) / often, 2e-4)


def test_ups_battery_dies_while_it_carries() -> None:
    """A battery that dies in a cut drops the load then."""
    dying = ups(battery_life=Det(5.0), battery_replace=Det(1.0))
    assert dark(mains(4.0, 1.5), dying, until=6.0) == [(5.0, 5.5)]


def test_ups_battery_replaced_by_age() -> None:
    """A string replaced by age before it dies never fails a cut; its age starts anew each time."""
    # Sees: an age that goes on over a replacement of the dead string (next one at 5, not at 8.25).
    young = ups(recharge=2.0, battery_life=Det(3.0), battery_replace=Det(1.0), battery_age=2.75)
    assert dark(mains(4.0, 1.5), young, until=50.0) == []
    old = ups(battery_life=Det(3.0), battery_replace=Det(0.125), battery_age=5.0)
    doing = practices(monitoring={"finds": ("dead_battery",)}, times={"hidden": Det(0.125)})
    built = model(mains(1e6, 1.0), old, down=("ups.output",), doing=doing)
    assert fired(built, "ups/battery.renewed", 20.0) == []
    assert fired(built, "ups/battery.die", 10.0) == [3.0, 6.25, 9.5]


def test_ups_module_bypass() -> None:
    """A module fault leaves the load on the mains until it is repaired."""
    # Sees: bypass as a loss of load; a bypassed module that bridges a cut.
    passes = ups(fails=Det(10.0), ttr=Det(3.0), drops_load=0.0)
    assert dark(mains(100.0, 1.0), passes, until=20.0) == []
    assert dark(mains(11.0, 1.0), passes, until=20.0) == [(11.0, 12.0)]


# -- generator ----------------------------------------------------------------------------------


def generator(**more: Any) -> Part:
    """Return a set that starts in 1 h; nothing goes wrong unless given."""
    plain = {"start": 0.0, "start_delay": Det(1.0), "run": Det(NEVER), "ttr": Det(4.0)}
    return part("generator", "generator", **{**plain, **more})


def house(*more: Part, on: float = 100.0, off: float = 30.0) -> Model:
    """Return mains, generator and transfer switch."""
    return model(mains(on, off), *more, down=("ats.output", "generator.ok"))


SWITCH = ats(emergency="generator")


@pytest.mark.parametrize(("tries", "cures"), [(1, 0.0), (3, 0.4)])
def test_generator_chain(tries: int, cures: float) -> None:
    """Mains, start attempts, transfer, run failures and repair, with or without mains meanwhile."""
    # Sees: a first attempt repeated with its own probability; a locked-out set that tries again.
    on, off, fails, start, transfer, run, repair = 90.0, 12.0, 0.3, 0.4, 0.2, 25.0, 7.0
    rates: list[tuple[object, object, float]] = [("on", ("try", 1, "n"), 1 / on)]
    for side in "ne":
        for k in range(1, tries + 1):
            p = 1.0 - fails if k == 1 else cures
            here = ("try", k, side)
            then: object = "transfer" if side == "n" else "carry"
            other: object = ("try", k + 1, side) if k < tries else ("failed", side)
            rates += [
                (here, then, p / start),
                (here, other, (1 - p) / start),
                (here, "on", 1 / off),
            ]
        rates += [
            (("failed", side), ("try", 1, side), 1 / repair),
            (("failed", side), "on-failed", 1 / off),
        ]
    rates += [
        ("transfer", "carry", 1 / transfer), ("transfer", ("failed", "n"), 1 / run),
        ("transfer", "on", 1 / off), ("carry", ("failed", "e"), 1 / run), ("carry", "on", 1 / off),
        ("on-failed", ("failed", "n"), 1 / on), ("on-failed", "on", 1 / repair),
    ]  # fmt: skip
    genset = generator(
        start=fails, start_delay=Exp(start), retries=tries, retry_cures=cures, run=Exp(run),
        ttr=Exp(repair),
    )  # fmt: skip
    switch = ats(emergency="generator", delay=Exp(transfer), ttr=Exp(1.0), bypass=Exp(1.0))
    built = model(mains(on, off, Exp), genset, switch, down=("ats.output", "generator.ok"))
    chain = Chain(rates)
    live = chain.share("on", "on-failed", "carry")
    assert missing(built, "ats.output") == close(1 - live, EXACT)
    failed = chain.share(("failed", "n"), ("failed", "e"), "on-failed")
    assert missing(built, "generator.ok") == close(failed, EXACT)


def test_generator_lockout() -> None:
    """n attempts that each fail with p lock out with p^n: the ratio of lockouts to demands."""
    n, p = 4, 0.3
    genset = generator(start=p, start_delay=Exp(1e-9), retries=n, retry_cures=1 - p, run=Exp(1e12),
                       ttr=Exp(1e-9))  # fmt: skip
    switch = ats(emergency="generator", delay=Exp(1e-9), ttr=Exp(1.0), bypass=Exp(1.0))
    # Repaired at once, it tries again until it runs: lockouts per demand are a geometric sum.
    chance = p**n / (1 - p**n)
    built = model(mains(1.0, 1.0, Exp), genset, switch, down=("generator.ok", "mains.output"))
    ratio = missing(built, "generator.ok") / 1e-9 / 0.5
    assert ratio == close(chance, 1e-6)


def test_generator_start_and_transfer() -> None:
    """Start 1 h and transfer 1 h after the cut; back to the mains without a break."""
    assert gaps(house(generator(), SWITCH), "ats.output", 180.0) == [(100.0, 102.0)]


def test_generator_locks_out() -> None:
    """A set that fails three starts of an hour each is repaired for four and starts again."""
    # Sees: attempts that take no time.
    locked = generator(start=1.0, retries=3, retry_cures=0.0)
    assert gaps(house(locked, SWITCH), "ats.output", 125.0)[0][0] == 100.0
    assert gaps(house(locked, SWITCH), "generator.ok", 108.0) == [(103.0, 107.0)]
    second = generator(start=1.0, retries=2, retry_cures=1.0)
    assert gaps(house(second, SWITCH), "ats.output", 180.0) == [(100.0, 103.0)]


def test_ats_put_round_by_hand() -> None:
    """A switch that sticks at 102 is put on the generator by hand five hours later."""
    stuck = ats(emergency="generator", demand=1.0)
    assert gaps(house(generator(), stuck), "ats.output", 180.0) == [(100.0, 107.0)]
    assert gaps(house(generator(), stuck, off=4.0), "ats.output", 180.0) == [(100.0, 104.0)]


def test_ats_stays_in_need_of_repair() -> None:
    """Stuck at 102, over at 107, back at 135, over again at 236: by hand only until it is mended.

    The generator runs until the load is back: the move at 135 is no break.
    """
    # Sees: a return without a person at 130; a transfer at 232 as of a good switch; a generator
    # that stops at 130 under the load.
    stuck = ats(emergency="generator", demand=1.0, ttr=Det(200.0))
    built = house(generator(), stuck)
    assert gaps(built, "ats.output", 350.0) == [(100.0, 107.0), (230.0, 236.0)]
    assert fired(built, "ats/position.by-hand-back", 350.0) == [135.0, 265.0]
    assert fired(built, "generator/set.stopped", 350.0) == [135.0, 265.0]
    assert fired(built, "ats/position.transfer", 350.0) == [102.0]
    assert fired(built, "ats/position.repaired", 350.0) == [302.0]


def test_ats_held_on_a_side_that_dies() -> None:
    """Mains back at 130, the engine fails at 132, the load is put back by hand at 135."""
    # Sees: a load that is back as soon as the mains are.
    stuck = ats(emergency="generator", demand=1.0, ttr=Det(200.0))
    found = gaps(house(generator(run=Det(31.0)), stuck), "ats.output", 200.0)
    assert found == [(100.0, 107.0), (132.0, 135.0)]


def test_ats_repaired_while_the_load_is_on_the_other_side() -> None:
    """Mended at 122 under way, it returns by itself at 130."""
    # Sees: a repair that puts the load on a dead normal side.
    stuck = ats(emergency="generator", demand=1.0)
    built = house(generator(), stuck)
    assert gaps(built, "ats.output", 200.0) == [(100.0, 107.0)]
    assert fired(built, "ats/position.return", 200.0) == [130.0]
    assert fired(built, "ats/position.by-hand-back", 200.0) == []


def test_ats_bypass_on_either_side() -> None:
    """Dead at 90, round it at 95, over at 106, back at 135, mended at 155; dead again at 245.

    Then the mains are off and the generator runs: it goes straight to that side.
    """
    # Sees: a bypass on the normal side only; a second fault put on the dead normal side first.
    dying = ats(emergency="generator", spurious=Det(90.0), ttr=Det(60.0))
    built = house(generator(), dying)
    found = [(90.0, 95.0), (100.0, 106.0), (230.0, 232.0), (245.0, 250.0)]
    assert gaps(built, "ats.output", 300.0) == found
    assert fired(built, "ats/position.by-hand-back", 300.0) == [135.0, 265.0]


def test_generator_runs_so_many_hours() -> None:
    """Hours of running add up over cuts: 29 in the first, so it fails at 40 in the second."""
    # Sees: hours that begin anew at each start.
    tired = generator(run=Det(40.0))
    found = gaps(house(tired, SWITCH), "ats.output", 300.0)
    assert found == [(100.0, 102.0), (230.0, 232.0), (242.0, 247.0)]


def test_generator_fuel() -> None:
    """Ten hours in the tank, ordered at four, delivered five later: dry for one, twice."""
    # Sees: an order whose delivery starts anew when the tank is dry.
    fuel = {"fuel": 10.0, "order_at": 4.0, "refuel": Det(5.0), "refuel_success": 1.0}
    found = gaps(house(generator(**fuel), SWITCH), "ats.output", 180.0)
    assert found == [(100.0, 102.0), (111.0, 112.0), (122.0, 123.0)]
    soon = gaps(house(generator(**{**fuel, "refuel": Det(3.0)}), SWITCH), "ats.output", 180.0)
    assert soon == [(100.0, 102.0)]
    never = gaps(house(generator(**{**fuel, "refuel_success": 0.0}), SWITCH), "ats.output", 180.0)
    assert never == [(100.0, 102.0), (111.0, 130.0)]
