"""Pictures of a study show its numbers: lines, bands, maps, the border of a target."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.errors import ArgumentError
from pacsim.plots.study_picture import DrawnPoint, DrawnStudy, study_picture
from pacsim.studies.study_drawing import drawn_dimension

if TYPE_CHECKING:
    from collections.abc import Callable

CHECK, SUCCESS, SUPPORT = ("1 s", "5 s", "1 min"), ("40 %", "95 %"), ("4 h", "next day")


def made(
    figure: Callable[..., float | None], target: float | None = None, **dimensions: tuple[str, ...]
) -> DrawnStudy:
    points = []
    for labels in itertools.product(*dimensions.values()):
        value = figure(*labels)
        ends = (None, None) if value is None else (0.9 * value, 1.2 * value)
        points.append(DrawnPoint(dict(zip(dimensions, labels, strict=True)), value, *ends))
    axes = tuple(drawn_dimension(name, labels) for name, labels in dimensions.items())
    return DrawnStudy(
        "A study", "Why?", "hours", axes, tuple(points), "{:.3g}".format, target=target
    )


def by_check(check: str, success: str = "40 %", support: str = "4 h") -> float:
    return 1.0 + CHECK.index(check) + 4 * SUCCESS.index(success) + 10 * SUPPORT.index(support)


def xs(line: Any) -> list[float]:
    return [float(x) for x in np.asarray(line.get_xdata())]


def ys(line: Any) -> list[float]:
    return [float(y) for y in np.asarray(line.get_ydata())]


def test_a_line_with_its_band_at_the_places_of_its_numbers() -> None:
    ax = study_picture(made(by_check, check=CHECK))
    (line,) = ax.lines
    assert (xs(line), ys(line)) == ([1.0, 5.0, 60.0], [1.0, 2.0, 3.0])
    assert line.get_linestyle() == "-"
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == list(CHECK)
    band = np.asarray(ax.collections[0].get_paths()[0].vertices)
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((0.9, 3.6))


def test_values_that_are_no_numbers_are_not_joined() -> None:
    ax = study_picture(made(lambda label: float(SUPPORT.index(label) + 1), support=SUPPORT))
    assert (xs(ax.lines[0]), ys(ax.lines[0])) == ([0.0, 1.0], [1.0, 2.0])
    assert ax.lines[0].get_linestyle() == "None"
    assert [text.get_text() for text in ax.get_xticklabels()] == list(SUPPORT)


def test_a_target_is_a_line() -> None:
    ax = study_picture(made(by_check, target=2.5, check=CHECK))
    assert ys(ax.lines[-1]) == [2.5, 2.5]
    assert "target 2.5" in [text.get_text() for text in ax.texts]


def test_a_map_has_its_numbers() -> None:
    ax = study_picture(made(by_check, check=CHECK, success=SUCCESS))
    assert [text.get_text() for text in ax.texts] == ["1", "2", "3", "5", "6", "7"]
    assert ax.get_xlabel() == "check"
    assert ax.get_ylabel() == "success"
    assert not ax.lines


def test_the_border_of_a_target() -> None:
    """1 2 | 3 below, 5 6 7 above: the border goes up between 2 and 3, and over 1 and 2."""
    ax = study_picture(made(by_check, target=2.5, check=CHECK, success=SUCCESS))
    drawn = {(tuple(xs(line)), tuple(ys(line))) for line in ax.lines}
    assert drawn == {
        ((1.5, 1.5), (-0.5, 0.5)),
        ((-0.5, 0.5), (0.5, 0.5)),
        ((0.5, 1.5), (0.5, 0.5)),
    }


def test_a_line_is_named_where_there_is_one() -> None:
    for target, named in ((2.5, True), (99.0, False)):
        ax = study_picture(made(by_check, target=target, check=CHECK, success=SUCCESS))
        canvas = ax.get_figure(root=True)
        assert canvas is not None
        assert ("line: " in canvas.axes[-1].get_ylabel()) == named


def test_points_left_out_are_bare() -> None:
    def figure(check: str, success: str) -> float | None:
        return None if (check, success) == ("5 s", "95 %") else by_check(check, success)

    ax = study_picture(made(figure, target=5.5, check=CHECK, success=SUCCESS))
    assert [text.get_text() for text in ax.texts] == ["1", "2", "3", "5", "-", "7"]
    # No border beside what is not known.
    assert {tuple(ys(line)) for line in ax.lines} == {(0.5, 0.5)}


def test_more_dimensions_are_several_maps_in_one_scale() -> None:
    ax = study_picture(made(by_check, check=CHECK, success=SUCCESS, support=SUPPORT))
    canvas = ax.get_figure(root=True)
    assert canvas is not None
    maps = [one for one in canvas.axes if one.images]
    assert [one.get_title() for one in maps] == ["support 4 h", "support next day"]
    assert {one.images[0].get_clim() for one in maps} == {(1.0, 17.0)}
    assert [text.get_text() for text in maps[1].texts] == ["11", "12", "13", "15", "16", "17"]


def test_too_many_maps_are_refused() -> None:
    many = tuple(f"v{k}" for k in range(13))
    with pytest.raises(ArgumentError, match="13 small pictures, more than 12"):
        study_picture(made(lambda *_: 1.0, check=CHECK, success=SUCCESS, other=many))


def test_a_study_of_one_point_and_of_none_that_is_done() -> None:
    study_picture(made(lambda: 1.0))
    study_picture(made(lambda *_: None, check=CHECK))
    study_picture(made(lambda *_: None, check=CHECK, success=SUCCESS))
