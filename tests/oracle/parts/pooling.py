"""Pools for their tests: of nodes with two or three states, and of quiet servers."""

from __future__ import annotations

from itertools import product
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel, reference
from pacsim.engines.exact import solve
from pacsim.parts.active_active import CHECK
from pacsim.parts.build_context import BuildContext, Victim
from pacsim.parts.pool import GAP_ENDINGS, GAP_KINDS
from pacsim.parts.roles import build_role
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import REACHED, SERVES
from pacsim.parts.watch_handles import SessionsWatch
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import made, part, practices, role, watched
from tests.oracle.parts.pairing import DAY, HOUR, TIMES, server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pacsim.core import Batch, Model
    from pacsim.parts.values import Part
    from pacsim.parts.watch_handles import Handle

# -- nodes of few states, for chains ---------------------------------------------------------------


def build_node(context: BuildContext, one: Part) -> None:
    """Add ``/unit``: up, dead, or hung with a share of its faults; the gates of a server."""
    m, name, share = context.m, one.name, one.number("hangs")
    unit = context.element(name, "unit", "up dead hung", fault="dead hung")
    ways = [outcome(1.0 - share, "dead"), outcome(share, "hung")]
    law = context.own_law(name, "hardware", one.law("fails"))
    unit.after("up ->", law, "fail", cls="fault", outcomes=ways)
    taken = ((1.0 - share, {"up": "dead"}), (share, {"up": "hung"}))
    context.victims[name, "hardware"] = Victim(unit, taken)
    unit.after("dead -> up", one.law("back"), "mended", cls="repair", renew=True)
    unit.after("hung -> up", one.law("hung_for"), "restarted", cls="repair", renew=True)
    alive, up = unit.among("up", "hung"), unit == "up"
    for gate in ("alive", "runs", "hosting", "powered"):
        m.gate(f"{name}.{gate}", alive)
    m.gate(f"{name}.serves", up)
    m.gate(f"{name}.ok", up)
    m.gate(f"{name}.hung", unit == "hung")
    m.gate(f"{name}.reaches", m.always())
    m.gate(f"{name}.working", ~m.always())


NODE = RecordType(
    "node",
    "A member of three states.",
    (
        Slot("fails", "life", "life"),
        Slot("back", "work", "repair"),
        Slot("hangs", "share", "share that hang", default=0),
        Slot("hung_for", "work", "until it is restarted"),
    ),
    build=build_node,
    traits=frozenset({SERVES, REACHED}),
)
LIFE, REPAIR, HANG = 1000.0, 10.0, 1.0
DETECTION, RISE = 0.02, 0.05
"""Means in hours: rows 1 to 7 of the design."""


def node(name: str, hangs: float = 0.0) -> Part:
    """Return a node of the rows: fails every 1 000 h, back after 10 h, or after 1 h if it hangs."""
    values = {"fails": Exp(LIFE), "back": Exp(REPAIR), "hangs": hangs, "hung_for": Exp(HANG)}
    return made(NODE, name, values)


def pool(names: Iterable[str], need: int, **more: Any) -> Part:
    """Return a pool whose detection and rise have the means of the rows, unless given otherwise.

    A silent member is found after half an interval and a time-out, 0.01 h each; rise is 2.5 of 0.02 h.
    """
    seen = {"sees": "http", "every": 0.02, "fall": 1, "rise": 3, "timeout": 0.01}
    seen.update(more.pop("check", {}))
    plain = {
        "members": tuple(names), "need": need, "least": 1, "redispatch": False, "sessions": "shared",
        "check": made(CHECK, "check", seen),
    }  # fmt: skip
    return part("active_active", "pacs", **{**plain, **more})


def figures(
    group: Part, hangs: float = 0.0, *others: Part, beside: tuple[Part, ...] = (), times: Any = None
) -> dict[str, float]:
    """Return down, degraded and failing of a pool of nodes in the long run, by the exact engine.

    And how often all its sessions break, an hour, if they can.
    """
    m, people = ModelBuilder(), practices(times=times or {})
    parts = [*(node(x, hangs) for x in group.names("members")), *others]
    groups = (*beside, group)
    one_role = role("use", "pacs")
    context = BuildContext(
        m,
        {p.name: p for p in parts},
        {g.name: g for g in groups},
        {"use": one_role},
        practices=people,
        archive=people,
    )
    for one in (*parts, *groups):
        assert isinstance(one.kind, RecordType)
        assert one.kind.build is not None
        one.kind.build(context, one)
    build_role(context, one_role)
    steady = solve(m.build(), steady=True).steady
    down, lost = float(steady["role:use"][0]), float(steady["role:use.failing"][0])
    degraded = float(steady["role:use.degraded"][0])
    found = {"down": down, "degraded": degraded, "failing": down + lost}
    (watch,) = [one for one in context.handles if isinstance(one, SessionsWatch)]
    if watch.breaks:
        found["broken"] = sum(float(steady[name][0]) * share for name, share in watch.breaks)
    return found


def seat(hangs: float = 0.0, *, blind: bool = False) -> Mapping[object, float]:
    """Return the long-run share of each state of one node and its seat, as a chain by hand.

    ``blind``: the check does not see a node that hangs, so it stays in.
    """
    rates: list[tuple[object, object, float]] = [
        (("up", "in"), ("dead", "missing"), (1 - hangs) / LIFE),
        (("dead", "missing"), ("up", "in"), 1 / REPAIR),
        (("dead", "missing"), ("dead", "out"), 1 / DETECTION),
        (("dead", "out"), ("up", "out"), 1 / REPAIR),
        (("up", "out"), ("up", "in"), 1 / RISE),
        (("up", "out"), ("dead", "out"), (1 - hangs) / LIFE),
    ]
    if hangs and blind:
        rates += [
            (("up", "in"), ("hung", "in"), hangs / LIFE),
            (("hung", "in"), ("up", "in"), 1 / HANG),
            # To the check a node that hangs is as good as any, and it comes back while it does.
            (("up", "out"), ("hung", "out"), hangs / LIFE),
            (("hung", "out"), ("up", "out"), 1 / HANG),
            (("hung", "out"), ("hung", "in"), 1 / RISE),
        ]
    elif hangs:
        rates += [
            (("up", "in"), ("hung", "missing"), hangs / LIFE),
            (("hung", "missing"), ("up", "in"), 1 / HANG),
            (("hung", "missing"), ("hung", "out"), 1 / DETECTION),
            (("hung", "out"), ("up", "out"), 1 / HANG),
            (("up", "out"), ("hung", "out"), hangs / LIFE),
        ]
    return Chain(rates).steady()


def expected(
    seats: Mapping[Any, float], n: int, need: int, least: int = 1, *, redispatch: bool = False
) -> dict[str, float]:
    """Return the figures of a pool of independent nodes, summed over all their states."""
    together = {}
    for states in product(seats.items(), repeat=n):
        together[tuple(state for state, _ in states)] = prod(share for _, share in states)
    return summed(together, need, least, redispatch=redispatch)


def summed(
    together: Mapping[Any, float], need: int, least: int = 1, *, redispatch: bool = False
) -> dict[str, float]:
    """Return the figures of a pool from the share of each state of all its nodes."""
    found = dict.fromkeys(("down", "degraded", "failing"), 0.0)
    for states, p in together.items():
        listed, lost, serving = 0, 0, 0
        for unit, where in states:
            if where == "out":
                continue
            listed += 1
            serving += unit == "up"
            lost += unit == "hung" or (unit == "dead" and not redispatch)
        if serving < least:
            found["down"] += p
            found["failing"] += p
        else:
            found["failing"] += p * lost / listed
            if lost or serving < need:
                found["degraded"] += p
    return found


def joint(n: int, common: float) -> Mapping[object, float]:
    """Return the long-run share of each state of n nodes and their seats, of faults a share in common.

    The shock takes all that are up at the same moment.
    """

    def fail(one: tuple[str, str]) -> tuple[str, str]:
        unit, where = one
        return one if unit != "up" else ("dead", "missing" if where == "in" else "out")

    def moves(state: tuple[tuple[str, str], ...]) -> Iterator[tuple[Any, float]]:
        yield tuple(map(fail, state)), common / LIFE
        for k, (unit, where) in enumerate(state):
            ways = []
            if unit == "up":
                ways.append((fail((unit, where)), (1 - common) / LIFE))
                if where == "out":
                    ways.append((("up", "in"), 1 / RISE))
            else:
                ways.append((("up", "in" if where == "missing" else "out"), 1 / REPAIR))
                if where == "missing":
                    ways.append((("dead", "out"), 1 / DETECTION))
            for then, rate in ways:
                yield (*state[:k], then, *state[k + 1 :]), rate

    return Chain(explored((("up", "in"),) * n, moves)).steady()


# -- quiet servers, for scenarios ------------------------------------------------------------------

QUIET = {"sees": "http", "every": 2.0, "fall": 3, "rise": 2, "timeout": 10.0}


def servers_of(
    group: Part,
    parts: Sequence[Part],
    *,
    roles: tuple[Part, ...] = (),
    doing: Mapping[str, Any] | None = None,
    down: tuple[str, ...] = ("pacs.ok", "pacs.full"),
    beside: tuple[Part, ...] = (),
) -> tuple[Model, list[Handle]]:
    """Return a pool of servers, with the handles of what is watched."""
    people = practices(**{"times": TIMES, **(doing or {})})
    return watched(*parts, groups=(*beside, group), roles=roles, down=down, doing=people)


FIXED: Mapping[str, Any] = MappingProxyType({"drain": Det(600.0)})
"""A drain of ten minutes."""


WINDOW = {"every": 30.4375 * DAY, "on": "first sunday 02:00", "lasts": Det(HOUR), "rolling": True}


def nearly(seconds: Any) -> Any:
    """Return times to a hundredth of a second: fall and rise take ten but for a thousandth."""
    return pytest.approx(seconds, abs=0.01)


def both(built: Model, horizon: float) -> Batch:
    """Return a replication of the reference engine; that of the kernel is the same to the bit."""
    one = reference.simulate(built, horizon=horizon, trace=True)
    same = kernel.simulate(built, horizon=horizon, trace=True)
    assert one.trace is not None
    assert same.trace is not None
    assert one.trace.tobytes() == same.trace.tobytes()
    assert one.episodes.tobytes() == same.episodes.tobytes()
    return one


def scene(
    names: str = "abc", need: int = 2, *others: Part, check: Any = None, doing: Any = None,
    needs: tuple[str, ...] = ("pacs",), used_from: tuple[str, ...] = (), of: Any = None, **more: Any
) -> Model:  # fmt: skip
    """Return a pool of quiet servers, a role that needs it; ``of`` says what is odd of a member."""
    group = pool(names, need, check={**QUIET, **(check or {})}, **more)
    members = [server(x, **(of or {}).get(x, {})) for x in names]
    one = role("use", *needs, used_from=used_from)
    return servers_of(group, [*members, *others], roles=(one,), doing=doing)[0]


def gaps_of(run: Batch) -> list[tuple[float, float, str, str]]:
    """Return start, end, kind and ending of each gap of "all requests succeed"."""
    rows = run.episodes_of("failover:pacs")
    return [
        (
            float(row["start"]),
            float(row["end"]),
            GAP_KINDS[int(row["at_start"]) % len(GAP_KINDS)],
            GAP_ENDINGS[int(row["at_end"])],
        )
        for row in rows
    ]


def only(run: Batch, start: float, low: float, high: float, kind: str, how: str) -> None:
    """Hold one gap to its start, the range of its length, its kind and its ending."""
    ((begin, end, fell, ended),) = gaps_of(run)
    assert begin == start
    assert low <= end - begin <= high
    assert (fell, ended) == (kind, how)
