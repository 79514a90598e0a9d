"""What is put in place of values to have others gives them as they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pacsim.studies.points import differing, patched


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"a": 0.0}, {"a": -0.0}),
        ({"a": [1, 2]}, {"a": [1.0, 2]}),
        ({"a": [1]}, {"a": [True]}),
        ({"a": [{"x": 1, "y": 2}]}, {"a": [{"y": 2, "x": 1}]}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}),
        ({"a": {"x": 1}}, {"a": {}}),
        ({"a": {"x": 1}}, {"a": None}),
        ({"a": 1}, {"a": {"x": {}}}),
        ({"a": 1, "b": 2}, {"b": 2}),
    ],
)
def test_values_are_given_back_as_written(was: Any, now: Any) -> None:
    assert json.dumps(patched(was, differing(was, now))) == json.dumps(now)
    assert json.dumps(patched(now, differing(now, was))) == json.dumps(was)
