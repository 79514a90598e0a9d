"""The case common-job as a model of pacsim."""

from case import CHAINS, LENGTH, LIFE, REPAIR

from pacsim.core import Model, ModelBuilder
from pacsim.delays import Exponential


def common_job(*, role: bool) -> Model:
    """Return the case; watched as a role with causes and an episode log, or by its time only."""
    m = ModelBuilder()
    chains = []
    for chain in range(CHAINS):
        parts = [m.element(f"{chain}-{k}", "up down", fault="down") for k in range(LENGTH)]
        for part in parts:
            part.after("up -> down", Exponential(LIFE), "fail", cls="fault")
            part.after("down -> up", Exponential(REPAIR), "repair", cls="repair")
        chains.append(m.all(part == "up" for part in parts))
    up = m.any(chains)
    if role:
        m.role("service", up)
    else:
        m.gate_time("down", ~up)
    return m.build()
