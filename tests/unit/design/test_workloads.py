"""Workloads: laid under a design, resolved, varied, written out; figures by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from pacsim.campaign.compare import all_warnings
from pacsim.delays import Deterministic, Lognormal, Uniform
from pacsim.design import DesignError, design_of, load
from pacsim.design.workloads import mean_items
from pacsim.parts.workload import BY_KIND, presets

MODELS = Path(__file__).parents[3] / "models"
YEAR = 8760 * 3600.0
FILES = sorted((MODELS / "workloads").glob("*.yaml"))


def close(found: float, expected: float) -> bool:
    """Return whether two figures are equal but for rounding."""
    return math.isclose(found, expected, rel_tol=1e-12)


def small(**more: Any) -> dict[str, Any]:
    """Return a design of one server with a workload of round numbers."""
    workload = {
        "archive": "s",
        "at": {"modalities": "here"},
        "exams": "8760 /year",
        "growth": {"exams": "10 %", "size": "20 %"},
        "week": {"days": {"mon-fri": 1, "sat-sun": 0}, "hours": [0] * 8 + [1, 3] + [0] * 14,
                 "emergency_hours": [1] * 24},
        "modalities": {
            "CT": {"share": "25 %", "stations": 2, "instances": 100, "size": "1 MB",
                   "compression": 4, "emergency": "40 %"},
            "DX": {"share": "75 %", "stations": 1, "instances": 2, "size": "10 MB",
                   "emergency": 0},
        },
        "retention": {"years": 10, "CT": "5 years"},
        **more,
    }  # fmt: skip
    return {
        "pacsim": 1,
        "name": "one",
        "parts": {
            "here": {"type": "clients"},
            "s": {"type": "server", "from": "server_single_psu", "software": {"from": "pacs_software"}, "storage": ["a"]},
            "a": {"type": "disk_array", "from": "array_dual_controller", "layout": "raid6", "disks": 12,
                  "disk": {"from": "disk_group", "size": "1 TB"}},
        },
        "roles": {"store": {"needs": ["s", "a"], "used_from": ["here"]}},
        "workload": workload,
    }  # fmt: skip


def test_figures_are_plain_numbers() -> None:
    found = design_of(small()).resolved.workload
    assert found is not None
    assert close(found.exams * YEAR, 8760.0)
    assert found.exam_bytes == {"CT": 25e6, "DX": 20e6}
    assert close(found.study_bytes, 0.25 * 25e6 + 0.75 * 20e6)
    assert close(found.added(0), 8760 * 21.25e6)
    assert close(found.added(2), 8760 * 21.25e6 * (1.1 * 1.2) ** 2)
    assert found.retention == {"CT": 5 * YEAR, "DX": 10 * YEAR}
    assert close(found.usable, 10e12 * 0.9)
    assert close(found.capacity, 10e12)
    assert found.station_names == ("CT-1", "CT-2", "DX-1")
    assert [round(x, 9) for x in found.growth(3 * YEAR)] == [1.0, 1.1, 1.21]


def test_a_week_has_the_exams_of_a_week() -> None:
    # Sees: weekends that are counted as working days; emergencies at the hours of the others.
    found = design_of(small()).resolved.workload
    assert found is not None
    routine, urgent = found.routine_week("CT"), found.emergency_week("CT")
    # 168 exams a week, a quarter of them CT, 40 % of these at any hour.
    assert close(sum(urgent), 0.25 * 168 * 0.4)
    assert close(max(urgent), min(urgent))
    assert close(sum(routine), 0.25 * 168 * 0.6)
    assert close(routine[8], 0.25 * 168 * 0.6 / 20)
    assert close(routine[24 * 4 + 9], 3 * 0.25 * 168 * 0.6 / 20)
    assert sum(routine[120:]) == 0.0


@pytest.mark.parametrize(
    ("law", "expected"),
    [(Deterministic(0.3), 1.0), (Deterministic(4.0), 4.0), (Uniform(0.0, 4.0), 2.5)],
)
def test_what_is_rounded_up_has_the_mean_of_that(law: Any, expected: float) -> None:
    assert close(mean_items(law), expected)


def test_a_wide_law_is_half_an_instance_more() -> None:
    """As a sum of its survival function, instance by instance."""
    law = Lognormal.from_p95(493.0, 1838.0)
    by_hand = 1.0 + sum(law.sf(float(k)) for k in range(1, 60000))
    assert abs(mean_items(law) / by_hand - 1.0) < 1e-6
    assert abs(mean_items(law) - law.mean() - 0.5) < 1e-2


def test_the_archive_stores_what_is_made() -> None:
    made = design_of(small())
    assert close(made.resolved.archive.number("studies") * YEAR, 8760.0)
    assert close(made.resolved.archive.number("study_size"), 21.25e6)
    more = made.vary({"workload.exams": "17520 /year", "workload.modalities.DX.instances": 3})
    assert close(more.resolved.archive.number("studies") * YEAR, 17520.0)
    assert close(more.resolved.archive.number("study_size"), 0.25 * 25e6 + 0.75 * 30e6)
    own = made.vary({"archive.study_size": "50 MB"}).resolved.warnings
    assert "archive.study_size: 50 MB, and one of the workload has 21.25 MB" in own


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
@pytest.mark.parametrize("design", ["single-server", "active-passive", "active-active"])
def test_shipped_workloads_on_shipped_designs(file: Path, design: str, tmp_path: Path) -> None:
    """Each loads, says where its numbers are from, and is the same when it is written out."""
    archive = "server-a" if design == "single-server" else "pacs"
    plain = {
        "pacsim": 1,
        "extends": str(MODELS / "designs" / f"{design}.yaml"),
        "workload": {"from": str(file), "archive": archive,
                     "at": {"modalities": "radiology", "readers": "reading-rooms"}},
    }  # fmt: skip
    written = tmp_path / "mine.yaml"
    written.write_text(str(plain).replace("'", '"'), encoding="utf-8")
    made = load(written)
    again = tmp_path / "again.yaml"
    again.write_text(made.dump(), encoding="utf-8")
    assert load(again).dump() == made.dump()
    assert load(again).hash == made.hash
    inputs = [one for one in made.resolved.inputs if one.path.startswith("workload.")]
    assert len({one.path for one in inputs}) == len(inputs) > 50
    # Nothing of a file that is shipped is the user's own: each number says where it is from.
    assert [one.path for one in inputs if one.status == "user" or not one.source] == []


@pytest.mark.parametrize("design", ["single-server", "active-passive", "active-active"])
def test_without_a_workload_nothing_is_there(design: str) -> None:
    """Neither in what is written out, nor among the inputs."""
    made = load(MODELS / "designs" / f"{design}.yaml")
    assert made.resolved.workload is None
    for word in ("workload", "serves", "observe"):
        assert word not in made.dump().replace("hung_service", "")
        assert not [one for one in made.resolved.inputs if f".{word}" in one.path]


def test_with_one_what_serves_has_values_and_origins() -> None:
    """Slots that were not given are filled in, those that were stay."""
    plain = small()
    plain["parts"]["s"]["software"]["serves"] = {"workers": 3}
    resolved = design_of(plain).resolved
    serves = resolved.parts["s"].part("software").part("serves")
    assert serves["workers"] == 3
    assert serves["associations"] == 50
    assert close(serves.number("nic"), 1.25e9)
    ids = {one.path: one.id for one in resolved.inputs}
    assert ids["parts.s.software.serves.store"] == "dicom.store_service"
    assert ids["parts.a.serves.write"] == "array.write"
    del plain["workload"]
    assert design_of(plain).resolved.parts["a"].values["serves"] is None


def test_a_file_is_laid_under_and_varied(tmp_path: Path) -> None:
    """What the design says wins over the file, what is varied over both; null takes away."""
    file = MODELS / "workloads" / "community-hospital.yaml"
    plain = small()
    plain["workload"] = {
        "from": str(file), "archive": "s", "at": {"modalities": "here", "readers": "here"},
        "exams": "90 000 /year", "modalities": {"CT": {"instances": 100, "size": "1 MB"}},
    }  # fmt: skip
    made = design_of(plain)
    found = made.resolved.workload
    assert found is not None
    assert found.name == "Community hospital"
    assert close(found.exams * YEAR, 90e3)
    assert found.exam_bytes["CT"] == 25e6
    assert list(found.modalities)[:3] == ["CT", "MR", "US"]
    less = made.vary({"workload.routers": None, "workload.clients.modality.retry.every": "2 min"})
    after = less.resolved.workload
    assert after is not None
    assert not after.record["routers"]
    retry = after.record.part("clients").part("modality").part("retry")
    assert (retry["every"], retry["count"]) == (120.0, 5)
    assert made.vary({"workload": None}).resolved.workload is None


@pytest.mark.parametrize("kind", BY_KIND)
@pytest.mark.parametrize("name", ["dcmtk", "pynetdicom", "dcm4chee", "orthanc", "ge"])
def test_products_have_their_timers(kind: str, name: str) -> None:
    """As the design text lists them; what else is said of the client stays."""
    expected = {
        "dcmtk": (math.inf, 30.0, 60.0),
        "pynetdicom": (math.inf, 30.0, 30.0),
        "dcm4chee": (5.0, 5.0, 5.0 if kind == "ris" else 300.0),
        "orthanc": (10.0, 10.0, 10.0),
        "ge": (None, 30.0, 90.0),
    }[name]
    assert set(presets(kind)[name]) <= {"connect", "associate", "response", "release"}
    client = {"from": name, "release": "7 s"}
    if kind in {"reader", "ris"}:
        client["patience"] = "10 min"
    found = design_of(small(clients={kind: client})).resolved.workload
    assert found is not None
    values = found.record.part("clients").part(kind)
    told = tuple(values[key] for key in ("connect", "associate", "response"))
    assert told[1:] == expected[1:]
    assert expected[0] in (None, told[0])
    assert values["release"] == 7.0


def test_a_product_that_the_design_names_wins_over_its_file(tmp_path: Path) -> None:
    # Sees: timers of the file that hide those of the product; the file's product under it.
    file = tmp_path / "mine.yaml"
    file.write_text(
        'pacsim: 1\ncatalogue: "2026.3"\nclients:\n'
        "  modality: {from: dcm4chee, connect: 31 s, associate: 32 s, response: 33 s}\n"
        "  reader: {from: orthanc, response: 34 s}\n",
        encoding="utf-8",
    )
    plain = small(
        **{"from": str(file), "clients": {"modality": {"from": "ge", "response": "35 s"}}}
    )
    found = design_of(plain).resolved.workload
    assert found is not None
    scanner, reader = (found.record.part("clients").part(x) for x in ("modality", "reader"))
    # What ge does not say is the file's, and of what nobody says the default: no dcm4chee is left.
    assert [scanner[x] for x in ("connect", "associate", "response", "release")] == [31, 30, 35, 30]
    assert [reader[x] for x in ("connect", "response")] == [10, 34]
    shipped = MODELS / "workloads" / "community-hospital.yaml"
    at = {"modalities": "here", "readers": "here"}
    made = design_of(small(**{"from": str(shipped), "at": at, "modalities": {}}))
    after = made.vary({"workload.clients.modality.from": "ge"}).resolved.workload
    assert after is not None
    assert after.record.part("clients").part("modality")["response"] == 90.0


def test_timers_of_products_say_where_they_are_from() -> None:
    # Sees: a timer that a product does not have, told as the user's.
    for kind in BY_KIND:
        for name in presets(kind):
            patience = {"patience": "10 min"} if kind in {"reader", "ris"} else {}
            made = design_of(small(clients={kind: {"from": name, **patience}})).resolved
            said = {one.path: one for one in made.inputs}
            for key in presets(kind)[name]:
                one = said[f"workload.clients.{kind}.{key}"]
                assert (one.status, bool(one.source)) == ("vendor", True)


def test_what_changes_nothing_is_warned_of() -> None:
    plain = small(
        retention={"years": 10, "MR": "5 years"},
        at={"modalities": "here", "US": "here", "readers": "here", "routers": "here"},
        clients={"modality": {"commit": "1 h"}},
    )
    plain["workload"]["modalities"]["DX"]["commit"] = "1 h"
    said = [x for x in design_of(plain).resolved.warnings if x.startswith("workload.")]
    assert said == [
        "workload.at.readers: no readers, so nothing stands there",
        "workload.at.routers: no routers, so nothing stands there",
        "workload.at.US: no US, so nothing stands there",
        "workload.retention.MR: no MR, so nothing is kept",
        "workload.modalities.DX.commit: it does not delete when committed",
        "workload.clients.modality.commit: none deletes when committed",
    ]
    plain["workload"]["modalities"]["CT"]["deletes"] = "committed"
    left = [x for x in design_of(plain).resolved.warnings if "commit" in x]
    assert left == ["workload.modalities.DX.commit: it does not delete when committed"]


def test_versions_of_a_file_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "old.yaml"
    file.write_text('pacsim: 1\ncatalogue: "2026.2"\nname: Old\n', encoding="utf-8")
    noted = design_of(small(**{"from": str(file)})).resolved
    assert any(one.startswith("workload.catalogue: 2026.2 read as") for one in noted.warnings)
    file.write_text('catalogue: "2020.1"\nname: Older\n', encoding="utf-8")
    with pytest.raises(DesignError) as caught:
        design_of(small(**{"from": str(file)}))
    paths = {(p.file, p.line, p.path) for p in caught.value.problems}
    assert paths == {(str(file), 1, "workload.pacsim"), (str(file), 1, "workload.catalogue")}


def test_compared_designs_with_other_exams_are_warned_of() -> None:
    """More exams at the same stations: what is paired is no longer the same traffic."""
    one = design_of(small(exams="1000 /year"))
    two = one.vary({"name": "two", "workload.exams": "1500 /year"})
    said = "two: workload: 1 500 exams a year, one has 1 000; differences are of that as well"
    assert said in all_warnings([one, two])
    sooner = one.vary({"name": "two", "workload.clients.modality.retry.every": "30 s"})
    assert not [x for x in all_warnings([one, sooner]) if "exams a year" in x]


def test_compared_designs_with_other_stations_are_warned_of() -> None:
    one = design_of(small())
    two = one.vary({"name": "two", "workload.modalities.CT.stations": 4})
    said = "two: workload: not the stations of one: CT-3, CT-4 in one of them only"
    assert said in all_warnings([one, two])
    alike = one.vary({"name": "two", "workload.exams": "1000 /year"})
    assert not [x for x in all_warnings([one, alike]) if "stations" in x]
    assert not [x for x in all_warnings([one.vary({"workload": None}), two]) if "not the" in x]
