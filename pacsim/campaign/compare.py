"""Designs side by side: the same replications with the same faults, until precise enough."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from itertools import tee
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.ending import STEP, Ending
from pacsim.campaign.interrupting import Undisturbed
from pacsim.campaign.pairs import Pairs, differences
from pacsim.campaign.tallies import DesignTally
from pacsim.campaign.traffic_stage import TrafficFound, TrafficStage
from pacsim.campaign.traffic_windows import kept_windows
from pacsim.core.streams import STREAMS
from pacsim.design.catalogue_entries import VERSION
from pacsim.errors import PacsimError
from pacsim.files.problems import DesignError
from pacsim.formatting import thousands
from pacsim.results.result import Result
from pacsim.traffic.capacity_table import check_carried
from pacsim.units import ROUNDING, YEAR

if TYPE_CHECKING:
    from pacsim.campaign.plan import Plan
    from pacsim.campaign.role_tally import RoleTally
    from pacsim.campaign.tallies import Key
    from pacsim.core.model import Batch
    from pacsim.design import Design
    from pacsim.files.problems import Problem
    from pacsim.results.kept_window import KeptWindow
    from pacsim.stats import Sequential

Progress = Callable[[float, str], None]


class _Course:
    """What a comparison has done, and what has ended it."""

    def __init__(
        self, tallies: Sequence[DesignTally], plan: Plan, role: str, started: float
    ) -> None:
        self.tallies, self.plan, self.role, self.started = tallies, plan, role, started
        if len(tallies) > 1:
            for tally in tallies:
                tally.trace()
        self.pairs, self.ending = Pairs(tallies), Ending(plan)
        self.done, self.reached = 0, plan.precision is None
        self.partial, self.stopped = False, ""

    def follow(
        self,
        batches: Iterator[tuple[int, Batch]],
        ends: Iterator[tuple[int, bool]],
        progress: Progress | None,
    ) -> None:
        """Take one step after the other until it has reached its end, or the time is over."""
        for end, look in ends:
            made = _step(batches, self.tallies, self.done, end)
            if made is None:
                self.stopped = "clock"
                return
            # All designs first, then all tallies: an interruption finds them equal.
            with Undisturbed():
                for tally, seen in zip(self.tallies, made[0], strict=True):
                    tally.merge(seen)
                self.pairs.merge(made[1])
                self.done = end
            self.ending.took(time.perf_counter() - self.started)
            if self.plan.free and end == STEP:
                self.ending.afford(sum(tally.events for tally in self.tallies) / end)
            if progress is not None:
                progress(*_progress(self, time.perf_counter() - self.started))
            last = end >= self.ending.ceiling
            if (look or last) and self.plan.precision is not None:
                self.reached = _precise(self.tallies, self.role, self.ending.rule)
            if last or (look and self.plan.precision is not None and self.reached):
                return


def simulate(
    designs: Sequence[Design],
    plan: Plan,
    progress: Progress | None = None,
    *,
    windows: bool = True,
) -> Result:
    """Return the figures of one design or several, paired by the same faults.

    Parameters
    ----------
    designs : sequence of Design
        Their names must differ.
    plan : Plan
        When to stop.
    progress : callable, optional
        Called with the share done (an estimate) and a line of words.
    windows : bool
        Whether the worst window of each design's traffic is simulated again, to be drawn.

    Returns
    -------
    Result
        Marked partial if it was interrupted, and with ``reached`` false if the precision asked
        for was not met. Interrupted before anything was done, it raises KeyboardInterrupt.

    Raises
    ------
    PacsimError
        If designs have the same name, or terms that differ.
    """
    from pacsim.engines import kernel

    started = time.perf_counter()
    _check(designs)
    role = _role(designs, plan.role)
    peaks = carried(designs) if plan.traffic_years else []
    tallies = [
        DesignTally.of(
            design,
            outages=plan.outages,
            severe=plan.traffic_years > 0 and design.resolved.workload is not None,
        )
        for design in designs
    ]
    course = _Course(tallies, plan, role, started)
    ends, ahead = tee(course.ending.ends())
    batches = kernel.run_together(
        [t.reader.model for t in tallies],
        seed=plan.seed,
        ends=(end for end, _ in ahead),
        horizon=tallies[0].reader.term,
        window=YEAR,
        threads=plan.threads,
        seconds=plan.seconds,
    )
    try:
        course.follow(batches, ends, progress)
    except KeyboardInterrupt:
        if course.done == 0:
            raise
        course.partial = True
    finally:
        batches.close()
    if course.done == 0:
        msg = f"not one term of every design was done within {plan.seconds} s; give it more time"
        raise PacsimError(msg)
    rows = [*(x for tally in tallies for x in tally.rows()), *differences(tallies, course.pairs)]
    traffic = _traffic(designs, tallies, plan, course, progress)
    # Whoever reads only the first lines learns whose data nobody has a copy of.
    rows.sort(key=lambda one: not one.no_copy_of)
    course.partial |= traffic.partial
    seconds = time.perf_counter() - started
    made = _provenance(designs, tallies, plan, course, seconds) | {"role": role}
    made |= {} if traffic.provenance is None else {"traffic": traffic.provenance}
    return Result(
        rows=(*rows, *traffic.rows),
        provenance=made,
        designs=tuple(design.name for design in designs),
        inputs=tuple(_inputs(designs)),
        warnings=(*all_warnings(designs), *peaks),
        outages={t.reader.design: t.log.kept() for t in tallies if t.log is not None},
        windows=_worst(designs, plan, traffic) if windows else {},
    )


def carried(designs: Sequence[Design]) -> list[str]:
    """Refuse workloads that some mean week cannot carry, before anything is simulated.

    Parameters
    ----------
    designs : sequence of Design
        With workloads or without.

    Returns
    -------
    list of str
        Warnings of peak hours that ask for too much.

    Raises
    ------
    DesignError
        Of all designs, with line, path, rule and remedy.
    """
    said: list[str] = []
    wrong: list[Problem] = []
    for design in designs:
        if design.resolved.workload is None:
            continue
        try:
            said += [f"{design.name}: {one}" for one in check_carried(design)]
        except DesignError as error:
            wrong += error.problems
    if wrong:
        raise DesignError(wrong)
    return said


def _traffic(
    designs: Sequence[Design],
    tallies: Sequence[DesignTally],
    plan: Plan,
    course: _Course,
    progress: Progress | None,
) -> TrafficFound:
    """Return the figures of the traffic; none of a run that was interrupted."""
    if course.partial or all(tally.severe is None for tally in tallies):
        return TrafficFound()
    return TrafficStage(designs, tallies, plan, course.done).run(progress)


def _worst(designs: Sequence[Design], plan: Plan, traffic: TrafficFound) -> dict[str, KeptWindow]:
    """Return the worst window of each design; none for whom has asked to stop: it takes seconds."""
    if traffic.provenance is not None and not traffic.partial:
        with suppress(KeyboardInterrupt):
            return kept_windows(designs, plan.seed, traffic.provenance)
    return {}


def all_warnings(designs: Sequence[Design]) -> list[str]:
    """Return the warnings of each design, and one for each whose traffic is not that of the first.

    Stations of one name see the same traffic in every design; others make differences less sharp.
    With more exams differences are no longer of the designs alone.
    """
    said = [f"{d.name}: {w}" for d in designs for w in d.resolved.warnings]
    loads = [(d.name, x) for d in designs if (x := d.resolved.workload) is not None]
    for name, load in loads[1:]:
        first, usual = loads[0]
        if not math.isclose(load.exams, usual.exams):
            mine, its = (thousands(x.exams * YEAR) for x in (load, usual))
            said.append(
                f"{name}: workload: {mine} exams a year, {first} has {its}; "
                "differences are of that as well"
            )
        stations, known = load.station_names, usual.station_names
        other = [x for x in (*stations, *known) if (x in stations) != (x in known)]
        if other:
            text = f"{', '.join(other[:3])}{' and others' if len(other) > 3 else ''}"
            said.append(
                f"{name}: workload: not the stations of {first}: {text} in one of them only"
            )
    return said


def _check(designs: Sequence[Design]) -> None:
    names = [design.name for design in designs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"two designs are called {twice[0]!r}; write another name: in one file"
        raise PacsimError(msg)
    terms, least = (
        [design.resolved.contract.number(name) for design in designs]
        for name in ("term", "min_outage")
    )
    if max(terms) - min(terms) > ROUNDING:
        msg = "designs with contract terms that differ cannot be compared; give them one term"
        raise PacsimError(msg)
    if max(least) - min(least) > ROUNDING:
        msg = "designs with min_outage that differ cannot be compared; give them one length"
        raise PacsimError(msg)


def _role(designs: Sequence[Design], wanted: str | None) -> str:
    """Return the role that the precision is asked of; every design must have it."""
    for design in designs:
        if not design.resolved.roles:
            msg = f"{design.name} declares no roles, so nothing is measured; add roles:"
            raise PacsimError(msg)
    first, *others = [design.resolved.roles for design in designs]
    shared = [name for name in first if all(name in roles for roles in others)]
    if wanted is None and shared:
        return "store" if "store" in shared else shared[0]
    if wanted in shared:
        return str(wanted)
    known = ", ".join(f'"{name}"' for name in shared) or "none"
    msg = f'not every design has a role "{wanted}"; roles that all of them have: {known}'
    if wanted is None:
        msg = "the designs have no role in common; give one of their roles the same name"
    raise PacsimError(msg)


def _step(
    batches: Iterator[tuple[int, Batch]], tallies: Sequence[DesignTally], first: int, end: int
) -> tuple[list[DesignTally], Pairs] | None:
    """Return tallies of the next replications of every design, up to an end, and of their pairs.

    None if the time was over before.
    """
    fresh = [tally.empty() for tally in tallies]
    keys: list[dict[Key, list[np.ndarray]]] = [
        {key: [] for key in tally.tallies} for tally in tallies
    ]
    done = first
    while done < end:
        following = next(batches, None)
        if following is None:
            return None
        place, batch = following
        for key, columns in fresh[place].add(batch).items():
            keys[place][key].append(columns)
        if place == len(tallies) - 1:
            done = batch.first + len(batch.events)
    pairs = Pairs(tallies)
    pairs.add(first, [{k: np.concatenate(x) for k, x in one.items()} for one in keys])
    return fresh, pairs


def _of_role(tallies: Sequence[DesignTally], role: str) -> list[RoleTally]:
    return [one for tally in tallies for one in tally.roles() if one.owner == role]


def _precise(tallies: Sequence[DesignTally], role: str, rule: Sequential) -> bool:
    tallied = _of_role(tallies, role)
    return all(rule.done(t.mean("down"), t.eventful, t.skewness.value) for t in tallied)


def _progress(course: _Course, passed: float) -> tuple[float, str]:
    """Return the share done, an estimate, and a line of words."""
    plan, done = course.plan, course.done
    shares = [0.0]
    worst = 0.0
    for tally in _of_role(course.tallies, course.role):
        down = tally.mean("down")
        if down.value:
            worst = max(worst, down.half_width / down.value)
    if plan.precision is not None and 0 < worst < float("inf"):
        shares.append(min(1.0, (plan.precision / worst) ** 2))
    if plan.replications or plan.free:
        shares.append(done / course.ending.ceiling)
    if plan.seconds:
        shares.append(passed / plan.seconds)
    text = f"{done} terms, +- {100 * worst:.1f} %" if worst < float("inf") else f"{done} terms"
    return min(1.0, max(shares)), text


def _inputs(designs: Sequence[Design]) -> list[dict[str, str]]:
    return [
        {
            "design": design.name,
            "path": i.path,
            "value": i.value,
            "low": i.low,
            "high": i.high,
            "status": i.status,
            "source": i.source,
            "id": i.id,
        }
        for design in designs
        for i in design.resolved.inputs
    ]


def _provenance(
    designs: Sequence[Design],
    tallies: Sequence[DesignTally],
    plan: Plan,
    course: _Course,
    seconds: float,
) -> dict[str, Any]:
    return {
        "versions": {
            "pacsim": version("pacsim"),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": version("numba"),
        },
        "streams": STREAMS,
        "catalogue": VERSION,
        "engine": "compiled",
        "designs": {design.name: design.hash for design in designs},
        "seed": plan.seed,
        "precision": plan.precision,
        "replications": course.done,
        "term_years": tallies[0].reader.years,
        "min_outage": designs[0].resolved.contract.number("min_outage"),
        "events": sum(t.events for t in tallies),
        "events_replayed": sum(t.replayed for t in tallies),
        "seconds": seconds,
        "reached": course.reached,
        "partial": course.partial,
        "stopped": course.stopped,
    }
