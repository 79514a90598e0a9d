"""A database pair with a witness for its tests: quiet parts, scenes, and the chain by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import model, part, practices
from tests.oracle.parts.pairing import HOUR, NEVER, TIMES, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model
    from pacsim.parts.values import Part

AT_ONCE = 1e-9
"""Mean of what takes no time, for the exact engine."""


def group(**more: Any) -> Part:
    """Return a pair whose election takes 30 s and works, unless given otherwise."""
    plain = {
        "members": ("a", "b"), "quorum": "votes", "failover": Det(30.0), "success": 1.0,
        "replica_stop": Det(NEVER), "notice": Det(4000.0), "resync": Det(500.0),
    }  # fmt: skip
    return part("primary_standby", "db", **{**plain, **more})


def witness(**more: Any) -> Part:
    """Return a witness on which nothing happens by itself."""
    return part("component", "w", **{"fails": Det(NEVER), "ttr": Det(HOUR), **more})


def line(ends: str, **more: Any) -> Part:
    """Return a link between two of a, b and w that never fails unless given."""
    return part(
        "link", ends, between=tuple(ends), **{"fails": Det(NEVER), "ttr": Det(HOUR), **more}
    )


def engine(**more: Any) -> Part:
    """Return a database on the pair that recovers in 240 s and never crashes unless given."""
    plain = {"crash": Det(NEVER), "recovery": Det(240.0), "runs_on": "db"}
    return part("database", "index", **{**plain, **more})


VOTES = part("quorum", "votes", voters=("a", "b", "w"))


def scene(
    *others: Part, a: Any = None, b: Any = None, w: Any = None, doing: Any = None, **more: Any
) -> Model:
    """Return the model of such a pair, each with faults of its own, and what else there is."""
    one = group(**more)
    groups = (one,) if one.values["quorum"] is None else (VOTES, one)
    down = ["db.ok", "db.active.a", "db.in.a", "db.in.b"]
    down += [f"{x.name}.ok" for x in others if x.type == "database"]
    return model(
        server("a", **(a or {})), server("b", **(b or {})), witness(**(w or {})), *others,
        groups=groups, down=tuple(down), doing=practices(**{"times": TIMES, **(doing or {})}),
    )  # fmt: skip


# -- the chain ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """Means of the exponential pair, in hours; a life of 0 is endless, a call of 0 no time.

    Success is ``tested`` for ``proven`` after an election that has worked; not at all if that is 0.
    """

    life: float = 1000.0
    repair: float = 10.0
    witness: tuple[float, float] = (800.0, 20.0)
    line: tuple[float, float] = (0.0, 1.0)
    election: float = 0.02
    success: float = 0.93
    stops: float = 5000.0
    notice: float = 13.0
    resync: float = 2.0
    call: float = 0.0
    people: float = 1.5
    p: float = 1.0
    quorum: bool = True
    crash: float = 0.0
    recovery: float = 0.1
    members: str = "ab"
    tested: float = 0.0
    proven: float = 1.0


@dataclass(frozen=True)
class State:
    """Who is up, whether a line between the first two is; the primary, its phase, copies, engine.

    And whether the last election that worked is not long ago.
    """

    up: frozenset[str]
    line: bool
    active: str
    phase: str
    copies: tuple[str, ...]
    engine: str
    proven: bool = False


class ByHand:
    """The automaton of a primary and standbys, written anew as moves between states."""

    def __init__(self, times: Times) -> None:
        self.t = times
        self.voters = times.members if len(times.members) > 2 else times.members + "w"

    def sees(self, s: State, one: str, other: str) -> bool:
        return s.line or {one, other} != {"a", "b"}

    def leads(self, s: State, x: str) -> bool:
        if x not in s.up or not self.t.quorum:
            return x in s.up
        votes = sum(y in s.up and (x == y or self.sees(s, x, y)) for y in self.voters)
        return votes > len(self.voters) / 2

    def fit(self, s: State) -> bool:
        """Nobody is to be elected: an engine alone recovers where it is unless another may serve."""
        return self.leads(s, s.active) and not (s.engine == "crashed" and self.candidate(s))

    def candidate(self, s: State) -> str:
        for x, copy in zip(self.t.members, s.copies, strict=True):
            if x != s.active and copy == "streaming" and self.leads(s, x):
                return x
        return ""

    def settled(self, s: State) -> State:
        """Return what is left when all that takes no time has happened."""
        while True:
            before, hosting = s, self.leads(s, s.active)
            if not hosting and s.engine in {"up", "crashed", "recovering"}:
                s = replace(s, engine="stopped")
            elif hosting and s.engine == "stopped":
                s = replace(s, engine="recovering" if self.t.crash else "up")
            serving = s.phase == "on" and hosting
            copies = list(s.copies)
            for k, x in enumerate(self.t.members):
                here = x in s.up and self.sees(s, x, s.active)
                if x != s.active and serving and not here and copies[k] == "streaming":
                    copies[k] = "stopped"
            s = replace(s, copies=tuple(copies))
            if s.phase == "on" and not self.fit(s):
                s = replace(s, phase="electing")
            elif s.phase != "on" and self.fit(s):
                s = replace(s, phase="on")
            if s == before:
                return s

    def moves(self, s: State) -> Iterator[tuple[State, float]]:
        """Yield where to, and how fast."""
        t = self.t
        for x in (*t.members, "w"):
            life, repair = t.witness if x == "w" else (t.life, t.repair)
            yield self.settled(replace(s, up=s.up ^ {x})), 1 / (life if x in s.up else repair)
        if t.line[0]:
            yield self.settled(replace(s, line=not s.line)), 1 / t.line[0 if s.line else 1]
        yield from self.of_phase(s)
        if s.proven:
            yield replace(s, proven=False), 1 / t.proven
        for k, x in enumerate(t.members):
            both = {x, s.active} <= s.up and self.sees(s, x, s.active)
            if x == s.active or not both:
                continue
            then, rate = {
                "streaming": ("stopped", 1 / t.stops),
                "stopped": ("catching", 1 / t.notice),
                "catching": ("streaming", 1 / t.resync),
            }[s.copies[k]]
            copies = (*s.copies[:k], then, *s.copies[k + 1 :])
            yield self.settled(replace(s, copies=copies)), rate
        if t.crash:
            if s.engine == "up":
                yield self.settled(replace(s, engine="crashed")), 1 / t.crash
            elif s.engine in {"crashed", "recovering"}:
                yield self.settled(replace(s, engine="up")), 1 / t.recovery

    def of_phase(self, s: State) -> Iterator[tuple[State, float]]:
        t, chosen = self.t, self.candidate(s)
        promoted = self.settled(replace(s, phase="on", active=chosen, engine="up"))
        elected = replace(promoted, proven=t.tested > 0)
        some = any(self.leads(s, x) for x in t.members)
        called = "failed" if t.call else "working"
        if s.phase == "failed":
            yield replace(s, phase="working"), 1 / t.call
        elif s.phase == "electing" and some:
            works = t.tested if s.proven else t.success
            works = works if chosen else 0.0
            yield elected, works / t.election
            yield replace(s, phase=called), (1 - works) / t.election
        elif s.phase == "working" and some:
            there = promoted if chosen else self.settled(replace(s, phase="on"))
            yield there, (t.p if chosen else 1.0) / t.people

    def down(self, *, database: bool = False) -> float:
        """Return the long-run share of time in which the group, or its database, does not serve."""
        t = self.t
        start = State(
            frozenset(t.members + "w"), True, t.members[0], "on", ("streaming",) * len(t.members), "up"
        )  # fmt: skip
        chain = Chain(explored(start, self.moves))
        return sum(
            share
            for s, share in chain.steady().items()
            if isinstance(s, State) and (s.phase != "on" or (database and s.engine != "up"))
        )


def exponential(t: Times) -> Model:
    """Return the model of the same pair."""
    quick = {"reboot": Exp(AT_ONCE), "boot_after_power": Exp(AT_ONCE)}
    members = [part("server", x, fails=Exp(t.life), ttr=Exp(t.repair), **quick) for x in t.members]
    votes = part(
        "quorum", "votes", voters=tuple(t.members if len(members) > 2 else t.members + "w")
    )
    proof = {"success_tested": t.tested, "proven_for": Exp(t.proven)} if t.tested else {}
    one = group(
        members=tuple(t.members), quorum="votes" if t.quorum else None,
        failover=Exp(t.election), success=t.success, replica_stop=Exp(t.stops),
        notice=Exp(t.notice), resync=Exp(t.resync), **proof,
    )  # fmt: skip
    others = [witness(fails=Exp(t.witness[0]), ttr=Exp(t.witness[1]))]
    if t.line[0]:
        # The witness has no cable: it is reached whatever happens.
        others.append(line("ab", fails=Exp(t.line[0]), ttr=Exp(t.line[1])))
    down = ["db.ok"]
    if t.crash:
        others.append(engine(crash=Exp(t.crash), recovery=Exp(t.recovery)))
        down.append("index.ok")
    people = {
        "call": Exp(t.call or AT_ONCE),
        "manual_failover": Exp(t.people),
        "manual_success": t.p,
    }
    return model(
        *members, *others, groups=(votes, one) if t.quorum else (one,), down=tuple(down),
        doing=practices(times=people),
    )  # fmt: skip
