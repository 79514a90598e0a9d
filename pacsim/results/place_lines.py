"""Lines of the table about a role in part, and about the places from which it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from pacsim import formatting
from pacsim.results.measures import label as named_as

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.results.rows import Row

L_co = TypeVar("L_co", covariant=True)


class MakesLine(Protocol[L_co]):
    """What makes a line of the table: a label, a measure, how its figures are shown."""

    def __call__(
        self,
        named: str,
        measure: str,
        show: Callable[[float | None], str],
        *,
        interval: bool = False,
        factor: float = 1.0,
        of: str = "",
        place: str = "",
    ) -> L_co:
        """Return the line of a measure of a role, or of the role ``of``, at a place."""


def degraded_lines(rows: Sequence[Row], line: MakesLine[L_co]) -> list[L_co]:
    """Return a line of time in part for each role that any design can play in part.

    Parameters
    ----------
    rows : sequence of Row
        Of a result.
    line : callable
        Makes a line.
    """
    may = [
        one.role
        for one in rows
        if (one.measure, one.by, one.against) == ("degraded", "", "")
        and not one.note.startswith("exactly 0")
    ]
    label, show = named_as("degraded"), formatting.hours_a_year
    return [
        line(f"{label}, {role}", "degraded", show, interval=True, of=role)
        for role in dict.fromkeys(may)
    ]


def place_lines(rows: Sequence[Row], role: str, line: MakesLine[L_co]) -> list[L_co]:
    """Return lines of a role at each place, if any design has several, and of failing requests.

    Requests that fail are a line of their own where their share is not the time down.

    Parameters
    ----------
    rows : sequence of Row
        Of a result.
    role : str
        Which role.
    line : callable
        Makes a line.
    """
    mine = [one for one in rows if one.role == role and not one.against]
    at = [one for one in mine if one.by == "place"]
    lines, told_apart = [], False
    for design in dict.fromkeys(one.design for one in at):
        places = {one.of for one in at if one.design == design}
        told_apart = told_apart or len(places) > 1
    if told_apart:
        places_of = dict.fromkeys(one.of for one in at)
        lines += [_at(line, "down_at", place) for place in places_of]
        partly = {
            one.of
            for one in at
            if one.measure == "degraded_at" and not one.note.startswith("exactly 0")
        }
        lines += [_at(line, "degraded_at", place) for place in places_of if place in partly]
    share = {(one.design, one.measure): one.estimate for one in mine if not one.by}
    differs = any(
        share.get((one.design, "unavailability")) != one.estimate
        for one in mine
        if one.measure == "failing"
    )
    if told_apart or differs:
        label, show = named_as("failing"), formatting.share
        lines.append(line(label, "failing", show, interval=True))
    return lines


def _at(line: MakesLine[L_co], measure: str, place: str) -> L_co:
    label = f"{named_as(measure)} {place}"
    return line(label, measure, formatting.hours_a_year, interval=True, place=place)
