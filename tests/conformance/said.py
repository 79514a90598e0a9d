"""What the rules of designs can say: the refusals and warnings of parts, of wiring and of checks.

A *site* is a call that notes a problem, or a text of a warning. `sites` reads them from the source;
`provoked` says which of them one design reaches.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pacsim
from pacsim.design import Design, DesignError, design_of, load
from pacsim.design.diagnostics import Diagnostics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOME = Path(str(pacsim.__file__)).parent
FILES = [
    *sorted((HOME / "parts").glob("*.py")),
    HOME / "design/wiring.py",
    HOME / "design/checks.py",
    HOME / "design/workloads.py",
    HOME / "design/workload_checks.py",
]
PASSED_ON = ("note", "problem", "read")
"""Functions through which what is said goes on its way."""
TEXTS = ("list[str]", "Iterator[str]")
WARNING = re.compile(r"\S*: ")
"""How a warning goes on after its path."""


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A place in the source from which something is said.

    Parameters
    ----------
    module : str
        File name without its ending.
    function : str
        In which it stands.
    number : int
        Which one of that function, from 1, so that lines may move.
    line, last : int
        First and last line of the call or text.
    says : str
        Of a warning, a pattern of what it says; empty for a refusal.
    """

    module: str
    function: str
    number: int
    line: int
    last: int
    says: str = ""

    def __str__(self) -> str:
        """Return how it is listed."""
        return (
            f"{self.module}.{self.function} {'warning' if self.says else 'refusal'} {self.number}"
        )


def refusals(file: Path) -> Iterator[Site]:
    """Yield every call of ``problem`` or of ``note`` in a module, function by function."""
    for function in _functions(file):
        calls = [
            node
            for node in _own(function)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"problem", "note"}
        ]
        for k, call in enumerate(sorted(calls, key=lambda node: node.lineno), 1):
            yield Site(file.stem, function.name, k, call.lineno, call.end_lineno or call.lineno)


def warnings(file: Path) -> Iterator[Site]:
    """Yield every text, path and colon first, of the functions that return lists of texts."""
    for function in _functions(file):
        if function.returns is None or ast.unparse(function.returns) not in TEXTS:
            continue
        texts = [node for node in _outermost_texts(function) if WARNING.search(_pattern(node, " "))]
        for k, node in enumerate(texts, 1):
            says = _pattern(node, ".*")
            last = node.end_lineno or node.lineno
            yield Site(file.stem, function.name, k, node.lineno, last, says)


def sites() -> list[Site]:
    """Return every site of the modules that have rules, but for the notes that all of them take."""
    found = (s for file in FILES for s in (*refusals(file), *warnings(file)))
    return [site for site in found if site.function not in PASSED_ON]


def _functions(file: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield what stands in a function itself, and not in one that it defines."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            todo += ast.iter_child_nodes(node)


def _outermost_texts(function: ast.FunctionDef) -> Iterator[ast.JoinedStr | ast.Constant]:
    """Yield the texts of a function but for its docstring and for texts within texts."""
    todo: list[ast.AST] = list(function.body[1:] if ast.get_docstring(function) else function.body)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        ):
            yield node
        else:
            todo = [*ast.iter_child_nodes(node), *todo]


def _pattern(node: ast.JoinedStr | ast.Constant, hole: str) -> str:
    """Return the pattern of a text, with something for each value that is put into it."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value)) if hole == ".*" else str(node.value)
    pieces = []
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            pieces.append(re.escape(str(piece.value)) if hole == ".*" else str(piece.value))
        else:
            pieces.append(hole)
    return "".join(pieces)


def provoked(design: Path | dict[str, Any]) -> set[tuple[str, int] | str]:
    """Return the lines from which the problems of a design came, and its warnings."""
    return noted(lambda: load(design) if isinstance(design, Path) else design_of(design))


def noted(reads: Callable[[], Any]) -> set[tuple[str, int] | str]:
    """Return the lines from which problems came while something was read, and its warnings."""
    found: set[tuple[str, int] | str] = set()
    plain = Diagnostics.problem

    def noting(self: Diagnostics, *said: Any) -> None:
        frame = sys._getframe(1)
        while frame.f_code.co_name in PASSED_ON and frame.f_back is not None:
            frame = frame.f_back
        found.add((Path(frame.f_code.co_filename).stem, frame.f_lineno))
        plain(self, *said)

    with mock.patch.object(Diagnostics, "problem", noting):
        try:
            made = reads()
        except DesignError:
            return found
    return found | set(made.resolved.warnings if isinstance(made, Design) else ())


def reached(site: Site, found: set[tuple[str, int] | str]) -> bool:
    """Return whether a site is among what has been provoked."""
    if site.says:
        return any(isinstance(x, str) and re.fullmatch(site.says, x, re.DOTALL) for x in found)
    lines = {(site.module, k) for k in range(site.line, site.last + 1)}
    return not lines.isdisjoint(found)
