"""How long the kernels take to compile on a machine that has never run them, one after another."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.warm import KERNELS  # noqa: E402


def seconds(kernel: str, folder: str) -> str:
    """Return what one kernel took, with its cache in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.warm", kernel],
        cwd=ROOT,
        env=os.environ | {"XDG_CACHE_HOME": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().removeprefix(f"{kernel} kernel: ")


def main() -> None:
    for kernel in KERNELS:
        with tempfile.TemporaryDirectory() as folder:
            cold, kept = seconds(kernel, folder), seconds(kernel, folder)
        sys.stdout.write(f"{kernel} kernel: {cold} to compile, {kept} from the disk\n")


if __name__ == "__main__":
    main()
