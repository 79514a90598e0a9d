"""Stages on a Dask cluster that is there; loaded only if a scheduler is named."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from pacsim.errors import PacsimError
from pacsim.studies.executors import AHEAD, Bench, Benches
from pacsim.studies.stages import versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from distributed import Client

TALKERS = ("distributed.client", "distributed.core")
"""Loggers that tell of a lost scheduler with tracebacks; here it is said in words."""
PATIENCE = 15.0
"""Seconds in which a scheduler has to answer, and to have a worker."""


ASK, ALONE = 2.0, 60.0
"""Seconds between looks at whether there are workers, and without any after which it is given up:
one that has died is replaced in less, where somebody replaces it."""


class DaskBench(Bench):
    """All workers of a cluster.

    Parameters
    ----------
    client : Client
        Connected to it.
    address : str
        Of its scheduler.
    workers : int
        Threads of all workers.
    """

    def __init__(self, client: Client, address: str, workers: int) -> None:
        super().__init__(AHEAD * workers)
        self._client, self._address = client, address
        self._asked = self._manned = time.monotonic()
        self._levels = {name: logging.getLogger(name).level for name in TALKERS}
        for name in TALKERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # Every stage is run, also one that was run before: what is kept is in the store.
        self._executor = client.get_executor(pure=False, retries=0)

    def executor(self) -> Executor:
        """Return what stages are submitted to."""
        return self._executor  # type: ignore[no-any-return]

    def renew(self) -> None:
        """Do nothing: the cluster replaces workers that die."""

    def trouble(self) -> str:
        """Return whether the scheduler is gone, or has had no workers for long."""
        if self._client.status != "running":
            return f"the Dask scheduler at {self._address} does not answer any more"
        now = time.monotonic()
        if now >= self._asked + ASK:
            self._asked = now
            with suppress(Exception):
                if self._client.nthreads():
                    self._manned = now
        if now < self._manned + ALONE:
            return ""
        return f"the Dask scheduler at {self._address} has had no workers for {ALONE:.0f} s"

    def close(self) -> None:
        """Take back what waits or runs there, and leave the cluster as it was."""
        with suppress(Exception):
            self._executor.shutdown(wait=False)
        with suppress(Exception):
            self._client.close(timeout=2)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


def dask_benches(address: str) -> Benches:
    """Return the workers of a cluster, each with the same versions as this process.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    PacsimError
        If Dask is not installed, nobody answers, no worker is there, or one has other versions.
    """
    try:
        from distributed import Client
    except ImportError as error:
        msg = "--scheduler needs Dask: pip install 'pacsim[dask]'"
        raise PacsimError(msg) from error
    client = _connected(lambda: Client(address, timeout=PATIENCE, set_as_default=False))
    if client is None:
        msg = (
            f"no Dask scheduler answers at {address}; begin one with dask scheduler, and name the "
            "address that it prints, such as tcp://10.0.0.1:8786"
        )
        raise PacsimError(msg)
    try:
        _check_workers(client, address, versions())
    except BaseException:
        client.close(timeout=2)
        raise
    count = sum(client.nthreads().values())
    return Benches([DaskBench(client, address, count)], count)


def _connected(connect: Callable[[], Client]) -> Client | None:
    """Return a client; None if there is none in time.

    Where something listens that is no scheduler and says nothing, Dask waits for ever. Where an
    address is none it raises whatever its parts do, such as a TypeError.
    """
    found: list[Client] = []

    def work() -> None:
        with suppress(Exception):
            found.append(connect())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(2 * PATIENCE)
    return found[0] if found else None


def _check_workers(client: Client, address: str, here: str) -> None:
    """Refuse a cluster without workers, or with some that would give other figures."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        msg = f"the Dask scheduler at {address} has no workers; begin some with dask worker"
        raise PacsimError(msg) from error
    try:
        found = client.run(versions)
    except Exception as error:
        msg = f"a worker at {address} cannot load pacsim ({error}); install it there as here"
        raise PacsimError(msg) from error
    other = sorted({f"{worker} has {said}" for worker, said in found.items() if said != here})
    if other:
        said = "\n  ".join(other)
        msg = (
            f"workers at {address} have other versions than {here} here:\n  {said}\n"
            "install the same everywhere: figures may differ in last digits"
        )
        raise PacsimError(msg)
