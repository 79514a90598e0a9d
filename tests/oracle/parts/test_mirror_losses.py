"""What is lost with an array of a mirror, and how it comes back; one study an hour, by the clock."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Uniform
from pacsim.units import MONTH
from tests.close import close
from tests.oracle.parts.making import role
from tests.oracle.parts.mirroring import Story, array, backup, cut, mirror, scene

if TYPE_CHECKING:
    from pacsim.parts.values import Part

LATE: dict[str, Any] = {"mode": "asynchronous", "lag": Det(0.5)}


def wiped(name: str, at: float, **more: Any) -> Part:
    """Return an array of which somebody wipes all contents at a time."""
    return array(name, wipe=Det(at), **more)


@pytest.mark.parametrize("saved", [False, True], ids=["alone", "with backup"])
def test_nothing_is_lost_while_the_other_copy_is_current(*, saved: bool) -> None:
    """Wiped 50: noticed 52, set up 57, filled with 57 studies from the other one by 74.1."""
    # Sees: contents lost although the other copy is current; a restore from the backup instead; a
    # mirror that is down; a blank copy that serves.
    others = (backup(),) if saved else ()
    story = Story(
        scene(wiped("a", 50.0), array("b"), *others, roles=(role("use", "images"),)), 80.0
    )
    assert story.lost() == {}
    assert math.isinf(story.first_loss)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.whole") == []
    assert story.gaps("images.serves.a") == [(50.0, 74.1)]
    assert story.gaps("role:use.degraded") == [(50.0, 74.1)]
    assert story.gaps("unreachable:images") == []
    assert story.fired("a/contents.set-up") == [57.0]
    assert "restored" not in [
        t.name.rpartition(".")[2] for t in story.model.transitions if not saved
    ]


def test_a_new_array_is_filled_as_well() -> None:
    """All disks gone at 50: noticed 52, replaced 92, set up 97, 97 studies by 126.1."""
    gone = array("a", layout="raid0", disk={"life": Det(50.0)}, set_up=Det(5.0))
    story = Story(scene(gone, array("b")), 130.0)
    assert story.lost() == {}
    assert story.fired("a/contents.set-up") == [97.0]
    assert story.gaps("images.serves.a") == [(50.0, 126.1)]


@pytest.mark.parametrize("saved", [False, True], ids=["alone", "with backup"])
def test_with_a_stale_second_copy_what_that_lacks_is_lost(*, saved: bool) -> None:
    """First out 60 - 70, the second wiped 65: five studies; people take the first at 75."""
    # Sees: all of it lost; what no backup holds taken instead; a stale copy that serves by itself;
    # people who never take it though nothing else is left.
    others = (backup(),) if saved else ()
    story = Story(scene(array("a", out=(60.0, 70.0)), wiped("b", 65.0), *others), 85.0)
    assert story.lost() == {"mirror:b:wipe": [(65.0, 5.0)]}
    assert story.first_loss == 65.0
    assert story.gaps("images.ok") == [(65.0, 75.0)]
    assert story.gaps("unreachable:images") == [(65.0, 75.0)]
    # Blank from 72 on, with 65 studies to be written to it.
    assert story.fired("b/contents.set-up") == [72.0]
    assert story.fired("images/copy-b.fill") == [75.0]


def test_a_copy_that_is_catching_up_lacks_only_the_rest() -> None:
    """First out 60 - 70, the second wiped 71.5: of ten studies five are back."""
    # Sees: a loss window that forgets what has been caught up.
    story = Story(scene(array("a", out=(60.0, 70.0)), wiped("b", 71.5)), 80.0)
    assert story.lost() == {"mirror:b:wipe": [(71.5, 5.0)]}


@pytest.mark.parametrize("saved", [False, True], ids=["alone", "with backup"])
def test_a_half_filled_copy_is_none(*, saved: bool) -> None:
    """First wiped 50 and being filled since 57, the second wiped 60: from the backup, or all."""
    # Sees: half of an array taken for a copy of it; an array that waits for nothing for ever.
    others = (backup(),) if saved else ()
    story = Story(scene(wiped("a", 50.0), wiped("b", 60.0), *others), 100.0)
    if not saved:
        assert story.lost() == {"archive:b:wipe": [(60.0, 60.0)]}
        # Both are noticed at 62; the first one begins, empty, at 67, and the other lacks nothing.
        assert story.gaps("images.ok") == [(60.0, 67.0)]
        assert story.gaps("images.full") == [(50.0, 67.0)]
        return
    # The run from 46 to 48 holds all but 14.
    assert story.lost() == {"window:b:wipe": [(60.0, 14.0)]}
    # Prepared 67, restored at ten an hour by 73.7, and only then is there anything to fill from.
    assert story.gaps("images.ok") == [(60.0, 67.0)]
    assert story.gaps("unreachable:images") == [(60.0, 73.7)]
    assert story.fired("images/copy-b.fill") == [73.7]


def test_what_the_backup_does_not_hold_is_lost_once() -> None:
    """Both wiped by 60 and again by 127, one run at 22: 38 studies, and 67 of the time between."""
    # Sees: studies that are lost twice.
    story = Story(scene(wiped("a", 50.0), wiped("b", 60.0), backup(interval=1000.0)), 130.0)
    assert story.fired("a/contents.wipe") == [50.0, 123.7]
    assert story.lost() == {"window:b:wipe": [(60.0, 38.0), (127.0, 67.0)]}


def test_a_backup_is_prepared_once_there_is_nothing_else() -> None:
    """First wiped 50, set up since 52; second wiped 55, three hours before: prepared in 20, till 75."""
    # Sees: a restore that begins when the set-up would have ended, at 57, with nothing prepared.
    both = (wiped("a", 50.0), wiped("b", 55.0), backup(prepare=Det(20.0)))
    story = Story(scene(*both), 90.0)
    assert story.lost() == {"window:b:wipe": [(55.0, 9.0)]}
    assert story.gaps("images.ok") == [(55.0, 75.0)]
    # As much as is stored by then, at ten an hour; the second is prepared at 77 and filled after.
    assert story.gaps("unreachable:images") == [(55.0, 82.5)]
    assert story.fired("b/contents.prepared") == [77.0]
    assert story.fired("images/copy-b.fill") == [82.5]


def test_a_half_filled_copy_is_filled_from_the_start_again() -> None:
    """Second wiped 50, filled since 57; first wiped 60: back 67, whole 73.7; the second anew."""
    # Sees: a filling that goes on with what it had of an array that is gone, by 89.81.
    story = Story(scene(wiped("a", 60.0), wiped("b", 50.0), backup()), 100.0)
    assert story.fired("a/contents.restored") == [73.7]
    # The 60 studies that it lacked then, and what has been written since 67.
    assert story.fired("images/copy-b.resynced") == [93.71]


def test_a_resync_of_a_stated_length_begins_anew_once_contents_are_lost() -> None:
    """An hour of three is done at 71; wiped 71.5, set up 78.5: filled in three hours, not two."""
    # Sees: what was done before for contents that are gone.
    first = wiped("a", 71.5, out=(60.0, 70.0))
    parts = (first, array("b", out=(71.0, 72.0)))
    story = Story(scene(*parts, group=mirror(resync=Det(3.0))), 90.0)
    assert story.lost() == {}
    assert story.fired("images/copy-a.resynced") == [81.5]


def test_a_loss_without_any_copy_costs_all_that_is_stored() -> None:
    """Wiped at 50 and 51: 51 studies, and 1 000 from before."""
    story = Story(scene(wiped("a", 50.0), wiped("b", 51.0), stored=1000.0), 60.0)
    assert story.lost() == {"archive:b:wipe": [(51.0, 1051.0)]}


# -- split and forced ---------------------------------------------------------------------------

APART: dict[str, Any] = {"split": 1.0, "split_lost": 0.1}


def test_contents_lost_in_a_split_take_their_half_with_them() -> None:
    """Split 10 - 30, the second wiped at 20: its half of ten studies is gone, and no more."""
    # Sees: nothing lost because the other side is current; a tenth of it; a tenth of it once more.
    parts = (array("a"), wiped("b", 20.0), cut("link", ("a", "b"), (10.0, 30.0)))
    story = Story(scene(*parts, group=mirror(**APART)), 39.0)
    assert story.lost() == {"mirror:b:wipe": [(20.0, 5.0)]}
    assert story.gaps("images.ok") == []


def test_who_fell_in_a_split_lacks_the_half_of_the_other() -> None:
    """Split 10, first out 20 - 40; the second wiped at 30: its five of the split, and ten since."""
    # Sees: what the survivor took in the split held by the one that fell.
    parts = (array("a", out=(20.0, 40.0)), wiped("b", 30.0), cut("link", ("a", "b"), (10.0, 90.0)))
    story = Story(scene(*parts, group=mirror(**APART)), 39.0)
    assert story.lost() == {"split:b": [(20.0, 0.5)], "mirror:b:wipe": [(30.0, 15.0)]}


def test_what_was_given_up_is_not_lost_again() -> None:
    """Cut 60, first out 60.5 - 80, forced 65.5; the second wiped 70: what it took since, 4.5."""
    # Sees: the half study that was given up, which the first one has, counted a second time.
    parts = (array("a", out=(60.5, 80.0)), wiped("b", 70.0), cut("link", ("a", "b"), (60.0, 61.0)))
    story = Story(scene(*parts, group=mirror(force=True)), 90.0)
    assert story.lost() == {"forced:b": [(65.5, 0.5)], "mirror:b:wipe": [(70.0, 4.5)]}


def test_what_a_stale_copy_lacked_is_not_lost_again_with_everything() -> None:
    """First out 60 - 70, second wiped 65: five; the first, taken at 75, wiped 80: the other 75."""
    # Sees: all 80 studies that ever came, five of them for the second time.
    first = wiped("a", 80.0, out=(60.0, 70.0))
    story = Story(scene(first, wiped("b", 65.0)), 84.0)
    assert story.lost() == {"mirror:b:wipe": [(65.0, 5.0)], "archive:a:wipe": [(80.0, 75.0)]}


def test_what_was_given_up_is_not_lost_again_with_everything() -> None:
    """Half a study given up at 65.5, 4.5 lost at 70, the first taken at 85 and wiped 88: 83."""
    # Sees: 88, or 87.5, or 83.5 studies.
    first = wiped("a", 88.0, out=(60.5, 80.0))
    parts = (first, wiped("b", 70.0), cut("link", ("a", "b"), (60.0, 61.0)))
    story = Story(scene(*parts, group=mirror(force=True)), 90.0)
    lost = {"forced:b": [(65.5, 0.5)], "mirror:b:wipe": [(70.0, 4.5)]}
    assert story.lost() == {**lost, "archive:a:wipe": [(88.0, 83.0)]}


def test_a_half_of_a_split_is_not_lost_again_with_everything() -> None:
    """The second wiped at 20 in a split with its five studies, the first at 22: 17 of 22."""
    parts = (wiped("a", 22.0), wiped("b", 20.0), cut("link", ("a", "b"), (10.0, 30.0)))
    story = Story(scene(*parts, group=mirror(**APART)), 24.0)
    assert story.lost() == {"mirror:b:wipe": [(20.0, 5.0)], "archive:a:wipe": [(22.0, 17.0)]}


# -- asynchronous -------------------------------------------------------------------------------


def test_an_asynchronous_copy_lacks_the_lag() -> None:
    """Wiped 60: half a study; noticed 62, set up 67, in use while 60 come back by 85."""
    # Sees: a loss window without the lag; an array that waits for the whole of it; the second
    # member serving.
    story = Story(scene(wiped("a", 60.0), array("b"), group=mirror(**LATE)), 90.0)
    assert story.lost() == {"mirror:a:wipe": [(60.0, 0.5)]}
    assert story.gaps("images.ok") == [(60.0, 67.0)]
    assert story.gaps("images.full") == [(60.0, 85.0)]
    assert story.gaps("unreachable:images") == [(60.0, 85.0)]


def test_a_feed_that_has_stopped_adds_to_the_lag() -> None:
    """Stopped at 50, wiped 60: ten and a half; the first one is filled though nobody knows."""
    group = mirror(**LATE, stops=Det(50.0), notice=Det(100.0))
    story = Story(scene(wiped("a", 60.0), array("b"), group=group), 90.0)
    assert story.lost() == {"mirror:a:wipe": [(60.0, 10.5)]}
    assert story.gaps("images.ok") == [(60.0, 67.0)]


def test_what_is_lost_once_is_not_lost_again() -> None:
    """Fed no more from 10 on, wiped 30: twenty and a half; again at 67: what came in since, 30.5."""
    # Sees: studies that a copy lacks, counted at each loss of the other one.
    group = mirror(**LATE, stops=Det(10.0), notice=Det(500.0))
    story = Story(scene(wiped("a", 30.0), array("b"), group=group), 70.0)
    assert story.lost() == {"mirror:a:wipe": [(30.0, 20.5), (67.0, 30.5)]}


def test_a_copy_that_is_not_late_loses_nothing() -> None:
    group = mirror(mode="asynchronous", lag=Det(0.0))
    story = Story(scene(wiped("a", 60.0), array("b"), group=group), 90.0)
    assert story.lost() == {}
    assert math.isinf(story.first_loss)


def test_the_second_of_an_asynchronous_pair_is_no_loss() -> None:
    story = Story(scene(array("a"), wiped("b", 50.0), group=mirror(**LATE)), 80.0)
    assert story.lost() == {}
    assert story.gaps("images.ok") == []
    assert story.fired("images/copy-b.resynced") == [74.1]


def test_a_fill_stands_still_while_it_is_cut() -> None:
    """Filled 67 - 85 but for a cut 70 - 72: until 87, in use all the time."""
    # Sees: a fill begun anew; a mirror that is down while the fill stands still.
    parts = (wiped("a", 60.0), array("b"), cut("link", ("a", "b"), (70.0, 72.0)))
    story = Story(scene(*parts, group=mirror(**LATE)), 90.0)
    assert story.gaps("images.ok") == [(60.0, 67.0)]
    assert story.fired("images/copy-a.resynced") == [87.0]


def test_an_array_in_use_is_lost_while_it_is_filled() -> None:
    """Wiped 15, in use and filled from 22, wiped 37 again: each time the lag is lost."""
    # Sees: what was written meanwhile held by a copy that is late.
    group = mirror(**{**LATE, "resync_rate": 0.5})
    story = Story(scene(wiped("a", 15.0), array("b"), group=group), 40.0)
    assert story.lost() == {"mirror:a:wipe": [(15.0, 0.5), (37.0, 0.5)]}
    assert story.gaps("images.ok") == [(15.0, 22.0), (37.0, 40.0)]


def test_the_first_of_an_asynchronous_pair_comes_back_first() -> None:
    """First lost 50, new 92, prepared 97; second wiped 51, set up 58, and waits for it."""
    # Sees: a second member restored at one an hour until 116 while the first, ready, waits for it.
    gone = array("a", layout="raid0", disk={"life": Det(50.0)}, set_up=Det(5.0))
    parts = (gone, wiped("b", 51.0), backup(restore_rate=1.0))
    story = Story(scene(*parts, group=mirror(**LATE)), 105.0)
    assert story.gaps("images.ok") == [(50.0, 97.0)]
    assert story.gaps("unreachable:images") == [(50.0, 105.0)]
    # It is ready once and for all: a copy without contents is nothing to be noticed.
    assert story.fired("b/contents.seen") == [53.0]
    assert story.fired("b/contents.set-up") == [58.0]
    assert [t.name for t in story.model.transitions if t.name == "b/contents.restored"] == []


def test_without_a_backup_the_first_of_an_asynchronous_pair_begins() -> None:
    """First lost 50, new 92, set up 97, and empty; the second, wiped 51, waits and lacks nothing."""
    gone = array("a", layout="raid0", disk={"life": Det(50.0)}, set_up=Det(5.0))
    story = Story(scene(gone, wiped("b", 51.0), group=mirror(**LATE)), 105.0)
    assert story.gaps("images.ok") == [(50.0, 97.0)]
    assert story.gaps("images.full") == [(50.0, 97.0)]
    assert story.fired("b/contents.set-up") == [58.0]


def test_the_source_of_a_fill_is_lost() -> None:
    """First wiped 60, second wiped 70 while it fills the first: all but what the backup holds."""
    # Sees: a copy that is half there taken for one; a mirror that serves nothing.
    both = (wiped("a", 60.0), wiped("b", 70.0), backup(interval=48.0))
    story = Story(scene(*both, group=mirror(**LATE)), 80.0)
    # The run of 22 holds what was there before.
    lost = {"mirror:a:wipe": [(60.0, 0.5)], "window:b:wipe": [(70.0, 48.0)]}
    assert story.lost() == lost
    # Noticed 72, prepared 77.
    assert story.gaps("images.ok") == [(60.0, 67.0), (70.0, 77.0)]


# -- room, backups, read errors -----------------------------------------------------------------


def test_the_smaller_array_is_full_for_both() -> None:
    """Room for 50 and 90: written to until 50, read on."""
    # Sees: a mirror that is as large as its larger member.
    parts = (array("a", disk={"size": 90.0}), array("b", disk={"size": 50.0}))
    roles = (role("store", "images", does=("write",)), role("read", "images", does=("read",)))
    story = Story(scene(*parts, roles=roles), 60.0)
    assert story.gaps("role:store") == [(50.0, 60.0)]
    assert story.gaps("role:read") == []


def test_a_backup_of_one_member_is_bad_while_that_one_is_stale() -> None:
    """The run of 46 begins while the first is stale, so the copy is of 22; of the mirror, of 46."""
    # Sees: a run that copies a stale copy and calls it good.
    lost = {}
    for of in ("a", "images"):
        shelf = array("a", out=(40.0, 47.0), wipe=Det(60.0))
        parts = (shelf, wiped("b", 60.0, disk={"size": 2e6}), backup(of=(of,), duration=Det(0.5)))
        found = Story(scene(*parts), 65.0).lost()
        ((_, lost[of]),) = [x for rows in found.values() for x in rows]
    assert lost == {"a": 38.0, "images": 14.0}


def test_the_age_of_the_newest_copy() -> None:
    """Read in the middle of each month: 0 while current, ten behind, with a lag half of one more."""
    # Sees: the age of the backup beside a newer copy, and of a copy that is current; none read
    # while the other copy is blank.
    half, size = MONTH / 2.0, {"size": 1e9}
    saved = backup(interval=MONTH, starts=0.0)
    out = (3 * half - 10.0, 3 * half + 10.0)
    for group, lag in ((mirror(), 0.0), (mirror(**LATE), 0.5)):
        parts = (array("a", disk=size), array("b", disk=size, out=out), saved)
        story = Story(scene(*parts, group=group), 3 * half + 1.0)
        assert ages(story, "b") == [(half, lag), (3 * half, 10.0 + lag)]
        assert ages(story, "backup") == []
    # Blank from just before a reading on: the backup of the start of the month is the newest.
    parts = (array("a", disk=size), wiped("b", 3 * half - 1.0, disk=size), saved)
    story = Story(scene(*parts), 3 * half + 1.0)
    assert ages(story, "b") == [(half, 0.0)]
    assert ages(story, "backup") == [(3 * half, half)]


def ages(story: Story, of: str) -> list[tuple[float, float]]:
    """Return time and age of each reading."""
    rows = story.batch.samples_of(f"window:images:{of}")
    return [(float(r["time"]), round(float(r["value"]), 6)) for r in rows]


@pytest.mark.parametrize("how", [{}, LATE], ids=["synchronous", "asynchronous"])
def test_no_stripe_is_lost_while_the_other_copy_is_current(how: dict[str, Any]) -> None:
    """Rebuilds that always hit a bad sector: nothing; with the second one out as well, a stripe."""
    # Sees: a read error that costs what the other copy has.
    disk = {"size": 1000.0, "rebuild_rate": 100.0, "uber": 1.0, "life": Uniform(100.0, 500.0)}

    def told(first: int, out: tuple[float, float] | None) -> tuple[list[float], Story]:
        parts = (array("a", disk=disk, layout="raid5"), array("b", out=out))
        story = Story(scene(*parts, group=mirror(**how)), 499.0, first)
        found = [story.fired(f"a/disk-0{k}.fail")[:1] or [500.0] for k in (1, 2)]
        return sorted(x for one in found for x in one), story

    # A history in which the second disk fails long after the first one is in and rebuilt, 25 h.
    k = next(k for k in range(50) if (x := told(k, None)[0])[1] > x[0] + 60.0 and x[0] < 300.0)
    (fails, _), story = told(k, None)
    assert math.isinf(story.first_loss)
    assert story.fired("a/disk-01.rebuilt") + story.fired("a/disk-02.rebuilt")
    _, story = told(k, (90.0, 498.0))
    assert story.first_loss == close(fails + 25.0, 1e-9)
