"""What shows that a standby is unfit, what does not cure it, and on which side of a split it serves."""

from __future__ import annotations

from typing import Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Uniform
from tests.oracle.parts.making import gaps, model, part, practices, role
from tests.oracle.parts.pairing import HOUR, NEVER, TIMES, group, happened, only, pair, server

DAY = 24 * HOUR
PEOPLE = 900.0 + 1800.0
DRILL = {"every": 30 * DAY, "outage": Det(600.0), "finds": 1.0, "causes_outage": 0.0}
LONG = {**TIMES, "hidden_unmonitored": Det(1e9), "no_contract": Det(1.0)}
OFF = {"fails": Det(100 * HOUR), "ttr": None, "repair": Det(HOUR)}


def test_a_test_shows_that_the_standby_is_off() -> None:
    """b is off from 100 h on: no test takes place at 30 days, but people have looked."""
    # Sees: a test that cannot begin and tells nobody why.
    built = pair(b=OFF, doing={"failover_tests": DRILL, "times": LONG})
    at = 30 * DAY
    assert gaps(built, "pacs.ok", 31 * DAY) == []
    assert happened(built, 31 * DAY, "b/hardware.failed-felt") == [("b/hardware.failed-felt", at)]
    # Called after 900 s, a part at once, an hour of work, 400 s of reboot and a start of 30 s.
    assert gaps(built, "b.ok", 31 * DAY)[0] == (100 * HOUR, at + 900.0 + 1.0 + HOUR + 430.0)


@pytest.mark.parametrize("rolling", [True, False])
def test_work_that_is_due_shows_that_the_standby_is_off(rolling: bool) -> None:
    """Work on either member brings people who see that b is off."""
    # Sees: a turn that waits for ever for a fault of which nobody knows.
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": rolling}  # fmt: skip
    built = pair(b=OFF, doing={"maintenance": {"patch": window}, "times": LONG})
    ((_, at), *_) = happened(built, 60 * DAY, "b/hardware.failed-felt")
    (begun, *_) = happened(built, 60 * DAY, f"a/patch.patch-{'due' if rolling else 'begin'}")
    assert at == begun[1]


SPOILT: dict[str, Any] = {"latent": Det(1000.0), "success_tested": None}


def test_a_switch_in_vain_shows_all_that_is_wrong() -> None:
    """b is latent from 1000 s and dead from 3000 s on; a breaks at 5000 s: both faults are known."""
    # Sees: a latent fault that outlasts a switch that it made fail, as the member was broken too.
    built = pair(a={"fails": Det(5000.0)}, b={"software": {"crash": Det(3000.0)}}, **SPOILT)
    ((_, first), (_, again), *_) = happened(built, 9000.0, "pacs/standby-b.spoil")
    assert first == 1000.0
    # It is fit from the end of the switch on, and spoils after another 1000 s.
    assert 6069.0 <= again <= 6070.0


def test_what_is_latent_and_broken_is_trusted_once_it_is_good() -> None:
    """b hangs besides, which is found 2 h after it was needed: until then nobody tries it again."""
    # Sees: a member that is trusted, or tried, while a switch to it would fail.
    hung = {"software": {"crash": Det(3000.0), "hang_share": 1.0}}
    built = pair(a={"fails": Det(5000.0)}, b=hung, **SPOILT)
    ((_, good),) = happened(built, 13_500.0, "pacs/trust-b.good-again")
    assert gaps(built, "b.ok", 13_500.0)[0][1] == good
    assert happened(built, 13_500.0, "pacs/trust-b.mended") == []


@pytest.mark.parametrize("first", range(4))
def test_work_on_all_at_once_goes_on_without_a_standby(first: int) -> None:
    """Work of 1000 to 9000 s each: where b is done first the move to it fails, and a is worked on."""
    # Sees: an upgrade that is given up half done, as somebody finds the other member unfit.
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Uniform(1000.0, 9000.0), "rolling": False}  # fmt: skip
    built = pair(doing={"maintenance": {"patch": window}}, **SPOILT)
    names = ["a/patch.patch-begin", "a/patch.patch-end", "b/patch.patch-end", "pacs/phase.unmoved"]
    found = dict(reversed(happened(built, 20 * DAY, *names, first=first)))
    begun, done, other = (found[x] for x in names[:3])
    assert 1000.0 <= done - begun <= 9000.0
    if other + 30.0 < done:
        assert found["pacs/phase.unmoved"] == other + 30.0 + 60.0
    else:
        assert "pacs/phase.unmoved" not in found


def test_a_test_during_which_the_standby_dies_proves_nothing() -> None:
    """b breaks within the test at 30 days; the switch at 40 days is one that nobody has tried."""
    # Sees: a proof without anybody who has taken over.
    built = pair(
        a={"fails": Det(40 * DAY)}, b={"fails": Det(30 * DAY + 300.0)},
        doing={"failover_tests": DRILL}, success=0.0, success_tested=1.0, proven_for=Det(NEVER),
    )  # fmt: skip
    only(gaps(built, "pacs.ok", 41 * DAY)[1:], 40 * DAY, 69.0 + PEOPLE, 70.0 + PEOPLE)


def test_what_was_found_is_not_cured_by_a_lost_path() -> None:
    """Latent, found at 30 days and called in after 30 h; 10 s without a path cure nothing."""
    # Sees: a latent fault that ends with the next reboot or blink of a switch.
    core = part("switch", "core", fails=Det(30 * DAY + HOUR), ttr=Det(10.0))
    site = part("clients", "site", network=("core",))
    on: dict[str, Any] = {"network": ("core",)}
    built = model(
        site, core, server("a", fails=Det(30 * DAY + 5 * HOUR), **on), server("b", **on),
        groups=(group(latent=Det(100 * HOUR)),),
        roles=(role("store", "pacs", used_from=("site",)),), down=("pacs.ok",),
        doing=practices(times={**TIMES, "call": Det(30 * HOUR)}, failover_tests=DRILL),
    )  # fmt: skip
    assert (
        happened(built, 30 * DAY + 6 * HOUR, "pacs/phase.switched", "pacs/trust-b.forgotten") == []
    )


def test_a_latent_standby_serves_on_no_side_of_a_split() -> None:
    """Latent from 150 h, a split at 200 h: as a breaks at 205 h nobody serves until a is back."""
    # Sees: a side that serves although it could not take over; one that spoils while it serves.
    beat = part("link", "beat", between=("a", "b"), fails=Det(200 * HOUR), ttr=Det(20 * HOUR))
    for latent, out in ((150 * HOUR, True), (202 * HOUR, False)):
        one = group(
            heartbeat=("beat",), split=1.0, reconcile=Det(50 * HOUR), reconcile_down=Det(HOUR),
            split_lost=0.0, latent=Det(latent),
        )  # fmt: skip
        built = model(
            beat, server("a", fails=Det(205 * HOUR), ttr=Det(10 * HOUR)), server("b"),
            groups=(one,), down=("pacs.ok",), doing=practices(times=TIMES),
        )  # fmt: skip
        dark = [(205 * HOUR, 215 * HOUR + 430.0)] if out else []
        assert gaps(built, "pacs.ok", 249 * HOUR) == dark


def test_a_change_that_cannot_fail_leaves_the_round_its_change() -> None:
    """Work on a server without an application first: the change of the other one fails as ever."""
    # Sees: a round that has had its change because of a server on which nothing was changed.
    software = {"change_fails": 1.0, "change_fix": Det(4 * HOUR)}
    window = {"of": ("aa", "app"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": False}  # fmt: skip
    plain = part("server", "aa", fails=Det(NEVER), ttr=Det(1.0), reboot=Det(1.0),
                 boot_after_power=Det(1.0))  # fmt: skip
    built = model(plain, server("app", software=software), down=("app.ok",),
                  doing=practices(times=TIMES, maintenance={"patch": window}))  # fmt: skip
    ((start, end), *_) = gaps(built, "app.ok", 30 * DAY)
    # Seen as soon as the application, started in 30 s, is there or before; put right in 4 h.
    assert end - start >= 5 * HOUR


def test_people_do_not_wait_on_the_spot_for_a_majority() -> None:
    """The one person works on a pair whose switch fails: they go, mend that, and come again."""
    # Sees: a person who is busy for ever with what nobody else can make possible.
    life: dict[str, Any] = {"ttr": None, "repair": Det(2 * HOUR), "reboot": Det(300.0),
                            "boot_after_power": Det(300.0), "network": ("sw",)}  # fmt: skip
    names = {"da": 100 * HOUR, "db": NEVER, "w": NEVER}
    servers = [part("server", x, fails=Det(at), **life) for x, at in names.items()]
    switch = part("switch", "sw", fails=Det(100.6 * HOUR), repair=Det(HOUR))
    team = part("crew", "team", size=1, respond=Det(600.0))
    votes = part("quorum", "votes", voters=tuple(names))
    one = part("primary_standby", "pair", members=("da", "db"), quorum="votes", failover=Det(30.0),
               success=0.0, replica_stop=Det(NEVER), notice=Det(NEVER), resync=Det(HOUR))  # fmt: skip
    times = {"call": Det(900.0), "manual_failover": Det(1800.0), "no_contract": Det(HOUR),
             "hidden_unmonitored": Det(900.0)}  # fmt: skip
    built = model(*servers, switch, team, groups=(votes, one), down=("pair.ok", "sw.ok"),
                  doing=practices(times=times))  # fmt: skip
    ((_, back),) = gaps(built, "sw.ok", 200 * HOUR)
    assert back < 110 * HOUR
    ((_, served),) = gaps(built, "pair.ok", 200 * HOUR)
    assert back < served < 120 * HOUR
