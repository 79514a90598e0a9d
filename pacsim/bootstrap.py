"""Set pacsim up on a machine that has only Python, then run it: ``python3 -m pacsim.bootstrap``.

Standard library only, in syntax that old Pythons read, so that a Python that cannot be used is
refused in plain words instead of with a traceback.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

from pacsim import __version__

OLDEST = (3, 11)
NEWEST = (3, 14)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME = os.path.join(ROOT, ".venv")
PROCESSES = 4
"""Each takes some 600 MB."""
ALL_TESTS = ["-n", "logical", "--maxprocesses", str(PROCESSES), "--dist", "worksteal"]
USAGE = (
    """usage: python3 -m pacsim.bootstrap COMMAND

  compare [ARGS]   compare the designs that ship with pacsim
  test             run all tests, in up to %d processes
  test ARGS        run some of them in one process; ARGS go to pytest:
                     test -k overlay              whose name has a word
                     test tests/unit/design -x    of a folder, to the first failure
                     test -m "not slow" -n 2      the quick ones, in two processes
  run ARGS         run any pacsim command
  install          only make the environment
"""
    % PROCESSES
)


def main(arguments: "list[str]") -> int:
    """Return the exit code of the command that was asked for."""
    if not (OLDEST <= sys.version_info[:2] <= NEWEST):
        print(
            "pacsim needs Python %d.%d to %d.%d; this is Python %d.%d (%s).\n"
            "Run the same command with another one, for example python3.%d."
            % (OLDEST + NEWEST + sys.version_info[:2] + (sys.executable, OLDEST[1])),
            file=sys.stderr,
        )
        return 2
    if not arguments or arguments[0] not in ("compare", "test", "run", "install"):
        print(USAGE, file=sys.stderr)
        return 2
    command, rest = arguments[0], arguments[1:]
    try:
        python = environment("dev" if command == "test" else "")
    except subprocess.CalledProcessError as error:
        print("setting up failed: %s" % " ".join(map(str, error.cmd)), file=sys.stderr)
        if not any(importlib.util.find_spec(name) for name in ("ensurepip", "pip")):
            print(
                "This Python has neither ensurepip nor pip; on Debian or Ubuntu:\n"
                "  apt install python3-venv",
                file=sys.stderr,
            )
        return 1
    except KeyboardInterrupt:
        print("\nset-up interrupted; the next call starts it again", file=sys.stderr)
        return 130
    if command == "install":
        return 0
    if command == "test":
        call = [python, "-m", "pytest", *(rest or ALL_TESTS)]
    elif command == "run":
        call = [python, "-m", "pacsim", *rest]
    else:
        designs = os.path.join(ROOT, "models", "designs")
        names = [name for name in os.listdir(designs) if name.endswith(".yaml")]
        # The plainest design comes first: it is what the others are held to.
        names.sort(key=lambda name: (name != "single-server.yaml", name))
        shipped = [os.path.join("models", "designs", name) for name in names]
        named = any(argument.endswith((".yaml", ".yml")) for argument in rest)
        call = [python, "-m", "pacsim", "compare", *([] if named else shipped), *rest]
    return become(call)


def become(call: "list[str]") -> int:
    """Run a program in the place of this one, so that Ctrl-C and signals are its own affair.

    A parent would kill it a moment after Ctrl-C, while it still tells what it has so far.
    """
    if os.name == "posix":
        os.chdir(ROOT)
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(call[0], call)
    return subprocess.call(call, cwd=ROOT)


def environment(extra: str) -> str:
    """Return the interpreter of the environment, which is made or renewed if it is stale."""
    python = os.path.join(HOME, "Scripts" if os.name == "nt" else "bin", "python")
    stamp = os.path.join(HOME, "pacsim-%s.stamp" % (extra or "core"))
    wanted = fingerprint()
    if os.path.exists(stamp) and os.path.exists(python):
        with open(stamp, encoding="utf-8") as file:
            if file.read() == wanted:
                return python
    if not works(python):
        print("making %s ..." % HOME, file=sys.stderr)
        shutil.rmtree(HOME, ignore_errors=True)
        make(python)
    target = ROOT + ("[%s]" % extra if extra else "")
    print("installing pacsim and what it needs (about a minute) ...", file=sys.stderr)
    options = [
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        os.path.join(ROOT, "constraints.txt"),
    ]
    subprocess.check_call([*installer(python), "install", *options, "-e", target])
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(wanted)
    return python


def fingerprint() -> str:
    """Return a hash of what the environment is made from."""
    # An editable installation notes the version when it is made.
    digest = hashlib.sha256((sys.version + __version__).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def works(python: str) -> bool:
    """Return whether an interpreter is there and starts."""
    return (
        os.path.exists(python)
        and subprocess.call([python, "-c", "pass"], stderr=subprocess.DEVNULL) == 0
    )


def make(python: str) -> None:
    """Make the environment, with ensurepip if there is one and with the system's pip if not."""
    call = [sys.executable, "-m", "venv", HOME]
    nowhere = subprocess.DEVNULL
    if subprocess.call(call, stdout=nowhere, stderr=nowhere) == 0 and works(python):
        return
    shutil.rmtree(HOME, ignore_errors=True)
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", HOME])


def installer(python: str) -> "list[str]":
    """Return the command that installs into the environment."""
    if (
        subprocess.call(
            [python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        == 0
    ):
        return [python, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", python]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
