"""A measure that only some points have is absent at the others, never 0; what was not seen is 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim import StudyResult, compare, read, sweep
from pacsim.errors import ArgumentError, ArgumentTypeError, PacsimError
from pacsim.files.problems import DesignError
from tests.unit.studies.made import small

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEVER = {"type": "component", "ttf": {"exactly": "90 years"}, "ttr": "8 h"}
"""Fails in no contract of seven years."""
ROLES = {"none": {}, "read": {"roles.read": {"needs": ["server"]}}}
VARY = {
    "reading": {"values": ROLES},
    "repair": {"path": "parts.server.ttr", "values": ["8 h", "16 h"]},
}
"""Points 1 and 2 have no role read, 3 and 4 have."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    out = tmp_path_factory.mktemp("lack")
    sweep(
        small(), VARY, measures=["read.down", "store.down"], replications=1024, workers=0,
        progress=False, out=out,
    )  # fmt: skip
    # All that follows is told from the store.
    return read(out)


def test_who_has_no_such_figure_has_none(found: StudyResult) -> None:
    # Sees: a role that is missing counted as one that is never down.
    frame = found.to_frame(["read.down"])
    assert frame["estimate"].isna().tolist() == [True, True, False, False]
    assert frame["note"].tolist() == ['no role "read"', 'no role "read"', "", ""]
    assert found.order("read.down") == [2, 3]
    assert [one is None for one in found.series("read.down")] == [True, True, False, False]
    assert found.pivot(measure="read.down").isna().to_numpy().tolist() == [[True] * 2, [False] * 2]


def test_no_difference_against_who_lacks_it(found: StudyResult) -> None:
    said = r'point 1 \(reading none, repair 8 h\) has no role "read", so it has no difference'
    for pair in ((3, 1), (1, 3), (1, 1)):
        with pytest.raises(ArgumentError, match=said):
            found.difference(*pair, "read.down")
    # Repairs take twice as long, and the role needs the server alone.
    down = [one.estimate for one in found.figures("read.down") if one is not None]
    assert found.difference(4, 3, "read.down").estimate == pytest.approx(down[1] - down[0])  # type: ignore[operator]
    assert down[1] == pytest.approx(2 * down[0], rel=0.1)  # type: ignore[operator]


def test_ranks_effects_and_best_are_of_those_that_have_it(found: StudyResult) -> None:
    ranks, comparisons = found.ranks("read.down")
    assert ({n: str(one) for n, one in ranks.items()}, comparisons) == ({3: "1", 4: "2"}, 1)
    (only,) = found.effects("read.down")
    assert (only.dimension, only.label, only.pairs) == ("repair", "16 h", 1)
    assert only.estimate.value == found.difference(4, 3, "read.down").estimate
    assert [one.number for one in found.best("read.down")] == [3]
    table = found.table()
    assert [row[0] for row in table.rows] == ["1", "2", "-", "-"]
    assert table.rows[2][3] == 'no role "read"'
    assert any(
        note.startswith('Points 1, 2 have no role "read", so no rank and no part')
        for note in table.notes
    )
    assert any("95 %. All points meet the same faults." in note for note in table.notes)
    by_store = found.table(["store.down"])
    assert not any("no rank" in note for note in by_store.notes)


def test_pictures_leave_out_who_lacks_it(found: StudyResult) -> None:
    axes = found.plot("read.down")
    shown = sorted(text.get_text() for text in axes.texts)
    assert shown[:2] == ["-", "-"]
    assert "0" not in shown


def test_what_was_not_seen_is_none_and_what_was_is_not(tmp_path: Path) -> None:
    """A cause of which nothing came is 0 where it may come, absent where it is not there."""
    parts = {"server": {"type": "component", "ttf": "90 days", "ttr": "8 h"}, "spare": NEVER}
    three = [
        small(
            name="without",
            parts={"server": parts["server"]},
            roles={"store": {"needs": ["server"]}},
        ),
        small(name="with", parts=parts, roles={"store": {"needs": ["server", "spare"]}}),
        small(
            name="too", parts=parts, roles={"store": {"needs": ["server", "spare"]}}, practices={}
        ),
    ]
    name = "store.down_by_root:spare/unit"
    sweep(
        three, {}, measures=["store.down", name], replications=1024, workers=0, progress=False,
        out=tmp_path,
    )  # fmt: skip
    found = read(tmp_path)
    rows = found.to_frame([name]).to_dict("records")
    assert np.isnan(rows[0]["estimate"])
    assert rows[0]["note"] == 'no "spare/unit"'
    for row in rows[1:]:
        assert (row["estimate"], row["lower"], row["note"]) == (0.0, 0.0, "none seen in 1024 terms")
        assert row["upper"] is None
    gap = found.difference(3, 2, name)
    assert (gap.estimate, gap.lower, gap.upper) == (0.0, None, None)
    assert gap.note == "none seen in either in 1024 terms"
    with pytest.raises(ArgumentError, match=r'point 1 \(design without\) has no "spare/unit"'):
        found.difference(3, 1, name)
    # A share of the time down that was never the spare's is 0; so it is of no time down at all.
    share = found.to_frame(["store.contributor_share:spare/unit"])
    assert share["estimate"].tolist()[1:] == [0.0, 0.0]
    (cell,) = {row[-2] for row in found.table().rows if row[1] != "without"}
    assert cell == "none seen"


def test_a_mean_of_nothing_is_no_mean(tmp_path: Path) -> None:
    """Outages that never come have no mean length, and no difference of 0 in it."""
    two = [
        small(
            name=name,
            parts={"server": dict(NEVER, ttr=repair)},
            roles={"store": {"needs": ["server"]}},
        )
        for name, repair in (("short", "2 h"), ("long", "4 h"))
    ]
    found = sweep(two, {}, replications=1024, workers=0, progress=False, out=tmp_path)
    name = "store.outage_duration_mean"
    assert found.to_frame([name])["estimate"].isna().all()
    assert found.series(name) == [None, None]
    gap = found.difference(2, 1, name)
    assert (gap.estimate, gap.note) == (None, "one of them has no figure")


def test_what_is_exact_is_no_mean_of_terms(tmp_path: Path) -> None:
    """A spreadsheet's number has no terms: its difference is that of the two numbers."""
    found = sweep(
        small(parts={"server": {"type": "server", "from": "server_single_psu"}}, roles={"store": {"needs": ["server"]}}),
        {"repair": {"path": "parts.server.repair", "values": ["1 h", "9 h"]}},
        replications=1024, workers=0, progress=False, out=tmp_path,
    )  # fmt: skip
    name = "store.spreadsheet_down"
    values = [one.estimate for one in found.figures(name) if one is not None]
    gap = found.difference(2, 1, name)
    assert gap.estimate == values[1] - values[0]  # type: ignore[operator]
    assert (gap.lower, gap.note) == (None, "no paired interval of what is no mean")


ASKED: dict[str, Callable[[StudyResult, Any], object]] = {
    "difference": lambda found, name: found.difference(2, 1, name),
    "effects": lambda found, name: found.effects(name),
    "ranks": lambda found, name: found.ranks(name),
    "best": lambda found, name: found.best(name),
    "order": lambda found, name: found.order(name),
    "figures": lambda found, name: found.figures(name),
    "series": lambda found, name: found.series(name),
    "to_frame": lambda found, name: found.to_frame([name]),
    "pivot": lambda found, name: found.pivot(measure=name),
    "plot": lambda found, name: found.plot(name),
    "table": lambda found, name: found.table([name]),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("store.dwn", ArgumentError, r'no measure "dwn" of "store"; did you mean "down"\? there'),
        ("stor.down", ArgumentError, r'nobody has the name "stor"; did you mean "store"\?'),
        ("store.down_by_root:nett/unit", ArgumentError, r'did you mean "net/unit"\?'),
        ("store.down_by_root", ArgumentError, r"write store\.down_by_root:OF, of net/unit"),
        (3, ArgumentTypeError, "3 is no measure; write for example"),
    ],
)
def test_measures_of_nobody_are_refused(
    found: StudyResult, asked: str, name: Any, kind: type[PacsimError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        ASKED[asked](found, name)


def test_what_is_no_mean_has_no_ranks_and_no_effects(found: StudyResult) -> None:
    with pytest.raises(ArgumentError, match="is no mean, so points cannot be told apart by it"):
        found.ranks("store.down_year_p95")
    with pytest.raises(ArgumentError, match="is no mean, so no effect of a value on it"):
        found.effects("store.down_year_p95")


def test_one_measure_needs_no_list(found: StudyResult) -> None:
    assert found.to_frame("store.down").equals(found.to_frame(["store.down"]))
    with pytest.raises(ArgumentTypeError, match=r"\[\] names no measures"):
        found.to_frame([])


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        (lambda one: one.difference(9, 1), ArgumentError, "no point 9; there are 1 to 4"),
        (lambda one: one.difference(True, 1), ArgumentTypeError, "True is no point"),
        (lambda one: one.difference("2", 1), ArgumentTypeError, "'2' is no point; give its number"),
        (lambda one: one.difference(2, 1.0), ArgumentTypeError, "1.0 is no point"),
        (lambda one: one.difference(2, None), ArgumentTypeError, "None is no point"),
        (lambda one: one.difference(2, {"repair": "8"}), ArgumentError, 'no value "8"; '),
        (lambda one: one.difference(2, 1, comparisons=0), ArgumentError, "1 or more"),
        (lambda one: one.ranks("store.down", shown=[1, 7]), ArgumentError, "no point 7"),
        (lambda one: one.plot(x="repiar"), ArgumentError, 'did you mean "repair"'),
        (lambda one: one.plot(x="repair", y="repair"), ArgumentError, "both across and up"),
        (lambda one: one.plot(x="repair", repair="8 h"), ArgumentError, "has one value"),
        (lambda one: one.plot(reading="raed"), ArgumentError, 'did you mean "read"'),
        (lambda one: one.plot(target="4"), ArgumentTypeError, "target '4' is no number"),
        (lambda one: one.plot(target=float("nan")), ArgumentError, "target nan must be finite"),
        (lambda one: one.pivot(rows=3), ArgumentTypeError, "3 is no name of a dimension"),
        (lambda _: read(3), ArgumentTypeError, "3 is no path of a folder"),  # type: ignore[arg-type]
    ],
)
def test_arguments_that_make_no_sense(
    found: StudyResult, asked: Callable[[StudyResult], object], kind: type[PacsimError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        asked(found)


def test_a_point_may_be_of_any_kind_of_whole_number(found: StudyResult) -> None:
    assert found.point(np.int64(3)).number == 3


def test_a_precision_is_of_what_all_points_have() -> None:
    with pytest.raises(
        DesignError, match=r'point 1 \(reading none, repair 8 h\) has no role "read"'
    ):
        sweep(small(), VARY, measures=["read.down"], precision="5 %", progress=False)
    # Unless it says of what; the usual one is of a role that all have.
    other = small(name="other", roles={"read": {"needs": ["server"]}, "b": {"needs": ["net"]}})
    mine = small(name="mine", roles={"store": {"needs": ["net"]}, "b": {"needs": ["net"]}})
    done = sweep([other, mine], {}, replications=64, workers=0, progress=False)
    assert str(done.measures[0]) == "b.down_unplanned"
    best = {"by": "read.down", "indifferent": "0.1 h/year"}
    with pytest.raises(DesignError, match="nobody has the name"):
        sweep(small(), VARY, best_of=best, progress=False)


def test_compare_is_of_designs_that_have_it() -> None:
    """As in a study: whoever has no such role is in no difference, nor among the comparisons."""
    three = [
        small(name=name, roles=roles)
        for name, roles in (
            ("a", {"store": {"needs": ["server"]}, "read": {"needs": ["net"]}}),
            ("b", {"store": {"needs": ["server"]}}),
            ("c", {"store": {"needs": ["net"]}, "read": {"needs": ["server"]}}),
        )
    ]
    found = compare(three, replications=64, progress=False)
    assert {one.design for one in found.difference("read")} == {"c"}
    assert {one.method.rsplit(", ", 1)[1] for one in found.difference("read")} == {"95 %"}
    assert {one.method.rsplit(", ", 1)[1] for one in found.difference()} == {
        "95 % over 2 comparisons together"
    }
