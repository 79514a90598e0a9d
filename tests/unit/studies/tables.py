"""Everything that a store has of a study, to be compared to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.studies.stages import rows_of
from pacsim.studies.store import Store
from tests.unit.studies.made import DOWN

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.studies.study import Study


def blocks_of(store: Store, key: str, seed: int) -> bytes:
    """Return the bits of the block means of hours down, and of what is left over."""
    found = store.blocks(key, seed, DOWN)
    assert found is not None
    return found.top.tobytes() + repr((found.rest, found.last)).encode()


def table(one: Study, folder: Path) -> dict[int, tuple[object, ...]]:
    """Return the rows of each point, and the bits of its tally and of its blocks."""
    with Store(folder) as store:
        return {
            p.number: (
                rows_of(store.figures(p.key, one.seed), str(p.number)),
                store.tally(p.key, one.seed),
                blocks_of(store, p.key, one.seed),
            )
            for p in one.points
        }
