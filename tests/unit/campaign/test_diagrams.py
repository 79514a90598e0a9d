"""Decision diagrams against brute force over every set of broken boxes."""

import itertools
import random

from pacsim.campaign.diagrams import Diagrams
from tests.close import close

NAMES = "abcdef"


def test_87_a_switch_beside_the_second_unit() -> None:
    """A and (B or the switch): 0.01 x (1 - 0.98 x 0.95)."""
    d = Diagrams("abs")
    down = d.both(d.box("a"), d.either(d.box("b"), d.box("s")))
    assert d.probability(down, {"a": 0.01, "b": 0.02, "s": 0.05}) == close(6.9e-4, 1e-12)


def brute(formula: object, q: dict[str, float]) -> float:
    """Return the probability of a formula by adding up every combination."""
    total = 0.0
    for broken in itertools.product((False, True), repeat=len(NAMES)):
        state = dict(zip(NAMES, broken, strict=True))
        if holds(formula, state):
            weight = 1.0
            for name in NAMES:
                weight *= q[name] if state[name] else 1.0 - q[name]
            total += weight
    return total


def holds(formula: object, state: dict[str, bool]) -> bool:
    """Return whether a formula (name, or (k, children)) holds."""
    if isinstance(formula, str):
        return state[formula]
    assert isinstance(formula, tuple)
    return bool(sum(holds(child, state) for child in formula[1]) >= formula[0])


def drawn(d: Diagrams, formula: object) -> int:
    """Return the diagram of a formula."""
    if isinstance(formula, str):
        return d.box(formula)
    assert isinstance(formula, tuple)
    return d.at_least(formula[0], [drawn(d, child) for child in formula[1]])


def made(rng: random.Random, depth: int) -> object:
    """Return a random formula with boxes used more than once."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(NAMES)
    children = [made(rng, depth - 1) for _ in range(rng.randint(1, 4))]
    return (rng.randint(1, len(children)), children)


def test_random_formulas() -> None:
    """300 formulas with shared boxes; a wrong k or a box counted twice shows at once."""
    rng = random.Random(7)
    for _ in range(300):
        formula = made(rng, 3)
        q = {name: rng.choice([0.5, 0.1, 1e-3, 1e-9]) for name in NAMES}
        d = Diagrams(NAMES)
        assert d.probability(drawn(d, formula), q) == close(brute(formula, q), 1e-9)


def test_no_box_at_all() -> None:
    """At least none of nothing always holds, one of nothing never."""
    d = Diagrams([])
    assert d.probability(d.at_least(0, []), {}) == 1.0
    assert d.probability(d.at_least(1, []), {}) == 0.0
