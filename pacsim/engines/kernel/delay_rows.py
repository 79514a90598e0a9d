"""Rows of delays and the laws that they name, and the numbers of dormant sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core import model as core
from pacsim.core.model import NONE
from pacsim.delays.compound import pack
from pacsim.delays.law import Law
from pacsim.engines.kernel import names

if TYPE_CHECKING:
    from pacsim.core.model import Model

Row = tuple[Any, ...]


class DelayRows:
    """Rows of delays, with the laws that they name, each once.

    Attributes
    ----------
    laws : dict
        Law to its number.
    """

    def __init__(self) -> None:
        self.laws: dict[Law, int] = {}
        self._rows: dict[Law, Row] = {}

    def row(self, delay: core.Delay) -> Row:
        """Return the row of a delay."""
        match delay:
            case core.Until(quantity, value, falls):
                return (value, 0.0, 0.0, names.UNTIL, -1, -1, quantity, falls)
            case core.NextOpen(calendar, need):
                return (need, 0.0, 0.0, names.NEXT_OPEN, -1, -1, calendar, 0)
            case core.NextOpening(calendar):
                return (0.0, 0.0, 0.0, names.NEXT_OPENING, -1, -1, calendar, 0)
            case core.NextBusinessDay(calendar):
                return (0.0, 0.0, 0.0, names.NEXT_DAY, -1, -1, calendar, 0)
            case core.NextTick(period, offset):
                return (period, offset, 0.0, names.TICK, -1, -1, -1, 0)
            case _:
                here = self._rows.get(delay)
                if here is None:
                    law = self.laws.setdefault(delay, len(self.laws))
                    row = pack((delay,)).rows[0]
                    here = (row["a"], 0.0, row["shift"], names.LAW, row["code"], law, -1, 0)
                    self._rows[delay] = here
                return here

    def tables(self) -> dict[str, Any]:
        """Return the tables of the laws."""
        laws = pack(tuple(self.laws)) if self.laws else None
        return {
            "laws": laws.rows if laws is not None else pack(()).rows,
            "law_values": laws.values if laws is not None else np.zeros(0),
        }


def dormant_numbers(model: Model, declared: core.Dormant, horizon: float) -> tuple[float, float]:
    """Return above which draw a run ends well before the next tick, and how long copies last."""
    tick, law = _only(model, declared.start), _only(model, declared.end)
    assert isinstance(tick, core.NextTick)
    assert isinstance(law, Law)
    # So far from the next tick that no rounding matters, unless ticks are hardly apart.
    apart = tick.period > 1e6 * math.ulp(horizon + abs(tick.offset))
    lasts = math.inf
    if declared.expiry != NONE:
        kept = _only(model, declared.expiry)
        assert isinstance(kept, Law)
        assert kept.fixed is not None
        lasts = kept.fixed
    return law.sf(0.99 * tick.period) + 1e-9 if apart else 1.0, lasts


def _only(model: Model, index: int) -> core.Delay:
    """Return the delay of a transition that has one."""
    delay = model.transitions[index].delay
    assert delay is not None
    return delay.table[0]
