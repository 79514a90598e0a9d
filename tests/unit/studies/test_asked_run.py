"""Arguments from Python that make no sense: in words with what helps, before anything is begun."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

import pacsim
from pacsim import progress_bar
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.progress_bar import ProgressBar
from pacsim.studies.driver import run_study
from tests.unit.studies.made import checks, small, study

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES = {"parts.server.ttr": ["2 h", "8 h"]}
FILE = Path(__file__)
BEST = {"by": "store.down", "indifferent": 1}
WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"workers": -1}, ArgumentError, "workers -1 must be 0 to 4096; 0 is for none but this"),
    ({"workers": 5000}, ArgumentError, "workers 5000 must be 0 to 4096"),
    ({"workers": 1.5}, ArgumentTypeError, "workers 1.5 must be a whole number"),
    ({"workers": "2"}, ArgumentTypeError, "workers '2' must be a whole number"),
    ({"workers": True}, ArgumentTypeError, "workers True must be a whole number"),
    ({"scheduler": 5}, ArgumentTypeError, "scheduler 5 must be an address, such as tcp://"),
    ({"scheduler": "tcp://a:1", "workers": 2}, ArgumentError, "leave them out, or scheduler"),
    ({"only": [7]}, ArgumentError, "only: point 7 must be 1 to 2"),
    ({"only": [0]}, ArgumentError, "only: point 0 must be 1 to 2"),
    ({"only": [1, 3, 4]}, ArgumentError, "point 3 must be 1 to 2\nonly: point 4 must be 1 to 2"),
    ({"only": "12"}, ArgumentTypeError, r"only '12' must be numbers of points, such as \[3, 7\]"),
    ({"only": 2}, ArgumentTypeError, "only 2 must be numbers of points"),
    ({"only": ["1"]}, ArgumentTypeError, "only: point '1' must be a whole number"),
    ({"only": []}, ArgumentError, "only names no point; leave it out for all"),
    ({"only": [1], "best_of": BEST}, ArgumentError, "best_of chooses among all points"),
    ({"seed": -1}, ArgumentError, r"seed -1 must be 0 to 2\*\*64 - 1"),
    ({"seed": "x"}, ArgumentTypeError, "seed 'x' must be a whole number"),
    ({"seed": 1 << 64}, ArgumentError, "seed 18446744073709551616 must be 0 to"),
    ({"seed": None}, ArgumentTypeError, "seed None must be a whole number"),
    ({"out": FILE}, ArgumentError, "is a file, and no folder; name another"),
    ({"out": FILE / "deeper"}, ArgumentError, f"{FILE} is a file, and no folder"),
    ({"out": 5}, ArgumentTypeError, "out 5 must be a folder"),
]


def sweep(**more: Any) -> Any:
    asked = {"replications": 64, "progress": False, **more}
    if "scheduler" not in more:
        asked.setdefault("workers", 0)
    return pacsim.sweep(small(), VALUES, **asked)


@pytest.mark.parametrize(("more", "kind", "said"), WRONG)
def test_a_sweep_is_not_begun(
    more: dict[str, Any],
    kind: type[Exception],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    if "best_of" in more:
        more = {"replications": None, **more}
    with pytest.raises(kind, match=said):
        sweep(**more)
    assert not list(tmp_path.iterdir())


RUN = [case for case in WRONG if not case[0].keys() & {"seed", "best_of", "out"}]


@pytest.mark.parametrize(("more", "kind", "said"), RUN)
def test_nor_is_a_study_that_is_run(
    more: dict[str, Any], kind: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=said):
        run_study(study(checks("2 h", "8 h")), tmp_path / "out", **more)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("only", [{2}, range(2, 3), (2,), {2: None}.keys()])
def test_numbers_of_points_in_whatever_holds_them(only: Any) -> None:
    assert [one.seen.terms for one in sweep(only=only).points] == [0, 64]


# As callers without types see them.
sensitivity: Any = pacsim.sensitivity
sobol: Any = pacsim.sobol
input_uncertainty: Any = pacsim.input_uncertainty


def two() -> list[Any]:
    return [small(), small().vary({"name": "other"})]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (lambda: sensitivity(two()), "2 designs are given, and one at a time is looked at"),
        (lambda: sobol(two(), ["a"]), "2 designs are given, and one at a time"),
        (lambda: sensitivity(small(), threads=0), "threads 0 must be 1 to 4096"),
        (lambda: input_uncertainty(small(), threads=0), "threads 0 must be 1 to 4096"),
        (lambda: input_uncertainty(small(), seed=-1), "seed -1 must be 0 to"),
        (lambda: input_uncertainty(small(), seed="x"), "seed 'x' must be a whole number"),
        (lambda: sensitivity(small(), 5), "5 is no measure; write store.down_unplanned"),
        (lambda: sobol(small(), 5), "inputs is no list of paths, 5"),
        (lambda: sobol(small(), [5, [6]]), "no input '5' with a range"),
        (lambda: sobol(small(), ["practices.times.alert", "practices.times.call"], points=1),
         "points 1 must be 16 to 4096"),
        (lambda: sobol(small(), ["practices.times.alert", "practices.times.call"], points=20),
         "points 20 must be a power of 2"),
        (lambda: pacsim.sweep([small(), small()], VALUES), "several designs are called small"),
        (lambda: input_uncertainty([small(), small()]), "several designs are called small"),
    ],
)  # fmt: skip
def test_other_studies_say_it_in_words_too(run: Callable[[], object], said: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=said):
        run()


def test_a_sweep_shows_that_its_points_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Heard(ProgressBar):
        def __enter__(self) -> Callable[[float, str], None]:
            return lambda _, text: said.append(text)

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("pacsim.studies.sweeping.ProgressBar", Heard)
    sweep(progress=True)
    assert said[:2] == ["looking at point 1", "looking at point 2"]
    assert "2 of 2 designs, 128 terms" in said
    said.clear()
    sweep(progress=False)
    assert said == []


@pytest.mark.parametrize("looked_at", [False, True])
def test_a_bar_is_shown_only_where_somebody_looks(
    looked_at: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sees: empty lines in a log, or no bar in a terminal."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=looked_at)
    monkeypatch.setattr("rich.console.Console", lambda **_: console)
    with progress_bar.ProgressBar() as show:
        show(0.5, "half way")
    assert ("half way" in written.getvalue()) is looked_at
    assert looked_at or not written.getvalue()
