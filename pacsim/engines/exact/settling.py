"""The chain of steps within one instant, solved: loops with a way out are left in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from pacsim.errors import SimulationError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

S = TypeVar("S", bound="Hashable")

MOST = 200_000
"""Most different states on the way."""


@dataclass(frozen=True, slots=True)
class Ways(Generic[S]):
    """Where steps lead, with probabilities, and the expected counts of what they count."""

    to: dict[S, float]
    counts: list[float]


@dataclass(slots=True)
class _Web(Generic[S]):
    """The states met within one instant, by number."""

    index: dict[S, int] = field(default_factory=dict)
    spots: list[S] = field(default_factory=list)
    rows: dict[int, dict[int, float]] = field(default_factory=dict)
    """Of the states that are not settled: probability of each following one."""
    names: dict[int, str] = field(default_factory=dict)
    gains: dict[int, list[float]] = field(default_factory=dict)

    def number(self, spot: S) -> int:
        if spot not in self.index:
            self.index[spot] = len(self.spots)
            self.spots.append(spot)
        return self.index[spot]


def settled(
    begin: Mapping[S, float], steps: Callable[[S], tuple[str, Ways[S]] | None], counted: int
) -> Ways[S]:
    """Return the ends of an instant, each with its probability.

    Parameters
    ----------
    begin : mapping
        Probability of each first state.
    steps : callable
        From a state to the name of its step and where it leads; None if it is settled.
    counted : int
        Number of counts.

    Returns
    -------
    Ways
        The settled states, and the expected counts of all steps.

    Raises
    ------
    SimulationError
        Naming the steps of a loop without a way out.

    Examples
    --------
    >>> loop = {"try": ("t", Ways({"try": 0.75, "down": 0.25}, [1.0]))}
    >>> settled({"try": 1.0}, loop.get, 1)
    Ways(to={'down': 1.0}, counts=[4.0])
    """
    web: _Web[S] = _Web()
    visits = [0.0] * len(begin)
    for spot, p in begin.items():
        visits[web.number(spot)] = p
    done = 0
    while done < len(web.spots):
        step = steps(web.spots[done])
        if step is not None:
            web.names[done], ways = step
            web.gains[done] = ways.counts
            web.rows[done] = {web.number(spot): p for spot, p in ways.to.items()}
        if len(web.spots) > MOST:
            last = list(dict.fromkeys(web.names.values()))[-64:]
            msg = (
                f"more than {MOST} states in one instant; the last transitions were "
                f"{', '.join(last)}; give one of them a positive delay or a guard that ends"
            )
            raise SimulationError(msg)
        done += 1
    visits += [0.0] * (len(web.spots) - len(visits))
    circular = _in_order(web, visits)
    if circular:
        _reduced(web, circular, visits)
    counts = [0.0] * counted
    for k, gains in web.gains.items():
        for place, gain in enumerate(gains):
            counts[place] += visits[k] * gain
    return Ways({spot: visits[k] for k, spot in enumerate(web.spots) if k not in web.rows}, counts)


def _in_order(web: _Web[S], visits: list[float]) -> list[int]:
    """Pass probabilities on in order of the steps; return the states on and after loops."""
    before = [0] * len(web.spots)
    for row in web.rows.values():
        for to in row:
            before[to] += 1
    ready = [k for k, n in enumerate(before) if n == 0]
    left = set(web.rows)
    while ready:
        k = ready.pop()
        left.discard(k)
        for to, p in web.rows.get(k, {}).items():
            visits[to] += visits[k] * p
            before[to] -= 1
            if before[to] == 0:
                ready.append(to)
    return sorted(left)


def _reduced(web: _Web[S], circular: list[int], visits: list[float]) -> None:
    """Add the expected visits of states on loops and after them, by state reduction.

    Without subtraction (Grassmann, Taksar, Heyman 1985): the chance to leave a state is the sum of
    its ways to others, so that a way out of 1e-30 is as good as any.
    """
    rows = {k: {to: p for to, p in web.rows[k].items() if to != k} for k in circular}
    arrive = {k: visits[k] for k in circular}
    into: dict[int, dict[int, float]] = {}
    outs: dict[int, float] = {}
    for k in reversed(circular):
        out = sum(rows[k].values())
        if out <= 0.0:
            raise SimulationError(_endless(web, k))
        into[k] = {i: rows[i].pop(k) for i in circular if i < k and k in rows[i]}
        for to, p in rows[k].items():
            share = p / out
            if to in arrive:
                arrive[to] += arrive[k] * share
            for i, q in into[k].items():
                if to != i:
                    rows[i][to] = rows[i].get(to, 0.0) + q * share
        outs[k] = out
    for k in circular:
        visits[k] = (arrive[k] + sum(visits[i] * p for i, p in into[k].items())) / outs[k]
    for k in circular:
        for to, p in web.rows[k].items():
            if to not in rows:
                visits[to] += visits[k] * p


def _endless(web: _Web[S], k: int) -> str:
    """Return what to say of a loop that is never left, with all its transitions."""
    loop, stack = {k}, [k]
    while stack:
        for to in web.rows[stack.pop()]:
            if to not in loop:
                loop.add(to)
                stack.append(to)
    names = ", ".join(dict.fromkeys(web.names[i] for i in sorted(loop)))
    return (
        f"steps in one instant that never end; the transitions of the loop are {names}; give one "
        "of them a positive delay or a guard that ends"
    )
