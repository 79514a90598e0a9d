"""What is handed over to the traffic changes nothing, and is the same on both engines.

When it is not as usual for somebody is worked out here from the list of changes alone, as the page
of the traffic says it, and held to the divergences.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.design import design_of, load
from pacsim.design.build import build
from pacsim.engines import kernel, reference
from pacsim.errors import PacsimError
from pacsim.parts.failover import KINDS
from pacsim.parts.traits import CLIENT_SITE, SERVES
from pacsim.traffic.client_conditions import MOVING, NOBODY
from pacsim.traffic.handover import conditions_of, hand_over
from pacsim.traffic.second_pass import timelines
from tests.agreement.designs import drawn, hastened
from tests.oracle.traffic.outages import unusual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Batch, Model
    from pacsim.design.resolved import Resolved
    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.handover import HandOver
    from pacsim.traffic.second_pass import Divergence

pytestmark = pytest.mark.slow

YEAR = 365 * 86400.0
SHIPPED = sorted((Path(__file__).parents[2] / "models" / "designs").glob("*.yaml"))
EACH = 4
"""Random designs with an archive of each shape."""
SEEN = 20
"""Times that each condition, value and kind is met in them at least."""


def archives(resolved: Resolved) -> Iterator[str]:
    """Yield what may be an archive: groups that clients have an address of, and a lone server."""
    sites = [x for x, part in resolved.parts.items() if part.has(CLIENT_SITE)]
    members = {x for group in resolved.groups.values() for x in group.names("members")}
    for name in resolved.groups:
        try:
            conditions_of(resolved.parts, resolved.groups, name, sites)
        except PacsimError:
            continue
        yield name
    for name, part in resolved.parts.items():
        if part.has(SERVES) and name not in members:
            yield name
            return


def handed_of(resolved: Resolved, archive: str) -> HandOver:
    sites = [x for x, part in resolved.parts.items() if part.has(CLIENT_SITE)]
    known = [x for x in ("ris", "site-network", "array") if x in resolved.parts]
    return hand_over(resolved, archive, sites, known[:1])


def shape(conditions: Conditions) -> str:
    return conditions.kind + (" over balancers" if conditions.holders else "")


def chosen() -> list[int]:
    """Return numbers of random designs: as many with a pair, a pool, and one over balancers."""
    found: dict[str, list[int]] = {"pair": [], "pool": [], "behind": []}
    for number in range(1000):
        groups = drawn(number)["groups"]
        kind = "pair" if "pair" in groups else "pool" if "pool" in groups else ""
        if kind == "pool" and groups["pool"].get("behind"):
            kind = "behind"
        if kind and len(found[kind]) < EACH:
            found[kind].append(number)
        if all(len(numbers) == EACH for numbers in found.values()):
            break
    return sorted(number for numbers in found.values() for number in numbers)


DESIGNS = chosen()


@cache
def random(number: int) -> tuple[Model, list[HandOver]]:
    resolved = design_of(drawn(number)).resolved
    return build(resolved).model, [handed_of(resolved, x) for x in archives(resolved)]


def assert_untouched(plain: Batch, more: Batch, model: Model, other: Model) -> None:
    """Hold a run with what is added to the run without, to the bit, by name."""
    assert plain.events.tobytes() == more.events.tobytes()
    names = [one.name for one in model.observations]
    places, others = plain.layout, more.layout
    assert places is not None
    assert others is not None
    for name in names:
        for mine, same in (
            (places[name], others[name]),
            (places[name].windows, others[name].windows),
        ):
            if mine is None or same is None:
                assert mine is same
                continue
            assert plain.values[:, mine.all].tobytes() == more.values[:, same.all].tobytes(), name
    theirs = [one.name for one in other.observations]
    for table in ("episodes", "samples"):
        mine, all_of = getattr(plain, table), getattr(more, table)
        kept = all_of[np.isin(all_of["observation"], [theirs.index(x) for x in names])].copy()
        kept["observation"] = [names.index(theirs[k]) for k in kept["observation"]]
        assert mine.tobytes() == kept.tobytes(), table
    owned = np.isin(more.episodes["observation"], [theirs.index(x) for x in names])
    number = np.cumsum(owned) - 1
    rows = more.contributors[owned[more.contributors["episode"]]].copy()
    rows["episode"] = number[rows["episode"]]
    assert plain.contributors.tobytes() == rows.tobytes()


def compare(model: Model, handed: HandOver, horizon: float, seed: int, *, slow: bool) -> None:
    """Hold the same replication with and without what is added, traced and asleep."""
    engines: list[Any] = [kernel, reference] if slow else [kernel]
    for engine in engines:
        plain = engine.simulate(model, horizon=horizon, seed=seed, trace=True)
        more = engine.simulate(handed.model, horizon=horizon, seed=seed, trace=True)
        assert plain.trace.tobytes() == more.trace.tobytes()
        assert len(plain.trace) > 50
        assert_untouched(plain, more, model, handed.model)
    plain = kernel.simulate(model, horizon=horizon, seed=seed, count=2, window=YEAR / 9)
    more = kernel.simulate(handed.model, horizon=horizon, seed=seed, count=2, window=YEAR / 9)
    assert_untouched(plain, more, model, handed.model)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_designs_with_and_without(file: Path) -> None:
    resolved = load(file).resolved
    for archive in archives(resolved):
        compare(build(resolved).model, handed_of(resolved, archive), YEAR / 2, 3, slow=True)


@pytest.mark.parametrize("number", DESIGNS)
def test_random_designs_with_and_without(number: int) -> None:
    model, all_of = random(number)
    for handed in all_of:
        compare(model, handed, YEAR / 6, number, slow=number in DESIGNS[::6])


def test_random_designs_have_archives_of_every_shape() -> None:
    """Also those that run on the reference."""
    for numbers, each in ((DESIGNS, EACH), (DESIGNS[::2], 1)):
        shapes = Counter(shape(one.conditions) for number in numbers for one in random(number)[1])
        assert set(shapes) == {"server", "group", "pool", "pool over balancers"}
        assert min(shapes.values()) >= each


# -- when it is not as usual -----------------------------------------------------------------------


def assert_list_says_all(
    handed: HandOver, horizon: float, seed: int, *, slow: bool
) -> list[Divergence]:
    """Hold both engines to the same list, the divergences to it, and the whole model to the list."""
    numbers = [2, 0, 1]
    compiled = list(timelines(handed, horizon, numbers, seed=seed))
    assert [one.number for one in compiled] == numbers
    if slow:
        (other,) = timelines(handed, horizon, [0], seed=seed, simulate=reference.simulate)
        assert compiled[1].divergences == other.divergences
        for name in ("time", "what", "value"):
            mine, same = (getattr(x.timeline, name) for x in (compiled[1], other))
            assert mine.tobytes() == same.tobytes()
    whole = kernel.simulate(handed.model, horizon=horizon, seed=seed, count=3).changes
    c = handed.conditions
    for one in compiled:
        line = one.timeline
        assert line.what[: len(c.names)].tolist() == list(range(len(c.names)))
        assert not line.time[: len(c.names)].any()
        order = np.lexsort((line.what, line.time))
        assert (order == np.arange(len(order))).all()
        rows = whole[whole["replication"] == one.number]
        assert (rows["time"] == line.time).all()
        assert (rows["value"] == line.value).all()
        told = [(x.start, x.end) for x in one.divergences]
        assert told == unusual(c, line, horizon)
    return [x for one in compiled for x in one.divergences]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_divergences_of_shipped_designs_are_what_the_list_says(file: Path) -> None:
    resolved = load(file).resolved
    kinds = set()
    for archive in archives(resolved):
        handed = handed_of(resolved, archive)
        quick = type(handed)(
            handed.conditions, hastened(handed.model, 10.0), handed.roots, handed.divergence
        )
        kinds |= {x.kind for x in assert_list_says_all(quick, YEAR / 2, 5, slow=True)}
    assert {"planned", "process", "host", "database"} <= kinds


@pytest.mark.parametrize("number", DESIGNS)
def test_divergences_of_random_designs_are_what_the_list_says(number: int) -> None:
    for handed in random(number)[1]:
        assert assert_list_says_all(handed, YEAR / 6, number, slow=number in DESIGNS[::2])


def test_random_designs_meet_everything() -> None:
    """Each condition changes, each member and owner is all it can be, each kind begins something."""
    changed: Counter[str] = Counter()
    values: dict[str, Counter[int]] = {"member": Counter(), "owner": Counter(), "holder": Counter()}
    kinds: Counter[str] = Counter()
    for number in DESIGNS:
        for handed in random(number)[1]:
            names = handed.conditions.names
            families = [name.partition(".")[0] + ("." if "." in name else "") for name in names]
            for one in timelines(handed, YEAR / 2, range(4), seed=number):
                kinds.update(x.kind for x in one.divergences)
                rows = zip(one.timeline.what.tolist(), one.timeline.value.tolist(), strict=True)
                for what, value in list(rows)[len(names) :]:
                    changed[families[what]] += 1
                    kind = families[what].rstrip(".")
                    if kind in values and families[what] != "holder.":
                        values[kind][value] += 1
    expected = {"member.", "path.", "owner", "listed.", "holder", "holder.", "front.", "back."}
    assert {name for name, count in changed.items() if count >= SEEN} >= expected | {"target."}
    assert {x for x, count in values["member"].items() if count >= SEEN} == set(range(5))
    assert {x for x, count in values["owner"].items() if count >= SEEN} == {MOVING, NOBODY, 0, 1}
    assert {x for x, count in values["holder"].items() if count >= SEEN} >= {0, 1}
    assert {x for x, count in kinds.items() if count >= SEEN} == set(KINDS)
