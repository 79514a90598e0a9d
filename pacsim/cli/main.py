"""The command ``pacsim``: an application to which every command registers itself.

Importing this module is cheap; commands import what they need when they run.
"""

from __future__ import annotations

import importlib
import signal
import sys
from typing import Annotated

import typer

MODULES = (
    "check", "show", "schema", "catalogue", "capacity", "simulating", "sweep", "tornado_command",
    "scoring_command",
    "replaying", "drawing",
)  # fmt: skip
"""Modules of `pacsim.cli` with commands, in the order of the help."""
FINE, WRONG, USAGE, UNREACHED, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes."""


def tell_version(asked: bool) -> None:
    """Print the version and leave, if asked."""
    if asked:
        from pacsim import __version__

        typer.echo(f"pacsim {__version__}")
        raise typer.Exit(FINE)


def application() -> typer.Typer:
    """Return the application with every command there is.

    Examples
    --------
    >>> [command.name for command in application().registered_commands][:2]
    ['check', 'show']
    """
    app = typer.Typer(
        name="pacsim",
        help="Availability simulator for medical-image archives (PACS).",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        _version: Annotated[
            bool,
            typer.Option(
                "--version",
                help="Print the version and leave.",
                is_eager=True,
                callback=tell_version,
            ),
        ] = False,
    ) -> None:
        """Availability simulator for medical-image archives (PACS)."""

    for name in MODULES:
        importlib.import_module(f"pacsim.cli.{name}").register(app)
    return app


def run() -> None:
    """Run the command line; errors made on purpose are printed without a traceback."""
    from pacsim.errors import PacsimError

    try:
        application()()
    except PacsimError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(WRONG)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201
        sys.exit(INTERRUPTED)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            # Asked once more it is over at once, without a traceback of what is being left.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FINE)
