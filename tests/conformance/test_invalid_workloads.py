"""Wrong workloads, a file each: line, path, rule and remedy of every problem; what is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.design import DesignError, load
from pacsim.traffic.capacity_table import check_carried

FOLDER = Path(__file__).parent / "invalid"
EXPECTED: dict[str, list[tuple[int, str, str, str]]] = {
    'no-exams': [(3, 'workload.exams', 'exams is missing: exams of all modalities', 'write exams: 70 000 /year')],
    'exams-zero': [(6, 'workload.exams', 'exams must be greater than 0', '')],
    'exams-unit': [(6, 'workload.exams', "'70 000' has no unit; write for example '70 000 /s'", '')],
    'share-negative': [(8, 'workload.modalities.CT.share', "'-40 %' must be finite and not below zero", '')],
    'share-missing': [(8, 'workload.modalities.CT.share', 'share is missing: share of the exams', 'give it')],
    'shares': [(7, 'workload.modalities', 'shares sum to 93 %, which is not 100 %', 'change them; within 1 % they are normalised')],
    'size-negative': [(8, 'workload.modalities.CT.size', "'-0.5 MB' must be finite and not below zero", '')],
    'size-unit': [(8, 'workload.modalities.CT.size', "'0.5' has no unit; write for example '0.5 B'", '')],
    'instances-negative': [(8, 'workload.modalities.CT.instances.median', '-3 must not be below zero', '')],
    'instances-unit': [(8, 'workload.modalities.CT.instances', "'5 min' is no number without a unit; write for example 2", '')],
    'rate-negative': [(11, 'workload.clients.modality.rate', "'-5 MB/s' must be finite and not below zero", '')],
    'timer-negative': [(11, 'workload.clients.modality.connect', "'-3 s' must be finite and not below zero", '')],
    'own-work': [(11, 'workload.clients.modality.attempt_takes', "'4' has no unit; write for example '4 h'", ''), (11, 'workload.clients.reader.attempt_takes', "'-2 ms' must be finite and not below zero", '')],
    'timer-word': [(11, 'workload.clients.reader.response', "'never' is no time; write for example '30 s', or none", '')],
    'count-negative': [(11, 'workload.clients.modality.retry.count', '-1 must be a whole number, 0 or more and at most 10000', '')],
    'every-zero': [(11, 'workload.clients.modality.retry.every', 'every must be greater than 0', '')],
    'growth-negative': [(11, 'workload.growth.exams', "'-3 %' must be finite and not below zero", '')],
    'retention-negative': [(11, 'workload.retention.CT', "'-1 years' must be finite and not below zero", '')],
    'retention-code': [(11, 'workload.retention.CTT', 'unknown key "CTT" of a retention', 'did you mean "CT"?')],
    'code': [(9, 'workload.modalities.DXX', 'no modality "DXX"', 'did you mean "DX"?')],
    'no-archive': [(3, 'workload.archive', 'archive is missing: server or group that serves', 'give it')],
    'archive-unknown': [(4, 'workload.archive', 'no part or group "pax"', 'known: pacs, server-a, server-b')],
    'archive-type': [(4, 'workload.archive', '"array" is a disk_array, a server or active_passive or active_active is wanted', 'one of pacs, server-a, server-b')],
    'archive-member': [(4, 'workload.archive', '"server-a" is a member of "pacs", which clients ask in its place', 'write archive: pacs')],
    'archive-group': [(4, 'workload.archive', '"db" is a primary_standby, a server or active_passive or active_active is wanted', 'one of pacs, server-a, server-b, server-c, db-a, db-b, witness')],
    'no-software': [(4, 'workload.archive', '"server-a" has no software, and nothing else serves DICOM', 'give server-a software, or name another'), (4, 'workload.archive', '"server-b" has no software, and nothing else serves DICOM', 'give server-b software, or name another')],
    'no-path': [(5, 'workload.at.modalities', 'no path from "far" to "pacs" even with everything up', 'connect far-switch to core-1 or core-2 or san-1 or san-2')],
    'router-no-path': [(5, 'workload.at.routers', 'no path from "far" to "pacs" even with everything up', 'connect far-switch to core-1 or core-2 or san-1 or san-2')],
    'place-type': [(5, 'workload.at.modalities', '"array" is a disk_array, a clients is wanted', 'one of radiology, reading-rooms')],
    'place-unknown': [(5, 'workload.at.modalities', 'no part "radiologie"', 'did you mean "radiology"?')],
    'no-place': [(5, 'workload.at', 'no place for CT, DX', 'write at: {modalities: a client site}')],
    'no-readers-place': [(5, 'workload.at', 'no place for readers', 'write at: {readers: a client site}')],
    'no-stations': [(3, 'workload.modalities', 'no stations: no modality, and no probe', 'write modalities: {CT: {...}}, or from: ../workloads/community-hospital.yaml')],
    'stations-zero': [(8, 'workload.modalities.CT.stations', 'stations must be greater than 0', '')],
    'retry-buffer': [(11, 'workload.clients.modality.retry.every', 'retry.every is 43200 s, and the disk of CT lasts 9010 s', 'try again sooner, or give CT a larger buffer')],
    'patience': [(11, 'workload.clients.reader.patience', 'patience 10 s is under response, which is 15 s', 'write a longer patience, or a shorter response')],
    'ris-patience': [(11, 'workload.clients.ris.patience', 'patience 10 s is under response, which is 15 s', 'write a longer patience, or a shorter response')],
    'hours': [(11, 'workload.week.hours', 'is 3 numbers; write 24, one for each hour from midnight', '')],
    'hours-zero': [(11, 'workload.week.hours', 'all are 0; write weights, of which some are above 0', '')],
    'hours-negative': [(11, 'workload.week.emergency_hours', '-1 is below zero; write 0 or more', '')],
    'days': [(11, 'workload.week.days', 'no days "mo-fr"; write for example mon-fri or sat', '')],
    'days-twice': [(11, 'workload.week.days', 'fri is there twice; write each day once', '')],
    'days-zero': [(11, 'workload.week.days', 'all are 0; write weights, of which some are above 0', '')],
    'router-code': [(11, 'workload.routers.edge.of[0]', 'of: no "CTT"', 'did you mean "CT"?')],
    'router-absent': [(11, 'workload.routers.edge.of', '"MR" is no modality of this workload', 'one of CT, DX')],
    'router-twice': [(11, 'workload.routers.other.of', '"CT" sends to router "edge" already', 'a modality sends to one router')],
    'committed': [(11, 'workload.clients.modality.deletes', 'committed needs commit, which is not given', 'write commit: {catalogue: dicom.commit_delay}, or deletes: stored')],
    'committed-one': [(8, 'workload.modalities.CT.deletes', 'committed needs commit, which is not given', 'write commit: {catalogue: dicom.commit_delay}, or deletes: stored')],
    'redispatch': [(12, 'groups.pacs.dial.retries', 'redispatch sends a retry to another member, and there are no retries', 'write retries: 1 or more, or redispatch: false')],
    'slot': [(8, 'workload.modalities.CT.stations', 'a station has 5700 exams in its busiest hour, more than 500', 'give more stations'), (9, 'workload.modalities.DX.stations', 'a station has 4275 exams in its busiest hour, more than 500', 'give more stations'), (10, 'workload.readers.stations', 'a station has 1.14e+04 openings in its busiest hour, more than 500', 'give more stations')],
    'slot-readers': [(10, 'workload.readers.stations', 'a station has 9120 openings in its busiest hour, more than 500', 'give more stations')],
    'no-file': [(4, 'workload.from', 'no file "no-such-file.yaml"', 'looked for ')],
    'file-list': [(4, 'workload.from', 'from names one file', 'write from: ../workloads/community-hospital.yaml')],
    'file-no-map': [(1, 'workload.from', 'is no workload: its top level is no map', 'see models/workloads')],
    'file-version': [(1, 'workload.pacsim', 'format version 2 is not known', 'this version reads pacsim: 1'), (2, 'workload.catalogue', 'catalogue 2020.1 is not here', 'write catalogue: "2026.3" and read the results anew, or use its pacsim')],
    'file-wrong': [(3, 'workload.week.hours', 'is no list; write 24, one for each hour from midnight', ''), (5, 'workload.modalities.CT.emergency', "'140 %' must be between 0 and 1, or 0 % and 100 %", '')],
    'product': [(11, 'workload.clients.modality.from', 'no product "dcm4che"', 'did you mean "dcm4chee"?')],
    'client': [(11, 'workload.clients.modalty', 'unknown key "modalty" of a clients', 'did you mean "modality"?')],
    'key': [(11, 'workload.reader', 'unknown key "reader" of a workload', 'did you mean "readers"?')],
    'null': [(2, 'workload', 'nothing to remove: no base has a workload', 'delete the line')],
    'no-map': [(2, 'workload', 'is no map', 'write {from: ../workloads/community-hospital.yaml, archive: ..., at: {...}}')],
    'probe-operation': [(11, 'workload.probes.one.operations[0]', 'operations: no "ping"', 'known: echo, query, retrieve, store, worklist')],
    'probe-place': [(11, 'workload.probes.one.at', 'at is missing: where it stands', 'give it')],
    'probe-no-path': [(11, 'workload.probes.one.at', 'no path from "far" to "pacs" even with everything up', 'connect far-switch to core-1 or core-2 or san-1 or san-2')],
    'echo': [(11, 'workload.clients.modality.latency', 'an echo takes no time without latency', 'write a latency; probe one echoes')],
    'serves': [(12, 'parts.server-a.software.serves.over_limit', 'no choice "rejected"', 'did you mean "rejects"?'), (12, 'parts.server-a.software.serves.workers', 'workers must be greater than 0', ''), (13, 'parts.database.serves.connections', 'connections must be greater than 0', ''), (14, 'parts.array.serves.fill', "'110 %' must be between 0 and 1, or 0 % and 100 %", '')],
    'names': [(11, 'workload.routers.CT-1', '"CT-1" is a station of CT already', 'give it another name'), (12, 'workload.probes.edge', '"edge" is a router already', 'give it another name'), (12, 'workload.probes.probe-reader-reading-rooms', '"probe-reader-reading-rooms" is a probe that rides along already', 'give it another name'), (12, 'workload.probes.reader-8', '"reader-8" is a workstation already', 'give it another name'), (12, 'workload.probes.worklist-DX-4', '"worklist-DX-4" is the worklist of a station of DX already', 'give it another name')],
    'asked': [(11, 'workload.worklist.target', '"radiology" is a clients, which answers nobody', 'name what answers, such as a server, or leave it out for the archive'), (12, 'workload.routers.it-team', '"it-team" is a crew, which answers nobody', 'give it another name'), (12, 'workload.routers.pacs', '"pacs" is the archive, and a router forwards to it', 'give it another name')],
    'timer-zero': [(11, 'workload.clients.modality.connect', "'0 s' must be greater than 0, or none for a timer that is not there", ''), (11, 'workload.clients.ris.response', "'0 s' must be greater than 0, or none for a timer that is not there", '')],
    'weights': [(11, 'workload.week.days', '1e+10 is no weight; write 0, or 1e-09 to 1e+09', ''), (11, 'workload.week.hours', '1e-200 is no weight; write 0, or 1e-09 to 1e+09', '')],
    'buffer-exam': [(9, 'workload.modalities.DX.buffer', 'the disk of DX holds 5e+06 B, and an exam of DX has 2e+07 B on average', 'give it a larger buffer'), (11, 'workload.clients.modality.buffer', 'the disk of CT holds 2e+08 B, and an exam of CT has 2.5e+08 B on average', 'give it a larger buffer'), (12, 'workload.routers.edge.buffer', 'the disk of edge holds 1.9e+07 B, and an exam of DX has 2e+07 B on average', 'give it a larger buffer')],
    'router-retry': [(12, 'workload.clients.router.retry.every', 'retry.every is 7200 s, and the disk of edge lasts 4505 s', 'try again sooner, or give edge a larger buffer')],
    'size-missing': [(9, 'workload.modalities.DX.size', 'size is missing: of an instance as it is made', 'give it')],
    'modalities-list': [(7, 'workload.modalities', 'is no map of names', 'write {a-name: {...}}')],
    'usable': [(12, 'parts.array.serves.usable', 'usable must be greater than 0', '')],
}  # fmt: skip


OVERLOADED = {
    'overloaded': [(3, 'workload', 'the mean week of contract year 7 asks 1.01 times what workers of server-a can do', 'give more of it, or lower the number or size of exams')],
}  # fmt: skip
"""What can be read, and not carried: `run`, `compare`, `capacity` and `check` say so."""


@pytest.mark.parametrize("name", OVERLOADED)
def test_what_cannot_be_carried_is_said(name: str) -> None:
    # Sees: a refusal without its place.
    design = load(FOLDER / f"workload-{name}.yaml")
    with pytest.raises(DesignError) as caught:
        check_carried(design)
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert found == OVERLOADED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_said(name: str) -> None:
    # Sees: a check that is left out; a problem that follows from another one; one that hides another.
    with pytest.raises(DesignError) as caught:
        load(FOLDER / f"workload-{name}.yaml")
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert [row[:3] for row in found] == [row[:3] for row in EXPECTED[name]]
    for row, wanted in zip(found, EXPECTED[name], strict=True):
        assert row[3] == wanted[3] or (wanted[3].endswith(" ") and row[3].startswith(wanted[3]))


def test_every_file_is_there() -> None:
    names = {x.stem.removeprefix("workload-") for x in FOLDER.glob("workload-*.yaml")}
    assert names == {*EXPECTED, *OVERLOADED}


def test_what_is_wrong_in_a_file_is_said_of_that_file() -> None:
    with pytest.raises(DesignError) as caught:
        load(FOLDER / "workload-file-wrong.yaml")
    assert {Path(p.file).name for p in caught.value.problems} == {"wrong.yaml"}


def test_all_is_said_at_once() -> None:
    """A file with many mistakes has a problem for each of them."""
    with pytest.raises(DesignError) as caught:
        load(FOLDER.parent / "wrong_parts" / "workloads.yaml")
    assert len(caught.value.problems) == 7
