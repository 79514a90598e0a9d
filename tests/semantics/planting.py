"""Plants a fault in the reference engine by changing one line of one of its functions."""

import __future__

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from pacsim.core import ModelBuilder
from pacsim.engines import reference
from tests.semantics.scenes import Run

Engine = Callable[..., Run]


@dataclass(frozen=True)
class Fault:
    """One wrong line, and the row of the table whose test must then fail."""

    name: str
    owner: Any
    function: str
    right: str
    wrong: str
    row: Callable[[Engine], None]

    def plant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the wrong line in the place of the right one, which must be there exactly once."""
        found = getattr(self.owner, self.function)
        source = textwrap.dedent(inspect.getsource(found))
        assert source.count(self.right) == 1, f"{self.name}: the line to change has changed"
        changed = source.replace(self.right, self.wrong)
        made: dict[str, Any] = {}
        # The engine's modules postpone annotations; what is compiled here must do so too.
        flags = __future__.annotations.compiler_flag
        exec(compile(changed, f"<{self.name}>", "exec", flags), found.__globals__, made)
        monkeypatch.setattr(self.owner, self.function, made[found.__name__])


def on_reference(m: ModelBuilder, horizon: float, **options: Any) -> Run:
    """Run a model on the reference engine, as the fixture ``engine`` does."""
    model = m.build()
    options.setdefault("trace", options.get("count", 1) == 1)
    return Run(model, reference.simulate(model, horizon=horizon, **options))
