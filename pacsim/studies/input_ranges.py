"""Ranges of a design's inputs, and the value of an input at some place of its range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pacsim.design.owners import owners
from pacsim.studies.amounts import LINEAR, LOG, Amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.design import Design
    from pacsim.parts.slots import Slot

ORIGIN = ("low", "high", "status", "source", "id", "covers", "read_under")
CENTRES = ("rate", "afr", "mttf", "mean", "median", "scale", "exactly")
"""Keys of forms whose number is what a range is of."""
PURE = ("shape", "family", "counted_in", "next_business_day", "then")
"""Keys of forms that are no amounts and stay."""


@dataclass(frozen=True, slots=True)
class InputRange:
    """An input that may lie between two ends.

    Parameters
    ----------
    path : str
        Of the slot.
    form : object
        How it is written, without its origin.
    own : Amount
        What it is: the number of the form that the range is about.
    low, high : Amount
        Ends, in the unit of ``own``.
    scale : str
        `LOG`; `LINEAR` where ``low`` is 0 and for shares.
    whole : bool
        Whether only whole numbers will do.
    status, source : str
        Of the input.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"rate": "2 /year", "low": "1 /year", "high": "4 /year"},
    ...     "ttr": {"median": "4 h", "p95": "16 h", "low": "2 h", "high": "8 h"}}}})
    >>> fails, repair = (input_ranges(one)[f"parts.a.{name}"] for name in ("ttf", "ttr"))
    >>> fails.written(fails.high), repair.written(repair.low)
    ({'rate': '4 /year'}, {'median': '2 h', 'p95': '8 h'})
    """

    path: str
    form: Any
    own: Amount
    low: Amount
    high: Amount
    scale: str
    whole: bool
    status: str
    source: str

    def written(self, at: Amount) -> Any:  # noqa: ANN401
        """Return the value of the slot where its number is another: the law keeps its form."""
        if not isinstance(self.form, dict):
            return at.plain()
        key = next((key for key in CENTRES if key in self.form), "")
        # What is 0 is alone in its form: nothing else is scaled.
        factor = at.number / self.own.number if self.own.number else 1.0
        if key:
            return {
                name: at.plain() if name == key else _times(name, value, factor)
                for name, value in self.form.items()
            }
        return {name: _times(name, value, factor) for name, value in self.form.items()}


def _times(name: str, value: Any, factor: float) -> Any:  # noqa: ANN401
    """Return an amount of a form times a factor."""
    if name in PURE:
        return value
    amount = Amount.read(value)
    return Amount(amount.number * factor, amount.unit).plain()


def slots_of(design: Design) -> Mapping[str, Slot]:
    """Return the slots of all records of a design by path, under both keys of those with two.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> slots_of(design_of({"pacsim": 1}))["contract.term"].kind
    'seconds'
    """
    found: dict[str, Slot] = {}
    for owner in owners(design.resolved):
        for slot in owner.kind.slots:
            for key in (slot.name, slot.also):
                if key:
                    found[f"{owner.path}.{key}"] = slot
    return found


@lru_cache(maxsize=8)
def input_ranges(design: Design) -> Mapping[str, InputRange]:
    """Return the range of each input that has one, by path.

    A law that is as wide as its range has none: that it varies is all that is known.
    """
    slots = slots_of(design)
    found = {}
    for one in design.resolved.inputs:
        if not (one.low and one.high):
            continue
        made = _range(design, one.path, slots.get(one.path))
        if made is not None:
            low, high, form, own = made
            slot = slots.get(one.path)
            kind = slot.kind if slot is not None else ""
            linear = kind == "share" or not low.number > 0
            found[one.path] = InputRange(
                one.path, form, own, low, high, LINEAR if linear else LOG,
                kind in {"count", "tries"}, one.status, one.source,
            )  # fmt: skip
    return found


def _range(
    design: Design, path: str, slot: Slot | None
) -> tuple[Amount, Amount, Any, Amount] | None:
    """Return the ends, the form and the number of it that they are about."""
    plain: Any = design.plain
    for key in path.split("."):
        plain = plain.get(key) if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or slot is None:
        return None
    ends = plain["low"], plain["high"]
    form: Any = {key: value for key, value in plain.items() if key not in ORIGIN}
    if set(form) == {"value"}:
        form = form["value"]
    try:
        own = _own(form)
        low, high = (Amount.read(end).in_unit(own.unit) for end in ends)
    except ValueError:
        return None
    wide = {"low": ends[0], "high": ends[1]}
    if form == wide or not low.number < high.number or own.number < 0:
        return None
    amounts = [key for key in form if key not in PURE] if isinstance(form, dict) else []
    if own.number == 0 and len(amounts) > 1:
        return None
    return low, high, form, own


def _own(form: Any) -> Amount:  # noqa: ANN401
    """Return the number of a form that its range is about: its centre."""
    if not isinstance(form, dict):
        return Amount.read(form)
    for key in CENTRES:
        if key in form:
            return Amount.read(form[key])
    low = Amount.read(form.get("low"))
    high = Amount.read(form.get("high")).in_unit(low.unit)
    return Amount((low.number + high.number) / 2, low.unit)
