"""Run the command line with ``python -m pacsim``."""

from pacsim.cli.main import run

if __name__ == "__main__":
    run()
