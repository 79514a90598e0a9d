"""``python3 -m pacsim.bootstrap`` once the environment is there: what it starts, and signals."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pacsim
from pacsim import bootstrap

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(pacsim.__file__).parents[1]
HANGING = 900.0
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and shells")
PROGRAM = """#!/bin/sh
trap 'echo answered; exit 7' INT
echo $$ "$@"
k=0
while [ $k -lt 1500 ]; do k=$((k + 1)); sleep 0.02; done
"""
"""Stands for the interpreter of the environment; it ends by itself, should nobody reach it."""
START = """
import sys
from pacsim import bootstrap
bootstrap.environment = lambda extra: sys.argv[1]
sys.exit(bootstrap.main(sys.argv[2:]))
"""


@contextlib.contextmanager
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a run by bootstrap; it ends at the end of the block."""
    program = tmp_path / "python"
    program.write_text(PROGRAM)
    program.chmod(0o700)
    command = [sys.executable, "-c", START, str(program), "run", "compare", "a b.yaml"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline()


@POSIX
@pytest.mark.usefixtures("heard")
def test_ctrl_c_is_answered_by_what_runs(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        assert first_line(running) == f"{running.pid} -m pacsim compare a b.yaml\n"
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=HANGING)
    assert said == "answered\n"
    assert running.returncode == 7


@POSIX
@pytest.mark.usefixtures("deaf")
def test_in_the_background_it_is_deaf_to_interrupts_and_ends_when_told(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        assert first_line(running).startswith(f"{running.pid} ")
        running.send_signal(signal.SIGINT)
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=HANGING)
    assert not said
    assert running.returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    ("asked", "called"),
    [
        (["test", "-k", "overlay", "-x"], ["-m", "pytest", "-k", "overlay", "-x"]),
        (["test"], ["-m", "pytest", *bootstrap.ALL_TESTS]),
        (["run", "check", "my.yaml"], ["-m", "pacsim", "check", "my.yaml"]),
        (["compare", "my.yaml"], ["-m", "pacsim", "compare", "my.yaml"]),
        (
            ["compare", "--seed", "2"],
            [
                "-m", "pacsim", "compare", "models/designs/single-server.yaml",
                "models/designs/active-active.yaml", "models/designs/active-passive.yaml",
                "--seed", "2",
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_called(
    monkeypatch: pytest.MonkeyPatch, asked: list[str], called: list[str]
) -> None:
    calls: list[list[str]] = []

    def noted(call: list[str]) -> int:
        calls.append(call)
        return 5

    monkeypatch.setattr(bootstrap, "environment", lambda _extra: "python")
    monkeypatch.setattr(bootstrap, "become", noted)
    assert bootstrap.main(asked) == 5
    assert calls == [["python", *called]]


def test_pytest_is_told_of_in_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([]) == 2
    assert "test -k " in capsys.readouterr().err
