"""The picture of a window shows what its tables say, and can be read: in grey, nothing on another."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from pacsim.plots import episode
from pacsim.plots.figures import FORMS, drawn
from pacsim.plots.window_curves import BARS, FEW, MOST_BARS, SHADES, ranked
from pacsim.plots.window_marks import placed_marks, text_width
from pacsim.plots.window_picture import LOOKS, OTHER_MEMBERS, USUAL, title
from pacsim.traffic.client_tables import Dial
from pacsim.traffic.episode_curves import ModalityCurves, StepCurve
from pacsim.traffic.episode_marks import Moment
from tests.oracle.traffic.one_window import window
from tests.oracle.traffic.scenes import BALANCED, HUNG, TEN, UP, exam, modality
from tests.oracle.traffic.test_episode import FAILOVER, failover

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

    from pacsim.traffic.episode import Episode

MARKS, ARCHIVE, CLIENTS, QUEUE, UNSENT, OPERATIONS, WAITING = range(7)


def widths(ax: Axes) -> list[tuple[str, float, float]]:
    """Return the bars: name beside them, from where to where."""
    names = [label.get_text() for label in ax.get_yticklabels()]
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    return [
        (
            names[round(bar.get_y() + bar.get_height() / 2)],
            bar.get_x(),
            bar.get_x() + bar.get_width(),
        )
        for bar in bars
    ]


def line(ax: Axes, name: str) -> list[tuple[float, float]]:
    """Return the points of a line by its name."""
    (one,) = [x for x in ax.lines if x.get_label() == name]
    return [(float(x), float(y)) for x, y in np.asarray(one.get_xydata())]


def test_bars_are_the_spans() -> None:
    ax = episode(failover())
    # Drawn from 60 s before the fault; in minutes.
    rows = [(name, round(60 * a, 6), round(60 * b, 6)) for name, a, b in widths(ax[ARCHIVE])]
    assert ("a", -60.0, 0.0) in rows
    assert [row for row in rows if row[0] == "address"] == [
        ("address", -60.0, 12.0),
        ("address", 12.0, 30.0),
        ("address", 30.0, 240.0),
    ]
    rows = [(name, round(60 * a, 6), round(60 * b, 6)) for name, a, b in widths(ax[CLIENTS])]
    assert rows == [
        ("modality, s", -60.0, 0.0),
        ("modality, s", 0.0, 30.0),
        ("modality, s", 30.0, 240.0),
    ]
    (failed,) = [x for x in ax[CLIENTS].lines if x.get_marker() == "|"]
    assert np.asarray(failed.get_xdata()).tolist() == pytest.approx([51.0 / 60.0])


def test_lines_are_the_queues() -> None:
    ax = episode(failover())
    left, right = (60.0 * x for x in ax[QUEUE].get_xlim())
    assert (left, right) == pytest.approx((-60.0, 184.0))
    steps = [(-60.0, 0.0), (-11.0, 1.0), (20.0, 2.0), (122.0, 1.0), (124.0, 0.0), (184.0, 0.0)]
    assert line(ax[QUEUE], "_CT") == [pytest.approx((x / 60.0, y)) for x, y in steps]
    twin = [(-60.0, 0.0), (-11.0, 1.0), (10.0, 0.0), (20.0, 1.0), (22.0, 0.0), (184.0, 0.0)]
    assert line(ax[QUEUE], "_CT without") == [pytest.approx((x / 60.0, y)) for x, y in twin]
    (dotted,) = [x for x in ax[QUEUE].lines if x.get_label() == "_CT without"]
    assert dotted.get_linestyle() == ":"
    most = max(y for _, y in line(ax[UNSENT], "_CT"))
    assert most == pytest.approx(1.0000002)


def test_stairs_are_the_minutes() -> None:
    found = failover()
    ax = episode(found)
    shown: list[Any] = list(ax[OPERATIONS].patches)
    stairs = {one.get_label(): one.get_data() for one in shown}
    assert list(stairs) == ["served", "slow", "failed"]
    for name, data in stairs.items():
        assert (data.values - data.baseline).tolist() == found.minutes[name].tolist()
        assert data.edges.tolist() == [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
    steps = np.asarray(ax[WAITING].lines[0].get_xydata()).tolist()
    assert steps == [[0.0, 0.0], [1.0, 2.0], [2.0, 1.0], [3.0, 0.0], [4.0, 0.0]]


@pytest.mark.parametrize(
    ("size", "unit", "most"),
    [(1e8, "GB", 1.0), (1e5, "MB", 1.0), (50.0, "kB", 0.5), (1e12, "TB", 10)],
)
def test_bytes_are_shown_in_their_unit(size: float, unit: str, most: float) -> None:
    found = window(
        [modality()], [exam(20.0, items=10, size=size)], FAILOVER, [(0.0, 30.0, "host")], end=240.0
    )
    ax = episode(found)
    assert ax[UNSENT].get_ylabel() == f"{unit} not\nyet stored"
    assert max(y for _, y in line(ax[UNSENT], "_CT")) == pytest.approx(most)


def test_marks_are_lines_with_words() -> None:
    ax = episode(failover())
    said = [text.get_text() for text in ax[MARKS].texts]
    assert said == [
        "fault",
        "detected after 12 s",
        "switched, serving after 30 s",
        "backlog gone after 2.1 min",
    ]
    for one in ax[1:]:
        points = [np.asarray(x.get_xydata()) for x in one.lines]
        at = [60.0 * float(x[0, 0]) for x in points if x.shape == (2, 2) and x[0, 0] == x[1, 0]]
        assert at == pytest.approx([0.0, 12.0, 30.0, 124.0])
    assert ax[WAITING].get_xlabel() == "min after the fault"


def test_many_minutes_are_means_of_several() -> None:
    found = failover()
    many = np.zeros(2 * MOST_BARS + 1, dtype=found.minutes.dtype)
    many["start"] = found.fault - 60.0 + 60.0 * np.arange(len(many))
    many["failed"] = np.arange(len(many))
    end = float(many["start"][-1]) + 60.0
    later = (*found.marks, Moment("serving 2", end - 1.0))
    ax = episode(replace(found, minutes=many, end=end, marks=later))
    failed = ax[OPERATIONS].patches[-1].get_data()  # type: ignore[attr-defined]
    assert len(failed.values) < MOST_BARS
    each = np.diff(failed.edges) * 60.0  # Its x axis is in hours.
    assert (failed.values * each).sum() == pytest.approx(many["failed"].sum())


def test_it_is_written_in_every_form() -> None:
    ax = episode(failover())
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for form in FORMS:
        assert drawn(ax[0], form).startswith(begins[form])
    again = episode(failover())
    assert drawn(again[0], "svg")[:2000] == drawn(ax[0], "svg")[:2000]


# Can it be read?


def pool() -> Episode:
    """Two members behind two balancers, with names that are long or look like formulas."""
    changes = [(0.0, "member.a", HUNG), (5.0, "listed.a", 0), (100.0, "member.a", UP)]
    changes += [(104.0, "listed.a", 1), (200.0, "holder", -1), (203.0, "holder", 1)]
    faults = [(0.0, 104.0, "hung"), (200.0, 203.0, "host")]
    name = r"Pool for $\frac{$ with a name that is longer than what fits in one line " * 3
    exams = [exam(float(at), items=10 + at, station=k) for k in range(7) for at in (-30, 20, 150)]
    clients = [modality(f"{code}-1") for code in ("CT", "MR", "US", "DX", "MG", "NM", "XA")]
    return window(clients, exams, changes, faults, BALANCED, end=600.0, dial=Dial(), name=name)


def late() -> Episode:
    """What is marked last is at the very end, and has a long label."""
    found = failover()
    last = Moment("switched, and more, and serving, and backlog gone", TEN + 239.0)
    return replace(found, marks=(*found.marks, last))


def boxes(ax: tuple[Axes, ...]) -> list[tuple[str, Bbox]]:
    """Return the text of a picture with what it covers."""
    figure = ax[0].get_figure(root=True)
    assert figure is not None
    figure.savefig(io.BytesIO())
    texts = [*figure.texts]
    for one in ax:
        texts += [*one.texts, one.xaxis.label, one.yaxis.label, one._left_title]  # type: ignore[attr-defined]
        if one.axison:
            # Those out of view are not drawn.
            low, high = sorted(one.get_ylim())
            texts += [x for x in one.get_yticklabels() if low <= x.get_position()[1] <= high]
            low, high = one.get_xlim()
            texts += [x for x in one.get_xticklabels() if low <= x.get_position()[0] <= high]
        key = one.get_legend()
        texts += key.get_texts() if key else []
    shown = [text for text in texts if text.get_visible() and text.get_text()]
    return [(text.get_text(), text.get_window_extent()) for text in shown]


@pytest.mark.parametrize("make", [failover, pool, late])
def test_no_word_lies_on_another_or_outside(make: object) -> None:
    ax = episode(make())  # type: ignore[operator]
    found = boxes(ax)
    for (one, a), (two, b) in itertools.combinations(found, 2):
        # A point of room on each side may be shared.
        over = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (over[0] > 1.0 and over[1] > 1.0), (one, two)
    figure = ax[0].get_figure(root=True)
    assert figure is not None
    outside = [said for said, box in found if not figure.bbox.padded(2.0).fully_containsx(box.x1)]
    assert outside == []
    assert all(box.x0 >= -2.0 for _, box in found)


def test_names_are_no_formulas() -> None:
    ax = episode(pool())
    figure = ax[0].get_figure(root=True)
    assert figure is not None
    assert r"$\frac{$" in figure.texts[0].get_text()
    assert not figure.texts[0].get_parse_math()


def luma(colour: str) -> float:
    """Return how bright a colour is in grey."""
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def told_apart(looks: list[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return the pairs of looks that are the same in grey."""
    return [
        (a, b)
        for a, b in itertools.combinations(looks, 2)
        if a[1] == b[1] and abs(luma(a[0]) - luma(b[0])) < 0.08
    ]


def test_grey_is_enough() -> None:
    members = [LOOKS[x][:2] for x in ("silent", "hung", "refuses", "erroring")]
    clients = [LOOKS[x][:2] for x in ("planned move", "some served", "nobody listed", "not served")]
    assert told_apart([*members, *clients, USUAL]) == []
    assert told_apart([LOOKS["nobody"][:2], LOOKS["planned move"][:2], USUAL, *OTHER_MEMBERS]) == []
    assert told_apart([bar[1:] for bar in BARS]) == []
    assert told_apart([(shade, "") for shade in SHADES[:4]]) == []
    assert told_apart([("#808080", ""), ("#858585", "")]) != []


# Which lines, and where words go


def curve(*points: tuple[float, float]) -> StepCurve:
    times, values = zip(*points, strict=True)
    return StepCurve(np.array(times), np.array(values))


def test_the_modalities_that_differ_most_have_lines_of_their_own() -> None:
    nothing = curve((0.0, 0.0))
    several = []
    for k in range(7):
        own = curve((0.0, 0.0), (1.0 + k, float(k)))
        several.append(ModalityCurves(f"M{k}", own, nothing, own, nothing))
    found = ranked(several)
    # M0 has no exam at all; M1 and M2 are summed.
    assert [one.modality for one in found] == ["M6", "M5", "M4", "M3", "2 others"]
    assert len(found) == FEW + 1
    rest = found[-1].queue
    assert list(zip(rest.times.tolist(), rest.values.tolist(), strict=True)) == [
        (0.0, 0.0),
        (2.0, 1.0),
        (3.0, 3.0),
    ]


def test_a_label_stands_above_the_lines_that_it_passes() -> None:
    marks = [Moment("fault", 0.0), Moment("detected", 10.0), Moment("serving", 5000.0)]
    found = placed_marks(marks, 0.0, lambda time: time, 8.0)
    # The word at 0 passes the line at 10, that at 10 ends long before 5 000 points.
    assert [one.row for one in found] == [1, 0, 0]
    assert text_width("fault", 8.0) > 10.0
    same = placed_marks([Moment("switched", 3.0), Moment("serving", 3.0)], 0.0, float, 8.0)
    assert [one.text for one in same] == ["switched, serving after 3 s"]


def test_marks_of_so_many_divergences_are_left_out() -> None:
    marks = [Moment("fault", 0.0), Moment("serving", 100.0)]
    marks += [
        Moment(f"{what} {k}", 100.0 * k + at)
        for k in range(2, 9)
        for what, at in (("fault", 0.0), ("serving", 50.0))
    ]
    marks.append(Moment("backlog gone", 2000.0))
    said = [one.text for one in placed_marks(marks, 0.0, float, 8.0)]
    assert said[0] == "fault"
    assert "backlog gone after 33 min" in said
    assert not any("fault 5" in one for one in said)
    assert any("fault 4" in one for one in said)


def test_the_title_counts() -> None:
    found = failover()
    assert title(found) == (
        "by hand, term 3, Fri 2027-01-01 10:00:00\n"
        "began with root (host); 2 exams late by over a minute; from 10:04 on all is as without it"
    )
    exams = found.exams._replace(late=1, lost=3, blocked=2)
    told = title(replace(found, exams=exams, censored=True, overlapped=2, root=""))
    assert " ".join(told.splitlines()[1:]) == (
        "began with no single cause (host), 2 more before it was over; 1 exam late by over a minute, "
        "3 lost at the scanner, 2 not made; the term ended at 10:04"
    )


def test_very_many_failures_are_few_marks() -> None:
    """A week of a hundred thousand failures: a page that keeps and draws each had 50 MB."""
    one = failover()
    many = tuple(TEN + 0.001 * k for k in range(100_000))
    (lane,) = one.clients
    full = replace(one, clients=(lane._replace(failures=many),))
    (kept,) = full.kept().clients
    # The first in each thousandth of the window, which lasts 300 s.
    assert len(kept.failures) == 334
    assert kept.failures[:2] == [TEN, TEN + 0.3]
    (marks,) = [x for x in episode(full)[CLIENTS].lines if x.get_marker() == "|"][:1]
    assert 500 < np.size(marks.get_xdata()) <= 2000
