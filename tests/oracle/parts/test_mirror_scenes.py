"""Mirrors by the clock: left behind, cut, split, forced, one study an hour; both simulators alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacsim.delays import Deterministic as Det
from pacsim.parts.values import Feeds, Needs
from tests.oracle.parts.making import part, practices, role
from tests.oracle.parts.mirroring import NEVER, Story, array, cut, mirror, scene
from tests.oracle.parts.pooling import pool

if TYPE_CHECKING:
    from pacsim.parts.values import Part


def test_left_behind_and_current_again() -> None:
    """First out 10 - 20 lacks ten studies, and catches up in three hours (scenario 7)."""
    # Sees: a copy that does not fall behind; that is current when it is back.
    story = Story(scene(array("a", out=(10.0, 20.0)), array("b")), 29.0)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.serves.a") == [(10.0, 23.0)]
    assert story.gaps("images.full") == [(10.0, 23.0)]
    assert story.fired("images/copy-a.resynced") == [23.0]
    assert math.isinf(story.first_loss)


def test_a_resync_does_not_begin_anew() -> None:
    """The other one out 21 - 22: down then, and only the rest is left to do (scenario 7)."""
    # Sees: resync begun anew (25); a stale copy that serves 21 - 22; a copy that falls behind while
    # nobody writes.
    story = Story(scene(array("a", out=(10.0, 20.0)), array("b", out=(21.0, 22.0))), 29.0)
    assert story.gaps("images.ok") == [(21.0, 22.0)]
    assert story.fired("images/copy-a.resynced") == [24.0]


def test_a_resync_of_a_stated_length_does_not_either() -> None:
    group = mirror(resync=Det(3.0))
    story = Story(
        scene(array("a", out=(10.0, 20.0)), array("b", out=(21.0, 22.0)), group=group), 29.0
    )
    assert story.fired("images/copy-a.resynced") == [24.0]


def test_a_cut_and_then_a_dead_first_member() -> None:
    """Cut 10 - 11, first out 10.5 - 14: down then, though the other is up (scenario 7)."""
    # Sees: a stale copy that serves; two that serve while cut.
    parts = (array("a", out=(10.5, 14.0)), array("b"), cut("link", ("a", "b"), (10.0, 11.0)))
    story = Story(scene(*parts), 19.0)
    assert story.gaps("images.ok") == [(10.5, 14.0)]
    assert story.gaps("images.serves.b")[0] == (10.0, 14.15)
    assert story.fired("images/copy-b.resynced") == [14.15]


def test_who_leads_stays_when_the_first_is_back_behind_a_cut() -> None:
    """First out 10 - 12, cut 11 - 15: the second serves on, the first catches up from 15."""
    # Sees: the first member taking over from one that leads.
    parts = (array("a", out=(10.0, 12.0)), array("b"), cut("link", ("a", "b"), (11.0, 15.0)))
    story = Story(scene(*parts), 20.0)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.serves.b") == []
    assert story.fired("images/copy-a.resynced") == [16.5]


def test_both_dark_at_once_the_first_back_serves() -> None:
    """Dark from 10, back at 14 and 12: the second serves from 12, the first is stale till 14.6."""
    # Sees: copies judged before the instant is over; the first one waited for.
    feeds = [part("pdu", x, fails=Det(t), ttr=Det(2.0)) for x, t in (("one", 10.0), ("two", 12.0))]
    both: dict[str, Any] = {"power": Feeds(2, ("one", "two"))}
    story = Story(scene(*feeds, array("a", **both), array("b", power=("one",))), 19.0)
    assert story.gaps("images.ok") == [(10.0, 12.0)]
    assert story.fired("images/copy-a.left-out") == [12.0]
    assert story.fired("images/copy-b.left-out") == []
    assert story.fired("images/copy-a.resynced") == [14.6]


def voting(**out: tuple[float, float]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return arrays over two fibres with a witness that both see, and the quorum."""
    fibres = [cut(f"fibre-{k}", ("a", "b"), out.get("fibres")) for k in (1, 2)]
    legs = [cut(f"{x}-leg", (x, "witness"), out.get(f"leg_{x}")) for x in "ab"]
    witness = part("component", "witness", fails=Det(NEVER), ttr=Det(1.0))
    parts = (array("a", out=out.get("a")), array("b", out=out.get("b")), witness, *fibres, *legs)
    return parts, (part("quorum", "votes", voters=("a", "b", "witness")),)


def test_cut_with_a_witness_that_both_see() -> None:
    """Both fibres cut 10 - 20: both have a majority, and the first serves alone (scenario 6)."""
    # Sees: two majorities of which each serves.
    parts, beside = voting(fibres=(10.0, 20.0))
    story = Story(scene(*parts, group=mirror(quorum="votes"), beside=beside), 29.0)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.serves.a") == []
    assert story.gaps("images.serves.b") == [(10.0, 23.0)]


def test_cut_and_the_first_dies() -> None:
    """It dies at 12 and is back at 17: down until it is (scenario 6)."""
    # Sees: the second one, with a majority and stale, serving.
    parts, beside = voting(fibres=(10.0, 20.0), a=(12.0, 17.0))
    story = Story(scene(*parts, group=mirror(quorum="votes"), beside=beside), 28.0)
    assert story.gaps("images.ok") == [(12.0, 17.0)]


def test_cut_off_from_everybody_the_first_gives_way() -> None:
    """Fibres and its way to the witness cut 10 - 20: the second serves, the first is stale."""
    # Sees: a first member that serves without a majority; quorum not asked.
    parts, beside = voting(fibres=(10.0, 20.0), leg_a=(10.0, 20.0))
    story = Story(scene(*parts, group=mirror(quorum="votes"), beside=beside), 29.0)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.serves.b") == []
    assert story.gaps("images.serves.a") == [(10.0, 23.0)]


# -- split and forced ---------------------------------------------------------------------------


def test_split_until_one_gives_way() -> None:
    """Cut 10 - 16 without a quorum: both serve, not in full, until 20; half of a tenth of ten lost."""
    # Sees: a split that ends when the link is back; one that is down; nothing lost by it.
    parts = (array("a"), array("b"), cut("link", ("a", "b"), (10.0, 16.0)))
    story = Story(scene(*parts, group=mirror(split=1.0, split_lost=0.1)), 25.0)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.full") == [(10.0, 21.5)]
    assert story.gaps("images.serves.a") == []
    # Of ten studies the second lacks the five of the first: an hour and a half.
    assert story.gaps("images.serves.b") == [(20.0, 21.5)]
    assert story.lost() == {"split:a": [(20.0, 0.5)]}
    assert story.first_loss == 20.0


def test_a_split_of_which_one_falls() -> None:
    """Cut 10 - 16, the first out 12 - 13: the second leads from then on; two hours were apart."""
    # Sees: a fallen side that is current when it is back; a split that outlives one side.
    parts = (array("a", out=(12.0, 13.0)), array("b"), cut("link", ("a", "b"), (10.0, 16.0)))
    story = Story(scene(*parts, group=mirror(split=1.0, split_lost=0.1)), 24.0)
    assert story.gaps("images.ok") == []
    # It lacks one of the two studies written apart, and four since.
    assert story.gaps("images.serves.a") == [(12.0, 17.5)]
    assert story.lost() == {"split:b": [(12.0, 0.1)]}


FORCED = (array("a", out=(60.5, 80.0)), array("b"), cut("link", ("a", "b"), (60.0, 61.0)))


def test_people_force_a_stale_copy() -> None:
    """Cut 60 - 61, first out 60.5 - 80: noticed 62.5, forced 65.5; half a study is lost."""
    # Sees: people who come for nothing; the writes of a forced mirror kept; the first one current.
    story = Story(scene(*FORCED, group=mirror(force=True)), 100.0)
    assert story.gaps("images.ok") == [(60.5, 65.5)]
    assert story.lost() == {"forced:b": [(65.5, 0.5)]}
    assert story.first_loss == 65.5
    # It lacks the writes of 14.5 hours, at ten thirds an hour.
    assert story.fired("images/copy-a.resynced") == [84.35]


def test_nobody_forces_by_default() -> None:
    story = Story(scene(*FORCED), 100.0)
    assert story.gaps("images.ok") == [(60.5, 80.0)]
    assert math.isinf(story.first_loss)


def test_people_go_home_when_the_first_is_back() -> None:
    # Sees: people who force a copy while the current one serves.
    parts = (array("a", out=(10.5, 14.0)), array("b"), cut("link", ("a", "b"), (10.0, 11.0)))
    story = Story(scene(*parts, group=mirror(force=True)), 19.0)
    assert story.gaps("images.ok") == [(10.5, 14.0)]
    assert story.fired("images/phase.needless") == [14.0]
    assert story.lost() == {}


# -- who needs it -------------------------------------------------------------------------------


def test_a_cache_before_a_mirror() -> None:
    """Cache out 10 - 20: read is degraded; both copies out 30 - 35: read up, priors down."""
    # Scenario 14. Sees: a mirror that counts as an array of its own in a tree.
    cache = array("cache", out=(10.0, 20.0))
    either = Needs(1, ("cache", "images"))
    both = Needs(2, ("cache", "images"))
    roles = (
        role("read", either, does=("read",), full=both),
        role("priors", "images", does=("read",)),
    )
    # The shelf of a is out a little longer, so the copy of b is current when both are back.
    parts = (array("a", out=(25.0, 27.0)), array("b", out=(25.0, 27.0)), cache)
    story = Story(scene(*parts, roles=roles), 29.0)
    assert story.gaps("role:read") == []
    assert story.gaps("role:read.degraded") == [(10.0, 20.0), (25.0, 27.0)]
    assert story.gaps("role:priors") == [(25.0, 27.0)]


def test_a_pool_behind_a_mirror_that_is_down_is_down_and_not_degraded() -> None:
    """The last current copy out 21 - 22: no member of the pool has storage, so it is down."""
    # Sees: servers that are ok by a path to a copy that is stale; degraded while down.
    servers = [
        part(
            "server", x, fails=Det(NEVER), ttr=Det(1.0), reboot=Det(0.0), boot_after_power=Det(0.0),
            storage=("images",), software={"crash": Det(NEVER), "start": Det(0.0),
            "hang_share": 0.0, "manual_restart": Det(1.0), "change_fails": 0.0,
            "watchdog_cures": 1.0},
        )
        for x in ("s", "t")
    ]  # fmt: skip
    parts = (array("a", out=(10.0, 20.0)), array("b", out=(21.0, 22.0)), *servers)
    roles = (role("use", "pacs", "images"),)
    story = Story(
        scene(*parts, roles=roles, beside=(pool(("s", "t"), 2),), down=("s.ok", "pacs.ok")), 29.0
    )
    assert story.gaps("s.ok") == [(21.0, 22.0)]
    assert story.gaps("pacs.ok") == [(21.0, 22.0)]
    assert story.gaps("role:use") == [(21.0, 22.0)]
    assert story.gaps("role:use.degraded") == [(10.0, 21.0), (22.0, 24.0)]


def test_a_database_on_a_mirror() -> None:
    """It is kept by whichever copy serves."""
    server = part(
        "server", "s", fails=Det(NEVER), ttr=Det(1.0), reboot=Det(0.0), boot_after_power=Det(0.0)
    )
    base = part(
        "database", "db", crash=Det(NEVER), recovery=Det(0.0), runs_on="s", stored_on="images"
    )
    parts = (array("a", out=(10.0, 20.0)), array("b", out=(21.0, 22.0)), server, base)
    story = Story(scene(*parts, roles=(role("use", "db"),)), 29.0)
    assert story.gaps("role:use") == [(21.0, 22.0)]


# -- asynchronous -------------------------------------------------------------------------------

LATE: dict[str, Any] = {"mode": "asynchronous", "lag": Det(0.5)}


def test_the_second_of_an_asynchronous_pair_never_serves() -> None:
    """First out 10 - 20: down; nothing was written, so the second is current all the time."""
    # Sees: a second member that serves by itself.
    story = Story(scene(array("a", out=(10.0, 20.0)), array("b"), group=mirror(**LATE)), 29.0)
    assert story.gaps("images.ok") == [(10.0, 20.0)]
    assert story.gaps("images.full") == [(10.0, 20.0)]
    assert story.fired("images/copy-b.left-out") == []


def test_a_feed_that_stops_unseen() -> None:
    """Stopped at 10, noticed at 16: six studies behind, current again at 17.8."""
    # Sees: a feed that stops and leaves the second current; that runs on before it is noticed.
    group = mirror(**LATE, stops=Det(10.0), notice=Det(6.0))
    story = Story(scene(array("a"), array("b"), group=group), 25.0)
    assert story.gaps("images.ok") == []
    assert story.gaps("images.full") == [(10.0, 17.8)]
    assert story.fired("images/copy-b.resynced") == [17.8]


def test_monitoring_finds_a_feed_that_has_stopped() -> None:
    """Known as any hidden fault, after three hours: current again at 13.9."""
    group = mirror(**LATE, stops=Det(10.0), notice=Det(6.0))
    doing = practices(times={"hidden": Det(3.0)}, monitoring={"finds": ("stopped_copy",)})
    story = Story(scene(array("a"), array("b"), group=group, doing=doing), 20.0)
    assert story.gaps("images.full") == [(10.0, 13.9)]
