"""Wiring: power that feeds itself, and paths that exist even with everything up."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from pacsim.design.cursor import Cursor
from pacsim.design.references import needs_place
from pacsim.files.problems import with_article
from pacsim.parts.network import cables, ends_of, enough, most
from pacsim.parts.role_places import reaches_of, used_by
from pacsim.parts.traits import (
    FOLLOWS,
    FORWARDS,
    MIRRORS,
    NEEDS_POWER,
    REACHED,
    RUNS_ON,
    SERVES,
    TESTED,
)
from pacsim.parts.values import Needs, Reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.design.places import Places
    from pacsim.design.resolved import Resolved
    from pacsim.parts.values import Part

    Edges = Mapping[str, Sequence[tuple[str, str]]]


def check_power(diagnostics: Diagnostics, edges: Edges, where: Places) -> None:
    """Note every circle in which power feeds itself, of what each part names as its feeds."""
    for circle in circles({n: [feed for _, feed in e] for n, e in edges.items()}):
        first = circle[0]
        after = circle[1] if len(circle) > 1 else first
        slot = next(slot for slot, feed in edges[first] if feed == after)
        path = f"parts.{first}.{slot}"
        rule = f"power goes round in a circle: {' -> '.join((*circle, first))}"
        diagnostics.problem(where.at(path), path, rule, "feed one of them from elsewhere")


def check_runs_on(diagnostics: Diagnostics, edges: Edges, where: Places) -> None:
    """Note parts that run on each other, of what each part names as its hosts."""
    for circle in circles({n: [host for _, host in e] for n, e in edges.items()}):
        path = f"parts.{circle[0]}.{edges[circle[0]][0][0]}"
        rule = f"runs on itself: {' -> '.join((*circle, circle[0]))}"
        diagnostics.problem(where.at(path), path, rule, "name a server or a group")


def circles(edges: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """Return circles in a graph, each once, from its first part in the order of the graph.

    Examples
    --------
    >>> circles({"a": ["b"], "b": ["a"], "c": ["a"]})
    [('a', 'b')]
    """
    found: dict[frozenset[str], tuple[str, ...]] = {}
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        stack = [(start, iter(edges[start]))] if start not in done else []
        trail = [start] if stack else []
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                done.add(name)
                stack.pop()
                trail.pop()
            elif following in trail:
                circle = tuple(trail[trail.index(following) :])
                found.setdefault(frozenset(circle), circle)
            elif following not in done and following in edges:
                trail.append(following)
                stack.append((following, iter(edges[following])))
    return list(found.values())


class Network:
    """Who reaches whom over what passes traffic on, with everything up."""

    def __init__(self, parts: Mapping[str, Part], groups: Mapping[str, Part]) -> None:
        self.parts = parts
        self.beside: dict[str, set[str]] = {}
        for a, b in cables(parts, groups):
            if a in parts and b in parts:
                self.beside.setdefault(a, set()).add(b)
                self.beside.setdefault(b, set()).add(a)

    def reaches(self, start: str, end: str, carrying: float = 0.0) -> bool:
        """Return whether a path that carries so much (bytes/s) joins two ends.

        A part without any cable is attached directly.
        """
        if start not in self.beside or end not in self.beside:
            return True
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            if here == end:
                return True
            passes = self.parts[here].has(FORWARDS)
            narrow = passes and not enough(most(self.parts[here]), carrying)
            if narrow or (here != start and not passes):
                continue
            todo += [other for other in sorted(self.beside[here]) if other not in seen]
            seen.update(todo)
        return False

    def widest(self, start: str, end: str) -> float:
        """Return the most that one path between two ends carries, in bytes/s; 0 without a path."""
        sizes = {most(part) for part in self.parts.values()}
        return max((size for size in sizes if self.reaches(start, end, size)), default=0.0)

    def narrowest(self, start: str, end: str) -> str:
        """Return the narrowest part on the widest path between two ends, the first one from start.

        Empty if nothing on it has a capacity. Of paths that are as wide the shortest counts.
        """
        width = self.widest(start, end)
        if not 0 < width < inf or start not in self.beside or end not in self.beside:
            return ""
        before: dict[str, str] = {start: ""}
        todo = [start]
        while todo and end not in before:
            here = todo.pop(0)
            passes = self.parts[here].has(FORWARDS) and enough(most(self.parts[here]), width)
            if here != start and not passes:
                continue
            for other in sorted(self.beside[here]):
                if other not in before:
                    before[other] = here
                    todo.append(other)
        way, here = [], end
        while here:
            way.append(here)
            here = before[here]
        return next((x for x in reversed(way) if enough(width, most(self.parts[x]))), "")

    def carriers(self, name: str) -> list[str]:
        """Return the switches that a part is cabled to, else the links."""
        forwarding = sorted(n for n in self.beside.get(name, set()) if self.parts[n].has(FORWARDS))
        return [n for n in forwarding if not self.parts[n].names("between")] or forwarding


def check_paths(
    diagnostics: Diagnostics, resolved: Resolved, where: Places, network: Network
) -> list[str]:
    """Note wanted paths that do not exist; return warnings about members out of reach."""
    warnings = []
    for role in resolved.roles.values():
        for k, place in enumerate(role.names("used_from")):
            if place not in resolved.parts:
                continue
            for name in used_by(role):
                ends = _ends(resolved, name)
                legs = {end: leg_missing(resolved, network, place, name, end) for end in ends}
                away = [end for end, leg in legs.items() if leg is not None]
                path = f"roles.{role.name}.used_from[{k}]"
                if ends and len(away) == len(ends):
                    cursor = Cursor(diagnostics, where.at(path), path)
                    start, end = legs[away[0]] or (place, away[0])
                    _no_path(cursor, network, (start, name if end == away[0] else end), end)
                elif away:
                    warnings.append(f"{path}: no path from {place} to {', '.join(away)}")
        for reach in reaches_of(role):
            _check_reach(diagnostics, resolved, where, network, role, reach)
    for name, part in resolved.parts.items():
        for k, other in enumerate(part.names("storage")):
            stores = [x for x in ends_of(resolved.groups, other) if x in resolved.parts]
            away = [x for x in stores if not network.reaches(name, x)]
            path = f"parts.{name}.storage[{k}]"
            if away == stores and stores:
                cursor = Cursor(diagnostics, where.at(path), path)
                _no_path(cursor, network, (name, other), stores[0])
            elif away:
                warnings.append(f"{path}: no path from {name} to {', '.join(away)}")
    for name, group in resolved.groups.items():
        ends = [x for x in group.names("members") if x in resolved.parts]
        if group.has(MIRRORS) and len(ends) == 2 and not network.reaches(ends[0], ends[1]):
            path = f"groups.{name}.members[1]"
            cursor = Cursor(diagnostics, where.at(path), path)
            _no_path(cursor, network, (ends[0], ends[1]), ends[1])
    return warnings + _check_copies(diagnostics, resolved, where, network)


def _check_copies(
    diagnostics: Diagnostics, resolved: Resolved, where: Places, network: Network
) -> list[str]:
    """Note members that no path joins to any other whose copy they keep; warn of those uncabled."""
    warnings = []
    for name, group in resolved.groups.items():
        if not group.has(FOLLOWS):
            continue
        members = [x for x in group.names("members") if x in resolved.parts]
        alone = [
            k
            for k, member in enumerate(members)
            if not any(network.reaches(member, x) for x in members if x != member)
        ]
        # Where nobody reaches anybody all others are away from the first one.
        for k in alone[len(alone) == len(members) :]:
            path = f"groups.{name}.members[{k}]"
            cursor = Cursor(diagnostics, where.at(path), path)
            member, near = members[k], members[0 if k else 1]
            _no_path(cursor, network, (near, member), member)
        warnings += _uncabled(network, members)
    return warnings


def warn_bases(resolved: Resolved, network: Network) -> list[str]:
    """Return a warning where no server that a role needs reaches a database that it needs.

    Roles ask for no such path, so a design would look better than it is.
    """
    warnings = []
    for role in resolved.roles.values():
        names = used_by(role)
        fronts = {x: ends for x in names if (ends := _ends(resolved, x))}
        for name in names:
            part = resolved.parts.get(name) or resolved.groups.get(name)
            if part is None or not (part.has(RUNS_ON) or part.has(FOLLOWS)):
                continue
            on = str(part.values.get("runs_on")) if part.has(RUNS_ON) else name
            hosts = [x for x in ends_of(resolved.groups, on) if x in resolved.parts]
            warnings += [
                f"roles.{role.name}.needs: no path from {front} to {name} even with everything up"
                for front, ends in fronts.items()
                if hosts
                and resolved.parts[ends[0]].has(SERVES)
                and not any(a == b or network.reaches(a, b) for a in ends for b in hosts)
            ]
    return warnings


def check_peaks(
    diagnostics: Diagnostics, resolved: Resolved, where: Places, network: Network
) -> None:
    """Note places whose peak no path carries to what a role needs, even with everything up."""
    for role in resolved.roles.values():
        needs = role.values.get("needs")
        for place in role.names("used_from"):
            # Who has no peak, or has it wrong, asks for no capacity.
            peak = resolved.parts[place].values.get("peak") if place in resolved.parts else None
            if isinstance(needs, Needs) and isinstance(peak, float):
                short = _short(resolved, network, needs, place, peak)
                if short:
                    path = f"parts.{place}.peak"
                    cursor = Cursor(diagnostics, where.at(path), path)
                    _too_narrow(cursor, network, (place, short[0]), _first(resolved, short[0]))


def _short(
    resolved: Resolved, network: Network, needs: Needs, place: str, peak: float
) -> list[str]:
    """Return what is needed and no path carries the peak to; none if what is left suffices."""
    short: list[str] = []
    met = 0
    for child in needs.of:
        if isinstance(child, Needs):
            inside = _short(resolved, network, child, place, peak)
        elif isinstance(child, Reach):
            # It is reached from elsewhere, so the place's peak does not matter.
            inside = []
        else:
            # That there is no path at all is said elsewhere.
            ends = [end for end in _first(resolved, child) if network.reaches(place, end)]
            lost = bool(ends) and not any(network.reaches(place, end, peak) for end in ends)
            inside = [child] if lost else []
        met += not inside
        short += inside
    return short if met < needs.k else []


def _too_narrow(cursor: Cursor, network: Network, pair: tuple[str, str], ends: list[str]) -> None:
    widest = max(network.widest(pair[0], end) for end in ends)
    at_most = f"the widest carries {widest * 8 / 1e6:g} Mbit/s"
    rule = f'no path from "{pair[0]}" to "{pair[1]}" carries its peak even with everything up'
    cursor.problem(f"{rule}; {at_most}", "give what is on the way more capacity, or lower the peak")


def _check_reach(
    diagnostics: Diagnostics,
    resolved: Resolved,
    where: Places,
    network: Network,
    role: Part,
    reach: Reach,
) -> None:
    """Note what no part or member of its start reaches even with everything up."""

    def ends(name: str) -> list[str]:
        part = resolved.parts.get(name)
        if part is not None and part.has(RUNS_ON):
            return ends(str(part["runs_on"]))
        group = resolved.groups.get(name)
        names = group.names("members") if group is not None else (name,)
        return [one for one in names if one in resolved.parts]

    pairs = [(a, b) for a in ends(reach.start) for b in ends(reach.goal)]
    if pairs and not any(network.reaches(a, b) for a, b in pairs):
        path = needs_place(where, f"roles.{role.name}", reach.goal)
        cursor = Cursor(diagnostics, where.at(path), path)
        _no_path(cursor, network, (pairs[0][0], reach.goal), pairs[0][1])


def _ends(resolved: Resolved, name: str) -> list[str]:
    group = resolved.groups.get(name)
    if group is not None and group.has(REACHED):
        return [m for m in group.names("members") if m in resolved.parts]
    part = resolved.parts.get(name)
    return [name] if part is not None and part.has(REACHED) else []


def holders_of(resolved: Resolved, name: str) -> list[str]:
    """Return the balancers behind which a group is, none if it is behind none."""
    group = resolved.groups.get(name)
    behind = group.names("behind") if group is not None else ()
    named = [resolved.groups[x].names("members") if x in resolved.groups else (x,) for x in behind]
    return [x for names in named for x in names if x in resolved.parts]


def _first(resolved: Resolved, name: str) -> list[str]:
    """Return the ends to which clients have a path of their own: balancers, or else members."""
    return holders_of(resolved, name) or _ends(resolved, name)


def leg_missing(
    resolved: Resolved, network: Network, place: str, name: str, end: str
) -> tuple[str, str] | None:
    """Return two ends that no path joins, on the way from a place to a member of what it needs.

    A balancer passes nothing on: behind some the way is place to holder, holder to member.
    """
    group = resolved.groups.get(name)
    if group is None or not group.names("behind"):
        return None if network.reaches(place, end) else (place, end)
    holders = holders_of(resolved, name)
    near = [x for x in holders if network.reaches(place, x)]
    if any(network.reaches(x, end) for x in near) or not holders:
        return None
    return (near[0], end) if near else (place, holders[0])


def _no_path(cursor: Cursor, network: Network, pair: tuple[str, str], end: str) -> None:
    rule = f'no path from "{pair[0]}" to "{pair[1]}" even with everything up'
    far = network.carriers(end)
    near = network.carriers(pair[0])
    begin = " or ".join(near) if near else pair[0]
    remedy = f"connect {begin} to {' or '.join(far)}" if far else f"connect {end} to {begin}"
    cursor.problem(rule, remedy)


def warn_legs(resolved: Resolved, network: Network) -> list[str]:
    """Return a warning for each balancer without a cable, or from which a member is out of reach.

    What has no cable at all counts as attached to everything, which makes a design better.
    """
    warnings = []
    for name in resolved.groups:
        holders = holders_of(resolved, name)
        members = _ends(resolved, name)
        warnings += _uncabled(network, (*holders, *(members if holders else ())))
        for holder in holders:
            away = [x for x in members if not network.reaches(holder, x)]
            if away:
                warnings.append(f"groups.{name}.behind: no path from {holder} to {', '.join(away)}")
    return warnings


def _uncabled(network: Network, names: Sequence[str]) -> list[str]:
    """Return a warning for each of some parts that has no cable, while others have some."""
    said = "without a cable it counts as attached to everything; give it network"
    alone = [x for x in names if network.beside and x not in network.beside]
    return [f"parts.{x}: {said}" for x in alone]


def warn_votes(resolved: Resolved, network: Network) -> list[str]:
    """Return a warning for each voter without a cable, or that another never reaches."""
    warnings = []
    for name, group in resolved.groups.items():
        voters = [x for x in group.names("voters") if x in resolved.parts]
        warnings += _uncabled(network, voters)
        for k, voter in enumerate(voters):
            away = [x for x in voters[k + 1 :] if not network.reaches(voter, x)]
            if away:
                warnings.append(f"groups.{name}.voters: no path from {voter} to {', '.join(away)}")
    return warnings


def warn_untested(resolved: Resolved) -> list[str]:
    """Return a warning if failovers are to be tested and no group has one."""
    tests = resolved.practices.values.get("failover_tests")
    tested = [group for group in resolved.groups.values() if group.has(TESTED)]
    if tests is None or tested:
        return []
    return ["practices.failover_tests: no group has a standby to switch to, so they do nothing"]


def warn_unpowered(resolved: Resolved) -> list[str]:
    """Return a warning for each part that needs power and has none."""
    return [
        f"parts.{name}: {with_article(part.type)} without power never loses it"
        for name, part in resolved.parts.items()
        if part.has(NEEDS_POWER) and part.values.get("power") is None
    ]
