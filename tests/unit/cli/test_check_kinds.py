"""``check``: each file as what it is; what is wrong with one stands at its own lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pacsim
from pacsim.cli.file_kinds import FileKind, kind_of
from pacsim.cli.main import application
from tests.unit.studies.made import small

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "models"
FINE = {
    "designs/single-server.yaml": "16 parts, 0 groups, 2 roles",
    "workloads/small-clinic.yaml": "a workload; whether a design can carry it is checked with",
    "support/24x7-4h.yaml": "a support contract",
    "support/next-business-day.yaml": "a support contract",
    "support/office.yaml": "a calendar",
    "sla/monthly-99-9.yaml": "store 99.9 % of each month",
    "../experiments/sweeps/power/power.yaml": "a study of 36 points (4 runtime x 3 fails to start",
}
PLANTS = [
    ("workloads/small-clinic.yaml", "stations", "stattions", "line 14 workload.modalities.DX.sta"),
    ("support/24x7-4h.yaml", "support_4h", "support_5h", 'no catalogue bundle "support_5h"'),
    ("support/next-business-day.yaml", "6 h}", "6}", "'6' has no unit"),
    ("support/office.yaml", "08:00", "8am", "line 3"),
    ("sla/monthly-99-9.yaml", "target: 99.9 %", "target: 99.9", "target"),
    ("designs/single-server.yaml", "server", "sever", "line"),
    ("../experiments/sweeps/power/power.yaml", "runtime]", "runtme]", "runtme"),
]


def say(*files: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(application(), ["check", *map(str, files)])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize("file", FINE)
def test_a_file_is_fine_as_what_it_is(file: str) -> None:
    assert f"{MODELS / file}: fine: {FINE[file]}" in say(MODELS / file)


@pytest.mark.parametrize(("file", "before", "after", "said"), PLANTS)
def test_what_is_wrong_with_it_is_said(
    tmp_path: Path, file: str, before: str, after: str, said: str
) -> None:
    """Sees: a file that is not read, or read as something else."""
    path = MODELS / file
    # Beside the files that it names.
    text = path.read_text(encoding="utf-8").replace("../../../models", str(MODELS))
    assert before in text
    text = text.replace("office.yaml", str(MODELS / "support" / "office.yaml"))
    made = tmp_path / path.name
    made.write_text(text.replace(before, after, 1), encoding="utf-8")
    found = say(made, code=1)
    assert f"{made}: " in found
    assert said in found
    assert "known: archive, catalogue, contract" not in found


def test_every_point_of_a_study_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(small().dump(), encoding="utf-8")
    file = tmp_path / "mine.yaml"
    text = (
        "pacsim: 1\nname: Mine\ndesigns: small.yaml\nreplications: 64\nvary:\n"
        "  who: {path: roles.store, values: {both: {needs: [server, net]}, none: {needs: [LAST]}}}"
    )
    file.write_text(text.replace("LAST", "net"), encoding="utf-8")
    assert "fine: a study of 2 points (2 who) asked for: 64 terms a point" in say(file)
    file.write_text(text.replace("LAST", "nte"), encoding="utf-8")
    assert "at point 2 (who none)" in say(file, code=1)
    assert not (tmp_path / "mine").exists()


def test_what_cannot_be_checked_is_told_with_what_reads_it(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("start,end\n", encoding="utf-8")
    assert f"is a log of outages; pacsim score {log} SLA reads it" in say(log, code=1)
    result = tmp_path / "result.json"
    pacsim.run(small(), replications=64, progress=False).save(result)
    assert f"is a saved result; pacsim report {result} shows it" in say(result, code=1)


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        ({"pacsim": 1, "desings": "a.yaml", "vary": {}}, FileKind.STUDY),
        ({"pacsim": 1, "precision": "5 %"}, FileKind.STUDY),
        ({"pacsim": 1, "parts": {}, "precision": "5 %"}, FileKind.DESIGN),
        ({"pacsim": 1, "name": "a"}, FileKind.DESIGN),
        ({"pacsim": 1, "extends": "a.yaml", "response": 1}, FileKind.DESIGN),
        ({"name": "a", "from": "support_4h"}, FileKind.SUPPORT),
        ([1, 2], FileKind.DESIGN),
    ],
)
def test_kinds_by_their_keys(tmp_path: Path, plain: object, kind: FileKind) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(json.dumps(plain), encoding="utf-8")
    assert kind_of(str(file)) is kind


def test_several_files_at_once() -> None:
    said = say(*(MODELS / file for file in list(FINE)[1:4]), "nowhere.yaml", code=1)
    assert said.count(": fine: ") == 3
    assert "nowhere.yaml: 1 problem cannot be read" in said
