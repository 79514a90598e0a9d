"""A study run by several processes: the same table to the bit, whoever is killed and when."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.errors import PacsimError
from pacsim.studies.driver import StudyDriver, run_study
from pacsim.studies.store import Store
from pacsim.studies.study_values import Stopping
from tests.killed_studies import DRIVER, WORKER, killed
from tests.unit.studies.made import DOWN, checks, study
from tests.unit.studies.made import staged as asked
from tests.unit.studies.tables import table

if TYPE_CHECKING:
    from pacsim.studies.study import Study

ROOT = Path(__file__).parents[3]
KILLS = 12


def precise() -> Study:
    values = checks("1 h", "2 h", "4 h", "8 h", "12 h", "16 h")
    return study(values, stopping=Stopping(of=DOWN, relative=0.03))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    run_study(asked(), folder, workers=0)
    return folder


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_table_from_processes(tmp_path: Path, workers: int) -> None:
    one = precise()
    outcome = run_study(one, tmp_path / "many", workers=workers)
    assert outcome.done == 6
    run_study(one, tmp_path / "one", workers=0)
    assert table(one, tmp_path / "many") == table(one, tmp_path / "one")


@pytest.mark.parametrize("threads", [1, 4])
def test_threads_of_a_single_point(tmp_path: Path, alone: Path, threads: int) -> None:
    """Sees: batches of threads added in the order in which they end."""
    with StudyDriver(asked(), tmp_path, only={2}, workers=None) as driver:
        driver._made = lambda points: _threads(driver, points, threads)  # type: ignore[method-assign]
        driver.run()
    one = asked()
    key = one.points[1].key
    with Store(tmp_path) as found, Store(alone) as known:
        assert found.tally(key, 1) == known.tally(key, 1)
        assert found.figures(key, 1) == known.figures(key, 1)


def _threads(driver: StudyDriver, points: int, threads: int) -> Any:
    from pacsim.studies.executors import Benches

    made = Benches.local(0, points)
    made.workers = 2 * threads
    return made


def test_kills_in_every_state_change_nothing(tmp_path: Path, alone: Path) -> None:
    """Sees: a stage written in two transactions; a tally kept whose stage is not."""
    fell = killed(asked, tmp_path / "killed", KILLS, seed=1)
    sys.stdout.write(f"kills: {dict(fell)}\n")
    assert fell.total() >= KILLS
    assert set(fell) == {*DRIVER, WORKER}
    assert table(asked(), tmp_path / "killed") == table(asked(), alone)


def test_a_store_that_is_half_written_is_whole(tmp_path: Path) -> None:
    """The log of the store cut off anywhere: what a loss of power leaves."""
    one = study(checks("2 h", "4 h", "8 h"), stopping=Stopping(replications=128))
    stages = {}
    with StudyDriver(one, tmp_path / "open", workers=0) as driver:
        driver.run()
        size = (tmp_path / "open" / "study.sqlite-wal").stat().st_size
        for end in (0, 40, size // 2, size * 4 // 5, size - 1, size):
            cut = tmp_path / f"cut{end}"
            cut.mkdir()
            for ending in ("", "-wal"):
                shutil.copy(tmp_path / "open" / f"study.sqlite{ending}", cut)
            os.truncate(cut / "study.sqlite-wal", end)
            outcome = run_study(one, cut, workers=0)
            assert outcome.done == 3
            stages[end] = outcome.stages
    for end in stages:
        assert table(one, tmp_path / f"cut{end}") == table(one, tmp_path / "open")
    assert stages[0] == 3
    assert stages[size - 1] == 1
    assert stages[size] == 0


def test_no_room_is_said_and_nothing_is_lost(
    tmp_path: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = asked()
    opened = Store._opened

    def small(store: Store, *, write: bool) -> Any:
        base = opened(store, write=write)
        base.execute("PRAGMA max_page_count = 22")
        return base

    with monkeypatch.context() as patched:
        patched.setattr(Store, "_opened", small)
        with pytest.raises(PacsimError, match=r"study.sqlite: there is no room .* make room, then"):
            run_study(one, tmp_path, workers=0)
    with Store(tmp_path) as store:
        there, _ = store.counted()
    assert 0 < there < 32
    assert run_study(one, tmp_path, workers=0).stages == 32 - there
    assert table(one, tmp_path) == table(one, alone)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are of POSIX")
def test_a_file_that_may_not_grow(tmp_path: Path, alone: Path) -> None:
    """As a full disk does: writing fails in the middle of a file."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, before[1]))
        with pytest.raises(PacsimError, match=r"there is no room .* nothing that was finished"):
            run_study(asked(), tmp_path, workers=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handled)
    assert 0 < run_study(asked(), tmp_path, workers=0).stages < 32
    assert table(asked(), tmp_path) == table(asked(), alone)


POISON = '''
"""Parts that are harmless where points are looked at, and not in a worker."""
import multiprocessing, os, signal
from pacsim.parts.repair import repaired
from pacsim.parts.slots import RecordType, life, work


def build(context, part):
    unit = repaired(context, part, "unit", "fails", "repair")
    context.m.gate(f"{part.name}.ok", unit == "up")
    if multiprocessing.parent_process() is None:
        return
    if part.type == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError("this part cannot count")


def kind(name):
    slots = (life("fails", "time to failure", also="ttf"),
             work("repair", "hands-on repair", also="ttr", counted=True))
    return RecordType(name=name, doc="A bad part.", slots=slots, bundle=False, build=build)


POISON, RAISING = kind("poison"), kind("raising")
'''
SCRIPT = """
import sys
from pathlib import Path
from tests.unit.studies.made import NET, SERVER, dimension, small, study
from pacsim.studies.driver import run_study

bad = [dict(SERVER) | {"type": kind} for kind in ("component", "poison", "component", "raising")]
bad[2]["ttr"] = "3 h"
one = study(dimension("server", "parts.server", bad))
outcome = run_study(one, Path(sys.argv[1]), workers=2)
print(outcome.done, outcome.points)
for failed in outcome.failed:
    print(failed.point.number, failed.file.name, failed.why.replace(chr(10), " "))
"""


@pytest.mark.slow
def test_points_that_raise_or_kill_their_worker_are_named(tmp_path: Path) -> None:
    """As a script without a guard, which workers must not run once more."""
    from tests.outsider.installing import install

    (tmp_path / "bad_parts.py").write_text(POISON)
    points = {"poison": "bad_parts:POISON", "raising": "bad_parts:RAISING"}
    install(tmp_path, "bad-parts", {"pacsim.parts": points})
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out")],
        capture_output=True, text=True, timeout=100, check=False,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    lines = sorted(ran.stdout.splitlines())
    assert lines[:1] == ["2 4"], ran.stderr
    assert lines[1] == (
        "2 point-2.yaml its worker died 2 times while it was run: killed, or out of memory"
    )
    assert lines[2] == "4 point-4.yaml RuntimeError: this part cannot count"
    assert "poison" in (tmp_path / "out" / "failed" / "point-2.yaml").read_text()


@pytest.mark.usefixtures("heard")
def test_an_interrupt_ends_it_between_stages(tmp_path: Path, alone: Path) -> None:
    """Sees: an interrupt that leaves workers behind, or a stage half kept."""
    interrupted: list[int] = []

    def progress(share: float, _: str) -> None:
        if share > 0.0 and not interrupted:
            interrupted.append(1)
            os.kill(os.getpid(), signal.SIGINT)

    with StudyDriver(asked(), tmp_path, workers=2, progress=progress) as driver:
        outcome = driver.run()
        workers = [n for x in driver._benches.benches for n in x.processes()]  # type: ignore[union-attr]
    assert outcome.interrupted
    assert 0 < outcome.stages < 32
    assert workers
    deadline = time.monotonic() + 10.0
    while any(_alive(number) for number in workers):
        assert time.monotonic() < deadline, "workers go when the driver does"
        time.sleep(0.02)
    assert run_study(asked(), tmp_path, workers=0).stages == 32 - outcome.stages
    assert table(asked(), tmp_path) == table(asked(), alone)


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_failed_design_reproduces_it(tmp_path: Path) -> None:
    from pacsim.studies.study_values import Dimension

    zero = {"parts.server.ttf": {"exactly": "0 s"}, "parts.server.ttr": {"exactly": "0 s"}}
    one = study(Dimension("fault", ("seldom", "always"), ({}, zero)))
    outcome = run_study(one, tmp_path, workers=2)
    (failed,) = outcome.failed
    assert outcome.done == 1
    assert pacsim.load(failed.file).resolved.parts["server"].law("fails").mean() == 0.0
    assert "server" in failed.why
