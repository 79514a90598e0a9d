"""Studies read: points of the cross and of samples, what they change, what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pacsim.design import Design, design_of
from pacsim.studies.points import key_of
from pacsim.studies.sampling import unit_cube
from pacsim.studies.study import Study
from pacsim.studies.study_values import (
    LATIN_HYPERCUBE,
    RANDOM,
    SOBOL,
    MeasureName,
    Sampling,
    Stopping,
)

ROOT = Path(__file__).parents[3]
PAIR = ROOT / "models/designs/active-passive.yaml"


def component(name: str = "one", ttr: Any = "4 h", **more: Any) -> Design:
    return design_of(
        {
            "pacsim": 1,
            "name": name,
            "parts": {
                "a": {"type": "component", "ttf": "1 year", "ttr": ttr, **more},
                "b": {"type": "component", "ttf": "2 years", "ttr": "8 h"},
                "team": {"type": "crew", "size": 2, "respond": "10 min"},
            },
            "roles": {"store": {"needs": ["a", "b"]}},
        }
    )


def of(vary: Any = None, *designs: Design, **more: Any) -> Study:
    plain = {"vary": vary, **more} if vary is not None else more
    return Study.of(plain, designs=designs or [component()])


def said(study: Study) -> list[str]:
    return [str(point) for point in study.points]


def test_the_cross_in_order() -> None:
    study = of(
        {"x": {"path": "parts.a.ttr", "values": ["1 h", "2 h"]}, "parts.b.ttr": ["3 h", "4 h"]}
    )
    assert said(study) == [
        "point 1 (x 1 h, parts.b.ttr 3 h)",
        "point 2 (x 1 h, parts.b.ttr 4 h)",
        "point 3 (x 2 h, parts.b.ttr 3 h)",
        "point 4 (x 2 h, parts.b.ttr 4 h)",
    ]
    assert study.points[2].changes == {"parts.a.ttr": "2 h", "parts.b.ttr": "3 h"}


def test_designs_are_the_slowest_dimension() -> None:
    study = of(
        {"x": {"path": "parts.a.ttr", "values": ["1 h", "2 h"]}}, component("p"), component("q")
    )
    assert said(study)[1:3] == ["point 2 (design p, x 2 h)", "point 3 (design q, x 1 h)"]


def test_what_is_left_out() -> None:
    cross = {
        "x": {"path": "parts.a.ttr", "values": ["1 h", "2 h"]},
        "y": {"path": "parts.b.ttr", "values": ["3 h", "4 h"]},
    }
    study = of(cross, **{"except": [{"x": "1 h", "y": "4 h"}, {"x": "2 h"}]})
    assert said(study) == ["point 1 (x 1 h, y 3 h)"]


def test_nothing_varied_is_one_point() -> None:
    (point,) = of().points
    assert str(point) == "point 1"
    assert point.key == key_of(component())


def test_several_paths_go_together_and_values_may_have_names() -> None:
    study = of({"x": {"paths": ["parts.a.ttr", "parts.b.ttr"], "values": {"quick": "1 h"}}})
    assert dict(study.points[0].labels) == {"x": "quick"}
    assert study.points[0].changes == {"parts.a.ttr": "1 h", "parts.b.ttr": "1 h"}


def test_what_is_not_there_need_not_be_taken_away() -> None:
    """The overlay of the example that every base without drills meets."""
    drills = {"values": {"none": {"practices.failover_tests": None}, "as it is": {}}}
    study = of({"drills": drills})
    assert [dict(point.changes) for point in study.points] == [{}, {}]
    assert study.points[0].key == study.points[1].key


def test_a_value_taken_away_is_gone() -> None:
    study = of({"spare": {"values": {"gone": {"parts.a.fails": None, "parts.a.ttf": "3 years"}}}})
    assert study.points[0].design.resolved.parts["a"].law("fails").mean() == pytest.approx(
        3 * 8760 * 3600
    )


def test_a_value_of_its_own_is_allowed_and_said() -> None:
    study = of({"x": {"path": "parts.a.ttr", "values": ["240 min", "2 h"]}})
    assert study.notes == ('x: 240 min is what "one" has already',)


def test_keys_are_those_of_the_designs() -> None:
    # Sees: a key of the changes alone, or of the name.
    study = of(
        {"x": {"path": "parts.a.ttr", "values": ["1 h", "2 h"]}}, component("p"), component("q")
    )
    first, second, third, fourth = (point.key for point in study.points)
    assert (first, second) == (third, fourth)
    assert first == key_of(component().vary({"parts.a.ttr": "1 h"})) != second


def test_files_are_beside_the_study(tmp_path: Path) -> None:
    support = tmp_path / "own-support.yaml"
    support.write_text("name: mine\nresponse: {exactly: 3 h}\n", encoding="utf-8")
    study_file = tmp_path / "study.yaml"
    study_file.write_text(
        f"pacsim: 1\ndesigns: [{PAIR}]\nvary: {{support: {{path: practices.support, values: [own-support.yaml]}}}}",
        encoding="utf-8",
    )
    study = Study.load(study_file)
    assert dict(study.points[0].labels) == {"support": "own-support"}
    response = study.points[0].design.resolved.practices["support"]["response"]
    assert response.law.quantile(0.5) == 3 * 3600.0
    assert (study.name, study.file) == ("study", str(study_file))


def test_what_stops_a_point() -> None:
    down = MeasureName("store", "down")
    assert of().stopping == Stopping(MeasureName("store", "down_unplanned"), 0.05)
    assert of(measures=["store.down"]).stopping == Stopping(down, 0.05)
    assert of(precision="2 %", measures=["store.down"]).stopping == Stopping(down, 0.02)
    assert of(precision={"of": "store.down"}).stopping == Stopping(down, 0.05)
    assert of(precision={"of": "store.down"}).measures == (down,)
    assert of(replications="2 000").stopping == Stopping(None, None, 2000, 2000)
    bound = {"replications": 512, "seconds_each": "1 min"}
    assert of(at_most=bound).stopping == Stopping(
        MeasureName("store", "down_unplanned"), 0.05, None, 512, 60.0
    )


def test_a_best_stops_by_its_own_measure() -> None:
    study = of(
        vary={"parts.b.ttr": ["8 h", "9 h"]},
        best_of={
            "by": "store.down",
            "best": "highest",
            "certainty": "90 %",
            "indifferent": "0.5 h/year",
        },
    )
    assert study.best_of is not None
    assert (study.best_of.lowest, study.best_of.certainty, study.best_of.indifferent) == (
        False,
        0.9,
        0.5,
    )
    assert study.stopping.of == MeasureName("store", "down")


@pytest.mark.parametrize(
    "text", ["store.down", "store.down_by_root:mains/outage", "overall.p_any_loss"]
)
def test_a_measure_is_written_as_it_is_read(text: str) -> None:
    assert str(MeasureName.read(text)) == text


@pytest.mark.parametrize("text", ["store", ".down", "store.", "a.b.c", "store.down:", ""])
def test_what_is_no_measure(text: str) -> None:
    with pytest.raises(ValueError, match="is no measure such as"):
        MeasureName.read(text)


def sampled(method: str, points: int = 8, seed: int = 1, **more: Any) -> Study:
    vary = {
        "lin": {"path": "parts.a.ttr", "low": "60 min", "high": "3 h"},
        "log": {"path": "parts.b.ttr", "low": "1 h", "high": "100 h", "scale": "log"},
        "crew": {"path": "parts.team.size", "low": 1, "high": 4},
        "ttf": {"path": "parts.a.ttf", "values": ["1 year", "2 years"]},
    }
    return of(vary, sample={"method": method, "points": points, "seed": seed}, **more)


@pytest.mark.parametrize("method", [LATIN_HYPERCUBE, SOBOL, RANDOM])
def test_drawn_points_lie_in_their_ranges(method: str) -> None:
    study = sampled(method, 64)
    assert len(study.points) == 64
    lin, log, crew = (
        [point.changes[path] for point in study.points]
        for path in ("parts.a.ttr", "parts.b.ttr", "parts.team.size")
    )
    minutes = np.array([float(x.removesuffix(" min")) for x in lin])
    hours = np.array([float(x.removesuffix(" h")) for x in log])
    assert 60 <= minutes.min() < 90
    assert 150 < minutes.max() <= 180
    # Half of them below the geometric mean.
    assert 16 <= np.count_nonzero(hours < 10.0) <= 48
    assert set(crew) == {1, 2, 3, 4}
    again, other = sampled(method, 64), sampled(method, 64, seed=2)
    assert [point.key for point in again.points] == [point.key for point in study.points]
    assert [point.key for point in other.points] != [point.key for point in study.points]


@pytest.mark.parametrize("method", [LATIN_HYPERCUBE, SOBOL])
def test_one_point_in_each_stratum(method: str) -> None:
    """What both plans promise: each of n slices of a side holds one of n points."""
    cube = unit_cube(Sampling(method, 16, 5), 3)
    for column in (16 * cube).astype(int).T:
        assert sorted(column) == list(range(16))


def test_listed_values_of_a_sample_have_equal_shares() -> None:
    study = sampled(LATIN_HYPERCUBE, 64)
    labels = [point.labels["ttf"] for point in study.points]
    assert labels.count("1 year") == labels.count("2 years") == 32


def test_a_range_of_the_numbers_own_origin() -> None:
    ttr = {"median": "4 h", "p95": "16 h", "low": "2 h", "high": "8 h"}
    study = of(
        {"x": {"path": "parts.a.ttr", "values": "range"}}, component(ttr=ttr), sample={"points": 4}
    )
    for point in study.points:
        form = point.changes["parts.a.ttr"]
        median, p95 = (float(form[key].removesuffix(" h")) for key in ("median", "p95"))
        assert 2 <= median <= 8
        assert p95 == pytest.approx(4 * median, rel=1e-5)
        assert float(point.labels["x"].removesuffix(" h")) == pytest.approx(median, rel=5e-3)


def test_each_design_gets_the_same_draws() -> None:
    vary = {"x": {"path": "parts.a.ttr", "low": "1 h", "high": "2 h"}}
    study = of(vary, component("p"), component("q"), sample={"points": 3})
    labels = [point.labels["x"] for point in study.points]
    assert labels[:3] == labels[3:]
    assert len(set(labels)) == 3


def test_numbers_of_numpy_from_a_loop() -> None:
    study = of({"parts.team.size": list(np.arange(1, 3))})
    assert said(study) == ["point 1 (parts.team.size 1)", "point 2 (parts.team.size 2)"]


def test_progress_is_told_of() -> None:
    seen: list[int] = []
    Study.of({"vary": {"parts.team.size": [1, 2, 3]}}, designs=[component()], progress=seen.append)
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    ("by", "best", "lowest"),
    [
        ("store.down", None, True),
        ("store.p_year_within_99_9", None, False),
        ("store.p_year_within_99_9", "lowest", True),
        ("store.down", "highest", False),
    ],
)
def test_the_best_is_on_the_good_side_unless_it_is_said(
    by: str, best: str | None, lowest: bool
) -> None:
    # Sees: the worst of all designs told as the best, where more is better.
    asked = {"by": by, "indifferent": 0.1} | ({} if best is None else {"best": best})
    study = of({"parts.a.ttr": ["1 h", "2 h"]}, component(), best_of=asked)
    assert study.best_of is not None
    assert study.best_of.lowest == lowest


def test_what_the_best_is_chosen_by_is_shown() -> None:
    asked = {"by": "store.outages", "indifferent": 0.1}
    study = of({"parts.a.ttr": ["1 h", "2 h"]}, component(), best_of=asked)
    assert study.measures == (MeasureName("store", "outages"),)


@pytest.mark.parametrize(
    ("by", "written"),
    [
        ("store.down", "0.1 h/year"),
        ("store.down", "0.1 h/yr"),
        ("store.down", 0.1),
        ("store.outages", "0.1 /year"),
        ("store.outages", "0.1 1/year"),
        ("store.p_year_within_99_9", "10 %"),
    ],
)
def test_a_difference_in_the_unit_of_the_measure(by: str, written: Any) -> None:
    asked = {"by": by, "indifferent": written}
    study = of({"parts.a.ttr": ["1 h", "2 h"]}, component(), best_of=asked)
    assert study.best_of is not None
    assert study.best_of.indifferent == 0.1


def test_whole_numbers_on_a_logarithmic_scale() -> None:
    """Of 1 to 7 one third is 1, one third 2 or 3, one third 4 to 7."""
    # Sees: a scale that is asked for and not used, where only whole numbers will do.
    ends = {"path": "parts.team.size", "low": 1, "high": 7}
    sample = {"points": 300, "method": "latin_hypercube"}
    study = of({"x": ends | {"scale": "log"}}, sample=sample)
    drawn = np.array([point.changes["parts.team.size"] for point in study.points])
    assert [int(np.sum((drawn >= a) & (drawn < 2 * a))) for a in (1, 2, 4)] == [100, 100, 100]
    evenly = of({"x": ends}, sample=sample)
    drawn = np.array([point.changes["parts.team.size"] for point in evenly.points])
    assert np.ptp(np.bincount(drawn)[1:]) <= 1
