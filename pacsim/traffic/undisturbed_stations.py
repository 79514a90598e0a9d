"""Stations that no fault can reach: in windows there is nothing to see of them (T23)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacsim.traffic.client_tables import FREE, Asker

if TYPE_CHECKING:
    from pacsim.traffic.client_tables import Station, TrafficTables

NEVER = 1e18
"""Seconds between questions of who asks none: more than any term has."""


def undisturbed(station: Station) -> bool:
    """Return whether a station is served alike whatever fails, and takes nothing from others.

    So it is with worklists of somebody who never fails: what is asked there goes through none of
    the pools, limits and conditions of the archive, and a window has of it what its twin has.

    Parameters
    ----------
    station : Station
        Of a workload.

    Examples
    --------
    >>> from pacsim.traffic.client_tables import Operation, Station, Work
    >>> ask = Operation("worklist", (Work(0.2),), target=FREE)
    >>> undisturbed(Station("worklist-CT-1", Asker(ask, every=600.0)))
    True
    """
    does = station.does
    if not isinstance(does, Asker) or does.ask.target != FREE:
        return False
    return not any(work.uses or work.sized for work in does.ask.works)


def without_undisturbed(tables: TrafficTables) -> TrafficTables:
    """Return a workload in which stations that no fault can reach ask nothing.

    They keep their numbers, and nobody else goes on otherwise.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    """
    stations = tuple(
        replace(one, does=replace(one.does, every=NEVER))
        if isinstance(one.does, Asker) and undisturbed(one)
        else one
        for one in tables.stations
    )
    return replace(tables, stations=stations)
