"""Tallies computed anywhere, in any parts and any order, have the bits of one stream."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.api import compare
from pacsim.campaign.pairs import Pairs, differences
from pacsim.campaign.tallies import DesignTally
from pacsim.design import Design, load
from pacsim.design.build import build
from pacsim.engines import kernel
from pacsim.units import YEAR
from tests.unit.campaign.working import SEED, ran

if TYPE_CHECKING:
    from pacsim.results import Row

pytestmark = pytest.mark.slow

DESIGNS = sorted((Path(__file__).parents[3] / "models" / "designs").glob("*.yaml"))
TERMS = 130


@pytest.fixture(scope="module")
def designs() -> list[Design]:
    return [load(file) for file in DESIGNS]


@pytest.fixture(scope="module")
def streamed(designs: list[Design]) -> list[Row]:
    return list(compare(designs, replications=TERMS, seed=SEED, progress=False).rows)


CUTS = ((0, 64, 128, 130), (0, 7, 64, 65, 120, 130), (0, 129, 130), (0, 130))


@pytest.mark.parametrize("cuts", CUTS)
def test_any_partition_and_order(
    designs: list[Design], streamed: list[Row], cuts: tuple[int, ...]
) -> None:
    """Ranges of both designs and of their pairs, merged in an order drawn at random."""
    rng = np.random.default_rng(len(cuts))
    whole = [DesignTally.of(design) for design in designs]
    for tally in whole:
        tally.trace()
    pairs = Pairs(whole)
    ranges = list(pairwise(cuts))
    rng.shuffle(ranges)
    for first, end in ranges:
        parts, keys = [], []
        for tally in whole:
            part = tally.empty()
            batch = kernel.simulate(
                tally.reader.model, seed=SEED, first=first, count=end - first,
                horizon=tally.reader.term, window=YEAR,
            )  # fmt: skip
            keys.append(part.add(batch))
            parts.append(part)
        for tally, part in zip(whole, parts, strict=True):
            tally.merge(part)
        some = Pairs(whole)
        some.add(first, keys)
        pairs.merge(some)
    found = [row for tally in whole for row in tally.rows()] + differences(whole, pairs)
    assert found == streamed


def test_a_design_and_its_tally_go_to_another_process_and_back(
    designs: list[Design], streamed: list[Row]
) -> None:
    """Spawned ones, which start with nothing but what they are sent."""
    spawned = multiprocessing.get_context("spawn")
    jobs = [
        (design, first, count) for design in designs for first, count in ((64, TERMS - 64), (0, 64))
    ]
    with ProcessPoolExecutor(2, mp_context=spawned) as pool:
        parts = list(pool.map(ran, *zip(*jobs, strict=True)))
    found: list[Row] = []
    for k in range(len(designs)):
        late, early = parts[2 * k : 2 * k + 2]
        late.merge(early)
        found += late.rows()
    assert found == [row for row in streamed if not row.against]


def test_what_is_built_is_plain_data(designs: list[Design]) -> None:
    """A process of its own builds the same model, with the same handles, from what it is sent."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        for design in designs:
            assert pool.submit(build, design.resolved).result() == build(design.resolved)


def test_a_replication_counts_once(designs: list[Design]) -> None:
    tally = ran(designs[0], 0, 64)
    with pytest.raises(ValueError, match="counts once"):
        tally.merge(ran(designs[0], 32, 40))
