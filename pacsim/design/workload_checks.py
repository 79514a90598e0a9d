"""Checks of a workload: what its slots alone cannot tell, and its ways to the archive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.design.station_checks import check_names, warn_idle
from pacsim.design.wiring import Network, leg_missing
from pacsim.design.workloads import Workload, serving
from pacsim.files.problems import near
from pacsim.parts.traits import ARCHIVE
from pacsim.parts.values import Part
from pacsim.parts.workload import CLIENTS, CODES, COMMITTED, MODALITY
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.design.resolved import Resolved
    from pacsim.parts.review import Review

MOST = 500.0
"""Arrivals an hour of one station for which draws are made."""
NEAR, APART = 0.01, 0.1
"""By how much shares may miss the whole, and figures of the archive those of the workload."""


def check_workload(review: Review, resolved: Resolved) -> list[str]:
    """Note what is wrong with a workload; return what is legal and still looks wrong."""
    workload = resolved.workload
    if workload is None:
        return []
    record = workload.record
    sound = not review.noted("workload")
    sound &= _check_exams(review, record)
    _check_places(review, resolved, workload)
    _check_routers(review, record)
    check_names(review, resolved, workload)
    _check_clients(review, record)
    _check_servers(review, resolved, record)
    if sound:
        _check_rates(review, workload)
        _check_buffers(review, workload)
    return [
        *_warn_archive(resolved, workload, sound=sound),
        *_warn_targets(resolved, record),
        *warn_idle(record),
    ]


def _check_exams(review: Review, record: Part) -> bool:
    """Note unknown codes, shares that are no whole, and a lack of exams or of stations.

    Return whether there are exams.
    """
    devices: dict[str, Part] = dict(record.values.get("modalities") or {})
    probes = record.values.get("probes")
    for code in devices:
        if code not in CODES:
            path = f"workload.modalities.{code}"
            review.problem(path, f'no modality "{code}"', near(code, CODES))
    if not devices and not probes and not review.noted("workload.modalities"):
        remedy = "write modalities: {CT: {...}}, or from: ../workloads/community-hospital.yaml"
        review.problem("workload.modalities", "no stations: no modality, and no probe", remedy)
    if devices and record.values.get("exams") is None and not review.noted("workload.exams"):
        rule = "exams is missing: exams of all modalities"
        review.problem("workload.exams", rule, "write exams: 70 000 /year")
    shares = [one.values.get("share") for one in devices.values()]
    known = [float(share) for share in shares if share is not None]
    whole = len(known) == len(shares) and bool(known)
    if whole and abs(sum(known) - 1.0) > NEAR:
        rule = f"shares sum to {100 * sum(known):.4g} %, which is not 100 %"
        review.problem("workload.modalities", rule, "change them; within 1 % they are normalised")
        return False
    return bool(devices)


def _check_places(review: Review, resolved: Resolved, workload: Workload) -> None:
    """Note stations without a place, and places without a path to the archive."""
    record = workload.record
    archive = record.values.get("archive")
    network = Network(resolved.parts, resolved.groups)
    ends = serving(record, resolved.parts, resolved.groups)
    at = record.values.get("at")
    if not isinstance(at, Part):
        return
    wanted = [code for code in workload.modalities if code in CODES]
    wanted += ["readers"] if "readers" in record else []
    seen: set[str] = set()
    lost: dict[str, list[str]] = {}
    for what in wanted:
        own = what if what in at or what == "readers" else "modalities"
        if own not in at:
            lost.setdefault(own, []).append(what)
            continue
        if own in seen:
            continue
        seen.add(own)
        _check_path(review, resolved, network, f"workload.at.{own}", str(at[own]), ends, archive)
    for own, names in lost.items():
        if not review.noted(f"workload.at.{own}"):
            remedy = f"write at: {{{own}: a client site}}"
            review.problem("workload.at", f"no place for {', '.join(names)}", remedy)
    if "routers" in at:
        place = str(at["routers"])
        _check_path(review, resolved, network, "workload.at.routers", place, ends, archive)
    for name, probe in dict(record.values.get("probes") or {}).items():
        place, path = str(probe.values.get("at")), f"workload.probes.{name}.at"
        _check_path(review, resolved, network, path, place, ends, archive)


def _check_path(
    review: Review,
    resolved: Resolved,
    network: Network,
    path: str,
    place: str,
    ends: tuple[str, ...],
    archive: object,
) -> None:
    """Note a place from which no path leads to any server of the archive."""
    if place not in resolved.parts or not ends:
        return
    legs = [leg_missing(resolved, network, place, str(archive), end) for end in ends]
    if all(leg is not None for leg in legs):
        rule = f'no path from "{place}" to "{archive}" even with everything up'
        near_by = network.carriers(place)
        far = network.carriers(ends[0])
        remedy = f"connect {' or '.join(near_by) or place} to {' or '.join(far) or ends[0]}"
        review.problem(path, rule, remedy)


def _check_routers(review: Review, record: Part) -> None:
    """Note routers of modalities that are not there, and modalities with two of them."""
    devices = dict(record.values.get("modalities") or {})
    seen: dict[str, str] = {}
    for name, router in dict(record.values.get("routers") or {}).items():
        path = f"workload.routers.{name}.of"
        for code in router.names("of"):
            if code not in devices:
                remedy = f"one of {', '.join(devices)}" if devices else "add modalities"
                review.problem(path, f'"{code}" is no modality of this workload', remedy)
            elif code in seen:
                rule = f'"{code}" sends to router "{seen[code]}" already'
                review.problem(path, rule, "a modality sends to one router")
            seen.setdefault(code, name)


def _check_clients(review: Review, record: Part) -> None:
    """Note habits and timers of clients that do not go together."""
    clients = record.values.get(CLIENTS)
    if not isinstance(clients, Part) or not all(clients.values.values()):
        return
    general = clients.part("modality")
    devices = dict(record.values.get("modalities") or {})
    owners = [("workload.clients.modality", general)]
    owners += [(f"workload.modalities.{code}", one) for code, one in devices.items()]
    for path, one in owners:
        deletes = one.values.get("deletes")
        commit = one.values.get("commit") or general.values.get("commit")
        if deletes == COMMITTED and commit is None and not review.noted(f"{path}.commit"):
            remedy = "write commit: {catalogue: dicom.commit_delay}, or deletes: stored"
            review.problem(f"{path}.deletes", "committed needs commit, which is not given", remedy)
    for kind in ("reader", "ris"):
        values = clients.part(kind).values
        patience, response = values.get("patience"), values.get("response")
        if patience is not None and response is not None and patience < min(response, math.inf):
            if response == math.inf:
                continue
            rule = f"patience {patience:g} s is under response, which is {response:g} s"
            path = f"workload.clients.{kind}.patience"
            review.problem(path, rule, "write a longer patience, or a shorter response")
    for name, probe in dict(record.values.get("probes") or {}).items():
        kind = probe.values.get("of")
        echoes = kind and "echo" in probe.names("operations")
        if echoes and clients.part(str(kind)).values.get("latency") == 0:
            rule = "an echo takes no time without latency"
            path = f"workload.clients.{kind}.latency"
            review.problem(path, rule, f"write a latency; probe {name} echoes")


def _check_servers(review: Review, resolved: Resolved, record: Part) -> None:
    """Note servers of the archive on which nothing runs, and one that is a member of a group."""
    archive = record.values.get("archive")
    for name, group in resolved.groups.items():
        serves = group.has(ARCHIVE) and archive in group.names("members")
        if serves:
            rule = f'"{archive}" is a member of "{name}", which clients ask in its place'
            review.problem("workload.archive", rule, f"write archive: {name}")
    for name in serving(record, resolved.parts, resolved.groups):
        server = resolved.parts[name]
        if server.values.get("software") is None and not review.noted(f"parts.{name}.software"):
            rule = f'"{name}" has no software, and nothing else serves DICOM'
            review.problem("workload.archive", rule, f"give {name} software, or name another")


def _check_rates(review: Review, workload: Workload) -> None:
    """Note stations with more arrivals in an hour than draws are made for."""
    term = float(review.contract.values.get("term") or YEAR)
    most = max(workload.growth(term))
    for code, one in workload.modalities.items():
        if code in CODES:
            weeks = (workload.routine_week(code), workload.emergency_week(code))
            peak = most * max(max(week) for week in weeks) / one.number("stations")
            _check_slot(review, f"workload.modalities.{code}.stations", peak, "exams")
    readers = workload.record.values.get("readers")
    if isinstance(readers, Part) and all(readers.values.get(x) for x in ("stations", "opens")):
        peak = most * max(workload.openings_week()) / readers.number("stations")
        _check_slot(review, "workload.readers.stations", peak, "openings")


def _check_slot(review: Review, path: str, peak: float, what: str) -> None:
    if peak > MOST:
        rule = f"a station has {peak:.4g} {what} in its busiest hour, more than {MOST:g}"
        review.problem(path, rule, "give more stations")


def _check_buffers(review: Review, workload: Workload) -> None:
    """Note disks of stations and routers that hold no exam, or not until the next try."""
    clients = workload.record.part(CLIENTS)
    general = clients.part("modality")
    asked: dict[str, float] = {}
    sent: dict[str, float] = {}
    for code, one in workload.modalities.items():
        own = one.values.get("buffer")
        if code not in CODES:
            continue
        size = workload.exam_bytes[code]
        if one.values.get("compressed_by") != MODALITY:
            size *= one.number("compression")
        rate = workload.exams * workload.shares[code] * size
        asked[code], sent[code] = rate, size
        path = f"workload.modalities.{code}.buffer" if own else "workload.clients.modality.buffer"
        disk = Disk(code, path, own or general.values.get("buffer"))
        _check_disk(review, "modality", general, disk, rate / one.number("stations"), {code: size})
    for name, router in workload.record["routers"].items():
        codes = [code for code in router.names("of") if code in sent]
        disk = Disk(name, f"workload.routers.{name}.buffer", router.values.get("buffer"))
        rate = sum(asked[code] for code in codes)
        sizes = {code: sent[code] for code in codes}
        _check_disk(review, "router", clients.part("router"), disk, rate, sizes)


class Disk(NamedTuple):
    """A disk for images: whose it is, where its size is written, and the bytes it holds."""

    name: str
    path: str
    holds: float | None


def _check_disk(
    review: Review, kind: str, client: Part, disk: Disk, rate: float, sizes: dict[str, float]
) -> None:
    """Note a disk that does not hold an exam, else one that is full before the next try."""
    retry = client.values.get("retry")
    every = retry.values.get("every") if isinstance(retry, Part) else None
    if not disk.holds:
        return
    for code, size in sizes.items():
        if size > disk.holds:
            rule = f"the disk of {disk.name} holds {disk.holds:.4g} B, and an exam of {code} has "
            review.problem(disk.path, f"{rule}{size:.4g} B on average", "give it a larger buffer")
            return
    lasts = disk.holds / rate if rate > 0 else math.inf
    if every is not None and lasts < every:
        rule = f"retry.every is {every:g} s, and the disk of {disk.name} lasts {lasts:.4g} s"
        path = f"workload.clients.{kind}.retry.every"
        review.problem(path, rule, f"try again sooner, or give {disk.name} a larger buffer")


def _warn_archive(resolved: Resolved, workload: Workload, *, sound: bool) -> Iterator[str]:
    """Yield a warning for each figure of the archive that is not that of the workload."""
    if not sound:
        return
    archive = resolved.archive.values
    there, here = archive.get("studies"), workload.exams
    if there and here > 0 and abs(there / here - 1.0) > APART:
        said = f"{there * YEAR:.0f} a year, and the workload makes {here * YEAR:.0f}"
        yield f"archive.studies: {said}"
    there, here = archive.get("study_size"), workload.study_bytes
    if there and here > 0 and abs(there / here - 1.0) > APART:
        said = f"{there / 1e6:.4g} MB, and one of the workload has {here / 1e6:.4g} MB"
        yield f"archive.study_size: {said}"


def _warn_targets(resolved: Resolved, record: Part) -> Iterator[str]:
    """Yield a warning for a worklist's server that no part is, so that it never fails."""
    asked = record.values.get("worklist")
    target = asked.values.get("target") if isinstance(asked, Part) else None
    if target and target not in resolved.parts and target not in resolved.groups:
        yield f'workload.worklist.target: no part "{target}", so it always answers'
