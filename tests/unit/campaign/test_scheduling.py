"""Many designs on one set of threads: how many there are, what waits, what an engine raises."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.api import compare
from pacsim.campaign.compare import simulate
from pacsim.campaign.plan import Plan
from pacsim.design import Design, design_of
from pacsim.engines import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator


def numbered(number: int) -> Design:
    """Return a design that differs from others in a life only."""
    life = f"{300 + number} h"
    return design_of(
        {
            "pacsim": 1,
            "name": f"design {number}",
            "contract": {"term": "1 year"},
            "parts": {"a": {"type": "component", "ttf": life, "ttr": "10 h"}},
            "roles": {"store": {"needs": ["a"]}},
        }
    )


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_are_those_of_the_plan_for_any_number_of_designs(threads: int) -> None:
    """Each design had threads of its own: 12 designs and 3 threads made 36."""
    seen: set[int] = set()

    def watched(_share: float, _text: str) -> None:
        seen.add(sum(one.name.startswith("pacsim") for one in threading.enumerate()))

    before = threading.active_count()
    simulate([numbered(k) for k in range(12)], Plan(replications=1024, threads=threads), watched)
    assert max(seen) == threads
    assert threading.active_count() == before


def test_threads_and_neighbours_do_not_matter() -> None:
    """The figures of a design are the same alone and among others, to the bit."""
    designs = [numbered(k) for k in range(5)]
    wish: dict[str, Any] = {"replications": 700, "progress": False}
    together = compare(designs, threads=3, **wish)
    assert together.rows == compare(designs, threads=1, **wish).rows
    for one in designs:
        alone = compare([one], threads=2, **wish)
        own = [r for r in together.rows if r.design == one.name and not r.against]
        assert own == list(alone.rows)


class BrokenError(TimeoutError):
    """What an engine may raise when something it waits for does not come."""


@pytest.mark.parametrize("error", [BrokenError, TimeoutError])
@pytest.mark.parametrize("seconds", [None, 60.0])
def test_a_timeout_of_an_engine_comes_out(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], seconds: float | None
) -> None:
    """It was taken for the end of the time given: a result without figures, not marked partial."""
    whole = kernel.run_together

    def failing(*models: Any, **asked: Any) -> Iterator[Any]:
        found = whole(*models, **asked)
        try:
            yield next(found)
            msg = "the disk did not answer"
            raise error(msg)
        finally:
            found.close()

    monkeypatch.setattr(kernel, "run_together", failing)
    with pytest.raises(error, match="did not answer"):
        compare([numbered(1), numbered(2)], replications=2000, seconds=seconds, progress=False)


def test_time_that_is_up_ends_a_run_with_what_there_is() -> None:
    found = compare([numbered(1)], precision=1e-6, seconds=0.05, progress=False)
    assert not found.provenance["reached"]
    assert not found.provenance["partial"]
    assert found.provenance["replications"] >= 256
    assert found.get("down").estimate
