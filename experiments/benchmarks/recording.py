"""What recording of changes costs, on and off, in both simulators; ratios of runs taken in turns.

*On*: a model of which elements or gates are recorded, against the same model. *Off*: a model that
records nothing, against a copy of the package from which the kernel's branch for recorded changes
has been taken out; each in a process of its own, told to run in turns. Figures are held to be the
same to the bit. On a shared machine only the ratios mean something.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from case import MISSION
from model import common_job
from terms import ROOT, WORKER, Worker, alternated, say

from pacsim.core import recording
from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines import reference
from pacsim.engines.kernel import Runner
from pacsim.parts.traits import COPIES
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core import Batch, Model
    from pacsim.design import Resolved

    Ready = Callable[[Model], Callable[[int], Batch]]

DESIGNS = ("single-server", "active-passive")
FUNCTION = ("def record(\n", "def advance(\n")
"""First line of what is taken out of the source of the kernel's observers, and of what follows."""
CALL = """    if task.recorded > 0:
        others = record(model, state, counters, rows, sizes, term, last)
"""
"""The call of it."""
KEPT = "counters.change_rows"
"""What the kernel's loop keeps of them, in lines of their own."""


def without_recording(folder: Path) -> Path:
    """Return a copy of the checkout whose kernel has no branch for recorded changes."""
    for name in ("pacsim", "models"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    source = folder / "pacsim" / "engines" / "kernel" / "source"
    watches, loop = source / "watches.py", source / "loop.py"
    text = watches.read_text(encoding="utf-8")
    begin, end = (text.index(line) for line in FUNCTION)
    left_out = (text[:begin] + text[end:]).replace(CALL, "")
    if text.count(CALL) != 1:
        msg = f"{watches}: the call is there {text.count(CALL)} times, once is known"
        raise RuntimeError(msg)
    watches.write_text(left_out, encoding="utf-8")
    lines = loop.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if KEPT not in line]
    if len(lines) - len(left) != 2:
        msg = f"{loop}: {len(lines) - len(left)} lines with {KEPT}, 2 are known"
        raise RuntimeError(msg)
    loop.write_text("".join(left), encoding="utf-8")
    return folder


def row(name: str, times: list[tuple[float, float]], **more: object) -> dict[str, Any]:
    """Return what the first of a pair took over the second: median, quartiles, number of pairs."""
    ratios = [one / other for one, other in times]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    found = {"name": name, "ratio": round(middle, 4), "quartiles": [round(low, 4), round(high, 4)]}
    return found | {"pairs": len(ratios)} | more


def off(pairs: int, count: int, starts: int) -> None:
    """Say what code for recording costs a model that records nothing.

    A process keeps what its memory happens to be laid out like, so that they are started anew.
    """
    times: dict[str, list[tuple[float, float]]] = {}
    same = True
    with tempfile.TemporaryDirectory() as folder:
        roots = ROOT, without_recording(Path(folder)), ROOT
        for _ in range(starts):
            workers = [Worker(root, WORKER, [str(root), "{}", *DESIGNS]) for root in roots]
            for design in DESIGNS:
                asked = [partial(worker.term, design, count) for worker in workers]
                for other, against in ((1, "without the branch"), (2, "itself")):
                    said = alternated(asked[0], asked[other], pairs)
                    same = same and all(a["digest"] == b["digest"] for a, b in said)
                    name = f"off, {design}, kernel, against {against}"
                    paired = [(here["ms"], there["ms"]) for here, there in said]
                    times.setdefault(name, []).extend(paired)
            for worker in workers:
                worker.close()
    for name, measured in times.items():
        say(row(name, measured, same=same))


def on(name: str, model: Model, made: Model, run: Ready, pairs: int) -> None:
    """Say what a run of the second model, which records, takes over one of the first."""
    rows: list[int] = []

    def timed(runner: Callable[[int], Batch]) -> Callable[[int], tuple[float, Batch]]:
        runner(0)

        def turn(k: int) -> tuple[float, Batch]:
            began = time.thread_time()
            batch = runner(k)
            return time.thread_time() - began, batch

        return turn

    found = alternated(timed(run(made)), timed(run(model)), pairs)
    for (_, watched), (_, plain) in found:
        assert watched.values.tobytes() == plain.values.tobytes()
        assert watched.events.tobytes() == plain.events.tobytes()
        rows.append(len(watched.changes))
    events = [int(batch.events.sum()) for _, (_, batch) in found]
    times = [(one[0], other[0]) for one, other in found]
    say(row(name, times, rows_per_event=round(sum(rows) / sum(events), 3)))


def compiled(
    horizon: float,
    window: float | None,
    count: int,
    *,
    plain: bool | None = None,
    sleep: bool = False,
) -> Ready:
    """Return how the kernel is run: a function of the model, then of the number of a turn.

    Dormant sets tick, since what is recorded of them cannot sleep, unless they may ``sleep``.
    """

    def ready(model: Model) -> Callable[[int], Batch]:
        runner = Runner(model, horizon, window)
        if plain is not None:
            runner.plain = plain
        return lambda k: runner.batch(1, k * count, count, sleep=sleep)

    return ready


def interpreted(horizon: float, count: int) -> Ready:
    """Return how the reference engine is run."""
    return lambda model: (
        lambda k: reference.simulate(model, horizon=horizon, first=k * count, count=count)
    )


def recorded(model: Model, resolved: Resolved) -> dict[str, Model]:
    """Return a design's model with ever more of it recorded."""
    backups = {name for name, part in resolved.parts.items() if part.has(COPIES)}
    names = [element.name for element in model.elements]
    quiet = [name for name in names if name.partition("/")[0] not in backups]
    return {
        "roles": recording(model, gates=[f"role.{role}" for role in resolved.roles]),
        "all but backups": recording(model, elements=quiet),
        "all elements": recording(model, elements=names),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=101, help="how often both take their turn")
    parser.add_argument("--terms", type=int, default=16, help="replications a turn of the kernel")
    parser.add_argument("--starts", type=int, default=5, help="how often processes are started")
    parser.add_argument("--only-off", action="store_true", help="leave out what is recorded")
    options = parser.parse_args()
    pairs = options.pairs
    off(max(9, pairs // options.starts), options.terms, options.starts)
    if options.only_off:
        return
    for name in DESIGNS:
        resolved = load(ROOT / "models" / "designs" / f"{name}.yaml").resolved
        term, model = resolved.contract.number("term"), build(resolved).model
        kernel = compiled(term, YEAR, options.terms)
        sleeping = compiled(term, YEAR, options.terms, sleep=True)
        for what, made in recorded(model, resolved).items():
            on(f"on, {name}, kernel, {what}", model, made, kernel, pairs)
            on(f"on, {name}, kernel, {what}, may sleep", model, made, sleeping, pairs)
        on(f"on, {name}, reference", model, made, interpreted(YEAR / 4, 1), max(15, pairs // 6))
    job = common_job(role=True)
    made = recording(job, elements=[element.name for element in job.elements])
    for plain, what in ((True, "plain"), (False, "full")):
        kernel = compiled(MISSION, None, 16 * options.terms, plain=plain)
        on(f"on, common-job, {what} kernel", job, made, kernel, pairs)
    on("on, common-job, reference", job, made, interpreted(MISSION, 4), max(15, pairs // 3))


if __name__ == "__main__":
    main()
