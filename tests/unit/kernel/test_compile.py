"""What makes the kernels fast cannot be lost without notice."""

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential
from pacsim.engines.kernel import Runner
from pacsim.engines.kernel import compile as joining
from pacsim.engines.kernel.features import FEATURES

DOUBLED = """
import numba
@numba.njit(error_model='numpy', nogil=True, _nrt=False, cache=True)
def run(a, b):
    for k in range(a.shape[0]):
        b[k] = 2.0 * a[k]
"""
COUNTING = """
import numba
@numba.njit(cache=True)
def run(a):
    return a, a
"""
VECTORISED = "vector.body"


@pytest.fixture
def runners() -> dict[bool, Runner]:
    """Return a runner on each kernel."""
    m = ModelBuilder()
    e = m.element("e", "up down", fault="down")
    e.after("up -> down", Exponential(2.0), "fail", cls="fault")
    e.after("down -> up", Exponential(1.0), "repair", cls="repair")
    m.role("role", e == "up")
    found = {}
    for plain in (True, False):
        found[plain] = Runner(m.build(), 100.0)
        found[plain].plain = plain
        found[plain].batch(1, 0, 1)
    return found


def object_code(dispatcher: Any) -> bytes:
    """Return what numba has stored of a compiled function, with the names it refers to."""
    folder = Path(dispatcher.stats.cache_path)
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.nbc")))


@pytest.mark.parametrize("plain", [True, False])
def test_no_references_are_counted(plain: bool, runners: dict[bool, Runner]) -> None:
    assert runners[plain].plain is plain
    code = object_code(joining.KERNELS[plain])
    assert b"run" in code
    assert b"NRT_incref" not in code
    assert b"NRT_decref" not in code
    assert b"NRT_Allocate" not in code


def test_reference_counting_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    counting = joining.compiled(COUNTING, (np.ones(8),))
    counting(np.ones(8))
    assert b"NRT_incref" in object_code(counting)


def test_the_loop_vectoriser_is_off() -> None:
    arrays = np.ones(8), np.zeros(8)
    # In memory: numba does not show what it has loaded.
    quiet = joining._executed("doubled", DOUBLED, None, arrays)
    quiet(*arrays)
    assert arrays[1].tolist() == [2.0] * 8
    assert VECTORISED not in quiet.inspect_llvm(quiet.signatures[0])
    # The same function, compiled as numba does it of its own accord.
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False}
    usual = numba.njit(**options)(quiet.py_func)
    usual(*arrays)
    assert VECTORISED in usual.inspect_llvm(usual.signatures[0])


def test_other_types_are_refused_and_not_compiled_late(runners: dict[bool, Runner]) -> None:
    assert runners[True].plain
    with pytest.raises(TypeError):
        joining.KERNELS[True](1)


def test_the_plain_source_has_no_feature() -> None:
    whole, plain = joining.joined_source(), joining.joined_source(frozenset())
    assert len(plain) < len(whole)
    for text in (whole, plain):
        assert not any(f" {flag}" in text[text.index("@numba") :] for flag in FEATURES)
    assert "settle_tanks(" in whole.split("def run(")[1]
    assert "settle_tanks(" not in plain.split("def run(")[1]


@pytest.mark.parametrize(
    ("text", "kept", "left"),
    [
        ("if FIFO:\n    a()\nelse:\n    b()", {"FIFO"}, "a()"),
        ("if FIFO:\n    a()\nelse:\n    b()", set(), "b()"),
        ("if FIFO and x:\n    a()", {"FIFO"}, "if x:\n    a()"),
        ("if not (FIFO or SAMPLES) or x:\n    a()", set(), "a()"),
        ("if not (FIFO or SAMPLES) or x:\n    a()", {"SAMPLES"}, "if x:\n    a()"),
        (
            "if x:\n    a()\nelif FIFO and y:\n    b()\nelse:\n    c()",
            set(),
            "if x:\n    a()\nelse:\n    c()",
        ),
        ("if x and FIFO:\n    a()", set(), "if x and False:\n    a()"),
    ],
)
def test_pruning(text: str, kept: set[str], left: str) -> None:
    assert joining.pruned(text, frozenset(kept)) == left
