"""Chains of any size whose long run is known in closed form, of shapes that elimination must take.

Each gives its model with a gate "last", and the probability of that gate. The long form, at about
20 000 states, is `experiments/benchmarks/exact.py`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pacsim.core import Model, ModelBuilder
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import elimination


@dataclass(frozen=True)
class Shape:
    """A model, how many states it has, and the long-run probability of its gate "last"."""

    model: Model
    states: int
    last: float


def several(sizes: Sequence[int]) -> Shape:
    """Independent units that wear and are mended step by step: a product of birth-death chains."""
    m = ModelBuilder()
    last, product = [], 1.0
    for k, size in enumerate(sizes):
        unit = m.element(f"unit-{k}", [f"s{j}" for j in range(size)])
        weight = [1.0]
        for j in range(size - 1):
            life, mend = 1000.0 * (k + 1) * (j + 1), 1.0 + k + j
            unit.after(f"s{j} -> s{j + 1}", Exp(life), f"wear-{j}")
            unit.after(f"s{j + 1} -> s{j}", Exp(mend), f"mend-{j}")
            weight.append(weight[-1] * mend / life)
        last.append(unit == f"s{size - 1}")
        product *= weight[-1] / math.fsum(weight)
    m.gate_time("last", m.all(last))
    return Shape(m.build(), math.prod(sizes), product)


def cyclic(sizes: Sequence[int]) -> Shape:
    """Independent units that wear step by step and are replaced: shares of mean times."""
    m = ModelBuilder()
    last, product = [], 1.0
    for k, size in enumerate(sizes):
        unit = m.element(f"unit-{k}", [f"s{j}" for j in range(size)])
        means = [1000.0 * (k + 1) / (j + 1) for j in range(size - 1)] + [1.0 + k]
        for j, mean in enumerate(means):
            unit.after(f"s{j} -> s{(j + 1) % size}", Exp(mean), f"step-{j}")
        last.append(unit == f"s{size - 1}")
        product *= means[-1] / math.fsum(means)
    m.gate_time("last", m.all(last))
    return Shape(m.build(), math.prod(sizes), product)


def queue(units: int, mend: float = 2.0) -> Shape:
    """Unlike units before one crew, first come first served: every order of k has a weight.

    A queue c1 ... ck has the weight of the product of mend / life: what arrives last balances what
    is served first (partial balance).
    """
    m = ModelBuilder()
    parts = [m.element(f"part-{k}", "up waiting work") for k in range(units)]
    lives = [1000.0 * (k + 1) for k in range(units)]
    free = 1 - m.count(part == "work" for part in parts)
    for part, life in zip(parts, lives, strict=True):
        part.after("up -> waiting", Exp(life), "fail")
        part.now("waiting -> work", 50, "start", when=free >= 1, fifo=True)
        part.after("work -> up", Exp(mend), "repair", renew=True)
    m.gate_time("last", m.all(part != "up" for part in parts))
    # Sums of products of k of the ratios, each set in k! orders.
    sums = [1.0, *[0.0] * units]
    for life in lives:
        for k in range(units, 0, -1):
            sums[k] += sums[k - 1] * mend / life
    weights = [math.factorial(k) * s for k, s in enumerate(sums)]
    states = sum(math.perm(units, k) for k in range(units + 1))
    return Shape(m.build(), states, weights[-1] / math.fsum(weights))


def grid(width: int, height: int) -> Shape:
    """Two full buffers that fill and drain: truncated geometric laws."""
    m = ModelBuilder()
    last, product = [], 1.0
    for k, size in enumerate((width, height)):
        count = m.counter(f"count-{k}", size - 1)
        clock = m.element(f"clock-{k}", "x")
        fill, drain = 10.0, 8.0 + k
        more, less = [count.step(1)], [count.step(-1)]
        clock.after("x -> x", Exp(fill), "in", when=count != str(size - 1), effects=more)
        clock.after("x -> x", Exp(drain), "out", when=count != "0", effects=less)
        last.append(count == str(size - 1))
        product *= (drain / fill) ** (size - 1) / math.fsum(
            (drain / fill) ** j for j in range(size)
        )
    m.gate_time("last", m.all(last))
    return Shape(m.build(), width * height, product)


def renewed(units: int, life: float = 1000.0, every: float = 50.0) -> Shape:
    """Equal units, all replaced at once: every state leads to the first.

    The k-th of those that are up fails before the next replacement with k c / (k c + r).
    """
    m = ModelBuilder()
    parts = [m.element(f"part-{k}", "up down") for k in range(units)]
    for part in parts:
        part.after("up -> down", Exp(life), "fail")
    renewal = m.element("renewal", "x")
    new = [part.move({"down": "up"}) for part in parts]
    renewal.after("x -> x", Exp(every), "all", effects=new)
    m.gate_time("last", m.all(part == "down" for part in parts))
    product = math.prod(k / life / (k / life + 1 / every) for k in range(1, units + 1))
    return Shape(m.build(), 2**units, product)


def tangle(states: int, degree: int = 4) -> tuple[elimination.Graph, np.ndarray]:
    """Return a chain joined at random, and its long run, which it was made for.

    A reversible one: a rate from i to j is a weight of the pair over the probability of i.
    """
    rng = np.random.default_rng([states, 11])
    pi = 10.0 ** rng.uniform(-30.0, 0.0, states)
    pi /= math.fsum(pi)
    ring = np.arange(states)
    one = np.concatenate([ring, rng.integers(0, states, states * (degree - 2) // 2)])
    other = np.concatenate([np.roll(ring, 1), rng.integers(0, states, len(one) - states)])
    apart = one != other
    one, other = one[apart], other[apart]
    weight = np.minimum(pi[one], pi[other]) * rng.uniform(0.5, 2.0, len(one))
    source, target = np.concatenate([one, other]), np.concatenate([other, one])
    rate = np.concatenate([weight, weight]) / pi[source]
    return elimination.Graph(source, target, rate, states), pi


def time_down(count: int, horizon: float) -> float:
    """Return the time that all of ``several([2] * count)`` are down within a mission, from all up.

    Each is down at t with u (1 - exp(-c t)); the product by quadrature until it is steady.
    """
    rows = [(1 / (1000.0 * (k + 1)), 1 / (1.0 + k)) for k in range(count)]
    nodes, weights = np.polynomial.legendre.leggauss(40)

    def at(t: np.ndarray) -> np.ndarray:
        shares = [fail / (fail + mend) * -np.expm1(-(fail + mend) * t) for fail, mend in rows]
        return np.asarray(np.prod(shares, axis=0))

    steady = 50.0 * count
    early = math.fsum(
        float(at(low + 2.5 * (nodes + 1.0)) @ weights) * 2.5 for low in np.arange(0.0, steady, 5.0)
    )
    return early + float(at(np.array(steady))) * (horizon - steady)


LONG: dict[str, Callable[[], Shape]] = {
    "14 units of 2 states": lambda: several([2] * 14),
    "9 units of 3 states": lambda: several([3] * 9),
    "9 units in cycles of 3": lambda: cyclic([3] * 9),
    "5 units in cycles of 7": lambda: cyclic([7] * 5),
    "units of 2 to 9 states": lambda: several([2, 3, 3, 4, 5, 6, 9]),
    "first come first served, 7": lambda: queue(7),
    "grid 140 x 143": lambda: grid(140, 143),
    "14 units renewed together": lambda: renewed(14),
}
SHORTER: dict[str, Callable[[], Shape]] = {
    "11 units of 2 states": lambda: several([2] * 11),
    "7 units of 3 states": lambda: several([3] * 7),
    "7 units in cycles of 3": lambda: cyclic([3] * 7),
    "3 units in cycles of 7": lambda: cyclic([7] * 3),
    "units of 2 to 6 states": lambda: several([2, 2, 3, 4, 5, 6]),
    "first come first served, 6": lambda: queue(6),
    "grid 40 x 43": lambda: grid(40, 43),
    "11 units renewed together": lambda: renewed(11),
}
