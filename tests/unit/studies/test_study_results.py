"""What a study says is what runs of its designs say; tables, frames and files show it."""

from __future__ import annotations

import csv
import gc
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

import pacsim
from pacsim import Study, StudyResult, read, run, sweep
from pacsim.campaign.tallies import DesignTally
from pacsim.engines.kernel import simulate
from pacsim.errors import ArgumentError, ArgumentTypeError, PacsimError
from pacsim.files.problems import DesignError
from pacsim.parts.watch_handles import RoleWatch
from pacsim.studies.amounts import Amount
from pacsim.studies.sampled_labels import sampled_labels
from pacsim.studies.store import Store
from pacsim.studies.study_values import MeasureName
from tests.unit.studies.made import small

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.design import Design

TERMS = 1088
VARY = {
    "repair": {"path": "parts.server.ttr", "values": ["4 h", "8 h", "16 h"]},
    "net": {"path": "parts.net.ttr", "values": {"quick": "6 h", "slow": "1 day"}},
}
MEASURES = [
    "store.down",
    "store.outage_duration_mean",
    "store.down_year_p95",
    "store.down_by_root:net/unit",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return sweep(
        small(), VARY, measures=MEASURES, replications=TERMS, workers=0, progress=False,
        name="Small", question="Which repair?", out=tmp_path_factory.mktemp("small"),
    )  # fmt: skip


def terms_of(design: Design) -> np.ndarray:
    """Return hours down a year and outages a year of each term, one row a term."""
    tally = DesignTally.of(design)
    batch = simulate(
        tally.reader.model,
        seed=1,
        count=TERMS,
        horizon=tally.reader.term,
        window=8760 * 3600.0,
    )
    return tally.add(batch)[RoleWatch, "store"]


def test_figures_are_those_of_runs(found: StudyResult) -> None:
    # Sees: a point run with other values than its labels say, or other faults.
    frame = found.to_frame()
    assert list(frame.columns) == [
        "repair", "net", "point", "measure", "unit", "estimate", "lower", "upper", "n", "note",
    ]  # fmt: skip
    assert len(frame) == 6 * 4
    for repair, net, hours in (("4 h", "quick", "6 h"), ("16 h", "slow", "1 day")):
        design = small().vary({"parts.server.ttr": repair, "parts.net.ttr": hours})
        alone = run(design, replications=TERMS, progress=False)
        for name in map(MeasureName.read, MEASURES):
            of = alone.get(name.measure, role=name.owner, of=name.of, by="root" if name.of else "")
            rows = frame[
                (frame["repair"] == repair)
                & (frame["net"] == net)
                & (frame["measure"] == str(name))
            ]
            (row,) = rows.to_dict("records")
            assert [row[x] for x in ("estimate", "lower", "upper", "n")] == [
                of.estimate,
                of.lower,
                of.upper,
                of.n,
            ]


def test_a_difference_by_hand(found: StudyResult) -> None:
    """Block means of the terms themselves, and scipy's paired test."""
    first, last = (terms_of(one.base.vary(one.changes)) for one in (study_point(1), study_point(6)))
    blocks = (last - first)[:, 0].reshape(-1, 64).mean(axis=1)
    by_scipy = stats.ttest_1samp(blocks, 0.0).confidence_interval(0.95)
    row = found.difference(6, against={"repair": "4 h", "net": "quick"})
    assert row.estimate == pytest.approx(blocks.mean())
    assert (row.lower, row.upper) == pytest.approx((by_scipy.low, by_scipy.high))
    assert (row.unit, row.n, row.note) == ("h/year", TERMS, "")
    assert (row.design, row.against) == ("repair 16 h, net slow", "repair 4 h, net quick")


def study_point(number: int) -> Any:
    return Study.of({"vary": VARY}, designs=[small()]).points[number - 1]


def test_a_difference_of_ratios(found: StudyResult) -> None:
    gap = found.difference(6, 1, "store.outage_duration_mean")
    one, other = (found.figures("store.outage_duration_mean")[k] for k in (5, 0))
    assert one is not None
    assert other is not None
    assert gap.estimate == pytest.approx(one.estimate - other.estimate)  # type: ignore[operator]
    assert gap.lower is not None
    assert gap.lower < gap.estimate  # type: ignore[operator]


def test_a_quantile_has_no_paired_interval(found: StudyResult) -> None:
    gap = found.difference(6, 1, "store.down_year_p95")
    assert (gap.lower, gap.upper) == (None, None)
    assert gap.note == "no paired interval of what is no mean"
    with pytest.raises(ArgumentError, match="is no mean, so points cannot be told apart"):
        found.best("store.down_year_p95")


def test_the_same_point_and_another_that_changes_nothing(found: StudyResult) -> None:
    assert found.difference(1, 1).note == f"the same in all {TERMS} terms"


def test_pivot(found: StudyResult) -> None:
    table = found.pivot()
    assert list(table.index) == ["4 h", "8 h", "16 h"]
    assert list(table.columns) == ["quick", "slow"]
    assert table.loc["16 h", "slow"] == found.figures()[5].estimate  # type: ignore[union-attr]
    down = found.pivot(
        rows="net", columns="repair", measure="store.outage_duration_mean", value="n"
    )
    assert list(down.columns) == ["4 h", "8 h", "16 h"]
    only = found.pivot(columns=[], rows="repair", net="slow")
    assert only.shape == (3, 1)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rows": "reapir"}, 'nothing is varied that is called "reapir"; did you mean "repair"?'),
        ({"rows": "repair", "columns": []}, "net: in neither rows nor columns"),
        ({"net": "slwo"}, '"net" has no value "slwo"; did you mean "slow"?'),
        ({"measure": "down"}, "'down' is no measure such as"),
        ({"measure": "store.dwn"}, 'store.dwn: no measure "dwn" of "store"; did you mean "down"?'),
        ({"value": "lowr"}, 'a figure has no value "lowr"; did you mean "lower"?'),
        ({"rows": "repair", "columns": "repair"}, '"repair" is named twice'),
        ({"rows": ["repair", "repair"]}, '"repair" is named twice'),
        ({"rows": "repair", "repair": "4 h"}, '"repair" is named twice'),
        ({"repair": "4 h", "net": "slow"}, "no dimension is left for rows or columns"),
    ],
)
def test_what_cannot_be_pivoted(found: StudyResult, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said.replace("{", r"\{").replace("?", r"\?")):
        found.pivot(**asked)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (7, "no point 7; there are 1 to 6"),
        ({"repair": "4 h"}, "repair 4 h: 2 points have them; say which net"),
        ({"repair": "5 h"}, '"repair" has no value "5 h"; did you mean'),
        ({"repiar": "4 h"}, "nothing is varied"),
    ],
)
def test_what_is_no_point(found: StudyResult, which: Any, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        found.point(which)


def test_best_ranks_and_order(found: StudyResult) -> None:
    assert dict(found.best()[0].labels) == {"repair": "4 h", "net": "quick"}
    ranks, comparisons = found.ranks()
    assert comparisons == 15
    assert str(ranks[1]) == "1"
    assert str(ranks[6]) == "6"
    assert found.order()[0] == 0
    assert found.order(highest=True)[0] == 5
    assert dict(found.best(highest=True)[0].labels) == {"repair": "16 h", "net": "slow"}


def test_points_alike_share_the_first_place(tmp_path: Path) -> None:
    vary = {"x": {"path": "parts.server.ttr", "values": ["8 h", "480 min", "40 h"]}}
    alike = sweep(small(), vary, replications=1024, workers=0, progress=False, out=tmp_path)
    assert [one.number for one in alike.best()] == [1, 2]
    assert [str(one) for one in alike.ranks()[0].values()] == ["1-2", "1-2", "3"]


def test_effects(found: StudyResult) -> None:
    effects = {(one.dimension, one.label): one for one in found.effects()}
    assert set(effects) == {("repair", "8 h"), ("repair", "16 h"), ("net", "slow")}
    series = [x.means for x in found.series() if x is not None]
    gap = np.mean([series[5] - series[4], series[3] - series[2], series[1] - series[0]], axis=0)
    assert effects["net", "slow"].estimate.value == pytest.approx(gap.mean())
    # Means of lognormal repairs of 1 day and of 6 h (p95 = 4 x median), once in two years.
    wide = np.exp((np.log(4.0) / stats.norm.isf(0.05)) ** 2 / 2)
    assert effects["net", "slow"].estimate.value == pytest.approx(9.0 * wide, rel=0.1)


def test_the_table_says_what_is_there(found: StudyResult) -> None:
    text = str(found)
    lines = text.splitlines()
    assert lines[:2] == ["Small", "Which repair?"]
    assert "store: down" in text
    assert "What each value does, all else alike, against the first one" in text
    assert "(95 % over 3 comparisons together):" in text
    assert "95 % over 15" in " ".join(lines)
    assert str(found.folder) in text.replace("\n", "")
    assert all(len(line) <= 98 for line in lines)
    assert "<td>16 h</td>" in found._repr_html_()
    assert repr(found) == "<StudyResult 'Small': 6 points, 6 done>"


def test_a_long_table_shows_both_ends() -> None:
    vary = {"x": {"path": "parts.server.ttr", "values": [f"{k} h" for k in range(1, 31)]}}
    long = sweep(small(), vary, replications=64, workers=0, progress=False)
    table = long.table()
    assert len(table.rows) == 21
    assert table.rows[10] == ("10 more",)
    assert [row[1] for row in table.rows[:2]] == ["1 h", "2 h"]
    assert table.rows[-1][1] == "30 h"
    # Fewer than 16 blocks tell nothing apart: in words, not as a rank.
    assert table.rows[0][0] == "-"
    (said,) = [one for one in table.notes if "none is ranked" in one]
    assert "it takes 1 024 terms of two points to tell them apart" in said
    with pytest.raises(ArgumentError, match="no two points have 1024 terms in common; run more"):
        long.ranks()
    assert len(long.best()) == 30


def test_text_of_a_design_is_shown_as_it_is(tmp_path: Path) -> None:
    """Names may have what others take for markup."""
    vary = {"<b> $x$ [red]": {"path": "parts.server.ttr", "values": {"[bold]a<": "4 h"}}}
    odd = sweep(
        small(), vary, replications=64, workers=0, progress=False, name="a & b", out=tmp_path
    )
    assert "[bold]a<" in str(odd)
    assert "[bold]a&lt;" in odd._repr_html_()
    assert "a &amp; b" in odd._repr_html_()
    odd.plot()


def test_csv_and_its_provenance(found: StudyResult, tmp_path: Path) -> None:
    found.to_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    frame = found.to_frame()
    assert [float(row["estimate"]) for row in rows] == frame["estimate"].tolist()
    assert rows[0]["repair"] == "4 h"
    said = json.loads((tmp_path / "out.csv.provenance.json").read_text(encoding="utf-8"))
    assert said["seed"] == 1
    assert said["points"][5]["changes"] == {"parts.server.ttr": "16 h", "parts.net.ttr": "1 day"}
    assert said["points"][5]["design"] == study_point(6).key
    assert "pacsim" in said["versions"]


def test_points_that_are_not_run_say_so(tmp_path: Path) -> None:
    part = sweep(small(), VARY, replications=64, workers=0, progress=False, only=[2], out=tmp_path)
    notes = part.to_frame()["note"].tolist()
    assert [bool(note) for note in notes] == [True, False, True, True, True, True]
    assert notes[0] == "not run yet"
    assert "5 points are not done yet: run the same again to go on." in " ".join(str(part).split())
    again = sweep(small(), VARY, replications=64, workers=0, progress=False, out=tmp_path)
    assert not any(again.to_frame()["note"])


def test_a_precision_that_is_not_reached_is_said(tmp_path: Path) -> None:
    short = sweep(
        small(), VARY, precision="0.1 %", at_most={"replications": 128}, workers=0, progress=False,
        only=[1, 2], out=tmp_path,
    )  # fmt: skip
    assert short.to_frame()["note"][0] == "less precise than asked for"
    assert "2 points are less precise than asked for" in " ".join(str(short).split())


def test_designs_are_a_dimension() -> None:
    two = [
        small(),
        small(
            name="other",
            parts={"server": {"type": "component", "ttf": "1 year", "ttr": "8 h"}},
            roles={"store": {"needs": ["server"]}},
        ),
    ]
    vary = {"x": {"path": "parts.server.ttr", "values": ["4 h", "8 h"]}}
    both = sweep(two, vary, replications=64, workers=0, progress=False)
    assert both.dimensions == {"design": ["small", "other"], "x": ["4 h", "8 h"]}
    assert both.pivot().shape == (2, 2)


def test_a_folder_for_the_time_being_goes_with_its_result() -> None:
    passing = sweep(small(), VARY, replications=64, workers=0, progress=False, only=[1])
    folder = passing.folder
    assert folder.is_dir()
    del passing
    gc.collect()
    assert not folder.exists()


def test_a_study_from_its_file_is_kept_beside_it(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(small().dump(), encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(
        "pacsim: 1\ndesigns: one.yaml\nvary: {parts.server.ttr: [4 h, 8 h]}\nreplications: 64",
        encoding="utf-8",
    )
    kept = sweep(Study.load(file), workers=0, progress=False)
    assert kept.folder == tmp_path / "mine"
    assert read(tmp_path / "mine").to_frame().equals(kept.to_frame())
    assert pacsim.read is read


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (([],), ArgumentError, "no design given"),
        ((3,), ArgumentTypeError, "3 is no design"),
        (("nowhere.yaml",), DesignError, "cannot be read"),
    ],
)
def test_what_cannot_be_swept(arguments: Any, kind: type[PacsimError], said: str) -> None:
    with pytest.raises(kind, match=said):
        sweep(*arguments, progress=False)


def test_a_study_is_all_that_is_asked() -> None:
    study = Study.of({"vary": VARY}, designs=[small()])
    with pytest.raises(ArgumentError, match="replications, seed is given as well"):
        sweep(study, replications=3, seed=2)


def test_an_interval_of_a_sampled_study_is_over_its_ranges() -> None:
    vary = {
        "x": {"path": "parts.server.ttr", "low": "2 h", "high": "20 h"},
        "y": {"path": "parts.net.ttr", "low": "2 h", "high": "20 h"},
    }
    drawn = sweep(small(), vary, sample={"points": 8}, replications=64, workers=0, progress=False)
    assert drawn.sampled
    assert drawn.effects() == []
    assert len(drawn.to_frame()) == 8
    axes = drawn.plot()
    assert axes.get_xlabel() == "x [h]"


def test_one_range_alone_is_a_line_without_effects(tmp_path: Path) -> None:
    """Values that are drawn have names of three digits, in order, and no effect each."""
    vary = {"life": {"path": "parts.server.ttf", "low": "0.01 year", "high": "5 year"}}
    drawn = sweep(
        small(), vary, sample={"points": 8}, replications=64, workers=0, progress=False,
        out=tmp_path,
    )  # fmt: skip
    assert drawn.effects() == []
    said = " ".join(str(drawn).split())
    assert "Values of life are drawn from ranges and have no effect each" in said
    assert "What each value does" not in said
    # Drawn evenly from the range, one in each eighth of it.
    numbers = [float(one.split()[0]) for one in drawn.dimensions["life"]]
    assert [int(8 * (x - 0.01) / 4.99) for x in numbers] == list(range(8))
    assert all(
        len(one.split()[0].replace(".", "").lstrip("0")) <= 3 for one in drawn.dimensions["life"]
    )
    assert {one.split()[1] for one in drawn.dimensions["life"]} == {"years"}
    assert drawn.point({"life": drawn.dimensions["life"][0]}).seen.terms == 64
    (line,) = [x for x in drawn.plot().lines if len(np.asarray(x.get_xdata())) == 8]
    assert np.asarray(line.get_xdata()).tolist() == numbers
    assert list(drawn.pivot().index) == drawn.dimensions["life"]


def test_points_of_a_sample_that_look_alike_have_more_digits() -> None:
    """Of 1.9411, 1.9412 and 2.5 years the first two need five digits."""
    rows = [(Amount(x, "year"), "fast") for x in (1.9411, 1.9412, 2.5)]
    assert [one[0] for one in sampled_labels(rows)] == ["1.9411 years", "1.9412 years", "2.5 years"]
    # Two that differ elsewhere, and two that are the same in all, stay short.
    other = [(Amount(1.9411, "h"), "fast"), (Amount(1.9412, "h"), "slow"), (Amount(1.0, "h"), "x")]
    assert [one[0] for one in sampled_labels(other)] == ["1.94 h", "1.94 h", "1 h"]


def test_points_that_are_drawn_are_on_no_grid() -> None:
    vary = {
        "x": {"path": "parts.server.ttr", "low": "2 h", "high": "20 h"},
        "y": {"path": "parts.net.ttr", "low": "2 h", "high": "20 h"},
    }
    drawn = sweep(small(), vary, sample={"points": 4}, replications=64, workers=0, progress=False)
    with pytest.raises(ArgumentError, match="points that are drawn are on no grid"):
        drawn.pivot()


def test_effects_are_signed_and_in_a_unit_for_their_size(found: StudyResult) -> None:
    """Intervals of what is less are below 0, as their figures are."""
    table = found.table()
    assert table.said.endswith("(95 % over 3 comparisons together):")
    (net,) = [one for one in table.effects if one[0] == "net"]
    effect = next(one.estimate for one in found.effects() if one.label == "slow")
    words = f"+{effect.value:.1f} h/yr (+{effect.lower:.1f} to +{effect.upper:.1f})"
    assert net == ("net", "slow", words)


def test_a_point_that_failed_is_named(tmp_path: Path) -> None:
    done = sweep(small(), VARY, replications=64, workers=0, progress=False, out=tmp_path)
    with Store(tmp_path, write=True) as store:
        store.fail(done.points[3].key, 1, "a part broke\nand more", "pacsim: 1")
    again = read(tmp_path)
    row = again.to_frame().to_dict("records")[3]
    assert np.isnan(row["estimate"])
    assert row["note"] == "failed: a part broke"
    assert "Point 4 (repair 8 h, net slow) failed: a part broke" in " ".join(str(again).split())
    assert 3 not in again.order()
    assert again.difference(4, 1).note == "one of them has no figure"
    with pytest.raises(ArgumentError, match=r'no measure "no_such" of "store"'):
        again.best("store.no_such")


def test_only_the_best_is_looked_for() -> None:
    """Repairs that differ little are told apart, long before the terms that a point may have."""
    vary = {"x": {"path": "parts.server.ttr", "values": ["4.02 h", "4 h", "16 h"]}}
    best = {"by": "store.down", "indifferent": "0.02 h/year"}
    found = sweep(small(), vary, best_of=best, workers=0, progress=False)
    assert found.chosen is not None
    assert found.best()[0].number == 2
    assert max(one.seen.terms for one in found.points) <= 4096
