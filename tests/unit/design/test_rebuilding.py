"""Models made of a known one's are those that are built anew, whichever numbers differ."""

from __future__ import annotations

import math
import os
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays.law import Law
from pacsim.design import Design, design_of, load
from pacsim.design import rebuilding as room
from pacsim.design.build import build
from pacsim.design.rebuilding import Rebuilder
from pacsim.design.traced import Trace, Traced, filled, within
from pacsim.files.problems import DesignError
from pacsim.studies.input_ranges import input_ranges, slots_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pacsim.design.build import Built

DESIGNS = Path(__file__).parents[3] / "models" / "designs"
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FILES = (
    ("single-server", "active-passive", "active-active")
    if DEEP
    else ("single-server", "active-passive")
)
EACH = 1000 if DEEP else 4
"""Inputs of each kind that are tried alone; all of them in the deep profile."""
TOGETHER = 200 if DEEP else 12


def one_part(**numbers: str) -> Design:
    plain = {"ttf": "1 year", "ttr": "4 h"} | numbers
    part = {"type": "component"} | plain
    return design_of({"pacsim": 1, "parts": {"a": part}, "roles": {"store": {"needs": ["a"]}}})


def variations(base: Design) -> Iterator[Design]:
    """Yield a design with inputs at the ends of their ranges: one each, then some together."""
    slots, kinds = slots_of(base), Counter[str]()
    ranges = sorted(input_ranges(base).items())
    chosen = []
    for path, found in ranges:
        kinds[slots[path].kind] += 1
        if kinds[slots[path].kind] <= EACH:
            chosen += [{path: found.written(at)} for at in (found.low, found.high)]
    draw = random.Random(11)
    for _ in range(TOGETHER):
        some = draw.sample(ranges, draw.randint(2, 6))
        chosen.append({p: x.written(draw.choice((x.low, x.high))) for p, x in some})
    for changes in chosen:
        try:
            yield base.vary(changes)
        except DesignError:
            continue


def same(made: Built, fresh: Built) -> bool:
    return (
        made.model == fresh.model
        and made.handles == fresh.handles
        and made.elements == fresh.elements
        and made.roots == fresh.roots
    )


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_inputs_at_the_ends_of_their_ranges(file: str) -> None:
    """Sees: a use that is not noted, a decision that is forgotten, a transition not read anew."""
    base = load(DESIGNS / f"{file}.yaml")
    known = build(base.resolved)
    maker = Rebuilder(base.resolved, known)
    tried = quick = likened = 0
    for design in variations(base):
        fresh = build(design.resolved)
        like = build(design.resolved, like=known)
        assert same(like, fresh)
        made = maker.built(design.resolved)
        assert made is None or same(made, fresh)
        tried, quick, likened = tried + 1, quick + (made is not None), likened + like.is_like(known)
    assert tried > 20
    assert quick > 0.5 * tried
    assert likened > 0.7 * tried


def test_most_numbers_of_the_pair_are_followed() -> None:
    base = load(DESIGNS / "active-passive.yaml")
    maker = Rebuilder(base.resolved, build(base.resolved))
    opaque, clear = maker.paths(opaque=True), maker.paths(opaque=False)
    assert len(clear) > 4 * len(opaque)
    assert {"groups.pacs.check.every", "groups.pacs.success", "parts.ups-a.runtime"} <= set(clear)
    # A share of faults in common scales the law of each member.
    assert "groups.pacs.common.hardware" in opaque


def test_another_structure_is_not_made_of_this_one() -> None:
    base = load(DESIGNS / "active-passive.yaml")
    known = build(base.resolved)
    maker = Rebuilder(base.resolved, known)
    for changes in (
        {"parts.array.disks": 9},
        {"roles.store": None},
        {"practices.failover_tests": {"every": "3 months"}},
        {"contract.starts": "2031-02-03"},
    ):
        design = base.vary(changes)
        assert maker.built(design.resolved) is None, changes
        assert same(build(design.resolved, like=known), build(design.resolved)), changes


def test_what_differs_is_read_anew() -> None:
    base = one_part()
    maker = Rebuilder(base.resolved, build(base.resolved))
    made = maker.built(one_part(ttr="2 h").resolved)
    assert made is not None
    laws = [t.delay.table[0] for t in made.model.transitions if t.delay is not None]
    assert all(isinstance(law, Law) for law in laws)
    assert min(law.quantile(0.5) for law in laws if isinstance(law, Law)) == 7200.0


@pytest.mark.parametrize("fault", ["opaque", "decision", "transition"])
def test_faults_are_seen(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with what is built anew sees each part of the work left out."""
    base = load(DESIGNS / "active-passive.yaml")
    maker = Rebuilder(base.resolved, build(base.resolved))
    changes: dict[str, str] = {"groups.pacs.check.every": "7 s"}
    if fault == "opaque":
        maker._trace.opaque.clear()
        changes = {"parts.server-a.software.crash": "99 days"}
    elif fault == "decision":
        monkeypatch.setattr(maker, "_decides_the_same", lambda _: True)
        monkeypatch.setattr(room, "alike", lambda *_: True)
        changes = {"groups.pacs.split": "0 %"}
    else:
        maker._transitions = [frozenset() for _ in maker._transitions]
    design = base.vary(changes)
    made, fresh = maker.built(design.resolved), build(design.resolved)
    assert made is not None
    assert not same(made, fresh)


USES: tuple[Callable[[Any], object], ...] = (
    float, int, round, math.floor, math.ceil, math.trunc, math.exp, math.isinf, hash, str, repr,
    np.array, np.exp, "{:.2f}".format,
    lambda x: isinstance(x, float),
    lambda x: isinstance(x, dict),
    lambda x: x**2,
    lambda x: 2.0**x,
    lambda x: x % 2.0,
    lambda x: x // 2.0,
    lambda x: divmod(x, 2.0),
    lambda x: math.fsum([x, 1.0]),
    lambda x: np.array([1.0, x]).sum(),
    lambda x: np.float64(2.0) * x,
    lambda x: f"{x:.3f}",
    lambda x: {x: 1},
    lambda x: [0, 1, 2][int(x)],
)  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_no_use_goes_unnoticed(use: Callable[[Any], object]) -> None:
    """Each gives what it gives of the number itself, and says that it is not known what for."""
    trace = Trace()
    number: Any = Traced(trace, 1.5, frozenset({3}))
    found, plain = use(number), use(1.5)
    if isinstance(plain, dict):
        assert list(plain) == [1.5]
    else:
        assert np.all(found == plain)
    assert trace.opaque == {3}


def test_arithmetic_is_followed_and_comparisons_are_noted() -> None:
    trace = Trace()
    a: Any = Traced(trace, 3.0, frozenset({0}))
    b: Any = Traced(trace, 5.0, frozenset({1}))
    both = -(a * 2.0 - 1.0 / b) + min(a, b)
    assert both.value == -(3.0 * 2.0 - 1.0 / 5.0) + 3.0
    assert both.at({1: 8.0}) == -(3.0 * 2.0 - 1.0 / 8.0) + 3.0
    assert both.at({0: 4.0, 1: 8.0}) == -(4.0 * 2.0 - 1.0 / 8.0) + 4.0
    assert [one.leaves for one in trace.decisions] == [frozenset({0, 1})]
    assert not trace.opaque


def test_filled_values_hold_no_traced_number() -> None:
    trace = Trace()
    a = Traced(trace, 3.0, frozenset({0}))
    held = {"x": [1.0, (a, 2)], "y": "z"}
    assert within(held) == {0}
    assert filled(held, {0: 4.0}) == {"x": [1.0, (4.0, 2)], "y": "z"}
    assert within(filled(held, {})) == frozenset()


def test_hours_of_work_that_holds_no_number() -> None:
    """The first calendar is that of a window, the second one that of a time that is read anew."""
    hours = {"hours": ["mon-fri 08:00-17:00"]}
    plain: dict[str, Any] = {
        "pacsim": 1,
        "practices": {
            "maintenance": {"own": {"of": ["s"], "on": "first saturday 08:00", "lasts": "2 h"}}
        },
        "parts": {
            "s": {"type": "server", "from": "server_dual_psu"},
            "a": {
                "type": "component",
                "ttf": "1 year",
                "ttr": {"median": "4 h", "p95": "9 h", "counted_in": hours},
            },
        },
        "roles": {"store": {"needs": ["s", "a"]}},
    }
    base = design_of(plain)
    known = build(base.resolved)
    assert len(known.model.calendars) == 2
    design = base.vary({"parts.a.ttf": "2 years"})
    made = Rebuilder(base.resolved, known).built(design.resolved)
    assert made is not None
    assert same(made, build(design.resolved))


def test_nothing_is_kept_of_a_design_that_was_made() -> None:
    """Conditions of cases are written anew each time they are read."""
    base = load(DESIGNS / "active-passive.yaml")
    maker = Rebuilder(base.resolved, build(base.resolved))
    assert maker._assembler is not None
    kept = []
    for minutes in (11, 12, 13):
        design = base.vary({"practices.times.manual_failover": f"{minutes} min"})
        assert maker.built(design.resolved) is not None
        kept.append(len(maker._assembler.folder.numbers._seen))
    assert len(set(kept)) == 1
