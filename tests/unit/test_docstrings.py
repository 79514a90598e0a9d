"""Public names say what they take, in which unit and range, what comes out, what is raised."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.pages import report

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADING = re.compile(r"^([A-Z]\w+)\n-+$", re.MULTILINE)


def sections(doc: str) -> dict[str, str]:
    """Return the sections of a docstring in numpy's style by heading."""
    parts = HEADING.split(inspect.cleandoc(doc))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(section: str) -> set[str]:
    """Return the names that a section of parameters explains."""
    heads = [line for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip() for head in heads for name in head.partition(" :")[0].split(",")}


def taken(function: Any) -> set[str]:
    """Return the names of what a function takes, besides itself."""
    found = inspect.signature(function).parameters.values()
    # An inherited signature is only "*args, **kwargs" of whatever there is.
    return {str(p.replace(annotation=p.empty, default=p.empty)) for p in found} - {"self", "cls"}


def own_raise(function: Any) -> bool:
    """Return whether the source of a function itself raises something."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(tree))


def missing(function: Any) -> set[str]:
    """Return what a function's docstring lacks: sections, and parameters by name."""
    found = sections(function.__doc__ or "")
    lacks = taken(function) - entries(found.get("Parameters", ""))
    if (
        function.__annotations__.get("return") != "None"
        and not {"Returns", "Yields"} & found.keys()
    ):
        lacks.add("Returns")
    if own_raise(function) and "Raises" not in found:
        lacks.add("Raises")
    return lacks


def methods() -> Iterator[tuple[str, Any]]:
    """Yield the methods of public classes that are written here and take something."""
    for name in pacsim.__all__:
        kind = getattr(pacsim, name)
        if not inspect.isclass(kind):
            continue
        for key, value in inspect.getmembers(kind):
            function = inspect.unwrap(getattr(value, "__func__", value))
            ours = inspect.isfunction(function) and function.__module__.startswith("pacsim.")
            if ours and not key.startswith("_") and taken(function):
                yield f"{name}.{key}", function


PUBLIC = {name: getattr(pacsim, name) for name in pacsim.__all__} | {"report": report}
"""By name; `pacsim.pages` is the module, which is called like the function."""
FUNCTIONS = [name for name, value in PUBLIC.items() if not inspect.isclass(value)]
CLASSES = [name for name in PUBLIC if name not in FUNCTIONS]
METHODS = dict(methods())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_is_explained(name: str) -> None:
    function = PUBLIC[name]
    assert not missing(function)
    found = sections(function.__doc__)
    assert found["Examples"].count(">>> ") > 0
    assert name == "diff" or "Raises" in found, "it reads designs, files or arguments"


@pytest.mark.parametrize("name", CLASSES)
def test_a_public_class_is_explained(name: str) -> None:
    kind = PUBLIC[name]
    found = sections(kind.__doc__)
    # Python knows no signature of a bare exception.
    arguments = taken(kind) if kind.__init__ is not Exception.__init__ else {"*args"}
    assert not arguments - entries(found["Parameters"])
    assert found["Examples"].count(">>> ") > 0


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_is_explained(name: str) -> None:
    lacks = missing(METHODS[name])
    assert not lacks - {"Returns"}


def test_what_is_missing_is_seen() -> None:
    def silent(a: int, *, b: float = 0.0, **more: int) -> int:
        """Return something.

        Parameters
        ----------
        a : int
            Explained.
        """
        if a > b:
            raise ValueError(more)
        return a

    assert missing(silent) == {"b", "**more", "Returns", "Raises"}
    assert entries("low, high : float\n    Bounds.\n**rest\n    More.") == {"low", "high", "**rest"}
