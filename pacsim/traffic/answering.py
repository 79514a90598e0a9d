"""Which members answer whom while conditions stay as they are, and what of them clients meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.client_conditions import GROUP, POOL, SERVER, UP
from pacsim.traffic.client_tables import ARCHIVE, FIRST, FREE, Asker, Forwarder, Modality, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.client_tables import Operation, TrafficTables


def answering(conditions: Conditions, values: Sequence[int], site: int) -> list[int]:
    """Return the numbers of the members that answer a site.

    Parameters
    ----------
    conditions : Conditions
        Of an archive.
    values : sequence of int
        Theirs, in their order.
    site : int
        Number of the place.

    Examples
    --------
    >>> from pacsim.traffic.client_conditions import Conditions, SILENT
    >>> pool = Conditions(POOL, ("a", "b"), ("s",))
    >>> answering(pool, pool.usual, 0)
    [0, 1]
    >>> met = list(pool.usual)
    >>> met[pool.index_of("member.a")] = SILENT
    >>> answering(pool, met, 0)
    [1]
    """
    met = dict(zip(conditions.names, values, strict=True))
    place = conditions.sites[site]
    found = []
    for k, member in enumerate(conditions.members):
        if _dialled(conditions, met, k) and met[f"member.{member}"] == UP:
            if conditions.holders:
                reached = _held_way(conditions, met, place, member)
            else:
                reached = bool(met[f"path.{place}.{member}"])
            if reached:
                found.append(k)
    return found


def _dialled(conditions: Conditions, met: dict[str, int], member: int) -> bool:
    """Return whether requests are sent to a member."""
    if conditions.kind == GROUP:
        return met["owner"] == member
    return conditions.kind == SERVER or bool(met[f"listed.{conditions.members[member]}"])


def _held_way(conditions: Conditions, met: dict[str, int], place: str, member: str) -> bool:
    """Return whether a place reaches a member over who holds the address."""
    if met["holder"] < 0:
        return False
    holder = conditions.holders[met["holder"]]
    alive = met[f"holder.{holder}"] == UP
    return alive and bool(met[f"front.{place}.{holder}"] and met[f"back.{holder}.{member}"])


def met_by_clients(conditions: Conditions, values: Sequence[int]) -> tuple[int, ...]:
    """Return conditions of which those that nobody meets read as usual.

    Nobody meets a member that is not the owner or not listed, nor a balancer that does not hold
    the address; who owns, who is listed and who holds stay as they are.

    Parameters
    ----------
    conditions : Conditions
        Of an archive.
    values : sequence of int
        Theirs.

    Examples
    --------
    >>> from pacsim.traffic.client_conditions import Conditions, REFUSES
    >>> pair = Conditions(GROUP, ("a", "b"), ("s",))
    >>> met_by_clients(pair, (0, REFUSES, 1, 0, 0)) == pair.usual
    True
    """
    met = dict(zip(conditions.names, values, strict=True))
    usual = dict(zip(conditions.names, conditions.usual, strict=True))
    for k, member in enumerate(conditions.members):
        if not _dialled(conditions, met, k):
            # The names of all that is of a member end in its name; its place on the list stays.
            ours = [f"member.{member}"]
            ours += [f"path.{site}.{member}" for site in conditions.sites]
            ours += [f"back.{holder}.{member}" for holder in conditions.holders]
            met |= {name: usual[name] for name in ours if name in met}
    for k, holder in enumerate(conditions.holders):
        if met["holder"] != k:
            ours = [f"holder.{holder}", *(f"front.{s}.{holder}" for s in conditions.sites)]
            ours += [f"back.{holder}.{member}" for member in conditions.members]
            met |= {name: usual[name] for name in ours}
    return tuple(met[name] for name in conditions.names)


def shares(tables: TrafficTables, values: Sequence[int], site: int) -> list[float]:
    """Return which share of a site's associations each member has, all 0 if nobody answers it.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    values : sequence of int
        Of the conditions.
    site : int
        Number of the place.
    """
    found = answering(tables.conditions, values, site)
    if tables.conditions.kind == POOL and tables.dial is not None and tables.dial.mode == FIRST:
        found = found[:1]
    return [1.0 / len(found) if k in found else 0.0 for k in range(len(tables.conditions.members))]


def unserved(tables: TrafficTables, values: Sequence[int]) -> list[str]:
    """Return the stations of which some operation is answered by nobody.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    values : sequence of int
        Of the conditions.
    """
    found = []
    for station in tables.stations:
        does = station.does
        asked: list[Operation] = []
        if isinstance(does, (Modality, Forwarder)):
            asked = [does.store]
        elif isinstance(does, Reader):
            asked = [does.query, does.retrieve]
        elif isinstance(does, Asker):
            asked = [does.ask]
        if not all(_answered(tables, values, one, station.site) for one in asked):
            found.append(station.name)
    return found


def _answered(tables: TrafficTables, values: Sequence[int], one: Operation, site: int) -> bool:
    if one.target == FREE:
        return True
    if one.target == ARCHIVE:
        return bool(answering(tables.conditions, values, site))
    names = tables.conditions.names
    return bool(values[names.index(f"target.{tables.conditions.targets[one.target]}")])
