"""Forms of delays: ``{rate}``, ``{median, p95}``, ``{low, high}`` and more become laws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.delays import (
    Deterministic,
    Exponential,
    Law,
    Lognormal,
    Mixture,
    Quantiles,
    Shifted,
)
from pacsim.delays.laws import WRITTEN, Z95
from pacsim.design.calendar_files import read_calendar
from pacsim.design.numbers import pure, quantity
from pacsim.files.problems import near
from pacsim.files.tree import Node
from pacsim.units import YEAR, between

if TYPE_CHECKING:
    from pacsim.delays.calendars import Calendar
    from pacsim.design.cursor import Cursor

SPREAD = 4.0
"""The 95 % point of a bare repair time, over its median."""
LAWS = {tuple(law.form): law for law in WRITTEN}
FORMS = (
    ("rate",),
    ("afr",),
    ("mttf",),
    ("mean", "family"),
    *LAWS,
    ("quantiles",),
    ("mix",),
    ("value",),
)
ENDLESS = (("rate",), ("afr",))
"""Forms of which 0 means that it never happens."""
MEANS = ("mttr", "mdt", "mtrs")
"""What data sheets call a mean time to repair."""
WRAPPERS = ("shift", "counted_in", "next_business_day", "then")
FORM_KEYS = tuple(dict.fromkeys([key for form in FORMS for key in form])) + WRAPPERS
FAMILIES = ("exponential", "lognormal")
DIMENSIONS = {
    **dict.fromkeys(("mttf", "mean", "shift"), "time"),
    "rate": "rate",
    "afr": "fraction",
    **{key: dimension for law in WRITTEN for key, dimension in law.form.items()},
}
"""What the numbers of forms are; a plain number, like a shape, has no dimension."""
TIME = "time"
OF = {"items": "", "bytes": "size"}
"""Kinds of slots whose laws are of something else than a time: of a number, and of a size."""


@dataclass(frozen=True, slots=True)
class Form:
    """A law, how it is counted, and how it is written in full."""

    law: Law
    plain: Any
    calendar: Calendar | None = None
    next_day: bool = False


def read_form(cursor: Cursor, kind: str, *, inside: bool = False) -> Form | None:
    """Return the law that a value means in a slot of this kind; None with a problem noted.

    Parameters
    ----------
    cursor : Cursor
        On a bare time or a map without origin.
    kind : {"life", "work", "delay", "items", "bytes"}
        What a bare time means; of items and bytes it is a number or a size, and exact.
    inside : bool
        Whether this stands in another form, where no calendar may be named.
    """
    if not isinstance(cursor.value, dict):
        return _bare(cursor, kind)
    unknown = [key for key in cursor.keys if key not in FORM_KEYS]
    for key in unknown:
        remedy = near(key, FORM_KEYS)
        if kind == "life" and key == "mtbf":
            remedy = f"write {{mttf: {cursor[key].plain()}}}"
        elif key in MEANS and kind != "life":
            remedy = f"write {a_mean(cursor[key].plain())}"
        cursor[key].problem(f'unknown key "{key}" in a value', remedy)
    wrong = [key for key in cursor.keys if key in DIMENSIONS and not _is_good(cursor, key, kind)]
    if unknown:
        return None
    if wrong:
        _look_at_the_rest(cursor, kind, inside=inside)
        return None
    for wrapper in ("next_business_day", "counted_in"):
        if wrapper in cursor.keys:
            return _counted(cursor, kind, wrapper, inside=inside)
    if "shift" in cursor.keys:
        return _shifted(cursor, kind, inside=inside)
    return _plain_form(cursor, kind, inside=inside)


def a_mean(time: object) -> str:
    """Return how a mean of which no spread is known is written."""
    return f"{{mean: {time}, family: exponential}}"


def _is_good(cursor: Cursor, key: str, kind: str) -> bool:
    """Note a number of a form that is none, or has the wrong unit."""
    return cursor[key].read(lambda plain: _number(plain, key, kind)) is not None


def _look_at_the_rest(cursor: Cursor, kind: str, *, inside: bool) -> None:
    """Note what else is wrong with a form that has a wrong number: one must not hide another."""
    for wrapper in ("counted_in", "next_business_day"):
        if wrapper in cursor.keys:
            read_calendar(cursor[wrapper])
    for key in ("value", "then"):
        if key in cursor.keys:
            read_form(cursor[key], kind, inside=inside)
    if "mix" in cursor.keys:
        _mixed(cursor["mix"], kind)
    if not {"value", "then", "mix"} & cursor.keys:
        _fitting(_rest(cursor, *WRAPPERS), kind)


def _rest(cursor: Cursor, *without: str) -> Cursor:
    node = cursor.node
    kept = {key: child for key, child in node.value.items() if key not in without}
    return cursor.with_node(Node(kept, node.file, node.line))


def joined(prefix: dict[str, Any], inner: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the map of a wrapper and what it wraps."""
    if isinstance(inner, dict) and not set(prefix) & set(inner):
        return {**prefix, **inner}
    return {**prefix, "value": inner}


def _counted(cursor: Cursor, kind: str, wrapper: str, *, inside: bool) -> Form | None:
    calendar, plain = read_calendar(cursor[wrapper])
    if wrapper == "counted_in":
        form = read_form(_rest(cursor, wrapper), kind, inside=True)
    else:
        if cursor.keys != {wrapper, "then"}:
            rule = f"{wrapper} goes with then, and nothing else"
            cursor.problem(rule, "write {next_business_day: calendar, then: 2 h}")
            return None
        form = read_form(cursor["then"], kind, inside=True)
    if inside:
        rule = f"{wrapper} cannot stand inside another form"
        cursor.problem(rule, "one calendar counts for the whole value")
        return None
    if calendar is None or form is None:
        return None
    if wrapper == "counted_in":
        return Form(form.law, joined({wrapper: plain}, form.plain), calendar)
    return Form(form.law, {wrapper: plain, "then": form.plain}, calendar, next_day=True)


def _shifted(cursor: Cursor, kind: str, *, inside: bool) -> Form | None:
    form = read_form(_rest(cursor, "shift"), kind, inside=inside)
    if form is None:
        return None
    law = Shifted(form.law, _number(cursor["shift"].plain(), "shift", kind))
    return Form(law, joined({"shift": cursor["shift"].plain()}, form.plain))


def _bare(cursor: Cursor, kind: str) -> Form | None:
    if kind == "work" and (rate := _as_rate(cursor.value)) > 0:
        # A bare time would be a median.
        rule = f"{cursor.value!r} is a rate, a time is wanted here"
        cursor.problem(rule, f"write {a_mean(between(rate))}")
        return None
    seconds = cursor.read(lambda plain: amount_of(plain, TIME, kind))
    if seconds is None:
        return None
    law: Law
    try:
        if kind == "life":
            law = Exponential(seconds)
        elif kind == "work":
            law = Lognormal.from_p95(seconds, SPREAD * seconds)
        else:
            law = Deterministic(seconds)
    except (ValueError, ArithmeticError):
        rule = f"{cursor.value!r} must be greater than 0"
        if seconds > 0:
            rule = f"{cursor.value!r} is too long a time to work with"
        remedy = (
            ""
            if kind == "life" or seconds > 0
            else f"write {{exactly: {cursor.value}}} if there is no delay"
        )
        cursor.problem(rule, remedy)
        return None
    return Form(law, cursor.value)


def _as_rate(value: Any) -> float:  # noqa: ANN401
    """Return the rate that is written in place of a time, 0 if it is none."""
    try:
        return quantity(value, "rate")
    except ValueError:
        return 0.0


def _fitting(cursor: Cursor, kind: str) -> tuple[str, ...] | None:
    """Return the form that the keys make, None with a problem noted."""
    keys = cursor.keys
    form = next((f for f in FORMS if keys & set(f) and ("mode" in keys) == ("mode" in f)), None)
    form = form or next((f for f in FORMS if keys & set(f)), None)
    if form is None:
        cursor.problem("says no time", "write for example 4 h or {median: 4 h, p95: 16 h}")
        return None
    missing = [key for key in form if key not in keys]
    extra = sorted(keys - set(form))
    if missing or extra:
        if missing:
            rule = f"{' and '.join(k for k in form if k in keys)} needs {' and '.join(missing)}"
        else:
            rule = f"{', '.join(extra)} cannot go with {' and '.join(form)}"
        remedy = "one form for a value"
        if keys == {"mean"}:
            remedy = f"write {a_mean(cursor['mean'].plain())}"
        cursor.problem(rule, remedy)
        return None
    if form[0] in {"rate", "afr", "mttf"} and kind != "life":
        rule = f"{form[0]} is for times to failure"
        remedy = "write for example {median: 4 h, p95: 16 h}"
        if form == ("mttf",):
            remedy = f"write {a_mean(cursor['mttf'].plain())}"
        cursor.problem(rule, remedy)
        return None
    return form


def _plain_form(cursor: Cursor, kind: str, *, inside: bool) -> Form | None:
    form = _fitting(cursor, kind)
    if form is None:
        return None
    if form == ("value",):
        return read_form(cursor.with_node(cursor.value["value"]), kind, inside=inside)
    if form == ("mix",):
        return _mixed(cursor["mix"], kind)
    try:
        law = _law(cursor.node, form, kind)
    except (ValueError, ArithmeticError) as error:
        cursor.problem(str(error))
        return None
    if form not in ENDLESS and not math.isfinite(law.mean()):
        rule = "its mean is too large for a number, so nothing can be said about it on average"
        remedy = "give a larger shape, or a p95 nearer to the median"
        cursor.problem(rule, remedy)
        return None
    return Form(law, {key: cursor[key].plain() for key in form})


def _number(plain: Any, key: str, kind: str) -> float:  # noqa: ANN401
    return amount_of(plain, DIMENSIONS[key], kind)


def amount_of(plain: Any, dimension: str, kind: str) -> float:  # noqa: ANN401
    """Return a number of a form: what would be a time is of the dimension of the slot's kind."""
    if dimension == TIME:
        dimension = OF.get(kind, TIME)
    if dimension:
        return quantity(plain, dimension)
    amount = pure(plain)
    if amount < 0 and kind in OF:
        msg = f"{amount:g} must not be below zero"
        raise ValueError(msg)
    return amount


def _law(node: Node, form: tuple[str, ...], kind: str) -> Law:
    if form in LAWS:
        return LAWS[form].written(*(_number(node.value[key].plain(), key, kind) for key in form))
    match form[0]:
        case "rate":
            rate = quantity(node.value["rate"].plain(), "rate")
            return Exponential(1.0 / rate if rate else math.inf)
        case "afr":
            p = quantity(node.value["afr"].plain(), "fraction")
            if p >= 1:
                msg = f"afr {p:g} must be below 1: it is the probability of a failure in a year"
                raise ValueError(msg)
            return Exponential(YEAR / -math.log1p(-p) if p else math.inf)
        case "mttf":
            return Exponential(_number(node.value["mttf"].plain(), "mttf", kind))
        case "mean":
            family = node.value["family"].plain()
            if family not in FAMILIES:
                msg = f"no family {family!r} by its mean; known: {', '.join(FAMILIES)}"
                raise ValueError(msg)
            mean = _number(node.value["mean"].plain(), "mean", kind)
            if family == "exponential":
                return Exponential(mean)
            return Lognormal.from_mean(mean, math.log(SPREAD) / Z95)
        case _:
            return Quantiles(_points(node.value["quantiles"].plain(), kind))


def _points(plain: Any, kind: str) -> tuple[tuple[float, float], ...]:  # noqa: ANN401
    pairs: list[Any] = plain if isinstance(plain, list) else []
    if not pairs or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        msg = "quantiles is a list of [probability, time], from [0, ...] to [1, ...]"
        raise ValueError(msg)
    return tuple((quantity(p, "fraction"), amount_of(x, TIME, kind)) for p, x in pairs)


def _mixed(cursor: Cursor, kind: str) -> Form | None:
    """Read ``{0.7: form, 0.3: form}``, or ``[[0.5, form], [0.5, form]]`` for equal weights."""
    pairs: list[tuple[Any, Cursor]] = []
    if isinstance(cursor.value, dict):
        pairs = list(cursor.items())
    elif isinstance(cursor.value, list) and all(
        isinstance(item.value, list) and len(item.value) == 2 for item in cursor.value
    ):
        weighted = [(item.value[0].plain(), item.value[1]) for item in cursor.value]
        pairs = [(w, cursor.child(str(w), node)) for w, node in weighted]
    if not pairs:
        cursor.problem("is no mix", "write {0.7: 1 h, 0.3: {median: 9 h, p95: 30 h}}")
        return None
    forms = [read_form(child, kind, inside=True) for _, child in pairs]
    good = [form for form in forms if form is not None]
    weights = []
    for w, child in pairs:
        try:
            weights.append(quantity(w, "fraction"))
        except ValueError as error:
            child.problem(f"weight: {error}")
    if len(good) < len(pairs) or len(weights) < len(pairs):
        return None
    try:
        law = Mixture(tuple(weights), tuple(form.law for form in good))
    except ValueError as error:
        # A weight that is there twice was noted when the file was read, and counts once.
        inner = f"{cursor.path}."
        if not any(problem.path.startswith(inner) for problem in cursor.diagnostics.problems):
            cursor.problem(str(error))
        return None
    plains = [form.plain for form in good]
    if isinstance(cursor.value, dict):
        written: Any = dict(zip(cursor.keys, plains, strict=True))
    else:
        written = [[w, plain] for (w, _), plain in zip(pairs, plains, strict=True)]
    return Form(law, {"mix": written})
