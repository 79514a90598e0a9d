"""From a resolved design with a workload to the tables that simulators read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pacsim.errors import PacsimError
from pacsim.traffic import client_tables as t
from pacsim.traffic import handover
from pacsim.traffic.client_conditions import POOL
from pacsim.traffic.served import Served
from pacsim.traffic.stations import stations

if TYPE_CHECKING:
    from pacsim.design.resolved import Resolved
    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.client_tables import TrafficTables


def tables(resolved: Resolved) -> TrafficTables:
    """Return the tables of a design's workload.

    Parameters
    ----------
    resolved : Resolved
        Of a design with a workload.

    Returns
    -------
    TrafficTables
        Stations in the order of the file: modalities, readers, routers, worklists, probes.

    Raises
    ------
    PacsimError
        If the design has no workload.
    """
    if resolved.workload is None:
        msg = f"{resolved.name}: no workload, so there is no traffic; write workload: {{...}}"
        raise PacsimError(msg)
    conditions = conditions_of(resolved)
    served = Served.of(resolved, conditions)
    limits = tuple(
        t.Limit(int(one["associations"]), str(one["over_limit"])) for one in served.serves
    )
    return t.TrafficTables(
        conditions,
        stations(resolved, conditions, served, starts(resolved)),
        tuple(served.pools),
        limits,
        _dial(resolved) if conditions.kind == POOL else None,
        resolved.workload.record.number("missed_reset"),
    )


def starts(resolved: Resolved) -> int:
    """Return the hour of the week, from Monday 00:00, at which the contract starts."""
    return 24 * dt.date.fromisoformat(str(resolved.contract["starts"])).weekday()


def conditions_of(resolved: Resolved) -> Conditions:
    """Return which conditions the clients of the workload's archive meet.

    Routers and worklist servers that no part is never fail and are no targets.
    """
    workload = resolved.workload
    assert workload is not None
    asked = [*workload.record["routers"]]
    if workload.worklist_target:
        asked.append(workload.worklist_target)
    named = [x for x in dict.fromkeys(asked) if x in resolved.parts or x in resolved.groups]
    return handover.conditions_of(
        resolved.parts, resolved.groups, workload.archive, workload.sites, named
    )


def _dial(resolved: Resolved) -> t.Dial:
    assert resolved.workload is not None
    group = resolved.groups[resolved.workload.archive]
    dial, check = group.part("dial"), group.part("check")
    return t.Dial(
        str(dial["mode"]),
        int(dial["retries"]),
        dial.number("connect"),
        bool(group["redispatch"]),
        int(dial["observe"]),
        check.number("every"),
        int(check["rise"]),
    )
