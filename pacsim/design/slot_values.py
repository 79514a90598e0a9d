"""Values of slots by kind: numbers with their origin, names, feeds, needs, calendars, words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pacsim.design.calendar_files import read_calendar, read_date
from pacsim.design.catalogue_entries import STATUSES, catalogue
from pacsim.design.delay_forms import FORM_KEYS, Form, read_form
from pacsim.design.diagnostics import Diagnostics, Input, planted, words
from pacsim.design.numbers import DIMENSION, NUMBERS, clock, number, pure, quantity
from pacsim.design.origins import LAWS, Origin, from_entry, split, with_origin
from pacsim.files.problems import near
from pacsim.parts.schedule import parse_monthly
from pacsim.parts.values import ALL_IN, HANDS_ON, Delay, Feeds, Needs

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.files.tree import Node
    from pacsim.parts.slots import Slot

NUMERIC = (*LAWS, *NUMBERS)
COVERS = (ALL_IN, HANDS_ON)
DEFAULT = Origin(status="assumed", source="default")
"""Origin of a number that is written nowhere but in the slot table."""


def read_numeric(
    diagnostics: Diagnostics,
    slot: Slot,
    node: Node,
    path: str,
    *,
    key: str,
    source: str,
    default: bool = False,
) -> tuple[Any, Any]:
    """Return a number or delay, and how it is written in full; (None, None) with a problem."""
    taken = _taken(diagnostics, slot, node, path)
    if taken is None:
        return None, None
    form_node, origin = taken
    if not (isinstance(node.value, dict) and "catalogue" in node.value):
        _check_range(diagnostics, slot, node, path, origin, form_node)
    plain: Any
    found: Any
    if slot.kind in LAWS:
        form = read_form(diagnostics, form_node, path, slot.kind)
        if form is None:
            return None, None
        if key == "ttr" and slot.also == "ttr" and origin.covers == HANDS_ON:
            rule = "ttr is everything from fault to working, and this is the hands-on work only"
            diagnostics.problem(node, path, rule, f"write {slot.name}: in place of ttr:")
            return None, None
        covers = origin.covers or _covers(slot, key)
        found, plain = Delay(form.law, form.calendar, form.next_day, covers), form.plain
    else:
        inner = form_node
        while isinstance(inner.value, dict) and set(inner.value) == {"value"}:
            inner = inner.value["value"]
        if isinstance(inner.value, dict) and set(inner.value) == {"exactly"}:
            inner = inner.value["exactly"]
        try:
            found, plain = number(inner.plain(), slot.kind), inner.plain()
        except ValueError as error:
            diagnostics.problem(node, path, str(error), _unknown_in(inner))
            return None, None
    if default and not origin.id:
        origin = DEFAULT
    status = origin.status or "user"
    diagnostics.inputs.append(
        Input(
            path=path,
            value=words(plain),
            low="" if origin.low is None else str(origin.low),
            high="" if origin.high is None else str(origin.high),
            status=status,
            source=origin.source or (source if status == "user" else ""),
            id=origin.id,
        )
    )
    return found, with_origin(plain, origin)


def _unknown_in(node: Node) -> str:
    known = ("value", "catalogue", "take", "low", "high", "status", "source", "id")
    for key in node.value if isinstance(node.value, dict) else ():
        if key not in known:
            return f'unknown key "{key}": {near(key, known)}' if key not in FORM_KEYS else ""
    return ""


def _covers(slot: Slot, key: str) -> str:
    if slot.kind == "work" and slot.also == "ttr":
        return ALL_IN if key == "ttr" else HANDS_ON
    return ""


def _taken(
    diagnostics: Diagnostics, slot: Slot, node: Node, path: str
) -> tuple[Node, Origin] | None:
    """Return the form and the origin of what is written, looked up in the catalogue if it says."""
    if not isinstance(node.value, dict):
        return node, Origin()
    if "catalogue" in node.value:
        return _looked_up(diagnostics, slot, node, path)
    form, about = split(node)
    said = {key: child.plain() for key, child in about.value.items()}
    for key in ("status", "source", "id", "covers"):
        if isinstance(said.get(key), dict | list):
            diagnostics.problem(about.value[key], f"{path}.{key}", "is no text", "put it in quotes")
            del said[key]
        elif key in said and not isinstance(said[key], str):
            said[key] = "" if said[key] is None else str(said[key])
    origin = Origin(**said)
    if origin.status and origin.status not in STATUSES:
        rule = f'no status "{origin.status}"'
        diagnostics.problem(
            about.value["status"], f"{path}.status", rule, near(origin.status, STATUSES)
        )
        origin = replace(origin, status="")
    if origin.covers and (origin.covers not in COVERS or slot.kind not in LAWS):
        rule = f'covers "{origin.covers}" is not for this slot'
        diagnostics.problem(
            about.value["covers"], f"{path}.covers", rule, near(origin.covers, COVERS)
        )
        origin = replace(origin, covers="")
    return form, origin


def _looked_up(
    diagnostics: Diagnostics, slot: Slot, node: Node, path: str
) -> tuple[Node, Origin] | None:
    extra = [key for key in node.value if key not in {"catalogue", "take"}]
    for key in extra:
        rule = f'"{key}" cannot go with catalogue'
        diagnostics.problem(node.value[key], f"{path}.{key}", rule, "only take may")
    name = node.value["catalogue"].plain()
    take = node.value["take"].plain() if "take" in node.value else ""
    entry = catalogue().entries.get(name) if isinstance(name, str) else None
    if entry is None:
        remedy = near(str(name), catalogue().entries) if isinstance(name, str) else ""
        remedy = remedy if len(remedy) < 200 else "see pacsim catalogue TEXT"
        rule = f'no catalogue entry "{words(name)[:60]}"'
        diagnostics.problem(node.value["catalogue"], f"{path}.catalogue", rule, remedy)
        return None
    try:
        form, origin = from_entry(entry, slot.kind, words(take))
    except ValueError as error:
        members = ", ".join(entry.value) or "it has no values"
        diagnostics.problem(node, path, str(error), f"take: one of {members}")
        return None
    if extra:
        return None
    if slot.kind not in LAWS:
        origin = replace(origin, covers="")
    return planted(form, node), origin


def _check_range(
    diagnostics: Diagnostics, slot: Slot, node: Node, path: str, origin: Origin, form: Node
) -> None:
    while isinstance(form.value, dict) and "value" in form.value:
        form = form.value["value"]
    keys = set(form.value) if isinstance(form.value, dict) else set()
    rated = "rate" if "rate" in keys else "fraction" if "afr" in keys else "time"
    ends = []
    for key, end in (("low", origin.low), ("high", origin.high)):
        if end is None:
            continue
        try:
            if slot.kind in LAWS:
                ends.append(quantity(end, rated))
            else:
                pure_kind = slot.kind not in DIMENSION
                ends.append(pure(end) if pure_kind else quantity(end, DIMENSION[slot.kind]))
        except ValueError as error:
            diagnostics.problem(node.value.get(key, node), f"{path}.{key}", str(error))
    if len(ends) == 2 and ends[0] > ends[1]:
        rule = f"low {origin.low} is above high {origin.high}"
        diagnostics.problem(node, path, rule, "swap them")


def _choice(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    if isinstance(node.value, str) and node.value in slot.options:
        return node.value, node.value
    rule, remedy = f'no choice "{_short(node)}"', near(_short(node), slot.options)
    if slot.name == "service_hours":
        rule = f'service hours "{_short(node)}" are not supported yet: every hour counts'
        remedy = "write service_hours: 24x7"
    diagnostics.problem(node, path, rule, remedy)
    return None, None


def _short(node: Node) -> str:
    return words(node.plain())[:60]


def _names(
    diagnostics: Diagnostics, slot: Slot, node: Node, path: str, *, twice: bool = False
) -> tuple[Any, Any]:
    if not isinstance(node.value, list):
        simple = node.value is not None and not isinstance(node.value, dict)
        diagnostics.problem(node, path, "is no list", f"write [{_short(node)}]" if simple else "")
        return None, None
    found: list[str] = []
    for k, item in enumerate(node.value):
        if not isinstance(item.value, str) or not item.value:
            _no_name(diagnostics, item, f"{path}[{k}]")
            continue
        # A feed named twice has two power supplies; anything else is named once.
        if item.value in found and not twice:
            diagnostics.problem(
                item, f"{path}[{k}]", f'"{item.value}" is there twice', "remove one"
            )
        found.append(item.value)
    return (tuple(found), found) if len(found) == len(node.value) else (None, None)


def _no_name(diagnostics: Diagnostics, node: Node, path: str) -> None:
    bare = isinstance(node.value, int | float)
    remedy = f'if it is one, put it in quotes: "{_short(node)}"' if bare else ""
    diagnostics.problem(node, path, f'"{_short(node)}" is no name of a part or group', remedy)


def _name(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    if isinstance(node.value, str) and node.value:
        return node.value, node.value
    _no_name(diagnostics, node, path)
    return None, None


def _feeds(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    written = node
    need: float | None = 1
    if isinstance(node.value, dict):
        if set(node.value) != {"need", "of"}:
            rule = "is no list of feeds"
            diagnostics.problem(node, path, rule, "write [a, b], or {need: 2, of: [a, b]}")
            return None, None
        written = node.value["of"]
        try:
            need = number(node.value["need"].plain(), "count")
        except ValueError as error:
            diagnostics.problem(node.value["need"], f"{path}.need", str(error))
            need = None
    where = path if written is node else f"{path}.of"
    names, plain = _names(diagnostics, slot, written, where, twice=True)
    if names is None or (names and need is None):
        return None, None
    if not names or need is None:
        diagnostics.problem(node, path, "no feeds", "leave power out for a part that needs none")
        return None, None
    if not 1 <= need <= len(names):
        rule = f"needs {int(need)} of {len(names)} feeds"
        diagnostics.problem(node, path, rule, f"need is 1 to {len(names)}")
        return None, None
    return Feeds(int(need), names), plain if written is node else {"need": need, "of": plain}


def _needs(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    found = _needs_tree(diagnostics, node, path)
    if isinstance(found, str):
        found = Needs(1, (found,))
    return found, node.plain() if found is not None else None


def _needs_tree(diagnostics: Diagnostics, node: Node, path: str) -> Needs | str | None:
    if isinstance(node.value, str) and node.value:
        return node.value
    if not isinstance(node.value, dict | list):
        _no_name(diagnostics, node, path)
        return None
    count: float | None = None
    good = True
    inner, where = node, path
    if isinstance(node.value, dict) and set(node.value) == {"any"}:
        inner, where, count = node.value["any"], f"{path}.any", 1
    elif isinstance(node.value, dict) and set(node.value) == {"at_least", "of"}:
        inner, where = node.value["of"], f"{path}.of"
        try:
            count = number(node.value["at_least"].plain(), "count")
        except ValueError as error:
            diagnostics.problem(node.value["at_least"], f"{path}.at_least", str(error))
            good = False
    if not isinstance(inner.value, list):
        remedy = "write [a, b], {any: [a, b]} or {at_least: 2, of: [a, b, c]}"
        diagnostics.problem(inner, where, "is no tree of needs", remedy)
        return None
    if not inner.value:
        diagnostics.problem(node, path, "needs nothing", "name at least one part or group")
        return None
    parts = [_needs_tree(diagnostics, item, f"{where}[{k}]") for k, item in enumerate(inner.value)]
    for k, part in enumerate(parts):
        if isinstance(part, str) and part in parts[:k]:
            diagnostics.problem(
                inner.value[k], f"{where}[{k}]", f'"{part}" is there twice', "remove one"
            )
    least = len(parts) if count is None else int(count)
    if not good:
        return None
    if not 1 <= least <= len(parts):
        rule = f"at least {least} of {len(parts)}"
        diagnostics.problem(node, path, rule, f"at_least is 1 to {len(parts)}")
        return None
    known = tuple(part for part in parts if part is not None)
    return Needs(least, known) if len(known) == len(parts) else None


def _flag(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    if isinstance(node.value, bool):
        return node.value, node.value
    diagnostics.problem(node, path, f'"{_short(node)}" is no flag', "write true or false")
    return None, None


def _text(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    if isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
        return str(node.value), str(node.value)
    diagnostics.problem(node, path, "is no text", "put it in quotes")
    return None, None


def _told(
    diagnostics: Diagnostics, node: Node, path: str, reads: Callable[[Any], Any], *, keep: bool
) -> tuple[Any, Any]:
    try:
        found = reads(node.plain())
    except ValueError as error:
        diagnostics.problem(node, path, str(error))
        return None, None
    return node.value if keep else found, node.value


def _date(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    return _told(diagnostics, node, path, read_date, keep=True)


def _clock(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    return _told(diagnostics, node, path, clock, keep=False)


def _when(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    return _told(diagnostics, node, path, lambda text: parse_monthly(words(text)), keep=True)


def _calendar(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    return read_calendar(diagnostics, node, path)


def _failback(diagnostics: Diagnostics, slot: Slot, node: Node, path: str) -> tuple[Any, Any]:
    if node.value in ("never", "at_once"):
        return (node.value, None), node.value
    if isinstance(node.value, dict) and set(node.value) == {"next_open"}:
        calendar, plain = read_calendar(diagnostics, node.value["next_open"], f"{path}.next_open")
        return (("next_open", calendar), {"next_open": plain}) if calendar else (None, None)
    rule = f'no failback "{_short(node)}"'
    diagnostics.problem(node, path, rule, "write never, at_once or {next_open: calendar}")
    return None, None


READERS: dict[str, Callable[[Diagnostics, Slot, Node, str], tuple[Any, Any]]] = {
    "choice": _choice,
    "names": _names,
    "name": _name,
    "feeds": _feeds,
    "needs": _needs,
    "flag": _flag,
    "text": _text,
    "date": _date,
    "clock": _clock,
    "when": _when,
    "calendar": _calendar,
    "failback": _failback,
}
"""How each kind that is no number is read; records are read where they nest."""

__all__ = ["NUMERIC", "READERS", "Form", "read_numeric"]
