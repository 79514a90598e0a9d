"""A package outside the tree adds parts and a group: each checked, built, solved, run, summed up.

It is put on the path as it would be installed: its modules beside the metadata of its project file.
"""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.cli.schema import json_schema, table
from pacsim.design import Design, DesignError, design_of
from pacsim.design.build import build
from pacsim.design.variations import file_keys
from pacsim.engines import exact, reference
from pacsim.parts import registry, traits

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
NAMES = ("firewall", "flywheel", "object_store", "active_active")


def forget() -> None:
    """Forget the types that were found."""
    for found in (registry.part_types, registry.group_types, file_keys):
        found.cache_clear()


def install(folder: Path, name: str, points: dict[str, dict[str, str]]) -> None:
    """Write the metadata of a package, as an installer does."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for group, found in points.items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in found.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    shutil.copytree(HERE / "hospital_parts", tmp_path / "hospital_parts")
    install(tmp_path, project["name"], project["entry-points"])
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield
    forget()


def exponential(mean: str) -> dict[str, str]:
    return {"mean": mean, "family": "exponential"}


BOX = {"ttf": "1000 h", "ttr": exponential("10 h")}
Q = 10 / 1010
ON = (1 - Q) * 1000 / 1001
"""Share of time that a server serves: after a repair it reboots for 1 h, and may fail meanwhile."""
SERVER: dict[str, Any] = {
    "type": "server", **BOX, "reboot": exponential("1 h"), "boot_after_power": exponential("1 h"),
}  # fmt: skip
MAINS = {"type": "utility", "outages": "100 h", "duration": exponential("4 h")}
HOURS = 8760.0


def design(parts: dict[str, Any], needs: list[str], **more: Any) -> Design:
    used = {"used_from": more.pop("used_from")} if "used_from" in more else {}
    return design_of(
        {"pacsim": 1, "parts": parts, "roles": {"use": {"needs": needs, **used}}, **more}
    )


def share_down(found: Design) -> float:
    """Return the long-run share of time that the role is down, by the exact engine."""
    return float(exact.solve(build(found.resolved).model, steady=True).steady["role:use"][0])


def spreadsheet(found: Design) -> float:
    return spreadsheet_down(found.resolved, "use") / HOURS


def near(expected: float) -> Any:
    return pytest.approx(expected, rel=1e-9)


@pytest.mark.usefixtures("installed")
def test_the_types_are_there_and_described() -> None:
    for name in NAMES:
        kind = registry.all_types()[name]
        assert table(kind)[0].startswith(f"{name}: ")
        assert json_schema(kind)["properties"]["type"] == {"const": name}
    assert "active_active" in registry.group_types()
    assert "active_active" not in registry.part_types()


@pytest.mark.usefixtures("installed")
def test_a_part_that_passes_traffic() -> None:
    parts = {
        "x": {"type": "clients", "network": ["fw"]}, "fw": {"type": "firewall", **BOX},
        "web": {"type": "component", **BOX},
        "s": {**SERVER, "network": ["fw"]},
    }  # fmt: skip
    found = design(parts, ["s"], used_from=["x"])
    assert share_down(found) == near(1 - ON * (1 - Q))
    assert spreadsheet(found) == near(1 - (1 - Q) ** 2)
    assert any("fw" in text and "without power" in text for text in found.resolved.warnings)


@pytest.mark.usefixtures("installed")
def test_a_path_leads_through_it_only_if_it_passes_traffic() -> None:
    parts = {
        "x": {"type": "clients", "network": ["box"]}, "sw": {"type": "switch", **BOX},
        "box": {"type": "component", **BOX, "network": ["sw"]}, "s": {**SERVER, "network": ["sw"]},
    }  # fmt: skip
    with pytest.raises(DesignError, match="no path"):
        design(parts, ["s"], used_from=["x"])
    parts["box"] = {"type": "firewall", **BOX, "network": ["sw"]}
    assert spreadsheet(design(parts, ["s"], used_from=["x"])) == near(1 - (1 - Q) ** 3)


@pytest.mark.usefixtures("installed")
def test_a_part_that_gives_power() -> None:
    wheel = {"type": "flywheel", **BOX, "power": ["m"], "rides": exponential("1 h")}
    parts = {"m": MAINS, "w": wheel, "a": {"type": "component", **BOX, "power": ["w"]}}
    found = design(parts, ["a"])
    off = 4 / 104
    still = off * (1 / 1) / (1 / 1 + 1 / 4)
    assert share_down(found) == near(1 - (1 - Q) ** 2 * (1 - still))
    parts["a"] = {**SERVER, "power": ["w"]}
    assert spreadsheet(design(parts, ["a"])) == near(1 - (1 - Q) ** 2)
    parts["w"] = {**wheel, "power": ["a"]}
    with pytest.raises(DesignError, match=r'"a" is a server, it gives no power'):
        design(parts, ["a"])
    parts["w"], parts["v"] = {**wheel, "power": ["v"]}, {**wheel, "power": ["w"]}
    with pytest.raises(DesignError, match="power goes round in a circle"):
        design(parts, ["a"])


@pytest.mark.usefixtures("installed")
def test_a_group_of_its_own_kind() -> None:
    parts = {
        "x": {"type": "clients", "network": ["s1", "s2"]}, "s": {**SERVER, "network": ["s1"]},
        "s1": {"type": "switch", **BOX}, "s2": {"type": "switch", **BOX},
        "t": {**SERVER, "network": ["s2"]},
    }  # fmt: skip
    groups = {"g": {"type": "active_active", "members": ["s", "t"]}}
    found = design(parts, ["g"], groups=groups, used_from=["x"])
    one = 1 - ON * (1 - Q)
    assert share_down(found) == near(one * one)
    assert spreadsheet(found) == near((1 - (1 - Q) ** 2) ** 2)
    groups["h"] = {"type": "active_active", "members": ["s"]}
    with pytest.raises(DesignError) as caught:
        design(parts, ["g"], groups=groups)
    said = str(caught.value)
    assert "a group has two members or more" in said
    assert '"s" is in group "g" already' in said
    groups["h"]["members"] = ["x", "s1"]
    with pytest.raises(DesignError, match='"x" is a clients, a server is wanted'):
        design(parts, ["g"], groups=groups)


@pytest.mark.usefixtures("installed")
def test_members_of_such_a_group_are_worked_on_one_after_the_other() -> None:
    """The reference engine runs it; with rolling windows the role is never down by plan."""
    software = {
        "crash": "900 h",
        "start": exponential("2 min"),
        "manual_restart": exponential("1 h"),
    }
    server = {**SERVER, "software": software}
    window = {"of": ["s", "t"], "on": "first sunday 02:00", "lasts": "1 h", "rolling": True}
    groups = {"g": {"type": "active_active", "members": ["s", "t"]}}
    practices = {"maintenance": {"patch": window}}
    found = design({"s": server, "t": server}, ["g"], groups=groups, practices=practices)
    model = build(found.resolved).model
    run = reference.simulate(model, horizon=HOURS * 3600.0, trace=True)
    assert run.trace is not None
    began = {model.transition(f"{name}/patch.patch-begin"): name for name in "st"}
    times = {name: [] for name in "st"}  # type: dict[str, list[float]]
    for row in run.trace:
        if int(row["transition"]) in began:
            times[began[int(row["transition"])]].append(float(row["time"]))
    assert len(times["s"]) == len(times["t"]) > 6
    assert all(abs(a - b) >= 3599.9 for a in times["s"] for b in times["t"])


@pytest.mark.usefixtures("installed")
def test_a_storage_part() -> None:
    store = {"type": "object_store", **BOX, "wipe": "500 h", "refill": exponential("20 h")}
    found = design({"d": store}, ["d"])
    assert share_down(found) == near(1 - (1 - Q) * 500 / 520)
    assert spreadsheet(found) == near(Q)
    backup = {"type": "backup", "from": "backup_nightly", "of": ["d"]}
    saved = design({"d": store, "n": backup}, ["d"])
    model = build(saved.resolved).model
    run = reference.simulate(model, horizon=HOURS * 3600.0, trace=True)
    assert run.trace is not None
    fired = [int(row["transition"]) for row in run.trace]
    # Runs during which contents are lost are spoiled: the backup sees the store.
    assert fired.count(model.transition("d/contents.wipe")) > 3
    assert fired.count(model.transition("n/run.spoil")) > 0
    data = {"type": "database", "from": "database_single", "runs_on": "s", "stored_on": "d"}
    design({"d": store, "s": SERVER, "db": data}, ["db"])
    with pytest.raises(DesignError, match="second backup"):
        design({"d": store, "n": backup, "o": backup}, ["d"])


@pytest.mark.usefixtures("installed")
def test_their_figures_are_reported() -> None:
    parts = {
        "x": {"type": "clients", "network": ["fw"]}, "m": MAINS,
        "fw": {"type": "firewall", **BOX, "power": ["w"]},
        "w": {"type": "flywheel", **BOX, "power": ["m"], "rides": "1 h"},
        "s": {**SERVER, "network": ["fw"]},
        "d": {"type": "object_store", **BOX, "wipe": "500 h", "refill": exponential("20 h")},
    }  # fmt: skip
    found = pacsim.run(
        design(parts, ["s", "d"], used_from=["x"]), replications=64, seed=3, progress=False
    )
    assert found.get("spreadsheet_down", role="use").estimate / HOURS == near(1 - (1 - Q) ** 4)  # type: ignore[operator]
    assert (found.get("down", role="use").estimate or 0.0) / HOURS > 0.04
    said = found.to_json()
    for cause in ("fw/unit", "w/unit", "m/outage", "d/contents"):
        assert f'"{cause}' in said


def documented() -> dict[str, set[str]]:
    """Return the names that the page of parts offers, by module."""
    text = (HERE.parents[1] / "docs" / "parts" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(pacsim[\w.]+)` \| (.*) \|$", text, re.MULTILINE)
    return {module: set(re.findall(r"`(\w+)`", names)) for module, names in rows}


@pytest.mark.parametrize("name", NAMES)
def test_only_documented_names_are_imported(name: str) -> None:
    known = documented()
    code = ast.parse((HERE / "hospital_parts" / f"{name}.py").read_text(encoding="utf-8"))
    for node in ast.walk(code):
        assert not isinstance(node, ast.Import)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("pacsim"):
            names = {one.name for one in node.names}
            if node.module == "pacsim.parts.traits":  # every trait
                assert names <= {x for x in vars(traits) if x.isupper()}
            else:
                assert names <= known[str(node.module)], node.module


def test_every_documented_name_is_there() -> None:
    for module, names in documented().items():
        found = importlib.import_module(module)
        assert not [one for one in names if not hasattr(found, one)], module


BROKEN = """
raise RuntimeError("no licence")
"""
KIND = """
from pacsim.parts.slots import RecordType
TYPE = RecordType("{name}", "A type.", (), build={build})
"""


@pytest.mark.parametrize(
    ("group", "code", "value", "says"),
    [
        ("pacsim.parts", BROKEN, "odd_kinds:TYPE", "cannot be loaded (RuntimeError: no licence)"),
        ("pacsim.parts", "", "odd_kinds:TYPE", "cannot be loaded (AttributeError"),
        ("pacsim.groups", "", "no_such_module:TYPE", "cannot be loaded (ModuleNotFoundError"),
        ("pacsim.parts", "TYPE = 3", "odd_kinds:TYPE", "is no RecordType with a build"),
        ("pacsim.parts", KIND.format(name="turbine", build=None), "odd_kinds:TYPE", "is no RecordType with a build"),
        ("pacsim.parts", KIND.format(name="server", build="print"), "odd_kinds:TYPE", 'a type "server" is there already'),
        ("pacsim.parts", KIND.format(name="active_passive", build="print"), "odd_kinds:TYPE", 'a type "active_passive" is there already'),
        ("pacsim.groups", KIND.format(name="active_passive", build="print"), "odd_kinds:TYPE", 'a type "active_passive" is there already'),
        ("pacsim.groups", KIND.format(name="crew", build="print"), "odd_kinds:TYPE", 'a type "crew" is there already'),
        ("pacsim.groups", KIND.format(name="firewall", build="print"), "odd_kinds:TYPE", 'a type "firewall" is there already'),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("installed")
def test_a_type_that_cannot_be_used_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str, code: str, value: str, says: str
) -> None:
    (tmp_path / "odd_kinds.py").write_text(code)
    install(tmp_path, "odd-kinds", {group: {"one": value}})
    monkeypatch.delitem(sys.modules, "odd_kinds", raising=False)
    forget()
    with pytest.raises(pacsim.PacsimError) as caught:
        registry.all_types()
    said = str(caught.value)
    assert f'package odd-kinds, entry point "one" of {group}: ' in said
    assert says in said
