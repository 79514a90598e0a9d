"""Times that cover everything, read under one contract and taken to another."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.core import ModelBuilder
from pacsim.design.catalogue_entries import catalogue
from pacsim.design.coverage import entry_law
from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import Diagnostics, planted
from pacsim.design.record_resolver import read_record
from pacsim.files.tree import Node
from pacsim.parts import practices
from pacsim.parts.build_context import BuildContext
from pacsim.parts.elapsed import contract_of, mean_elapsed, mean_supply
from pacsim.parts.slots import declaration
from pacsim.parts.values import ALL_IN, CONTRACTED, Delay, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.delays import Law
    from pacsim.design.noted import Override
    from pacsim.design.resolved import Resolved

MOST = 0.9
"""Largest share of a time that is taken for the contract it was read under."""
OFFICE = {"name": "office", "hours": ["mon-fri 08:00-17:00"]}
NBD = {"next_business_day": OFFICE, "then": {"low": "0 h", "high": "6 h"}}
WRITTEN = {
    "4h": ({"from": "support_4h"},),
    "nbd": ({"from": "support_nbd", "response": NBD}, {"from": "support_nbd"}),
}
"""The contracts that times are read under, as a design may write them; the first gives the mean."""
HANDS = "sup.fix"
"""Entry of the work of who comes, which a time without a contract contains as well."""


@cache
def standard() -> Mapping[str, tuple[Part, ...]]:
    """Return the contracts that times are read under.

    Examples
    --------
    >>> [round(mean_supply(forms[0]) / 3600, 1) for forms in standard().values()]
    [8.2, 37.5]
    """
    made = {}
    for name, forms in WRITTEN.items():
        parts = []
        for form in forms:
            cursor = Cursor(Diagnostics(), planted(form, Node(None, "", 0)))
            parts.append(read_record(cursor, practices.SUPPORT, name=name)[0])
            assert not cursor.diagnostics.problems, cursor.diagnostics.problems
        made[name] = tuple(parts)
    return MappingProxyType(made)


def named(contract: Part | None) -> str:
    """Return which of the contracts that times are read under it is; empty if none of them."""
    for name, forms in standard().items():
        if contract is not None and any(_same(contract, form) for form in forms):
            return name
    return ""


def _same(a: Part, b: Part) -> bool:
    """Return whether two contracts have the same laws of response and missing part."""
    return all(_counted(a.values[slot]) == _counted(b.values[slot]) for slot in a.values)


def _counted(value: object) -> object:
    """Return a value of a contract without the name of its calendar and where it was read."""
    if not isinstance(value, Delay):
        return value or 0.0
    hours = value.calendar
    counted = None
    if hours is not None:
        counted = (hours.weekly, hours.closed_dates, hours.closed_speed)
    return value.law, value.next_day, counted


def under(delay: Delay, contract: Part | None, no_contract: Law, here: str | None = None) -> Delay:
    """Return a time that covers everything as it is under the contract in force.

    Read under A and in force B: with A = B it stays, and of an entry with a twin for B the twin is
    taken. Otherwise the response and the missing part of B come first, and of the time X a share f
    = min(r_A / E[X], 0.9) is left out, for r the mean of response and missing part. The mean is
    E[X] - min(r_A, 0.9 E[X]) + r_B. Without a contract r_B is that of the part ordered and fitted,
    less the fitting.

    Parameters
    ----------
    delay : Delay
        With `Delay.read_under`; without it, and if it covers less, it stays.
    contract : Part, optional
        In force.
    no_contract : Law
        Until a part is ordered and fitted without one.
    here : str, optional
        As `named` calls the contract, where that was asked before.
    """
    if delay.covers != ALL_IN or not delay.read_under:
        return delay
    here = named(contract) if here is None else here
    if here == delay.read_under:
        return delay
    other = catalogue().entries[delay.entry].twins.get(here) if delay.entry else None
    if other is not None and delay.law == entry_law(delay.entry):
        return Delay(entry_law(other), covers=ALL_IN, read_under=here, entry=other)
    law = _scaled(delay, 1.0 - share_taken(delay))
    ordered = None
    if contract is None:
        fitting = entry_law(HANDS).mean() / no_contract.mean()
        ordered = no_contract.scaled(1.0 - min(fitting, MOST))
    return Delay(law, delay.calendar, covers=CONTRACTED, ordered=ordered)


def _scaled(delay: Delay, left: float) -> Law:
    """Return the law of which a share of the mean time that passes is left.

    Hours of a calendar pass more time than they count, and not in proportion; the factor that
    leaves the share is found. At least ``1 - MOST`` of the hours stay.
    """
    if delay.calendar is None:
        return delay.law.scaled(left)
    # Few designs need it, and it takes a while to load.
    from scipy.optimize import brentq

    target = left * mean_elapsed(delay)

    def beyond(factor: float) -> float:
        return mean_elapsed(replace(delay, law=delay.law.scaled(factor))) - target

    least = 1.0 - MOST
    factor = least if beyond(least) >= 0.0 else brentq(beyond, least, 1.0, xtol=1e-6)
    return delay.law.scaled(float(factor))


def share_taken(delay: Delay) -> float:
    """Return the share f of a time that is taken for the contract it was read under."""
    taken, whole = mean_supply(standard()[delay.read_under][0]), mean_elapsed(delay)
    return min(taken / whole, MOST) if whole > 0 else 0.0


def in_force(resolved: Resolved) -> tuple[Resolved, tuple[str, ...]]:
    """Return a design with every time as it is under its contract, and a note on each change."""
    no_contract = resolved.practices.part("times").law("no_contract")
    parts: dict[str, Part] = {}
    notes: dict[str, list[str]] = {}
    called: dict[int, str] = {}
    for name, part in resolved.parts.items():
        contract = contract_of(part, resolved.practices)
        changed: dict[str, Delay] = {}
        for slot, delay in part.values.items():
            if not isinstance(delay, Delay) or delay.covers != ALL_IN or not delay.read_under:
                continue
            if id(contract) not in called:
                called[id(contract)] = named(contract)
            new = under(delay, contract, no_contract, called[id(contract)])
            if new is not delay:
                changed[slot] = new
                note = _change(delay, new, contract)
                notes.setdefault(note, []).append(_path(part, slot))
        if changed:
            part = replace(part, values=MappingProxyType({**part.values, **changed}))  # noqa: PLW2901
        parts[name] = part
    told = tuple(f"{', '.join(paths)}: {said}" for said, paths in notes.items())
    return replace(resolved, parts=MappingProxyType(parts)), told


def _path(part: Part, slot: str) -> str:
    """Return the path under which a time that covers everything is written."""
    kind = declaration(part)
    known = kind.slot(slot) if kind is not None else None
    return f"parts.{part.name}.{known.also or slot if known is not None else slot}"


def _change(delay: Delay, new: Delay, contract: Part | None) -> str:
    """Return in words what a contract makes of a time."""
    mean = mean_elapsed(new)
    if new.covers == CONTRACTED:
        mean += mean_supply(contract, ordered=new.ordered)
    here = f'under "{contract.name}"' if contract is not None else "without a contract"
    told = delay.entry and catalogue().entries[delay.entry].read_under == delay.read_under
    read = delay.read_under if told or not delay.entry else f"{delay.read_under} (assumed)"
    said = f"{_hours(mean_elapsed(delay))} all included under {read}, "
    said += f"{_hours(mean)} {here}"
    if new.covers == CONTRACTED and share_taken(delay) == MOST:
        said += " (the contract takes more, but at most nine tenths are left out)"
    return said


def _hours(seconds: float) -> str:
    return f"{seconds / 3600.0:.1f} h"


def overridden(resolved: Resolved, overrides: list[Override]) -> tuple[str, ...]:
    """Return a warning for each repair that covers something else than what it replaces."""
    context = BuildContext(
        ModelBuilder(),
        resolved.parts,
        resolved.groups,
        resolved.roles,
        resolved.practices,
        resolved.archive,
    )
    warned = []
    for one in overrides:
        part = resolved.parts[one.part]
        contract = contract_of(part, resolved.practices)
        before = under(one.before, contract, context.time("no_contract"))
        was, now = (_to_working(context, part, x) for x in (before, part.delay(one.slot)))
        first, then = "all included", "with the chain before it"
        if one.before.covers != ALL_IN:
            first, then = then, first
        said = f"was {_hours(was)} from fault to working, {first}; {then} {_hours(now)}"
        warned.append(f"{one.path}: {said}")
    return tuple(warned)


def _to_working(context: BuildContext, part: Part, repair: Delay) -> float:
    """Return the mean seconds from a fault that shows until it is repaired by a free person."""
    work = mean_elapsed(repair)
    if repair.covers == ALL_IN:
        return work
    contract = context.support_of(part)
    ordered = repair.ordered or (context.time("no_contract") if contract is None else None)
    work += mean_supply(contract, ordered=ordered)
    if repair.covers == CONTRACTED:
        return work
    noticed = context.time("alert" if context.monitoring else "call").mean()
    responding = context.respond()
    if responding is not None:
        noticed += mean_elapsed(Delay(*responding))
    return work + noticed
