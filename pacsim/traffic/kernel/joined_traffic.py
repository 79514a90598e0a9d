"""Joins the sources of the kernel of traffic into one module and compiles it.

Scalar functions are those of `pacsim.traffic.arithmetic` and `pacsim.delays.scalar`, read as text
like the other sources, so that a change in any of them is another kernel.
"""

from __future__ import annotations

import ast
import threading
from typing import Any

from pacsim.engines.kernel.compile import (
    HEADER,
    OPTIONS,
    compiled_entries,
    constant_text,
    function_text,
    read_sources,
    sources_of,
)
from pacsim.engines.kernel.declaring import TABLE, described
from pacsim.engines.kernel.flatten import Flattening
from pacsim.traffic.kernel.manifest_of_traffic import GROUPS
from pacsim.traffic.kernel.paired import fields_of, names_of, paired

SOURCES = (
    "pacsim.core.streams:PARITY KEY_DOMAIN",
    "pacsim.delays.scalar",
    "pacsim.engines.kernel.source.draws",
    "pacsim.traffic.poisson",
    "pacsim.traffic.arithmetic",
    "pacsim.traffic.client_conditions:UP NOBODY",
    "pacsim.traffic.client_tables:ENDLESS",
    "pacsim.traffic.keyed_draws:SLOT TRY SENDERS",
    "pacsim.traffic.logs:OK OVERWRITTEN STORED_SAFE",
    "pacsim.traffic.kernel.numbers_of_traffic",
    *(
        f"pacsim.traffic.kernel.source.{name}"
        for name in (
            *("alarms", "keyed", "met", "choosing", "limits", "flowing", "peers", "listening"),
            *("waits", "lists", "keeping", "dials", "attempt_rows", "attempts", "senders"),
            *("cases", "probers", "refusals", "acting", "moment_loop", "notes", "beginning"),
            *("leaving", "thinning", "leaping", "feeling"),
        )
    ),
    "pacsim.traffic.kernel.arriving_source",
)
PAIRED = tuple(
    f"pacsim.traffic.kernel.source.{name}" for name in ("comparing", "sharing", "windowing")
)
ENTRY = "simulate"
MORE = (
    *("sources", "weeks", "growth", "studies", "laws", "tab", "rows", "opened"),
    *("times", "owners", "numbers", "order", "ranks", "ends"),
)
"""Arguments of `draw_slots` beside key and slots: handed on as they are."""
HANDED = ("workload", "state", "twin", "term")
"""Groups that functions take; of the twin there is what there is of the state."""
KEPT_AS_ARRAYS = frozenset(("workload_law_values",))
"""Arguments that are handed down as arrays: those of functions that others use too."""
OUTER = ("notes", "beginning", "leaving", "thinning", "leaping", "feeling", "arriving_source")
"""Sources of what is not done at every moment; of theirs what pays is inlined."""
CALLED = frozenset(
    " ".join(
        (
            "advance forget_mark note_refusal note_conditions queue_up leave_queue offer",
            "offer_all look disturbed await_segment retransmit stop_span stop_items job_arrives",
            "forget_committed overwrite lose_oldest drop held_with park lose hand_on put_in_order",
            "put_between break_off misses ask wait_for_grid begin_line write_changes write",
            "next_born next_to_look exponential_isf weibull_isf uniform_isf triangular_isf",
            "quantiles_isf mixture_isf",
        )
    ).split()
)
"""Of other sources: seldom needed; inlined they take long to compile, and no time is won."""


def joined_source() -> str:
    """Return the text of the module."""
    statements = list(read_sources(SOURCES))
    whole = Flattening(GROUPS, sources_of(statements), ENTRY)
    parts = [HEADER, POINTERS, listing()]
    down = addresses()
    for module, node, wanted in statements:
        if not isinstance(node, ast.FunctionDef):
            parts.append(constant_text(node, wanted))
        elif not wanted:
            flat = whole.flattened(node.name)
            inlined = module not in OUTER and node.name not in CALLED
            parts.append(function_text(flat, entry=False, inlined=inlined, addresses=down))
    for _, node, _ in read_sources(PAIRED):
        if isinstance(node, ast.FunctionDef):
            made = paired(node, whole)
            parts.append(function_text(made, entry=False, inlined=False, addresses=down))
        else:
            parts.append(constant_text(node, frozenset()))
    return "\n".join(part for part in (*parts, entry_text(whole)) if part)


POINTERS = """
from numba import types
from numba.extending import intrinsic
@intrinsic
def pointer_of(typingctx, array):
    def made(context, builder, signature, arguments):
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return types.CPointer(array.dtype)(array), made
"""
"""How tables of numbers are handed down: an address is one word, and an array is seven."""


def addresses() -> frozenset[str]:
    """Return the arguments that are handed down by their address."""
    found = {
        f"{key}_{part}"
        for key in HANDED
        for part, field in fields_of(key).items()
        if field.kind != TABLE
    }
    return frozenset(found) - KEPT_AS_ARRAYS


def entry_text(whole: Flattening) -> str:
    """Return the one function that is called from outside: it takes all there is, and what to do.

    One with all of it, since it is the many arguments of such a function that take long to compile.
    """
    given = {key: names_of(key) for key in HANDED}
    names = [name for group in given.values() for name in group]
    lines = [f"def {ENTRY}({', '.join((*names, *MORE))}, what, first, last):"]
    down = addresses()
    lines += [f"    p_{name} = {f'pointer_of({name})' if name in down else name}" for name in names]

    def handed(function: str) -> str:
        wanted = [
            flat
            for key in whole.sources[function].parameters
            if key in GROUPS
            for flat in whole.arguments(function, key)
        ]
        return ", ".join(f"p_{name}" for name in wanted)

    two = ", ".join(f"p_{x}" for key in ("workload", "state", "twin") for x in given[key])
    term = ", ".join(f"p_{x}" for x in given["term"])
    lines += [
        "    if what == ADVANCE:",
        f"        return advance({handed('advance')}, last), last",
        "    if what == MEET:",
        f"        return meet({two}, first, last)",
        "    if what == LOOK_BACK:",
        f"        return (DONE if write_open({handed('write_open')}) else SHORT), last",
        "    if what == WINDOWS_OF:",
        f"        return windows({two}, {term}, {', '.join(MORE)}), last",
        f"    feel({two}, {term})",
        "    return DONE, last",
    ]
    return f"@numba.njit({OPTIONS}, cache=True)\n" + "\n".join(lines)


def listing() -> str:
    """Return all arguments with their types, as comments for the joined source."""
    lines = []
    for key, group in GROUPS.items():
        for field in group.fields.values():
            types = field.dtype if field.record is None else described(field.record)
            lines.append(f"# {key}_{field.name}: {field.kind} of {types}")
    return "\n".join(lines)


_LOCK = threading.Lock()
_KERNEL: list[Any] = []


def kernel(arguments: tuple[Any, ...]) -> Any:
    """Return the compiled function; the first call on a machine takes some ten seconds.

    Parameters
    ----------
    arguments : tuple
        Of a call; their types are those of every call.
    """
    if not _KERNEL:
        with _LOCK:
            if not _KERNEL:
                _KERNEL.append(compiled_entries(joined_source(), {ENTRY: arguments})[ENTRY])
    return _KERNEL[0]
