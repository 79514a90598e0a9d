"""Small studies, made without a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pacsim.design.design import design_of
from pacsim.studies.offered_measures import OfferedMeasures
from pacsim.studies.points import combinations, key_of
from pacsim.studies.study import Study
from pacsim.studies.study_values import Dimension, MeasureName, Stopping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacsim.design import Design

DOWN = MeasureName("store", "down")
SERVER = {"type": "component", "ttf": "90 days", "ttr": "8 h"}
NET = {"type": "component", "ttf": "2 years", "ttr": "1 day"}


def small(**changes: Any) -> Design:
    """Return a design of two parts, whose terms take microseconds."""
    plain = {
        "pacsim": 1,
        "name": "small",
        "parts": {"server": dict(SERVER), "net": dict(NET)},
        "roles": {"store": {"needs": ["server", "net"]}},
    }
    return design_of(plain | changes)


def dimension(name: str, path: str, values: Sequence[Any]) -> Dimension:
    return Dimension(name, tuple(map(str, values)), tuple({path: one} for one in values))


def study(
    *dimensions: Dimension,
    stopping: Stopping | None = None,
    designs: Sequence[Design] = (),
    left_out: Sequence[Mapping[str, str]] = (),
    **more: Any,
) -> Study:
    """Return a study of small designs."""
    given = tuple(designs) or (small(),)
    points = [
        replace(one, key=key_of(one.design)) for one in combinations(given, dimensions, left_out)
    ]
    asked: dict[str, Any] = {
        "name": "a study",
        "question": "What matters?",
        "file": "study.yaml",
        "designs": given,
        "dimensions": dimensions,
        "left_out": tuple(left_out),
        "measures": (DOWN,),
        "stopping": stopping or Stopping(replications=192),
        "points": tuple(points),
        "structures": (OfferedMeasures.of(given[0]),),
    }
    return Study(**asked | more)


def checks(*values: str) -> Dimension:
    """Return a dimension of repair times."""
    return dimension("repair", "parts.server.ttr", values)


def staged() -> Study:
    """Return a study of four points of eight stages each."""
    return study(checks("2 h", "4 h", "8 h", "16 h"), stopping=Stopping(replications=8000))
