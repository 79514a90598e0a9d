"""What ``pacsim capacity`` prints: the peak, one part out, years; at most 98 columns wide."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from pacsim.formatting import duration, percent, plain, share, thousands
from pacsim.traffic.part_out import CARRIES, VERDICTS
from pacsim.traffic.peak_hour import FIRST_IMAGE
from pacsim.traffic.steady import POOLS, hour_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.stats import Estimate
    from pacsim.traffic.capacity_table import Capacity
    from pacsim.traffic.peaks import Peaks, ScenarioPeak, YearPeak
    from pacsim.traffic.steady import Load
    from pacsim.traffic.storage import Storage

WIDTH = 98
MOST = 4
"""Lines of loads, those alike together."""
BLOCKS = 2
"""Tables of scenarios at most."""
HIGH = 0.65
"""Load from which waiting times of flows and of single items differ by 8 % and more."""
GAP = "   "


def lines(found: Capacity) -> list[str]:
    """Return what is said of a design.

    Parameters
    ----------
    found : Capacity
        Its loads and storage, and its peak hours if they were asked for.
    """
    workload, top = found.design.resolved.workload, found.busiest_year
    assert workload is not None, "a capacity is that of a workload"
    peak = f"{hour_name(top.hour)} of contract year {top.year + 1}"
    asked = f"{thousands(top.exams)} exams, {thousands(top.openings)} openings"
    said = [*_wrapped(f"{found.design.name}: {workload.line()}")]
    said += [f"Peak hour: {peak}, {asked}", ""]
    if found.peaks is not None:
        said += [*_peak(found.peaks), *_wrapped(_one_out(found.peaks)), *_room(found.peaks), ""]
    said += [*_loads(top.busiest), "", *_years(found), _full(found.storage)]
    high = _high(found)
    if high:
        said += _wrapped(
            f"Over {percent(HIGH)} at the peak: waiting times there are rough ({high})."
        )
    for one in found.warnings:
        said += _wrapped(f"warning: {one}")
    return said


# The peak hour


def _peak(peaks: Peaks) -> list[str]:
    """Return the tables of p95 by scenario, as many columns in each as there is room for."""
    shown = _shown(peaks)
    label, columns = _labels(peaks), [_column(peaks, one) for one in shown]
    targets = ["target", *(duration(x) for x in peaks.targets.values()), "", ""][: len(label)]
    said: list[str] = []
    for some in _blocks([label, targets], columns):
        said += ["" for _ in said[:1]] + _aligned([label, targets, *some])
    hidden = len(peaks.top.scenarios) - len(shown)
    if hidden:
        said.append(f"{hidden} more with which out it is carried: see --json or --csv.")
    return [*said, ""]


def _labels(peaks: Peaks) -> list[str]:
    names = [_operation(name) + ", p95" for name in peaks.targets]
    return ["", *names, f"busiest: {_busiest(peaks)}", "highest load of any"]


def _operation(name: str) -> str:
    return name.replace("_", " ")


def _busiest(peaks: Peaks) -> str:
    """Return the name of the busiest pool when all is up."""
    pools = [x for x in peaks.top.scenarios[0].loads.busiest if x.kind == POOLS]
    return pools[0].resource if pools else "nothing"


def _column(peaks: Peaks, one: ScenarioPeak) -> list[str]:
    found = [_seconds(one.times.quantile(name, 0.95), peaks.grace) for name in peaks.targets]
    loads = {x.resource: x.peak for x in one.loads.loads}
    busy = loads.get(_busiest(peaks), 0.0)
    highest = max(loads.values(), default=0.0)
    return [one.name, *found, share(busy) if busy > 0.0 else "-", share(highest)]


def _seconds(found: Estimate, grace: float) -> str:
    """Return a time; of what was not over it is known that it took longer than the run went on."""
    if found.n == 0:
        return "-"
    return f"over {duration(grace)}" if found.value is None else duration(found.value)


def _shown(peaks: Peaks) -> list[ScenarioPeak]:
    """Return the scenarios that have a column: all, or those that matter most, in their order."""
    fixed = [_labels(peaks), ["target"]]
    columns = {one.name: _column(peaks, one) for one in peaks.top.scenarios}
    kept = list(peaks.top.scenarios)
    # Those that carry the peak go first.
    for one in sorted(kept[1:], key=lambda x: VERDICTS.index(x.verdict)):
        if len(list(_blocks(fixed, [columns[x.name] for x in kept]))) <= BLOCKS:
            break
        kept.remove(one)
    return kept


def _blocks(
    fixed: Sequence[Sequence[str]], columns: Sequence[Sequence[str]]
) -> Iterator[list[Sequence[str]]]:
    """Yield as many columns at a time as fit beside the first ones; one at least."""
    room = WIDTH - sum(max(map(len, one)) + len(GAP) for one in fixed) + len(GAP)
    some: list[Sequence[str]] = []
    used = 0
    for one in columns:
        wide = max(map(len, one)) + len(GAP)
        if some and used + wide > room:
            yield some
            some, used = [], 0
        some.append(one)
        used += wide
    yield some


def _one_out(peaks: Peaks) -> str:
    """Return with how many parts out the peak is carried, and with which it is not."""
    parts, usual = peaks.top.parts(peaks.outs), peaks.top.scenarios[0].verdict
    said = [f"One part out: carries {peaks.top.carried(peaks.outs)} of {len(parts)}"]
    if usual != CARRIES:
        said = [f"All up: {usual}. {said[0]}"]
    # What is no worse than with all up is no matter of the part.
    for means in VERDICTS[VERDICTS.index(usual) + 1 :]:
        names = [
            name if len(part.scenarios) == 1 else f"{name} ({state})"
            for part, worst, state in parts
            if worst == means
            for name in [part.name]
        ]
        if names:
            said.append(f"{means}: {', '.join(names)}")
    return "; ".join(said) + "."


def _room(peaks: Peaks) -> list[str]:
    room = peaks.top.room
    if math.isinf(room.factor):
        return ["Room: nothing is asked for."]
    if room.more:
        return [f"Room: more than {plain(room.factor)} times this peak."]
    if room.operation:
        target = duration(peaks.targets[room.operation])
        then = f"then p95 of {_operation(room.operation)} is over {target}"
    else:
        then = f"then {room.busiest} is loaded in full"
    if room.factor < 1.0:
        return [f"Room: none; {plain(room.factor)} times this peak is carried, {then}."]
    return [f"Room: {plain(room.factor)} times this peak; {then}."]


# Loads and years


def _loads(loads: list[Load]) -> list[str]:
    """Return a table of the highest loads, those that are alike in one line."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in loads:
        alike.setdefault((share(one.mean), share(one.peak)), []).append(one.resource)
    rows = [
        (names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} alike", *figures)
        for figures, names in alike.items()
    ]
    return _table(("busiest", "mean week", "peak hour"), rows[:MOST])


def _high(found: Capacity) -> str:
    """Return the pools of which waiting times are rough, in any scenario."""
    loads = list(found.busiest_year.busiest)
    if found.peaks is not None:
        ours = [one for year in found.peaks.years for one in year.scenarios]
        loads += [load for one in ours for load in one.loads.busiest]
    names = dict.fromkeys(x.resource for x in loads if x.kind == POOLS and x.peak > HIGH)
    return ", ".join(names)


def _years(found: Capacity) -> list[str]:
    storage, peaks = found.storage, found.peaks
    limited = storage.usable < math.inf
    rows = []
    for k, one in enumerate(storage.years):
        row = [f"{one.year}", thousands(one.exams), _size(one.added), _size(one.stored)]
        row += [percent(one.share)] if limited else []
        row += [] if peaks is None else _peak_of(peaks, peaks.years[k])
        rows.append(tuple(row))
    head = ["year", "exams", "added", "stored", *(["of usable"] if limited else [])]
    return _table((*head, *(PEAK_OF if peaks is not None else [])), rows)


PEAK_OF = ("first image p95", "one part out", "room")
"""Columns of a year's peak."""


def _peak_of(peaks: Peaks, one: YearPeak) -> list[str]:
    """Return how a year's peak is carried, all up and with one part out, and its room."""
    image = one.scenarios[0].times.quantile(FIRST_IMAGE, 0.95)
    room = "-" if math.isinf(one.room.factor) else plain(one.room.factor)
    carried = f"{one.carried(peaks.outs)} of {len(peaks.outs.parts)}"
    return [_seconds(image, peaks.grace), carried, f"over {room}" if one.room.more else room]


def _full(storage: Storage) -> str:
    if storage.usable == math.inf:
        return "Full: no array of the archive says what it holds."
    of = f"{_size(storage.usable)} may be filled"
    if storage.full is None:
        return f"Full: not within the term; {of}."
    year = max(1, math.ceil(storage.full))
    return f"Full: after {storage.full:.2f} years, in contract year {year}; {of}."


def _size(number: float) -> str:
    """Return bytes in a unit that people use."""
    size, unit = (1e12, "TB") if number >= 1e12 or number == 0 else (1e9, "GB")
    return f"{plain(number / size)} {unit}"


# Text


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return _aligned(list(zip(head, *rows, strict=True)))


def _aligned(columns: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of columns of equal width, the first to the left."""
    wide = [max(len(cell) for cell in column) for column in columns]
    return [
        GAP.join(
            f"{cell:<{w}}" if k == 0 else f"{cell:>{w}}"
            for k, (cell, w) in enumerate(zip(row, wide, strict=True))
        ).rstrip()
        for row in zip(*columns, strict=True)
    ]
