"""What a scored service level means, in sentences: margins, missed windows, windows of time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from pacsim import formatting

if TYPE_CHECKING:
    from pacsim.service_levels.histories import Histories
    from pacsim.service_levels.scored import Scored

PLURALS = {
    "month": "months", "quarter": "quarters", "year": "years", "fiscal_year": "fiscal years",
    "term": "terms",
}  # fmt: skip
NEAR = 0.05
"""Share of the windows that may do worse than what is said of the others."""
UNLESS_WRITTEN = "2024-01-01"
"""Start of a term whose design does not say one."""
MOST_LISTED = 24
"""Missed windows of a log that are listed."""


def margin_words(found: Scored) -> str:
    """Return how far off what is allowed windows are, in a few words.

    Parameters
    ----------
    found : Scored
        Of a design, with many terms.
    """
    margin = found.margin[:, found.judged]
    rising = np.sort(margin, axis=None)
    worst, near = float(rising[0]), float(rising[int(NEAR * len(rising) + 1e-9)])
    if worst >= 0:
        return f"every one has {formatting.duration(worst)} left"
    if near >= 0:
        return f"19 in 20 have {formatting.duration(near)} left"
    return f"1 in 20 is {formatting.duration(-near)} over"


ALIKE = 1.2
"""How much longer the longest window may be for all to be told as one; months differ by a ninth."""


def allowed_words(found: Scored) -> str:
    """Return how long a window may be down, the usual one of several, or from least to most."""
    allowed = found.allowed[found.judged]
    least, most = float(allowed.min()), float(allowed.max())
    if not most:
        return "0 min"
    if most <= ALIKE * least:
        return formatting.duration(float(np.median(allowed)))
    # Windows that are cut by the start or the end of the term, or differ in their hours.
    return f"{formatting.duration(least)} to {formatting.duration(most)}"


def missed_words(found: Scored) -> list[str]:
    """Return each window of a log that is missed, with what was down in it and what it pays.

    Parameters
    ----------
    found : Scored
        Of one history.
    """
    lines = []
    missed = np.flatnonzero(~found.met[0])
    for k in missed[:MOST_LISTED]:
        first, last = (day(found.histories, found.counted.windows.edges[x]) for x in (k, k + 1))
        down = formatting.duration(float(found.counted.down[0, k]))
        allowed = formatting.duration(float(found.allowed[k]))
        said = f"{first} to {last}: down {down}, allowed {allowed}"
        if found.broken[0, k]:
            said += f", a limit is broken ({found.level.limits.said})"
        share, terms = float(found.share[0, k]), found.level.credits
        if share:
            said += f"; pays {formatting.share(share)} of the fee"
        if share and terms is not None and terms.fee:
            said += f", {formatting.thousands(share * found.fees[k])} {terms.currency}"
        lines.append(said)
    if len(missed) > MOST_LISTED:
        lines.append(f"and {len(missed) - MOST_LISTED} more")
    return lines


def unseen_roles(found: Scored) -> list[str]:
    """Return what is to be said of roles of which a log that tells roles has no row."""
    own = found.histories
    return [
        f'{own.name} has no row of role "{role}", which is taken as never down; its roles: '
        f"{', '.join(own.roles)}."
        for role in found.level.measured.roles
        if own.recorded and own.roles and role not in own.roles
    ]


def day(histories: Histories, seconds: float) -> str:
    """Return the civil date of a moment, with its time unless it is midnight."""
    when = histories.starts + dt.timedelta(seconds=round(float(seconds)))
    return when.date().isoformat() if when.time() == dt.time() else when.isoformat(" ", "minutes")


def windows_words(found: Scored) -> str:
    """Return from where to where windows go, and where their start is from."""
    own, edges = found.histories, found.counted.windows.edges
    if own.recorded:
        whence = "as asked for"
    elif day(own, 0.0) == UNLESS_WRITTEN:
        whence = "contract.starts of the design, 2024-01-01 unless written"
    else:
        whence = "contract.starts of the design"
    return (
        f"Windows go from {day(own, 0.0)} ({whence}) to {day(own, edges[-1])}, the first and the "
        "last one as far as they are in it; a day has 24 h, summer time is not observed."
    )


def level_words(found: Scored) -> str:
    """Return the whole of a service level in a sentence, with where it is from."""
    level, many = found.level, len(found.counted.windows)
    source = f" Source: {level.source.rstrip('.')}." if level.source else ""
    name = PLURALS[level.window.name] if many > 1 else level.window.name.replace("_", " ")
    each = f"; {many} {name}, each may be down {allowed_words(found)}"
    return f"{level.name}: {level.said}{each}.{source}"
