"""Problems of design files: path, value, rule and remedy, all at once (never one by one)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.errors import PacsimError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it.

    Parameters
    ----------
    file : str
        Which file says so.
    line : int
        From 1; 0 if it is about the whole file.
    path : str
        Dotted path of the value.
    rule : str
        What it breaks, with the value.
    remedy : str
        What to write instead, if that is known.
    """

    file: str
    line: int
    path: str
    rule: str
    remedy: str = ""


class DesignError(PacsimError):
    """Everything that is wrong with a design, in the order of the files' lines.

    Parameters
    ----------
    problems : iterable of Problem
        One or more; each is told once. Kept as the tuple ``problems``.

    Examples
    --------
    >>> print(DesignError([Problem("my.yaml", 4, "parts.a", "no unit", "write '5 h'")]))
    my.yaml: 1 problem
      line 4  parts.a  no unit; write '5 h'
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(render(self.problems))


def render(problems: tuple[Problem, ...]) -> str:
    """Return the text a person sees: a heading per file, a line per problem."""
    lines = []
    for file in dict.fromkeys(p.file for p in problems):
        mine = [p for p in problems if p.file == file]
        lines.append(f"{file}: {len(mine)} problem{'s' if len(mine) > 1 else ''}")
        wide = max(len(p.path) for p in mine)
        number = max(len(str(p.line)) for p in mine)
        for p in mine:
            remedy = f"; {p.remedy}" if p.remedy else ""
            if not p.line and not p.path:
                # About the whole file, which has no such line.
                lines.append(f"  {p.rule}{remedy}")
                continue
            lines.append(f"  line {p.line:<{number}}  {p.path:<{wide}}  {p.rule}{remedy}")
    return "\n".join(lines)


def with_article(word: str) -> str:
    """Return a word with its article, by its first letter; a "u" is spoken as in "unit".

    Examples
    --------
    >>> with_article("active_active"), with_article("server"), with_article("utility")
    ('an active_active', 'a server', 'a utility')
    """
    return f"{'an' if word[:1] in {'a', 'e', 'i', 'o'} else 'a'} {word}"


def near(word: str, known: Iterable[str]) -> str:
    """Return a suggestion for a misspelt word, or the list of known words.

    Parameters
    ----------
    word : str
        As written.
    known : iterable of str
        What could be meant.

    Examples
    --------
    >>> near("disk_grup", ["disk_group", "nas"])
    'did you mean "disk_group"?'
    """
    options = sorted(known)
    odd = next((letter for letter in word if letter.isalpha() and not letter.isascii()), None)
    if odd is not None:
        # It may look exactly like the right one.
        hint = f'"{odd}" (U+{ord(odd):04X}) is no Latin letter'
        plain = "".join(letter if letter.isascii() else "?" for letter in word)
        close = difflib.get_close_matches(plain, options, n=1, cutoff=0.4)
        return f'{hint}; did you mean "{close[0]}"?' if close else hint
    found = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if found:
        return f'did you mean "{found[0]}"?'
    return f"known: {', '.join(options)}" if options else ""
