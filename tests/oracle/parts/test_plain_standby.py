"""The standby that nobody looks at, against a plain loop that shares no line with the simulator."""

import ast
import math
from pathlib import Path

import numpy as np

from pacsim.core import layout
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel
from tests.oracle.parts import plain_standby as plain
from tests.oracle.parts.making import model, part, practices, role
from tests.oracle.parts.pairing import group
from tests.statistical import agrees

TERM = 7 * 365.25 * 24 * plain.HOUR
LOOPS, TERMS = 1500, 20_000


def test_the_loop_is_plain() -> None:
    """It imports nothing of the simulator, and is short enough to be read."""
    file = Path(plain.__file__)
    tree = ast.parse(file.read_text())
    known = [x.names[0].name for x in ast.walk(tree) if isinstance(x, ast.Import)]
    assert known == ["random"]
    assert not [x for x in ast.walk(tree) if isinstance(x, ast.ImportFrom)]
    assert len(file.read_text().splitlines()) < 100


def test_an_unmonitored_standby() -> None:
    """Hours down of a pair whose standby may be broken for months, by the loop and by the parts."""
    # Sees: a group that reads whether a member is good; a hidden fault that is called in; a switch
    # in vain that takes no time; a standby found by a short gap of service.
    own = {
        "fails": Exp(math.inf),
        "ttr": Det(1.0),
        "reboot": Det(1.0),
        "boot_after_power": Det(1.0),
    }
    software = {"crash": Exp(plain.LIFE), "start": Det(plain.START),
                "manual_restart": Exp(plain.FIX), "hang_share": 0.0, "change_fails": 0.0,
                "watchdog_cures": 1.0}  # fmt: skip
    pacs = group(
        standby="hot", switchover=Exp(plain.SWITCH),
        check={"sees": "tcp", "every": plain.EVERY, "fall": plain.FALL},
    )  # fmt: skip
    times = {"call": Exp(plain.CALL), "manual_failover": Exp(plain.BY_HAND),
             "hidden_unmonitored": Exp(plain.CHANCE)}  # fmt: skip
    built = model(
        part("server", "a", software=software, **own), part("server", "b", software=software, **own),
        groups=(pacs,), roles=(role("store", "pacs"),), doing=practices(times=times),
    )  # fmt: skip
    values = kernel.simulate(built, horizon=TERM, count=TERMS, seed=11).values
    ours = values[:, layout(built)["role:store"].time].sum(axis=1)
    loop = np.array([plain.down(TERM, seed) for seed in range(LOOPS)])
    error = np.hypot(ours.std(ddof=1) / TERMS**0.5, loop.std(ddof=1) / LOOPS**0.5)
    agrees(float(ours.mean()), float(error), float(loop.mean()))
    # What it would be if somebody called about a standby that serves nobody.
    early = np.mean([plain.down(TERM, seed, called_in=True) for seed in range(200)])
    assert loop.mean() > 4 * early
