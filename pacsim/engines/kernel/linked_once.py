"""Has numba compile a joined module in about half the time, to the same results.

numba makes machine code of every function by itself, with copies of all that it calls: what is ten
calls deep is optimised and written ten times, though only the entry's copy is ever run. Functions
without wrappers, which nothing can call but compiled code, are here only linked. And at every
addition it finds out anew which of its many kinds of addition is meant; here it remembers.

Both take the place of methods that numba did not make for that. So they do only where all that they
rely on reads as where it was tried; elsewhere numba compiles as it always does.
"""

from __future__ import annotations

import hashlib
import inspect
import operator
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

RELIED_ON = (
    *("codegen.CPUCodeLibrary.__init__", "codegen.CPUCodeLibrary.finalize"),
    *("codegen.CPUCodeLibrary._get_module_for_linking", "codegen.CPUCodeLibrary.add_llvm_module"),
    *("codegen.CPUCodeLibrary._finalize_final_module", "codegen.CPUCodeLibrary._ensure_finalized"),
    *("codegen.JITCodeLibrary.get_pointer_to_function", "codegen.JITCPUCodegen.set_env"),
    *("codegen.CPUCodegen._create_empty_module", "types.functions.BaseFunction.get_call_type"),
)
"""Parts of `numba.core`."""
TRIED = "c1d4a121d22bdc75d9cb"
"""Hash of their texts, which are the same in numba 0.63.1, 0.64.0, 0.65.0 and 0.68.1."""
_LOCK = threading.RLock()


def usable() -> bool:
    """Return whether this numba is made as it was where all this was tried."""
    return _hash_of(RELIED_ON) == TRIED


@cache
def _hash_of(parts: tuple[str, ...]) -> str:
    from numba.core import codegen, types

    modules = {"codegen": codegen, "types": types}
    texts = []
    for part in parts:
        module, _, name = part.partition(".")
        try:
            texts.append(inspect.getsource(operator.attrgetter(name)(modules[module])))
        except (AttributeError, OSError, TypeError):
            return f"no {part}"
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:20]


@contextmanager
def linked_once(module: str) -> Iterator[None]:
    """Compile as said above what is compiled meanwhile of one module.

    Parameters
    ----------
    module : str
        Its name; functions of all others are linked and optimised as ever.
    """
    from numba.core import codegen
    from numba.core.types import functions

    # numba makes its classes without types.
    library: Any = codegen.CPUCodeLibrary
    asked: Any = functions.BaseFunction
    with _LOCK:
        usual = library.finalize, asked.get_call_type
        try:
            library.finalize = _linking(usual[0], f"{len(module)}{module}")
            asked.get_call_type = _remembering(usual[1])
            yield
        finally:
            library.finalize, asked.get_call_type = usual


def _linking(usual: Any, mark: str) -> Any:
    """Return what ends a library: those of functions with a mark that have no wrappers are linked.

    Parameters
    ----------
    usual : callable
        What ends all others.
    mark : str
        Part of the names of functions.
    """
    from llvmlite import binding

    llvm: Any = binding

    def finalize(self: Any) -> None:
        whole = self._final_module
        names = [
            one.name
            for one in whole.functions
            if not one.is_declaration and one.linkage == llvm.Linkage.external
        ]
        if not any(mark in name for name in names):
            usual(self)
            return
        for other in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(other._reload_init)  # noqa: SLF001
            whole.link_in(other._get_module_for_linking(), preserve=True)  # noqa: SLF001
        if len(names) != 1 or names[0].startswith("cfunc."):
            self._linking_libraries = []
            usual(self)
            return
        whole.get_function(names[0]).linkage = "linkonce_odr"
        whole.verify()
        self._shared_module = whole
        # What is run needs no more of it than the places of environments, which numba fills in.
        empty = self._codegen._create_empty_module(self.name)  # noqa: SLF001
        self._final_module = llvm.parse_assembly("\n".join((str(empty), *_places(whole))))
        self._finalize_final_module()

    return finalize


def _places(module: Any) -> list[str]:
    """Return the declarations of environments that a module has."""
    return [
        f"@{one.name} = common global i8* null"
        for one in module.global_variables
        if one.name.startswith("_ZN08NumbaEnv") and not one.is_declaration
    ]


def _remembering(usual: Any) -> Any:
    """Return what types a call of one of numba's own functions, and does so once.

    Parameters
    ----------
    usual : callable
        What does so each time.
    """
    found: dict[Any, Any] = {}

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        key = id(self), id(context), tuple(args), tuple(kws.items())
        if key not in found:
            # What is identified is kept, so that nothing else gets its identity.
            found[key] = usual(self, context, args, kws), self, context
        return found[key][0]

    return get_call_type
