"""Who is named for an outage: what has a path to the role, and nobody else (R27)."""

from __future__ import annotations

from typing import Any

from pacsim.api import compare
from pacsim.design import design_of

BOX: dict[str, Any] = {"type": "component", "ttf": "100 h", "ttr": "50 h"}


def shares(**more: Any) -> dict[str, float]:
    """Return who is present in the down time of `store`, which needs `a` alone."""
    design = design_of(
        {
            "pacsim": 1,
            "name": "two",
            "contract": {"term": "1 year"},
            "parts": {"a": BOX, "b": BOX, **more},
            "roles": {"store": {"needs": ["a"]}, "read": {"needs": ["b"]}},
        }
    )
    found = compare([design], replications=64, progress=False)
    rows = found.find("contributor_share", role="store")
    return {row.of.split("/")[0]: float(row.estimate or 0.0) for row in rows}


def test_what_another_role_needs_is_no_contributor() -> None:
    """``b`` is down a third of the time, also while ``a`` is, and has nothing to do with it."""
    # Sees: every flagged element of the design.
    assert shares() == {"a": 1.0}


def test_what_shares_a_cause_with_the_role_is_one() -> None:
    """A common cause of both moves ``a`` as well, but ``b`` does not."""
    common = {"type": "common_cause", "members": ["a", "b"], "share": "10 %"}
    assert shares(both=common) == {"a": 1.0}
