"""Run every benchmark on one core, one after the other, and print a table of ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCRIPTS = ("simpy_common_job.py", "compiled.py", "reference.py", "designs.py", "traffic.py")
REPYABILITY = ("repyability==0.15.*", "numba")
UNIT = "SimPy, lean"


def on_one_core(python: str, script: str) -> list[dict[str, Any]]:
    """Run a script pinned to one core; return the lines it prints."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [python, str(HERE / script)],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(f"{script} is left out:\n{done.stderr.strip()}\n")
        return []
    return [json.loads(line) for line in done.stdout.splitlines()]


def repyability_python() -> str | None:
    """Return a Python with RePyability, installed apart from the project if it is not yet there."""
    folder = Path(tempfile.gettempdir()) / "pacsim-repyability"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / "complete").exists():
        return str(python)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", str(folder)],
        [*pip, *REPYABILITY],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.stderr.write(f"RePyability is left out, it cannot be installed:\n{done.stderr}\n")
            return None
    (folder / "complete").touch()
    return str(python)


def processor() -> str:
    """Return the processor's name."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    names = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.processor()


def table(lines: list[dict[str, Any]]) -> str:
    """Return the lines as a table in Markdown."""
    unit = next((line["ns_per_event"] for line in lines if line["name"] == UNIT), None)
    rows = ["| program | ns per event | times lean SimPy | first call | downtime (exact 12.43 h) |"]
    rows.append("|---|---:|---:|---:|---:|")
    for line in lines:
        ratio = "" if unit is None else f"{unit / line['ns_per_event']:.3g}"
        first = f"{line['first_call_seconds']} s" if "first_call_seconds" in line else ""
        hours = line.get("mean_down_hours", "")
        rows.append(
            f"| {line['name']} | {line['ns_per_event']:.4g} | {ratio} | {first} | {hours} |"
        )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int, help="which processor; by default the last one")
    parser.add_argument("--without-repyability", action="store_true")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        core = max(os.sched_getaffinity(0)) if options.core is None else options.core
        os.sched_setaffinity(0, {core})
    lines = [line for script in SCRIPTS for line in on_one_core(sys.executable, script)]
    other = None if options.without_repyability else repyability_python()
    if other is not None:
        lines += on_one_core(other, "repyability_common_job.py")
    sys.stdout.write(f"{processor()}, Python {platform.python_version()}")
    for name in ("numba", "numpy", "simpy"):
        try:
            sys.stdout.write(f", {name} {version(name)}")
        except PackageNotFoundError:
            continue
    sys.stdout.write("\n\n" + table(lines) + "\n")


if __name__ == "__main__":
    main()
