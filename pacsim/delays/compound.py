"""Laws made of points or of other laws: empirical quantiles, shifts, mixtures, Erlang stages."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pacsim.delays import scalar
from pacsim.delays.law import Law, Phases, check_parameter, first_float

LAW = np.dtype(
    [
        ("code", np.int64),
        ("first", np.int64),
        ("count", np.int64),
        ("a", np.float64),
        ("b", np.float64),
        ("c", np.float64),
        ("shift", np.float64),
        ("weight", np.float64),
    ]
)
"""One packed law; a mixture's components are the ``count`` rows from ``first`` on."""


@dataclass(frozen=True, slots=True)
class Quantiles(Law):
    """A law that is linear between points (p, x), with p from 0 to 1.

    Parameters
    ----------
    points : tuple of (float, float)
        Pairs (p, x): the share that is over after x seconds; both rise.

    Examples
    --------
    >>> Quantiles(((0.0, 1.0), (0.5, 2.0), (1.0, 5.0))).mean()
    2.5
    """

    points: tuple[tuple[float, float], ...]
    code = scalar.QUANTILES

    def parameters(self) -> tuple[float, ...]:  # noqa: D102
        return ()

    def table(self) -> tuple[float, ...]:  # noqa: D102
        return tuple(float(v) for point in self.points for v in point)

    def __post_init__(self) -> None:
        # Lists are taken as well, but a law must be hashable.
        object.__setattr__(self, "points", tuple((p, x) for p, x in self.points))
        probabilities = [p for p, _ in self.points]
        values = [x for _, x in self.points]
        rising = all(a < b for a, b in pairwise(probabilities))
        ordered = all(a < b for a, b in pairwise(values))
        ends = len(self.points) >= 2 and probabilities[0] == 0 and probabilities[-1] == 1
        if not (rising and ordered and ends and values[0] >= 0 and math.isfinite(values[-1])):
            msg = (
                f"Quantiles: {self.points!r} needs p rising from 0 to 1 and x rising from 0 or more"
            )
            raise ValueError(msg)

    def mean(self) -> float:  # noqa: D102
        pairs = pairwise(self.points)
        return math.fsum((p1 - p0) * 0.5 * (x0 + x1) for (p0, x0), (p1, x1) in pairs)

    def isf(self, u: float) -> float:  # noqa: D102
        return scalar.quantiles_isf(u, self.table(), 0, len(self.points))

    def quantile(self, p: float) -> float:  # noqa: D102
        pairs = pairwise(self.points)
        (p0, x0), (p1, x1) = next(pair for pair in pairs if p < pair[1][0])
        return float(x0 + (x1 - x0) * ((p - p0) / (p1 - p0)))

    def sf(self, x: float) -> float:  # noqa: D102
        for (p0, x0), (p1, x1) in pairwise(self.points):
            if x < x1:
                return 1.0 if x < x0 else (1.0 - p1) + (p1 - p0) * ((x1 - x) / (x1 - x0))
        return 0.0

    def cdf(self, x: float) -> float:  # noqa: D102
        for (p0, x0), (p1, x1) in pairwise(self.points):
            if x < x1:
                return 0.0 if x < x0 else p0 + (p1 - p0) * ((x - x0) / (x1 - x0))
        return 1.0

    def pdf(self, x: float) -> float:  # noqa: D102
        for (p0, x0), (p1, x1) in pairwise(self.points):
            if x0 <= x < x1:
                return (p1 - p0) / (x1 - x0)
        return 0.0

    def scaled(self, factor: float) -> Quantiles:  # noqa: D102
        return Quantiles(tuple((p, x * factor) for p, x in self.points))


@dataclass(frozen=True, slots=True)
class Shifted(Law):
    """``shift`` later than another law: every delay is ``shift + X``, never a maximum.

    Parameters
    ----------
    law : Law
        Of what comes on top.
    shift : float
        Least delay, >= 0, in s.

    Examples
    --------
    >>> from pacsim.delays import Exponential
    >>> Shifted(Exponential(10.0), 5.0).mean()
    15.0
    """

    law: Law
    shift: float

    def __post_init__(self) -> None:
        check_parameter(self, "shift", self.shift, zero=True)

    @property
    def samplable(self) -> bool:  # type: ignore[override]
        """Whether simulations can draw from the law inside."""
        return self.law.samplable

    @property
    def compiled(self) -> bool:
        """Whether compiled engines know the law inside."""
        return self.law.compiled

    def phases(self) -> Phases | None:  # noqa: D102
        return self.law.phases() if self.shift == 0 else None

    def mean(self) -> float:  # noqa: D102
        return self.shift + self.law.mean()

    def isf(self, u: float) -> float:  # noqa: D102
        return self.isf_after(0.0, u)

    def isf_after(self, shift: float, u: float) -> float:  # noqa: D102
        return self.law.isf_after(shift + self.shift, u)

    def quantile(self, p: float) -> float:  # noqa: D102
        return self.shift + self.law.quantile(p)

    def sf(self, x: float) -> float:  # noqa: D102
        return self.law.sf(x - self.shift)

    def cdf(self, x: float) -> float:  # noqa: D102
        return self.law.cdf(x - self.shift)

    def logsf(self, x: float) -> float:  # noqa: D102
        return self.law.logsf(x - self.shift)

    def pdf(self, x: float) -> float:  # noqa: D102
        return self.law.pdf(x - self.shift)

    def hazard(self, x: float) -> float:  # noqa: D102
        return self.law.hazard(x - self.shift)

    def residual_after(self, shift: float, u: float, age: float) -> float:  # noqa: D102
        return self.law.residual_after(shift + self.shift, u, age)

    def scaled(self, factor: float) -> Shifted:  # noqa: D102
        return replace(self, law=self.law.scaled(factor), shift=self.shift * factor)


@dataclass(frozen=True, slots=True)
class Mixture(Law):
    """One of several laws, chosen with given weights, drawn by one uniform through its inverse.

    Parameters
    ----------
    weights : tuple of float
        Probabilities, one a law; they sum to 1.
    laws : tuple of Law
        What is drawn from with these.

    Examples
    --------
    >>> from pacsim.delays import Exponential
    >>> Mixture((0.7, 0.3), (Exponential(1.0), Exponential(11.0))).mean()
    4.0
    """

    weights: tuple[float, ...]
    laws: tuple[Law, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(self.weights))
        object.__setattr__(self, "laws", tuple(self.laws))
        if len(self.weights) != len(self.laws) or not self.laws:
            msg = f"Mixture: {len(self.weights)} weights for {len(self.laws)} laws"
            raise ValueError(msg)
        total = math.fsum(self.weights)
        if min(self.weights) <= 0 or abs(total - 1) > 1e-9:
            msg = f"Mixture: weights {self.weights!r} must be > 0 and sum to 1, not {total!r}"
            raise ValueError(msg)

    @property
    def samplable(self) -> bool:  # type: ignore[override]
        """Whether simulations can draw from every component."""
        return all(law.samplable for law in self.laws)

    @property
    def compiled(self) -> bool:
        """Whether compiled engines know every component."""
        return all(law.compiled for law in self.laws)

    def phases(self) -> Phases | None:  # noqa: D102
        branches: list[tuple[float, int, float]] = []
        for weight, law in self._parts():
            ways = law.phases()
            if ways is None:
                return None
            branches.extend((weight * p, stages, mean) for p, stages, mean in ways)
        return tuple(branches)

    def mean(self) -> float:  # noqa: D102
        return math.fsum(w * law.mean() for w, law in self._parts())

    def isf(self, u: float) -> float:  # noqa: D102
        return self.isf_after(0.0, u)

    def isf_after(self, shift: float, u: float) -> float:  # noqa: D102
        if not self.compiled:
            ends = [law.isf(u) for law in self.laws]
            return shift + first_float(lambda x: self.sf(x) <= u, min(ends), max(ends))
        table = pack((Shifted(self, shift),))
        return scalar.draw(table.rows, table.values, 0, u)

    def quantile(self, p: float) -> float:  # noqa: D102
        if p >= 0.5:
            return self.isf(1.0 - p)
        ends = [law.quantile(p) for law in self.laws]
        return first_float(lambda x: self.cdf(x) >= p, min(ends), max(ends))

    def sf(self, x: float) -> float:  # noqa: D102
        return math.fsum(w * law.sf(x) for w, law in self._parts())

    def cdf(self, x: float) -> float:  # noqa: D102
        return math.fsum(w * law.cdf(x) for w, law in self._parts())

    def pdf(self, x: float) -> float:  # noqa: D102
        return math.fsum(w * law.pdf(x) for w, law in self._parts())

    def logsf(self, x: float) -> float:  # noqa: D102
        below = self.cdf(x)
        if below < 0.5:
            return math.log1p(-below)
        logs = [math.log(w) + law.logsf(x) for w, law in self._parts()]
        top = max(logs)
        if top == -math.inf:
            return top
        return top + math.log(math.fsum(math.exp(v - top) for v in logs))

    def residual_after(self, shift: float, u: float, age: float) -> float:  # noqa: D102
        if not self.compiled:
            return Law.residual_after(self, shift, u, age)
        table = pack((Shifted(self, shift),))
        return scalar.draw_residual(table.rows, table.values, 0, u, age)

    def scaled(self, factor: float) -> Mixture:  # noqa: D102
        return Mixture(self.weights, tuple(law.scaled(factor) for law in self.laws))

    def _parts(self) -> list[tuple[float, Law]]:
        return list(zip(self.weights, self.laws, strict=True))


@dataclass(frozen=True, slots=True)
class Erlang(Law):
    """Sum of equal exponential stages; exact engine only, simulation cannot draw from it yet.

    Parameters
    ----------
    stages : int
        Number of exponential stages, >= 1.
    value : float
        Mean of their sum, > 0, in s.

    Examples
    --------
    >>> round(Erlang(2, 2.0).sf(2.0), 6)
    0.406006
    """

    stages: int
    value: float
    samplable = False

    def __post_init__(self) -> None:
        if not (isinstance(self.stages, int) and self.stages >= 1 and 0 < self.value < math.inf):
            msg = f"Erlang: stages = {self.stages!r} >= 1 and mean = {self.value!r} > 0 are needed"
            raise ValueError(msg)

    def phases(self) -> Phases:  # noqa: D102
        return ((1.0, self.stages, self.value),)

    def mean(self) -> float:  # noqa: D102
        return self.value

    def sf(self, x: float) -> float:  # noqa: D102
        return math.exp(self.logsf(x))

    def cdf(self, x: float) -> float:  # noqa: D102
        y = x * self.stages / self.value
        if y <= 0:
            return 0.0
        return self._below(y) if y < self.stages else -math.expm1(self._log_above(y))

    def logsf(self, x: float) -> float:  # noqa: D102
        y = x * self.stages / self.value
        if y <= 0:
            return 0.0
        return math.log1p(-self._below(y)) if y < self.stages else self._log_above(y)

    def _below(self, y: float) -> float:
        """Return P(the time is below ``y`` mean stages), small where it is, for y < stages."""
        term = math.exp(self.stages * math.log(y) - math.lgamma(self.stages + 1) - y)
        total, k = term, self.stages
        while term > total * 1e-17:
            k += 1
            term *= y / k
            total += term
        return total

    def _log_above(self, y: float) -> float:
        """Return log P(the time is above ``y`` mean stages)."""
        if y == math.inf:
            return -math.inf
        logs = [j * math.log(y) - math.lgamma(j + 1) for j in range(self.stages)]
        top = max(logs)
        return top + math.log(math.fsum(math.exp(v - top) for v in logs)) - y

    def pdf(self, x: float) -> float:  # noqa: D102
        rate = self.stages / self.value
        y = rate * x
        if y < 0 or y == math.inf or (y == 0 and self.stages > 1):
            return 0.0
        if self.stages == 1:
            return rate * math.exp(-y)
        return rate * math.exp((self.stages - 1) * math.log(y) - math.lgamma(self.stages) - y)

    def isf(self, u: float) -> float:  # noqa: D102
        if u > 0.5:
            return self.quantile(1.0 - u)
        return first_float(lambda x: self.sf(x) <= u, 0.0, self.value)

    def quantile(self, p: float) -> float:  # noqa: D102
        if p > 0.5:
            return self.isf(1.0 - p)
        return first_float(lambda x: self.cdf(x) >= p, 0.0, self.value)

    def scaled(self, factor: float) -> Erlang:  # noqa: D102
        return Erlang(self.stages, self.value * factor)


@dataclass(frozen=True, slots=True, eq=False)
class LawTable:
    """Packed laws: ``rows`` of dtype `LAW` and the points of empirical laws in ``values``."""

    rows: np.ndarray
    values: np.ndarray


def pack(laws: tuple[Law, ...]) -> LawTable:
    """Return the laws as flat tables; law ``i`` is row ``i``, components of mixtures follow.

    Parameters
    ----------
    laws : tuple of Law
        Laws that are ``compiled``; mixtures may be nested and shifted.

    Returns
    -------
    LawTable
        For `pacsim.delays.scalar.draw`.

    Raises
    ------
    ValueError
        For a law that has no code in `scalar`.

    Examples
    --------
    >>> from pacsim.delays import Deterministic, Exponential
    >>> table = pack((Exponential(10.0), Deterministic(3.0)))
    >>> scalar.draw(table.rows, table.values, 1, 0.5)
    3.0
    """
    rows: list[tuple[float, ...]] = [()] * len(laws)
    values: list[float] = []
    for index, law in enumerate(laws):
        inner, shift = _unshift(law)
        if isinstance(inner, Mixture):
            parts = _flatten(inner, 1.0, 0.0)
            rows[index] = (scalar.MIXTURE, len(rows), len(parts), 0.0, 0.0, 0.0, shift, 1.0)
            rows.extend(_row(part, offset, weight, values) for weight, part, offset in parts)
        else:
            rows[index] = _row(inner, shift, 1.0, values)
    return LawTable(np.array(rows, dtype=LAW), np.array(values, dtype=np.float64))


def _unshift(law: Law) -> tuple[Law, float]:
    shift = 0.0
    while isinstance(law, Shifted):
        shift += law.shift
        law = law.law
    return law, shift


def _flatten(law: Mixture, weight: float, shift: float) -> list[tuple[float, Law, float]]:
    flat: list[tuple[float, Law, float]] = []
    for share, part in zip(law.weights, law.laws, strict=True):
        inner, offset = _unshift(part)
        if isinstance(inner, Mixture):
            flat.extend(_flatten(inner, weight * share, shift + offset))
        else:
            flat.append((weight * share, inner, shift + offset))
    return flat


def _row(law: Law, shift: float, weight: float, values: list[float]) -> tuple[float, ...]:
    if not law.compiled:
        msg = f"{law!r} has no code in pacsim.delays.scalar; only its own methods draw from it"
        raise ValueError(msg)
    first, points = 0, law.table()
    if points:
        first = len(values)
        values.extend(points)
    a, b, c = (*law.parameters(), 0.0, 0.0, 0.0)[:3]
    return (law.code, first, len(points) // 2, a, b, c, shift, weight)
