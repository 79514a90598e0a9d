"""A package outside the tree adds parts and a group: each checked, built, solved, run, summed up.

It is put on the path as it would be installed: its modules beside the metadata of its project file.
"""

from __future__ import annotations

import ast
import importlib
import math
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pacsim
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.cli.schema import json_schema, table
from pacsim.design import Design, DesignError, design_of
from pacsim.design.build import build
from pacsim.engines import exact, reference
from pacsim.parts import registry, traits
from pacsim.parts.loss_classes import loss_classes
from tests.outsider.installing import forget, install

HERE = Path(__file__).parent
NAMES = ("media_converter", "flywheel", "object_store", "all_serve")


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
    assert "all_serve" in registry.group_types()
    assert "all_serve" not in registry.part_types()


@pytest.mark.usefixtures("installed")
def test_a_part_that_passes_traffic() -> None:
    parts = {
        "x": {"type": "clients", "network": ["fw"]}, "fw": {"type": "media_converter", **BOX},
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
    parts["box"] = {"type": "media_converter", **BOX, "network": ["sw"]}
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
    groups = {"g": {"type": "all_serve", "members": ["s", "t"]}}
    found = design(parts, ["g"], groups=groups, used_from=["x"])
    one = 1 - ON * (1 - Q)
    assert share_down(found) == near(one * one)
    assert spreadsheet(found) == near((1 - (1 - Q) ** 2) ** 2)
    groups["h"] = {"type": "all_serve", "members": ["s"]}
    with pytest.raises(DesignError) as caught:
        design(parts, ["g"], groups=groups)
    said = str(caught.value)
    assert "a group has two members or more" in said
    assert '"s" is in group "g" already' in said
    groups["h"]["members"] = ["x", "s1"]
    with pytest.raises(DesignError, match='"x" is a clients, a server is wanted'):
        design(parts, ["g"], groups=groups)


def seat(notice: float) -> dict[str, float]:
    """Return how likely a member serves, is down and still sent to, or is left out; by hand.

    Down for 10 h, then booting for 1 h, and it may fail meanwhile; what is noticed is left out at
    once and comes back with it.
    """
    states = ["serves", "down", "boots", "out-down", "out-boots"]
    rates = [
        ("serves", "down", 1 / 1000), ("down", "boots", 1 / 10), ("boots", "down", 1 / 1000),
        ("boots", "serves", 1.0), ("out-down", "out-boots", 1 / 10),
        ("out-boots", "out-down", 1 / 1000), ("out-boots", "serves", 1.0),
        ("down", "out-down", 1 / notice), ("boots", "out-boots", 1 / notice),
    ]  # fmt: skip
    q = np.zeros((5, 5))
    for here, there, rate in rates:
        q[states.index(here), states.index(there)] += rate
        q[states.index(here), states.index(here)] -= rate
    system = np.vstack([q.T[:-1], np.ones(5)])
    share = dict(zip(states, np.linalg.solve(system, [0.0] * 4 + [1.0]), strict=True))
    return {
        "serves": share["serves"],
        "misleads": share["down"] + share["boots"],
        "out": share["out-down"] + share["out-boots"],
    }


@pytest.mark.usefixtures("installed")
def test_a_balancer_that_takes_its_time() -> None:
    """Members are independent: up while none misleads and not all are left out."""
    groups = {"g": {"type": "all_serve", "members": ["s", "t"], "notice": exponential("3 min")}}
    found = design({"s": SERVER, "t": SERVER}, ["g"], groups=groups)
    one = seat(0.05)
    assert sum(one.values()) == near(1.0)
    assert share_down(found) == near(1.0 - (1.0 - one["misleads"]) ** 2 + one["out"] ** 2)
    assert spreadsheet(found) == near(Q**2)


@pytest.mark.usefixtures("installed")
def test_its_failovers_are_in_the_table() -> None:
    """Forty seconds until a bad member is left out: that is what each failover lasts."""
    groups = {"g": {"type": "all_serve", "members": ["s", "t"], "notice": "40 s"}}
    # In 10 years 2 x 87.6 failures of members, of which every hundredth meets the other one down.
    contract = {"term": "10 years"}
    found = pacsim.run(
        design({"s": SERVER, "t": SERVER}, ["g"], groups=groups, contract=contract),
        replications=64, seed=5, progress=False,
    )  # fmt: skip
    assert found.get("failover_latency_p50", role="g").estimate == pytest.approx(40.0, rel=0.006)
    assert "failover until it serves" in str(found)
    assert "40 s (p95 40 s)" in str(found)
    rate = found.get("failovers", role="g")
    expected = 2 * ON * 8.76 * ON
    assert rate.lower is not None
    assert rate.upper is not None
    assert rate.lower < expected < rate.upper
    ended = {row.of: row.estimate for row in found.rows if row.measure == "failover_ended"}
    assert set(ended) == {"by_itself", "left_out"}
    assert ended["left_out"] == pytest.approx(1.0, abs=0.01)
    assert found.get("no_standby", role="g").estimate == pytest.approx(
        2 * 8.76 * ON * (1 - ON), rel=0.5
    )
    assert found.get("failover_latency_mean", role="g").estimate == pytest.approx(40.0, rel=1e-2)


@pytest.mark.usefixtures("installed")
def test_its_losses_are_in_the_results_by_class() -> None:
    """Contents are lost every 520 h, a bucket of 30 each time; the first loss is exponential."""
    assert loss_classes()["bucket"].label == "a whole bucket"
    store = {"type": "object_store", **BOX, "wipe": "500 h", "refill": exponential("20 h")}
    contract = {"term": "1 month"}
    made = design({"d": {**store, "holds": 30}}, ["d"], contract=contract)
    hours = HOURS / 12.0
    exactly = exact.solve(build(made.resolved).model, horizon=hours * 3600.0)
    assert exactly["first loss of d"].mission == near(1.0 - math.exp(-hours / 500.0))
    found = pacsim.run(made, replications=1024, seed=4, progress=False)
    anything = found.get("p_any_loss", role="d")
    assert anything.lower is not None
    assert anything.upper is not None
    assert anything.lower < 1.0 - math.exp(-hours / 500.0) < anything.upper
    assert "any study lost" in str(found)
    by = {(row.measure, row.of): row for row in found.rows if row.by == "loss_class"}
    assert set(by) == {(m, c) for m in ("losses", "studies_lost") for c in ("bucket", "window")}
    losses = by["losses", "bucket"]
    # They come while the contents are there, which is ever less likely than at the start.
    gone = 20.0 / 520.0
    mean = hours / 520.0 + gone**2 * (1.0 - math.exp(-hours * 520.0 / 1e4))
    assert losses.lower is not None
    assert losses.upper is not None
    assert losses.lower < mean * 12.0 < losses.upper
    assert exactly["bucket of d"].mission == near(mean)
    assert by["studies_lost", "bucket"].estimate == near(30.0 * (losses.estimate or 0.0))
    assert by["losses", "window"].note == "exactly 0: no backup of it in the design"


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
    groups = {"g": {"type": "all_serve", "members": ["s", "t"], "notice": "10 min"}}
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
    # Who is to be worked on is left out first, so nobody is sent to it.
    gaps = run.episodes_of("gaps:g")
    assert len(gaps)
    assert not {*gaps["start"].tolist()} & {*times["s"], *times["t"]}


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
        "fw": {"type": "media_converter", **BOX, "power": ["w"]},
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
        ("pacsim.groups", KIND.format(name="media_converter", build="print"), "odd_kinds:TYPE", 'a type "media_converter" is there already'),
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
