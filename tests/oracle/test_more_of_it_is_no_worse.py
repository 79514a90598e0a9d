"""More of it is no worse: with the same faults, the share of requests that fail never rises.

Another node, another balancer, a second line, a shorter check: pairs of runs with common random
numbers, so that a step's paired mean is far from chance.
"""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.design import design_of
from pacsim.design.build import build
from pacsim.engines import kernel
from tests.oracle.parts.test_pool_figures import LIVELY

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

YEAR = 365 * 86400.0
TERMS, TERM = 128, 2 * YEAR
LINE = {"type": "wan", "availability": "99 %", "repair": "6 h", "network": ["far-side", "outer"]}
CORE = {"type": "switch", "ttf": "200 days", "ttr": "8 h"}


def plain() -> dict[str, Any]:
    """Return the lively design, its place behind a line of a provider."""
    made = copy.deepcopy(LIVELY)
    made["parts"] |= {
        "far": {"type": "clients", "network": ["far-side"]},
        "far-side": CORE,
        "isp-1": LINE,
    }
    return made


def nodes(count: int) -> dict[str, Any]:
    made = plain()
    names = ["s", "t", "u", "v"][:count]
    made["parts"] = {k: x for k, x in made["parts"].items() if k not in {"t", "u"}}
    made["parts"] |= {name: {"like": "s"} for name in names[1:]}
    made["groups"]["pacs"]["members"] = names
    made["practices"]["maintenance"]["patch"]["of"] = names
    return made


def balancers(count: int) -> dict[str, Any]:
    made = plain()
    names = ["lb-1", "lb-2", "lb-3"][:count]
    made["parts"] |= {name: {"like": "lb-1"} for name in names[1:]}
    if count > 1:
        made["groups"]["address"]["members"] = names
    else:
        del made["parts"]["lb-2"], made["groups"]["address"]
        made["groups"]["pacs"]["behind"] = names
    return made


def lines(count: int) -> dict[str, Any]:
    made = plain()
    made["parts"] |= {f"isp-{k}": {"like": "isp-1"} for k in range(2, count + 1)}
    return made


def checked(every: str) -> dict[str, Any]:
    made = plain()
    made["groups"]["pacs"] |= {"redispatch": True}
    made["groups"]["pacs"]["check"] = {**made["groups"]["pacs"]["check"], "every": every}
    return made


def failing(design: dict[str, Any]) -> np.ndarray:
    """Return the failing share of each replication: while it is down all, else what is lost."""
    model = build(design_of(design).resolved).model
    found = kernel.simulate(model, horizon=TERM, count=TERMS, seed=11)
    share: np.ndarray = (found.column("role:use") + found.column("role:use.failing")) / TERM
    return share


@pytest.mark.parametrize(
    ("write", "steps"),
    [
        (nodes, (2, 3, 4)),
        (balancers, (1, 2, 3)),
        (lines, (1, 2, 3)),
        (checked, ("20 min", "1 min", "2 s")),
    ],
    ids=["nodes", "balancers", "lines", "checks"],
)
def test_a_step_up(write: Callable[[Any], dict[str, Any]], steps: tuple[Any, ...]) -> None:
    # Sees: a member that is listed and gets nothing; a balancer in series; a line that all must have.
    shares = [failing(write(step)) for step in steps]
    for worse, better in itertools.pairwise(shares):
        saved = worse - better
        error = saved.std(ddof=1) / np.sqrt(TERMS)
        assert saved.mean() > -2.0 * error
    whole = shares[0] - shares[-1]
    assert whole.mean() > 4.0 * whole.std(ddof=1) / np.sqrt(TERMS)
