"""Delays: laws with one uniform per draw, calendars and profiles."""

from pacsim.delays.calendars import Calendar, Intervals, MonthlySchedule, TimeOrigin
from pacsim.delays.complement import Complement
from pacsim.delays.compound import Erlang, Mixture, Quantiles, Shifted
from pacsim.delays.law import Law
from pacsim.delays.laws import Deterministic, Exponential, Lognormal, Triangular, Uniform, Weibull

__all__ = [
    "Calendar",
    "Complement",
    "Deterministic",
    "Erlang",
    "Exponential",
    "Intervals",
    "Law",
    "Lognormal",
    "Mixture",
    "MonthlySchedule",
    "Quantiles",
    "Shifted",
    "TimeOrigin",
    "Triangular",
    "Uniform",
    "Weibull",
]
