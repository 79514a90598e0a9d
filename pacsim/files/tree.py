"""Safe YAML as a tree in which every value knows its file and line.

Only maps, lists, texts, numbers, true, false and null; keys are texts. Anchors, aliases, merge
keys, tags and repeated keys are refused, so that a file means what it shows.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from pacsim.files.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
REAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
BREAKS = ("\r", "\n", "\x85", "\u2028", "\u2029")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place; ``value`` is a dict of nodes, a list of nodes or a scalar.

    ``over`` is the key and the value that this one was laid over, where that is looked at.
    """

    value: Any
    file: str
    line: int
    over: tuple[str, Node] | None = field(default=None, repr=False, compare=False)

    def plain(self) -> Any:  # noqa: ANN401
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


def read(path: Path, problems: list[Problem]) -> Node | None:
    """Return a file's tree, or None with the reason among the problems."""
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason, remedy = getattr(error, "strerror", None), "check the path"
        if reason is None:
            reason, remedy = "is not UTF-8 text", "save it as UTF-8"
        problems.append(Problem(name, 0, "", f"cannot be read: {reason}", remedy))
        return None
    return parse(text, name, problems)


def parse(text: str, name: str, problems: list[Problem]) -> Node | None:
    """Return the tree of a text."""
    known = len(problems)
    events: list[yaml.Event] = []
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            events.append(event)
            anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
            if anchor or tag:
                what = f"tag {tag}" if tag else "an anchor or alias"
                rule = f"{what} is not allowed"
                remedy = "write the value out, or use like:"
                problems.append(Problem(name, _line(event), "", rule, remedy))
    except yaml.YAMLError as error:
        problems.append(_no_yaml(error, text, name))
        return None
    if len(problems) > known:
        return None
    begins = [k for k, event in enumerate(events) if isinstance(event, yaml.DocumentStartEvent)]
    if not begins:
        problems.append(Problem(name, 1, "", "is empty", "see models/designs for examples"))
        return None
    if len(begins) > 1:
        line = _line(events[begins[1]])
        problems.append(
            Problem(name, line, "", "a second document begins here", "one design in a file")
        )
        return None
    rest = iter(events[begins[0] + 1 :])
    return _node(next(rest), rest, name, "", problems)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0


def _no_yaml(error: yaml.YAMLError, text: str, name: str) -> Problem:
    """Return what the reader of YAML says, where and in words."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text[: error.position].count("\n") + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        rule = f"has the character U+{code:04X}, which no file may have"
        return Problem(name, line, "", rule, "delete it")
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 0
    reason = str(getattr(error, "problem", None) or "it cannot be read")
    remedy = "use spaces, no tabs" if "'\\t'" in reason else "check the indentation"
    return Problem(name, line, "", f"is not YAML: {reason}", remedy)


def _node(
    event: yaml.Event, rest: Iterator[yaml.Event], name: str, path: str, problems: list[Problem]
) -> Node:
    """Return the tree of what begins with an event and goes on with the next ones."""
    line = _line(event)
    if isinstance(event, yaml.MappingStartEvent):
        children: dict[str, Node] = {}
        while not isinstance(key := next(rest), yaml.MappingEndEvent):
            where = _line(key)
            if not isinstance(key, yaml.ScalarEvent):
                problems.append(Problem(name, where, path, "a key must be a word"))
                _pass_over(key, rest)
                _pass_over(next(rest), rest)
                continue
            word = str(key.value)
            inner = f"{path}.{word}" if path else word
            if word == "<<" and key.style is None:
                problems.append(
                    Problem(name, where, path, "merge keys are not allowed", "use like:")
                )
                _pass_over(next(rest), rest)
            elif word in children:
                rule = f"{word!r} is there twice, first on line {children[word].line}"
                mixed = path.rpartition(".")[2] == "mix"
                remedy = "write mix: [[0.5, 1 h], [0.5, 9 h]]" if mixed else "remove one"
                problems.append(Problem(name, where, inner, rule, remedy))
                _pass_over(next(rest), rest)
            else:
                made = _node(next(rest), rest, name, inner, problems)
                children[word] = Node(made.value, made.file, where)
        return Node(children, name, line)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(item := next(rest), yaml.SequenceEndEvent):
            items.append(_node(item, rest, name, f"{path}[{len(items)}]", problems))
        return Node(items, name, line)
    assert isinstance(event, yaml.ScalarEvent)
    text = str(event.value)
    return Node(text if event.style is not None else _bare(text), name, line)


def _pass_over(event: yaml.Event, rest: Iterator[yaml.Event]) -> None:
    """Leave out what begins with an event."""
    open_ones = 0
    while True:
        open_ones += isinstance(event, yaml.CollectionStartEvent)
        open_ones -= isinstance(event, yaml.CollectionEndEvent)
        if not open_ones:
            return
        event = next(rest)


def _bare(text: str) -> Any:  # noqa: ANN401
    """Return what a text means that stands without quotes."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if REAL.fullmatch(text):
        # What is too large for a number stays as it is written, and is quoted so.
        return float(text) if math.isfinite(float(text)) else text
    return text


def read_trusted(text: str) -> Any:  # noqa: ANN401
    """Return the plain values of a text that ships with the package (no positions, fast)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)


class _Dumper(yaml.SafeDumper):
    """Writes what `parse` reads: no anchors, and quotes wherever bare text would mean another."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401
        """Write a value out each time it occurs."""
        return True

    def text(self, data: str) -> yaml.ScalarNode:
        """Return a text; line breaks that YAML would fold are escaped."""
        style = None
        if any(odd in data for odd in BREAKS):
            style = '"'
        elif not isinstance(_bare(data), str):
            style = "'"
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.text)


def dump(plain: Any) -> str:  # noqa: ANN401
    """Return YAML text of plain values, keys in the order given.

    Examples
    --------
    >>> print(dump({"name": "1e5", "parts": []}), end="")
    name: '1e5'
    parts: []
    """
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text
