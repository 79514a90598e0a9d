"""How long the event kernels take to compile on a machine that has never run them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import sys, time
from case import MISSION
from model import common_job
from pacsim.engines.kernel import Runner
runner = Runner(common_job(role=True), MISSION)
runner.plain = sys.argv[1] == "plain"
began = time.perf_counter()
runner.prepare()
print(f"{time.perf_counter() - began:.1f}")
"""


def seconds(kernel: str, folder: str) -> str:
    """Return how long one kernel took, with its cache in a folder."""
    environment = os.environ | {"XDG_CACHE_HOME": folder}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kernel],
        cwd=Path(__file__).parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def main() -> None:
    for kernel in ("plain", "full"):
        with tempfile.TemporaryDirectory() as folder:
            cold, kept = seconds(kernel, folder), seconds(kernel, folder)
        sys.stdout.write(f"{kernel} kernel: {cold} s to compile, {kept} s from the disk\n")


if __name__ == "__main__":
    main()
