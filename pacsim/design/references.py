"""References: every name written for another part or group, what it may be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.design.overlay import WIDEST
from pacsim.files.problems import near
from pacsim.parts import design_file, practices
from pacsim.parts.registry import GROUPS, part_types
from pacsim.parts.values import Feeds, Needs, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacsim.design.desk import Desk
    from pacsim.design.places import Places
    from pacsim.design.resolve import Resolved
    from pacsim.parts.slots import RecordType, Slot

SOURCES = ("utility", "generator", "ats", "ups", "pdu")
"""Types that power may come from."""
SHOCKED = ("component", "link", "pdu", "server", "switch", "ups")
"""Types whose failures may have a common cause."""
ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {
    ("ats", "normal"): SOURCES,
    ("ats", "emergency"): SOURCES,
    ("database", "runs_on"): ("server", *GROUPS),
    ("database", "stored_on"): ("disk_array",),
    ("backup", "of"): ("disk_array", "database"),
    ("active_passive", "members"): ("server",),
    ("common_cause", "members"): SHOCKED,
    ("fencing", "heartbeat"): ("link",),
    ("maintenance", "of"): ("server",),
    ("role", "used_from"): ("clients",),
    ("role", "needs"): tuple(
        name for name in (*part_types(), *GROUPS) if name not in {"clients", "common_cause", "crew"}
    ),
}
"""Types that a reference may have; any part where nothing is said."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A record and where it is: of a design, a part, a group, a role, or nested in one."""

    path: str
    kind: RecordType
    part: Part


def owners(resolved: Resolved) -> Iterator[Owner]:
    """Yield every record of a design, nested ones after what they nest in."""
    types = {**part_types(), **GROUPS}
    yield from _nested("contract", design_file.CONTRACT, resolved.contract)
    yield from _nested("archive", design_file.ARCHIVE, resolved.archive)
    for section in ("parts", "groups"):
        for name, part in getattr(resolved, section).items():
            yield from _nested(f"{section}.{name}", types[part.type], part)
    for name, role in resolved.roles.items():
        yield from _nested(f"roles.{name}", design_file.ROLE, role)
    yield from _nested("practices", practices.TYPE, resolved.practices)


def _nested(path: str, kind: RecordType, part: Part) -> Iterator[Owner]:
    yield Owner(path, kind, part)
    for slot in kind.slots:
        inner = part.values.get(slot.name)
        if slot.record is not None and isinstance(inner, Part):
            yield from _nested(f"{path}.{slot.name}", slot.record, inner)
        elif slot.record is not None and inner:
            for name, one in inner.items():
                yield from _nested(f"{path}.{slot.name}.{name}", slot.record, one)
    own = part.values.get("support")
    if isinstance(own, Part) and kind.slot("support") is None:
        yield from _nested(f"{path}.support", practices.SUPPORT, own)


def named(slot: Slot, value: Any, path: str) -> list[tuple[str, str]]:  # noqa: ANN401
    """Return (path, name) of every reference in the value of a slot."""
    if value is None:
        return []
    if slot.kind == "name":
        return [(path, str(value))]
    if slot.kind == "names":
        return [(f"{path}[{k}]", name) for k, name in enumerate(value)]
    if isinstance(value, Feeds):
        return [(f"{path}[{k}]", name) for k, name in enumerate(value.of)]
    if isinstance(value, Needs):
        return [(path, name) for name in value.names()]
    return []


def is_words(slot: Slot) -> bool:
    """Return whether a list holds words of the slot's own, not names of parts."""
    return bool(slot.options) and not set(slot.options) & {*part_types(), *GROUPS}


def check_references(desk: Desk, resolved: Resolved, where: Places) -> None:
    """Note every name that no part or group has, and every one of a type that cannot serve."""
    kinds = written_types(where)
    for owner in owners(resolved):
        for slot in owner.kind.slots:
            if slot.kind not in {"name", "names", "feeds", "needs"}:
                continue
            refs = named(slot, owner.part.values.get(slot.name), f"{owner.path}.{slot.name}")
            for path, name in refs:
                _check_one(desk, where, owner, slot, path, name, kinds)


def written_types(where: Places) -> dict[str, str]:
    """Return the type of every part and group that is written, resolved or not."""
    found: dict[str, str] = {}
    for section in ("groups", "parts"):
        node = where.by_path.get(section)
        if node is None or not isinstance(node.value, dict):
            continue
        for name, child in node.value.items():
            kind = child.value.get("type") if isinstance(child.value, dict) else None
            found[name] = str(kind.value) if kind is not None else ""
    return found


def _check_one(
    desk: Desk,
    where: Places,
    owner: Owner,
    slot: Slot,
    path: str,
    name: str,
    kinds: Mapping[str, str],
) -> None:
    at = where.at(path)
    if slot.kind == "needs":
        path, at = needs_place(where, path, name)
    if is_words(slot):
        if name not in slot.options:
            desk.problem(at, path, f'no {slot.name} "{name}"', near(name, slot.options))
        return
    feeds = slot.kind == "feeds" or (owner.kind.name, slot.name) in {
        ("ats", "normal"),
        ("ats", "emergency"),
    }
    allowed = ALLOWED.get((owner.kind.name, slot.name), slot.options)
    if slot.kind == "feeds":
        allowed = SOURCES
    what = "part" if set(allowed) and not set(allowed) & set(GROUPS) else "part or group"
    if slot.name == "network" and owner.path == f"parts.{name}":
        desk.problem(at, path, f'"{name}" is cabled to itself', "remove it")
    elif name not in kinds:
        known = [n for n, kind in kinds.items() if not allowed or kind in allowed] or list(kinds)
        remedy = near(name, known)
        remedy = remedy if len(remedy) < WIDEST else "see the names under parts and groups"
        desk.problem(at, path, f'no {what} "{name}"', remedy)
    elif allowed and kinds[name] not in allowed and kinds[name] in {*part_types(), *GROUPS}:
        if feeds and kinds[name] not in part_types():
            rule = f'"{name}" is a group, it gives no power'
        elif feeds:
            rule = f'"{name}" is a {kinds[name]}, it gives no power'
        else:
            rule = f'"{name}" is a {kinds[name]}, a {" or ".join(allowed)} is wanted'
        good = [n for n, kind in kinds.items() if kind in allowed]
        desk.problem(at, path, rule, f"one of {', '.join(good)}" if good else "")


def needs_place(where: Places, path: str, name: str) -> tuple[str, Any]:
    """Return path and node of a name in a tree of needs."""
    for inner, node in where.by_path.items():
        if inner.startswith(path) and node.value == name:
            return inner, node
    return path, where.at(path)
