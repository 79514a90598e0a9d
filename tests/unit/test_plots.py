"""The picture of a result shows the numbers of its rows."""

from __future__ import annotations

import io

import pytest
from matplotlib import rc_context

from pacsim.plots import downtime
from pacsim.results import Result, Row


def result(*designs: tuple[str, float, float, float]) -> Result:
    """Return a result with unplanned, mixed and planned hours of some designs."""
    rows = []
    for name, unplanned, mixed, planned in designs:
        total = unplanned + mixed + planned
        for measure, value in (
            ("down_unplanned", unplanned), ("down_mixed", mixed), ("down_planned", planned),
            ("down", total), ("spreadsheet_down", 1.0),
        ):  # fmt: skip
            rows.append(
                Row(
                    name,
                    "",
                    "store",
                    measure,
                    "",
                    "",
                    "h/year",
                    value,
                    0.9 * value,
                    1.1 * value,
                    9,
                    "by hand",
                )
            )
    names = tuple(name for name, *_ in designs)
    return Result(rows=tuple(rows), provenance={"role": "store"}, designs=names)


def test_bars_are_as_long_as_the_hours() -> None:
    axes = downtime(result(("one", 2.0, 0.5, 7.0), ("two", 1.0, 0.0, 0.25)))
    widths = [round(patch.get_width(), 9) for patch in axes.patches]  # type: ignore[attr-defined]
    assert widths == [2.0, 1.0, 0.5, 0.0, 7.0, 0.25]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two"]
    assert {text.get_text() for text in axes.texts} == {"9.5 h/yr", "1.2 h/yr"}
    assert axes.get_xlim()[1] > 1.1 * 9.5


def test_it_draws_where_it_is_told() -> None:
    from matplotlib.figure import Figure

    own = Figure().subplots()
    assert downtime(result(("one", 2.0, 0.5, 7.0)), ax=own) is own
    assert result(("one", 2.0, 0.5, 7.0)).plot().get_figure() is not own.get_figure()


@pytest.mark.parametrize("name", [r"for $\frac{$ a year", "$5 or $6", "a$b$"])
def test_dollars_in_a_name_are_no_formula(name: str) -> None:
    axes = downtime(result((name, 2.0, 0.5, 7.0)))
    assert [label.get_text() for label in axes.get_yticklabels()] == [name]
    figure = axes.get_figure(root=True)
    assert figure is not None
    text = io.StringIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(text, format="svg")
    assert f">{name}<" in text.getvalue()


def test_nothing_down_is_drawn_all_the_same() -> None:
    axes = downtime(result(("one", 0.0, 0.0, 0.0)))
    assert axes.get_xlim()[1] > 0
    assert "0 h/yr" in {text.get_text() for text in axes.texts}
    with pytest.raises(Exception, match="no figure"):
        downtime(result(("one", 0.0, 0.0, 0.0)), role="read")


@pytest.mark.parametrize("longest", [0, 1])
def test_the_legend_lies_on_no_bar(longest: int) -> None:
    hours = [(1.0, 0.5, 0.5), (20.0, 5.0, 9.0)]
    ax = downtime(result(("A", *hours[longest]), ("B", *hours[1 - longest])))
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(io.BytesIO())
    legend = ax.get_legend()
    assert legend is not None
    box = legend.get_window_extent()
    assert not any(bar.get_window_extent().overlaps(box) for bar in ax.patches)
    assert figure.bbox.padded(1).contains(box.x0, box.y1)
    assert figure.bbox.padded(1).contains(box.x1, box.y0)
