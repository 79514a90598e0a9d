"""A bar that shows how far something is, and the time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ProgressBar:
    """A progress bar with the time left, for a terminal or a notebook; quiet when piped."""

    def __enter__(self) -> Callable[[float, str], None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self.shown = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            # Where nobody looks it would still print an empty line.
            disable=not (console.is_terminal or console.is_jupyter),
        )
        self.shown.start()
        task = self.shown.add_task("getting ready", total=1.0)

        def show(share: float, text: str) -> None:
            self.shown.update(task, completed=share, description=text)

        return show

    def __exit__(self, *_: object) -> None:
        self.shown.stop()
