"""Checks of a workload's names: of stations, of what they ask, and of what names nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.files.problems import with_article
from pacsim.parts.traits import BACKGROUND
from pacsim.parts.values import Part
from pacsim.parts.workload import CLIENTS, CODES, COMMITTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.design.resolved import Resolved
    from pacsim.design.workloads import Workload
    from pacsim.parts.review import Review


def check_names(review: Review, resolved: Resolved, workload: Workload) -> None:
    """Note two stations of one name, and what is asked and is nothing that could answer.

    Draws hang on the name of a station, and so do its figures: there is one of each.
    """
    record = workload.record
    routers, probes = (dict(record.values.get(x) or {}) for x in ("routers", "probes"))
    seen = _names_of_stations(record)
    for key, found in (("routers", routers), ("probes", probes)):
        for name in found:
            if name in seen:
                rule = f'"{name}" is {seen[name]} already'
                review.problem(f"workload.{key}.{name}", rule, "give it another name")
            seen.setdefault(name, f"a {key[:-1]}")
    archive = record.values.get("archive")
    for name in routers:
        path = f"workload.routers.{name}"
        if name == archive:
            rule = f'"{name}" is the archive, and a router forwards to it'
            review.problem(path, rule, "give it another name")
        _check_asked(review, resolved, path, name, "give it another name")
    asked = record.values.get("worklist")
    target = asked.values.get("target") if isinstance(asked, Part) else None
    if target is not None:
        remedy = "name what answers, such as a server, or leave it out for the archive"
        _check_asked(review, resolved, "workload.worklist.target", str(target), remedy)


def _names_of_stations(record: Part) -> dict[str, str]:
    """Return the names of stations that nobody writes, each with what it is."""
    found: dict[str, str] = {}
    for code, one in dict(record.values.get("modalities") or {}).items():
        for k in range(int(one.values.get("stations") or 0)):
            found[f"{code}-{k + 1}"] = f"a station of {code}"
            found[f"worklist-{code}-{k + 1}"] = f"the worklist of a station of {code}"
    readers = record.values.get("readers")
    if isinstance(readers, Part):
        for k in range(int(readers.values.get("stations") or 0)):
            found[f"reader-{k + 1}"] = "a workstation"
    at = record.values.get("at")
    places = dict.fromkeys(at.values.values()) if isinstance(at, Part) else {}
    for place in filter(None, places):
        for kind in ("modality", "reader"):
            found[f"probe-{kind}-{place}"] = "a probe that rides along"
    return found


def _check_asked(review: Review, resolved: Resolved, path: str, name: str, remedy: str) -> None:
    """Note a part of a name that clients ask, and which is nothing that could be down."""
    one = resolved.parts.get(name) or resolved.groups.get(name)
    if one is not None and one.has(BACKGROUND):
        review.problem(path, f'"{name}" is {with_article(one.type)}, which answers nobody', remedy)


def warn_idle(record: Part) -> Iterator[str]:
    """Yield a warning for what is said of modalities, stations or habits that are not there."""
    devices = dict(record.values.get("modalities") or {})
    there = [*devices, *(["modalities"] if devices else [])]
    there += [key for key in ("readers", "routers") if record.values.get(key)]
    for key, words in (("at", "stands there"), ("retention", "is kept")):
        said = record.values.get(key)
        values = said.values if isinstance(said, Part) else {}
        for what, value in values.items():
            known = what in CODES or what in {"modalities", "readers", "routers"}
            if known and value is not None and what not in there:
                yield f"workload.{key}.{what}: no {what}, so nothing {words}"
    clients = record.values.get(CLIENTS)
    general = clients.values.get("modality") if isinstance(clients, Part) else None
    if not isinstance(general, Part):
        return
    habits = {code: one.values.get("deletes") for code, one in devices.items()}
    usual = general.values.get("deletes")
    for code, one in devices.items():
        if one.values.get("commit") is not None and (habits[code] or usual) != COMMITTED:
            yield f"workload.modalities.{code}.commit: it does not delete when committed"
    asking = {code for code, one in devices.items() if one.values.get("commit") is None}
    used = COMMITTED in {habits[code] or usual for code in asking}
    if general.values.get("commit") is not None and not used:
        yield "workload.clients.modality.commit: none deletes when committed"
