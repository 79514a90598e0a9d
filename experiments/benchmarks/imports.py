"""How long starting takes: ``import pacsim`` and the command line's help, above bare Python."""

import statistics
import subprocess
import sys
import time

REPETITIONS = 9
PROGRAMS = {
    "python, nothing": ["-c", "pass"],
    "import pacsim": ["-c", "import pacsim"],
    "import pacsim.core": ["-c", "import pacsim.core"],
    "import pacsim.engines.kernel": ["-c", "import pacsim.engines.kernel"],
    "python -m pacsim --help": ["-m", "pacsim", "--help"],
}


def seconds(arguments: list[str]) -> float | None:
    """Return the median time of a program; None if it fails."""
    spent = []
    for _ in range(REPETITIONS):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
        spent.append(time.perf_counter() - began)
        if done.returncode != 0:
            return None
    return statistics.median(spent)


def main() -> None:
    bare = seconds(PROGRAMS["python, nothing"]) or 0.0
    for name, arguments in PROGRAMS.items():
        found = seconds(arguments)
        text = (
            "fails" if found is None else f"{found:.3f} s, {found - bare:+.3f} s above bare Python"
        )
        sys.stdout.write(f"{name:32} {text}\n")


if __name__ == "__main__":
    main()
