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
    compiled_entries,
    constant_text,
    function_text,
    read_sources,
    sources_of,
)
from pacsim.engines.kernel.declaring import described
from pacsim.engines.kernel.flatten import Flattening
from pacsim.traffic.kernel.manifest_of_traffic import GROUPS, WorkloadGroup
from pacsim.traffic.kernel.paired import paired

SOURCES = (
    "pacsim.core.streams:PARITY KEY_DOMAIN",
    "pacsim.delays.scalar",
    "pacsim.engines.kernel.source.draws",
    "pacsim.traffic.arithmetic",
    "pacsim.traffic.client_conditions:UP NOBODY",
    "pacsim.traffic.client_tables:ENDLESS",
    "pacsim.traffic.keyed_draws:SLOT SENDERS",
    "pacsim.traffic.logs:OK OVERWRITTEN STORED_SAFE",
    "pacsim.traffic.kernel.numbers_of_traffic",
    *(
        f"pacsim.traffic.kernel.source.{name}"
        for name in (
            *("alarms", "keyed", "met", "choosing", "limits", "flowing", "peers", "listening"),
            *("waits", "lists", "keeping", "dials", "attempts", "senders", "cases", "probers"),
            *("acting", "moment_loop", "notes"),
        )
    ),
)
PAIRED = "pacsim.traffic.kernel.source.comparing"
ENTRY = "advance"
INTERNAL = ", no_cpython_wrapper=True, no_cfunc_wrapper=True"
"""Options of functions that are not called from outside."""
INLINED = frozenset(
    (
        *(
            "set_alarm",
            "next_alarm",
            "give_turn",
            "give_no_turn",
            "bit_of",
            "take_turn",
            "next_in_pass",
        ),
        *("site_of", "path", "listed", "holding", "front", "back", "owner", "condition_of"),
        *("turn", "block", "uniform", "drawn", "passes", "runs_out", "note_first", "settle_flow"),
        *("let_move", "let_stand", "whole_items", "settled", "last_response", "reached"),
        *("flow_end", "pool_share", "syn_time", "timer_end", "connect_end", "response_due"),
        *("first_of", "roomy", "arrives", "set_stage", "grid_time", "wakes", "items_wake"),
        *("span_wakes", "turns", "next_turn", "seek", "next_told", "act"),
    )
)
"""Functions that are inlined whatever their size: small ones, and the few of every event."""


def joined_source() -> str:
    """Return the text of the module."""
    statements = list(read_sources(SOURCES))
    whole = Flattening(GROUPS, sources_of(statements), ENTRY)
    parts = [HEADER, listing()]
    for _, node, wanted in statements:
        if not isinstance(node, ast.FunctionDef):
            parts.append(constant_text(node, wanted))
        elif not wanted:
            entry = node.name == ENTRY
            flat, inlined = whole.flattened(node.name), node.name in INLINED
            more = "" if entry else INTERNAL
            parts.append(function_text(flat, entry=entry, inlined=inlined, more=more))
    for _, node, _ in read_sources([PAIRED]):
        if isinstance(node, ast.FunctionDef):
            parts.append(function_text(paired(node, whole), entry=True, inlined=False))
        else:
            parts.append(constant_text(node, frozenset()))
    return "\n".join(part for part in parts if part)


def arguments() -> dict[str, tuple[str, str]]:
    """Return the arguments of a run in order: for each name the group and the field."""
    return {
        field.flat: (key, field.name)
        for key, group in GROUPS.items()
        for field in group.fields.values()
    }


def listing() -> str:
    """Return all arguments with their types, as comments for the joined source."""
    lines = []
    for name, (key, part) in arguments().items():
        field = GROUPS[key].fields[part]
        types = field.dtype if field.record is None else described(field.record)
        lines.append(f"# {name}: {field.kind} of {types}")
    return "\n".join(lines)


_LOCK = threading.Lock()
_KERNEL: dict[str, Any] = {}


def kernel(held: tuple[Any, ...]) -> dict[str, Any]:
    """Return the compiled functions by name; the first call on a machine takes some ten seconds.

    Parameters
    ----------
    held : tuple of ndarray
        Arrays of a run; their types are those of every run.
    """
    if not _KERNEL:
        with _LOCK:
            if not _KERNEL:
                two = (*held, *held[len(WorkloadGroup.fields) :])
                taken = {"advance": (*held, 0.0), "alike": two, "meet": (*two, 0.0, 0.0)}
                _KERNEL.update(compiled_entries(joined_source(), taken))
    return _KERNEL
