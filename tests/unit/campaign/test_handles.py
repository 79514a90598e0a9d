"""Groups and losses of others' parts: their figures come of handles alone, whatever the names."""

from __future__ import annotations

from dataclasses import fields
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.campaign.batch_view import BatchView
from pacsim.campaign.tallies import TALLIES, DesignTally
from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as D
from pacsim.design import design_of, load
from pacsim.design.build import Built, build
from pacsim.engines import kernel
from pacsim.parts import loss_classes as registry
from pacsim.parts.loss_classes import WINDOW, LossClass
from pacsim.parts.watch_handles import (
    Belonging,
    FailoverWatch,
    FirstLossWatch,
    LossWatch,
    NeverLost,
    RolePlaces,
    RoleWatch,
    SessionsWatch,
    Watch,
)
from pacsim.results import Result
from pacsim.units import YEAR
from tests.close import close

if TYPE_CHECKING:
    from pacsim.results import Row

EMPTY = design_of({"pacsim": 1, "contract": {"term": "1 year"}, "parts": {"a": {"type": "component", "ttf": "5 years", "ttr": "1 h"}}, "roles": {"store": {"needs": ["a"]}}})  # fmt: skip
FLOOD = LossClass("flood", "under water", "The cellar is flooded: it costs what stands there.")
DAY = 86400.0


def flooded() -> Built:
    """Return a pair that is out every 10 days for 40 s, and a cellar flooded every 100 days."""
    m = ModelBuilder()
    pair = m.element("p", "on seen switched", fault="seen switched")
    pair.after("on -> seen", D(10 * DAY - 40.0), "sleeps", cls="fault")
    pair.after("seen -> switched", D(30.0), "seen")
    pair.after("switched -> on", D(10.0), "back", cls="repair")
    gaps = FailoverWatch(
        "pair",
        "anything at all",
        kinds=("slept", "moved", "odd"),
        endings=("woken", "itself"),
        phases=("sleep", "walk"),
        planned="moved",
        automatic="itself",
    )
    never = m.count([~m.always()])
    m.episodes(
        gaps.observed,
        pair != "on",
        at_start=gaps.at_start(never, never),
        at_end=m.count([m.always()]),
        phase=m.count([pair == "switched"]),
    )
    water = m.element("cellar", "dry wet")
    rises = water.after("dry -> dry", D(100 * DAY), "rises", cls="fault")
    m.firings("rises", rises)
    memory = m.element("memory", "none some")
    memory.after("none -> some", D(100 * DAY), "first")
    m.first_passage("first", memory == "some")
    m.role("down", pair == "on")
    handles = (
        gaps,
        FirstLossWatch("cellar", "first"),
        LossWatch("cellar", "rises", FLOOD, studies_each=7.0),
        NeverLost("cellar", WINDOW, "nobody copies it"),
        RoleWatch("store", "down"),
    )
    elements = tuple(Belonging(e, "unit", f"{e}/unit") for e in ("p", "cellar", "memory"))
    model = m.build()
    roots = tuple(elements[t.element].label for t in model.transitions)
    return Built(model, handles, elements, roots)


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str, str], Row]:
    tally = DesignTally(BatchView.of(flooded(), EMPTY.resolved, "others"))
    batch = kernel.simulate(tally.reader.model, horizon=YEAR, window=YEAR, count=5)
    tally.add(batch)
    return {(r.role, r.measure, r.of): r for r in tally.rows()}


def test_a_group_of_its_own_kind(found: dict[tuple[str, str, str], Row]) -> None:
    """Gaps begin 40 s short of every tenth day; 36 are in a year, each 30 s and 10 s long."""
    assert found["pair", "failovers", ""].estimate == close(36.0, 1e-12)
    assert found["pair", "failovers", "slept"].estimate == close(36.0, 1e-12)
    assert ("pair", "failovers", "moved") not in found
    assert found["pair", "failover_latency_p50", ""].estimate == close(40.0, 0.006)
    assert found["pair", "failover_latency_mean", ""].estimate == close(40.0, 1e-9)
    assert found["pair", "sleep_time", ""].estimate == close(30.0, 1e-9)
    assert found["pair", "walk_time", ""].estimate == close(10.0, 1e-9)
    assert found["pair", "failover_ended", "itself"].estimate == 1.0
    assert found["pair", "failover_automatic", "slept"].estimate == 1.0


def test_a_loss_class_of_its_own(found: dict[tuple[str, str, str], Row]) -> None:
    """Days 100, 200 and 300 of each year cost 7 studies each; copies there are none."""
    assert found["cellar", "losses", "flood"].estimate == close(3.0, 1e-12)
    assert found["cellar", "studies_lost", "flood"].estimate == close(21.0, 1e-12)
    assert found["cellar", "losses", "window"].note == "exactly 0: nobody copies it"
    assert ("cellar", "losses", "archive") not in found
    assert found["cellar", "p_any_loss", ""].estimate == 1.0


def test_they_have_their_lines_in_the_table(found: dict[tuple[str, str, str], Row]) -> None:
    text = str(Result(tuple(found.values()), {"role": "store", "term_years": 1.0}, ("others",)))
    assert "failover until it serves" in text
    assert "40 s (p95 40 s)" in text
    assert "any study lost in 1 year" in text


def test_levels_hold_kind_and_standby() -> None:
    """Every pair of a kind and a standby has a value of its own, and is read back from it."""
    watch = FailoverWatch("g", "o", kinds=("a", "b", "c"))
    values = np.arange(6)
    assert watch.kind(values).tolist() == [0, 1, 2, 0, 1, 2]
    assert watch.alone(values).tolist() == [False] * 3 + [True] * 3


@pytest.mark.parametrize("kinds", [("a", "b", "c"), tuple("abcdefghij")], ids=len)
def test_a_gap_is_read_back_as_it_was_written(kinds: tuple[str, ...]) -> None:
    """A gap for each pair of a kind and a standby, one after the other, however many kinds."""
    m = ModelBuilder()
    gaps = [f"{kind}-{alone}" for kind in range(len(kinds)) for alone in (0, 1)]
    course = ["rest", *(word for gap in gaps for word in (gap, f"after-{gap}"))]
    unit = m.element("e", course)
    for here, there in pairwise(course):
        unit.after(f"{here} -> {there}", D(1.0), f"to-{there}")
    watch = FailoverWatch("g", "gaps", kinds=kinds, endings=("over",), phases=("all",))
    kind = m.first_of(unit.among(f"{k}-0", f"{k}-1") for k in range(len(kinds)))
    alone = m.count([unit.among(*gaps[1::2])])
    m.episodes(watch.observed, unit.among(*gaps), at_start=watch.at_start(kind, alone))
    found = kernel.simulate(m.build(), horizon=float(len(course))).episodes["at_start"]
    told = zip(watch.kind(found).tolist(), watch.alone(found).tolist(), strict=True)
    assert list(told) == [(k, x) for k in range(len(kinds)) for x in (False, True)]


def test_classes_of_other_packages_follow_those_that_ship(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    point = EntryPoint("flood", "tests.unit.campaign.test_handles:FLOOD", registry.ENTRY_POINT)
    assert registry.ENTRY_POINT == "pacsim.loss_classes"
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [point] if group == registry.ENTRY_POINT else []
    )
    registry.loss_classes.cache_clear()
    try:
        names = list(registry.loss_classes())
    finally:
        registry.loss_classes.cache_clear()
    assert names == ["window", "archive", "sector", "split", "flood"]


def test_every_watch_of_a_design_names_an_observation_of_its_model() -> None:
    """And every observation is somebody's: nothing is watched that nobody reads."""
    for file in sorted((Path(__file__).parents[3] / "models" / "designs").glob("*.yaml")):
        made = build(load(file).resolved)
        watched = {one.observed for one in made.handles if isinstance(one, Watch)}
        for place in (x for one in made.handles if isinstance(one, RolePlaces) for x in one.places):
            watched |= {x for x in (place.down, place.degraded, place.failing) if x}
        for one in made.handles:
            watched |= {x for x, _ in one.breaks} if isinstance(one, SessionsWatch) else set()
        assert sorted(watched) == sorted(o.name for o in made.model.observations)
        owners = [(type(h), h.owner) for h in made.handles if type(h) in TALLIES]
        assert len(set(owners)) == len(owners) > 0
        assert all(f.name for h in made.handles for f in fields(h))
        for one in made.handles:
            if isinstance(one, Watch):
                # Losses are counted, or studies are; everything else is a time.
                assert one.unit == ("1" if isinstance(one, LossWatch) else "s"), one


def test_labels_of_causes() -> None:
    """Several of a part are one cause, and so are those of a group's members, by number."""
    file = Path(__file__).parents[3] / "models" / "designs" / "active-passive.yaml"
    made = build(load(file).resolved)
    labels = {e.name: b.label for e, b in zip(made.model.elements, made.elements, strict=True)}
    assert labels["server-a/hardware"] == labels["server-b/hardware"] == "pacs/hardware"
    assert labels["server-a/psu-1"] == labels["server-b/psu-1"] == "pacs/psu-1"
    disks = [label for name, label in labels.items() if "/disk-" in name]
    assert len(disks) > 4
    assert len(set(disks)) == 1
    assert disks[0].endswith("/disk")
    assert labels["ups-pair/shock"] == "ups-pair/shock"
