"""Checks over a whole resolved design: what one slot alone cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.references import check_references, owners
from pacsim.design.wiring import check_paths, check_power, check_runs_on, warn_unpowered
from pacsim.parts.registry import GROUPS, SHIPPED
from pacsim.parts.site import common_share
from pacsim.parts.values import HANDS_ON, Delay, Part
from pacsim.units import MONTH, YEAR

if TYPE_CHECKING:
    from pacsim.design.desk import Desk
    from pacsim.design.places import Places
    from pacsim.design.references import Owner
    from pacsim.design.resolve import Resolved

LONGEST = 50 * YEAR
YEARS = (1900, 2200)
"""First and last year in which a contract may start: others are mistyped."""
POSITIVE = {
    "contract": ("term",),
    "archive": ("studies",),
    "check": ("every", "fall"),
    "failover_tests": ("every", "valid"),
    "maintenance": ("every",),
    "disk": ("size",),
    "disk_array": ("disks", "controllers"),
    "ups": ("runtime", "recharge", "battery_age", "battery_test"),
    "generator": ("fuel", "retries"),
    "backup": ("interval", "retention"),
    "crew": ("size",),
}
"""Numbers that cannot be zero, by type of record."""
BELOW_ONE = {
    "common": ("hardware", "software"),
    "common_cause": ("share",),
    "disk_array": ("both_controllers",),
}
"""Shares of common causes: a share of 1 leaves nothing for the members' own failures."""
TOGETHER: dict[str, dict[str, tuple[str, ...]]] = {
    "crew": {"on_duty": ("respond_night",)},
    "generator": {"fuel": ("refuel",)},
    "server": {"psu": ("psu_repair",)},
    "database": {"corruption": ("discover", "restore")},
    "disk_array": {"controller": ("controller_repair",), "shelf": ("shelf_repair",)},
    "utility": {
        "internal": ("internal_repair",),
        "major": ("major_share",),
        "major_share": ("major",),
        "momentary": ("momentary_length",),
    },
    "ups": {"battery_life": ("battery_replace",)},
    "switch": {"soft_share": ("soft_repair",)},
    "software": {"change_fails": ("change_fix",)},
    "support": {"part_missing": ("part_delay",)},
}
"""Slots that mean nothing without others."""
COUNTED = {
    "server": ("repair", "psu_repair"),
    "component": ("repair",),
    "link": ("repair",),
    "pdu": ("repair",),
    "switch": ("repair",),
    "disk_array": ("controller_repair", "shelf_repair"),
    "support": ("response", "part_delay"),
}
"""Slots whose time may be counted in the hours of a calendar."""
LEAST = {"raid0": 1, "raid1": 2, "raid5": 3, "raid6": 4, "raidz3": 5, "raid10": 4}
"""Disks that a layout needs."""
ALL_INCLUDED = {
    "ats",
    "clients",
    "crew",
    "generator",
    "ups",
    "utility",
    "backup",
    "common_cause",
    "database",
}
"""Types whose repairs are not attended by a vendor under a contract of the design."""
FIELDED = {module.TYPE.name for module in SHIPPED} | set(GROUPS)


def check(desk: Desk, resolved: Resolved, where: Places) -> tuple[str, ...]:
    """Note what is wrong between parts, and return what is legal and still looks wrong."""
    check_references(desk, resolved, where)
    check_power(desk, resolved, where)
    check_runs_on(desk, resolved, where)
    for owner in owners(resolved):
        _numbers(desk, owner, where)
        _together(desk, owner, where)
        _calendars(desk, owner, where)
    _contract(desk, resolved, where)
    _arrays(desk, resolved, where)
    _members(desk, resolved, where)
    _common(desk, resolved, where)
    _backups(desk, resolved, where)
    _support(desk, resolved, where)
    _windows(desk, resolved, where)
    warnings = check_paths(desk, resolved, where)
    if not resolved.roles:
        warnings.append("roles: none, so nothing is measured")
    return tuple(warnings + warn_unpowered(resolved) + warn_left_out(resolved))


def warn_left_out(resolved: Resolved) -> list[str]:
    """Return warnings on what a design leaves out in its own favour."""
    parts = resolved.parts.values()
    saved = {name for part in parts if part.type == "backup" for name in part.names("of")}
    found = [
        f"parts.{part.name}: no backup of it, so contents that are lost are gone"
        for part in parts
        if part.type == "disk_array" and part.name not in saved
    ]
    if any(part.type == "server" for part in parts) and not any(p.type == "crew" for p in parts):
        found.append("parts: no crew, so somebody responds at once at any hour")
    return found


def _at(desk: Desk, where: Places, path: str, rule: str, remedy: str = "") -> None:
    desk.problem(where.at(path), path, rule, remedy)


def _numbers(desk: Desk, owner: Owner, where: Places) -> None:
    for slot in POSITIVE.get(owner.kind.name, ()):
        value = owner.part.values.get(slot)
        if value is not None and not value > 0:
            _at(desk, where, f"{owner.path}.{slot}", f"{slot} must be greater than 0")
    for slot in BELOW_ONE.get(owner.kind.name, ()):
        value = owner.part.values.get(slot)
        if value is not None and not value < 1:
            _at(desk, where, f"{owner.path}.{slot}", f"{slot} must be below 1")


def _together(desk: Desk, owner: Owner, where: Places) -> None:
    for slot, others in TOGETHER.get(owner.kind.name, {}).items():
        if not owner.part.values.get(slot):
            continue
        for other in others:
            if owner.part.values.get(other) is None and f"{owner.path}.{other}" not in {
                p.path for p in desk.problems
            }:
                rule = f"{slot} needs {other}"
                _at(desk, where, f"{owner.path}.{slot}", rule, f"give {other}")


def _calendars(desk: Desk, owner: Owner, where: Places) -> None:
    kind = owner.kind.name
    for slot in owner.kind.slots:
        value = owner.part.values.get(slot.name)
        if not isinstance(value, Delay) or value.calendar is None:
            continue
        path = f"{owner.path}.{slot.name}"
        try:
            if value.next_day:
                value.calendar.check_business_days()
        except ValueError as error:
            _at(desk, where, path, str(error))
        if value.next_day and (kind, slot.name) != ("support", "response"):
            rule = "next_business_day is for the response of a support contract"
            _at(desk, where, path, rule, "write {counted_in: calendar, ...} or a plain time")
        elif kind in FIELDED | set(COUNTED) and slot.name not in COUNTED.get(kind, ()):
            rule = f"{slot.name} of a {kind} is not counted in working hours yet"
            _at(desk, where, path, rule, "write a plain time")


def _contract(desk: Desk, resolved: Resolved, where: Places) -> None:
    term = resolved.contract.values.get("term")
    if term is not None and term > LONGEST:
        _at(desk, where, "contract.term", "term is over 50 years", "write 50 years or less")
    shortest = resolved.contract.values.get("min_outage")
    if term and shortest is not None and shortest >= term:
        rule = "no outage can be so long: it is not below the term"
        _at(desk, where, "contract.min_outage", rule, "write for example 60 s")
    starts = resolved.contract.values.get("starts")
    if starts is not None and not YEARS[0] <= int(str(starts)[:4]) <= YEARS[1]:
        rule = f"{starts} is not in {YEARS[0]} to {YEARS[1]}"
        _at(desk, where, "contract.starts", rule, "check the year")


def _arrays(desk: Desk, resolved: Resolved, where: Places) -> None:
    for name, part in resolved.parts.items():
        layout, disks = part.values.get("layout"), part.values.get("disks")
        if part.type != "disk_array" or layout is None or not disks:
            continue
        least = LEAST.get(layout, 1)
        path = f"parts.{name}.disks"
        if disks < least:
            _at(desk, where, path, f"{layout} needs at least {least} disks", "without spares")
        elif layout == "raid10" and disks % 2:
            _at(desk, where, path, "raid10 needs an even number of disks", "without spares")


def _members(desk: Desk, resolved: Resolved, where: Places) -> None:
    home: dict[str, str] = {}
    for name, group in resolved.groups.items():
        if (group.values.get("restart_first") or 0) > 1:
            rule = "more than one restart in place is not supported yet"
            _at(desk, where, f"groups.{name}.restart_first", rule, "write 0 or 1")
        members = group.names("members")
        if group.values.get("members") is not None and len(members) < 2:
            _at(desk, where, f"groups.{name}.members", "a group has two members or more")
        for k, member in enumerate(members):
            if home.setdefault(member, name) != name:
                path = f"groups.{name}.members[{k}]"
                rule = f'"{member}" is in group "{home[member]}" already'
                _at(desk, where, path, rule, "a server is in one group")
    for name, group in resolved.groups.items():
        _alike(desk, resolved, where, name, group)
    crews = [name for name, part in resolved.parts.items() if part.type == "crew"]
    for name in crews[1:]:
        rule = f'a second crew beside "{crews[0]}" is not supported yet'
        _at(desk, where, f"parts.{name}", rule, "give one crew more people")
    for name, part in resolved.parts.items():
        if part.type == "common_cause":
            _shared(desk, resolved, where, name, part)
        between = part.values.get("between")
        if part.type == "link" and between is not None and len(between) != 2:
            rule = f"between names {len(between)} parts"
            _at(desk, where, f"parts.{name}.between", rule, "a link joins two")


def _alike(desk: Desk, resolved: Resolved, where: Places, name: str, group: Part) -> None:
    """Note a common share of members that fail at different rates."""
    common = group.values.get("common")
    members = [resolved.parts[m] for m in group.names("members") if m in resolved.parts]
    if not isinstance(common, Part):
        return
    for kind, slot in (("hardware", "fails"), ("software", "crash")):
        owners = members
        if kind == "software":
            owners = [m.part("software") for m in members if m.values.get("software") is not None]
        laws = [one.values[slot].law for one in owners if one.values.get(slot) is not None]
        if common.values.get(kind) and any(law != laws[0] for law in laws[1:]):
            rule = f"members have different {slot}, so a share of them is not one rate"
            _at(desk, where, f"groups.{name}.common.{kind}", rule, "make them alike with like:")


def _common(desk: Desk, resolved: Resolved, where: Places) -> None:
    """Note parts of whose failures common causes together take all."""
    groups = {m: g for g in resolved.groups.values() for m in g.names("members")}
    for name in resolved.parts:
        for kind in ("hardware", "software"):
            share = common_share(resolved.parts, groups.get(name), name, kind)
            if share >= 1:
                rule = f"common causes take {100 * share:.4g} % of its {kind} failures"
                _at(desk, where, f"parts.{name}", rule, "give smaller shares; together below 1")


def _backups(desk: Desk, resolved: Resolved, where: Places) -> None:
    taken: dict[str, str] = {}
    for name, part in resolved.parts.items():
        if part.type != "backup":
            continue
        for k, source in enumerate(part.names("of")):
            known = resolved.parts.get(source)
            if known is None or known.type != "disk_array":
                continue
            if taken.setdefault(source, name) != name:
                rule = (
                    f'a second backup of "{source}" beside "{taken[source]}" is not supported yet'
                )
                _at(desk, where, f"parts.{name}.of[{k}]", rule, "keep the one a restore would take")


def _support(desk: Desk, resolved: Resolved, where: Places) -> None:
    """Note contracts of parts no repair of which asks for one."""
    for name, part in resolved.parts.items():
        delays = [value for value in part.values.values() if isinstance(value, Delay)]
        if part.values.get("support") is None or part.type not in FIELDED:
            continue
        if not any(value.covers == HANDS_ON for value in delays) or part.type in ALL_INCLUDED:
            rule = "a contract changes nothing here: its repairs include everything"
            _at(desk, where, f"parts.{name}.support", rule, "leave it out, or change the repair")


def _shared(desk: Desk, resolved: Resolved, where: Places, name: str, part: Part) -> None:
    members, path = part.names("members"), f"parts.{name}.members"
    if part.values.get("members") is not None and len(members) < 2:
        _at(desk, where, path, "a common cause has two members or more")
    found = [resolved.parts[m] for m in members if m in resolved.parts]
    kinds = {one.type for one in found}
    if len(kinds) > 1:
        _at(desk, where, path, f"members are of several types: {', '.join(sorted(kinds))}")
        return
    laws = [one.values["fails"].law for one in found if one.values.get("fails") is not None]
    if any(law != laws[0] for law in laws[1:]):
        rule = "members fail at different rates, so a share of them is not one rate"
        _at(desk, where, path, rule, "give them the same fails, for example with like:")


def _windows(desk: Desk, resolved: Resolved, where: Places) -> None:
    windows = resolved.practices.values.get("maintenance") or {}
    for name, window in windows.items():
        every = window.values.get("every")
        if every and (every % MONTH or (12 * MONTH) % every):
            path = f"practices.maintenance.{name}.every"
            rule = "does not divide a year into whole months"
            _at(desk, where, path, rule, "write 1, 2, 3, 4, 6 or 12 months")
