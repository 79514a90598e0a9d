"""Joins the kernel's sources into one module and compiles it.

What makes it fast, and must not be lost: no reference counting (``_nrt=False``; nothing in the
kernel allocates), every helper inlined (``forceinline``), unsigned indices, and LLVM's loop
vectoriser off for this module only. The cache folder's name is a hash of all sources, options and
versions, since numba does not notice a change in a helper of another module.
"""

from __future__ import annotations

import ast
import hashlib
import logging
import platform
import sys
import threading
from importlib import resources
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pacsim.engines.kernel import manifest
from pacsim.engines.kernel.cache import kept
from pacsim.engines.kernel.declaring import Slots
from pacsim.engines.kernel.features import FEATURES
from pacsim.engines.kernel.flatten import Flattening, Source
from pacsim.engines.kernel.linked_once import linked_once, usable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

LOG = logging.getLogger(__name__)
SOURCES = (
    "pacsim.core.streams:KEY_DOMAIN PARITY",
    "pacsim.core.model.observation_kinds:PHASES",
    "pacsim.engines.kernel.names",
    "pacsim.delays.scalar",
    "pacsim.delays.intervals",
    "pacsim.engines.kernel.source.queue",
    "pacsim.engines.kernel.source.draws",
    "pacsim.engines.kernel.source.gates",
    "pacsim.engines.kernel.source.clocks",
    "pacsim.engines.kernel.source.cones",
    "pacsim.engines.kernel.source.episodes",
    "pacsim.engines.kernel.source.watches",
    "pacsim.engines.kernel.source.start",
    "pacsim.engines.kernel.source.steps",
    "pacsim.engines.kernel.source.sleep",
    "pacsim.engines.kernel.source.loop",
)
OPTIONS = "error_model='numpy', nogil=True, _nrt=False"
INTERNAL = ", no_cpython_wrapper=True, no_cfunc_wrapper=True"
"""Options of functions that are not called from outside."""
ENTRY = "run"
CALLED = (
    "work", "work_inverse", "ramp", "ramp_on_pieces", "take_sample", "next_open", "next_opening",
    "next_business_day", "draw_residual", "run_length", "start_clock",
    "fall_asleep", "rouse", "bring_up",
)  # fmt: skip
"""Called and not inlined: seldom needed, large or in many places; inlined they fill the cache."""
HEADER = '''"""Joined by pacsim from its sources; made anew when they change."""
import math
import numba
import numpy as np
from numba.cpython.unsafe.numbers import trailing_zeros
from numpy import uintp as U
SQRT2 = math.sqrt(2.0)
U64 = np.uint64
SHIFT64 = np.uint64(64)
'''


class _Unsigned(ast.NodeTransformer):
    """Wraps every plain index in an unsigned integer, which saves the test for negative ones.

    Parameters
    ----------
    addresses : collection of str
        Tables that are handed down by their address, of which none is tested.
    """

    def __init__(self, addresses: Collection[str] = ()) -> None:
        self.addresses = addresses

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id in self.addresses:
            return node
        if not isinstance(node.slice, ast.Slice | ast.Constant | ast.Tuple):
            wrapper = ast.Name("U", ast.Load())
            node.slice = ast.Call(wrapper, [node.slice], [])
        return node


class _Pruned(ast.NodeTransformer):
    """Puts the truth in the place of the flags of features and drops what is then not reached."""

    def __init__(self, kept: frozenset[str]) -> None:
        self.kept = kept

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(node.id in self.kept) if node.id in FEATURES else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Constant):
            return ast.Constant(not node.operand.value)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        decisive = isinstance(node.op, ast.Or)
        values: list[ast.expr] = []
        for value in node.values:
            if not isinstance(value, ast.Constant):
                values.append(value)
            elif value.value is decisive:
                values.append(value)
                break
        if not values:
            return ast.Constant(not decisive)
        node.values = values
        return node if len(values) > 1 else values[0]

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node


def pruned(text: str, kept: frozenset[str]) -> str:
    """Return a source without what is behind the flags of other features than those kept."""
    return ast.unparse(ast.fix_missing_locations(_Pruned(kept).visit(ast.parse(text))))


def joined_source(kept: frozenset[str] = FEATURES) -> str:
    """Return the text of the kernel module with the features named by their flags."""
    statements = list(read_sources())
    groups = manifest.GROUPS
    whole = Flattening(groups, sources_of(statements, kept), ENTRY)
    parts = [HEADER, manifest.listing()]
    parts += [
        f"{field.flat} = {field.place}"
        for group in groups.values()
        if issubclass(group, Slots)
        for field in group.fields.values()
    ]
    for _, node, wanted in statements:
        parts.append(
            function_text(
                whole.flattened(node.name),
                entry=node.name == ENTRY,
                inlined=None if node.name in {ENTRY, *CALLED} else True,
            )
            if isinstance(node, ast.FunctionDef) and not wanted
            else constant_text(node, wanted)
        )
    return "\n".join(part for part in parts if part)


def sources_of(
    statements: Iterable[tuple[str, ast.stmt, frozenset[str]]], kept: frozenset[str] = FEATURES
) -> dict[str, Source]:
    """Return the functions among statements by name, without what is behind other flags."""
    pruner = _Pruned(kept)
    return {
        node.name: Source(module, pruner.visit(node))
        for module, node, wanted in statements
        if isinstance(node, ast.FunctionDef) and not wanted
    }


def read_sources(
    sources: Iterable[str] = SOURCES,
) -> Iterator[tuple[str, ast.stmt, frozenset[str]]]:
    """Yield all statements of the sources, with their file and the names wanted from it, if few."""
    for entry in sources:
        module, _, wanted = entry.partition(":")
        package, _, name = module.rpartition(".")
        text = resources.files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            yield name, node, frozenset(wanted.split())


def function_text(
    node: ast.FunctionDef, *, entry: bool, inlined: bool | None, addresses: Collection[str] = ()
) -> str:
    """Return a function as it stands in a joined module.

    Parameters
    ----------
    node : ast.FunctionDef
        With plain arguments.
    entry : bool
        Whether it is called from outside.
    inlined : bool or None
        Whether it is inlined whatever its size; if nothing is said, as who is compiled when numba
        first meets it.
    addresses : collection of str
        Tables that are handed down by their address.
    """
    inline = "" if inlined is None else f", forceinline={inlined}"
    called = ", cache=True" if entry else INTERNAL
    body = ast.unparse(ast.fix_missing_locations(_Unsigned(addresses).visit(node)))
    return f"@numba.njit({OPTIONS}{inline}{called})\n{body}"


def constant_text(node: ast.stmt, wanted: frozenset[str]) -> str:
    """Return the assignment of a constant as it stands in the joined module; "" for all else."""
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        literal = all(
            isinstance(
                n,
                ast.Constant
                | ast.Tuple
                | ast.Name
                | ast.Call
                | ast.Load
                | ast.UnaryOp
                | ast.USub
                | ast.BinOp
                | ast.Pow,
            )
            for n in ast.walk(node.value)
        )
        simple = not any(
            isinstance(n, ast.Call) and not isinstance(n.func, ast.Name)
            for n in ast.walk(node.value)
        )
        names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        if literal and simple and (not wanted or names & wanted) and not names & {"U64", "SHIFT64"}:
            return ast.unparse(node)
    return ""


def fingerprint(text: str) -> str:
    """Return a hash of everything on which the compiled code depends."""
    import llvmlite
    import numba
    import numpy as np

    facts = (
        text,
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        sys.version,
        platform.machine(),
        _processor(),
        "loop vectoriser off",
        "linked once" if usable() else "linked as usual",
    )
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:20]


def _processor() -> str:
    import llvmlite.binding as llvm

    return f"{llvm.get_host_cpu_name()}"


_LOCK = threading.Lock()
_SETTINGS = threading.RLock()
KERNELS: dict[bool, Any] = {}


def kernel(arguments: tuple[Any, ...], *, plain: bool = False) -> Any:
    """Return the compiled event loop; the first call on a machine takes some ten seconds.

    Parameters
    ----------
    arguments : tuple
        What it will be called with; their types are those of every call.
    plain : bool
        Whether to leave out all that is behind the flags of `features`.
    """
    found = KERNELS.get(plain)
    if found is None:
        with _LOCK:
            found = KERNELS.get(plain)
            if found is None:
                text = joined_source(frozenset() if plain else FEATURES)
                found = KERNELS[plain] = compiled(text, arguments)
    return found


def compiled(text: str, arguments: tuple[Any, ...]) -> Any:
    """Compile a source for arguments of these types, or take it from the cache folder."""
    return compiled_entries(text, {ENTRY: arguments})[ENTRY]


def compiled_entries(text: str, entries: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """Compile a source, or take it from the cache folder.

    Parameters
    ----------
    text : str
        The source.
    entries : mapping
        Functions that are called from outside, each with arguments of the types of every call.
    """
    name = f"compiled-{fingerprint(text)}"
    with _SETTINGS:
        found: dict[str, Any] = kept(
            name, text, lambda path: _executed_entries(name, text, path, entries)
        )
    return found


def _executed(name: str, text: str, path: Path | None, arguments: tuple[Any, ...]) -> Any:
    """Return the compiled entry of a source that stands in a file, or in memory alone."""
    return _executed_entries(name, text, path, {ENTRY: arguments})[ENTRY]


def _executed_entries(
    name: str, text: str, path: Path | None, entries: Mapping[str, tuple[Any, ...]]
) -> dict[str, Any]:
    # One thread at a time: another one would take the settings of this one for the user's.
    with _SETTINGS:
        return _by_our_settings(name, text, path, entries)


def _by_our_settings(
    name: str, text: str, path: Path | None, entries: Mapping[str, tuple[Any, ...]]
) -> dict[str, Any]:
    from numba.core import config

    # numba makes its settings when it is imported, so their names are not in its types.
    settings: Any = config
    # Compiled code is kept beside its source and nowhere else, whatever the user's settings say.
    wanted = {"LOOP_VECTORIZE": 0, "CACHE_DIR": "", "CACHE_LOCATOR_CLASSES": ""}
    before = {key: getattr(settings, key) for key in wanted if hasattr(settings, key)}
    try:
        for setting in before:
            setattr(settings, setting, wanted[setting])
        if usable():
            try:
                with linked_once(_module_name(name)):
                    return _entries_of(name, text, path, entries)
            except Exception:
                # Whatever it is: compiled as usual it is gone, or is said again.
                LOG.debug("%s is compiled once more, as numba does it", name, exc_info=True)
        return _entries_of(name, text, path, entries)
    finally:
        for setting, value in before.items():
            setattr(settings, setting, value)


def _module_name(name: str) -> str:
    return f"pacsim_{name.replace('-', '_')}"


def _entries_of(
    name: str, text: str, path: Path | None, entries: Mapping[str, tuple[Any, ...]]
) -> dict[str, Any]:
    import numba

    kind_of: Any = numba.typeof
    module = ModuleType(_module_name(name))
    # The cached code is found by the module's name, which the unpickler must be able to import.
    sys.modules[module.__name__] = module
    if path is None:
        text = text.replace(", cache=True)", ")")
    # The text and not the file: what is in the file has been looked at, but is not run.
    exec(compile(text, str(path or f"<{name}>"), "exec"), module.__dict__)
    # Compiled here and not by the first call, at which the vectoriser would be on again.
    found = {entry: getattr(module, entry) for entry in entries}
    for entry, arguments in entries.items():
        found[entry].compile(tuple(kind_of(argument) for argument in arguments))
        found[entry].disable_compile()
    return found
