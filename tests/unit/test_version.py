"""The version stands in one place, which everything that tells it reads."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

import pacsim
from pacsim import bootstrap
from pacsim.cli.main import application

if TYPE_CHECKING:
    import pytest

ROOT = Path(pacsim.__file__).parents[1]
HOME = Path(pacsim.__file__)
WRITTEN = re.compile(r"""^\s*(?:__version__|version)\s*[:=]\s*["']\d+\.\d+""", re.MULTILINE)


def test_it_is_written_once() -> None:
    sources = [ROOT / "pyproject.toml", *ROOT.glob("pacsim/**/*.py"), *ROOT.glob("docs/**/*.md")]
    assert [path for path in sources if WRITTEN.search(path.read_text("utf-8"))] == [HOME]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert ROOT / project["tool"]["hatch"]["version"]["path"] == HOME


def test_what_is_installed_has_it() -> None:
    """Provenance reads it there; an environment older than a new version is to be renewed."""
    assert importlib.metadata.version("pacsim") == pacsim.__version__, (
        "renew it: python3 -m pacsim.bootstrap install"
    )


def test_the_command_tells_it() -> None:
    told = CliRunner().invoke(application(), ["--version"])
    assert told.output == f"pacsim {pacsim.__version__}\n"


def test_a_new_one_renews_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap.fingerprint()
    monkeypatch.setattr(bootstrap, "__version__", "999.0")
    assert bootstrap.fingerprint() != before
