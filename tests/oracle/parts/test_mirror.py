"""Mirrors of two parts: long-run shares by chains written here, on the exact engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Exponential as Exp
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import missing, model, part, practices

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from pacsim.core import Model

ROW = 1e-6
"""Relative tolerance of the rows of published figures."""
EXACT = 1e-9
LIFE, REPAIR, RESYNC = 1000.0, 24.0, 5.0
CUT, SPLICED = 2000.0, 12.0
INSTANT = 1e-12
"""A mean so short that it is none, to a relative 1e-9."""

# A state is (up, copy) of each member, and whether they are joined; a copy is C current, S stale,
# R resyncing. What is decided at once is decided in `settled`.
State = tuple[tuple[bool, str], tuple[bool, str], bool]


def serving(state: State) -> tuple[bool, bool]:
    """Return who serves: a current member that is up, the second only beside or without the first."""
    (up_a, a), (up_b, b), joined = state
    first = up_a and a == "C"
    return first, up_b and b == "C" and (joined or not first)


def settled(state: State, caught_up: str = "R") -> State:
    """Return a state once copies that are left out are stale, and those that may catch up do.

    These are resyncing, or with ``caught_up`` C current at once.
    """
    copies = [state[0][1], state[1][1]]
    ups, joined, serve = (state[0][0], state[1][0]), state[2], serving(state)
    for x in (0, 1):
        other = serve[1 - x]
        if copies[x] == "C" and other and not (ups[x] and joined):
            copies[x] = "S"
        elif copies[x] in "SR":
            copies[x] = caught_up if other and ups[x] and joined else "S"
    return (ups[0], copies[0]), (ups[1], copies[1]), joined


def mirror_moves(*, links: bool, force: float | None = None, resync: float = RESYNC) -> Any:
    """Return the moves of a pair from a settled state."""

    def moves(state: State) -> Iterator[tuple[Hashable, float]]:
        a, b, joined = state

        def to(one: tuple[bool, str], two: tuple[bool, str], path: bool) -> Hashable:
            return settled((one, two, path), "R" if resync > INSTANT else "C")

        yield to((not a[0], a[1]), b, joined), 1 / (LIFE if a[0] else REPAIR)
        yield to(a, (not b[0], b[1]), joined), 1 / (LIFE if b[0] else REPAIR)
        if links:
            yield to(a, b, not joined), 1 / (CUT if joined else SPLICED)
        if a[1] == "R":
            yield to((a[0], "C"), b, joined), 1 / resync
        if b[1] == "R":
            yield to(a, (b[0], "C"), joined), 1 / resync
        if force is not None and not any(serving(state)):
            # The first that is up and stale; the other is stale from then on.
            if a == (True, "S"):
                yield to((True, "C"), (b[0], "S"), joined), 1 / force
            elif b == (True, "S"):
                yield to((a[0], "S"), (True, "C"), joined), 1 / force

    return moves


def chain_of(**given: Any) -> Chain:
    """Return the chain of a pair."""
    start: State = ((True, "C"), (True, "C"), True)
    return Chain(explored(start, mirror_moves(**given)))


def down(chain: Chain) -> float:
    """Return the share of time in which nobody serves."""
    return chain.share(*(x for x in chain.states if not any(serving(x))))  # type: ignore[arg-type]


def stranded(chain: Chain) -> float:
    """Return the share of time in which nobody serves though a member is up."""
    rows = [s for s in chain.states if not any(serving(s)) and (s[0][0] or s[1][0])]  # type: ignore[arg-type,index]
    return chain.share(*rows)


def pair(*, links: bool = False, resync: float = RESYNC, **more: Any) -> Model:
    """Return two components that mirror each other; beside each other, or over a link."""
    lives = {"fails": Exp(LIFE), "ttr": Exp(REPAIR)}
    # What is no array has no contents to be lost.
    parts = [part("component", x, **lives) for x in "ab"]
    if links:
        parts.append(part("link", "link", between=("a", "b"), fails=Exp(CUT), ttr=Exp(SPLICED)))
    values = {"members": ("a", "b"), "split": 0.0, "resync": Exp(resync), **more}
    group = part("mirror", "images", **values)
    times = {"call": Exp(INSTANT), "manual_failover": Exp(2.0)}
    doing = practices(times=times)
    return model(*parts, groups=(group,), down=("images.ok", "images.full"), doing=doing)


def test_row_13_a_stale_copy_does_not_serve() -> None:
    # Sees: a stale copy that serves (q^2, 5.49e-4).
    chain = chain_of(links=False)
    assert len(chain.states) == 9
    assert down(chain) == close(1.3070626e-3, ROW)
    assert stranded(chain) == close(7.5774618e-4, ROW)
    assert missing(pair(), "images.ok") == close(down(chain), EXACT)


def test_row_14_and_a_link() -> None:
    # Sees: copies that write apart when they are cut, both current.
    chain = chain_of(links=True)
    assert down(chain) == close(1.4933704e-3, ROW)
    assert stranded(chain) == close(9.4405401e-4, ROW)
    assert missing(pair(links=True), "images.ok") == close(down(chain), EXACT)


@pytest.mark.parametrize(
    ("force", "resync", "published"), [(2.0, RESYNC, 6.0889350e-4), (None, INSTANT, 1.0857582e-3)]
)
def test_row_15_forced_or_resynced_at_once(
    force: float | None, resync: float, published: float
) -> None:
    # Sees: people who never come; who force nothing; a forced copy that leaves the other current.
    chain = chain_of(links=False, force=force, resync=resync)
    assert down(chain) == close(published, ROW)
    found = missing(pair(resync=resync, force=force is not None), "images.ok")
    assert found == close(down(chain), 1e-8)
