"""Results of several designs: which can be compared, and how far they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pacsim.api import compare
from pacsim.errors import PacsimError
from pacsim.units import YEAR
from tests.unit.campaign.written_batches import (
    design,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.design import Design

ONE = """
pacsim: 1
name: NAME
contract: {term: TERM}
parts:
  a: {type: server, ttf: LIFE, ttr: 10 h, reboot: 5 min, boot_after_power: 5 min}
roles:
  store: {needs: [a]}
"""


def small(folder: Path, name: str, term: str = "1 year", life: str = "300 h") -> Design:
    text = ONE.replace("NAME", name).replace("TERM", term).replace("LIFE", life)
    return design(folder, text, f"{name}-{term[0]}")


def test_designs_that_cannot_be_compared(tmp_path: Path) -> None:
    one = small(tmp_path, "one")
    with pytest.raises(PacsimError, match="two designs are called 'one'"):
        compare([one, one], replications=8, progress=False)
    with pytest.raises(PacsimError, match="contract terms that differ"):
        compare([one, small(tmp_path, "two", "2 years")], replications=8, progress=False)


def test_a_result_tells_of_every_design(tmp_path: Path) -> None:
    """Inputs and warnings of each, hashes, the term in years; rows in the order of designs."""
    pair = [small(tmp_path, "one", "3 years"), small(tmp_path, "two", "3 years")]
    found = compare(pair, replications=8, seed=5, outages=True, progress=False)
    assert compare(pair, replications=8, seed=5, progress=False).outages == {}
    for one in pair:
        of = [i for i in found.inputs if i["design"] == one.name]
        assert [i["path"] for i in of] == [i.path for i in one.resolved.inputs]
        assert one.resolved.warnings
        for warning in one.resolved.warnings:
            assert f"{one.name}: {warning}" in found.warnings
    assert found.provenance["term_years"] == 3.0
    assert found.provenance["seed"] == 5
    assert found.provenance["replications"] == 8
    assert found.provenance["designs"] == {one.name: one.hash for one in pair}
    assert set(found.outages) == {"one", "two"}
    assert YEAR * 3 > found.outages["one"].columns["end"].max() > YEAR


def test_a_precision_is_for_all_designs(tmp_path: Path) -> None:
    """A design that nothing happens to is never precise, however precise the other is."""
    quiet = small(tmp_path, "quiet", life="{exactly: 40 years}")
    loud = small(tmp_path, "loud")
    alone = compare([loud], precision=0.2, replications=600, progress=False)
    assert alone.provenance["reached"]
    assert alone.provenance["replications"] < 600
    for both in ([loud, quiet], [quiet, loud]):
        found = compare(both, precision=0.2, replications=600, progress=False)
        assert not found.provenance["reached"]
        assert found.provenance["replications"] == 600
