"""Pairs of servers for the tests of failover groups: quiet ones, with faults of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.delays import Deterministic as Det
from pacsim.engines import kernel, reference
from pacsim.parts.watch_handles import FailoverWatch
from tests.oracle.parts.making import part, practices, watched

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.parts.values import Part


EXACT = 1e-9
NEVER = 1e9
HOUR, DAY = 3600.0, 86400.0
CHECK = {"sees": "host", "every": 1.0, "fall": 10, "timeout": 0.0}


def group(**more: Any) -> Part:
    """Return a pair of servers whose switch takes 60 s and works, unless given otherwise."""
    check = {**CHECK, **more.pop("check", {})}
    plain = {
        "members": ("a", "b"), "standby": "hot", "check": check, "switchover": Det(60.0),
        "success": 1.0, "success_tested": 1.0, "failback": ("never", None), "restart_first": 0,
        "rejoins": 1.0,
    }  # fmt: skip
    return part("active_passive", "pacs", **{**plain, **more})


def server(name: str, **more: Any) -> Part:
    """Return a server on which nothing happens by itself; boots 400 s, starts 30 s."""
    software = {"crash": Det(NEVER), "start": Det(30.0), "manual_restart": Det(600.0),
                "hang_share": 0.0, "change_fails": 0.0, "watchdog_cures": 1.0}  # fmt: skip
    software.update(more.pop("software", {}))
    plain = {"fails": Det(NEVER), "ttr": Det(HOUR), "reboot": Det(400.0),
             "boot_after_power": Det(300.0)}  # fmt: skip
    return part("server", name, software=software, **{**plain, **more})


LATE = 9000.0
"""Until somebody finds a fault of a member that does not serve."""
TIMES = {"call": Det(900.0), "gray": Det(7200.0), "manual_failover": Det(1800.0),
         "hidden_unmonitored": Det(LATE)}  # fmt: skip


def pair(
    *others: Part, a: Any = None, b: Any = None, doing: dict[str, Any] | None = None, **more: Any
) -> Model:
    """Return a pair of quiet servers, each with faults of its own."""
    one = group(**more)
    return paired(one, *others, a=a, b=b, doing=doing, down=("pacs.active.a", "b.ok"))[0]


def paired(
    one: Part, *others: Part, a: Any = None, b: Any = None, doing: Any = None, down: Any = ()
) -> tuple[Model, FailoverWatch]:
    """Return such a pair under a group of any kind, and the handle of its gaps."""
    built, handles = watched(
        server("a", **(a or {})), server("b", **(b or {})), *others, groups=(one,),
        down=("pacs.ok", "a.ok", *down), doing=practices(**{"times": TIMES, **(doing or {})}),
    )  # fmt: skip
    (watch,) = [handle for handle in handles if isinstance(handle, FailoverWatch)]
    return built, watch


EITHER: dict[str, dict[str, Any]] = {
    "active_passive": {"host": "host", "itself": "repair", "taken": "automatic", "least": 69.0, "most": 70.0},
    "all_serve": {"host": "member", "itself": "by_itself", "taken": "left_out", "least": 10.0, "most": 10.0},
}  # fmt: skip
"""Groups, shipped and an outsider's: what they call what happens, and how long a failover takes."""


def either(kind: str) -> Part:
    """Return a group of a kind: a switch of 60 s after a check, or a balancer that waits 10 s."""
    if kind == "active_passive":
        return group()
    return part(kind, "pacs", members=("a", "b"), notice=Det(10.0))


def happened(built: Model, until: float, *names: str, first: int = 0) -> list[tuple[str, float]]:
    """Return when transitions fired in one replication, alike on both simulators to the bit."""
    one = reference.simulate(built, horizon=until, trace=True, first=first).trace
    same = kernel.simulate(built, horizon=until, trace=True, first=first).trace
    assert one is not None
    assert same is not None
    assert one.tobytes() == same.tobytes()
    called = [built.transitions[row["transition"]].name for row in one]
    return [
        (x, float(row["time"]))
        for x, row in zip(called, one, strict=True)
        if x in names or not names
    ]


def only(found: list[tuple[float, float]], start: float, low: float, high: float) -> None:
    """Hold one gap to its start and the range of its length."""
    ((begin, end),) = found
    assert begin == start
    assert low <= end - begin <= high


DEAD = {"software": {"crash": Det(5000.0)}}
HUNG = {"software": {"crash": Det(5000.0), "hang_share": 1.0}}


BROKEN = {"fails": Det(5000.0)}
BACK = 5000.0 + HOUR + 400.0 + 30.0
"""When a server broken at 5000 s serves again: repair, reboot, start."""
