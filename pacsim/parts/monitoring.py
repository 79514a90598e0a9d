"""What monitoring finds, and so which times mean nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.parts.values import Part


def finds(practices: Part, what: str) -> bool:
    """Return whether monitoring finds a kind of hidden fault."""
    return "monitoring" in practices and what in practices.part("monitoring").names("finds")


def idle_notice(practices: Part, group: Part) -> Mapping[str, str]:
    """Return why nobody needs to notice that a copy of a group has stopped, by slot."""
    if not any(group.values.get(slot) is not None for slot in ("replica_stop", "stops")):
        return {"notice": "no copy stops unseen"}
    if finds(practices, "stopped_copy"):
        return {"notice": "monitoring finds a copy that has stopped, after times.hidden"}
    return {}


def idle_times(practices: Part, times: Part) -> Mapping[str, str]:
    """Return which times of people mean nothing beside other practices, and why, by slot."""
    if "monitoring" in practices:
        why = dict.fromkeys(("call", "hidden_unmonitored"), "there is monitoring")
    else:
        why = dict.fromkeys(("alert", "hidden"), "there is no monitoring")
    if finds(practices, "hung_service"):
        why["gray"] = "monitoring finds a hung service, after times.alert"
    if practices["procedures"] == "written":
        names = ("no_procedure", "manual_success_no_procedure")
        why |= dict.fromkeys(names, "procedures are written")
    else:
        why["manual_success"] = "no procedures are written"
    return {slot: said for slot, said in why.items() if slot in times}
