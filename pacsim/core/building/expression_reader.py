"""Reads conditions, levels, cases and plain values as they were written (R5, R6, R10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pacsim.core.argument_checks import finite, shown, strange
from pacsim.core.model import NONE, Selector, first_true
from pacsim.core.writing.conditions import Condition, Count, gate_expr, level_expr
from pacsim.core.writing.handles import Handle

if TYPE_CHECKING:
    from pacsim.core.building.fold import Folder

T = TypeVar("T")


class ExpressionReader:
    """Folds what is read and notes what is wrong with it in a shared list of problems.

    Parameters
    ----------
    home : object
        The builder whose conditions and handles these must be.
    folder : Folder
        Keeps the levels and gates.
    problems, rounded : list of str
        Mistakes, and what became of real capacities that had to be rounded (R6).
    """

    def __init__(
        self, home: object, folder: Folder, problems: list[str], rounded: list[str]
    ) -> None:
        self.home = home
        self.folder = folder
        self.problems = problems
        self.rounded = rounded

    def flag(self, owner: str, what: str, value: object) -> bool:
        """Return a flag; engines read only true and false alike."""
        if not isinstance(value, bool | np.bool_):
            self.problems.append(f"{owner}: {what} must be True or False, got {shown(value)}")
            return False
        return bool(value)

    def gate(self, owner: str, condition: Condition | None) -> int:
        """Return the index of the gate of a condition, `NONE` for none."""
        if condition is None:
            return NONE
        self.folder.owner = owner
        return self.folder.gate(gate_expr(condition, self.home, owner, self.problems.append))

    def level(self, owner: str, level: Count | None) -> int:
        """Return the index of a level of whole values, `NONE` for none."""
        if level is None:
            return NONE
        self.folder.owner = owner
        expr = level_expr(level, self.home, owner, self.problems.append)
        real = level.real.reduced() if isinstance(level, Count) and expr is level.expr else None
        if real is not None:
            expr = real.whole
        if real is not None and real.per > 1:
            self.problems.append(
                f"{owner}: a level with values that are not whole selects nothing and has no times "
                "of its own; compare it with thresholds, or observe its integral (R6)"
            )
        return self.folder.level(expr)

    def real_level(self, owner: str, level: Count) -> tuple[int, float]:
        """Return the index of a level and what to multiply its values by."""
        expr = level_expr(level, self.home, owner, self.problems.append)
        if not isinstance(level, Count) or expr is not level.expr:
            return NONE, 1.0
        self.folder.owner = owner
        whole_level, scale, rounding = level.real.integral()
        if rounding is not None:
            self.rounded.append(rounding.words(level.names()))
        return self.folder.level(whole_level), scale

    def select(
        self, owner: str, choices: object, read: Callable[[Any], T], default: T
    ) -> Selector[T]:
        """Return a selector for one value, for cases by condition, or for (level, table) (R10).

        ``default`` stands for what cannot be read.
        """
        if isinstance(choices, Mapping):
            conditions = [key for key in choices if key is not True]
            values = tuple(read(value) for value in choices.values()) or (default,)
            if True not in choices or not all(isinstance(c, Condition) for c in conditions):
                self.problems.append(
                    f"{owner}: cases need conditions as keys and a default under True"
                )
                return Selector(NONE, values[:1])
            if list(choices)[-1] is not True:
                self.problems.append(f"{owner}: the default True must be the last case")
            exprs = tuple(
                gate_expr(key, self.home, owner, self.problems.append) for key in conditions
            )
            self.folder.owner = owner
            return Selector(self.folder.level(first_true(exprs)), values)
        if isinstance(choices, tuple) and len(choices) == 2 and isinstance(choices[0], Count):
            count, table = choices
            index = self.level(owner, count)
            if not isinstance(table, tuple | list):
                self.problems.append(f"{owner}: (level, table) needs a tuple, got {table!r}")
                return Selector(NONE, (default,))
            level_range = self.folder.levels[index]
            if level_range.low < 0 or level_range.high >= len(table):
                self.problems.append(
                    f"{owner}: the level ranges over {level_range.low}..{level_range.high} but its "
                    f"table has entries 0..{len(table) - 1}; give one entry for each value"
                )
            return Selector(index, tuple(read(v) for v in table))
        return Selector(NONE, (read(choices),))

    def ours(self, owner: str, handle: object, kind: type) -> bool:
        """Return whether it is a handle of this builder; else note what is wrong with it."""
        if not isinstance(handle, kind) or not isinstance(handle, Handle):
            what = kind.__name__.removesuffix("Ref").lower()
            self.problems.append(f"{owner}: {shown(handle)} is no {what}")
        elif handle.builder is not self.home:
            strange([handle.name], owner, self.problems.append)
        else:
            return True
        return False

    def finite(self, owner: str, what: str, value: object) -> float:
        """Return a number; what is none, or is infinite, is noted and reads as 1."""
        number = finite(value)
        if number is None:
            self.problems.append(f"{owner}: {what} {value!r} must be a finite number")
            return 1.0
        return number

    def value_level(self, owner: str, level: Count | None, top: int | None) -> int:
        """Return the index of a level read by value, from 0 to ``top`` if that is given."""
        index = self.level(owner, level)
        if index != NONE:
            folded = self.folder.levels[index]
            if folded.low < 0 or (top is not None and folded.high > top):
                bound = "0 or more" if top is None else f"0..{top}"
                self.problems.append(
                    f"{owner}: its level ranges over {folded.low}..{folded.high}; "
                    f"it must stay within {bound}"
                )
        return index
