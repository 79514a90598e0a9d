"""How fit the standby of a pair is, by hand: what nobody has tried for a while may be unfit.

With ``latent`` a standby that has been idle for s is fit with probability exp(-s / mean): it was
fit when it last served, or when it was last found unfit and mended. Without it a switch succeeds
with success + (success_tested - success) exp(-s / mean of proven_for), s after the last proof. So
both need the mean v of exp(-s / mean) over the moments at which a switch is tried.

Between the moments that are known beforehand v falls by itself, and takeovers bring it back to 1 at
a rate rho: dv/dt = -v / mean + rho (1 - v). Planned moves and tests bring it back with a chance c:
v becomes v + c (1 - v). That is all; it is done from opening to opening of the design's calendar.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.parts.schedule import monthly
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hand_sums import Hand

    from pacsim.parts.values import Part

HOURS = YEAR / HOUR


@dataclass(frozen=True)
class Standby:
    """How often a switch to the standby works: at any time, by planned work, and soon after one.

    Parameters
    ----------
    fit : float
        Of a takeover at any time.
    moves : mapping
        Of the planned moves that a kind of planned work makes, by its name.
    at_work : mapping
        Of a takeover as that work begins or during the first of its works.
    fresh : float
        Of a takeover so shortly after a move as a failed change shows.
    """

    fit: float
    moves: Mapping[str, float]
    at_work: Mapping[str, float]
    fresh: float


def standby(h: Hand, group: Part) -> Standby:
    """Return how fit the standby of a pair is over the term."""
    latent = "latent" in group
    if not latent and "proven_for" not in group:
        plain = group.number("success")
        works = {name: plain for name, _ in h.work()}
        return Standby(plain, dict.fromkeys(works, 1.0), works, plain)
    # A fit standby may fail as well, if the design says so.
    best, worst = group.number("success"), 0.0
    if not latent:
        best, worst = group.number("success_tested"), best
    mean = group.law("latent" if latent else "proven_for").mean() / HOUR
    average, at = over_the_term(h, group, mean)

    def success(v: float) -> float:
        return worst + (best - worst) * v

    works = {name: success(v) for name, v in at.items()}
    # Only what is latent stops a planned move.
    moves = at if latent else dict.fromkeys(works, 1.0)
    soon = [h.of(work, "found") for _, work in h.work()]
    fresh = float(np.exp(-np.concatenate(soon) / mean).mean()) if soon else 1.0
    return Standby(success(average), moves, works, success(fresh))


def over_the_term(h: Hand, group: Part, mean: float) -> tuple[float, dict[str, float]]:
    """Return v over the whole term, and as each kind of planned work begins, by its name.

    At the start a latent fault has had no time yet, and nothing has been proven yet.
    """
    latent = "latent" in group
    per_hour = takeovers(h, group) / HOURS
    if latent and h.finds("standby"):
        # It is found after a time that is short beside all others, so only its mean matters.
        per_hour += 1.0 / float(h.people(h.hidden).mean())
    elif not latent:
        # Only a switch that works is a proof.
        per_hour *= group.number("success")
    fall = 1.0 / mean + per_hour
    rest = per_hour / fall
    v, now, area = float(latent), 0.0, 0.0
    seen: dict[str, list[float]] = {name: [] for name, _ in h.work()}
    for at, name, chance in [*sorted(proofs(h, group)), (h.term, "", 0.0)]:
        left = np.exp(-fall * (at - now))
        area += rest * (at - now) + (v - rest) * (1.0 - left) / fall
        v = rest + (v - rest) * left
        if name in seen:
            seen[name].append(v)
        v += chance * (1.0 - v)
        now = at
    return float(area / h.term), {k: float(np.mean(x)) if x else 1.0 for k, x in seen.items()}


def proofs(h: Hand, group: Part) -> list[tuple[float, str, float]]:
    """Return when moves and tests are planned, by what, and the chance that v is 1 from there on.

    Rolling work moves the service unless a change that is seen to fail ends its round; that finds
    what is latent as well. Work on all members at once does if the standby is ready first. A test
    finds a share of what is latent; without latent faults one that goes well is a proof.
    """
    fails = h.part("server-a").part("software").number("change_fails")
    found = []
    for name, work in h.work():
        chance = 1.0 - fails * work.number("seen_at_once")
        if not work["rolling"]:
            chance *= float(standby_first(h, work).mean())
        found += [(at, name, chance) for at in openings(h, work)]
    tests = h.resolved.practices.values.get("failover_tests")
    if tests is not None:
        every = tests.number("every") / HOUR
        good = 1.0 - float(tests.values.get("causes_outage") or 0.0)
        chance = good * (float(tests.values.get("finds") or 0.0) if "latent" in group else 1.0)
        found += [(at, "tests", chance) for at in np.arange(every, h.term, every)]
    return found


def standby_first(h: Hand, work: Part) -> np.ndarray:
    """Return whether the standby has started before work on the active one is over."""
    start = h.of(h.part("server-a").part("software"), "start")
    return h.lasts(work) + start < h.lasts(work)


def openings(h: Hand, work: Part) -> list[float]:
    """Return the hours of the term at which planned work begins."""
    schedule = monthly("work", work)
    begin = dt.datetime.fromisoformat(str(h.resolved.contract["starts"]))
    days = int(h.term / 24) + 2
    found = []
    for day in range(days):
        date = (begin + dt.timedelta(days=day)).date()
        since = (dt.datetime.combine(date, dt.time()) - begin).total_seconds()
        found += [(since + opens) / HOUR for opens, _, _ in schedule.on_date(date)]
    return [at for at in found if 0.0 < at < h.term]


def takeovers(h: Hand, group: Part) -> float:
    """Return how many takeovers a year begin a switch, whatever becomes of it.

    Crashes of the system and of the hardware, applications that hang or that a restart does not
    cure, failed changes of one server that show in use; each once fencing has worked. What takes
    both applications leaves either of them to serve.
    """
    server = h.part("server-a")
    software = server.part("software")
    hangs = software.number("hang_share")
    stuck = 1.0 - software.number("watchdog_cures") if group["restart_first"] else 1.0
    fails = software.number("change_fails")
    shown = sum(
        YEAR / w.number("every") * fails * (1 - w.number("shared")) * (1 - w.number("seen_at_once"))
        for _, w in h.work()
    )
    faults = h.rate(server, "os_crash") + h.rate(server, "fails") + shown
    own = 1.0 - group.part("common").number("software") / 2 if "common" in group else 1.0
    faults += h.rate(software, "crash") * own * (hangs + (1 - hangs) * stuck)
    fencing = group.values.get("fencing")
    return faults * (1.0 if fencing is None else fencing.number("success"))


def share_away(h: Hand) -> float:
    """Return the share of the time in which one server is worked on and the other one serves."""
    software, hours = h.part("server-a").part("software"), 0.0
    fails = software.number("change_fails")
    for _, work in h.work():
        if work["rolling"]:
            works = 2 - fails * work.number("seen_at_once")
            each = (h.lasts(work) + h.of(software, "start")).mean()
            hours += YEAR / work.number("every") * works * each
    return float(hours / HOURS)
