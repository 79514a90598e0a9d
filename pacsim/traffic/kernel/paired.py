"""Writes a function of two runs with plain arguments, as `flatten` does those of one.

The second run is called ``twin``; of the runs themselves such a function may read numbers of
``world`` and whole vectors, and hand them on.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from pacsim.engines.kernel.declaring import place_of
from pacsim.traffic.kernel.manifest_of_traffic import GROUPS, StateGroup
from pacsim.traffic.kernel.run_records import WorldState

if TYPE_CHECKING:
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


def names_of(parameter: str) -> list[str]:
    """Return the plain arguments in place of a group, none if it is no group."""
    group = GROUPS.get("state" if parameter in RUNS else parameter)
    return [] if group is None else [f"{parameter}_{name}" for name in group.fields]


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
        if isinstance(node.value, ast.Name) and node.value.id in RUNS:
            assert node.attr in StateGroup.fields
            return ast.Name(f"{node.value.id}_{node.attr}", ast.Load())
        assert isinstance(node.value, ast.Subscript)
        place = ast.Constant(place_of(WorldState, node.attr))
        return ast.Subscript(self.visit(node.value.value), place, ast.Load())
