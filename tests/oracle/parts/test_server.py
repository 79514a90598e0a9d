"""Server and database: chains of ten states, and scenarios worked out by hand."""

from typing import Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.parts.values import Feeds, Part
from tests.close import close
from tests.oracle.parts.chains import Chain
from tests.oracle.parts.making import all_in, gaps, missing, model, part, practices

EXACT = 1e-9
NEVER = 1e9
HOUR = 3600.0
SUNDAY = (6 * 24 + 2) * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""

HOSTED = ("up", "dead", "restarting", "stuck", "fixing", "starting", "hung")
RATES = {
    "hardware": 1 / 900.0, "repair": 1 / 11.0, "reboot": 1 / 0.5, "os": 1 / 300.0,
    "crash": 1 / 70.0, "watchdog": 1 / 0.2, "start": 1 / 0.3, "call": 1 / 1.5, "gray": 1 / 4.0,
    "alert": 1 / 0.6, "fix": 1 / 2.0,
}  # fmt: skip
HANG, CURES = 0.3, 0.8


def law(name: str) -> Exp:
    """Return the exponential law of a rate of the table."""
    return Exp(1.0 / RATES[name])


def server(name: str = "server", **more: Any) -> Part:
    """Return a server with hardware, operating system and application of the table."""
    software = {
        "crash": law("crash"), "hang_share": HANG, "start": law("start"),
        "watchdog": law("watchdog"), "watchdog_cures": CURES, "manual_restart": law("fix"),
        "change_fails": 0.0,
    }  # fmt: skip
    software.update(more.pop("software", {}))
    plain = {
        "fails": law("hardware"), "ttr": law("repair"), "os_crash": law("os"),
        "reboot": law("reboot"), "boot_after_power": Exp(0.1),
    }  # fmt: skip
    return part("server", name, software=software, **{**plain, **more})


def quiet(name: str = "server", **more: Any) -> Part:
    """Return a server on which nothing happens by itself; boots 300 s, starts 60 s."""
    never = {"fails": Det(NEVER), "ttr": Det(HOUR), "os_crash": Det(NEVER)}
    software = {
        "crash": Det(NEVER), "start": Det(60.0), "watchdog": Det(30.0), "manual_restart": Det(600.0)
    }  # fmt: skip
    software.update(more.pop("software", {}))
    boot = {"reboot": Det(400.0), "boot_after_power": Det(300.0)}
    return server(name, software=software, **{**never, **boot, **more})


def host_rates() -> list[tuple[object, object, float]]:
    """Return what takes a hosted state down, and how the host comes back to starting."""
    r = RATES
    rates: list[tuple[object, object, float]] = [
        ("broken", "rebooting", r["repair"]), ("rebooting", "starting", r["reboot"]),
        ("crashed", "starting", r["reboot"]), ("crashed", "broken", r["hardware"]),
        ("rebooting", "broken", r["hardware"]),
    ]  # fmt: skip
    for state in HOSTED:
        rates += [(state, "broken", r["hardware"]), (state, "crashed", r["os"])]
    return rates


@pytest.mark.parametrize("found", [(), ("hung_service",), None], ids=["alert", "hung", "no"])
def test_server_chain(found: tuple[str, ...] | None) -> None:
    """Hardware, operating system and application in one chain: restarts, hangs, people."""
    # Sees: a watchdog that always cures; a hang restarted by it; a start left out after a repair.
    r = RATES
    told = r["call"] if found is None else r["alert"]
    hung = r["alert"] if found else r["gray"]
    chain = Chain(
        [
            *host_rates(),
            ("up", "dead", r["crash"] * (1 - HANG)), ("up", "hung", r["crash"] * HANG),
            ("dead", "restarting", r["watchdog"]), ("restarting", "up", r["start"] * CURES),
            ("restarting", "stuck", r["start"] * (1 - CURES)), ("stuck", "fixing", told),
            ("hung", "fixing", hung), ("fixing", "starting", r["fix"]),
            ("starting", "up", r["start"]),
        ]
    )  # fmt: skip
    times = {name: law(name) for name in ("alert", "call", "gray")}
    more = {} if found is None else {"monitoring": {"finds": found}}
    down = tuple(f"server.{gate}" for gate in ("ok", "hosting", "process", "answers", "runs"))
    built = model(server(), down=down, doing=practices(times=times, **more))
    assert missing(built, "server.ok") == close(1 - chain.share("up"), EXACT)
    assert missing(built, "server.hosting") == close(1 - chain.share(*HOSTED), EXACT)
    assert missing(built, "server.process") == close(1 - chain.share("up", "hung"), EXACT)
    assert missing(built, "server.answers") == close(1 - chain.share("up"), EXACT)
    assert missing(built, "server.runs") == close(1 - chain.share("up", "hung"), EXACT)


def test_server_without_watchdog() -> None:
    """Without a watchdog a crash waits for people at once."""
    # Sees: a restart that nobody set up.
    r = RATES
    chain = Chain(
        [
            *[row for row in host_rates() if row[0] not in {"dead", "restarting"}],
            ("up", "stuck", r["crash"] * (1 - HANG)), ("up", "hung", r["crash"] * HANG),
            ("stuck", "fixing", r["call"]), ("hung", "fixing", r["gray"]),
            ("fixing", "starting", r["fix"]), ("starting", "up", r["start"]),
        ]
    )  # fmt: skip
    times = {name: law(name) for name in ("call", "gray")}
    one = server(software={"watchdog": None})
    built = model(one, down=("server.ok",), doing=practices(times=times))
    assert missing(built, "server.ok") == close(1 - chain.share("up"), EXACT)


def test_server_without_software() -> None:
    """A bare server is its hardware and the reboot after a repair."""
    bare = part("server", "server", fails=Exp(900.0), ttr=Exp(11.0), reboot=Exp(0.5),
                boot_after_power=Exp(0.1))  # fmt: skip
    chain = Chain([("up", "broken", 1 / 900), ("broken", "rebooting", 1 / 11),
                   ("rebooting", "broken", 1 / 900), ("rebooting", "up", 2.0)])  # fmt: skip
    found = missing(model(bare, down=("server.ok",)), "server.ok")
    assert found == close(1 - chain.share("up"), EXACT)


@pytest.mark.parametrize("supplies", [True, False])
def test_two_feeds_with_supplies(supplies: bool) -> None:
    """Power fails when both feeds do, each in series with its supply."""
    # Sees: both supplies on either feed.
    pdus = [part("pdu", f"pdu-{k}", fails=Exp(80.0 + 9 * k), ttr=Exp(5.0)) for k in range(2)]
    psu = {"psu": Exp(60.0), "psu_repair": all_in(Exp(4.0))} if supplies else {}
    bare = part("server", "server", fails=Exp(900.0), ttr=Exp(11.0), reboot=Exp(0.5),
                boot_after_power=Exp(0.1), power=("pdu-0", "pdu-1"), **psu)  # fmt: skip
    u = [1 - 80 / 85 * (60 / 64 if supplies else 1), 1 - 89 / 94 * (60 / 64 if supplies else 1)]
    built = model(*pdus, bare, down=("server.power",))
    assert missing(built, "server.power") == close(u[0] * u[1], EXACT)


def cut(at: float, length: float) -> Part:
    """Return mains with one cut."""
    return part("utility", "mains", outages=Det(at), duration=Det(length))


def pdu() -> Part:
    """Return a PDU that does not fail."""
    return part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))


def test_boot_after_power() -> None:
    """A cut of 10 s costs 10 s, 300 s of boot and 60 s of start."""
    # Sees: the reboot after a repair in place of the boot after power.
    built = model(cut(5000.0, 10.0), pdu(), quiet(power=("pdu",)), down=("server.ok",))
    assert gaps(built, "server.ok", 9000.0) == [(5000.0, 5370.0)]


def test_boot_begins_anew_after_a_second_cut() -> None:
    """Cuts 200 s apart interrupt the boot of 300 s, which begins anew each time."""
    twice = part("utility", "mains", outages=Det(200.0), duration=Det(50.0))
    built = model(twice, pdu(), quiet(power=("pdu",)), down=("server.ok",))
    assert gaps(built, "server.ok", 2000.0) == [(200.0, 2000.0)]


def test_reboot_after_repair() -> None:
    """A hardware fault of an hour is followed by a reboot and the start."""
    built = model(quiet(fails=Det(5000.0)), down=("server.ok",))
    assert gaps(built, "server.ok", 10000.0) == [(5000.0, 5000.0 + 3600.0 + 400.0 + 60.0)]


def test_power_cut_during_a_repair() -> None:
    """Hardware mended without power waits for it, and then boots as after a cut."""
    # Sees: a reboot in the dark.
    broken = quiet(fails=Det(5000.0), power=("pdu",))
    built = model(cut(8000.0, 1000.0), pdu(), broken, down=("server.ok",))
    # Broken at 5000, mended at 8600 while dark from 8000 to 9000.
    assert gaps(built, "server.ok", 9999.0) == [(5000.0, 9000.0 + 300.0 + 60.0)]


def test_operating_system_crash() -> None:
    """A crash of the operating system costs a reboot and the start."""
    built = model(quiet(os_crash=Det(5000.0)), down=("server.ok",))
    # Its clock runs while the system is on: 5000 s after 5400 comes the next one.
    assert gaps(built, "server.ok", 11000.0) == [(5000.0, 5460.0), (10400.0, 10860.0)]


def test_watchdog_and_people() -> None:
    """A dead process is up after watchdog and start; one that stays dead waits for people."""
    dies = {"crash": Det(5000.0), "hang_share": 0.0}
    built = model(quiet(software={**dies, "watchdog_cures": 1.0}), down=("server.ok",))
    assert gaps(built, "server.ok", 9000.0) == [(5000.0, 5090.0)]
    doing = practices(times={"call": Det(900.0)})
    stays = quiet(software={**dies, "watchdog_cures": 0.0})
    built = model(stays, down=("server.ok",), doing=doing)
    assert gaps(built, "server.ok", 9000.0) == [(5000.0, 5090.0 + 900.0 + 600.0 + 60.0)]


WINDOW = {"of": ("server",), "every": 30.4375 * 86400.0, "on": "first sunday 02:00"}


@pytest.mark.parametrize(("breaks", "end"), [(0.0, HOUR + 60.0), (1.0, HOUR + 7200.0)])
def test_maintenance_and_failed_change(breaks: float, end: float) -> None:
    """Planned work of an hour and a start; a change that fails is backed out for two hours."""
    # Sees: planned work in another week; a failed change that costs nothing.
    one = quiet(software={"change_fails": breaks, "change_fix": Det(7200.0)})
    doing = practices(maintenance={"patch": {**WINDOW, "lasts": Det(HOUR), "rolling": False}})
    found = gaps(model(one, down=("server.ok",), doing=doing), "server.ok", 36 * 24 * HOUR)
    # The first Sunday of February 2024 is four weeks after that of January.
    assert found == [(t, t + end) for t in (SUNDAY, SUNDAY + 28 * 24 * HOUR)]


def test_maintenance_of_a_server_without_an_application() -> None:
    """It stops for the hour; one of two is worked on while the other serves."""
    # Sees: no work at all on a server without software.
    bare = {
        "fails": Det(NEVER),
        "ttr": Det(HOUR),
        "reboot": Det(60.0),
        "boot_after_power": Det(60.0),
    }
    doing = practices(
        maintenance={"patch": {**WINDOW, "of": ("a", "b"), "lasts": Det(HOUR), "rolling": True}}
    )
    parts = [part("server", name, **bare) for name in "ab"]
    built = model(*parts, down=("a.ok", "b.ok"), doing=doing)
    assert gaps(built, "a.ok", SUNDAY + 9 * HOUR) == [(SUNDAY, SUNDAY + HOUR)]
    assert gaps(built, "b.ok", SUNDAY + 9 * HOUR) == [(SUNDAY + HOUR, SUNDAY + 2 * HOUR)]


def test_two_supplies_on_one_feed() -> None:
    """A feed that is named twice has two supplies: both must fail, or the feed."""
    # Sees: one supply for a feed however often it is named.
    feed = part("pdu", "pdu", fails=Exp(500.0), ttr=Exp(5.0))
    one = part("server", "server", fails=Exp(1e16), ttr=Exp(1e-3), reboot=Exp(1e-3),
               boot_after_power=Exp(1e-3), psu=Exp(50.0), psu_repair=all_in(Exp(10.0)),
               power=Feeds(1, ("pdu", "pdu")))  # fmt: skip
    q, p = 10.0 / 60.0, 5.0 / 505.0
    found = missing(model(feed, one, down=("server.power",)), "server.power")
    assert found == close(p + (1 - p) * q * q, EXACT)


# -- database -----------------------------------------------------------------------------------


def database(**more: Any) -> Part:
    """Return a database on the server."""
    return part("database", "database", runs_on="server", **more)


def test_database_chain() -> None:
    """A database crashes on a running host, stops with it, and recovers once it is back."""
    # Sees: a database that is up as soon as its host is; crashes on a stopped host.
    crash, recovery = 1 / 40.0, 1 / 1.2
    hardware, repair, reboot = 1 / 900.0, 1 / 11.0, 1 / 0.5
    rates: list[tuple[object, object, float]] = [
        ("up", "crashed", crash), ("crashed", "up", recovery), ("recovering", "up", recovery),
        ("broken", "rebooting", repair), ("rebooting", "broken", hardware),
        ("rebooting", "recovering", reboot),
    ]  # fmt: skip
    rates += [(state, "broken", hardware) for state in ("up", "crashed", "recovering")]
    bare = part("server", "server", fails=Exp(900.0), ttr=Exp(11.0), reboot=Exp(0.5),
                boot_after_power=Exp(0.1))  # fmt: skip
    data = database(crash=Exp(40.0), recovery=Exp(1.2))
    built = model(bare, data, down=("database.ok",))
    assert missing(built, "database.ok") == close(1 - Chain(rates).share("up"), EXACT)


def test_database_corruption_is_found_late() -> None:
    """Corruption is served until it is noticed; the restore after that is the outage."""
    # Sees: an outage from the corruption on.
    data = database(crash=Exp(1e16), recovery=Exp(1e-3), corruption=Exp(500.0),
                    discover=Exp(80.0), restore=Exp(9.0))  # fmt: skip
    bare = part("server", "server", fails=Exp(1e16), ttr=Exp(1e-3), reboot=Exp(1e-3),
                boot_after_power=Exp(0.1))  # fmt: skip
    found = missing(model(bare, data, down=("database.ok",)), "database.ok")
    assert found == close(9.0 / (500.0 + 80.0 + 9.0), EXACT)


def test_database_recovers_beside_the_start() -> None:
    """After a reboot log replay and the start of the application run side by side."""
    data = database(crash=Det(NEVER), recovery=Det(100.0))
    built = model(quiet(fails=Det(5000.0)), data, down=("database.ok", "server.ok"))
    assert gaps(built, "database.ok", 9999.0) == [(5000.0, 9000.0 + 100.0)]
    assert gaps(built, "server.ok", 9999.0) == [(5000.0, 9000.0 + 60.0)]
