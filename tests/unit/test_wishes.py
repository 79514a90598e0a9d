"""What a notebook or a command may ask for, and what is said of wishes that make no sense."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pacsim.api import compare, replay
from pacsim.campaign.plan import planned
from pacsim.design import design_of
from pacsim.errors import PacsimError

TINY = design_of({"pacsim": 1, "contract": {"term": "1 year"}, "parts": {"a": {"type": "component", "ttf": "500 h", "ttr": "10 h"}}, "roles": {"store": {"needs": ["a"]}}})  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"seed": 1.5}, "seed 1.5 must be a whole number"),
        ({"seed": -1}, r"seed -1 must be 0 to 2\*\*64 - 1"),
        ({"seed": 1 << 64}, "must be 0 to"),
        ({"seed": "1"}, "seed '1' must be a whole number"),
        ({"seed": None}, "seed None must be a whole number"),
        ({"seed": True}, "seed True must be a whole number"),
        ({"replications": 2.5}, "replications 2.5 must be a whole number"),
        ({"replications": 0}, "replications 0 must be 1 or more"),
        ({"replications": -3}, "replications -3 must be 1 or more"),
        ({"threads": 1.5}, "threads 1.5 must be a whole number"),
        ({"threads": 0}, "threads 0 must be 1 to 4096"),
        ({"seconds": math.nan}, "seconds nan must be positive and finite"),
        ({"seconds": math.inf}, "seconds inf must be positive and finite"),
        ({"seconds": -1}, "seconds -1 must be positive"),
        ({"seconds": "5 s"}, "seconds '5 s' must be positive"),
        ({"precision": math.nan}, "precision nan must lie between 0 and 1"),
        ({"precision": "nan"}, "precision: 'nan' does not begin with a number"),
        ({"precision": "0 %"}, "must lie between"),
        ({"precision": True}, "precision: True is no number"),
        ({"precision": [0.1]}, "is no number"),
        ({"role": 5}, "role 5 must be the name of a role"),
    ],
)
def test_what_makes_no_sense_is_said(wish: dict[str, Any], says: str) -> None:
    with pytest.raises(PacsimError, match=says):
        planned(**wish)
    with pytest.raises(PacsimError, match=says):
        compare([TINY], **wish)


def test_all_wishes_that_make_no_sense_are_said_at_once() -> None:
    with pytest.raises(PacsimError) as caught:
        planned(precision="nan", replications=2.5, seconds=math.inf, seed=-1, threads=0)  # type: ignore[arg-type]
    said = str(caught.value).splitlines()
    assert [line.split()[0] for line in said] == [
        "precision:", "seed", "replications", "threads", "seconds",
    ]  # fmt: skip


def test_numbers_of_numpy_are_numbers() -> None:
    plan = planned(
        precision=np.float64(0.02),
        replications=np.int64(5),  # type: ignore[arg-type]
        seconds=np.float32(2.0),  # type: ignore[arg-type]
        seed=np.uint64(7),  # type: ignore[arg-type]
    )
    assert (plan.precision, plan.replications, plan.seconds, plan.seed) == (0.02, 5, 2.0, 7)
    assert type(plan.seed) is type(plan.replications) is int


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"replication": -1}, "replication -1 must be 0 or more"),
        ({"replication": 1.5}, "replication 1.5 must be a whole number"),
        ({"seed": -1}, "seed -1 must be 0 to"),
        ({"seed": 1.5}, "seed 1.5 must be a whole number"),
    ],
)
def test_a_term_that_cannot_be_replayed(wish: dict[str, Any], says: str) -> None:
    with pytest.raises(PacsimError, match=says):
        replay(TINY, **wish)


@pytest.mark.parametrize(
    ("designs", "says"),
    [
        ("a.yaml", "give a list"),
        (Path("a.yaml"), "give a list"),
        (TINY, "give a list"),
        ([5], "5 is no design"),
        ([None], "None is no design"),
        (iter(()), "no design given"),
    ],
)
def test_what_is_no_list_of_designs(designs: Any, says: str) -> None:
    with pytest.raises(PacsimError, match=says):
        compare(designs)


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ({"seed": 1.5}, TypeError),
        ({"precision": [1]}, TypeError),
        ({"role": 5}, TypeError),
        ({"seconds": "5 s"}, TypeError),
        ({"seed": "1", "threads": 1.5}, TypeError),
        ({"seed": -1}, ValueError),
        ({"precision": "0 %"}, ValueError),
        ({"precision": "2 parsec"}, ValueError),
        ({"seconds": math.nan}, ValueError),
        ({"seed": "1", "threads": 0}, ValueError),
    ],
)
def test_both_kinds_of_except_catch_it(wish: dict[str, Any], kind: type[Exception]) -> None:
    """As an error of this package, and as what Python raises for such an argument."""
    for caught in (kind, PacsimError):
        with pytest.raises(caught) as error:
            compare([TINY], **wish)
        assert isinstance(error.value, kind)
        assert isinstance(error.value, TypeError) != isinstance(error.value, ValueError)
    with pytest.raises(ValueError, match="no design given"):
        compare([])
    with pytest.raises(TypeError, match="give a list"):
        compare(TINY)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is no design"):
        compare([5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="must be a whole number"):
        replay(TINY, 1.5)  # type: ignore[arg-type]
