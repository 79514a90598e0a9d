"""Every refusal and every warning of a design's rules has a file that provokes it.

The source is read for what can be said; a rule that is added without a file fails here. Files of
`wrong_parts` and `warned` say at their top what is expected, as those of `test_wrong_networks` do.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from pacsim.design import DesignError, load
from tests.conformance.said import Site, provoked, reached, refusals, sites, warnings
from tests.conformance.test_wrong_networks import expected

HERE = Path(__file__).parent
WRONG, WARNED = (sorted((HERE / name).glob("*.yaml")) for name in ("wrong_parts", "warned"))
ALL = sorted(HERE.glob("*/*.yaml"))
ELSEWHERE = {
    "wiring.check_runs_on refusal 1": "no type that ships runs on another and has others run on it",
}
"""What no file can provoke, and why."""


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_what_is_wrong_is_said(file: Path) -> None:
    # Sees: a check that is left out; a problem that follows from another one.
    with pytest.raises(DesignError) as caught:
        load(file)
    found = {p.path: p for p in caught.value.problems}
    wanted = {path: (rule, remedy) for path, rule, remedy, _ in expected(file)}
    assert set(found) == set(wanted)
    assert len(found) == len(caught.value.problems)
    for path, (rule, remedy) in wanted.items():
        assert found[path].rule.startswith(rule), found[path].rule
        assert found[path].remedy.startswith(remedy), found[path].remedy
        assert found[path].line > len(wanted)


@pytest.mark.parametrize("file", WARNED, ids=lambda file: file.stem)
def test_what_is_warned_of_is_said(file: Path) -> None:
    said = load(file).resolved.warnings
    lines = file.read_text(encoding="utf-8").splitlines()
    wanted = [line.removeprefix("# ") for line in lines if line.startswith("# ")][1:]
    assert wanted
    for text in wanted:
        assert any(one.startswith(text) for one in said), text


def test_every_rule_has_a_file() -> None:
    found = {one for file in ALL for one in provoked(file)}
    missing = [str(site) for site in sites() if not reached(site, found)]
    assert sorted(missing) == sorted(ELSEWHERE)


def test_the_rules_are_those_of_the_source(tmp_path: Path) -> None:
    """A refusal or a warning that is added is found, in whatever function it stands."""
    file = tmp_path / "made.py"
    file.write_text(
        textwrap.dedent(
            '''
            def check(review, part, path):
                """Note: nothing."""
                if part:
                    review.problem(path, "no")
                review.problem(
                    path, f"{part}: none", "x"
                )

            def helper(part, path) -> list[str]:
                """Say: nothing."""
                return [f"{path}.a: more than {part}", ", ".join(part), "parts: none"]
            '''
        ),
        encoding="utf-8",
    )
    wanted = [Site("made", "check", 1, 5, 5), Site("made", "check", 2, 6, 8)]
    assert list(refusals(file)) == wanted
    assert [site.says for site in warnings(file)] == [r".*\.a:\ more\ than\ .*", r"parts:\ none"]
    assert reached(wanted[1], {("made", 7)})
    assert not reached(wanted[1], {("made", 5), ("check", 6)})
    assert len(sites()) > 70
