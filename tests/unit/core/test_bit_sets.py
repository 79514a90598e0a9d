"""Sets below all levels and gates in one walk are those of the walks down from each."""

import pytest

from pacsim.core.model import NONE, cone, level_cone
from pacsim.core.model.bit_sets import members, sets_below
from tests.agreement.generator import generated


@pytest.mark.parametrize("number", range(0, 60, 3))
def test_one_walk_is_as_good_as_many(number: int) -> None:
    model = generated(number)
    elements, levels = sets_below(model), sets_below(model, levels=True)
    for walk, first, second in (
        (level_cone, elements[0], levels[0]),
        (cone, elements[1], levels[1]),
    ):
        assert first[NONE] == second[NONE] == 0
        for i in range(len(first) - 1):
            below = walk(model, i)
            assert members(first[i]) == sorted(below.elements)
            assert members(second[i]) == sorted(below.levels)
