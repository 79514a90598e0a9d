"""Designs side by side: the same replications with the same faults, until precise enough."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.failovers import FailoverTally
from pacsim.campaign.interrupting import Undisturbed
from pacsim.campaign.losses import LossTally
from pacsim.campaign.overall import OverallTally
from pacsim.campaign.reading import Reader
from pacsim.campaign.roles import EXACTLY_NONE, KEYS, START, UNITS, RoleTally
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.core.streams import STREAMS
from pacsim.design.build import build
from pacsim.errors import PacsimError
from pacsim.results.outages import TYPES, KeptOutages
from pacsim.results.result import Result
from pacsim.results.rows import Row, row
from pacsim.stats import Estimate, Moments, Sequential, paired_difference
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.core.observations import Batch
    from pacsim.design import Design

STEP = 512
"""Replications that all designs finish together, so that an interruption leaves them equal."""
CEILING = 1 << 22
ARRAY = "array:"
"""Before the name of an array that stands beside roles; names that people give have no colon."""
KEPT = 10_000
"""Replications whose outages are kept with the result."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """When a run stops.

    Parameters
    ----------
    precision : float or None
        Relative half-width of the unavailability of ``role``, for every design.
    role : str or None
        The role it is asked of; ``store`` if there is one, else the first one.
    replications : int or None
        Exactly as many, or with a precision at most.
    seconds : float or None
        Stop after this time with what there is.
    seed : int
        Of all random streams.
    threads : int or None
        By default all processors.
    """

    precision: float | None = None
    role: str | None = None
    replications: int | None = None
    seconds: float | None = None
    seed: int = 1
    threads: int | None = None


@dataclass(slots=True)
class Tally:
    """Everything seen of one design."""

    design: Design
    reader: Reader
    roles: dict[str, RoleTally]
    arrays: dict[str, LossTally]
    groups: dict[str, FailoverTally]
    overall: OverallTally | None
    term: float
    events: int = 0
    kept: list[dict[str, np.ndarray]] = field(default_factory=list)

    @classmethod
    def of(cls, design: Design) -> Tally:
        """Return the empty tally of a design."""
        resolved = design.resolved
        term = resolved.contract.number("term")
        windows = int(-(-term // YEAR))
        reader = Reader.of(build(resolved), resolved, windows)
        shortest = resolved.contract.number("min_outage")
        return cls(
            design,
            reader,
            {name: RoleTally(reader, name, shortest) for name in resolved.roles},
            {p.name: LossTally(reader, p.name) for p in resolved.parts.values()
             if p.type == "disk_array"},
            {name: FailoverTally(reader, name) for name in resolved.groups},
            OverallTally.of(reader),
            term,
        )  # fmt: skip

    def add(self, batch: Batch) -> dict[str, np.ndarray]:
        """Add a batch; return the key columns by role and array."""
        self.events += int(batch.events.sum())
        if batch.first < KEPT:
            self.kept.append(self._outages(batch))
        keys = {name: tally.add(batch, self.term) for name, tally in self.roles.items()}
        for tally in self.groups.values():
            tally.add(batch, self.term)
        if self.overall is not None:
            self.overall.add(batch, self.term)
        # A role and an array may have the same name.
        return keys | {ARRAY + name: t.add(batch, self.term) for name, t in self.arrays.items()}

    def _outages(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return what is kept of a batch: the roles' down times of the first terms, in columns."""
        roles = np.full(len(self.reader.model.observations), -1, dtype=np.int16)
        for k, name in enumerate(self.roles):
            roles[self.reader.index(f"role:{name}")] = k
        found = batch.episodes
        of = roles[found["observation"]]
        taken = np.flatnonzero((of >= 0) & (found["replication"] < KEPT))
        started = len(self.reader.model.transitions)
        columns = {name: found[name][taken] for name in TYPES if name != "role"}
        columns |= {"role": of[taken]}
        columns["cause"] = np.where(columns["cause"] < 0, started, columns["cause"])
        return {name: columns[name].astype(kind) for name, kind in TYPES.items()}

    def outages(self) -> KeptOutages:
        """Return the outages of the first terms."""
        columns = {name: np.concatenate([one[name] for one in self.kept]) for name in TYPES}
        causes = (*(x.name for x in self.reader.model.transitions), START)
        return KeptOutages(tuple(self.roles), causes, columns)

    def rows(self) -> list[Row]:
        """Return every figure of the design."""
        name = self.design.name
        found: list[Row] = []
        for role, tally in self.roles.items():
            found += tally.rows(name)
            hours = spreadsheet_down(self.design.resolved, role)
            exact = Estimate(hours, hours, hours, 0, "exact, hardware boxes only")
            note = "" if hours else "exactly 0: the role needs no hardware box"
            found.append(row(name, role, "spreadsheet_down", "h/year", exact, note=note))
        if self.overall is not None:
            found += self.overall.rows(name)
        for array in self.arrays.values():
            found += array.rows(name)
        for group in self.groups.values():
            found += group.rows(name)
        return found


def simulate(designs: Sequence[Design], plan: Plan, progress: Progress | None = None) -> Result:
    """Return the figures of one design or several, paired by the same faults.

    Parameters
    ----------
    designs : sequence of Design
        Their names must differ.
    plan : Plan
        When to stop.
    progress : callable, optional
        Called with the share done (an estimate) and a line of words.

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
    tallies = [Tally.of(design) for design in designs]
    _check(tallies)
    term = tallies[0].term
    names = _shared(tallies)
    pairs = {name: Moments(width * len(tallies)) for name, width in names.items()}
    role = _role(tallies, plan.role)
    ceiling = plan.replications or CEILING
    rule = Sequential(plan.precision or 0.0)
    batches = kernel.run_together(
        [t.reader.model for t in tallies],
        seed=plan.seed,
        ends=(end for end, _ in _ends(rule, ceiling)),
        horizon=term,
        window=YEAR,
        threads=plan.threads,
    )
    done, reached, partial = 0, plan.precision is None, False
    try:
        for end, look in _ends(rule, ceiling):
            # All designs first, then all tallies: an interruption finds them equal.
            step = _step(batches, len(tallies), end)
            with Undisturbed():
                _add(tallies, step, pairs)
                done = end
            if progress is not None:
                progress(*_progress(tallies, role, plan, done, started))
            if plan.seconds is not None and time.perf_counter() - started > plan.seconds:
                break
            if look and plan.precision is not None and _precise(tallies, role, rule):
                reached = True
                break
    except KeyboardInterrupt:
        if done == 0:
            raise
        partial = True
    finally:
        batches.close()
    rows = [found for tally in tallies for found in tally.rows()]
    rows += _differences(tallies, pairs)
    provenance = _provenance(tallies, plan, done, time.perf_counter() - started)
    provenance |= {"reached": reached, "partial": partial, "role": role}
    return Result(
        rows=tuple(rows),
        provenance=provenance,
        designs=tuple(t.design.name for t in tallies),
        inputs=tuple(_inputs(tallies)),
        warnings=tuple(
            f"{t.design.name}: {w}" for t in tallies for w in t.design.resolved.warnings
        ),
        outages={t.design.name: t.outages() for t in tallies if t.kept},
    )


def _check(tallies: Sequence[Tally]) -> None:
    names = [t.design.name for t in tallies]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"two designs are called {twice[0]!r}; give each its own name:"
        raise PacsimError(msg)
    terms = {t.term for t in tallies}
    if len(terms) > 1:
        msg = "designs with contract terms that differ cannot be compared; give them one term"
        raise PacsimError(msg)
    if len({t.design.resolved.contract.number("min_outage") for t in tallies}) > 1:
        msg = "designs with min_outage that differ cannot be compared; give them one length"
        raise PacsimError(msg)


def _role(tallies: Sequence[Tally], wanted: str | None) -> str:
    """Return the role that the precision is asked of; every design must have it."""
    for tally in tallies:
        if not tally.roles:
            msg = f"{tally.design.name} declares no roles, so nothing is measured; add roles:"
            raise PacsimError(msg)
    shared = [name for name in tallies[0].roles if all(name in t.roles for t in tallies)]
    if wanted is None and shared:
        return "store" if "store" in shared else shared[0]
    if wanted in shared:
        return str(wanted)
    known = ", ".join(f'"{name}"' for name in shared) or "none"
    msg = f'not every design has a role "{wanted}"; roles that all of them have: {known}'
    if wanted is None:
        msg = "the designs have no role in common; give one of their roles the same name"
    raise PacsimError(msg)


def _shared(tallies: Sequence[Tally]) -> dict[str, int]:
    """Return what all designs have: roles with their key columns, arrays with one."""
    first = tallies[0]
    roles = {n: len(KEYS) for n in first.roles if all(n in t.roles for t in tallies)}
    return roles | {ARRAY + n: 1 for n in first.arrays if all(n in t.arrays for t in tallies)}


def _ends(rule: Sequential, ceiling: int) -> Iterator[tuple[int, bool]]:
    """Yield the replications that all designs finish together, and whether to look then."""
    done = 0
    for look in rule.looks(ceiling):
        while done < look:
            done = min(done + STEP, look)
            yield done, done == look


def _step(batches: Iterator[tuple[int, Batch]], designs: int, end: int) -> list[list[Batch]]:
    """Return the next batches of every design, up to an end."""
    found: list[list[Batch]] = [[] for _ in range(designs)]
    done = 0
    while done < end:
        place, batch = next(batches)
        found[place].append(batch)
        if place == designs - 1:
            done = batch.first + len(batch.events)
    return found


def _add(
    tallies: Sequence[Tally], batches: Sequence[Sequence[Batch]], pairs: dict[str, Moments]
) -> None:
    keys: list[dict[str, np.ndarray]] = []
    for tally, several in zip(tallies, batches, strict=True):
        parts = [tally.add(batch) for batch in several]
        keys.append({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    for name, moments in pairs.items():
        moments.add(np.concatenate([k[name] for k in keys], axis=1))


def _precise(tallies: Sequence[Tally], role: str, rule: Sequential) -> bool:
    tallied = [t.roles[role] for t in tallies]
    return all(rule.done(t.mean("down"), t.eventful, t.skewness.value) for t in tallied)


def _progress(
    tallies: Sequence[Tally], role: str, plan: Plan, done: int, started: float
) -> tuple[float, str]:
    passed = time.perf_counter() - started
    shares = [0.0]
    worst = 0.0
    for tally in tallies:
        found = tally.roles[role].mean("down")
        if found.value:
            worst = max(worst, found.half_width / found.value)
    if plan.precision is not None and 0 < worst < float("inf"):
        shares.append(min(1.0, (plan.precision / worst) ** 2))
    if plan.replications:
        shares.append(done / plan.replications)
    if plan.seconds:
        shares.append(passed / plan.seconds)
    text = f"{done} terms, +- {100 * worst:.1f} %" if worst < float("inf") else f"{done} terms"
    return min(1.0, max(shares)), text


def _differences(tallies: Sequence[Tally], pairs: dict[str, Moments]) -> list[Row]:
    """Return each design less the first, with intervals that hold for all of them together.

    Bonferroni over all that are shown. The page shows every one, the table and the files give the
    same rows: a narrower interval in one place than in another would be two answers to a question.
    """
    keys = {name: ("p_any_loss",) if name.startswith(ARRAY) else KEYS for name in pairs}
    others = range(1, len(tallies))
    together = len(others) * sum(map(len, keys.values()))
    return [
        _difference(tallies, d, name, key, pairs[name], together)
        for name in pairs
        for d in others
        for key in keys[name]
    ]


def _difference(
    tallies: Sequence[Tally], d: int, name: str, key: str, moments: Moments, together: int
) -> Row:
    """Return one design less the first, in one of its columns."""
    width = len(moments.mean) // len(tallies)
    k = KEYS.index(key) if key in KEYS else 0
    pick = [k, d * width + k]
    first, second = (float(x) for x in moments.mean[pick])
    of = paired_difference(
        first, second, moments.covariance[np.ix_(pick, pick)], moments.n, comparisons=together
    )
    method = f"paired, Student t, 95 % over {together} comparisons together"
    of = replace(of, method=method)
    note = ""
    if first == second == 0.0:
        # No spread in nothing: it bounds no difference, unless no design can have any.
        certain = key in KEYS and all(
            tallies[x].roles[name].note(key) == EXACTLY_NONE for x in (0, d)
        )
        ends = 0.0 if certain else None
        of = replace(of, lower=ends, upper=ends)
        note = "exactly 0 in both" if certain else f"none seen in either in {of.n} terms"
    elif of.lower is not None and of.upper is not None and of.lower <= 0 <= of.upper:
        same = of.lower == of.upper
        note = f"cannot be told apart{', the same in every term' if same else ''}"
    unit = "1" if key == "p_any_loss" else UNITS.get(key, "h/year")
    against = tallies[0].design.name
    of_what = name.removeprefix(ARRAY)
    return row(tallies[d].design.name, of_what, key, unit, of, against=against, note=note)


def _inputs(tallies: Sequence[Tally]) -> list[dict[str, str]]:
    return [
        {
            "design": t.design.name,
            "path": i.path,
            "value": i.value,
            "low": i.low,
            "high": i.high,
            "status": i.status,
            "source": i.source,
            "id": i.id,
        }
        for t in tallies
        for i in t.design.resolved.inputs
    ]


def _provenance(tallies: Sequence[Tally], plan: Plan, done: int, seconds: float) -> dict[str, Any]:
    return {
        "versions": {
            "pacsim": version("pacsim"),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": version("numba"),
        },
        "streams": STREAMS,
        "catalogue": "2026.1",
        "engine": "compiled",
        "designs": {t.design.name: t.design.hash for t in tallies},
        "seed": plan.seed,
        "precision": plan.precision,
        "replications": done,
        "term_years": tallies[0].term / YEAR,
        "min_outage": tallies[0].design.resolved.contract.number("min_outage"),
        "events": sum(t.events for t in tallies),
        "seconds": seconds,
    }
