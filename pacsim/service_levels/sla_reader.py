"""Reads a service level from a file or from plain values: every problem at once, with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pacsim.design.calendar_files import beside, is_there, read_calendar, read_file
from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import Diagnostics, planted
from pacsim.files.problems import DesignError, near
from pacsim.files.tree import Node
from pacsim.service_levels import contract_words as words
from pacsim.service_levels.civil_windows import MONTH, Period
from pacsim.service_levels.contract_terms import (
    ALL,
    ANY,
    CountedKinds,
    MeasuredRoles,
    OutageLimits,
    ServiceCredits,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pacsim.delays import Calendar

T = TypeVar("T")
KEYS = (
    "pacsim", "name", "source", "measures", "counts", "shortest", "merge", "hours", "window",
    "target", "credits", "limits",
)  # fmt: skip
NEEDED = {
    "measures": "write measures: store, or {any: [store, read]}",
    "window": f"write window: month; known: {words.WINDOWS}",
    "target": "write target: 99.9 %",
}
"""Keys that every file has, and what to write if it has none."""
AROUND_THE_CLOCK = "24x7"


def read_sla(path: Path) -> dict[str, Any]:
    """Return what a file says, by the parameters of a service level, or raise all that is wrong."""
    diagnostics = Diagnostics()
    tree = read_file(path, diagnostics.problems)
    if tree is None:
        about = [
            replace(one, remedy="see models/sla for examples") if one.rule == "is empty" else one
            for one in diagnostics.problems
        ]
        raise DesignError(about)
    return _made(lambda: tree, str(path), diagnostics)


def is_sla(file: str) -> bool:
    """Return whether a file is meant as a service level, and not as a design or a study."""
    tree = read_file(Path(file), [])
    keys = tree.value.keys() if tree is not None and isinstance(tree.value, dict) else set()
    return "target" in keys or {"measures", "window"} <= keys


def sla_values(plain: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Return what plain values say likewise; files that they name are beside ``file``."""
    return _made(lambda: planted(dict(plain), Node(None, file, 0)), file, Diagnostics())


def _made(tree: Callable[[], Node], file: str, diagnostics: Diagnostics) -> dict[str, Any]:
    try:
        found = _service_level(Cursor(diagnostics, tree()))
    except RecursionError:
        top = Cursor(diagnostics, Node(None, file, 0))
        top.problem("is nested too deeply", "check the brackets")
        found = None
    if diagnostics.problems:
        raise DesignError(diagnostics.problems)
    assert found is not None
    return found


def _service_level(top: Cursor) -> dict[str, Any] | None:
    if not isinstance(top.value, dict):
        top.problem("is no service level", "see models/sla for examples")
        return None
    _known(top, KEYS)
    if "pacsim" not in top.keys or top["pacsim"].plain() not in {1, "1"}:
        top.at("pacsim").problem("no format version", "write pacsim: 1")
    for key, remedy in NEEDED.items():
        if key not in top.keys or top[key].value is None:
            top.at(key).problem("is missing", remedy)
    measured = _given(top, "measures", _measured)
    window = _given(top, "window", _window)
    target = _given(top, "target", _target)
    made = {
        "measured": measured,
        "window": window,
        "target": target,
        "counts": _given(top, "counts", lambda c: _counts(c, window)),
        "shortest": _given(top, "shortest", _length),
        "merge": _given(top, "merge", _length),
        "hours": _given(top, "hours", _hours),
        "credits": _given(top, "credits", lambda c: _credits(c, target)),
        "limits": _given(top, "limits", lambda c: _limits(c, window)),
        "source": _given(top, "source", _text),
    }
    made["name"] = _given(top, "name", _text) or Path(top.node.file).stem
    if measured is None or window is None or target is None:
        return None
    made |= {"file": top.node.file, "line": top["measures"].node.line}
    return {key: value for key, value in made.items() if value is not None}


def _given(top: Cursor, key: str, read: Callable[[Cursor], T | None]) -> T | None:
    """Return what is written under a key; None if there is nothing, or with its problems noted."""
    return read(top[key]) if key in top.keys and top[key].value is not None else None


def _known(cursor: Cursor, keys: Iterable[str]) -> bool:
    """Note keys that mean nothing, and what is no map."""
    if not isinstance(cursor.value, dict):
        cursor.problem("is no map", f"known keys: {', '.join(keys)}")
        return False
    for key, child in cursor.items():
        if key not in keys:
            child.problem(f'unknown key "{key}"', near(key, keys))
    return True


def _text(cursor: Cursor) -> str | None:
    if isinstance(cursor.value, dict | list | bool):
        cursor.problem("is no text", "put it in quotes")
        return None
    return str(cursor.plain())


def _read(cursor: Cursor, reads: Callable[[str], T]) -> T | None:
    """Return what a function makes of a text or number; None with what is wrong noted."""
    if isinstance(cursor.value, dict | list | bool):
        cursor.problem("is no number with a unit", "write one value")
        return None
    return cursor.read(lambda plain: reads(str(plain)))


def _measured(cursor: Cursor) -> MeasuredRoles | None:
    remedy = "write a role such as store, {any: [store, read]}, or {all: [store, read]}"
    if isinstance(cursor.value, str) and cursor.value.strip():
        return MeasuredRoles((cursor.value,))
    if not isinstance(cursor.value, dict) or len(cursor.keys) != 1:
        cursor.problem("is no role and no choice of roles", remedy)
        return None
    (how,) = cursor.keys
    if how not in {ANY, ALL}:
        cursor[how].problem(f'unknown key "{how}"', near(how, (ANY, ALL)))
        return None
    of = cursor[how]
    if not isinstance(of.value, list) or not of.value:
        of.problem("is no list of roles", remedy)
        return None
    roles = [one.plain() for one in of.elements()]
    wrong = [
        one for one in of.elements() if not isinstance(one.value, str) or not one.value.strip()
    ]
    for one in wrong:
        one.problem("is no role", "put its name in quotes")
    if not wrong:
        for one in of.elements():
            if roles.count(one.value) > 1:
                one.problem("is there twice", "remove one")
    return None if wrong else MeasuredRoles(tuple(roles), how)


def _window(cursor: Cursor) -> Period | None:
    if isinstance(cursor.value, dict) and set(cursor.keys) == {"fiscal_year"}:
        month = cursor["fiscal_year"]
        begins = words.month_number(month.plain())
        if not begins:
            month.problem(f"{month.plain()!r} is no month", "write fiscal_year: april")
            return None
        return Period("fiscal_year", begins)
    if isinstance(cursor.value, str) and cursor.value in words.PLAIN_WINDOWS:
        return Period(cursor.value)
    if cursor.value == "fiscal_year":
        cursor.problem("fiscal_year begins in a month", "write {fiscal_year: april}")
        return None
    said = near(cursor.value, words.PLAIN_WINDOWS) if isinstance(cursor.value, str) else ""
    cursor.problem(
        f"{cursor.plain()!r} is no window",
        said if said.startswith("did") else f"known: {words.WINDOWS}",
    )
    return None


def _target(cursor: Cursor) -> float | None:
    return _read(cursor, words.availability)


def _length(cursor: Cursor) -> float | None:
    return _read(cursor, words.length)


def _hours(cursor: Cursor) -> Calendar | None:
    if cursor.value == AROUND_THE_CLOCK:
        return None
    if isinstance(cursor.value, str) and not is_there(beside(cursor.node, cursor.value)):
        looked = f"looked for {beside(cursor.node, cursor.value)}"
        remedy = f'write 24x7, a file ({looked}), or {{hours: ["mon-fri 08:00-17:00"]}}'
        cursor.problem(f'no calendar "{cursor.value}"', remedy)
        return None
    calendar, plain = read_calendar(cursor)
    if calendar is None:
        return None
    if isinstance(cursor.value, dict) and "name" not in cursor.keys:
        return replace(calendar, name=", ".join(plain["hours"]))
    return calendar


def _yes(cursor: Cursor) -> bool | None:
    """Return a yes or no; None with a problem noted."""
    said = words.yes_or_no(cursor.plain())
    if said is None:
        cursor.problem(f"{cursor.plain()!r} is neither yes nor no", "write yes or no")
    return said


def _counts(cursor: Cursor, window: Period | None) -> CountedKinds | None:
    keys = ("unplanned", "planned", "mixed", "degraded")
    if not _known(cursor, keys):
        return None
    given: dict[str, Any] = {}
    for key in keys:
        if key not in cursor.keys:
            continue
        one = cursor[key]
        if key == "planned" and isinstance(one.value, dict):
            free = _free(one, window)
            if free is not None:
                given |= {"free": free[0], "free_in": free[1]}
            continue
        said = _yes(one)
        if said is not None:
            given[key] = said
    if not any(given.get(key, True) for key in ("unplanned", "planned", "mixed")):
        cursor.problem("no kind of down time counts", "let one of them count")
    return CountedKinds(**given)


def _free(cursor: Cursor, window: Period | None) -> tuple[float, Period] | None:
    _known(cursor, ("free",))
    if "free" not in cursor.keys:
        cursor.problem("has no allowance", "write {free: 4 h/month}, yes or no")
        return None
    found = _read(cursor["free"], words.length_in_a_period)
    return None if found is None else (found[0], _as_judged(found[1], window))


def _as_judged(period: Period, window: Period | None) -> Period:
    """Return a period; a year is the fiscal one where that is the window."""
    fiscal = window is not None and window.name == "fiscal_year"
    return window if fiscal and window is not None and period.name == "year" else period


def _credits(cursor: Cursor, target: float | None) -> ServiceCredits | None:
    if not _known(cursor, ("below", "of", "cap")):
        return None
    below = _tiers(cursor, target)
    cap = _given(cursor, "cap", lambda c: _read(c, words.share))
    fee = _given(cursor, "of", lambda c: _read(c, words.money_in_a_period))
    if below is None:
        return None
    if cap is not None and cap < below[0][1]:
        rule = f"is less than the first credit, {cursor['below'].items()[0][1].plain()}"
        cursor["cap"].problem(rule, "write a larger cap, or smaller credits")
    amount, currency, period = fee or (0.0, "", MONTH)
    return ServiceCredits(below, amount, currency, period, 1.0 if cap is None else cap)


def _tiers(cursor: Cursor, target: float | None) -> tuple[tuple[float, float], ...] | None:
    if "below" not in cursor.keys or not cursor["below"].keys:
        remedy = "write below: {99.9 %: 10 %, 99.0 %: 25 %}"
        cursor.at("below").problem("has no availabilities with their credits", remedy)
        return None
    tiers: list[tuple[float, float]] = []
    good = True
    for key, child in cursor["below"].items():
        below = _read(
            child.with_node(Node(key, child.node.file, child.node.line)), words.availability
        )
        share = _read(child, words.share)
        good &= below is not None and share is not None
        if below is None or share is None:
            continue
        if tiers and below >= tiers[-1][0]:
            rule = f"{key} is not below the one before; credits must fall with availability"
            child.problem(rule, "write the highest availability first")
            good = False
        elif tiers and share <= tiers[-1][1]:
            rule = f"pays {child.plain()}, no more than for a better availability"
            child.problem(rule, "let what is paid rise from one to the next")
            good = False
        if not tiers and target is not None and below > target + 1e-12:
            rule = f"{key} pays although the target is met"
            child.problem(rule, "begin at the target, or write a higher target")
            good = False
        tiers.append((below, share))
    return tuple(tiers) if good else None


def _limits(cursor: Cursor, window: Period | None) -> OutageLimits | None:
    if not _known(cursor, ("longest", "number")):
        return None
    if not cursor.keys:
        cursor.problem("has no limit", "write longest: 4 h, number: 3 /quarter, or leave it out")
    longest = _given(cursor, "longest", _length)
    number = _given(cursor, "number", lambda c: _read(c, words.number_in_a_period))
    if number is None:
        return OutageLimits(longest)
    return OutageLimits(longest, number[0], _as_judged(number[1], window))
