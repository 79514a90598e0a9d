"""What is public, and what importing it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pacsim
from pacsim.errors import PacsimError

HEAVY = ("numba", "simpy", "scipy", "matplotlib", "pandas", "numpy", "typer", "yaml", "jinja2")


def test_public_names() -> None:
    names = [
        "Design", "DesignError", "ModelBuilder", "PacsimError", "Result", "Study", "StudyResult",
        "compare", "diff", "episode", "history", "input_uncertainty", "load", "read", "replay",
        "report", "run", "sensitivity", "sobol", "sweep",
    ]  # fmt: skip
    assert pacsim.__all__ == names
    assert dir(pacsim) == sorted([*names, "__version__"])
    for name in names:
        assert getattr(pacsim, name).__doc__, name
    assert issubclass(pacsim.DesignError, PacsimError)
    with pytest.raises(AttributeError, match="public names: Design, "):
        pacsim.simulate  # noqa: B018


def loaded(code: str) -> set[str]:
    """Return which heavy modules a fresh interpreter has loaded after running some code."""
    listing = f"import sys; {code}; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split()) & set(HEAVY)


def test_importing_loads_nothing_heavy() -> None:
    assert loaded("import pacsim") == set()
    assert not loaded("import pacsim.core") & {"numba", "simpy", "matplotlib", "pandas", "scipy"}
    help_only = "from pacsim.cli.main import application; application()"
    assert not loaded(help_only) & (set(HEAVY) - {"typer"})


def test_loading_a_design_needs_no_engine() -> None:
    code = "import pacsim; pacsim.load('models/designs/single-server.yaml')"
    assert not loaded(code) & {"numba", "simpy", "matplotlib", "pandas"}


def test_public_names_outlive_the_import_of_everything() -> None:
    """A module of the name of a function would take its place once it is imported."""
    code = (
        "import importlib, pkgutil, types, pacsim\n"
        "for found in pkgutil.walk_packages(pacsim.__path__, 'pacsim.'):\n"
        "    if not found.name.endswith('__main__'):\n"
        "        importlib.import_module(found.name)\n"
        "print(*(n for n in pacsim.__all__ if isinstance(getattr(pacsim, n), types.ModuleType)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
