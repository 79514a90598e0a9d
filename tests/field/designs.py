"""Random legal designs that use every choice of a design: a function of one integer each.

`drawn` gives the plain values of a whole site: a single server, a pair or three members, with all
that hangs on them. A property takes them as they are, changes them, or takes the model with every
fault clock at a stand, `calm`. So that a failure can be repeated by its number nothing else is used.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core.model import NONE, Selector
from pacsim.design import design_of
from pacsim.design.build import build

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.design import Design

DESK = {"name": "desk", "hours": ["mon-fri 08:00-17:00"]}
SLOTS = ("first sunday 02:00", "first sunday 02:30", "second tuesday 22:00", "last friday 12:00")
TERM_YEARS = 2


class Drawing:
    """One design being drawn."""

    def __init__(self, number: int) -> None:
        self.rng = np.random.default_rng([number, 20261127])
        self.parts: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}
        self.practices: dict[str, Any] = {}

    def chance(self, p: float = 0.5) -> bool:
        """Return True with a probability."""
        return bool(self.rng.random() < p)

    def one(self, *options: Any) -> Any:
        """Return one of several."""
        return options[int(self.rng.integers(len(options)))]

    def delay(self, *lengths: str) -> Any:
        """Return a delay of one of several lengths, exact or spread."""
        length = self.one(*lengths)
        return self.one({"exactly": length}, {"mean": length, "family": "exponential"}, length)

    def power(self) -> list[str]:
        """Add a way from the mains to the racks; return what servers are fed by."""
        way = self.one("none", "mains", "ups", "set", "two")
        if way == "none":
            return []
        self.parts["mains"] = {"type": "utility", "from": "utility"}
        if way == "mains":
            return ["mains"]
        feed = "mains"
        if way in {"set", "two"}:
            self.parts["set"] = {"type": "generator", "from": "generator"}
            self.parts["ats"] = {
                "type": "ats",
                "from": "ats",
                "normal": "mains",
                "emergency": "set",
            }
            feed = "ats"
        names = ["ups"] if way != "two" else ["ups", "ups-b"]
        for name in names:
            self.parts[name] = {"type": "ups", "from": "ups", "power": [feed]}
        if self.chance():
            self.parts["pdu"] = {"type": "pdu", "from": "pdu", "power": names}
            return ["pdu"]
        return names

    def network(self, feeds: list[str]) -> list[str]:
        """Add switches and a place of clients; return what servers are cabled to."""
        number = self.one(0, 1, 2)
        names = [f"core-{k + 1}" for k in range(number)]
        for name in names:
            self.parts[name] = {"type": "switch", "from": "core_switch", **fed(feeds)}
        if names:
            self.parts["reading"] = {"type": "clients", "network": names}
        return names

    def storage(self, feeds: list[str], cables: list[str]) -> bool:
        """Add an array, with a backup or without; return whether there is one."""
        if not self.chance(0.6):
            return False
        array: dict[str, Any] = {
            "type": "disk_array", "from": "array_dual_controller", "disk": {"from": "disk_group"},
            "layout": self.one("raid5", "raid6", "raid10"), "disks": self.one(6, 8),
            "hot_spares": self.one(0, 1), "rebuild": self.one("parallel", "serial"), **fed(feeds),
        }  # fmt: skip
        if cables:
            array["network"] = cables
        self.parts["array"] = array
        if self.chance(0.7):
            self.parts["nightly"] = {"type": "backup", "from": "backup_nightly", "of": ["array"]}
            if self.chance(0.3):
                self.parts["nightly"]["interval"] = self.one("6 h", "2 d")
        return True

    def server(self, feeds: list[str], cables: list[str], *, stored: bool) -> dict[str, Any]:
        """Return a server, with its application or without."""
        made: dict[str, Any] = {
            "type": "server", "from": self.one("server_single_psu", "server_dual_psu"), **fed(feeds),
            "reboot": self.delay("5 min", "20 min"),
            "boot_after_power": self.delay("3 min", "15 min"),
        }  # fmt: skip
        if cables:
            made["network"] = cables
        if stored and cables:
            made["storage"] = ["array"]
        if self.chance(0.85):
            software: dict[str, Any] = {"from": "pacs_software", "change_fails": 0.0}
            software["start"] = self.delay("5 s", "1 min", "12 min")
            if self.chance(0.3):
                software["watchdog"] = None
            made["software"] = software
        return made

    def group(self, members: list[str], cables: list[str]) -> None:
        """Add a failover group of some members."""
        group: dict[str, Any] = {
            "type": "active_passive", "members": members,
            "standby": self.one("hot", "warm", "cold"),
            "check": {
                "sees": self.one("host", "tcp", "http", "c_echo", "c_store"),
                "every": self.one("1 s", "10 s", "1 min"), "fall": self.one(1, 3, 10),
                "timeout": self.one("0 s", "5 s"),
            },
            "restart_first": self.one(0, 1),
            "switchover": self.delay("20 s", "4 min"),
            "failback": self.one("never", "at_once", {"next_open": DESK}),
        }  # fmt: skip
        if self.chance(0.6):
            fencing: dict[str, Any] = {
                "success": self.one(0.9, 1),
                "takes": self.one("0 s", "25 s"),
            }
            if self.chance():
                self.parts["beat"] = {"type": "link", "from": "patch_link", "between": members[:2]}
                fencing |= {"heartbeat": ["beat"], "split": 0.0}
            group["fencing"] = fencing
        if self.chance(0.4):
            group["common"] = {"hardware": 0.05, "software": 0.2}
        self.groups["pacs"] = group

    def work(self, members: list[str]) -> None:
        """Add windows: rolling or not, of one or all, at one time or several."""
        windows = {}
        for k in range(self.one(0, 1, 1, 2, 3)):
            windows[f"window-{k + 1}"] = {
                "of": self.one(members, members, members[:1], members[-1:]),
                "every": self.one("1 month", "3 months"), "on": self.one(*SLOTS),
                "lasts": self.delay("3 min", "40 min", "3 h"), "rolling": self.chance(),
            }  # fmt: skip
        if windows:
            self.practices["maintenance"] = windows
        if self.chance(0.4):
            self.practices["upgrades"] = {
                "of": ["pacs"] if "pacs" in self.groups and self.chance(0.7) else members,
                "every": self.one("6 months", "1 year"), "on": self.one(*SLOTS),
                "lasts": self.delay("1 h", "7 h"), "rolling": self.chance(), "overruns": 0.3,
            }  # fmt: skip

    def people(self) -> None:
        """Add who watches, who comes, and how well they know what to do."""
        if self.chance(0.6):
            finds = ["dead_battery", "degraded_raid", "hung_service"]
            self.practices["monitoring"] = {"finds": [x for x in finds if self.chance(0.7)]}
        self.practices["procedures"] = self.one("written", "none")
        if self.chance(0.5):
            self.practices["support"] = {"from": "support_4h"}
        if self.chance(0.6):
            self.parts["team"] = {"type": "crew", "from": "people", "size": self.one(1, 2)}
            if self.chance():
                self.parts["team"]["on_duty"] = DESK
        if self.groups and self.chance(0.4):
            every = self.one("1 month", "6 months")
            self.practices["failover_tests"] = {
                "every": every,
                "outage": self.delay("2 min", "1 h"),
                "finds": self.one(0.5, 1),
            }


def fed(feeds: list[str]) -> dict[str, Any]:
    """Return the slot of what is fed; none without power in the design."""
    return {"power": feeds} if feeds else {}


def drawn(number: int) -> dict[str, Any]:
    """Return the plain values of a legal design.

    Failed changes and split brains, which are no clocks of their own, have probability 0.
    """
    d = Drawing(number)
    feeds = d.power()
    cables = d.network(feeds)
    stored = d.storage(feeds, cables)
    members = ["server-a", "server-b", "server-c"][: d.one(1, 2, 2, 3)]
    d.parts[members[0]] = d.server(feeds, cables, stored=stored)
    for name in members[1:]:
        d.parts[name] = {"like": members[0]}
    serves = members[0]
    if len(members) > 1:
        d.group(members, cables)
        serves = "pacs"
    needs = [serves]
    worked_on = list(members)
    if d.chance(0.6):
        d.parts["database"] = {"type": "database", "from": "database_single", "runs_on": serves}
        needs.append("database")
        if d.chance(0.35):
            # On a server of its own, which has work as well.
            d.parts["db-host"] = d.server(feeds, cables, stored=False)
            d.parts["database"]["runs_on"] = "db-host"
            worked_on = d.one(worked_on, [*worked_on, "db-host"], ["db-host"])
    if stored:
        needs.append("array")
    d.work(worked_on)
    d.people()
    role: dict[str, Any] = {"needs": needs}
    if cables:
        role["used_from"] = ["reading"]
    return {
        "pacsim": 1, "catalogue": "2026.3", "name": f"drawn-{number}",
        "contract": {"starts": "2026-01-05", "term": f"{TERM_YEARS} years", "min_outage": "0 s"},
        "parts": d.parts, "groups": d.groups, "roles": {"store": role}, "practices": d.practices,
    }  # fmt: skip


def design(number: int) -> Design:
    """Return a drawn design."""
    return design_of(drawn(number))


def model(one: Design) -> Model:
    """Return the model of a design."""
    return build(one.resolved).model


def calm(built: Model) -> Model:
    """Return a model in which no clock of class fault ever runs: every fault rate is 0."""
    stand = Selector(NONE, (0.0,))
    return replace(
        built,
        transitions=tuple(
            replace(t, speed=stand, profile=NONE) if t.timed and t.cls == "fault" else t
            for t in built.transitions
        ),
    )
