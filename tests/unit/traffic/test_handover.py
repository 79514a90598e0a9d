"""What may be an archive, a place and a target; terms one by one, in the order that was asked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.core.model import Connected
from pacsim.design import load
from pacsim.design.build import build
from pacsim.errors import PacsimError
from pacsim.traffic.handover import HandOver, hand_over
from pacsim.traffic.second_pass import MOST_AT_ONCE, timelines
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

DESIGNS = Path(__file__).parents[3] / "models" / "designs"
POOL = DESIGNS / "active-active.yaml"
NO_ADDRESS = (
    "clients have no address of it; name a server, a group with an active member, or a pool"
)
REFUSED = [
    (("pack", ["radiology"], []), 'and "pack" is none; did you mean "pacs"?'),
    (("address", ["radiology"], []), NO_ADDRESS),
    (("db", ["radiology"], []), NO_ADDRESS),
    (("array", ["radiology"], []), NO_ADDRESS),
    (("server-a", ["radiology"], []), 'it is a member of "pacs"; name pacs'),
    (("pacs", ["radiolgy"], []), 'clients are at a part of type clients, and "radiolgy" is none; did'),
    (("pacs", ["core-1"], []), 'and "core-1" is none; known: radiology, reading-rooms'),
    (("pacs", ["radiology"], ["it-team"]), 'a role may need, and "it-team" is none; known'),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "said"), REFUSED)
def test_what_clients_cannot_ask_is_refused(
    asked: tuple[str, list[str], list[str]], said: str
) -> None:
    archive, sites, targets = asked
    with pytest.raises(PacsimError) as error:
        hand_over(load(POOL).resolved, archive, sites, targets)
    assert said in str(error.value)


def test_conditions_of_the_shipped_pool() -> None:
    twice = ["radiology", "radiology"], ["site-network", "site-network"]
    conditions = hand_over(load(POOL).resolved, "pacs", *twice).conditions
    assert conditions.sites == ("radiology",)
    assert conditions.kind == "pool"
    assert conditions.members == ("server-a", "server-b", "server-c")
    assert conditions.holders == ("balancer-1", "balancer-2")
    assert conditions.names[-1] == "target.site-network"


@cache
def single() -> HandOver:
    return hand_over(load(DESIGNS / "single-server.yaml").resolved, "server-a", ["radiology"])


def test_terms_come_one_by_one_and_any_number_of_them() -> None:
    """Not many more are run than were asked for, and a term is the same however it is reached."""

    def taken(most: int) -> Iterator[int]:
        yield from range(most)
        pytest.fail(f"more than {most} numbers were read")

    lazy = timelines(single(), YEAR, taken(4))
    assert [next(lazy).number for _ in range(3)] == [0, 1, 2]
    assert list(timelines(single(), YEAR, [])) == []
    asked = [*range(MOST_AT_ONCE, -1, -1), 7, 7]
    backward = list(timelines(single(), YEAR, asked))
    assert [one.number for one in backward] == asked
    forward = {one.number: one for one in timelines(single(), YEAR, range(MOST_AT_ONCE + 1))}
    for one in backward:
        other = forward[one.number]
        assert one.divergences == other.divergences
        assert np.array_equal(one.timeline.time, other.timeline.time)
        assert np.array_equal(one.timeline.value, other.timeline.value)


def test_a_term_keeps_none_of_the_others() -> None:
    """Its arrays are its own, so that a caller who keeps one term keeps no batch."""
    one = next(iter(timelines(single(), YEAR, range(3))))
    for array in (one.timeline.time, one.timeline.what, one.timeline.value):
        assert array.base is None


def test_the_pass_watches_nothing_else() -> None:
    names = {one.name for one in single().passed.observations}
    own = {f"traffic:server-a:{name}" for name in single().conditions.names}
    assert names == own | {"traffic:server-a"}
    assert len(single().model.observations) > len(names)


def test_the_design_itself_has_none_of_it() -> None:
    """Built without an addition it is the same model but for what was added, element by element."""
    main, more = build(load(DESIGNS / "single-server.yaml").resolved).model, single().model
    assert main.elements == more.elements
    assert [one.name for one in main.transitions] == [one.name for one in more.transitions]
    added = {one.name for one in single().passed.observations}
    theirs = [one.name for one in more.observations if one.name not in added]
    assert [one.name for one in main.observations] == theirs


def test_paths_are_those_that_roles_ask_already() -> None:
    """What is walked at each change of the network is walked no oftener."""
    for name, archive in (
        ("single-server", "server-a"),
        ("active-passive", "pacs"),
        ("active-active", "pacs"),
    ):
        resolved = load(DESIGNS / f"{name}.yaml").resolved
        sites = ["radiology", "reading-rooms"]
        main, more = build(resolved).model, hand_over(resolved, archive, sites).model
        walked = [sum(isinstance(x.expr, Connected) for x in m.gates) for m in (main, more)]
        assert walked[0] == walked[1] > 0
