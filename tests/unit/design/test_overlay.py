"""extends and like: merging, removing, chains, circles, files relative to where they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.design import DesignError, load
from pacsim.units import HOUR

BASE = """pacsim: 1
name: base
parts:
  a: {type: component, ttf: 1 year, ttr: 4 h}
  b: {like: a, ttr: {low: 1 h, high: 2 h}}
  t: {type: crew, size: 2, respond: 10 min, respond_night: 1 h, on_duty: hours.yaml}
roles:
  store: {needs: [a, b]}
"""


def files(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        where = folder / f"{name.replace('__', '/')}.yaml"
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text, encoding="utf-8")
    return folder


def test_maps_merge_lists_replace_and_null_removes(tmp_path: Path) -> None:
    top = """extends: base/base.yaml
name: top
parts: {a: {ttr: 8 h}, t: null}
roles: {store: {needs: [a]}}
"""
    files(tmp_path, top=top, base__base=BASE, base__hours="hours: [mon-fri 08:00-17:00]\n")
    base, design = load(tmp_path / "base/base.yaml"), load(tmp_path / "top.yaml")
    assert (base.name, design.name) == ("base", "top")
    assert base.resolved.parts["t"]["on_duty"].name == "hours"
    assert set(design.resolved.parts) == {"a", "b"}
    assert design.resolved.parts["a"].law("repair").quantile(0.5) == pytest.approx(8 * HOUR)
    assert design.resolved.roles["store"]["needs"].names() == ("a",)
    assert design.resolved.parts["b"].law("fails") == design.resolved.parts["a"].law("fails")


def test_a_value_is_replaced_as_a_whole(tmp_path: Path) -> None:
    top = "extends: base/base.yaml\nparts: {b: {ttr: {median: 3 h, p95: 5 h}}}\n"
    files(tmp_path, top=top, base__base=BASE, base__hours="hours: 24x7\n")
    design = load(tmp_path / "top.yaml")
    assert next(i for i in design.resolved.inputs if i.path == "parts.b.ttr").low == ""


def test_null_takes_a_bundle_entry_away(tmp_path: Path) -> None:
    text = """pacsim: 1
parts:
  s: {type: server, from: server_dual_psu, psu: null, psu_repair: null}
  z: {like: s, psu: 9 years, psu_repair: 1 h}
"""
    design = load(files(tmp_path, my=text) / "my.yaml")
    assert design.resolved.parts["s"]["psu"] is None
    assert design.resolved.parts["z"]["psu"] is not None
    again = design.vary({"parts.s.os_crash": None})
    assert again.resolved.parts["s"]["os_crash"] is None
    assert again.resolved.parts["z"]["os_crash"] is None


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"my": "pacsim: 1\nparts: {a: {like: b}, b: {like: a}}\n"}, "in a circle"),
        ({"my": "pacsim: 1\nparts: {a: {like: a}}\n"}, "in a circle"),
        ({"my": "pacsim: 1\nparts: {aa: {like: ab}, ac: {type: clients}}\n"}, 'no part "ab"'),
        ({"my": "pacsim: 1\nextends: my.yaml\n"}, "extends this file"),
        ({"my": "pacsim: 1\nextends: x.yaml\n", "x": "extends: my.yaml\n"}, "extends this file"),
        ({"my": "pacsim: 1\nextends: [a, b]\n"}, "names one file"),
        ({"my": "pacsim: 1\nextends: none.yaml\n"}, 'no file "none.yaml"'),
        ({"my": "pacsim: 1\nparts: {a: null}\n"}, "nothing to remove"),
        ({"my": "pacsim: 1\nparts: {a: {type: component, ttf: 1 year, ttr: 1 h, network: null}}\n"}, "nothing to remove"),
        ({"my": "pacsim: 1\nparts: {a: {type: component, ttf: 1 year, fails: 1 year, ttr: 1 h}}\n"}, "are the same"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_overlay_is_said(
    tmp_path: Path, texts: dict[str, str], says: str
) -> None:
    files(tmp_path, **texts)
    with pytest.raises(DesignError) as caught:
        load(tmp_path / "my.yaml")
    assert says in str(caught.value)


def test_a_problem_names_the_file_it_came_from(tmp_path: Path) -> None:
    files(tmp_path, top="extends: base.yaml\nname: top\n", base="pacsim: 1\n\nparst: {}\n")
    with pytest.raises(DesignError) as caught:
        load(tmp_path / "top.yaml")
    (problem,) = caught.value.problems
    assert (Path(problem.file).name, problem.line) == ("base.yaml", 3)
    assert problem.remedy == 'did you mean "parts"?'


def test_a_second_form_that_leaves_a_range_behind(tmp_path: Path) -> None:
    text = BASE.replace("on_duty: hours.yaml", "on_duty: {hours: 24x7, name: all}")
    design = load(files(tmp_path, my=text) / "my.yaml")
    varied = design.vary({"parts.b.ttr": {"median": "3 h", "p95": "5 h"}})
    assert "low" not in str(varied.plain["parts"]["b"]["ttr"])
