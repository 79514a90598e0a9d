"""``pacsim schema``: what may be written for a type of part, as a table or a JSON Schema."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pacsim.parts.slots import RecordType, Slot

NUMERIC = (
    "life", "work", "delay", "seconds", "share", "rate", "bit_rate", "size", "throughput",
    "factor", "count", "items", "bytes", "mean", "growth", "years", "timer", "tries",
)  # fmt: skip
LISTS = ("names", "feeds", "needs")
WIDTH, WIDEST = 100, 24
"""Columns of a line; those of a default beside which words are lined up."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("schema")
    def schema(
        kind: Annotated[
            str, typer.Argument(metavar="TYPE", help='A type of part, or "result".')
        ] = "",
        *,
        json: Annotated[bool, typer.Option("--json", help="Print a JSON Schema.")] = False,
    ) -> None:
        """Print what may be written for a type of part; without TYPE, the types."""
        import json as writer

        from pacsim.files.problems import near

        if kind == "result":
            typer.echo(result_schema(), nl=False)
            return
        known = types()
        if kind and kind not in known:
            typer.echo(f'no type "{kind}"; {near(kind, known)}', err=True)
            raise typer.Exit(1)
        if json:
            made = json_schema(known[kind]) if kind else design_schema(known)
            made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
            typer.echo(writer.dumps(made, indent=2, ensure_ascii=False))
        elif kind:
            typer.echo("\n".join(table(known[kind])))
        else:
            wide = max(len(name) for name in known)
            for name, one in known.items():
                typer.echo(f"{name:<{wide}}  {one.doc}")


def result_schema() -> str:
    """Return the JSON Schema of a saved result, as it is published.

    Examples
    --------
    >>> '"const": 2' in result_schema()
    True
    """
    import json

    from pacsim.results.saved import schema

    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def types() -> dict[str, RecordType]:
    """Return every type that has a schema: parts, groups, and the records of a design."""
    from pacsim.parts import design_file, practices, workload
    from pacsim.parts.registry import all_types

    records = (
        design_file.CONTRACT, design_file.ARCHIVE, design_file.ROLE, practices.TYPE,
        practices.SUPPORT, workload.TYPE,
    )  # fmt: skip
    return {**all_types(), **{one.name: one for one in records}}


def table(kind: RecordType, indent: str = "") -> list[str]:
    r"""Return the readable slot table of a type.

    Examples
    --------
    >>> table(types()["clients"])[1]
    '  network  names       not given  switches, links and other parts it is cabled to'
    """
    head, more = f"{indent}{kind.name}: {kind.doc}", f"{indent}  "
    lines = textwrap.wrap(head, WIDTH, initial_indent="", subsequent_indent=more)
    rows = [
        (f"{slot.name}, {slot.also}" if slot.also else slot.name, slot.kind, _default(slot), slot)
        for slot in kind.slots
    ]
    wide = [max((len(row[k]) for row in rows), default=0) for k in range(3)]  # type: ignore[arg-type]
    # A default as long as a list of hours does not move the words of all others.
    wide[2] = min(wide[2], WIDEST)
    for name, what, default, slot in rows:
        choices = f" ({', '.join(slot.options)})" if slot.options else ""
        start = f"{indent}  {name:<{wide[0]}}  {what:<{wide[1]}}  {default:<{wide[2]}}"
        lines += _described(start, f"{slot.doc}{choices}", len(indent) + sum(wide) + 8)
        if slot.record is not None:
            lines += table(slot.record, indent + "    ")
    if kind.unused:
        lines.append(f"{indent}  not modelled, of a bundle:")
        lines += [f"{indent}    {key}: {why}" for key, why in kind.unused.items()]
    return lines


def _described(start: str, words: str, column: int) -> list[str]:
    """Return a slot with its words beside it from a column on, below it where there is no room."""
    if len(start) <= column:
        first = f"{start:<{column}}"
        return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=" " * column)
    indent = " " * column
    return [start, *textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent)]


def _default(slot: Slot) -> str:
    if slot.default is None and slot.traffic is not None:
        there = slot.traffic
        named = there.get("catalogue", "as below") if isinstance(there, dict) else there
        return f"with a workload {named}"
    if slot.default is None:
        return "not given"
    if isinstance(slot.default, dict):
        return str(slot.default.get("catalogue", "as below"))
    if isinstance(slot.default, bool):
        return str(slot.default).lower()
    if isinstance(slot.default, (list, tuple)) and len(slot.default) > 1:
        return f"[{','.join(map(str, slot.default))}]"
    return "none" if slot.default == () else str(slot.default)


def json_schema(kind: RecordType) -> dict[str, Any]:
    """Return the JSON Schema of a type.

    Examples
    --------
    >>> json_schema(types()["clients"])["additionalProperties"]
    False
    """
    from pacsim.parts.registry import all_types, part_types

    properties: dict[str, Any] = {}
    for slot in kind.slots:
        for key in (slot.name, slot.also):
            if key:
                properties[key] = _slot_schema(slot)
    for old, slot_name in kind.moved.items():
        record, key = old.split(".")
        here = properties[record]["anyOf"][0]["properties"]
        here[key] = {**properties[slot_name], "deprecated": True}
    text = ["string", "null"]
    properties["source"] = {"type": text, "description": "origin of its own values"}
    if kind.bundle:
        properties["from"] = {"type": text, "description": "bundle of the catalogue"}
    if kind.name in all_types():
        properties["type"] = {"const": kind.name}
    if kind.name in part_types():
        properties["like"] = {"type": text, "description": "another part"}
        properties["support"] = {"type": ["string", "object", "null"]}
    if kind.name == "support":
        properties["name"] = {"type": text}
    return {
        "title": kind.name,
        "description": kind.doc,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _removable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that takes null as well, with which an overlay removes what a base gives."""
    return {"anyOf": [schema, {"type": "null"}]}


def _slot_schema(slot: Slot) -> dict[str, Any]:
    made: dict[str, Any] = {"description": slot.doc}
    if slot.record is not None:
        inner = json_schema(slot.record)
        if slot.kind == "records":
            inner = {"type": "object", "additionalProperties": _removable(inner)}
        made |= _removable({"anyOf": [inner, {"type": "string"}]} if slot.file else inner)
    elif slot.kind == "choice":
        made["enum"] = [*slot.options, None]
    elif slot.kind == "words":
        word = {"enum": [*slot.options]}
        made["anyOf"] = [word, {"type": "array", "items": word}, {"type": "null"}]
    else:
        made["type"] = [*_json_types(slot), "null"]
    return made


def _json_types(slot: Slot) -> list[str]:
    """Return what a value of a slot may be, besides null."""
    if slot.kind == "flag":
        return ["boolean"]
    if slot.kind in NUMERIC:
        return ["string", "number", "object"]
    if slot.kind in LISTS:
        return {"names": ["array"], "needs": ["array", "object", "string"]}.get(
            slot.kind, ["array", "object"]
        )
    if slot.kind in {"hours", "days"}:
        return ["array", "object"] if slot.kind == "hours" else ["object"]
    if slot.kind in {"calendar", "failback"}:
        return ["string", "object"]
    return ["string", "number"] if slot.kind == "text" else ["string"]


def _with_file(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a workload whose file may be named, and products for its clients."""
    text = {"type": ["string", "null"], "description": "file of a workload"}
    properties = {**schema["properties"], "from": text}
    product = {"type": ["string", "null"], "description": "product with these timers"}
    for one in properties["clients"]["anyOf"][0]["properties"].values():
        if "anyOf" in one:
            one["anyOf"][0]["properties"]["from"] = product
    return {**schema, "properties": properties}


def design_schema(known: dict[str, RecordType]) -> dict[str, Any]:
    """Return the JSON Schema of a whole design file.

    A file with ``extends`` may have null wherever it removes what its base gives; the loader
    refuses a null that removes nothing.
    """
    from pacsim.parts.registry import group_types, part_types

    def named(*schemas: dict[str, Any]) -> dict[str, Any]:
        each = {"anyOf": [*schemas, {"type": "null"}]}
        return {"type": ["object", "null"], "additionalProperties": each}

    return {
        "title": "pacsim design",
        "type": "object",
        "properties": {
            "pacsim": {"const": 1},
            "catalogue": {"type": ["string", "number", "null"]},
            "name": {"type": ["string", "number", "null"]},
            "extends": {"type": "string"},
            "contract": _removable(json_schema(known["contract"])),
            "archive": _removable(json_schema(known["archive"])),
            "workload": _removable(_with_file(json_schema(known["workload"]))),
            "parts": named(*(json_schema(one) for one in part_types().values())),
            "groups": named(*(json_schema(one) for one in group_types().values())),
            "roles": named(json_schema(known["role"])),
            "practices": _removable(json_schema(known["practices"])),
        },
        "additionalProperties": False,
    }
