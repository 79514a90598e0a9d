"""The package of an outsider, put on the path as an installer would: modules beside metadata."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pacsim.design.variations import file_keys
from pacsim.parts import loss_classes, registry

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def forget() -> None:
    """Forget the types and the classes of losses that were found."""
    registry.part_types.cache_clear()
    registry.group_types.cache_clear()
    loss_classes.loss_classes.cache_clear()
    file_keys.cache_clear()


def install(folder: Path, name: str, points: dict[str, dict[str, str]]) -> None:
    """Write the metadata of a package, as an installer does."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for group, found in points.items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in found.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the package installed during a test."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    shutil.copytree(HERE / "hospital_parts", tmp_path / "hospital_parts")
    install(tmp_path, project["name"], project["entry-points"])
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield
    forget()
