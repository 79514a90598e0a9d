"""Logs and service levels written in a few words, for cases that are worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pacsim import ServiceLevel, score

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.service_levels import Scores
    from pacsim.service_levels.scored import Scored

H, MIN, DAY = 3600.0, 60.0, 86400.0
YEAR = ("2026-01-01", "2027-01-01")


def level(**more: Any) -> ServiceLevel:
    """Return a service level in which every down time of `store` counts, but for what is given."""
    usual = {"pacsim": 1, "name": "one", "measures": "store", "window": "month", "target": "99 %"}
    return ServiceLevel.of(usual | more)


def scores(folder: Path, rows: list[str], span: tuple[str, str] = YEAR, **more: Any) -> Scores:
    """Return a service level scored on a log of ``start | end | kind [| role]`` rows."""
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    roles = any(len(row) > 3 for row in cells)
    heading = "start,end,kind,role" if roles else "start,end,kind"
    file = folder / "log.csv"
    file.write_text("\n".join([heading, *(",".join(row) for row in cells)]))
    return score(file, level(**more), starts=span[0], ends=span[1])


def scored_log(folder: Path, rows: list[str], span: tuple[str, str] = YEAR, **more: Any) -> Scored:
    """Return the same with what counts in each window."""
    (found,) = scores(folder, rows, span, **more).scored
    return found


def down(found: Scored, unit: float = H) -> dict[str, float]:
    """Return what counts, in hours, of each window in which anything does, by its first day."""
    starts, edges = found.histories.starts, found.counted.windows.edges
    return {
        (starts + dt.timedelta(seconds=edge)).date().isoformat(): seconds / unit
        for edge, seconds in zip(edges[:-1].tolist(), found.counted.down[0].tolist(), strict=True)
        if seconds
    }


def begins(found: Scored) -> list[str]:
    """Return the days on which windows begin, and the day on which the last one ends."""
    starts = found.histories.starts
    return [
        (starts + dt.timedelta(seconds=x)).date().isoformat()
        for x in found.counted.windows.edges.tolist()
    ]


def missed(found: Scored) -> list[str]:
    """Return the days on which missed windows begin."""
    return [day for day, met in zip(begins(found), found.met[0], strict=False) if not met]
