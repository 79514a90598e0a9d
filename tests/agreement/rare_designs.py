"""Small designs in which happens often what the random ones seldom show.

A move that takes several faults at the right moment, or slots that few designs have, fires here so
often that it can be counted: whole pieces of `drawn`, with windows and faults that meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ON = ("first sunday", "second sunday", "third sunday", "second wednesday", "third wednesday")


def life(ttf: str, ttr: str) -> dict[str, Any]:
    """Return slots of exponential times to failure and repair."""
    return {"ttf": _mean(ttf), "ttr": _mean(ttr)}


def _mean(value: str) -> dict[str, str]:
    return {"mean": value, "family": "exponential"}


def _server(ttf: str, ttr: str, crash: str, **more: Any) -> dict[str, Any]:
    software = {
        "crash": _mean(crash), "hang_share": 0, "start": "30 s", "manual_restart": _mean("20 min"),
    }  # fmt: skip
    return {
        "type": "server", "from": "server_single_psu", "reboot": "5 min", "boot_after_power": "5 min",
        "network": ["core"], **life(ttf, ttr), "software": software, **more,
    }  # fmt: skip


def _design(
    name: str,
    parts: dict[str, Any],
    groups: dict[str, Any],
    needs: list[str],
    practices: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the plain values of a design with one place of clients at a switch."""
    return {
        "pacsim": 1, "catalogue": "2026.3", "name": name,
        "contract": {"starts": "2026-01-05", "term": "2 years", "min_outage": "0 s"},
        "parts": {
            "reading": {"type": "clients", "network": ["core"]},
            "core": {"type": "switch", **life("20 d", "2 h"), "network": []},
            **parts,
        },
        "groups": groups,
        "roles": {"store": {"needs": needs, "used_from": ["reading"]}},
        "practices": practices or {},
    }  # fmt: skip


def _windows(servers: list[str], lasts: str) -> dict[str, Any]:
    """Return work on some servers in turn, now and then within days."""
    return {
        f"w-{k + 1}": {
            "of": servers, "every": "1 month", "on": f"{on} 02:00", "lasts": _mean(lasts),
            "rolling": True,
        }
        for k, on in enumerate(ON)
    }  # fmt: skip


def drained_pool() -> dict[str, Any]:
    """Return a pool that is emptied in turn after a server that is often down, and breaks meanwhile.

    Half of the faults take all members at once.
    """
    parts = {
        "spool": _server("20 h", "4 d", "15 d"),
        "node-1": _server("2 d", "2 h", "6 d"),
        "node-2": {"like": "node-1"},
    }
    pool = {
        "type": "active_active", "members": ["node-1", "node-2"], "need": 2, "least": 1,
        "check": {"sees": "tcp", "every": "20 s", "fall": 2, "rise": 2, "timeout": "5 s"},
        "common": {"hardware": 0.5, "software": 0.5}, "drain": _mean("16 h"),
    }  # fmt: skip
    work = {"maintenance": _windows(["spool", "node-1", "node-2"], "2 h")}
    return _design("drained-pool", parts, {"pool": pool}, ["pool"], work)


def handed_on() -> dict[str, Any]:
    """Return a pool behind an address that one balancer takes from the other, in vain at times."""
    parts = {
        "r-1": {
            "type": "load_balancer", **life("2 d", "6 h"), "network": ["core", "inside"],
            "soft_share": 0.5, "soft_repair": _mean("10 min"),
        },
        "r-2": {"like": "r-1"},
        "inside": {"type": "switch", **life("60 d", "2 h"), "network": []},
        "node-1": _server("9 d", "3 h", "9 d", network=["inside"]),
        "node-2": {"like": "node-1"},
        "team": {"type": "crew", "from": "people", "size": 1},
    }  # fmt: skip
    address = {
        "type": "vrrp", "members": ["r-1", "r-2"], "takeover": _mean("10 min"),
        "failover_fails": 0.6, "preempt": True,
    }  # fmt: skip
    pool = {
        "type": "active_active", "members": ["node-1", "node-2"], "need": 1, "least": 1,
        "check": {"sees": "tcp", "every": "20 s", "fall": 2, "rise": 2, "timeout": "5 s"},
        "behind": ["address"],
    }  # fmt: skip
    groups = {"address": address, "pool": pool}
    return _design("handed-on", parts, groups, ["address", "pool"])


def unready_pair() -> dict[str, Any]:
    """Return a pair whose standby is soon unfit, found late; both are down so often that it serves.

    What is down long is not missed as the other one goes down: who is back first serves, unfit or
    not.
    """
    parts = {"node-1": _server("2 d", "40 h", "9 d"), "node-2": {"like": "node-1"}}
    pair = {
        "type": "active_passive", "members": ["node-1", "node-2"], "latent": _mean("12 h"),
        "check": {"sees": "tcp", "every": "20 s", "fall": 2, "timeout": "5 s", "standby": True},
    }  # fmt: skip
    monitored = {"monitoring": {"finds": ["standby"]}, "times": {"hidden": _mean("6 d")}}
    return _design("unready-pair", parts, {"pair": pair}, ["pair"], monitored)


def lost_majority() -> dict[str, Any]:
    """Return a database whose people are on their way as the majority is lost, and go again."""
    parts = {
        "base-1": _server("4 d", "5 h", "4 d"),
        "base-2": {"like": "base-1"},
        "witness": {"type": "component", **life("8 h", "3 h"), "network": ["core"]},
        "team": {"type": "crew", "from": "people", "size": 1},
    }
    base = {
        "type": "primary_standby", "members": ["base-1", "base-2"], "quorum": "votes",
        "failover": "1 min", "success": 0.1, "replica_stop": "20 d", "notice": "1 h",
        "resync": "1 h",
    }  # fmt: skip
    groups = {"votes": {"type": "quorum", "voters": ["witness", "base-1", "base-2"]}, "base": base}
    return _design("lost-majority", parts, groups, ["base"])


def tested_bases() -> dict[str, Any]:
    """Return databases whose failover is tested every other day, often with an outage or a dead copy."""
    parts = {
        "base-1": _server("60 d", "5 h", "60 d"),
        "base-2": _server("20 d", "3 d", "60 d"),
        "witness": {"type": "component", **life("60 d", "3 h"), "network": ["core"]},
    }
    base = {
        "type": "primary_standby", "members": ["base-1", "base-2"], "quorum": "votes",
        "failover": "1 min", "success": 0.5, "success_tested": 0.9, "proven_for": _mean("9 d"),
        "replica_stop": "10 d", "notice": _mean("30 d"), "resync": "1 h",
    }  # fmt: skip
    groups = {"votes": {"type": "quorum", "voters": ["witness", "base-1", "base-2"]}, "base": base}
    tests = {
        "every": "2 days", "outage": "2 min", "causes_outage": 0.3, "outage_repair": "2 h",
    }  # fmt: skip
    return _design("tested-bases", parts, groups, ["base"], {"failover_tests": tests})


RARE: dict[str, tuple[Callable[[], dict[str, Any]], float, set[str]]] = {
    "drained pool": (drained_pool, 4.5, {
        "active_active/*-*.called-back", "active_active/*-*.called-off",
        "active_active/*-*.miss-draining", "active_active/hardware.strike",
        "active_active/software.strike",
    }),
    "handed on": (handed_on, 1.5, {
        "active_active/way-*.moved-*", "vrrp/phase.healed", "vrrp/phase.returned",
        "vrrp/phase.worked",
    }),
    "unready pair": (unready_pair, 4.5, {
        "active_passive/standby-*.serves", "active_passive/standby-*.spoil",
        "active_passive/standby-*.found",
    }),
    "lost majority": (lost_majority, 3.5, {"primary_standby/phase.sent-away"}),
    "tested bases": (tested_bases, 2.0, {
        "primary_standby/replica-*.looked-at", "primary_standby/phase.test",
        "primary_standby/phase.tested", "primary_standby/phase.upset",
        "primary_standby/phase.restored", "primary_standby/looked.look",
        "primary_standby/looked.looked", "primary_standby/tested.lapsed",
    }),
}  # fmt: skip
"""By design: years that are run, and the moves that fire in them as often as all others elsewhere."""
