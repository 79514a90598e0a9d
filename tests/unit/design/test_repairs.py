"""A repair is one slot with two keys; the last layer that writes says what it covers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from pacsim.design import Design, DesignError, design_of, load
from pacsim.parts.values import ALL_IN, HANDS_ON
from tests.close import close

ROOT = Path(__file__).parents[3]
DESIGNS = ROOT / "models" / "designs"
H = 3600.0
SPREAD = math.log(4.0) / 1.6448536269514722
"""Sigma of a lognormal with p95 = 4 x median; its mean is exp(sigma^2 / 2) medians."""
MEANS = math.exp(SPREAD**2 / 2)
TOP = {"pacsim": 1, "roles": {"store": {"needs": ["a"]}}}


def made(**parts: Any) -> Design:
    return design_of({**TOP, "parts": parts})


def layered(folder: Path, base: str, mine: str) -> Design:
    (folder / "base.yaml").write_text(f"pacsim: 1\nparts: {base}\n", encoding="utf-8")
    text = f"pacsim: 1\nextends: base.yaml\nparts: {mine}\n"
    (folder / "my.yaml").write_text(text, encoding="utf-8")
    return load(folder / "my.yaml")


def key_of(design: Design, part: str) -> set[str]:
    """Return under which key the dump has the repair of a part."""
    return {"repair", "ttr"} & set(design.plain["parts"][part])


PLAIN = "{a: {type: component, ttf: 1 year, KEY: 3 h}}"


@pytest.mark.parametrize(
    ("first", "second", "covers"), [("repair", "ttr", ALL_IN), ("ttr", "repair", HANDS_ON)]
)
def test_the_last_layer_holds(first: str, second: str, covers: str, tmp_path: Path) -> None:
    """Over a base, over another part, and over a bundle."""
    # Sees: both keys in the merged tree, which is an error; the key of the base.
    over = layered(tmp_path, PLAIN.replace("KEY", first), f"{{a: {{{second}: 1 h}}}}")
    like = made(
        a={"type": "component", "ttf": "1 year", first: "3 h"}, b={"like": "a", second: "1 h"}
    )
    bundle = {"ttr": "core_switch", "repair": None}[first]
    found = [(over, "a"), (like, "b")]
    if bundle:
        found.append((made(a={"type": "switch", "from": bundle, second: "1 h"}), "a"))
    for design, part in found:
        repair = design.resolved.parts[part].delay("repair")
        assert (repair.covers, repair.law.quantile(0.5)) == (covers, close(H, 1e-12))
        assert key_of(design, part) == {second}
    assert like.resolved.parts["a"].delay("repair").covers != covers


def test_both_in_one_map_is_an_error() -> None:
    with pytest.raises(DesignError, match="are the same"):
        made(a={"type": "component", "ttf": "1 year", "repair": "1 h", "ttr": "2 h"})


def test_a_life_by_its_other_name_is_replaced_too(tmp_path: Path) -> None:
    base = "{a: {type: component, fails: 1 year, ttr: 3 h}}"
    design = layered(tmp_path, base, "{a: {ttf: 2 years}}")
    for one in (design, made(a={"type": "component", "fails": "1 year", "ttr": "1 h"})):
        varied = one.vary({"parts.a.ttf": "3 years"})
        assert varied.resolved.parts["a"].law("fails").mean() == close(3 * 8760 * H, 1e-12)


def test_a_nested_life_by_its_other_name_is_replaced_too(tmp_path: Path) -> None:
    array = "type: disk_array, layout: raid6, disks: 8, disk_replace: 1 d, replace: 2 d"
    disk = "disk: {size: 4 TB, life: 9 years, rebuild_rate: 100 MB/s}"
    design = layered(tmp_path, f"{{a: {{{array}, {disk}}}}}", "{a: {disk: {ttf: 3 years}}}")
    found = design.resolved.parts["a"].part("disk").law("life").mean()
    assert found == close(3 * 8760 * H, 1e-12)
    varied = design.vary({"parts.a.disk.life": "4 years"}).resolved.parts["a"].part("disk")
    assert varied.law("life").mean() == close(4 * 8760 * H, 1e-12)


@pytest.mark.parametrize(
    "order",
    ["ttr: null, repair: 2 h", "repair: 2 h, ttr: null", "repair: {exactly: 2 h}, ttr: null"],
)
@pytest.mark.parametrize("base", ["from: core_switch", "ttf: 1 year, ttr: 3 h"])
def test_one_taken_away_for_the_other(order: str, base: str, tmp_path: Path) -> None:
    """Who writes both, one of them as nothing, has said the same with more words."""
    design = layered(tmp_path, f"{{a: {{type: switch, {base}}}}}", f"{{a: {{{order}}}}}")
    assert design.resolved.parts["a"].delay("repair").covers == HANDS_ON
    assert key_of(design, "a") == {"repair"}
    assert any(w.startswith("parts.a.repair: was ") for w in design.resolved.warnings)


def test_the_order_of_parts_is_that_of_the_base(tmp_path: Path) -> None:
    # Sees: a part that is laid over put last, which would draw and print in another order.
    base = "{a: {type: component, ttf: 1 year, ttr: 3 h}, b: {type: component, ttf: 1 d, ttr: 1 h}}"
    design = layered(tmp_path, base, "{a: {ttr: 4 h}}")
    assert list(design.resolved.parts) == ["a", "b"]


def test_all_in_is_printed_as_ttr(tmp_path: Path) -> None:
    """A bundle's value that covers everything stands under ttr, and comes back the same."""
    design = load(DESIGNS / "active-passive.yaml")
    shown = {"core-1": "ttr", "ats": "ttr", "ups-a": "ttr", "server-a": "repair"}
    assert {name: key_of(design, name) for name in shown} == {k: {v} for k, v in shown.items()}
    (tmp_path / "again.yaml").write_text(design.dump(), encoding="utf-8")
    assert load(tmp_path / "again.yaml").resolved == design.resolved


@pytest.mark.parametrize("path", ["parts.operators.repair", "parts.core-1.repair"])
def test_varying_the_key_that_is_not_in_force(path: str) -> None:
    """It names the other; with that taken away in the same step it is meant."""
    design = load(DESIGNS / "single-server.yaml")
    other = path.replace("repair", "ttr")
    with pytest.raises(DesignError, match=f"repair is not in force.*vary {other}"):
        design.vary({path: "15 min"})
    with pytest.raises(DesignError, match=r"ttr is not in force.*vary parts.server-a.repair"):
        design.vary({"parts.server-a.ttr": "15 min"})
    part = path.split(".")[1]
    for changes in ({other: None, path: "15 min"}, {path: "15 min", other: None}):
        varied = design.vary(changes)
        assert varied.resolved.parts[part].delay("repair").covers == HANDS_ON


TWINLESS = {
    "psu_repair": ("server-a", HANDS_ON),
    "controller_repair": ("array", HANDS_ON),
    "shelf_repair": ("array", ALL_IN),
    "disk_replace": ("array", ALL_IN),
}


SWITCH = "parts:\n  a:\n    type: switch\n    from: core_switch\n"
TESTED = "practices:\n  failover_tests:\n    finds: 70 %\n"
NOT_COVERING = {
    "parts.a.fails": (SWITCH, "1 year"),
    "parts.a.soft_share": (SWITCH, "10 %"),
    "parts.a.soft_repair": (SWITCH, "3 min"),
    "practices.times.no_contract": ("practices:\n  times:\n", "3 d"),
    "practices.failover_tests.every": (TESTED, "3 months"),
    "practices.failover_tests.outage": (TESTED + "    every: 3 months\n", "3 min"),
}
"""Slots whose value is all there is, with what stands above them in a file and a value."""


@pytest.mark.parametrize("path", NOT_COVERING)
@pytest.mark.parametrize("word", [ALL_IN, HANDS_ON, "all-in"])
def test_covers_is_refused_where_it_means_nothing(path: str, word: str, tmp_path: Path) -> None:
    """With file and line, what is wrong and what to do."""
    # Sees: a word that is read and changes nothing; a remedy that offers it again.
    above, value = NOT_COVERING[path]
    file = tmp_path / "my.yaml"
    last = path.rsplit(".", maxsplit=1)[-1]
    file.write_text(f"pacsim: 1\n{above}    {last}: {{value: {value}, covers: {word}}}\n")
    with pytest.raises(DesignError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(file), above.count("\n") + 2)
    assert problem.path == f"{path}.covers"
    assert problem.rule == f'covers "{word}" is not for this slot'
    assert problem.remedy == "leave it out: the value is all there is"


def test_a_value_of_the_catalogue_says_nothing_where_nothing_is_covered() -> None:
    """What is shown of it is a design again."""
    # Sees: a shown design that is refused for a word that nobody wrote.
    plain = made(a={"type": "switch", "from": "core_switch"}).plain
    soft = plain["parts"]["a"]["soft_repair"]
    assert soft["id"] == "net.mttr_switch.soft"
    assert "covers" not in soft
    assert design_of(plain).plain == plain


@pytest.mark.parametrize("slot", TWINLESS)
def test_without_a_twin_it_inherits(slot: str, tmp_path: Path) -> None:
    """What a value covers that does not say so is what the one below it covers."""
    part, covers = TWINLESS[slot]
    other = {ALL_IN: HANDS_ON, HANDS_ON: ALL_IN}[covers]
    design = load(DESIGNS / "single-server.yaml")
    path = f"parts.{part}.{slot}"

    def covered(one: Design) -> str:
        return one.resolved.parts[part].delay(slot).covers

    # Over a bundle, which covers something, and over a value that says so.
    once = design.vary({path: "3 h"})
    said = design.vary({path: {"median": "3 h", "p95": "9 h", "covers": other}})
    assert [covered(one) for one in (design, once, said)] == [covers, covers, other]
    assert covered(said.vary({path: "4 h"})) == other
    assert covered(said.vary({path: {"low": "1 h", "high": "2 h"}})) == other
    assert once.resolved.warnings == ()
    assert said.resolved.warnings[0].startswith(f"{path}: was ")
    # In files as well; a base that says it is a layer like any other.
    file = DESIGNS / "single-server.yaml"
    (tmp_path / "base.yaml").write_text(
        f"pacsim: 1\nextends: {file}\nparts: {{{part}: {{{slot}: {{value: 3 h, covers: {other}}}}}}}\n"
    )
    (tmp_path / "my.yaml").write_text(
        f"pacsim: 1\nextends: base.yaml\nparts: {{{part}: {{{slot}: 5 h}}}}\n", encoding="utf-8"
    )
    mine = load(tmp_path / "my.yaml")
    assert covered(mine) == other
    assert mine.resolved.parts[part].law(slot).quantile(0.5) == close(5 * H, 1e-12)
    (tmp_path / "again.yaml").write_text(mine.dump(), encoding="utf-8")
    assert covered(load(tmp_path / "again.yaml")) == other


def test_what_an_override_changes_is_said() -> None:
    """The issue's example: 15 min in place of 1.22 h all included.

    Fault to working by hand, with the catalogue's medians: alert 5.48 min, the crew on duty 45 of
    168 hours, 4 h of response, 5.48 % missing parts of 53.7 h (p95 215 h), 15 min of work.
    """
    design = load(DESIGNS / "single-server.yaml")
    varied = design.vary({"parts.operators.ttr": None, "parts.operators.repair": "15 min"})
    (warning,) = varied.resolved.warnings
    assert warning.startswith("parts.operators.repair: was 1.7 h from fault to working, all inc")
    after = float(warning.split("before it ")[1].removesuffix(" h"))
    times, crew = varied.resolved.practices["times"], varied.resolved.parts["it-team"]
    part_delay = 53.7 * math.exp((math.log(215 / 53.7) / 1.6448536269514722) ** 2 / 2)
    alert = times.law("alert").mean() / H
    day, night = (crew.law(x).mean() / H for x in ("respond", "respond_night"))
    least = alert + 4 + 0.0548 * part_delay + 0.25 * MEANS
    # The response runs at night's speed or day's, whichever it is, so it is between the two.
    assert least + day < after < least + night


def test_what_a_file_changes_is_said(tmp_path: Path) -> None:
    """Over a base and over a bundle; a value that covers the same says nothing.

    Without a contract a switch of the catalogue takes 14.0 - 8.2 + 108.0 - 2.5 = 111.3 h.
    """
    base = "{a: {type: switch, from: core_switch}}"
    for value, first in (("repair: 2 h", "parts.a.repair: was 111.3 h"), ("ttr: 2 h", None)):
        warnings = layered(tmp_path, base, f"{{a: {{{value}}}}}").resolved.warnings
        told = [w for w in warnings if "was" in w]
        assert [w[: len(first or "")] for w in told] == ([first] if first else []), told
    component = "{a: {type: component, ttf: 1 year, ttr: {mean: 3 h, family: exponential}}}"
    mine = layered(tmp_path, component, "{a: {repair: {exactly: 2 h}}}")
    # Without a crew, a contract and monitoring: the call, the part ordered and fitted, the work.
    times = mine.resolved.practices["times"]
    mean = (times.law("call").mean() + times.law("no_contract").mean()) / H + 2
    said = f"was 3.0 h from fault to working, all included; with the chain before it {mean:.1f} h"
    assert f"parts.a.repair: {said}" in mine.resolved.warnings


def test_a_default_of_the_slot_says_nothing() -> None:
    """An array by hand: disks are replaced all included, shelves and controllers hands-on."""
    disk = {"size": "4 TB", "ttf": "9 years", "rebuild_rate": "100 MB/s"}
    array = {"type": "disk_array", "layout": "raid6", "disks": 8, "disk": disk, "replace": "48 h"}
    more = {"disk_replace": "24 h", "shelf": "9 years", "shelf_repair": "3 h"}
    design = made(a={**array, **more})
    found = {
        slot: design.resolved.parts["a"].delay(slot).covers for slot in more if slot != "shelf"
    }
    assert found == {"disk_replace": ALL_IN, "shelf_repair": HANDS_ON}
    assert [design.plain["parts"]["a"][slot] for slot in more] == list(more.values())


def test_a_database_has_one_recovery() -> None:
    """Nobody comes for it, so its ttr is another word for recovery."""
    text = {"type": "database", "from": "database_single", "runs_on": "a"}
    server = {"type": "server", "from": "server_dual_psu"}
    design = made(a=server, d={**text, "recovery": {"catalogue": "db.recovery"}})
    assert "recovery" in design.plain["parts"]["d"]
    varied = design.vary({"parts.d.ttr": "9 min"})
    assert varied.resolved.parts["d"].law("recovery").quantile(0.5) == close(540.0, 1e-12)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"value": "3 h", "read_under": "8h"}, 'no contract "8h"'),
        ({"value": "3 h", "read_under": ["4h"]}, "is no text"),
    ],
)
def test_read_under_is_one_of_two(value: Any, says: str) -> None:
    with pytest.raises(DesignError, match=says):
        made(a={"type": "component", "ttf": "1 year", "ttr": value})


def test_read_under_is_for_repairs_that_cover_everything() -> None:
    said = {"value": "3 h", "read_under": "4h"}
    with pytest.raises(DesignError, match="read_under is for a time from fault to working"):
        made(a={"type": "component", "ttf": "1 year", "repair": said})
    with pytest.raises(DesignError, match="not for this slot"):
        made(a={"type": "component", "ttf": said, "ttr": "3 h"})


ARRAY = ("type: disk_array, from: array_dual_controller, layout: raid6, disks: 12, "
         "disk: {from: disk_group, size: 8 TB}, shelf_repair: 2 h")  # fmt: skip


def test_what_replaces_what_replaces_a_bundle_covers_the_same(tmp_path: Path) -> None:
    """The bundle's exchange of a shelf covers everything, and so do both values laid over it."""
    # Sees: the second layer read as hands-on, after a chain that nobody asked for.
    design = layered(tmp_path, f"{{a: {{{ARRAY}}}}}", "{a: {shelf_repair: 3 h}}")
    repair = design.resolved.parts["a"].delay("shelf_repair")
    assert (repair.covers, repair.law.quantile(0.5)) == (ALL_IN, close(3 * H, 1e-12))


def test_no_time_at_all_and_no_size_at_all() -> None:
    """A repair of nothing under another contract is nothing; a study of nothing is refused."""
    # Sees: two divisions by zero.
    zero = {"exactly": "0 h", "read_under": "4h"}
    one = made(a={"type": "component", "ttf": "1 year", "ttr": zero})
    assert one.resolved.parts["a"].law("repair").mean() == 0.0
    with pytest.raises(DesignError, match="study_size must be greater than 0"):
        design_of({**TOP, "archive": {"study_size": "0 MB"}, "parts": {"a": {
            "type": "component", "ttf": "1 year", "ttr": "1 h"}}})  # fmt: skip
