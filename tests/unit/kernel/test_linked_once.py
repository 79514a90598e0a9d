"""Modules linked once are what numba makes of them, and it makes them itself where it must."""

import math
from typing import Any

import numba
import pytest

from pacsim.engines.kernel import compile as joining
from pacsim.engines.kernel import linked_once as linking

INNER = f"error_model='numpy', nogil=True, _nrt=False{joining.INTERNAL}"
TEXT = f"""
import math
import numba
@numba.njit({INNER})
def remainder(a, b):
    return (a % b) + (a // b) * b
@numba.njit({INNER}, forceinline=True)
def scaled(x, n):
    return math.exp(x) * n
@numba.njit({INNER})
def both(x, n):
    return scaled(x, remainder(n, 7)) + remainder(x, 0.3)
@numba.njit({INNER})
def chosen(x, n, what):
    if what == 1:
        return both(x, n)
    return min(both(x, n + 1), max(x, 2.0))
@numba.njit(error_model='numpy', nogil=True, _nrt=False, cache=True)
def run(x, n):
    total = 0.0
    for k in range(n):
        total += chosen(x, k, 1) - chosen(x, k, 2) + both(x / 3.0, k)
    return total
"""
VERSIONS = ("0.63.1", "0.64.0", "0.65.0", "0.68.1")
ARGUMENTS = (0.7, 50)


def by_hand(x: float, n: int) -> float:
    """Return what `TEXT` computes."""

    def remainder(a: float, b: float) -> float:
        return (a % b) + (a // b) * b

    def both(x: float, n: int) -> float:
        return math.exp(x) * remainder(n, 7) + remainder(x, 0.3)

    return sum(both(x, k) - min(both(x, k + 1), max(x, 2.0)) + both(x / 3.0, k) for k in range(n))


@pytest.fixture
def optimised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the libraries that are optimised by themselves."""
    from numba.core import codegen

    library: Any = codegen.CPUCodeLibrary
    names: list[str] = []
    usual = library._optimize_final_module

    def noted(self: Any) -> None:
        names.append(self.name)
        usual(self)

    monkeypatch.setattr(library, "_optimize_final_module", noted)
    return names


def made(text: str = TEXT) -> Any:
    return joining._executed("linked-test", text, None, ARGUMENTS)


def needed() -> None:
    if numba.__version__ not in VERSIONS:
        pytest.skip("not tried with this numba")


def test_inner_functions_are_linked_and_not_optimised_by_themselves(optimised: list[str]) -> None:
    needed()
    assert made()(*ARGUMENTS) == pytest.approx(by_hand(*ARGUMENTS), rel=1e-14)
    assert "run" in optimised
    assert not {"remainder", "scaled", "both", "chosen"} & set(optimised)


def test_the_same_bits_as_usual(monkeypatch: pytest.MonkeyPatch, optimised: list[str]) -> None:
    quick = made()(*ARGUMENTS)
    monkeypatch.setattr(linking, "RELIED_ON", ("codegen.CPUCodeLibrary.of_another_version",))
    optimised.clear()
    assert made()(*ARGUMENTS).hex() == quick.hex()
    assert {"remainder", "scaled", "both", "chosen", "run"} <= set(optimised)


@pytest.mark.parametrize(
    "part", ["codegen.CPUCodeLibrary.gone", "codegen.Gone.finalize", "codegen.CPUCodeLibrary.name"]
)
def test_other_parts_of_numba_are_seen(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "RELIED_ON", (*linking.RELIED_ON, part))
    assert not linking.usable()


def test_another_text_of_a_part_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    from numba.core import codegen

    monkeypatch.setattr(codegen.CPUCodeLibrary, "add_llvm_module", lambda self, module: None)
    linking._hash_of.cache_clear()
    assert not linking.usable()
    monkeypatch.undo()
    linking._hash_of.cache_clear()
    assert linking.usable()


@pytest.mark.parametrize("part", ["_places", "_remembering", "_linking"])
def test_an_error_inside_leads_to_the_usual_way(
    part: str, monkeypatch: pytest.MonkeyPatch, optimised: list[str]
) -> None:
    needed()
    failed = []

    def failing(*_: object) -> Any:
        failed.append(part)
        raise AttributeError(part)

    monkeypatch.setattr(linking, part, failing)
    assert made()(*ARGUMENTS) == pytest.approx(by_hand(*ARGUMENTS), rel=1e-14)
    assert failed
    assert {"remainder", "scaled", "both", "chosen", "run"} <= set(optimised)


def test_an_error_of_the_source_is_told() -> None:
    from numba.core.errors import TypingError

    with pytest.raises(TypingError, match="nothing_known"):
        made(TEXT.replace("math.exp(x)", "nothing_known(x)"))


def test_another_way_is_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    name = joining.fingerprint(TEXT)
    monkeypatch.setattr(linking, "TRIED", "another")
    assert joining.fingerprint(TEXT) != name
