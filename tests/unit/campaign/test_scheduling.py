"""Many designs on one set of threads: how many there are, what waits, what an engine raises."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.api import compare
from pacsim.campaign.compare import simulate
from pacsim.campaign.ending import Ending
from pacsim.campaign.plan import Plan
from pacsim.design import Design, design_of
from pacsim.engines import kernel
from pacsim.errors import PacsimError

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
    """It says with how many terms, and as many terms give the same figures."""
    found = compare([numbered(1)], precision=1e-6, seconds=0.2, progress=False)
    done = found.provenance["replications"]
    assert not found.provenance["reached"]
    assert not found.provenance["partial"]
    assert found.provenance["stopped"] == "clock"
    assert found.get("down").estimate
    assert f"Stopped by the clock; repeat with --replications {done}." in str(found)
    again = compare([numbered(1)], replications=done, progress=False)
    assert again.rows == found.rows
    assert not again.provenance["stopped"]


def busy(name: str = "busy") -> Design:
    """Return a design with 31.5 million events a term, some seconds of work."""
    part = {"type": "component", "ttf": {"exactly": "1 s"}, "ttr": {"exactly": "1 s"}}
    plain: dict[str, Any] = dict(numbered(1).plain)
    return design_of({**plain, "name": name, "parts": {"a": part}})


def test_time_that_is_up_within_the_first_term_is_an_error() -> None:
    """There is nothing to show, and the term under way is not waited for."""
    # Sees: a step that is finished whatever the time.
    with pytest.raises(PacsimError, match=r"not one term of every design was done within 0\.2 s"):
        compare([busy(), numbered(1)], seconds=0.2, progress=False)


def test_a_comparison_of_which_nothing_is_asked_ends_by_its_seed() -> None:
    """Precise at the first look, at 1 024 terms; never precise, at 16 384; no clock in either."""
    # Sees: looks at other numbers; an end by the clock.
    found = compare([numbered(1), numbered(2)], threads=1, progress=False)
    assert (found.provenance["replications"], found.provenance["reached"]) == (1024, True)
    quiet = numbered(10**9)
    found = compare([quiet], progress=False)
    assert (found.provenance["replications"], found.provenance["reached"]) == (16_384, False)
    assert not found.provenance["stopped"]


def test_a_comparison_with_many_events_ends_by_their_number() -> None:
    """By hand: 1e8 events are 1 024 terms of 97 656.25; whole steps of 512, at least one."""
    # Sees: a ceiling that is no end of a step, so that it is passed over.
    ending = Ending(Plan(precision=0.05, seconds=600.0, free=True))
    for events, most in ((97_656.25, 1024), (97_657.0, 512), (1e9, 512), (10.0, 16_384)):
        ending.afford(events)
        assert ending.ceiling == most
    seen = []
    for end, look in Ending(Plan(precision=0.05, seconds=600.0, free=True)).ends():
        seen.append((end, look))
    assert [end for end, look in seen if look] == [1024, 2048, 4096, 8192, 16_384]


def test_steps_grow_while_they_are_quick_and_meet_every_512() -> None:
    ending, seen, now = Ending(Plan(precision=0.05, seconds=600.0, free=True)), [], 0.0
    for end, _ in ending.ends():
        # The ends of the first thousand terms come by turns of quick and slow ones.
        seen.append(end)
        now += 0.0 if len(seen) % 3 else 9.0
        ending.took(now)
    assert seen[:4] == [1, 2, 4, 6]
    assert set(range(512, 16_385, 512)) <= set(seen)
    assert seen == sorted(set(seen))


def test_the_first_512_terms_say_what_can_be_afforded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of some 55 events a term and design, a budget of 80 000 buys 700 of both: 512 terms."""
    # Sees: a budget of each design alone, or none.
    monkeypatch.setattr("pacsim.campaign.ending.FREE_EVENTS", 80_000.0)
    quiet = [numbered(1), numbered(2)]
    monkeypatch.setattr("pacsim.campaign.ending.FIRST_LOOK", 2048)
    found = compare(quiet, progress=False)
    assert found.provenance["replications"] == 512
    assert compare(quiet[:1], progress=False).provenance["replications"] == 1024
