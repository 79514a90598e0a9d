"""Histories of terms: the terms a run counts, with what was when; a replay of them in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import pacsim
from pacsim.campaign.terms import MOST_AT_ONCE, Stretch, terms
from pacsim.cli.main import application
from pacsim.core import ModelBuilder, layout, outcome, recording
from pacsim.core.replay import replay
from pacsim.core.run_arguments import in_runs
from pacsim.delays import Deterministic, Exponential
from pacsim.design import design_of
from pacsim.design.build import build
from pacsim.engines import kernel
from pacsim.errors import ArgumentError, PacsimError
from pacsim.units import YEAR

PAIR = "models/designs/active-passive.yaml"
ONE = {
    "pacsim": 1,
    "parts": {
        "a": {"type": "component", "ttf": {"exactly": "10 days"}, "ttr": {"exactly": "4 h"}},
        "b": {"type": "component", "ttf": "100 days", "ttr": "8 h"},
    },
    "roles": {"store": {"needs": ["a"]}, "read": {"needs": {"any": ["a", "b"]}}},
}


def unit() -> Any:
    m = ModelBuilder()
    a, b = (m.element(x, "up down", fault="down") for x in "ab")
    for x, life in ((a, 300.0), (b, 170.0)):
        x.after("up -> down", Exponential(life), "fail", cls="fault")
        x.after("down -> up", Exponential(20.0), "back", cls="repair", renew=True)
    m.gate("all", m.all((a == "up", b == "up")))
    m.role("service", m.forward("all"))
    return m.build()


def test_terms_are_those_that_a_run_counts_in_any_order() -> None:
    model = unit()
    batch = kernel.simulate(model, seed=5, count=9, horizon=9000.0)
    numbers = [4, 5, 6, 1, 8, 8, 0]
    found = list(terms(model, 9000.0, numbers, seed=5, gates=["all"]))
    assert [term.number for term in found] == numbers
    for term in found:
        down = sum(s.end - s.start for s in term.stretches("all") if not s.value)
        column = layout(model)["service"].time
        assert down == pytest.approx(batch.values[term.number, column][0], rel=1e-12)
        mine = batch.episodes[batch.episodes["replication"] == term.number]
        assert mine.tobytes() == term.episodes.tobytes()
        assert set(term.contributors["episode"]) <= set(range(len(term.episodes)))
    assert found[4].changes.tobytes() == found[5].changes.tobytes()


def test_contributors_point_into_the_episodes_of_their_term() -> None:
    for term in terms(unit(), 9000.0, range(6)):
        for row in term.contributors:
            episode = term.episodes[row["episode"]]
            name = term.model.elements[row["element"]].name
            assert any(
                s.value == "down" and s.start <= episode["end"] and s.end > episode["start"]
                for s in term.stretches(name)
            )


def test_what_was_when() -> None:
    m = ModelBuilder()
    a = m.element("a", "up half down")
    a.after("up -> half", Deterministic(10.0), "slow")
    a.after("half -> down", Deterministic(5.0), "fail")
    m.gate("good", a == "up")
    (term,) = terms(m.build(), 20.0, [0], gates=["good"])
    assert term.stretches("a") == [
        Stretch(0.0, 10.0, "up"), Stretch(10.0, 15.0, "half"), Stretch(15.0, 20.0, "down")
    ]  # fmt: skip
    assert [term.at("a", t) for t in (0.0, 9.99, 10.0, 15.0, 19.9)] == [
        "up", "up", "half", "down", "down"
    ]  # fmt: skip
    assert term.at("good", 9.0) is True
    assert term.at("good", 10.0) is False
    frame = term.to_frame()
    assert frame.loc[frame["name"] == "a", "value"].tolist() == ["up", "half", "down"]
    with pytest.raises(PacsimError, match="'c' is not recorded"):
        term.at("c", 1.0)
    for time in (20.0, -1e-9):
        with pytest.raises(PacsimError, match="not in the term"):
            term.at("a", time)


def taken(most: int) -> Iterator[int]:
    """Yield numbers from 0, and fail if more are read than expected."""
    yield from range(most)
    pytest.fail(f"more than {most} numbers were read")


def test_numbers_that_follow_on_one_another_are_run_together_the_first_ones_soon() -> None:
    """One, then twice as many each time, 64 at most; anything else begins anew."""
    together = [(0, 1), (1, 2), (3, 4), (7, 8), (15, 16), (31, 32), (63, 64), (127, 64), (191, 9)]
    assert list(in_runs(range(200), MOST_AT_ONCE)) == together
    assert list(in_runs([5, 4, 5, 6, 8, 8], MOST_AT_ONCE)) == [
        (5, 1),
        (4, 2),
        (6, 1),
        (8, 1),
        (8, 1),
    ]
    assert list(in_runs([], MOST_AT_ONCE)) == []


def test_history_of_a_design_is_lazy_and_named() -> None:
    design = design_of(ONE)
    found = pacsim.history(design, taken(2))
    term = next(iter(found))
    assert term.number == 0
    assert [s.start / 86400 for s in term.stretches("role.store")][:2] == [0.0, 10.0]
    few = next(iter(pacsim.history(design, [7], watch=["a/unit", "role.read"])))
    assert few.names == ("a/unit", "role.read")
    assert few.horizon == 7 * YEAR
    with pytest.raises(PacsimError, match='no element or gate "a/unti"; did you mean "a/unit"'):
        pacsim.history(design, watch=["a/unti", "nobody"])
    with pytest.raises(PacsimError, match="replication -1"):
        next(pacsim.history(design, [-1]))


def test_recording_changes_no_figure_of_a_design() -> None:
    model = build(pacsim.load(PAIR).resolved).model
    made = recording(model, elements=[e.name for e in model.elements])
    plain = kernel.simulate(model, count=3, horizon=7 * YEAR, window=YEAR)
    with_changes = kernel.simulate(made, count=3, horizon=7 * YEAR, window=YEAR)
    for name in ("values", "events", "episodes", "contributors", "samples"):
        assert getattr(plain, name).tobytes() == getattr(with_changes, name).tobytes(), name
    assert len(with_changes.changes) > 1000
    times = with_changes.changes["time"]
    assert ((times >= 0) & (times < 7 * YEAR)).all()
    same_term = np.diff(with_changes.changes["replication"]) == 0
    assert (np.diff(times)[same_term] >= 0).all()


def test_a_replay_with_states_leaves_nothing_open() -> None:
    m = ModelBuilder()
    a, b = m.element("a", "x"), m.element("b", "up down")
    a.after(
        "x ->", Deterministic(10.0), "strike", cls="fault",
        outcomes=[outcome(1.0, "x", b.move({"up": "down"}, p=0.5))],
    )  # fmt: skip
    model = recording(m.build(), elements=["a", "b"])
    batch = kernel.simulate(model, seed=3, horizon=95.0, trace=True)
    told = replay(model, batch, batch.changes)
    assert not any("|" in line for line in told)
    assert any("|" in line for line in replay(model, batch))
    struck = [k for k, line in enumerate(told) if "b: up -> down" in line]
    falls = batch.changes[(batch.changes["what"] == 1) & (batch.changes["value"] == 1)]
    assert [10.0 * (k + 1) for k in struck] == falls["time"].tolist()


def test_the_command_tells_the_term_and_the_seed_asked_for(tmp_path: Path) -> None:
    """Line by line what the function tells, which tells another term and seed differently."""
    file = tmp_path / "one.yaml"
    file.write_text(design_of(ONE).dump(), encoding="utf-8")
    told = set()
    for term, seed in ((0, 1), (2, 1), (2, 7)):
        said = CliRunner().invoke(
            application(), ["replay", str(file), "--term", str(term), "--seed", str(seed)]
        )
        assert said.exit_code == 0
        assert said.output.splitlines() == pacsim.replay(file, term, seed=seed)
        told.add(said.output)
    assert len(told) == 3
    plain = CliRunner().invoke(application(), ["replay", str(file)]).output
    assert plain.splitlines() == pacsim.replay(file, 0, seed=1)


def test_the_command_says_that_nothing_happened(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(design_of(ONE).dump(), encoding="utf-8")
    said = CliRunner().invoke(application(), ["replay", str(file), "--to", "1 s"])
    assert (said.exit_code, said.output) == (0, "nothing happened in this time\n")


@pytest.mark.slow
def test_the_command_tells_a_window_and_refuses_in_words() -> None:
    run = CliRunner().invoke
    whole = run(application(), ["replay", PAIR, "--term", "3"])
    assert whole.exit_code == 0
    part = run(
        application(), ["replay", PAIR, "--term", "3", "--from", "2 years", "--to", "3 years"]
    )
    lines = part.output.splitlines()
    assert 0 < len(lines) < len(whole.output.splitlines())
    assert set(lines) <= set(whole.output.splitlines())
    # Years have 8 760 h, so the third one ends in January.
    assert all("2028-" in line or "2029-01-0" in line for line in lines)
    wrong = run(application(), ["replay", PAIR, "--term", "-1", "--from", "then", "--to", "now"])
    assert wrong.exit_code == 2
    assert [line.split()[0] for line in wrong.output.splitlines()] == [
        "replication",
        "start",
        "end",
    ]


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"start": "3 years", "end": "1 year"}, "before start"),
        ({"start": "99 years"}, "99 years on, the term has"),
        ({"start": "abc"}, r"start \(--from\) 'abc' is no time"),
    ],
)
def test_a_replay_of_no_time_is_refused(span: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        pacsim.replay(design_of(ONE), **span)


def test_terms_are_asked_for_in_a_list() -> None:
    with pytest.raises(TypeError, match=r"write \[5\]"):
        pacsim.history(design_of(ONE), 5)  # type: ignore[arg-type]
