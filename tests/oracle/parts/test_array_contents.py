"""What a disk array, or an outsider's store, holds: wiped, lost, copied, restored, as scenes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.core import layout
from pacsim.delays import Deterministic as Det
from pacsim.engines.reference import simulate
from pacsim.parts.watch_handles import FirstLossWatch, UnreachableWatch
from tests.close import close
from tests.oracle.parts.making import fired, gaps, lost, model, part, practices, samples, watched

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.parts.values import Part
    from pacsim.parts.watch_handles import Handle

NEVER = 1e9


def kept(**more: Any) -> Part:
    """Return an array that loses nothing unless given."""
    still = {"size": 600.0, "life": Det(NEVER), "rebuild_rate": 100.0, **more.pop("disk", {})}
    plain = {"layout": "raid1", "disks": 2, "disk_replace": Det(15.0), "replace": Det(40.0)}
    return part("disk_array", "array", disk=still, **{**plain, **more})


def backup(**more: Any) -> Part:
    """Return a backup at 22, 46, 70, 94 that runs for two hours and always works."""
    plain = {
        "interval": 24.0, "starts": 22.0, "duration": Det(2.0), "success": 1.0, "usable": 1.0,
        "restore_rate": 10.0, "prepare": Det(5.0),
    }  # fmt: skip
    return part("backup", "nightly", of=("array",), **{**plain, **more})


AT_ONCE = practices(times={"call": Det(0.0)})
"""Whatever happens, somebody notices at once."""


def scene(*parts: Part, **more: Any) -> Model:
    """Return the model of some parts whose losses are noticed at once."""
    return model(*parts, doing=AT_ONCE, **more)


def handled(*parts: Part, **more: Any) -> tuple[Model, list[Handle]]:
    """Return such a model with the handles of what is watched in it."""
    return watched(*parts, doing=AT_ONCE, **more)


TINY = 1e-12
"""Size of a study so small that what is stored stays what it was at the start."""
EVERYTHING = {"disk_array": "archive", "object_store": "bucket"}
"""Storage parts, shipped and an outsider's, and the class of a loss without a copy."""


def either_store(test: Any) -> Any:
    """Run a test on a shipped storage part and on an outsider's."""
    stores = pytest.mark.parametrize("kind", EVERYTHING)
    return pytest.mark.usefixtures("installed")(stores(test))


def wiped(kind: str, at: float, *, back: float, stored: float = 100.0) -> Part:
    """Return a storage part whose contents are wiped so long after they were whole.

    It is back later: an array as long as it is set up or, with a copy, prepared and restored.
    """
    if kind == "disk_array":
        return kept(wipe=Det(at), set_up=Det(back))
    still = {"fails": Det(NEVER), "ttr": Det(1.0), "holds": stored}
    return part(kind, "array", wipe=Det(at), refill=Det(back), **still)


def test_wipe_without_a_copy() -> None:
    """Contents wiped at 100 without a copy: everything stored so far is lost, at once empty."""
    # Sees: an archive that is not emptied: 200 studies lost the second time.
    one = scene(kept(wipe=Det(100.0)), down=("array.ok",))
    assert gaps(one, "array.ok", 250.0) == []
    assert samples(one, "loss:array:archive:wipe", 250.0) == [(100.0, 100.0), (200.0, 100.0)]


@either_store
def test_an_empty_store_is_set_up(kind: str) -> None:
    """Wiped without a copy: somebody sets it up again, which takes the time it takes."""
    # Sees: an array that is better off without a backup.
    one, handles = handled(wiped(kind, 100.0, back=7.0), down=("array.ok", "array.whole"))
    for gate in ("array.ok", "array.whole"):
        assert gaps(one, gate, 150.0) == [(100.0, 107.0)]
    assert lost(one, handles, EVERYTHING[kind], 150.0) == (1.0, 100.0)
    assert first_loss(one, handles, 150.0) == 100.0
    assert unreachable(one, handles, 150.0) == []


def test_disks_lost_without_a_copy() -> None:
    """Disks: the array is replaced first; every disk is new afterwards."""
    # Sees: old disks in a new array; a new array for a wipe.
    one = scene(kept(layout="raid0", disk={"life": Det(100.0)}), down=("array.ok",))
    assert gaps(one, "array.ok", 290.0) == [(100.0, 140.0), (240.0, 280.0)]
    assert [t for t, _ in samples(one, "loss:array:archive:disks", 290.0)] == [100.0, 240.0]


def first_loss(one: Model, handles: list[Handle], until: float) -> float:
    """Return when anything was lost first, infinite if nothing was."""
    (watch,) = [x for x in handles if isinstance(x, FirstLossWatch)]
    return float(simulate(one, horizon=until).values[0, layout(one)[watch.observed].time].sum())


def unreachable(one: Model, handles: list[Handle], until: float) -> list[tuple[float, float]]:
    """Return when the contents were being restored from a copy."""
    (watch,) = [x for x in handles if isinstance(x, UnreachableWatch)]
    rows = simulate(one, horizon=until).episodes_of(watch.observed)
    return [(float(row["start"]), float(row["end"])) for row in rows]


@either_store
def test_restore_from_a_copy(kind: str) -> None:
    """Wiped at 100: six hours unsaved, five to prepare, ten to restore 100 at 10."""
    # Sees: an age counted from the end of the run; the restore without its preparation.
    one, handles = handled(
        wiped(kind, 100.0, back=15.0), backup(), down=("array.ok",), study_size=TINY, stored=100.0
    )
    gone = [(100.0, close(115.0, 1e-9))]
    assert gaps(one, "array.ok", 150.0) == unreachable(one, handles, 150.0) == gone
    assert lost(one, handles, "window", 150.0) == (1.0, close(6.0, 1e-12))
    assert lost(one, handles, EVERYTHING[kind], 150.0) == (0.0, 0.0)


def test_restore_after_a_replacement() -> None:
    """Disks lost at 100: 40 for the new array, then as after a wipe."""
    one = kept(layout="raid0", disk={"life": Det(100.0)})
    made = scene(one, backup(), down=("array.ok",), study_size=TINY, stored=100.0)
    assert gaps(made, "array.ok", 200.0) == [(100.0, close(155.0, 1e-9))]


@either_store
def test_run_spoiled_by_a_loss(kind: str) -> None:
    """Wiped at 95, in the middle of a run: what counts is the run that began at 70."""
    # Sees: a run that is good although its source was lost in it.
    one, handles = handled(
        wiped(kind, 95.0, back=15.0), backup(), down=("array.ok",), study_size=TINY, stored=100.0
    )
    assert lost(one, handles, "window", 111.0) == (1.0, close(25.0, 1e-12))
    assert fired(one, "nightly/run.spoil", 111.0) == [95.0]
    # Restored at 110, and wiped again 95 h later: saved last by the run from 190 to 192.
    assert lost(one, handles, "window", 206.0) == (2.0, close(25.0 + 15.0, 1e-9))
    assert fired(one, "array/contents.wipe", 206.0) == [95.0, close(205.0, 1e-9)]


@either_store
def test_retention(kind: str) -> None:
    """A copy kept for ten hours from 96 is gone at 110: everything is lost."""
    # Sees: copies kept for ever.
    for keeps, window, everything in ((10.0, (0.0, 0.0), (1.0, 110.0)), (25.0, (1.0, close(16.0, 1e-12)), (0.0, 0.0))):  # fmt: skip
        store = wiped(kind, 110.0, back=5.0, stored=110.0)
        one, handles = handled(store, backup(retention=keeps), down=("array.ok",))
        assert lost(one, handles, "window", 111.0) == window
        assert lost(one, handles, EVERYTHING[kind], 111.0) == everything


def test_a_copy_that_is_needed_does_not_expire() -> None:
    """Disks lost at 110 with a copy from 96: it would expire at 116, and is restored at 155."""
    # Sees: an array that comes back empty although only the newest studies were counted as lost.
    one = kept(layout="raid0", disk={"life": Det(110.0)})
    made = scene(one, backup(retention=20.0), down=("array.ok",), study_size=TINY, stored=100.0)
    assert gaps(made, "array.ok", 180.0) == [(110.0, close(165.0, 1e-9))]
    assert samples(made, "loss:array:window:disks", 180.0) == [(110.0, close(16.0, 1e-12))]
    assert samples(made, "loss:array:archive:disks", 180.0) == []


def test_a_study_is_lost_once() -> None:
    """Wiped at 100 and, restored at 115 from the copy of 94, wiped again at 115.5 h."""
    # Sees: studies from 94 on counted as lost a second time.
    one = scene(kept(wipe=Det(0.5)), backup(prepare=Det(5.0)), down=("array.ok",),
                study_size=TINY, stored=100.0)  # fmt: skip
    lost = samples(one, "loss:array:window:wipe", 200.0)
    # Nothing is copied before 22; from 24 on (a run from 22) every loss counts what is new.
    total = sum(value for _, value in lost)
    first = samples(one, "loss:array:archive:wipe", 200.0)
    assert total <= 200.0
    assert all(b - a >= v - 1e-9 for (a, _), (b, v) in pairwise(lost))
    assert first


@either_store
def test_a_study_is_lost_once_in_either_store(kind: str) -> None:
    """Copied at 22; wiped at 32 and, back for ten hours, at 43: ten studies, then eleven more."""
    # Sees: what was lost at 32 counted again at 43.
    copies = backup(prepare=Det(1.0), restore_rate=1e9)
    store = wiped(kind, 10.0, back=1.0)
    one, handles = handled(store, copies, study_size=TINY, stored=100.0)
    assert lost(one, handles, "window", 42.0) == (1.0, close(10.0, 1e-9))
    assert lost(one, handles, "window", 44.0) == (2.0, close(21.0, 1e-6))


def test_lost_again_while_restoring() -> None:
    """Wiped at 100, restoring from 105 to 115; wiped again at 110: prepared and restored anew."""
    # Sees: contents that cannot be lost twice; studies counted as lost twice.
    one = kept(wipe=Det(100.0))
    context = scene(one, backup(), down=("array.ok",), study_size=TINY, stored=100.0)
    assert gaps(context, "array.ok", 150.0) == [(100.0, close(115.0, 1e-9))]
    slow = scene(one, backup(restore_rate=0.5), down=("array.ok",), study_size=TINY, stored=100.0)
    # 200 h to restore: the next wipe comes 100 h after the restore began, at 205.
    assert fired(slow, "array/contents.wipe-again", 420.0) == [205.0, 310.0, 415.0]
    assert [t for t, _ in samples(slow, "loss:array:window:wipe", 420.0)] == [100.0]


def test_nothing_to_restore_is_not_unreachable() -> None:
    """Hours count as unreachable only if a copy exists."""
    for copies, hours in ((False, 0.0), (True, 55.0)):
        one = kept(layout="raid0", disk={"life": Det(100.0)})
        parts = [one, backup()] if copies else [one]
        made = scene(*parts, study_size=TINY, stored=100.0)
        found = simulate(made, horizon=190.0)
        names = [o.name for o in made.observations]
        rows = found.episodes[found.episodes["observation"] == names.index("unreachable:array")]
        assert float((rows["end"] - rows["start"]).sum()) == close(hours, 1e-9)


@either_store
@pytest.mark.parametrize("bad", [{"success": 0.0}, {"usable": 0.0}], ids=["success", "usable"])
def test_failed_runs(kind: str, bad: dict[str, float]) -> None:
    """A run that never ends well leaves no copy."""
    one, handles = handled(wiped(kind, 100.0, back=5.0), backup(**bad), down=("array.ok",))
    assert lost(one, handles, EVERYTHING[kind], 101.0) == (1.0, 100.0)
    assert lost(one, handles, "window", 101.0) == (0.0, 0.0)
    assert unreachable(one, handles, 101.0) == []
