"""Stages on a Dask cluster of other processes: the same table, and what is said when it goes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.errors import PacsimError
from pacsim.studies import dask_bench
from pacsim.studies.driver import StudyDriver, run_study
from tests.unit.studies.made import checks, small, staged, study
from tests.unit.studies.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def made(workers: int) -> Any:
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with made(3) as found:
        yield found


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    run_study(staged(), folder, workers=0)
    return folder


def test_three_workers_give_the_same_table(tmp_path: Path, cluster: Any, alone: Path) -> None:
    outcome = run_study(staged(), tmp_path, scheduler=cluster.scheduler_address)
    assert (outcome.done, outcome.stages) == (4, 32)
    assert table(staged(), tmp_path) == table(staged(), alone)


def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path, cluster: Any, alone: Path) -> None:
    killed: list[int] = []

    def progress(_: float, said: str) -> None:
        if not killed and "0 terms" not in said:
            with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
                killed.extend(client.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    address = cluster.scheduler_address
    outcome = run_study(staged(), tmp_path, scheduler=address, progress=progress)
    assert killed
    assert (outcome.done, outcome.failed) == (4, [])
    assert table(staged(), tmp_path) == table(staged(), alone)


def test_a_point_that_raises_is_named(tmp_path: Path, cluster: Any) -> None:
    from pacsim.studies.study_values import Dimension

    zero = {"parts.server.ttf": {"exactly": "0 s"}, "parts.server.ttr": {"exactly": "0 s"}}
    one = study(Dimension("fault", ("seldom", "always"), ({}, zero)))
    outcome = run_study(one, tmp_path, scheduler=cluster.scheduler_address)
    assert outcome.done == 1
    assert [(x.point.number, "server" in x.why) for x in outcome.failed] == [(2, True)]


def test_a_scheduler_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_bench, "PATIENCE", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "localhost:1"):
        with pytest.raises(PacsimError, match=r"no Dask scheduler answers at .*dask scheduler"):
            run_study(study(checks("2 h")), tmp_path, scheduler=address)


def test_a_scheduler_without_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_bench, "PATIENCE", 3.0)
    with made(0) as empty, pytest.raises(PacsimError, match="has no workers; begin some"):
        run_study(study(checks("2 h")), tmp_path, scheduler=empty.scheduler_address)


def test_workers_of_another_version_are_refused(cluster: Any) -> None:
    address = cluster.scheduler_address
    with (
        distributed.Client(address, set_as_default=False) as client,
        pytest.raises(PacsimError, match=r"have other versions than pacsim 0\.0\.1 here"),
    ):
        dask_bench._check_workers(client, address, "pacsim 0.0.1")


@contextmanager
def programs(
    folder: Path,
) -> Iterator[tuple[str, subprocess.Popen[bytes], subprocess.Popen[bytes]]]:
    """Begin a scheduler and a worker as a user does; yield the address, and both."""
    said = folder / "scheduler.json"
    path = os.environ | {"PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m"]
    asked = ["--scheduler-file", str(said), "--no-dashboard"]
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": path,
    }
    scheduler = subprocess.Popen(
        [*run, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *asked],
        **quiet,
    )
    worker = subprocess.Popen(
        [*run, "distributed.cli.dask_worker", *asked, "--nthreads", "1", "--no-nanny"], **quiet
    )
    try:
        deadline = time.monotonic() + 60.0
        while not said.exists() or not said.read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield json.loads(said.read_text())["address"], scheduler, worker
    finally:
        for one in (worker, scheduler):
            one.kill()
            one.wait()


def test_a_scheduler_that_dies_leaves_a_store_to_go_on_with(
    tmp_path: Path, alone: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with programs(tmp_path) as (address, scheduler, _):

        def progress(_: float, said: str) -> None:
            if " 0 terms" not in said:
                scheduler.kill()

        with (
            StudyDriver(staged(), tmp_path / "out", scheduler=address, progress=progress) as driver,
            pytest.raises(PacsimError, match="does not answer any more; what was finished is kept"),
        ):
            driver.run()
    there = driver.outcome.stages
    assert 0 < there < 32
    assert "Traceback" not in capfd.readouterr().err
    assert run_study(staged(), tmp_path / "out", workers=0).stages == 32 - there
    assert table(staged(), tmp_path / "out") == table(staged(), alone)


def test_a_cluster_that_loses_all_its_workers_is_given_up(
    tmp_path: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sees: a driver that waits for ever for workers that nobody begins again."""
    monkeypatch.setattr(dask_bench, "ALONE", 4.0)
    with programs(tmp_path) as (address, _, worker):

        def progress(_: float, said: str) -> None:
            if " 0 terms" not in said:
                worker.kill()

        with (
            StudyDriver(staged(), tmp_path / "out", scheduler=address, progress=progress) as driver,
            pytest.raises(PacsimError, match="has had no workers for 4 s; what was finished is"),
        ):
            driver.run()
    there = driver.outcome.stages
    assert 0 < there < 32
    assert run_study(staged(), tmp_path / "out", workers=0).stages == 32 - there
    assert table(staged(), tmp_path / "out") == table(staged(), alone)


def test_somebody_else_at_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says nothing, or does not know what is wanted. Sees: waiting for ever, a traceback."""
    monkeypatch.setattr(dask_bench, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        addresses = [f"tcp://127.0.0.1:{silent.getsockname()[1]}", "tls://127.0.0.1:1"]
        for address in addresses:
            with pytest.raises(PacsimError, match=r"no Dask scheduler answers at .*dask scheduler"):
                run_study(study(checks("2 h")), tmp_path, scheduler=address)


def test_a_cluster_is_not_asked_for_what_is_there(tmp_path: Path) -> None:
    one = study(checks("2 h"), designs=[small()])
    run_study(one, tmp_path, workers=0)
    assert run_study(one, tmp_path, scheduler="tcp://127.0.0.1:1").stages == 0
