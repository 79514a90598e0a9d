"""A pair whose standby nobody looks at, as a plain loop: all laws and rules are stated here.

Two servers, a and b, each with an application that dies now and then. It serves from one of them.
Nothing is monitored: somebody calls about what users feel, and a dead application of the server
that does not serve is found by chance, or once the service needs it.
"""

import random

HOUR = 3600.0
LIFE, CHANCE, CALL = 2000 * HOUR, 2500 * HOUR, 0.4 * HOUR
FIX, START, BY_HAND, SWITCH = 0.8 * HOUR, 120.0, 0.5 * HOUR, 180.0
EVERY, FALL = 10.0, 3
"""Means of exponential laws but START, which is fixed, in s; and the check: its interval, its count.

LIFE until an application dies, CHANCE until one that nobody feels is found, CALL until one that is
felt is known, FIX and START until it is up again; SWITCH a switchover; BY_HAND people's own.
"""


def down(horizon: float, seed: int, *, called_in: bool = False) -> float:
    """Return the seconds without service from two good servers on; with faults called in if so."""
    draw = random.Random(seed)
    app, until = {"a": "up", "b": "up"}, {x: draw.expovariate(1 / LIFE) for x in "ab"}
    bad: set[str] = set()
    active, phase, step, now, lost = "a", "on", float("inf"), 0.0, 0.0

    def looks(x: str) -> bool:
        """Nobody knows of a fault of it."""
        return app[x] in ("up", "felt", "unfelt") and x not in bad

    def needed(x: str) -> bool:
        """Somebody would notice."""
        other = "b" if active == "a" else "a"
        stuck = phase == "on" and app[active] != "up" and not looks(other)
        return x == active or stuck or phase in ("failed", "working", "stranded") or called_in

    while now < horizon:
        # What follows at once, until nothing does.
        changed = True
        while changed:
            changed, before = False, (phase, active, dict(app), set(bad))
            other = "b" if active == "a" else "a"
            bad -= {x for x in bad if app[x] == "up"}
            for x in "ab":
                if app[x] == "unfelt" and needed(x):
                    app[x], until[x] = "felt", now + draw.expovariate(1 / CALL)
            if phase == "on" and app[active] != "up" and looks(other):
                phase, step = "detecting", now + (FALL - 1 + draw.random()) * EVERY
            elif phase == "detecting" and (app[active] == "up" or not looks(other)):
                phase, step = "on", float("inf")
            elif phase in ("failed", "working", "stranded") and "up" in app.values():
                active = active if app[active] == "up" else other
                phase, step = "on", float("inf")
            changed = before != (phase, active, dict(app), set(bad))
        then = min(step, until["a"], until["b"], horizon)
        if not (phase in ("on", "detecting") and app[active] == "up"):
            lost += then - now
        now, other = then, "b" if active == "a" else "a"
        if now >= horizon:
            break
        if now == step:
            if phase == "detecting":
                phase, step = "switching", now + draw.expovariate(1 / SWITCH)
            elif phase == "switching" and app[other] == "up":
                phase, step, active = "on", float("inf"), other
            elif phase == "switching":
                bad |= {other} if looks(other) else set()
                phase, step = "failed", now + draw.expovariate(1 / CALL)
            elif phase == "failed":
                phase, step = "working", now + draw.expovariate(1 / BY_HAND)
            elif phase == "working":
                phase, step = "stranded", float("inf")
            continue
        x = "a" if now == until["a"] else "b"
        if app[x] == "up":
            app[x] = "felt" if needed(x) else "unfelt"
            until[x] = now + draw.expovariate(1 / (CALL if needed(x) else CHANCE))
        elif app[x] in ("felt", "unfelt"):
            app[x], until[x] = "fixing", now + draw.expovariate(1 / FIX)
        elif app[x] == "fixing":
            app[x], until[x] = "starting", now + START
        else:
            app[x], until[x] = "up", now + draw.expovariate(1 / LIFE)
    return lost
