"""No input gives a traceback: mangled files are fine or a DesignError with places."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pacsim.design import DesignError, design_of, load
from tests.conformance.mutations import judged, mutated

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / "models" / "designs"
FILES = [
    MODELS / "base/community-hospital.yaml",
    MODELS / "active-passive.yaml",
    MODELS / "active-active.yaml",
]
MUTATED = 100
"""`experiments/fuzz/mutate.py designs` goes through a thousand."""
ODD = [
    "null", "true", "-1", "1e999", "9" * 5000, "[]", "{}", "[[]]", "{a: b}", "''", "'\\0'", "x",
    "5 h", "~", "1 000 h", "!!int 3", "&a [*a]", "? [a]", "<<: 3", ".inf", "../..", "/", "é",
    "[radiology, radiology]", "{catalogue: srv.repair}", "{value: {value: {}}}", "{mix: {}}",
    "{low: {}, high: []}", "{next_business_day: {}, then: {}}", "{need: x, of: 3}", "{any: {}}",
    "{quantiles: [[[], {}]]}", "{status: [], value: 3}", "{extends: x}", "- a\n- b", "\t", "%",
]  # fmt: skip
SLOW = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def survives(text: str, folder: Path) -> None:
    file = folder / "mangled.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file).dump()
    except DesignError as error:
        assert error.problems
        assert str(error)
        assert all(problem.rule for problem in error.problems)


@SLOW
@given(seed=st.integers(0, 2**32), which=st.sampled_from(FILES), count=st.integers(1, 4))
def test_lines_and_words_exchanged(
    seed: int, which: Path, count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    lines = which.read_text(encoding="utf-8").splitlines()
    for _ in range(count):
        k = chance.randrange(len(lines))
        words = lines[k].split(" ")
        match chance.randrange(5):
            case 0:
                lines[k] = ""
            case 1:
                other = chance.randrange(len(lines))
                lines[k], lines[other] = lines[other], lines[k]
            case 2:
                words[chance.randrange(len(words))] = chance.choice(ODD)
                lines[k] = " ".join(words)
            case 3:
                cut = chance.randrange(len(lines[k]) + 1)
                lines[k] = lines[k][:cut] + chance.choice(ODD) + lines[k][cut + 1 :]
            case _:
                head = lines[k].partition(":")[0]
                lines[k] = f"{head}: {chance.choice(ODD)}"
    survives("\n".join(lines), tmp_path_factory.mktemp("mangled"))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(ODD)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=6)
            | st.sampled_from(
                [
                    "value",
                    "low",
                    "high",
                    "mix",
                    "hours",
                    "catalogue",
                    "of",
                    "any",
                    "shift",
                    "then",
                    "type",
                    "from",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def paths_of(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(plain, dict):
        for key, child in plain.items():
            found += paths_of(child, (*path, key))
    return found


PLAIN: dict[str, Any] = {}


def whole() -> dict[str, Any]:
    if not PLAIN:
        PLAIN.update(load(FILES[1]).plain)
    return PLAIN


@SLOW
@given(data=st.data(), tree=TREES)
def test_anything_anywhere(data: st.DataObject, tree: Any) -> None:
    path = data.draw(st.sampled_from(paths_of(whole())))

    def put(plain: Any, keys: tuple[Any, ...]) -> Any:
        return tree if not keys else {**plain, keys[0]: put(plain[keys[0]], keys[1:])}

    try:
        made = design_of(put(whole(), path))
    except DesignError as error:
        assert all(problem.rule for problem in error.problems)
    else:
        made.dump()


def test_mutated_designs(tmp_path: Path) -> None:
    """Each is a design whose model can be built, or refused with path, rule and remedy."""
    verdicts = {number: judged(mutated(number), tmp_path) for number in range(MUTATED)}
    assert {number: v.silent for number, v in verdicts.items() if v.silent} == {}
    refused = sum(bool(v.problems) for v in verdicts.values())
    assert 0.5 * MUTATED < refused < MUTATED


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", "a: " * 50, "[" * 3000, "{a: " * 3000, "a: &b 1", "\x00", "a: 1\na: 2", "9" * 5000, "? [1]\n: 2", "\ufeffpacsim: 1"],
)  # fmt: skip
def test_odd_files(text: str, tmp_path: Path) -> None:
    survives(text, tmp_path)


def test_files_that_are_none(tmp_path: Path) -> None:
    for odd in (tmp_path, tmp_path / "none.yaml", "a\0b", ""):
        with pytest.raises(DesignError):
            load(odd)
    (tmp_path / "latin.yaml").write_bytes(b"name: \xff")
    with pytest.raises(DesignError, match="UTF-8"):
        load(tmp_path / "latin.yaml")
