"""The plain kernel, the full one and the reference agree to the bit on models that need no more."""

from typing import Any

import pytest

from pacsim.core import Batch, outcome
from pacsim.engines import kernel, reference
from pacsim.engines.kernel.features import FEATURES, needed
from pacsim.errors import SimulationError
from tests.agreement.generator import CLASSES, HORIZON, MEMORIES, WINDOW, Draw, generated
from tests.agreement.test_twins import MODELS, assert_twins

pytestmark = pytest.mark.slow

PLAIN_MODELS = 100


class PlainDraw(Draw):
    """A random model without what the plain kernel leaves out."""

    def _quantity(self, k: int) -> None:
        pass

    def _waiting_line(self) -> None:
        pass

    def _graph(self) -> Any:
        return self.pick(self.conditions)

    def _transitions(self, element: Any) -> None:
        states = list(element.states)
        for k, source in enumerate(states):
            for variant in range(int(self.rng.integers(1, 3))):
                self._plain(element, source, f"t{k}{variant}")
            if self.chance(0.5) and k + 1 < len(states):
                self.transitions.append(
                    element.now(
                        f"{source} -> {states[k + 1]}",
                        self.pick((10, 20, 60)),
                        f"i{k}",
                        when=self.pick(self.conditions),
                        cls=self.pick(CLASSES),
                        renew=self.chance(0.2),
                    )
                )

    def _plain(self, element: Any, source: str, name: str) -> None:
        states = list(element.states)
        shares = self.pick(((1.0,), (0.25, 0.75)))
        rows = [
            outcome(p, self.pick(states), *self.effects(element), renew=self.chance(0.5))
            for p in shares
        ]
        sources = source if self.chance(0.8) else " ".join(states[:2])
        self.transitions.append(
            element.after(
                sources,
                self.law(),
                name,
                outcomes=rows,
                cls=self.pick(CLASSES),
                memory=self.pick(MEMORIES),
                when=self.pick((None, None, self.pick(self.conditions))),
                initial_age=self.pick((0.0, 0.0, 3600.0)),
            )
        )


def ran(number: int, plain: bool) -> Batch | str:
    runner = kernel.Runner(PlainDraw(number).model(), HORIZON, WINDOW)
    assert runner.plain
    runner.plain = plain
    try:
        return runner.batch(1, 0, 1, trace=True)
    except SimulationError as error:
        return str(error).split(" drew ")[0].split(" at ")[0]


@pytest.mark.parametrize("number", range(PLAIN_MODELS))
def test_the_kernels_agree(number: int) -> None:
    short = ran(number, plain=True)
    assert_twins(short, ran(number, plain=False))
    try:
        model = PlainDraw(number).model()
        whole: Batch | str = reference.simulate(
            model, horizon=HORIZON, window=WINDOW, trace=True, seed=1
        )
    except SimulationError as error:
        whole = str(error).split(" drew ")[0].split(" at ")[0]
    assert_twins(short, whole)


def test_every_feature_is_needed_by_some_model() -> None:
    found = [needed(generated(number)) for number in range(MODELS)]
    for feature in FEATURES:
        assert any(feature in needs for needs in found)
    assert all(not needed(PlainDraw(number).model()) for number in range(PLAIN_MODELS))
