"""Roles place by place: down and degraded at each, and the share of requests that fail."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.campaign.tallies import DesignTally
from pacsim.core import layout
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.design import design_of
from pacsim.engines import kernel, reference
from pacsim.engines.exact import solve
from pacsim.parts import network, roles
from pacsim.parts.groups import GroupHooks
from pacsim.parts.registry import all_types
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.values import Needs, Reach
from pacsim.parts.watch_handles import RolePlaces, Watch
from tests.agreement.test_twins import assert_twins
from tests.close import close
from tests.oracle.parts.making import made, part, role, watched
from tests.statistical import agrees

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacsim.core import Batch, Model
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part
    from pacsim.parts.watch_handles import Handle
    from pacsim.results import Row

EXACT = 1e-9
LINES = (0.0007, 0.005)
CENTRE = 1e-3
SHARES = (0.6, 0.3, 0.1)
PLACES = ("here", "north", "south")
ENGINES: dict[str, Any] = {"compiled": kernel.simulate, "reference": reference.simulate}


def broken(share: float, mean: float = 1.0) -> dict[str, Any]:
    """Return life and repair of a box that is broken for a share of the time."""
    return {"fails": Exp(mean * (1.0 / share - 1.0)), "ttr": Exp(mean)}


def site(*lines: float, shares: tuple[float | None, ...] = SHARES) -> list[Part]:
    """Return a centre with a server that never fails, a place at it, and one behind each line."""
    sleeps = {"fails": Exp(1e16), "ttr": Exp(1e-3), "reboot": Exp(1e-3), "boot_after_power": Exp(1)}
    parts = [
        part("component", "centre", **broken(CENTRE)),
        part("server", "archive", **sleeps),
        part("clients", "here", network=("archive",), share=shares[0]),
    ]
    for place, share, q in zip(PLACES[1:], shares[1:], lines, strict=False):
        parts.append(part("clients", place, share=share))
        line = f"line-{place}"
        parts.append(part("link", line, between=("archive", place), **broken(q)))
    return parts


def at_places(handles: Iterable[Handle], name: str) -> RolePlaces:
    """Return the places of a role."""
    return next(x for x in handles if isinstance(x, RolePlaces) and x.owner == name)


def steady(
    built: tuple[Model, list[Handle]], name: str
) -> tuple[float, list[float], list[float], float]:
    """Return in the long run: down, down at each place, degraded at each, failing requests."""
    found = solve(built[0], steady=True)
    places = at_places(built[1], name).places

    def share(observed: str) -> float:
        return float(found[observed].steady) if observed else 0.0

    down = [share(one.down) for one in places]
    failing = [share(one.failing) for one in places]
    each = zip(places, down, failing, strict=True)
    return (
        share(f"role:{name}"),
        down,
        [share(one.degraded) for one in places],
        sum(one.share * (d + f) for one, d, f in each),
    )


# -- down at each place ---------------------------------------------------------------------------


def test_three_places() -> None:
    """Row 23: a centre, two lines, places with 60 % (at the centre), 30 % and 10 % of requests."""
    # Sees: shares taken for equal; a place at the centre that is asked for a line.
    built = watched(*site(*LINES), roles=(role("read", "centre", "archive", used_from=PLACES),))
    q, (a, b) = CENTRE, LINES
    role_down = 1.0 - (1.0 - q) * (1.0 - a) * (1.0 - b)
    each = [q, 1.0 - (1.0 - q) * (1.0 - a), 1.0 - (1.0 - q) * (1.0 - b)]
    failing = sum(share * down for share, down in zip(SHARES, each, strict=True))
    assert (role_down, each[1], failing) == (
        close(6.6908035e-3, 1e-6), close(1.6993e-3, 1e-6), close(1.70929e-3, 1e-6),
    )  # fmt: skip
    found = steady(built, "read")
    assert found[0] == close(role_down, EXACT)
    assert found[1] == [close(one, EXACT) for one in each]
    assert found[2] == [0.0, 0.0, 0.0]
    assert found[3] == close(failing, EXACT)


def test_three_places_simulated() -> None:
    """The same from a design file, by the tally that makes the rows."""
    text = {
        "pacsim": 1,
        "contract": {"term": "1 year"},
        "parts": {
            "centre": {"type": "component", **written(CENTRE)},
            "archive": {
                "type": "server", "fails": {"exactly": "1e12 h"}, "ttr": {"exactly": "1 h"},
                "reboot": "1 min", "boot_after_power": "1 min",
            },
            "here": {"type": "clients", "network": ["archive"], "share": "60 %"},
            "north": {"type": "clients", "share": "30 %"},
            "south": {"type": "clients", "share": "10 %"},
            "line-n": {"type": "link", "between": ["archive", "north"], **written(LINES[0])},
            "line-s": {"type": "link", "between": ["archive", "south"], **written(LINES[1])},
        },
        "roles": {"read": {"needs": ["centre", "archive"], "used_from": list(PLACES)}},
    }  # fmt: skip
    tally = DesignTally.of(design_of(text))
    batch = kernel.Runner(tally.reader.model, tally.reader.term, tally.reader.term).batch(
        7, 0, 2000
    )
    tally.add(batch)
    found = {(r.measure, r.of): r for r in tally.rows()}
    # That nothing is broken at the start takes about one part in ten thousand off.
    agrees(*with_error(found["failing", ""]), 1.70929e-3)
    agrees(*with_error(found["down_at", "north"]), 1.6993e-3 * 8760)
    assert found["degraded_at", "north"].note.startswith("exactly 0")


def with_error(row: Row) -> tuple[float, float]:
    """Return an estimate of 2 000 terms, nearly all with events, and its standard error."""
    assert row.estimate is not None
    assert row.lower is not None
    return row.estimate, (row.estimate - row.lower) / 1.96


def written(share: float) -> dict[str, Any]:
    """Return life and repair as a design writes them."""
    law = {"rate": f"{1.0 / (1.0 / share - 1.0)!r} /h"}
    return {"fails": law, "ttr": {"exactly": "1 h"}}


def limited(one: Part) -> Part:
    """Return a part that states what it carries."""
    return replace(one, values={**one.values, "capacity": 1e8})


def test_a_peak_means_nothing_where_everything_carries_it() -> None:
    """Nothing states what it carries, so nothing is asked and nothing observed."""
    parts = [*site()[:2], part("clients", "here", network=("archive",), peak=5e7)]
    built = watched(*parts, roles=(role("read", "centre", "archive", used_from=("here",)),))
    assert [o.name for o in built[0].observations] == ["role:read"]


@pytest.mark.parametrize("when", ["any", "all"])
def test_any_or_all_places(when: str) -> None:
    """Two places behind a line each: down with one line of them, or with both; else degraded."""
    # Sees: all read as any; a role that is up from one place and is called full.
    used = role("read", "centre", "archive", used_from=PLACES[1:], down_when=when)
    built = watched(*site(*LINES), roles=(used,))
    q, (a, b) = CENTRE, LINES
    both = 1.0 - (1.0 - a) * (1.0 - b)
    down = 1.0 - (1.0 - q) * (1.0 - (both if when == "any" else a * b))
    found = steady(built, "read")
    assert found[0] == close(down, EXACT)
    assert found[1] == [close(1.0 - (1.0 - q) * (1.0 - x), EXACT) for x in (a, b)]
    degraded = [o.name for o in built[0].observations if o.name == "role:read.degraded"]
    assert bool(degraded) is (when == "all")
    if degraded:
        share = solve(built[0], steady=True)["role:read.degraded"].steady
        assert share == close((1.0 - q) * (a * (1.0 - b) + b * (1.0 - a)), EXACT)
    # 30 % and 10 % of all requests are three quarters and a quarter of those of this role.
    expected = 0.75 * found[1][0] + 0.25 * found[1][1]
    assert found[3] == close(expected, EXACT)


def test_places_that_do_not_say_share_the_rest() -> None:
    used = role("read", "centre", "archive", used_from=PLACES)
    for shares, expected in (
        ((None, None, None), (1 / 3, 1 / 3, 1 / 3)),
        ((0.5, None, None), (0.5, 0.25, 0.25)),
        ((0.2, 0.2, 0.1), (0.4, 0.4, 0.2)),
        ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    ):
        built = watched(*site(*LINES, shares=shares), roles=(used,))
        known = [one.share for one in at_places(built[1], "read").places]
        assert known == [close(one, EXACT) if one else 0.0 for one in expected]


def test_every_observation_of_a_place_is_somebodys() -> None:
    used = role("read", "centre", "archive", used_from=PLACES, full=Needs(1, ("centre",)))
    built, handles = watched(*site(*LINES), roles=(used,))
    places = at_places(handles, "read").places
    named = {x.observed for x in handles if isinstance(x, Watch)}
    named |= {y for x in places for y in (x.down, x.degraded, x.failing) if y}
    assert {o.name for o in built.observations} == named


def test_one_place_builds_nothing_new() -> None:
    """Its hours are those of the role, and its failing share the time that the role is down."""
    used = role("read", "centre", "archive", used_from=("here",))
    built, handles = watched(*site(), roles=(used,))
    assert [o.name for o in built.observations] == ["role:read"]
    (one,) = at_places(handles, "read").places
    assert (one.place, one.share, one.down, one.degraded, one.failing) == (
        "here", 1.0, "role:read", "", "",
    )  # fmt: skip


# -- in full --------------------------------------------------------------------------------------


def test_in_full_by_a_tree_of_its_own() -> None:
    """Up with the centre; in full with b and one of c and d besides."""
    # Sees: the tree taken for needs; an alternative in it taken for all.
    q = {"b": 0.1, "c": 0.2, "d": 0.3}
    boxes = [part("component", name, **broken(share)) for name, share in q.items()]
    tree = Needs(2, ("b", Needs(1, ("c", "d"))))
    used = role("read", "centre", "archive", used_from=PLACES[:2], full=tree)
    built = watched(*site(LINES[0]), *boxes, roles=(used,))
    lacking = 1.0 - (1.0 - q["b"]) * (1.0 - q["c"] * q["d"])
    found = steady(built, "read")
    line = LINES[0]
    assert found[0] == close(1.0 - (1.0 - CENTRE) * (1.0 - line), EXACT)
    assert found[2] == [
        close((1.0 - CENTRE) * lacking, EXACT),
        close((1.0 - CENTRE) * (1.0 - line) * lacking, EXACT),
    ]
    share = solve(built[0], steady=True)["role:read.degraded"].steady
    assert share == close((1.0 - CENTRE) * (1.0 - line) * lacking, EXACT)


def test_a_peak_asks_for_a_path_that_carries_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines to a place, of which one is too narrow for its peak: degraded while that is left."""
    # Sees: a peak that is asked of the path without which the role is down.
    asked = []

    def path(context: BuildContext, start: str, end: str, *, carrying: float | None = None) -> Any:
        asked.append(carrying)
        both = network.path(context, start, end)
        return both if carrying is None else both & context.m.forward("wide.forwards")

    monkeypatch.setattr(roles, "path", path)
    wide, narrow = 0.1, 0.2
    ends = {"between": ("archive", "north")}
    parts = [
        *site()[:2],
        part("clients", "north", peak=5e7),
        limited(part("link", "wide", **ends, **broken(wide))),
        part("link", "narrow", **ends, **broken(narrow)),
    ]
    built = watched(*parts, roles=(role("read", "centre", "archive", used_from=("north",)),))
    found = solve(built[0], steady=True)
    assert set(asked) == {None, 5e7}
    up = 1.0 - CENTRE
    assert found["role:read"].steady == close(1.0 - up * (1.0 - wide * narrow), EXACT)
    assert found["role:read.degraded"].steady == close(up * wide * (1.0 - narrow), EXACT)


def test_what_is_reached_from_a_member_that_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault behind a line from each of two members: by enumeration, up and in full."""
    # Sees: a line of a member that does not serve; a vault that the place is asked to reach; the
    # vault left out of what is needed.
    kind = shedding("first", {})
    shed(monkeypatch, kind)
    q = {"a": 0.1, "b": 0.2, "vault": 0.15, "line-a": 0.3, "line-b": 0.25, "line-north": 0.05}
    boxes = [part("component", name, **broken(q[name])) for name in ("a", "b", "vault")]
    lines = [
        part("link", f"line-{x}", between=(x, "vault"), **broken(q[f"line-{x}"])) for x in "ab"
    ]
    group = made(kind, "first", {"members": ("a", "b")})
    reach = Reach("vault", "first")
    north = ("north",)
    used = (
        role("priors", "archive", reach, used_from=north),
        role("either", "archive", Needs(1, ("a", reach)), used_from=north),
        role("old", "archive", full=Needs(1, (reach,)), used_from=north),
    )
    built = watched(*site(q["line-north"])[1:], *boxes, *lines, groups=(group,), roles=used)[0]
    down = dict.fromkeys(("priors", "either", "old", "in part"), 0.0)
    for states in itertools.product((False, True), repeat=len(q)):
        bad = {name for name, is_down in zip(q, states, strict=True) if is_down}
        p = float(np.prod([q[x] if x in bad else 1.0 - q[x] for x in q]))
        reached = "vault" not in bad and any(not {x, f"line-{x}"} & bad for x in "ab")
        there = "line-north" not in bad
        down["priors"] += p * (not (there and reached))
        down["either"] += p * (not (there and (reached or "a" not in bad)))
        down["old"] += p * (not there)
        down["in part"] += p * (there and not reached)
    found = solve(built, steady=True)
    for name in ("priors", "either", "old"):
        assert found[f"role:{name}"].steady == close(down[name], EXACT), name
    assert found["role:old.degraded"].steady == close(down["in part"], EXACT)


# -- requests that fail while a group serves ------------------------------------------------------


def shedding(name: str, cases: Mapping[str, float]) -> RecordType:
    """Return a type of group that serves while one member does and sheds requests by case.

    A case is members, joined by "+", that are all broken.
    """

    def build(context: BuildContext, group: Part) -> None:
        members = map(context.ok, group.names("members"))
        context.m.gate(f"{group.name}.ok", context.m.any(members))

    def failing(context: BuildContext, group: Part) -> Mapping[Condition, float]:
        assert group.type == name
        return {
            context.m.all(~context.ok(x) for x in case.split("+")): share
            for case, share in cases.items()
        }

    return RecordType(
        name=name,
        doc="A group of a test.",
        slots=(Slot("members", "names", "boxes", default="required"),),
        build=build,
        group=GroupHooks(failing=failing),
    )


def shed(monkeypatch: pytest.MonkeyPatch, *kinds: RecordType) -> None:
    """Add types of groups for a test."""
    known = {**all_types(), **{kind.name: kind for kind in kinds}}
    monkeypatch.setattr("tests.oracle.parts.making.all_types", lambda: known)


def worst(cases: Mapping[str, float], down: set[str]) -> float:
    """Return what the first case that holds sheds."""
    return next((s for case, s in cases.items() if set(case.split("+")) <= down), 0.0)


@pytest.mark.parametrize("instead", [False, True], ids=["needed", "or another"])
def test_the_largest_failing_share_of_its_groups(
    monkeypatch: pytest.MonkeyPatch, *, instead: bool
) -> None:
    """Groups of two and three boxes; by enumeration of all boxes, at a place behind a line and one not."""
    # Sees: shares added up over groups; the last case that holds in place of the first; a case
    # counted at a place that is down; a group that does not serve counted though another does.
    first = {"a+b": 1.0, "a": 0.5, "b": 0.25}
    second = {"c": 1 / 3, "d": 0.4, "c+d+e": 0.9}
    kinds = shedding("first", first), shedding("second", second)
    shed(monkeypatch, *kinds)
    q = {"a": 0.1, "b": 0.2, "c": 0.15, "d": 0.3, "e": 0.35, "line": LINES[1], "centre": CENTRE}
    boxes = [part("component", name, **broken(q[name])) for name in "abcde"]
    groups = tuple(
        made(kind, kind.name, {"members": members})
        for kind, members in zip(kinds, (("a", "b"), ("c", "d", "e")), strict=True)
    )
    tree: tuple[str | Needs, ...] = ("first", "second")
    tree = (Needs(1, tree),) if instead else tree
    used = role("read", "centre", "archive", *tree, used_from=("here", "north"))
    shares = (0.7, 0.3)
    parts = site(LINES[1], shares=(*shares, None))
    built = watched(*parts, *boxes, groups=groups, roles=(used,))
    expected = 0.0
    for states in itertools.product((False, True), repeat=len(q)):
        down = {name for name, is_down in zip(q, states, strict=True) if is_down}
        p = float(np.prod([q[x] if x in down else 1.0 - q[x] for x in q]))
        serve = [not {"a", "b"} <= down, not {"c", "d", "e"} <= down]
        up = "centre" not in down and (any(serve) if instead else all(serve))
        lost = max(
            (worst(c, down) for c, ok in zip((first, second), serve, strict=True) if ok),
            default=0.0,
        )
        for share, there in zip(shares, (up, up and "line" not in down), strict=True):
            expected += p * share * (lost if there else 1.0)
    assert steady(built, "read")[3] == close(expected, EXACT)


def test_failing_at_a_single_place_is_more_than_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that sheds half with one box gone: down q a q b, and half of the rest fails."""
    cases = {"a": 0.5, "b": 0.5}
    kind = shedding("first", cases)
    shed(monkeypatch, kind)
    a, b = 0.1, 0.2
    boxes = [part("component", name, **broken(q)) for name, q in (("a", a), ("b", b))]
    group = made(kind, "first", {"members": ("a", "b")})
    built = watched(*boxes, groups=(group,), roles=(role("read", "first"),))
    found = steady(built, "read")
    assert found[0] == close(a * b, EXACT)
    assert found[3] == close(a * b + 0.5 * (a * (1 - b) + b * (1 - a)), EXACT)


# -- by the clock ---------------------------------------------------------------------------------


def draining(context: BuildContext, one: Part) -> None:
    """Add planned work that begins at once and ends after four hours."""
    drain = context.element(one.name, "drain", "in out back", planned="out")
    drain.after("in -> out", Det(0.0), "begin", cls="planned")
    drain.after("out -> back", Det(4.0), "done")
    context.m.gate(f"{one.name}.ok", drain != "out")


DRAIN = RecordType(name="drain", doc="Of a test.", slots=(), build=draining)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_planned_work_and_a_fault_degrade_alike(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenario 15: a drain 0 - 4 and a fault 2 - 6, either degrades: 2 planned, 4 unplanned."""
    # Sees: hours taken for planned while a fault is enough (2 - 4).
    shed(monkeypatch, DRAIN)
    parts = [
        part("component", "centre", fails=Det(1e9), ttr=Det(1.0)),
        made(DRAIN, "node-1", {}),
        part("component", "node-2", fails=Det(2.0), ttr=Det(4.0)),
    ]
    used = role("read", "centre", full=Needs(2, ("node-1", "node-2")))
    built = watched(*parts, roles=(used,))[0]
    batch: Batch = ENGINES[engine](built, horizon=7.0)
    assert [(row["start"], row["end"]) for row in batch.episodes_of("role:read.degraded")] == [
        (0.0, 6.0)
    ]
    place = layout(built)["role:read.degraded"]
    split = [float(batch.values[0, x][0]) for x in (place.planned, place.unplanned, place.mixed)]
    assert split == [2.0, 4.0, 0.0]
    assert batch.column("role:read", "time")[0] == 0.0


def test_places_are_bit_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three places, a group that sheds, parts of a role in full: the same on both simulators."""
    cases = {"a": 0.5, "b": 1 / 3}
    kind = shedding("first", cases)
    shed(monkeypatch, kind)
    boxes = [part("component", name, **broken(0.1)) for name in "ab"]
    group = made(kind, "first", {"members": ("a", "b")})
    used = role(
        "read", "centre", "archive", "first", used_from=PLACES, full=Needs(2, ("a", "b")),
        down_when="all",
    )  # fmt: skip
    built = watched(*site(0.05, 0.1), *boxes, groups=(group,), roles=(used,))[0]
    runs = [one(built, horizon=500.0, count=3) for one in ENGINES.values()]
    assert_twins(*runs)
    assert_twins(*(one(built, horizon=500.0, trace=True) for one in ENGINES.values()))
    for name in ("role:read.degraded", "role:read.at.south.degraded"):
        assert runs[0].column(name, "time").all()
    assert runs[0].column("role:read.at.south.failing").all()
