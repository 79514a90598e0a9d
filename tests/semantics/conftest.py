"""Every test here runs on each simulator; ``engine`` is the way to run a model."""

from collections.abc import Callable
from typing import Any

import pytest

from pacsim.core import ModelBuilder
from pacsim.engines import kernel, reference
from tests.semantics.scenes import Run

ENGINES: dict[str, Any] = {"compiled": kernel.simulate, "reference": reference.simulate}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Return a function that builds and runs a model."""

    def run(m: ModelBuilder, horizon: float, **options: Any) -> Run:
        model = m.build()
        options.setdefault("trace", options.get("count", 1) == 1)
        return Run(model, ENGINES[request.param](model, horizon=horizon, **options))

    return run
