"""Values of slots by kind: numbers with their origin, names, feeds, needs, calendars, words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pacsim.design.calendar_files import read_calendar, read_date
from pacsim.design.catalogue_entries import STATUSES, catalogue
from pacsim.design.coverage import CONTRACTS, COVERS, covered
from pacsim.design.delay_forms import FORM_KEYS, Form, amount_of, read_form
from pacsim.design.diagnostics import planted, words
from pacsim.design.noted import Input
from pacsim.design.numbers import (
    DIMENSION,
    NUMBERS,
    OTHERS,
    clock,
    in_order,
    number,
    pure,
    quantity,
    value_of,
)
from pacsim.design.origins import ABOUT, LAWS, Origin, from_entry, split, with_origin
from pacsim.files.problems import near
from pacsim.parts.schedule import parse_monthly
from pacsim.parts.values import Delay, Feeds, Needs, Reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.design.cursor import Cursor
    from pacsim.files.tree import Node
    from pacsim.parts.slots import Slot

NUMERIC = (*LAWS, *NUMBERS)
DEFAULT = Origin(status="assumed", source="default")
"""Origin of a number that is written nowhere but in the slot table."""


def read_numeric(
    cursor: Cursor,
    slot: Slot,
    *,
    key: str,
    source: str,
    default: bool = False,
    inherited: str = "",
) -> tuple[Any, Any]:
    """Return a number or delay, and how it is written in full; (None, None) with a problem.

    ``inherited`` is what a repair covers that the value replaces.
    """
    taken = _taken(cursor, slot)
    if taken is None:
        return None, None
    form_node, origin = taken
    if "catalogue" not in cursor.keys:
        _check_range(cursor, slot, origin, form_node)
    plain: Any
    value: Any
    if slot.kind in LAWS:
        form = read_form(cursor.with_node(form_node), slot.kind)
        if form is None:
            return None, None
        said = covered(cursor, slot, key, origin, inherited)
        if said is None:
            return None, None
        origin, covers = said
        value = Delay(form.law, form.calendar, form.next_day, covers, origin.read_under)
        if origin.read_under and origin.id in catalogue().entries:
            value = replace(value, entry=origin.id)
        plain = form.plain
    else:
        inner = form_node
        while isinstance(inner.value, dict) and set(inner.value) == {"value"}:
            inner = inner.value["value"]
        if isinstance(inner.value, dict) and set(inner.value) == {"exactly"}:
            inner = inner.value["exactly"]
        try:
            value, plain = value_of(inner.plain(), slot.kind), in_order(inner.plain(), slot.kind)
        except ValueError as error:
            cursor.problem(str(error), "" if slot.kind in OTHERS else _unknown_in(inner))
            return None, None
    if default and not origin.id:
        origin = DEFAULT
    status = origin.status or "user"
    cursor.diagnostics.inputs.append(
        Input(
            path=cursor.path,
            value=words(plain),
            low="" if origin.low is None else str(origin.low),
            high="" if origin.high is None else str(origin.high),
            status=status,
            source=origin.source or (source if status == "user" else ""),
            id=origin.id,
        )
    )
    return value, with_origin(plain, origin)


def _unknown_in(node: Node) -> str:
    known = ("value", "catalogue", "take", "low", "high", "status", "source", "id")
    for key in node.value if isinstance(node.value, dict) else ():
        if key not in known:
            return f'unknown key "{key}": {near(key, known)}' if key not in FORM_KEYS else ""
    return ""


def _taken(cursor: Cursor, slot: Slot) -> tuple[Node, Origin] | None:
    """Return the form and the origin of what is written, looked up in the catalogue if it says."""
    if not isinstance(cursor.value, dict):
        return cursor.node, Origin()
    if "catalogue" in cursor.keys:
        return _looked_up(cursor, slot)
    form, about = split(cursor.node)
    said = {key: child.plain() for key, child in about.value.items()}
    for key in ABOUT:
        if isinstance(said.get(key), dict | list):
            cursor[key].problem("is no text", "put it in quotes")
            del said[key]
        elif key in said and not isinstance(said[key], str):
            said[key] = "" if said[key] is None else str(said[key])
    origin = Origin(**said)
    if origin.status and origin.status not in STATUSES:
        cursor["status"].problem(f'no status "{origin.status}"', near(origin.status, STATUSES))
        origin = replace(origin, status="")
    if origin.covers and (origin.covers not in COVERS or not slot.covers):
        rule, remedy = f'covers "{origin.covers}" is not for this slot', near(origin.covers, COVERS)
        if not slot.covers:
            remedy = "leave it out: the value is all there is"
        cursor["covers"].problem(rule, remedy)
        origin = replace(origin, covers="")
    if origin.read_under and (origin.read_under not in CONTRACTS or not slot.covers):
        rule = f'read_under "{origin.read_under}" is not for this slot'
        if slot.covers:
            rule = f'no contract "{origin.read_under}" that times are read under'
        cursor["read_under"].problem(rule, near(origin.read_under, CONTRACTS))
        origin = replace(origin, read_under="")
    return form, origin


def _looked_up(cursor: Cursor, slot: Slot) -> tuple[Node, Origin] | None:
    extra = [key for key in cursor.keys if key not in {"catalogue", "take"}]
    for key in extra:
        cursor[key].problem(f'"{key}" cannot go with catalogue', "only take may")
    name = cursor["catalogue"].plain()
    take = cursor["take"].plain() if "take" in cursor.keys else ""
    entry = catalogue().entries.get(name) if isinstance(name, str) else None
    if entry is None:
        remedy = near(name, catalogue().entries) if isinstance(name, str) else ""
        remedy = remedy if 0 < len(remedy) < 200 else "see pacsim catalogue TEXT"
        cursor["catalogue"].problem(f'no catalogue entry "{words(name)[:60]}"', remedy)
        return None
    try:
        form, origin = from_entry(entry, slot.kind, words(take))
    except ValueError as error:
        members = ", ".join(entry.value) or "it has no values"
        cursor.problem(str(error), f"take: one of {members}")
        return None
    if extra:
        return None
    if not slot.covers:
        origin = replace(origin, covers="", read_under="")
    return planted(form, cursor.node), origin


def _check_range(cursor: Cursor, slot: Slot, origin: Origin, form: Node) -> None:
    while isinstance(form.value, dict) and "value" in form.value:
        form = form.value["value"]
    keys = set(form.value) if isinstance(form.value, dict) else set()
    rated = "rate" if "rate" in keys else "fraction" if "afr" in keys else "time"
    ends: list[Any] = []
    for key, end in (("low", origin.low), ("high", origin.high)):
        if end is None:
            continue
        try:
            if slot.kind in LAWS:
                ends.append(amount_of(end, rated, slot.kind))
            elif slot.kind in OTHERS:
                ends.append(OTHERS[slot.kind](end))
            else:
                pure_kind = slot.kind not in DIMENSION
                ends.append(pure(end) if pure_kind else quantity(end, DIMENSION[slot.kind]))
        except ValueError as error:
            cursor[key].problem(str(error))
    if len(ends) == 2 and ends[0] > ends[1]:
        cursor.problem(f"low {origin.low} is above high {origin.high}", "swap them")


def _choice(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    if isinstance(cursor.value, str) and cursor.value in slot.options:
        return cursor.value, cursor.value
    bare = "".join(letter for letter in _short(cursor).lower() if letter.isalnum())
    same = {"".join(c for c in one.lower() if c.isalnum()): one for one in slot.options}
    word = {**same, **slot.means}.get(bare)
    remedy = f"write {word}" if word else near(_short(cursor), slot.options)
    if word == "":
        remedy = f"it is none of {', '.join(slot.options)}"
    rule = f'no choice "{_short(cursor)}"'
    if slot.name == "service_hours":
        rule = f'service hours "{_short(cursor)}" are not supported yet: every hour counts'
        remedy = "write service_hours: 24x7"
    cursor.problem(rule, remedy)
    return None, None


def _words(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    """Return one word or several as a tuple; each must be one of the options."""
    items = cursor.elements() if isinstance(cursor.value, list) else [cursor]
    found: list[str] = []
    for item in items:
        if not isinstance(item.value, str) or item.value not in slot.options:
            item.problem(f'{slot.name}: no "{_short(item)}"', near(_short(item), slot.options))
        elif item.value in found:
            item.problem(f'"{item.value}" is there twice', "remove one")
        else:
            found.append(item.value)
    if not items:
        cursor.problem(f"{slot.name} names nothing", f"one of {', '.join(slot.options)}")
    return (tuple(found), cursor.plain()) if found and len(found) == len(items) else (None, None)


def _short(cursor: Cursor) -> str:
    return words(cursor.plain())[:60]


def _names(cursor: Cursor, slot: Slot, *, twice: bool = False) -> tuple[Any, Any]:
    if not isinstance(cursor.value, list):
        simple = cursor.value is not None and not isinstance(cursor.value, dict)
        cursor.problem("is no list", f"write [{_short(cursor)}]" if simple else "write [a, b]")
        return None, None
    names: list[str] = []
    for item in cursor.elements():
        if not isinstance(item.value, str) or not item.value:
            _no_name(item)
            continue
        # A feed named twice has two power supplies; anything else is named once.
        if item.value in names and not twice:
            item.problem(f'"{item.value}" is there twice', "remove one")
        names.append(item.value)
    return (tuple(names), names) if len(names) == len(cursor.value) else (None, None)


def _no_name(cursor: Cursor) -> None:
    bare = isinstance(cursor.value, int | float)
    remedy = (
        f'if it is one, put it in quotes: "{_short(cursor)}"' if bare else "write its name alone"
    )
    cursor.problem(f'"{_short(cursor)}" is no name of a part or group', remedy)


def _name(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    if isinstance(cursor.value, str) and cursor.value:
        return cursor.value, cursor.value
    _no_name(cursor)
    return None, None


def _count(value: Any) -> float:  # noqa: ANN401
    return number(value, "count")


def _feeds(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    written = cursor
    need: float | None = 1
    if isinstance(cursor.value, dict):
        if cursor.keys != {"need", "of"}:
            cursor.problem("is no list of feeds", "write [a, b], or {need: 2, of: [a, b]}")
            return None, None
        written = cursor["of"]
        need = cursor["need"].read(_count)
    names, plain = _names(written, slot, twice=True)
    if names is None or (names and need is None):
        return None, None
    if not names or need is None:
        cursor.problem("no feeds", "leave power out for a part that needs none")
        return None, None
    if not 1 <= need <= len(names):
        cursor.problem(f"needs {int(need)} of {len(names)} feeds", f"need is 1 to {len(names)}")
        return None, None
    return Feeds(int(need), names), plain if written is cursor else {"need": need, "of": plain}


def _needs(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    needs = _needs_tree(cursor)
    if isinstance(needs, str | Reach):
        needs = Needs(1, (needs,))
    return needs, cursor.plain() if needs is not None else None


def _reach(cursor: Cursor) -> Reach | None:
    """Return what is reached from another part or group."""
    ends = [cursor["reach"], cursor["from"]]
    for end in ends:
        if not isinstance(end.value, str) or not end.value:
            _no_name(end)
            return None
    goal, start = (str(end.value) for end in ends)
    if goal == start:
        ends[1].problem(f'"{goal}" is reached from itself', "name what has to reach it")
        return None
    return Reach(goal, start)


def _needs_tree(cursor: Cursor) -> Needs | Reach | str | None:
    if isinstance(cursor.value, str) and cursor.value:
        return cursor.value
    if not isinstance(cursor.value, dict | list):
        _no_name(cursor)
        return None
    count: float | None = None
    good = True
    inner = cursor
    if cursor.keys == {"any"}:
        inner, count = cursor["any"], 1
    elif cursor.keys == {"at_least", "of"}:
        inner, count = cursor["of"], cursor["at_least"].read(_count)
        good = count is not None
    if cursor.keys == {"reach", "from"}:
        return _reach(cursor)
    if not isinstance(inner.value, list):
        remedy = "write [a, b], {any: [a, b]}, {at_least: 2, of: [a, b, c]} or {reach: a, from: b}"
        inner.problem("is no tree of needs", remedy)
        return None
    if not inner.value:
        cursor.problem("needs nothing", "name at least one part or group")
        return None
    parts = [_needs_tree(item) for item in inner.elements()]
    for k, part in enumerate(parts):
        if isinstance(part, str | Reach) and part in parts[:k]:
            name = part if isinstance(part, str) else part.goal
            inner[k].problem(f'"{name}" is there twice', "remove one")
    least = len(parts) if count is None else int(count)
    if not good:
        return None
    if not 1 <= least <= len(parts):
        cursor.problem(f"at least {least} of {len(parts)}", f"at_least is 1 to {len(parts)}")
        return None
    known = tuple(part for part in parts if part is not None)
    return Needs(least, known) if len(known) == len(parts) else None


def _flag(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    if isinstance(cursor.value, bool):
        return cursor.value, cursor.value
    cursor.problem(f'"{_short(cursor)}" is no flag', "write true or false")
    return None, None


def _text(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    if isinstance(cursor.value, str | int | float) and not isinstance(cursor.value, bool):
        return str(cursor.value), str(cursor.value)
    cursor.problem("is no text", "put it in quotes")
    return None, None


def _date(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    return (None, None) if cursor.read(read_date) is None else (cursor.value, cursor.value)


def _clock(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    seconds = cursor.read(clock)
    return (None, None) if seconds is None else (seconds, cursor.value)


def _when(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    text = words(cursor.plain())
    day = cursor.read(lambda _plain: parse_monthly(text))
    return (None, None) if day is None else (text, text)


def _calendar(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    return read_calendar(cursor)


def _failback(cursor: Cursor, slot: Slot) -> tuple[Any, Any]:
    if cursor.value in ("never", "at_once"):
        return (cursor.value, None), cursor.value
    if cursor.keys == {"next_open"}:
        calendar, plain = read_calendar(cursor["next_open"])
        return (("next_open", calendar), {"next_open": plain}) if calendar else (None, None)
    rule = f'no failback "{_short(cursor)}"'
    cursor.problem(rule, "write never, at_once or {next_open: calendar}")
    return None, None


READERS: dict[str, Callable[[Cursor, Slot], tuple[Any, Any]]] = {
    "choice": _choice,
    "words": _words,
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
