"""``pacsim sensitivity``: the table, the picture and the file of it; what is refused."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from typer.testing import CliRunner

import pacsim
from pacsim.cli.main import application

if TYPE_CHECKING:
    from pathlib import Path

DESIGN = """\
pacsim: 1
name: Two in series
parts:
  a: {type: component, ttf: {exactly: 6 years}, ttr: {exactly: 4 h, low: 2 h, high: 7 h, status: assumed}}
  b: {type: component, ttf: {exactly: 5 years}, ttr: {exactly: 1 h, low: 30 min, high: 2 h, status: vendor}}
roles: {store: {needs: [a, b]}}
"""


@pytest.fixture
def design(tmp_path: Path) -> Path:
    file = tmp_path / "two.yaml"
    file.write_text(DESIGN)
    return file


def say(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(application(), ["sensitivity", *(str(x) for x in arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_table_picture_and_file(design: Path, tmp_path: Path) -> None:
    """Each part fails once in seven years, for as long as is written."""
    picture, rows = tmp_path / "t.png", tmp_path / "t.csv"
    code, said = say(design, "--to", picture, "--csv", rows)
    assert code == 0
    lines = said.splitlines()
    assert lines[0].startswith("Two in series: store.down (down), 0.71 h/year")
    table = [re.split(r"  +", line) for line in lines[4:7]]
    assert table[0] == ["input", "is", "low", "moves by", "high", "moves by"]
    # 2 h less and 3 h more, by seven years; half an hour less and one more.
    assert table[1] == [
        "ttr of a *",
        "4 h",
        "2 h",
        "-0.29 (-0.29 to -0.29)",
        "7 h",
        "+0.43 (+0.43 to +0.43)",
    ]
    assert table[2] == [
        "ttr of b",
        "1 h",
        "0.5 h",
        "-0.071 (-0.071 to -0.071)",
        "2 h",
        "+0.14 (+0.14 to +0.14)",
    ]
    assert "* assumed" in said
    assert picture.read_bytes().startswith(b"\x89PNG")
    found = list(csv.DictReader(rows.read_text().splitlines()))
    assert [(x["input"], x["end"], round(7 * float(x["difference"]), 9)) for x in found[:4]] == [
        ("ttr of a", "low", -2.0), ("ttr of a", "high", 3.0), ("ttr of b", "low", -0.5), ("ttr of b", "high", 1.0),
    ]  # fmt: skip
    assert (found[0]["paths"], found[0]["status"]) == ("parts.a.ttr", "assumed")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--measure", "store.down_p95"), 'store.down_p95 is no mean over the terms of Two in series; did you mean "store.down"?'),
        (("--measure", "down"), "'down' is no measure such as store.down_unplanned"),
        (("--precision", "0 %"), "precision '0 %' must lie between 0 and 1"),
        (("--to", "t.gif"), "t.gif: no picture of this kind; name it with one of .png, .svg, .pdf"),
        (("--csv", "/nowhere/t.csv"), "/nowhere/t.csv"),
        (("--threads", "0"), "threads 0 must be 1 to 4096"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    design: Path, options: tuple[str, ...], expected: str
) -> None:
    code, said = say(design, *options)
    assert (code, expected in said) == (2, True), said


def test_nothing_has_a_range(tmp_path: Path) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("pacsim: 1\n")
    code, said = say(file)
    assert (code, said) == (2, "bare declares no roles, so nothing is measured; add roles:\n")


def test_the_picture_has_a_bar_for_each(design: Path) -> None:
    found = pacsim.sensitivity(design, progress=False)
    ax = found.plot()
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["ttr of a *", "ttr of b"]
    base = found.base.value
    assert base is not None
    # Bars from the base, low ends first, from the top.
    drawn = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    ends = [(bar.get_x(), 7 * bar.get_width()) for bar in drawn]
    assert [x for x, _ in ends] == pytest.approx([base] * 4)
    assert [x for _, x in ends] == pytest.approx([-2.0, -0.5, 3.0, 1.0])
    assert {text.get_text() for text in ax.texts} == {"2 h", "7 h", "0.5 h"}
    assert ax.get_xlabel() == "store.down of Two in series, h/year; as it is 0.71"


def test_long_names_are_not_cut_in_the_picture(tmp_path: Path) -> None:
    # Sees: a label wider than the picture; a title under the legend.
    long, words = "-".join(["part"] * 16), " ".join(["variant"] * 20)
    file = tmp_path / "long.yaml"
    text = DESIGN.replace("Two in series", words).replace("  a:", f"  {long}:")
    file.write_text(text.replace("[a, b]", f"[{long}, b]"))
    ax = pacsim.sensitivity(file, progress=False).plot()
    figure = ax.get_figure(root=True)
    assert figure is not None
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    width = figure.bbox.width
    legend, label = ax.get_legend(), ax.xaxis.label
    assert legend is not None
    title = next(text for text in ax.findobj(Text) if text.get_text().startswith("* assumed"))
    for one in (label, title, legend, *ax.get_yticklabels(), *ax.texts):
        box = one.get_window_extent()
        assert box.x0 >= -1.0
        assert box.x1 <= width + 1.0
    assert not title.get_window_extent().overlaps(legend.get_window_extent())
    assert label.get_text().replace("\n", " ").endswith("as it is 0.71")
