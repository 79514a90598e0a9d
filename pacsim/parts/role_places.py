"""What a role is at each place from which it is used: up, in full, and which requests fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.build_context import hooks
from pacsim.parts.values import Reach
from pacsim.parts.watch_handles import AtPlace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Needs, Part


def request_shares(parts: Mapping[str, Part], places: Sequence[str]) -> tuple[float, ...]:
    """Return which share of the requests of a role comes from each of its places.

    Places that do not state a share divide equally what the others leave. A role used from some of
    the places gets their part of the whole, so that its shares sum to 1.

    Parameters
    ----------
    parts : mapping of Part
        By name.
    places : sequence of str
        Client sites of the role.

    Raises
    ------
    ValueError
        If the stated shares are more than all, or leave nothing where something has to be left.

    Examples
    --------
    >>> from pacsim.parts.values import Part
    >>> parts = {"ward": Part("ward", "clients", {"share": 0.6})}
    >>> parts |= {name: Part(name, "clients") for name in ("north", "south")}
    >>> request_shares(parts, ["ward", "north", "south"])
    (0.6, 0.2, 0.2)
    """
    if len(places) == 1:
        return (1.0,)
    stated = {p: parts[p].values.get("share") for p in places if p in parts}
    known = [float(share) for share in stated.values() if share is not None]
    others, left = len(places) - len(known), 1.0 - sum(known)
    if sum(known) > 1.0 + 1e-9:
        msg = f"the shares of its places sum to {100 * sum(known):.4g} %, and 100 % is all there is"
        raise ValueError(msg)
    if (others and known and left <= 1e-9) or (not others and known and sum(known) <= 0):
        silent = [place for place in places if stated.get(place) is None] or list(places)
        msg = f"the shares of its places leave no request to {', '.join(silent)}"
        raise ValueError(msg)
    whole = 1.0 if others or not known else sum(known)
    if abs(whole - 1.0) <= 1e-9:
        whole = 1.0
    each = [stated.get(place) for place in places]
    return tuple((left / others if one is None else float(one)) / whole for one in each)


def named_by(role: Part) -> tuple[str, ...]:
    """Return every part and group that a role names, to be up or to be in full.

    Examples
    --------
    >>> from pacsim.parts.values import Needs, Part
    >>> named_by(Part("read", "role", {"needs": Needs(1, ("a", "b")), "full": Needs(1, ("b",))}))
    ('a', 'b')
    """
    trees = (role.values.get("needs"), role.values.get("full"))
    return tuple(dict.fromkeys(name for tree in trees if tree is not None for name in tree.names()))


def reaches_of(role: Part) -> tuple[Reach, ...]:
    """Return what a role needs reached from elsewhere, to be up or to be in full."""
    return tuple(leaf for leaf in _leaves(role) if isinstance(leaf, Reach))


def used_by(role: Part) -> tuple[str, ...]:
    """Return every part and group that the places of a role have to reach.

    Examples
    --------
    >>> from pacsim.parts.values import Needs, Part
    >>> used_by(Part("priors", "role", {"needs": Needs(2, ("pacs", Reach("store", "pacs")))}))
    ('pacs',)
    """
    return tuple(leaf for leaf in _leaves(role) if isinstance(leaf, str))


def _leaves(role: Part) -> tuple[str | Reach, ...]:
    trees = (role.values.get("needs"), role.values.get("full"))
    return tuple(dict.fromkeys(x for tree in trees if tree is not None for x in tree.leaves()))


def failing_cases(context: BuildContext, needs: Needs) -> list[tuple[float, Condition]]:
    """Return shares of requests that fail and when at least that many do, the largest first.

    They are those of the groups that a role needs, while these serve: the largest counts. A group
    that does not serve while the role is up has others in its place, so nothing fails by it.
    """
    by_share: dict[float, list[Condition]] = {}
    for name in needs.names():
        group = context.groups.get(name)
        asked = hooks(group).failing if group is not None else None
        earlier: list[Condition] = []
        for condition, share in asked(context, group).items() if asked and group else ():
            assert 0.0 <= share <= 1.0, (name, share)
            holds = context.ok(name) & condition
            if earlier:
                holds &= ~context.m.any(earlier)
            by_share.setdefault(share, []).append(holds)
            earlier.append(condition)
    ordered = sorted((share for share in by_share if share > 0), reverse=True)
    so_far: list[Condition] = []
    cases = []
    for share in ordered:
        so_far += by_share[share]
        cases.append((share, context.m.any(so_far)))
    return cases


def failing_level(
    context: BuildContext, up: Condition, cases: Iterable[tuple[float, Condition]]
) -> Count:
    """Return the share of requests that fail while a role is up, as a level with real values."""
    level = context.m.count([])
    above: Condition | None = None
    for share, holds in cases:
        only = up & holds if above is None else up & holds & ~above
        level = level + context.m.count([only]) * share
        above = holds
    return level


def watch_places(
    context: BuildContext,
    role: Part,
    up: Mapping[str, Condition],
    whole: Mapping[str, Condition],
) -> tuple[AtPlace, ...]:
    """Observe a role at each of its places and return where; nothing new for a single one.

    Parameters
    ----------
    context : BuildContext
        Of the design.
    role : Part
        Used from the places.
    up : mapping of Condition
        By place, that the role is up there.
    whole : mapping of Condition
        By place, that nothing is missing while it is up there; empty if nothing ever is.
    """
    m, observed = context.m, f"role:{role.name}"
    shares = request_shares(context.parts, list(up))
    cases = failing_cases(context, role["needs"])
    found = []
    for (place, there), share in zip(up.items(), shares, strict=True):
        name, degraded, failing = observed, f"{observed}.degraded" if whole else "", ""
        if len(up) > 1:
            name = f"{observed}.at.{place}"
            m.gate_time(name, ~there)
            if whole:
                degraded = f"{name}.degraded"
                m.gate_time(degraded, there & ~whole[place])
        if cases:
            failing = f"{name}.failing"
            m.level_integral(failing, failing_level(context, there, cases))
        found.append(AtPlace(place, share, name, degraded, failing))
    return tuple(found)
