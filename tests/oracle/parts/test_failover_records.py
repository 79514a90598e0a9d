"""Failover groups: planned work, clocks of the standby, failback, and what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Calendar
from pacsim.delays import Deterministic as Det
from pacsim.engines.reference import simulate
from pacsim.parts import failover
from tests.oracle.parts.making import (
    fired,
    gaps,
    part,
)

if TYPE_CHECKING:
    from pacsim.core import Model

from tests.oracle.parts.pairing import (
    BROKEN,
    DAY,
    DEAD,
    EITHER,
    HOUR,
    HUNG,
    NEVER,
    TIMES,
    either,
    pair,
    paired,
)

# -- maintenance --------------------------------------------------------------------------------

SUNDAY = 6 * DAY + 2 * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
NEXT = SUNDAY + 28 * DAY


def patched(rolling: bool, **more: Any) -> Model:
    """Return a pair with a window of one hour on the first Sunday of every month."""
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": rolling}  # fmt: skip
    return pair(doing={"maintenance": {"patch": window}}, check={"sees": "tcp"}, **more)


def test_rolling_work() -> None:
    """Standby first, one planned move a round, never both at once."""
    # Sees: the active member first (two moves a round); both worked on at the same time.
    built = patched(rolling=True)
    first = SUNDAY + HOUR + 30.0
    second = NEXT + HOUR + 30.0
    assert gaps(built, "pacs.ok", 40 * DAY) == [(first, first + 60.0), (second, second + 60.0)]
    assert fired(built, "b/patch.patch-begin", 40 * DAY) == [SUNDAY]
    assert fired(built, "a/patch.patch-last", 40 * DAY) == [first]
    # b is active from the first round on, so a is the standby in the second.
    assert fired(built, "a/patch.patch-begin", 40 * DAY) == [NEXT]
    assert fired(built, "b/patch.patch-last", 40 * DAY) == [second]


def test_rolling_work_waits_for_the_next_window() -> None:
    """The other member is down until long after the window has closed: next month, then."""
    # Sees: planned work that begins at any hour as soon as the other is good.
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": True}  # fmt: skip
    doing = {"maintenance": {"patch": window}}
    for lasts, later in ((2 * HOUR, False), (10 * HOUR, True)):
        down = {"fails": Det(SUNDAY - HOUR), "ttr": Det(lasts), "reboot": Det(60.0)}
        built = pair(b=down, doing=doing, standby="hot")
        begun = fired(built, "a/patch.patch-begin", NEXT + DAY) + fired(
            built, "a/patch.patch-last", NEXT + DAY
        )
        assert (min(begun) >= NEXT) is later


def test_rolling_work_waits_for_its_own_host() -> None:
    """A broken standby is worked on once its host is up, and the active one after that."""
    # Sees: work on a broken server; work on the active member while its partner is broken.
    built = patched(rolling=True, a={"fails": Det(SUNDAY - HOUR)})
    # a failed over to b; it is mended at 02:00, on 400 s later, and worked on for an hour.
    assert fired(built, "a/patch.patch-begin", 10 * DAY) == [SUNDAY + 400.0]
    last = SUNDAY + 400.0 + HOUR + 30.0
    assert fired(built, "b/patch.patch-last", 10 * DAY) == [last]
    assert gaps(built, "pacs.ok", 10 * DAY)[1:] == [(last, last + 60.0)]


# -- standby, failback by calendar, and what is recorded ----------------------------------------


@pytest.mark.parametrize(
    ("standby", "hardware", "software"),
    [("hot", True, True), ("warm", True, False), ("cold", False, False)],
)
def test_clocks_of_the_standby(standby: str, *, hardware: bool, software: bool) -> None:
    """Hot: all clocks of the standby run; warm: hardware and system; cold: none."""
    # Sees: a warm standby as a hot or a cold one.
    soft = pair(b={"software": {"crash": Det(5000.0)}}, standby=standby)
    assert bool(fired(soft, "b/application.crash", 6000.0)) == software
    for clock, name in (("fails", "hardware.fail"), ("os_crash", "host.crash")):
        built = pair(b={clock: Det(5000.0)}, standby=standby)
        assert bool(fired(built, f"b/{name}", 6000.0)) == hardware


def test_failback_when_the_office_opens() -> None:
    """Failback waits for the next opening of its calendar; Monday 08:00 is 28 800 s."""
    # Sees: a failback at once.
    office = Calendar.weekly_hours("office", "mon-fri 08:00-17:00")
    found = gaps(pair(a=BROKEN, failback=("next_open", office)), "pacs.ok", 30000.0)
    assert found[1:] == [(28800.0, 28860.0)]


PLANNED, POWER, HOST, PATH, PROCESS, HANGS, DATA = range(7)
IN_PLACE, AUTOMATIC, BY_PEOPLE, BY_REPAIR = range(4)
ALONE = 8


def recorded(built: Model, until: float) -> tuple[int, int, list[float]]:
    """Return kind and end of the first gap of service, and how long each phase took."""
    place = [o.name for o in built.observations].index("failover:pacs")
    rows = simulate(built, horizon=until).episodes
    row = rows[rows["observation"] == place][0]
    return int(row["at_start"]), int(row["at_end"]), [float(x) for x in row["phases"][:3]]


def test_recorded_switch() -> None:
    """A process that dies: detection of 9 to 10 s, nothing to decide, a switch of 60 s."""
    # Sees: the wait of the check counted as decision.
    kind, end, (detection, decision, switch) = recorded(pair(a=DEAD, check={"sees": "tcp"}), 9e3)
    assert (kind, end, decision, switch) == (PROCESS, AUTOMATIC, 0.0, 60.0)
    assert 9.0 <= detection <= 10.0


@pytest.mark.parametrize(
    ("a", "more", "expected"),
    [
        (BROKEN, {"success": 0.0}, (HOST, BY_PEOPLE)),
        (HUNG, {"check": {"sees": "http"}}, (HANGS, AUTOMATIC)),
        (HUNG, {"check": {"sees": "host"}}, (HANGS, IN_PLACE)),
        (DEAD, {"check": {"sees": "host"}}, (PROCESS, IN_PLACE)),
    ],
    ids=["people", "hung", "hung-in-place", "in-place"],
)
def test_recorded_kinds(a: Any, more: dict[str, Any], expected: tuple[int, int]) -> None:
    """What fell at the start, and how service came back."""
    # Sees: a repair taken for a restart in place.
    assert recorded(pair(a=a, **more), 14000.0)[:2] == expected


GONE = 5000.0
"""When the first member breaks."""


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", EITHER)
@pytest.mark.parametrize(
    ("other", "alone", "back"),
    [({}, False, GONE), ({"fails": Det(3000.0)}, True, 3000.0 + HOUR + 430.0),
     ({"os_crash": Det(4980.0)}, True, 4980.0 + 430.0)],
    ids=["taken-over", "alone", "alone-shortly"],
)  # fmt: skip
def test_records_of_either_group(
    kind: str, other: dict[str, Any], back: float, *, alone: bool
) -> None:
    """A host that breaks: a failover, or with the other down its return; phases fill the gap.

    An active-passive group that has been alone fails over to whoever returns first.
    """
    # Sees: a gap without a standby not marked; a repair taken for a restart in place.
    built, watch = paired(either(kind), a=BROKEN, b=other)
    called = EITHER[kind]
    rows = simulate(built, horizon=9500.0).episodes_of(watch.observed)
    (row,) = rows[rows["start"] == GONE]
    begin, end = float(row["start"]), float(row["end"])
    assert [(x["start"], x["end"]) for x in rows] == gaps(built, "pacs.ok", 9500.0)
    assert watch.kinds[int(watch.kind(row["at_start"]))] == called["host"]
    assert bool(watch.alone(row["at_start"])) is alone
    by_itself = alone and kind != "active_passive"
    assert watch.endings[int(row["at_end"])] == called["itself" if by_itself else "taken"]
    if not alone:
        assert watch.endings[int(row["at_end"])] == watch.automatic
        assert called["least"] <= end - begin <= called["most"]
    else:
        assert end >= back
    assert sum(row["phases"]) == pytest.approx(end - begin, rel=1e-12)
    assert not row["phases"][len(watch.phases) :].any()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", EITHER)
def test_planned_work_of_either_group_is_planned(kind: str) -> None:
    """Both members at once: an hour and the start; faults of members are no part of it."""
    # Sees: planned work counted as a failover.
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": False}  # fmt: skip
    built, watch = paired(either(kind), doing={"maintenance": {"patch": window}})
    (row,) = simulate(built, horizon=10 * DAY).episodes_of(watch.observed)
    assert (row["start"], row["end"]) == (SUNDAY, SUNDAY + HOUR + 30.0)
    assert watch.kinds[int(watch.kind(row["at_start"]))] == watch.planned


def test_a_standby_that_nobody_knows_to_be_bad() -> None:
    """Lost with a standby that has failed unseen: a failover that finds nobody, not a loss alone."""
    # Sees: the truth in place of what is known.
    for seen, alone in ((3000.0, 0), (500.0, 1)):
        standby = {"fails": Det(4000.0), "ttr": None, "repair": Det(20 * HOUR)}
        built = pair(
            a=BROKEN, b=standby, doing={"times": {**TIMES, "hidden_unmonitored": Det(seen)}}
        )
        place = [o.name for o in built.observations].index("failover:pacs")
        found = simulate(built, horizon=9000.0)
        rows = found.episodes[found.episodes["observation"] == place]
        assert [int(row["at_start"]) // 8 for row in rows] == [alone]


def test_recorded_crash_of_a_database_after_a_switch() -> None:
    """A switch at 5000, automatic; a crash of the database long after it recovers in place."""
    # Sees: a crash that ends as the last switch did.
    data = part("database", "db", runs_on="pacs", crash=Det(20000.0), recovery=Det(200.0))
    built = pair(data, a=BROKEN, check={"sees": "tcp"})
    found = simulate(built, horizon=26000.0).episodes
    place = [o.name for o in built.observations].index("failover:pacs")
    rows = found[found["observation"] == place]
    assert [failover.HOW[int(row["at_end"])] for row in rows] == ["automatic", "in_place"]
    assert [failover.KINDS[int(row["at_start"]) % 8] for row in rows] == ["host", "database"]


def test_recorded_power() -> None:
    """A cut of the power of the active member is power, not host."""
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    built = pair(mains, pdu, a={"power": ("pdu",)})
    assert recorded(built, 6000.0)[:2] == (POWER, AUTOMATIC)


def test_recorded_planned_move() -> None:
    """The move before planned work is planned, automatic, and all of it is switching."""
    assert recorded(patched(rolling=True), 10 * DAY) == (PLANNED, AUTOMATIC, [0.0, 0.0, 60.0])
