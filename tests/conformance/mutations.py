"""Shipped designs, mutated: a function of one integer each.

A mutation takes the tree of a design, or of its base, and changes keys, values, types, references,
or leaves something out, in one to four places.
"""

from __future__ import annotations

import copy
import random
import re
import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pacsim.design import DesignError, load
from pacsim.design.build import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pacsim.files.problems import Problem

FILES = sorted((Path(__file__).parents[2] / "models" / "designs").glob("*.yaml"))
DESIGN, BASE = "mutated.yaml", "base/community-hospital.yaml"
SECONDS = 20
"""What a file may take; some tenths are usual."""
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, float("inf"), float("nan"), 10**30, "", "x", "5 h", "0 s", "-3 min",
    "1e999 years", "130 %", "first sunday 25:00", "../..", "\0", "é", [], {}, [[]], [None], [{}],
    {"a": {"b": {}}}, {"catalogue": "srv.repair"}, {"value": {"value": "3 h"}}, {"mix": {}},
    {"quantiles": [[0, "5 h"]]}, {"any": []}, {"at_least": 3, "of": ["array"]}, {"need": 2, "of": []},
    {"reach": "array", "from": "pacs"}, {"next_open": {}}, {"from": "no-such-bundle"},
    {"like": "array"}, ["radiology", "radiology"], 3, 0.5, "24x7", "never",
)  # fmt: skip
KEYS = (
    "type", "from", "like", "extends", "source", "members", "behind", "between", "power", "network",
    "check", "drain", "need", "least", "common", "software", "peak", "share", "capacity", "every",
    "full", "used_from", "rolling", "of", "standby", "quorum", "", "é", "9",
)  # fmt: skip
RIGHT = r"; (write|known|group)|must be|is wanted here|needs .* and|or more$|known here|such as"
"""Words of a rule that say what a right value is; then the remedy may be left out."""
KINDS = ("drop", "rename", "value", "type", "reference", "move", "scale", "twice")


@cache
def written(file: Path) -> Any:
    """Return what stands in a file."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@cache
def spelt_out(file: Path) -> dict[str, Any]:
    """Return a shipped design with its bases, bundles and catalogue entries written into it."""
    return dict(load(file).plain)


def mutated(number: int) -> dict[str, Any]:
    """Return the files of a shipped design by name, one or two of them mutated.

    Now and then it is the whole design in one file, every number of it in place of its source.
    """
    chance = random.Random(number)
    file = FILES[number % len(FILES)]
    if chance.random() < 0.15:
        trees = {DESIGN: copy.deepcopy(spelt_out(file))}
    else:
        trees = {
            DESIGN: copy.deepcopy(written(file)),
            BASE: copy.deepcopy(written(file.parent / BASE)),
        }
    for _ in range(chance.randrange(1, 5)):
        mutate(trees[chance.choice([*trees, DESIGN])], chance)
    return trees


def mutate(tree: dict[str, Any], chance: random.Random) -> None:
    """Change one place of a tree."""
    places = list(_places(tree))
    if not places:
        return
    home, key = chance.choice(places)
    value, kind = home[key], chance.choice(KINDS)
    match kind:
        case "drop":
            del home[key]
        case "rename" if isinstance(home, dict):
            home[chance.choice([*KEYS, f"{key}s", str(key)[1:]])] = home.pop(key)
        case "type":
            home[key] = chance.choice(
                [[value], {"value": value}, {str(value)[:9]: None}, str(value)]
            )
        case "reference":
            names = [*_keys(tree, "parts"), *_keys(tree, "groups"), "no-such-part", key]
            leaves = [(h, k) for h, k in places if isinstance(h[k], str) and h[k] in names]
            home, key = chance.choice(leaves or places)
            home[key] = chance.choice(names)
        case "move":
            there, other = chance.choice(places)
            there[other] = copy.deepcopy(value)
        case "scale" if isinstance(value, str) and value.partition(" ")[2]:
            home[key] = f"{chance.choice([0, -1, 1e-30, 1e30, 'x'])} {value.partition(' ')[2]}"
        case "twice" if isinstance(home, list):
            home.append(copy.deepcopy(value))
        case _:
            home[key] = copy.deepcopy(chance.choice(ODD))


def _keys(tree: dict[str, Any], section: str) -> list[Any]:
    """Return the names in a section, if mutations have left one."""
    found = tree.get(section)
    return list(found) if isinstance(found, dict) else []


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every holder and key or index of a tree."""
    keys: Any = ()
    if isinstance(node, dict):
        keys = list(node)
    elif isinstance(node, list):
        keys = range(len(node))
    for key in keys:
        yield node, key
        yield from _places(node[key])


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise if what is inside takes longer; without the alarms of POSIX it may take its time."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        msg = f"longer than {seconds} s"
        raise TimeoutError(msg)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file: problems, or none if it is a design whose model can be built."""

    problems: tuple[Problem, ...]

    @property
    def silent(self) -> list[str]:
        """Problems that do not say where, what, or what to do about it."""
        return [str(p) for p in self.problems if not (p.path and p.rule and told(p))]


def told(problem: Problem) -> bool:
    """Return whether a problem says what to write, in a remedy or in a rule that says what is right."""
    return bool(problem.remedy or re.search(RIGHT, problem.rule))


def judged(trees: dict[str, Any], folder: Path) -> Verdict:
    """Write a design, load it and build its model; anything but a `DesignError` is raised."""
    if not (folder / "designs").exists():
        shutil.copytree(FILES[0].parents[1] / "support", folder / "support")
        (folder / "designs" / "base").mkdir(parents=True)
    put({f"designs/{name}": tree for name, tree in trees.items()}, folder)

    def check() -> None:
        made = load(folder / "designs" / DESIGN)
        made.dump()
        build(made.resolved)

    return verdict(check)


def put(trees: Mapping[str, Any], folder: Path) -> None:
    """Write trees as files, by their paths in a folder."""
    for name, tree in trees.items():
        text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
        (folder / name).write_text(text, encoding="utf-8")


def verdict(check: Callable[[], None]) -> Verdict:
    """Return what becomes of what a check reads; anything but a `DesignError` is raised."""
    with at_most(SECONDS):
        try:
            check()
        except DesignError as error:
            assert error.problems
            assert str(error)
            return Verdict(error.problems)
    return Verdict(())
