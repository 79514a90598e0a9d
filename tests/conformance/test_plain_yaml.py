"""Shipped designs mean the same to an ordinary reader of YAML 1.1."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pacsim.files.tree import parse

MODELS = Path(__file__).parents[2] / "models"


@pytest.mark.parametrize("file", sorted(MODELS.rglob("*.yaml")), ids=lambda file: file.stem)
def test_other_readers_see_the_same(file: Path) -> None:
    """There ``on`` is true and a date a date object, unless they are quoted."""
    text = file.read_text(encoding="utf-8")
    tree = parse(text, file.name, [])
    assert tree is not None
    assert tree.plain() == yaml.safe_load(text)
