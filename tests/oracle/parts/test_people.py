"""People: contracts and their calendars, a crew that is busy, slower at night, runs of backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Calendar
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel
from pacsim.parts.values import Delay
from pacsim.units import MONTH
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import fired, gaps, missing, model, part, practices, samples
from tests.oracle.simulating import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model
    from pacsim.parts.values import Part

EXACT = 1e-9
NEVER = 1e15
HOUR, DAY = 3600.0, 86400.0
MON, TUE, WED, THU, FRI = (k * DAY for k in range(5))
WEEK = 7 * DAY
OFFICE = Calendar.weekly_hours("office", "mon-fri 08:00-17:00")


def hours(x: float) -> Det:
    """Return a deterministic law of so many hours."""
    return Det(x * HOUR)


def box(at: float, **more: Any) -> Part:
    """Return a component that fails once at a time in seconds and takes 3 h of work."""
    return part("component", "box", fails=Det(at), repair=hours(3.0), **more)


def repaired(at: float, *others: Part, **doing: Any) -> list[tuple[float, float]]:
    """Return the first gap of the component; somebody knows an hour after the fault."""
    times = {"call": hours(1.0), **doing.pop("times", {})}
    built = model(box(at), *others, down=("box.ok",), doing=practices(times=times, **doing))
    return gaps(built, "box.ok", at + 2 * WEEK)[:1]


# -- support ------------------------------------------------------------------------------------


def test_support_means() -> None:
    """Noticed, response, the missing part with its probability, work."""
    # Sees: the delay of the part paid every time; a contract that is not looked at.
    contract = {"response": Exp(4.0), "part_missing": 0.3, "part_delay": Exp(20.0)}
    doing = practices(times={"call": Exp(2.0), "no_contract": Exp(500.0)}, support=contract)
    one = part("component", "box", fails=Exp(900.0), repair=Exp(3.0))
    mean = 2.0 + 4.0 + 0.3 * 20.0 + 3.0
    found = missing(model(one, down=("box.ok",), doing=doing), "box.ok")
    assert found == close(mean / (900.0 + mean), EXACT)


def test_own_contract_overrides() -> None:
    """A part's own contract goes before that of the practices."""
    # Sees: the contract of the practices for every part.
    from tests.oracle.parts.making import RECORDS, made

    own = made(RECORDS["support"], "support", {"response": Exp(1.0), "part_missing": 0.0})
    doing = practices(times={"call": Exp(2.0)}, support={"response": Exp(40.0)})
    one = part("component", "box", fails=Exp(900.0), repair=Exp(3.0), support=own)
    found = missing(model(one, down=("box.ok",), doing=doing), "box.ok")
    assert found == close(6.0 / 906.0, EXACT)


@pytest.mark.parametrize("missing_part", [0.0, 1.0])
def test_support_at_any_hour(missing_part: float) -> None:
    """Around the clock: four hours from the call, also on a Saturday night."""
    contract = {"response": hours(4.0), "part_missing": missing_part, "part_delay": hours(24.0)}
    at = 5 * DAY + 23 * HOUR
    length = (1.0 + 4.0 + 3.0 + 24.0 * missing_part) * HOUR
    assert repaired(at, support=contract) == [(at, at + length)]


@pytest.mark.parametrize(
    ("fault", "begins"),
    [
        (WED + 10 * HOUR, THU + 8 * HOUR),
        (FRI + 10 * HOUR, WEEK + 8 * HOUR),
        (FRI + 20 * HOUR, WEEK + 8 * HOUR),
        (5 * DAY + 3 * HOUR, WEEK + 8 * HOUR),
    ],
    ids=["wednesday", "friday", "friday-night", "saturday"],
)
def test_next_business_day(fault: float, begins: float) -> None:
    """The response begins when the next business day opens; two hours, and three of work."""
    # Sees: a response on the day of the call; one that begins at midnight or on a Saturday.
    contract = {"response": Delay(hours(2.0), OFFICE, next_day=True), "part_missing": 0.0}
    assert repaired(fault, support=contract) == [(fault, begins + 5 * HOUR)]


def test_response_counted_in_office_hours() -> None:
    """Two hours of office time from 16:00 on are over at 09:00 of the next morning."""
    # Sees: office hours that are not kept; work that keeps them although it need not.
    contract = {"response": Delay(hours(2.0), OFFICE), "part_missing": 0.0}
    fault = WED + 15 * HOUR
    assert repaired(fault, support=contract) == [(fault, close(THU + 12 * HOUR, 1e-14))]
    friday = FRI + 15 * HOUR
    assert repaired(friday, support=contract) == [(friday, close(WEEK + 12 * HOUR, 1e-14))]


def test_part_missing_on_its_calendar() -> None:
    """A part that takes five office hours from Friday 15:00 arrives on Monday at 11:00."""
    contract = {
        "response": hours(4.0), "part_missing": 1.0, "part_delay": Delay(hours(5.0), OFFICE)
    }  # fmt: skip
    fault = FRI + 10 * HOUR
    found = repaired(fault, support=contract)
    assert found == [(fault, close(WEEK + 14 * HOUR, 1e-14))]


# -- crew ---------------------------------------------------------------------------------------


def crew(size: int, **more: Any) -> Part:
    """Return a crew."""
    return part("crew", "people", size=size, **more)


def test_crew_chain_first_come_first_served() -> None:
    """Three unlike units and one person who is busy from call to vendor: the queue by order."""
    # Sees: a queue by name; a person who is busy until the repair is over.
    lives, call, respond, supply, work = (40.0, 55.0, 90.0), 1.0, 6.0, 2.5, 3.0

    def moves(state: Any) -> Iterator[tuple[Any, float]]:
        stages, queue = state

        def at(k: int, stage: str, line: tuple[int, ...]) -> Any:
            new = [*stages]
            new[k] = stage
            if line and "attending" not in new:
                new[line[0]], line = "attending", line[1:]
            return (tuple(new), line)

        for k, stage in enumerate(stages):
            if stage == "up":
                yield at(k, "failed", queue), 1 / lives[k]
            elif stage == "failed":
                yield at(k, "waiting", (*queue, k)), 1 / call
            elif stage == "attending":
                yield at(k, "vendor", queue), 1 / respond
            elif stage == "vendor":
                yield at(k, "work", queue), 1 / supply
            elif stage == "work":
                yield at(k, "up", queue), 1 / work

    chain = Chain(explored((("up",) * 3, ()), moves))
    units = [
        part("component", f"u-{k}", fails=Exp(life), repair=Exp(work))
        for k, life in enumerate(lives)
    ]
    doing = practices(times={"call": Exp(call), "no_contract": Exp(supply)})
    down = tuple(f"u-{k}.ok" for k in range(3))
    built = model(*units, crew(1, respond=Exp(respond)), down=down, doing=doing)
    for k in range(3):
        states = [s for s in chain.states if s[0][k] != "up"]  # type: ignore[index]
        assert missing(built, f"u-{k}.ok") == close(chain.share(*states), EXACT)


@pytest.mark.parametrize(("size", "ends"), [(1, (118.0, 128.0, 138.0)), (2, (118.0, 119.0, 128.0))])
def test_crew_scenario(size: int, ends: tuple[float, ...]) -> None:
    """Faults at 100, 101, 102, known an hour later: ten hours of a person each, then seven more."""
    # Sees: a crew without end; the last in served first.
    faults = {"c": 100.0, "b": 101.0, "a": 102.0}
    units = [part("component", x, fails=Det(faults[x]), repair=Det(2.0)) for x in "abc"]
    doing = practices(times={"call": Det(1.0), "no_contract": Det(5.0)})
    built = model(
        *units, crew(size, respond=Det(10.0)), down=tuple(f"{x}.ok" for x in "abc"), doing=doing
    )
    found = [gaps(built, f"{x}.ok", 200.0)[0] for x in "cba"]
    assert found == list(zip(faults.values(), ends, strict=True))


def test_crew_slower_at_night() -> None:
    """An hour by day and four by night: from 16:30 half is done at 17:00, the rest takes two."""
    # Sees: night hours as day hours; a response that stands still at night.
    people = crew(1, on_duty=OFFICE, respond=hours(1.0), respond_night=hours(4.0))
    times = {"no_contract": hours(0.5)}
    day = WED + 9 * HOUR
    assert repaired(day, people, times=times) == [(day, close(day + 5.5 * HOUR, 1e-14))]
    dusk = WED + 15.5 * HOUR
    assert repaired(dusk, people, times=times) == [(dusk, close(WED + 22.5 * HOUR, 1e-14))]
    night = WED + 20 * HOUR
    assert repaired(night, people, times=times) == [(night, close(night + 8.5 * HOUR, 1e-14))]
    # From 06:00 two hours at a quarter leave half an hour, done by 08:30.
    dawn = WED + 5 * HOUR
    assert repaired(dawn, people, times=times) == [(dawn, close(WED + 12 * HOUR, 1e-14))]


def servers(**a: Any) -> Model:
    """Return two servers whose application dies at 5000 and 5001 s, and one person."""
    both = [
        part(
            "server", name,
            software={"crash": Det(at), "start": Det(30.0), "manual_restart": Det(600.0),
                      "hang_share": 0.0, "change_fails": 0.0, "watchdog_cures": 1.0},
            **{"fails": Det(NEVER), "ttr": Det(HOUR), "reboot": Det(400.0),
               "boot_after_power": Det(300.0), **more},
        )
        for name, at, more in (("a", 5000.0, a), ("b", 5001.0, {}))
    ]  # fmt: skip
    return model(
        *both, crew(1, respond=Det(500.0)), down=("a.ok", "b.ok"),
        doing=practices(times={"call": Det(900.0)}),
    )  # fmt: skip


def test_crew_restarts_by_hand() -> None:
    """A restart by hand keeps the person: the second one is attended when the first is fixed."""
    # Sees: a person who is free again as soon as the fix begins.
    built = servers()
    assert gaps(built, "a.ok", 9000.0) == [(5000.0, 5900.0 + 500.0 + 600.0 + 30.0)]
    assert gaps(built, "b.ok", 9000.0) == [(5001.0, 7000.0 + 500.0 + 600.0 + 30.0)]


def test_crew_is_freed_by_what_ends_its_work() -> None:
    """Hardware that fails under the person's hands ends that work: the other is attended then."""
    # Sees: a person who never comes back (test 46).
    built = servers(fails=Det(6000.0))
    assert gaps(built, "b.ok", 9000.0) == [(5001.0, 6000.0 + 500.0 + 600.0 + 30.0)]


# -- backup -------------------------------------------------------------------------------------


def archive() -> Part:
    """Return an array that loses nothing."""
    disk = {"size": 60.0, "life": Det(NEVER), "rebuild_rate": 10.0}
    return part("disk_array", "array", layout="raid1", disks=2, disk=disk, disk_replace=Det(1.0),
                replace=Det(1.0))  # fmt: skip


def nightly(interval: float, starts: float, duration: float, p: float) -> Part:
    """Return a backup of the array that is good with probability p."""
    return part("backup", "nightly", of=("array",), interval=interval, starts=starts,
                duration=Det(duration), success=p, usable=1.0, restore_rate=1.0,
                prepare=Det(1.0))  # fmt: skip


def test_backup_age_without_failures() -> None:
    """What would be lost is as old as the start of the last run that is over."""
    # Sees: an age from the end of the run on; a run that counts before it is over.
    built = model(archive(), nightly(DAY, 22.1 * HOUR, 3 * HOUR, 1.0))
    found = samples(built, "window:nightly", 24 * MONTH)
    assert len(found) == 24
    for t, age in found:
        begun = (t - 25.1 * HOUR) // DAY * DAY + 22.1 * HOUR
        assert age == close(t - begun, 1e-9)


def test_backup_mean_age() -> None:
    """I/2 + I(1 - p)/p + duration, when a run is good with probability p."""
    # Sees: the duration left out; a bad run that resets the age. Resolves 1 % of the mean.
    p, interval = 0.7, MONTH * 0.6180339887
    duration = 0.1 * interval
    built = model(archive(), nightly(interval, 0.0, duration, p))
    runner = kernel.Runner(built, 1000 * MONTH, None)
    place = [o.name for o in built.observations].index("window:nightly")
    rows = runner.batch(20240101, 0, 100).samples
    rows = rows[(rows["observation"] == place) & (rows["time"] > 30 * interval)]
    means = [rows["value"][rows["replication"] == k].mean() for k in range(100)]
    judge([m / interval for m in means], 0.5 + (1 - p) / p + 0.1)


def test_backup_run_is_a_tick() -> None:
    """A run that is still going when the next one is due makes that one start a day later."""
    built = model(archive(), nightly(24.0, 22.0, 30.0, 1.0))
    assert fired(built, "nightly/run.start", 150.0) == [22.0, 70.0, 118.0]
    assert fired(built, "nightly/run.end", 150.0) == [52.0, 100.0, 148.0]
