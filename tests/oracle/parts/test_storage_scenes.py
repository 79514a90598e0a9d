"""What an array does while contents come back, in the dark, and when it is full: by the clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.core import Batch, ModelBuilder, dormant
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel, reference
from pacsim.parts.values import Needs
from tests.agreement.test_twins import assert_twins
from tests.close import close
from tests.oracle.parts.making import model, part, practices, role

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core import Model
    from pacsim.parts.values import Part

    Engine = Callable[..., Batch]
    Spans = list[tuple[float, float]]

NEVER = 1e9
TINY = 1e-12
"""Size of a study so small that what is stored stays what it was at the start."""
ENGINES: dict[str, Any] = {"compiled": kernel.simulate, "reference": reference.simulate}
TWO_HOURS = practices(times={"call": Det(2.0)})
"""Somebody notices after two hours."""
DOES = {"store": ("write",), "read": ("read",), "both": ()}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return a function that runs a model."""
    found: Engine = ENGINES[request.param]
    return found


def array(size: float = 600.0, **more: Any) -> Part:
    """Return a mirror that loses nothing unless given."""
    disk = {"size": size, "life": Det(NEVER), "rebuild_rate": 100.0, **more.pop("disk", {})}
    plain = {"layout": "raid1", "disks": 2, "disk_replace": Det(15.0), "replace": Det(40.0)}
    return part("disk_array", "array", disk=disk, **{**plain, **more})


def backup(**more: Any) -> Part:
    """Return a backup at 22, 46, 70, 94 that runs for two hours and always works."""
    plain = {
        "interval": 24.0, "starts": 22.0, "duration": Det(2.0), "success": 1.0, "usable": 1.0,
        "restore_rate": 10.0, "prepare": Det(5.0),
    }  # fmt: skip
    return part("backup", "nightly", of=("array",), **{**plain, **more})


def mains(on: float, off: float) -> Part:
    """Return mains that are there for so long, then away for so long, and so on."""
    return part("utility", "mains", outages=Det(on), duration=Det(off))


def scene(*parts: Part, **more: Any) -> Model:
    """Return the model of some parts with a role that writes, one that reads, and one that both."""
    roles = tuple(role(name, "array", does=does) for name, does in DOES.items())
    return model(*parts, roles=roles, **{"doing": TWO_HOURS, **more})


def spans(batch: Batch, observed: str) -> Spans:
    """Return the episodes of an observation."""
    return [(float(row["start"]), float(row["end"])) for row in batch.episodes_of(observed)]


def roots(built: Model, batch: Batch, observed: str) -> set[str]:
    """Return the roots of these episodes."""
    rows = batch.episodes_of(observed)
    return {built.transitions[int(row["cause"])].name for row in rows}


def lost(batch: Batch, how: str) -> Spans:
    """Return time and studies of each loss since the last copy."""
    rows = batch.samples_of(f"loss:array:window:{how}")
    return [(float(row["time"]), float(row["value"])) for row in rows]


def fired(built: Model, batch: Batch, name: str) -> list[float]:
    """Return when a transition fired."""
    assert batch.trace is not None
    index = built.transition(name)
    return [float(row["time"]) for row in batch.trace if row["transition"] == index]


# -- while contents come back -----------------------------------------------------------------


def test_written_to_and_read_in_part_while_contents_come_back(engine: Engine) -> None:
    """Wiped at 100, noticed 102, prepared 107, restored 117: down until 107, then read in part."""
    # Sees: a restore that nobody has to notice; a role down until the last byte is back; writing
    # counted as degraded; the whole restore taken for down time and for degraded time.
    built = scene(array(wipe=Det(100.0)), backup(), study_size=TINY, stored=100.0)
    found = engine(built, horizon=150.0)
    back = close(117.0, 1e-12)
    for name in DOES:
        assert spans(found, f"role:{name}") == [(100.0, 107.0)]
    for name in ("read", "both"):
        assert spans(found, f"role:{name}.degraded") == [(107.0, back)]
        assert found.column(f"role:{name}.degraded", "unplanned")[0] == close(10.0, 1e-9)
    assert "role:store.degraded" not in [o.name for o in built.observations]
    assert spans(found, "unreachable:array") == [(100.0, back)]
    assert lost(found, "wipe") == [(100.0, close(6.0, 1e-12))]


def test_what_was_written_meanwhile_is_lost_with_a_second_loss(engine: Engine) -> None:
    """Back from 107 on for 200 hours; wiped again at 207 and 314, each time 107 hours unsaved."""
    # Sees: studies that only the array has, lost without a word; backups of half an array that
    # are good; the same studies lost twice.
    one = (array(wipe=Det(100.0)), backup(restore_rate=0.5))
    built = scene(*one, study_size=TINY, stored=100.0)
    found = engine(built, horizon=320.0)
    assert lost(found, "wipe") == [(100.0, close(6.0, 1e-12))]
    assert lost(found, "wipe-again") == [(207.0, 107.0), (314.0, 107.0)]
    downs = [(100.0, 107.0), (207.0, 214.0), (314.0, 320.0)]
    for name in DOES:
        assert spans(found, f"role:{name}") == downs
    assert spans(found, "role:read.degraded") == [(107.0, 207.0), (214.0, 314.0)]


def test_disks_lost_are_noticed_before_a_new_array_is_ordered(engine: Engine) -> None:
    """All disks gone at 100: noticed 102, a new array 142, prepared 147, restored 157."""
    # Sees: an array that is ordered the moment it breaks.
    one = array(layout="raid0", disk={"life": Det(100.0)})
    built = scene(one, backup(), study_size=TINY, stored=100.0)
    found = engine(built, horizon=200.0)
    assert spans(found, "role:store") == [(100.0, 147.0)]
    assert spans(found, "role:read.degraded") == [(147.0, close(157.0, 1e-12))]


def test_an_empty_array_is_written_to_once_it_is_set_up(engine: Engine) -> None:
    """Wiped without a copy: noticed 102, set up 109; nothing comes back, so nothing is in part."""
    built = scene(array(wipe=Det(100.0), set_up=Det(7.0)), study_size=TINY, stored=100.0)
    found = engine(built, horizon=150.0)
    for name in DOES:
        assert spans(found, f"role:{name}") == [(100.0, 109.0)]
    assert not [o.name for o in built.observations if o.name.endswith(".degraded")]


def test_a_database_comes_back_first(engine: Engine) -> None:
    """What is stored on the array can be used as soon as the array is written to."""
    # Sees: a database that waits for the last image.
    laws = {"crash": Det(NEVER), "recovery": Det(1.0)}
    db = part("database", "db", runs_on="host", stored_on="array", **laws)
    m = ModelBuilder()
    m.gate("host.hosting", m.always())
    built = model(
        array(wipe=Det(100.0)), backup(), db, roles=(role("read", "db", does=("read",)),),
        doing=TWO_HOURS, study_size=TINY, stored=100.0, builder=m,
    )  # fmt: skip
    assert spans(engine(built, horizon=150.0), "role:read") == [(100.0, 107.0)]


# -- in the dark ------------------------------------------------------------------------------


def lit(start: float, work: float) -> float:
    """Return when so much work is done that goes on in every second ten hours, 0 - 10, 20 - 30."""
    t = start
    while True:
        cycle, into = divmod(t, 20.0)
        if into >= 10.0:
            t = 20.0 * (cycle + 1)
            continue
        here = min(work, 10.0 - into)
        t, work = t + here, work - here
        if work <= 1e-12:
            return t


def test_a_rebuild_stands_still_in_the_dark(engine: Engine) -> None:
    """Six hours of work each, in light alone; a disk is exchanged in the dark as well."""
    # Sees: a rebuild that goes on without power, or begins anew when it is back.
    one = array(layout="raidz3", disks=5, disk={"life": Exp(400.0)}, power=("mains",))
    built = scene(one, mains(10.0, 10.0), study_size=TINY)
    found = engine(built, horizon=2000.0, trace=True)
    ended = 0
    for k in range(1, 6):
        begun = fired(built, found, f"array/disk-0{k}.replaced")
        over = fired(built, found, f"array/disk-0{k}.rebuilt")
        for start, end in zip(begun, over, strict=False):
            assert end == close(lit(start, 6.0), 1e-9)
            ended += 1
        fell = fired(built, found, f"array/disk-0{k}.fail")
        assert begun == [close(t + 15.0, 1e-12) for t in fell[: len(begun)]]
    assert ended > 10
    assert fired(built, found, "array/contents.disks") == []


def test_a_restore_stands_still_in_the_dark(engine: Engine) -> None:
    """Restoring from 107, dark 110 - 114: back at 121; down in the dark, in part beside it."""
    # Sees: contents that come back into a dead array; a restore from the beginning.
    one = array(wipe=Det(100.0), power=("mains",))
    built = scene(one, backup(), mains(110.0, 4.0), study_size=TINY, stored=100.0)
    found = engine(built, horizon=150.0)
    back = close(121.0, 1e-12)
    assert spans(found, "role:read") == [(100.0, 107.0), (110.0, 114.0)]
    assert spans(found, "role:read.degraded") == [(107.0, 110.0), (114.0, back)]
    assert spans(found, "unreachable:array") == [(100.0, back)]


@pytest.mark.parametrize(("on", "off", "ends"), [(95.0, 3.0, 99.0), (93.0, 3.0, 98.0)])
def test_a_run_stands_still_in_the_dark(engine: Engine, on: float, off: float, ends: float) -> None:
    """Due at 94 for two hours. Dark 95 - 98 it ends at 99; dark 93 - 96 it ends at 98."""
    # Sees: a backup of an array without power; a run that has to begin again.
    built = scene(array(power=("mains",)), backup(), mains(on, off))
    found = engine(built, horizon=110.0, trace=True)
    assert fired(built, found, "nightly/run.start") == [22.0, 46.0, 70.0, 94.0]
    assert fired(built, found, "nightly/run.end") == [24.0, 48.0, 72.0, ends]


def test_runs_that_stand_still_sleep_to_the_bit() -> None:
    """Cuts every few days, some in a run: what slept and what ticked agree."""
    # Sees: a set that wakes with the clock of a run that had been interrupted set back.
    one = array(power=("mains",), wipe=Exp(3000.0))
    cuts = part("utility", "mains", outages=Exp(60.0), duration=Exp(3.0))
    copies = backup(duration=Exp(6.0), success=0.9, retention=100.0)
    built = scene(one, copies, cuts, study_size=TINY, stored=100.0)
    assert not any(dormant.kept_awake(built, x) for x in built.dormant)
    runner = kernel.Runner(built, 9000.0, None)
    slept, ticked = (runner.batch(7, 0, 40, sleep=sleep) for sleep in (True, False))
    assert_twins(slept, ticked)
    assert slept.replayed.sum() > 0.5 * 2 * 40 * 9000 / 24


# -- full -------------------------------------------------------------------------------------


def test_a_full_array_takes_nothing_more(engine: Engine) -> None:
    """Room for 150, 100 there, one an hour: full at 50. Empty at 109 it is full again at 259."""
    # Sees: an array without end; a role that only reads and is down; one that stays full for ever.
    one = array(size=150.0, wipe=Det(100.0), set_up=Det(7.0))
    built = scene(one, stored=100.0)
    found = engine(built, horizon=208.9)
    for name in ("store", "both"):
        assert spans(found, f"role:{name}") == [(50.0, 109.0)]
        assert roots(built, found, f"role:{name}") == {"array/full.fills"}
    assert spans(found, "role:read") == [(100.0, 109.0)]
    once = scene(array(size=30.0), stored=10.0)
    found = engine(once, horizon=100.0)
    assert spans(found, "role:store") == [(20.0, 100.0)]
    assert found.column("role:store", "unplanned")[0] == 80.0
    assert spans(found, "role:read") == []


def test_a_full_array_loses_what_it_holds(engine: Engine) -> None:
    """Room for 150, full at 50, wiped at 100 without a copy: 150 studies, and not 200."""
    # Sees: studies lost that never found room.
    built = scene(array(size=150.0, wipe=Det(100.0), set_up=Det(7.0)), stored=100.0)
    found = engine(built, horizon=110.0)
    rows = found.samples_of("loss:array:archive:wipe")
    assert np.allclose([(row["time"], row["value"]) for row in rows], [(100.0, 150.0)], rtol=1e-12)


def test_one_of_two_arrays_is_enough(engine: Engine) -> None:
    """Full at 50 and 70: written to until 70. Wiped at 100 and back in part: read whole elsewhere."""
    # Sees: room asked of every array, although one is enough; in part although one has it all.
    first = array(size=150.0, wipe=Det(100.0))
    second = replace(array(size=170.0), name="other")
    either = Needs(1, ("array", "other"))
    roles = tuple(role(name, either, does=does) for name, does in DOES.items())
    built = model(first, second, backup(), roles=roles, doing=TWO_HOURS, studies=1.0, stored=100.0)
    found = engine(built, horizon=150.0)
    assert spans(found, "role:store") == [(70.0, 150.0)]
    assert spans(found, "role:read") == []
    assert spans(found, "role:read.degraded") == []
    assert spans(found, "unreachable:array") != []
