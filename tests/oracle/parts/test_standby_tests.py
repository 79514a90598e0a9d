"""What tests of the failover are worth: the mean fitness of a standby that nobody else tries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pacsim
from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.design.build import build
from pacsim.engines import kernel
from tests.close import close
from tests.oracle.parts.making import gaps, practices, watched
from tests.oracle.parts.pairing import NEVER, TIMES, group, only, pair, server
from tests.oracle.parts.pairing import happened as happened_at  # no comparison of means
from tests.oracle.simulating import judge, simulated

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.core.writing.handles import ElementRef

DESIGN = Path(__file__).parents[3] / "models" / "designs" / "active-passive.yaml"
YEAR = 365 * 86400.0
TERM = 7 * YEAR
RATE = 0.632
"""Latent faults a year of idle time."""
LATENT = "latent b"
LONG, TERMS = 400, 250
"""Years of a replication and how many: the first interval weighs next to nothing."""
SOON = {**TIMES, "call": Det(1.0), "manual_failover": Det(1.0)}
"""A member that a test finds is mended within seconds."""
SETTINGS = [(1, 1.0, 0.74125367), (1, 0.828, 0.67551553), (4, 1.0, 0.92500138),
            (4, 0.828, 0.89774607)]  # fmt: skip
"""Tests a year, share of latent faults that one finds, and what was worked out beforehand."""


def fitness(each: float, finds: float) -> float:
    """Return the mean share of time in which a standby is fit, tested after each ``each`` years.

    Right after a test it is fit with probability f = f e + finds (1 - f e), e = exp(-RATE each),
    so f = finds / (1 - (1 - finds) e); from there on it falls as exp(-RATE t).
    """
    e = np.exp(-RATE * each)
    return float(finds / (1 - (1 - finds) * e) * (1 - e) / (RATE * each))


class Noting(ModelBuilder):
    """Logs when the standby is latent; its row has no gate of its own."""

    def element(self, name: str, *states: Any, **more: Any) -> ElementRef:
        """Return the element, watched if it is the standby's."""
        one = super().element(name, *states, **more)
        if name == "pacs/standby-b":
            self.episodes(LATENT, one == "latent")
        return one


def built(**tests: Any) -> Model:
    """Return two quiet servers: a serves, b becomes latent and nothing else happens."""
    doing: dict[str, Any] = {"times": SOON}
    if tests:
        doing["failover_tests"] = {"outage": Det(600.0), "causes_outage": 0.0, **tests}
    one = group(latent=Exp(YEAR / RATE), success_tested=None)
    return watched(
        server("a"), server("b"), groups=(one,), down=("pacs.ok",), doing=practices(**doing),
        builder=Noting(),
    )[0]  # fmt: skip


def test_formulas() -> None:
    for number, finds, expected in SETTINGS:
        assert fitness(1 / number, finds) == close(expected, 1e-7)
    assert fitness(7.0, 1.0) == close(0.22333043, 1e-7)


@pytest.mark.parametrize(("number", "finds", "expected"), SETTINGS)
def test_mean_fitness_with_tests(number: int, finds: float, expected: float) -> None:
    """Each test finds a share of what is latent; what it finds is mended, and fit from then on."""
    # Sees: a test that finds all or nothing, that leaves the fault latent, or that makes what it
    # did not find fit; a clock that begins again with each test.
    found = simulated(built(every=YEAR / number, finds=finds), LONG * YEAR, TERMS)
    judge(1 - found.each(LATENT) / found.horizon, expected)


def test_mean_fitness_without_tests() -> None:
    """Nobody tries it in seven years: fit for a share (1 - exp(-7 RATE)) / (7 RATE)."""
    found = simulated(built(), TERM, 20_000)
    judge(1 - found.each(LATENT) / TERM, 0.22333043)


SPOILT = {"latent": Det(1000.0), "success_tested": None}
AT = 50_000.0
"""When the test of a scene begins; it takes 600 s."""
FOUND = AT + 600.0
TESTS = {"every": AT, "outage": Det(600.0), "finds": 1.0, "causes_outage": 0.0}


def test_what_a_test_finds_is_refused_and_mended() -> None:
    """Refused from the end of the test on, for a call of 900 s and work of 1800 s."""
    # Sees: a latent fault that is found but leaves the member trusted, or is never mended; a clock
    # that does not begin anew.
    names = [f"pacs/{x}" for x in ("standby-b.spoil", "trust-b.noticed", "trust-b.mended")]
    one = pair(doing={"failover_tests": TESTS}, **SPOILT)
    assert happened_at(one, 60_000.0, *names) == [
        (names[0], 1000.0),
        (names[1], FOUND + 900.0),
        (names[0], FOUND + 1000.0),
        (names[2], FOUND + 900.0 + 1800.0),
    ]
    assert gaps(one, "pacs.ok", 60_000.0) == [(AT, FOUND)]


@pytest.mark.parametrize("finds", [1.0, 0.0])
def test_no_rule_takes_what_is_refused_or_still_latent(finds: float) -> None:
    """a breaks for good after the test: people, and before them a switch in vain if b is trusted."""
    # Sees: a found member that a switch still goes to; one that was not found and takes over.
    gone = {"fails": Det(FOUND + 500.0), "ttr": Det(NEVER)}
    tests = {**TESTS, "finds": finds}
    one = pair(a=gone, doing={"failover_tests": tests}, **SPOILT)
    people = 900.0 + 1800.0 + (60.0 if finds == 0.0 else 0.0)
    only(gaps(one, "pacs.ok", 60_000.0)[1:], FOUND + 500.0, people + 9.0, people + 10.0)


@pytest.mark.slow
def test_a_test_after_the_term_changes_nothing() -> None:
    """Each ten years in a term of seven: the same model, and the same figures to the bit."""
    # Sees: a first test at the start of the term, or confidence in one that is yet to come.
    design = pacsim.load(DESIGN)

    def figures(every: str) -> tuple[Model, bytes]:
        tests = {"practices.failover_tests": {"every": every}}
        varied = design if not every else design.vary({**tests, "name": design.name})
        model = build(varied.resolved).model
        return model, kernel.simulate(model, horizon=TERM, count=20).values.tobytes()

    assert figures("10 years") == figures("")
    assert figures("1 year") != figures("")
