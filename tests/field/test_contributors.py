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


def test_a_change_that_is_always_seen_reads_no_role() -> None:
    """``cache`` moves `store` alone; `read` shares a server with it whose changes may fail."""
    # Sees: what the speed of a latent change would read, were there one.
    never = {"rate": "0 /year"}
    server = {
        "type": "server", "ttf": never, "ttr": "1 h", "reboot": "5 min", "boot_after_power": "5 min",
        "software": {"crash": "100 h", "start": "1 h", "manual_restart": "1 h",
                     "change_fails": 0.5, "change_fix": "9 h"},
    }  # fmt: skip
    window = {"of": ["s"], "on": "first sunday 02:00", "lasts": "1 h", "shared": 1,
              "seen_at_once": 1}  # fmt: skip
    design = design_of(
        {
            "pacsim": 1, "contract": {"term": "1 year"},
            "parts": {"s": server, "cache": BOX},
            "roles": {"store": {"needs": ["s", "cache"]}, "read": {"needs": ["s"]}},
            "practices": {"maintenance": {"w": window}},
        }
    )  # fmt: skip
    found = compare([design], replications=64, progress=False)
    named = {row.of for row in found.find("contributor_share", role="read") if row.estimate}
    assert "failed changes" in named
    assert not any("cache" in name for name in named)
