"""Turns the groups that the kernel's sources take into the plain arguments that numba wants.

A parameter ``state: State`` becomes those arrays of the group that the function and all that it
calls need, ``state.clocks[i].fire`` becomes ``state_clocks[i].fire``, ``counters.events`` the place
``counters[counters_events]``, and ``rows.episodes[k].cause`` a place in a flat array of numbers.
Whatever is not declared in the manifest is refused here, with file and line.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacsim.engines.kernel.declaring import (
    COLUMNS,
    LOCAL,
    SLOT,
    TABLE,
    VALUE,
    VECTOR,
    Field,
    Group,
    Slots,
    columns_of,
    is_block,
    place_of,
    width_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True, eq=False)
class Source:
    """One function of the sources.

    Parameters
    ----------
    module : str
        The name of its file.
    node : ast.FunctionDef
        Its definition.
    uses : set of (str, str)
        Group and name of the fields that it names; groups that are one array have the name "".
    calls : list of str
        The functions with groups that it calls.
    writes : set of (str, str)
        Group and name of the fields that it assigns to.
    parameters : tuple of str
        The names of its parameters as it is written, groups among them.
    """

    module: str
    node: ast.FunctionDef
    uses: set[tuple[str, str]] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    writes: set[tuple[str, str]] = field(default_factory=set)
    parameters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.parameters = tuple(argument.arg for argument in self.node.args.args)


class Flattening:
    """All functions of the sources, with what they need of the groups.

    Parameters
    ----------
    groups : mapping
        By the name of the parameter.
    sources : mapping
        By name: functions, none of which calls itself.
    entry : str
        The function that is called from outside: it takes all there is.
    """

    def __init__(
        self, groups: Mapping[str, type[Group]], sources: Mapping[str, Source], entry: str
    ) -> None:
        self.groups = groups
        self.sources = sources
        self.entry = entry
        self.problems: list[str] = []
        self.needed: dict[str, set[tuple[str, str]]] = {}
        for source in sources.values():
            _Reader(self, source).read()
        self._end()

    def flattened(self, name: str) -> ast.FunctionDef:
        """Return a function with plain arguments; its node is changed."""
        function = _Writer(self, self.sources[name]).visit(self.sources[name].node)
        self._end()
        assert isinstance(function, ast.FunctionDef)
        return ast.fix_missing_locations(function)

    def arguments(self, name: str, key: str) -> list[str]:
        """Return the plain arguments that a function takes of a group, in the manifest's order."""
        group, needs = self.groups[key], self.needs(name)
        if issubclass(group, Slots):
            return [key] if name == self.entry or (key, "") in needs else []
        return [
            declared.flat
            for part, declared in group.fields.items()
            if (declared.kind != LOCAL if name == self.entry else (key, part) in needs)
        ]

    def needs(self, name: str) -> set[tuple[str, str]]:
        """Return what a function and all that it calls name of the groups."""
        if name not in self.needed:
            source = self.sources[name]
            self.needed[name] = source.uses.union(*(self.needs(other) for other in source.calls))
        return self.needed[name]

    def refuse(self, source: Source, node: ast.AST, what: str) -> None:
        """Take down a fault, to be told with the others."""
        self.problems.append(f"{source.module}.py, line {getattr(node, 'lineno', 0)}: {what}")

    def _end(self) -> None:
        if self.problems:
            raise ValueError("sources of the kernel:\n" + "\n".join(dict.fromkeys(self.problems)))


def lookup(groups: Mapping[str, type[Group]], node: ast.AST) -> tuple[type[Group], str] | None:
    """Return the group and the name of the field if an expression is ``group.name``."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        group = groups.get(node.value.id)
        return None if group is None else (group, node.attr)
    return None


class _Reader(ast.NodeVisitor):
    """Finds what a function names, calls and assigns to, and whatever is not declared."""

    def __init__(self, whole: Flattening, source: Source) -> None:
        self.whole = whole
        self.source = source

    def read(self) -> None:
        arguments = self.source.node.args
        plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs)
        if not plain or arguments.defaults or arguments.posonlyargs:
            self._refuse(self.source.node, "a function of the kernel takes plain parameters only")
        for argument in arguments.args:
            kind = argument.annotation.id if isinstance(argument.annotation, ast.Name) else ""
            wanted = {group.__name__: key for key, group in self.whole.groups.items()}.get(kind)
            if wanted is not None and argument.arg != wanted:
                self._refuse(argument, f"a {kind} is called {wanted}, not {argument.arg}")
            elif argument.arg in self.whole.groups and wanted is None:
                name = self.whole.groups[argument.arg].__name__
                self._refuse(argument, f"{argument.arg} is for a {name}")
        for statement in self.source.node.body:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        """Look for the column of a row first: only there may a row of a table stand."""
        row = _row(self.whole.groups, node)
        if row is None:
            super().visit(node)
        else:
            self._column(node, *row)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        found = lookup(self.whole.groups, node)
        if found is None:
            self.visit(node.value)
            return
        group, name = found
        if not self._declared(node, group, name):
            return
        kind = group.fields[name].kind
        if kind in {TABLE, COLUMNS, VECTOR} and isinstance(node.ctx, ast.Store):
            self._refuse(node, f"{group.key}.{name} cannot be replaced")
        elif kind == COLUMNS:
            self._refuse(node, f"of {group.key}.{name} there are rows and the length, no more")
        self._name(node, group, name)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        found = lookup(self.whole.groups, node.value)
        if found is not None and self._declared(node, *found):
            declared = found[0].fields[found[1]]
            if declared.record is not None and not isinstance(node.slice, ast.Slice):
                self._refuse(node, f"a row of {declared.group}.{declared.name} is read by column")
            elif isinstance(node.ctx, ast.Store):
                self._write(node, declared)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self.whole.groups:
            self._refuse(node, f"{node.id} can only be handed on, or asked for a field")
        flat = {f.flat for group in self.whole.groups.values() for f in group.fields.values()}
        if node.id in flat:
            self._refuse(node, f"{node.id} is a name that the joined source uses")

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        called = self.whole.sources.get(name)
        asked = lookup(self.whole.groups, node.args[0]) if name == "len" else None
        if asked is not None and self._declared(node, *asked):
            self.source.uses.add((asked[0].key, asked[1]))
            return
        if called is None:
            self.generic_visit(node)
            return
        self.source.calls.append(name)
        parameters = called.parameters
        if node.keywords or len(node.args) != len(parameters):
            self._refuse(node, f"{name} takes {len(parameters)} arguments by their places")
        for parameter, argument in zip(parameters, node.args, strict=False):
            if parameter not in self.whole.groups:
                self.visit(argument)
            elif not isinstance(argument, ast.Name) or argument.id != parameter:
                self._refuse(node, f"{name} takes {parameter}, not {ast.unparse(argument)}")

    def visit_Assign(self, node: ast.Assign) -> None:
        if _made(self.whole.groups, node) is None:
            self.generic_visit(node)

    def _column(self, node: ast.AST, group: type[Group], name: str, column: str) -> None:
        assert isinstance(node, ast.Attribute | ast.Subscript)
        inner = node.value if isinstance(node, ast.Subscript) else node
        assert isinstance(inner, ast.Attribute)
        assert isinstance(inner.value, ast.Subscript)
        for part in (inner.value.slice, *([node.slice] if isinstance(node, ast.Subscript) else ())):
            self.visit(part)
        if not self._declared(node, group, name):
            return
        declared = group.fields[name]
        record = declared.record
        if record is None:
            self._refuse(node, f"{group.key}.{name} holds numbers, which have no {column}")
        elif column not in columns_of(record):
            known = ", ".join(columns_of(record))
            self._refuse(node, f"a {record.__name__} has no {column}; it has {known}")
        elif is_block(record, column) != isinstance(node, ast.Subscript):
            self._refuse(node, f"{column} of a {record.__name__} is several numbers, or is not")
        if isinstance(node.ctx, ast.Store):
            self._write(node, declared)
        self._name(node, group, name)

    def _declared(self, node: ast.AST, group: type[Group], name: str) -> bool:
        if group.key not in self.source.parameters and not self._makes(group):
            self._refuse(node, f"{self.source.node.name} does not take {group.key}")
        if name in group.fields:
            return True
        known = ", ".join(group.fields)
        self._refuse(node, f"{group.key} has no {name}; it has {known}")
        return False

    def _makes(self, group: type[Group]) -> bool:
        return any(
            _made(self.whole.groups, node) == group.key for node in ast.walk(self.source.node)
        )

    def _name(self, node: ast.Attribute | ast.Subscript, group: type[Group], name: str) -> None:
        declared = group.fields[name]
        self.source.uses.add((group.key, "" if declared.kind == SLOT else name))
        if isinstance(node.ctx, ast.Store) and declared.kind in {SLOT, LOCAL, VALUE}:
            self._write(node, declared)

    def _write(self, node: ast.AST, declared: Field) -> None:
        self.source.writes.add((declared.group, declared.name))
        if self.source.module not in declared.by:
            by = ", ".join(declared.by)
            self._refuse(node, f"{declared.group}.{declared.name} is written by {by} alone")

    def _refuse(self, node: ast.AST, what: str) -> None:
        self.whole.refuse(self.source, node, what)


def _row(groups: Mapping[str, type[Group]], node: ast.AST) -> tuple[type[Group], str, str] | None:
    """Return group, table and column if an expression is ``group.table[i].column``, or in it."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        inner = _row(groups, node.value)
        if inner is not None:
            return inner
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Subscript):
        found = lookup(groups, node.value.value)
        return None if found is None else (*found, node.attr)
    return None


def _made(groups: Mapping[str, type[Group]], node: ast.AST) -> str | None:
    """Return the group that a statement makes: ``term = Term()``."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return None
    target, maker = node.targets[0], node.value.func
    key = target.id if isinstance(target, ast.Name) else ""
    named = isinstance(maker, ast.Name) and key in groups and maker.id == groups[key].__name__
    return key if named else None


class _Writer(ast.NodeTransformer):
    """Writes a function with plain arguments."""

    def __init__(self, whole: Flattening, source: Source) -> None:
        self.whole = whole
        self.source = source

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        arguments: list[ast.arg] = []
        for argument in node.args.args:
            if argument.arg in self.whole.groups:
                names = self.whole.arguments(node.name, argument.arg)
                arguments.extend(ast.arg(name) for name in names)
            else:
                arguments.append(ast.arg(argument.arg))
        node.args.args = arguments
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return None if _made(self.whole.groups, node) is not None else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = self.whole.sources.get(node.func.id) if isinstance(node.func, ast.Name) else None
        length = self._length(node)
        if called is None:
            self.generic_visit(node)
            return node if length is None else ast.BinOp(node, ast.FloorDiv(), length)
        arguments: list[ast.expr] = []
        for parameter, argument in zip(called.parameters, node.args, strict=True):
            if parameter in self.whole.groups:
                names = self.whole.arguments(called.node.name, parameter)
                arguments.extend(ast.Name(name, ast.Load()) for name in names)
            else:
                arguments.append(self.visit(argument))
        node.args = arguments
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        row = _row(self.whole.groups, node)
        if row is not None and row[0].fields[row[1]].kind == COLUMNS:
            assert isinstance(node.value, ast.Attribute)
            return self._number(node.value, row, node.ctx, self.visit(node.slice))
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        row = _row(self.whole.groups, node)
        if row is not None and row[0].fields[row[1]].kind == COLUMNS:
            return self._number(node, row, node.ctx, None)
        found = lookup(self.whole.groups, node)
        if found is None:
            return self.generic_visit(node)
        declared = found[0].fields[found[1]]
        if declared.kind == SLOT:
            array, place = ast.Name(declared.group, ast.Load()), ast.Name(declared.flat, ast.Load())
            return ast.Subscript(array, place, node.ctx)
        return ast.Name(declared.flat, node.ctx)

    def _number(
        self,
        node: ast.Attribute,
        row: tuple[type[Group], str, str],
        ctx: ast.expr_context,
        inside: ast.expr | None,
    ) -> ast.Subscript:
        """Return the place of a number in a flat table."""
        group, name, column = row
        declared = group.fields[name]
        assert declared.record is not None
        assert isinstance(node.value, ast.Subscript)
        width, place = width_of(declared.record), place_of(declared.record, column)
        index = self.visit(node.value.slice)
        if isinstance(index, ast.Constant) and isinstance(index.value, int):
            at: ast.expr = ast.Constant(width * index.value + place)
        else:
            at = ast.BinOp(ast.Constant(width), ast.Mult(), index)
            at = at if place == 0 else ast.BinOp(at, ast.Add(), ast.Constant(place))
        if inside is not None:
            at = ast.BinOp(at, ast.Add(), inside)
        return ast.Subscript(ast.Name(declared.flat, ast.Load()), at, ctx)

    def _length(self, node: ast.Call) -> ast.expr | None:
        """Return the width of the rows if a call asks for the length of a flat table."""
        if not isinstance(node.func, ast.Name) or node.func.id != "len":
            return None
        found = lookup(self.whole.groups, node.args[0])
        declared = None if found is None else found[0].fields[found[1]]
        if declared is None or declared.kind != COLUMNS or declared.record is None:
            return None
        return ast.Constant(width_of(declared.record))
