"""The life of a part whose slots state it, or state how much of the time it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.delays import Exponential

if TYPE_CHECKING:
    from pacsim.delays.law import Law
    from pacsim.parts.values import Part


def life_of(part: Part) -> Law | None:
    """Return the law of the time to failure of a part; None if it does not state enough.

    It is that of ``fails``. Of a part with ``availability`` A it is exponential with mean
    E[repair] A / (1 - A). With it the part is up for a share A of the time, as one that is up for m
    and down for r in turn is up for m / (m + r).

    Parameters
    ----------
    part : Part
        With slots ``fails``, or ``availability`` and ``repair``.

    Examples
    --------
    A line that is up 99.93 % of the time, with repairs of 6 h:

    >>> from pacsim.delays import Exponential
    >>> from pacsim.parts.values import Delay, Part
    >>> slots = {"availability": 0.9993, "repair": Delay(Exponential(6 * 3600.0))}
    >>> law = life_of(Part("isp", "wan", slots))
    >>> round(law.mean() / 3600.0, 3)
    8565.429
    """
    if "fails" in part:
        return part.law("fails")
    if "availability" not in part or "repair" not in part:
        return None
    up = part.number("availability")
    return Exponential(part.law("repair").mean() * up / (1.0 - up)) if 0.0 < up < 1.0 else None
