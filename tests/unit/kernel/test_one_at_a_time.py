"""Kernels are compiled one at a time: numba's settings are those of the whole process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from numba.core import config

from pacsim.engines.kernel import compile as compiling

if TYPE_CHECKING:
    import pytest

SOURCE = "import numba\n@numba.njit\ndef run(x):\n    return x + {k}\n"


def test_threads_that_compile_leave_the_settings_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings: Any = config
    monkeypatch.setattr(settings, "CACHE_DIR", "of-the-user")
    usual = compiling._entries_of
    met = []

    def entries_of(*given: Any) -> dict[str, Any]:
        met.append((settings.LOOP_VECTORIZE, settings.CACHE_DIR))
        made = usual(*given)
        met.append((settings.LOOP_VECTORIZE, settings.CACHE_DIR))
        return made

    monkeypatch.setattr(compiling, "_entries_of", entries_of)
    before = settings.LOOP_VECTORIZE
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(
                lambda k: compiling._executed_entries(
                    f"compiled-{k}", SOURCE.format(k=k), None, {"run": (1.0,)}
                ),
                range(6),
            )
        )
    assert [made["run"](1.0) for made in found] == [1.0 + k for k in range(6)]
    assert set(met) == {(0, "")}
    assert (before, "of-the-user") == (settings.LOOP_VECTORIZE, settings.CACHE_DIR)
