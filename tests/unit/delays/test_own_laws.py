"""Laws of one's own: who runs them, who refuses them by name, and what they need not touch."""

import ast
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import pacsim
from pacsim.core import Model, ModelBuilder
from pacsim.core.streams import replication_key, stream_id, uniform
from pacsim.delays import Erlang, Exponential, Law, Mixture, Shifted, Triangular, Weibull
from pacsim.delays.compound import Quantiles
from pacsim.delays.law import Phases
from pacsim.delays.laws import WRITTEN
from pacsim.engines import exact, kernel, reference
from pacsim.errors import UnsupportedError
from tests.close import close


@dataclass(frozen=True)
class Gompertz(Law):
    """S(x) = exp(-b (e^(a x) - 1)): a hazard that grows exponentially."""

    a: float
    b: float

    def isf(self, u: float) -> float:
        return math.log1p(-math.log(u) / self.b) / self.a

    def sf(self, x: float) -> float:
        if self.a * x > 700.0:
            return 0.0
        return math.exp(-self.b * math.expm1(self.a * x)) if x > 0 else 1.0

    def cdf(self, x: float) -> float:
        return -math.expm1(-self.b * math.expm1(self.a * x)) if x > 0 else 0.0

    def pdf(self, x: float) -> float:
        return self.a * self.b * math.exp(self.a * x) * self.sf(x) if x >= 0 else 0.0

    def mean(self) -> float:
        from scipy.special import exp1

        return float(math.exp(self.b) * exp1(self.b) / self.a)

    def scaled(self, factor: float) -> "Gompertz":
        return Gompertz(self.a / factor, self.b)


@dataclass(frozen=True)
class Bathtub(Weibull):
    """A subclass that draws otherwise than the law it comes from."""

    def isf(self, u: float) -> float:
        return min(super().isf(u), 2.0 * self.scale)


class Silent(Exponential):
    """Without a representation of its own, and not said to be made of phases."""

    __repr__ = object.__repr__


class Halves(Exponential):
    """An exponential law of half the mean, which says so to the exact engine."""

    def isf(self, u: float) -> float:
        return 0.5 * super().isf(u)

    def phases(self) -> Phases:
        return ((1.0, 1, 0.5 * self.value),)


def failing(law: Law, age: float = 0.0) -> Model:
    m = ModelBuilder()
    unit = m.element("unit", "up down", fault="down")
    unit.after("up -> down", law, "fail", cls="fault", initial_age=age)
    m.first_passage("failed", unit == "down")
    return m.build()


@pytest.mark.parametrize("age", [0.0, 3.0])
@pytest.mark.parametrize("law", [Gompertz(0.2, 0.5), Shifted(Gompertz(0.2, 0.5), 2.0)])
def test_the_reference_engine_draws_by_the_laws_own_inverse(law: Law, age: float) -> None:
    """S(age + y) = u S(age), with the uniform of stream, replication and number (R25)."""
    batch = reference.simulate(failing(law, age), seed=7, count=50, horizon=1e6)
    for replication, time in enumerate(batch.values[:, 0].tolist()):
        u = uniform(replication_key(7, replication), stream_id("unit.fail"), 0)
        assert law.sf(age + time) == close(u * law.sf(age), rel=1e-9)


def test_a_mixture_with_a_law_of_ones_own_is_drawn_too() -> None:
    own = Mixture(
        (0.4, 0.6), (Gompertz(0.2, 0.5), Mixture((0.5, 0.5), (Gompertz(1, 1), Erlang(2, 9))))
    )
    for u in (1e-12, 0.05, 0.5, 0.95, 1 - 1e-12):
        assert own.sf(own.isf(u)) == close(u, rel=1e-10)
        assert own.sf(2.0 + own.residual_isf(u, 2.0)) == close(u * own.sf(2.0), rel=1e-10)
    # Half of it never ends.
    assert Mixture((0.5, 0.5), (Gompertz(0.2, 0.5), Exponential(math.inf))).isf(0.4) == math.inf


@dataclass(frozen=True)
class Squeezed(Triangular):
    """A triangular law at half its size, which says so in its own survival function."""

    def isf(self, u: float) -> float:
        return 0.5 * super().isf(u)

    def sf(self, x: float) -> float:
        return super().sf(2.0 * x)


@dataclass(frozen=True)
class Rayleigh(Law):
    """S(x) = exp(-(x / scale)^2), by a power that overflows far out."""

    scale: float

    def isf(self, u: float) -> float:
        return self.scale * math.sqrt(-math.log(u))

    def sf(self, x: float) -> float:
        return math.exp(-((max(x, 0.0) / self.scale) ** 2))

    def cdf(self, x: float) -> float:
        return -math.expm1(-((max(x, 0.0) / self.scale) ** 2))

    def pdf(self, x: float) -> float:
        return 2.0 * x / self.scale**2 * self.sf(x) if x > 0 else 0.0

    def mean(self) -> float:
        return self.scale * math.sqrt(math.pi) / 2.0

    def scaled(self, factor: float) -> "Rayleigh":
        return Rayleigh(self.scale * factor)


@pytest.mark.parametrize("shift", [0.0, 0.75])
def test_a_subclass_that_draws_otherwise_lasts_by_its_own_survival(shift: float) -> None:
    law = Shifted(Squeezed(1.0, 4.0, 9.0), shift)
    for u in (1e-9, 0.25, 0.5, 0.999):
        assert law.sf(2.0 + law.residual_isf(u, 2.0)) == close(u * law.sf(2.0), rel=1e-9)


def test_a_shifted_mixture_with_a_law_of_ones_own_is_later_by_the_shift() -> None:
    inner = Mixture((0.5, 0.5), (Gompertz(0.2, 0.5), Weibull(3.0, 1.7)))
    law = Shifted(Shifted(inner, 0.5), 0.25)
    for u in (1e-12, 0.25, 0.75, 1 - 1e-12):
        assert law.isf(u) == 0.75 + inner.isf(u)
        assert law.sf(2.0 + law.residual_isf(u, 2.0)) == close(u * law.sf(2.0), rel=1e-10)
        assert inner.cdf(inner.quantile(0.5 * u)) == close(0.5 * u, rel=1e-10)


def test_a_law_of_ones_own_is_not_asked_far_out_for_the_sake_of_one_that_never_ends() -> None:
    law = Mixture((0.5, 0.5), (Rayleigh(3.0), Exponential(math.inf)))
    assert law.isf(0.75) == close(3.0 * math.sqrt(math.log(2.0)), rel=1e-14)
    assert law.quantile(0.125) == close(3.0 * math.sqrt(-math.log(0.75)), rel=1e-14)


def test_a_law_with_the_same_inverse_gives_the_same_run() -> None:
    class Twin(Weibull):
        """Says nothing of its code, so that only its methods are known."""

    law, twin = Weibull(3.0, 1.7), Twin(3.0, 1.7)
    assert law.compiled
    assert not twin.compiled
    a, b = (reference.simulate(failing(x, 0.5), count=20, horizon=1e6).values for x in (law, twin))
    assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize(
    ("law", "shown"),
    [
        (Gompertz(0.2, 0.5), "Gompertz(a=0.2, b=0.5)"),
        (Bathtub(5.0, 2.0), "Bathtub(scale=5.0, shape=2.0)"),
        (Silent(4.0), "Silent"),
        (Halves(4.0), "Halves(value=4.0)"),
        (Shifted(Gompertz(0.2, 0.5), 2.0), "Shifted(law=Gompertz(a=0.2, b=0.5), shift=2.0)"),
    ],
)
def test_the_kernel_refuses_it_by_name(law: Law, shown: str) -> None:
    model = failing(law)
    reason = f"unit.fail: {shown} is not one of the kernel's laws; use the reference engine"
    assert kernel.supports(model) == (reason,)
    assert reference.supports(model) == ()
    with pytest.raises(UnsupportedError, match="not one of the kernel's laws"):
        kernel.simulate(model, horizon=10.0)
    with pytest.raises(UnsupportedError, match="not one of the kernel's laws"):
        next(kernel.run(model, seed=1, replications=64, horizon=10.0))


def test_a_mixture_is_refused_for_its_part() -> None:
    own = Mixture((0.5, 0.5), (Exponential(3.0), Gompertz(0.2, 0.5)))
    (reason,) = kernel.supports(failing(own))
    assert "Gompertz" in reason
    (reason,) = kernel.supports(failing(Mixture((0.5, 0.5), (Gompertz(1, 1), Erlang(2, 1.0)))))
    assert "cannot be sampled" in reason


@pytest.mark.parametrize("law", [Gompertz(0.2, 0.5), Silent(4.0), Shifted(Halves(4.0), 1.0)])
def test_the_exact_engine_refuses_what_has_no_phases(law: Law) -> None:
    name = type(law).__name__
    with pytest.raises(UnsupportedError, match=rf"unit\.fail: {name}.* is not made of exponential"):
        exact.solve(failing(law), horizon=5.0)


def test_the_exact_engine_takes_the_phases_that_a_law_has() -> None:
    solved = exact.solve(failing(Halves(4.0)), horizon=5.0)
    assert solved.mission["failed"][0] == close(-math.expm1(-5.0 / 2.0), rel=1e-13)
    mixed = Mixture((0.25, 0.75), (Halves(4.0), Exponential(8.0)))
    expected = 0.25 * -math.expm1(-5.0 / 2.0) + 0.75 * -math.expm1(-5.0 / 8.0)
    assert exact.solve(failing(mixed), horizon=5.0).mission["failed"][0] == close(
        expected, rel=1e-13
    )
    batch = reference.simulate(failing(Halves(4.0)), count=4000, horizon=5.0)
    seen = np.isfinite(batch.values[:, 0]).mean()
    assert abs(seen - solved.mission["failed"][0]) < 4.0 * math.sqrt(0.25 / 4000)


def test_codes_are_of_one_law_each() -> None:
    shipped: list[type[Law]] = [Exponential, Quantiles, *WRITTEN]
    assert sorted(law.code for law in shipped) == list(range(len(shipped)))


def test_no_other_room_tells_laws_apart() -> None:
    """A new law is its class and its scalar function: nothing outside `delays` asks for a class."""
    names = {
        name
        for name, value in vars(pacsim.delays).items()
        if isinstance(value, type) and issubclass(value, Law) and value is not Law
    }
    assert len(names) >= 10
    asked = []
    root = Path(pacsim.__file__).parent
    for path in root.rglob("*.py"):
        if path.parent.name == "delays":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kinds: list[ast.AST] = []
            if isinstance(node, ast.MatchClass):
                kinds = [node.cls]
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                kinds = [node.args[1]]
            for kind in kinds:
                found = names & {n.id for n in ast.walk(kind) if isinstance(n, ast.Name)}
                asked += [f"{path.name}: {name}" for name in sorted(found)]
    assert asked == []
