"""``pacsim catalogue``: one sourced parameter, a search, or the whole list."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pacsim.design.catalogue_entries import Entry


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("catalogue")
    def show(
        text: Annotated[
            str, typer.Argument(metavar="[ID|TEXT]", help="An entry, a bundle or words.")
        ] = "",
    ) -> None:
        """Print a sourced parameter, a bundle, or the entries in which words occur."""
        from pacsim.design.catalogue_entries import catalogue

        known = catalogue()
        if text in known.entries:
            typer.echo("\n".join(page(known.entries[text])))
            using = [
                f"{bundle}.{slot}"
                for bundle, ids in known.bundles.items()
                for slot, entry in ids.items()
                if entry == text
            ]
            if using:
                typer.echo(f"bundles    {', '.join(using)}")
            return
        if text in known.bundles:
            for slot, name in known.bundles[text].items():
                typer.echo(f"{slot:<20} {line(known.entries[name])}")
            return
        found = [entry for entry in known.entries.values() if matches(entry, text)]
        if not found:
            from pacsim.files.problems import near

            hint = near(text, [*known.entries, *known.bundles])
            hint = f"; {hint}" if hint.startswith("did you mean") else ""
            typer.echo(f'nothing in the catalogue has "{text}"{hint}', err=True)
            raise typer.Exit(1)
        for entry in found:
            typer.echo(line(entry))


def matches(entry: Entry, text: str) -> bool:
    """Return whether every word of a text occurs in an entry."""
    held = " ".join((entry.id, entry.part, entry.component, entry.parameter)).lower()
    return all(word in held for word in text.lower().split())


def line(entry: Entry) -> str:
    """Return an entry in one line."""
    shown = ", ".join(f"{key} {value}" for key, value in entry.value.items())
    return f"{entry.id:<34} {entry.status:<9} {entry.parameter}: {shown} {entry.unit}".rstrip()


def page(entry: Entry) -> list[str]:
    """Return an entry in full."""
    law = ", ".join(f"{key} {value}" for key, value in entry.law.items())
    rows = (
        ("id", entry.id),
        ("part", f"{entry.part}, {entry.component}"),
        ("parameter", entry.parameter),
        ("kind", entry.kind),
        ("unit", entry.unit),
        ("value", ", ".join(f"{key} {value}" for key, value in entry.value.items())),
        ("law", law),
        ("covers", entry.covers),
        ("read under", entry.read_under),
        ("hours", entry.hours),
        ("status", entry.status),
        ("source", entry.source),
        ("where", entry.where),
        ("note", entry.note),
    )
    return [
        textwrap.fill(text, 96, initial_indent=f"{key:<10} ", subsequent_indent=" " * 11)
        for key, text in rows
        if text
    ]
