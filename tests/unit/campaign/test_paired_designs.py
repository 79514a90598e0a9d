"""Two designs that share causes of late studies differ by what one of them alone has, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from scipy import stats

from pacsim.campaign.design_traffic import DesignTraffic
from pacsim.campaign.figured_windows import FiguredWindows
from pacsim.campaign.severe_terms import SevereTerms
from pacsim.campaign.traffic_stage import TrafficPairs
from pacsim.design import load
from pacsim.traffic.window_figures import window_figures
from pacsim.units import DAY, YEAR

if TYPE_CHECKING:
    from pacsim.campaign.figured_windows import SeenWindows
    from pacsim.campaign.traffic_tally import TrafficTally

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[3] / "models"
DAYS, TERMS = 60, 6
SHARED, OWN = "access-1/unit", "core-1/unit"
"""What breaks in both designs, and in the first one only."""


class Seen(NamedTuple):
    """A design's windows, its tally, and columns of pairs."""

    tally: TrafficTally
    windows: list[SeenWindows]
    columns: tuple[np.ndarray, np.ndarray]
    roots: tuple[str, ...]

    def late(self, *roots: str) -> np.ndarray:
        """Return the late studies of each term, of windows with some roots or of all."""
        places = self.tally.columns_of("studies_delayed")
        found = np.zeros(TERMS)
        for term, one in enumerate(self.windows):
            counts = window_figures(one.batch, self.tally.stations, one.felt).counts
            mine = [self.roots[x] in roots or not roots for x in one.batch.windows["root"]]
            found[term] = counts[mine][:, places].sum()
        return found

    def overlapped(self) -> np.ndarray:
        """Return how many divergences of each term fell into windows of others."""
        return np.array([one.batch.windows["overlapped"].sum() for one in self.windows])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    """Run a single server behind two switches, and behind one that never breaks."""
    folder = tmp_path_factory.mktemp("designs")
    return seen(folder, "Breaks", "400 h"), seen(folder, "Never", "1e9 h")


def seen(folder: Path, name: str, core: str) -> Seen:
    file = folder / f"{name}.yaml"
    file.write_text(
        f'pacsim: 1\ncatalogue: "2026.3"\nname: {name}\n'
        f"extends: {MODELS}/designs/single-server.yaml\ncontract: {{term: {DAYS} days}}\n"
        "parts:\n  access-1: {fails: 300 h, soft_share: 0, ttr: 40 min, repair: null}\n"
        f"  core-1: {{fails: {core}, soft_share: 0, ttr: 40 min, repair: null}}\n"
        f"workload: {{from: {MODELS}/workloads/small-clinic.yaml, archive: server-a, "
        "at: {modalities: radiology, readers: reading-rooms}, worklist: null}\n"
    )
    none = SevereTerms(None)  # type: ignore[arg-type]
    traffic = DesignTraffic(load(file), none, TERMS, TERMS, 1, 1)
    windows = [one for _, one in traffic.seen()]
    figured = [FiguredWindows.of([one], traffic.stations) for one in windows]
    columns = traffic.tally.add(0, TERMS, figured)
    return Seen(traffic.tally, windows, columns, traffic._handed.roots)


def test_what_both_have_is_the_same_in_both(both: tuple[Seen, Seen]) -> None:
    """Where no faults meet, the first has the second's late studies, and those of its own cause."""
    # Sees: draws that a part of another behaviour shifts, arrivals that hang on windows.
    first, second = both
    apart = first.overlapped() == 0
    assert apart.sum() >= 4
    own = first.late(OWN)
    assert (own[apart] > 0).sum() >= 3
    assert second.late(OWN).tolist() == [0.0] * TERMS
    assert second.late(SHARED)[apart].sum() > 0
    assert (first.late() - second.late())[apart].tolist() == own[apart].tolist()


def test_the_difference_is_that_of_terms(both: tuple[Seen, Seen]) -> None:
    """Value and interval are those of the terms' differences, summed up by hand."""
    # Sees: a covariance that is dropped or of other columns, terms that are not aligned.
    tallies = [one.tally for one in both]
    pairs = TrafficPairs(tallies)
    pairs.add([one.columns for one in both], 0)
    place = next(k for k, x in enumerate(pairs.measures) if x.measure == "studies_delayed")
    found = pairs.moments.difference(place, len(pairs.measures) + place, 1)
    late = [one.late() * YEAR / (DAYS * DAY) for one in both]
    right = late[1] - late[0]
    assert found.value == pytest.approx(right.mean(), rel=1e-12)
    half = stats.t.ppf(0.975, TERMS - 1) * right.std(ddof=1) / np.sqrt(TERMS)
    assert found.lower == pytest.approx(right.mean() - half, rel=1e-9)
    assert found.upper == pytest.approx(right.mean() + half, rel=1e-9)
