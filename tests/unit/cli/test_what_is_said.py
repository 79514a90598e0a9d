"""``check``, ``show`` and ``catalogue``, word for word on small files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pacsim.cli import main
from pacsim.cli.main import application
from pacsim.cli.show import remarks
from pacsim.design import load
from pacsim.design.catalogue_entries import catalogue
from pacsim.errors import PacsimError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """pacsim: 1
name: Good
parts:
  a: {type: server, ttf: 500 h, ttr: 10 h, reboot: {exactly: 5 min, source: stopwatch},
      boot_after_power: 5 min}
  b: {like: a}
  c: {type: component, ttf: {mttf: 9 years, status: assumed}, ttr: 1 h}
roles:
  store: {needs: [a]}
  read: {needs: [b]}
  print: {needs: [c]}
"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    return file


def say(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(application(), list(arguments))
    assert done.exit_code == code, done.output
    return done.output


def test_check_counts_and_warns(good: Path) -> None:
    """Three parts, no group, three roles, as written above; the inputs as the design has them."""
    resolved = load(good).resolved
    inputs = resolved.inputs
    assumed = [i for i in inputs if i.status == "assumed"]
    assert 0 < len(assumed) != len(inputs) / 2
    lines = say("check", str(good)).splitlines()
    assert lines[0] == (
        f"{good}: fine: 3 parts, 0 groups, 3 roles, {len(inputs)} inputs, {len(assumed)} assumed"
    )
    assert resolved.warnings
    assert lines[1:] == [f"  warning: {w}" for w in resolved.warnings]


def test_one_is_one(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        "pacsim: 1\nparts:\n  c: {type: component, ttf: 9 years, ttr: 1 h}\n"
        "roles:\n  use: {needs: [c]}\n"
    )
    assert ": fine: 1 part, 0 groups, 1 role, " in say("check", str(file))


def test_check_goes_on_after_a_bad_file(good: Path, tmp_path: Path) -> None:
    """And leaves with 1 whichever of them is bad."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("pacsim: 1\nparts:\n  a: {type: nonsense}\n")
    for files in ([bad, good], [good, bad]):
        said = say("check", *map(str, files), code=1)
        assert f"{good}: fine" in said
        assert "nonsense" in said


def test_show_ends_with_warnings_and_what_is_not_modelled(good: Path) -> None:
    resolved = load(good).resolved
    shown = say("show", str(good))
    # Nothing is monitored in it, and procedures are written unless it says that they are not.
    assert [line for line in shown.splitlines() if line.startswith("#")] == [
        "# Numbers that change nothing in this design, and why:",
        "#   practices.times.alert                        there is no monitoring",
        "#   practices.times.hidden                       there is no monitoring",
        "#   practices.times.no_procedure                 procedures are written",
        "#   practices.times.manual_success_no_procedure  procedures are written",
        "# Warnings:",
        *(f"#   {w}" for w in resolved.warnings),
    ]
    # A bundle's entry that a part does not take, with one word why.
    entry = ("parts.a", "bundle", "slot", "an.id", "because")
    object.__setattr__(resolved, "unused", (entry,))
    assert remarks(resolved)[1] == "#   parts.a.slot  an.id of bundle: because"


def test_every_word_must_occur() -> None:
    """Two words that occur in many entries each, and together in few."""
    server, failure = (set(say("catalogue", w).splitlines()) for w in ("server", "mean"))
    both = set(say("catalogue", "server mean").splitlines())
    assert both == server & failure
    assert both < server
    assert both < failure


def test_an_entry_says_which_bundles_use_it() -> None:
    """And that of no bundle says nothing of bundles."""
    known = catalogue()
    taken = {
        entry: f"{b}.{slot}" for b, ids in known.bundles.items() for slot, entry in ids.items()
    }
    used = next(iter(taken))
    free = next(name for name in known.entries if name not in taken)
    assert taken[used] in say("catalogue", used).splitlines()[-1]
    assert say("catalogue", used).splitlines()[-1].startswith("bundles    ")
    assert "bundles    " not in say("catalogue", free)


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (PacsimError("no such file"), 1, "no such file\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_the_command_leaves_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    def fails() -> None:
        raise raised

    monkeypatch.setattr(main, "application", lambda: fails)
    # A pipe that nobody reads is closed, which would close what this test reads.
    monkeypatch.setattr(sys.stderr, "close", lambda: None)
    with pytest.raises(SystemExit) as left:
        main.run()
    assert left.value.code == code
    assert capsys.readouterr().err == said


def test_the_codes_are_those_of_the_manual() -> None:
    """Fine, wrong input, usage, precision not reached, interrupted."""
    codes = (main.FINE, main.WRONG, main.USAGE, main.UNREACHED, main.INTERRUPTED)
    assert codes == (0, 1, 2, 3, 130)
