"""The notebooks run from top to bottom in a fresh kernel, and show what they promise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert [file.name for file in NOTEBOOKS][:1] == ["01-first-comparison.ipynb"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the client's own libraries
@pytest.mark.parametrize("file", NOTEBOOKS, ids=[file.stem for file in NOTEBOOKS])
def test_a_notebook_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    read: Any = nbformat.read
    book = read(file, as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells), "is kept without outputs"
    NotebookClient(book, timeout=1800, resources={"metadata": {"path": str(file.parent)}}).execute()
    shown = [out for cell in book.cells for out in cell.get("outputs", [])]
    kinds = {kind for out in shown for kind in out.get("data", {})}
    assert {"text/html", "image/png"} <= kinds
    assert not any(out.get("output_type") == "error" for out in shown)
