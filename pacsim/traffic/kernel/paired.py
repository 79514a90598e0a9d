"""Writes a function of two runs with plain arguments, as `flatten` does those of one.

The second run is called ``twin``. Beside columns of rows such a function may name whole tables, and
hand them on to functions with plain parameters.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from pacsim.engines.kernel.declaring import COLUMNS, place_of, width_of
from pacsim.traffic.kernel.manifest_of_traffic import GROUPS

if TYPE_CHECKING:
    from pacsim.engines.kernel.declaring import Field
    from pacsim.engines.kernel.flatten import Flattening

RUNS = ("state", "twin")


def paired(node: ast.FunctionDef, whole: Flattening) -> ast.FunctionDef:
    """Return a function of two runs with plain arguments.

    Parameters
    ----------
    node : ast.FunctionDef
        As it is written.
    whole : Flattening
        Of the functions of one run that it calls.
    """
    made = copy.deepcopy(node)
    made.args.args = [
        ast.arg(name) for given in node.args.args for name in names_of(given.arg) or [given.arg]
    ]
    made.returns = None
    made.body = [_Paired(whole).visit(statement) for statement in made.body]
    return ast.fix_missing_locations(made)


def fields_of(parameter: str) -> dict[str, Field]:
    """Return the fields of a group, none if it is no group."""
    group = GROUPS.get("state" if parameter in RUNS else parameter)
    return {} if group is None else group.fields


def names_of(parameter: str) -> list[str]:
    """Return the plain arguments in place of a group, none if it is no group."""
    return [f"{parameter}_{name}" for name in fields_of(parameter)]


class _Paired(ast.NodeTransformer):
    """Hands on plain arguments, and reads numbers by their places."""

    def __init__(self, whole: Flattening) -> None:
        self.whole = whole

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = self.whole.sources.get(ast.unparse(node.func))
        arguments: list[ast.expr] = []
        for k, argument in enumerate(node.args):
            name = argument.id if isinstance(argument, ast.Name) else ""
            if called is not None and called.parameters[k] in GROUPS:
                wanted = self.whole.arguments(called.node.name, called.parameters[k])
                names = [f"{name}_{flat.partition('_')[2]}" for flat in wanted]
            else:
                names = names_of(name)
            given = [ast.Name(one, ast.Load()) for one in names]
            arguments.extend(given or [self.visit(argument)])
        node.args = arguments
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        field = _field(node)
        if field is not None:
            assert isinstance(node.value, ast.Name)
            return ast.Name(f"{node.value.id}_{node.attr}", node.ctx)
        row = node.value
        declared = _field(row.value) if isinstance(row, ast.Subscript) else None
        if declared is None or declared.kind != COLUMNS:
            return self.generic_visit(node)
        assert isinstance(row, ast.Subscript)
        assert declared.record is not None
        place = ast.Constant(place_of(declared.record, node.attr))
        width = ast.Constant(width_of(declared.record))
        at = ast.BinOp(ast.BinOp(width, ast.Mult(), self.visit(row.slice)), ast.Add(), place)
        return ast.Subscript(self.visit(row.value), at, node.ctx)


def _field(node: ast.expr) -> Field | None:
    """Return the field that an expression names, if it is one of a group."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    return fields_of(node.value.id).get(node.attr)
