"""Random models with cycles that may sleep: backups of all kinds, and everybody who looks at them.

The rest of each model is one of `generator`, whose transitions read the cycles, change them and
interrupt them. Times are whole hours, so that runs tie with one another and with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pacsim.core import Model, every, outcome
from pacsim.delays import (
    Deterministic,
    Exponential,
    Lognormal,
    Mixture,
    Quantiles,
    Shifted,
    Uniform,
)
from tests.agreement.generator import HORIZON, MEMORIES, Draw, H

SHORT = 90.0
"""Horizon of models with ticks that are seconds apart, in hours."""


@dataclass(slots=True)
class Cycle:
    """One cycle of a random model."""

    copy: Any
    whole: Any
    started: Any
    copied: Any
    unsaved: Any
    interval: float


class SleepyDraw(Draw):
    """A random model with one to three cycles."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.cycles: list[Cycle] = []
        self.short = self.chance(0.1)

    def _conditions(self) -> None:
        super()._conditions()
        for k in range(int(self.rng.integers(1, 4))):
            self._cycle(k)
        for cycle in self.cycles:
            # Known to be false while the cycle may sleep; others never let it sleep.
            self.conditions.append(~cycle.whole & (cycle.copy == "there"))
            if self.chance(0.05):
                self.conditions.append(cycle.copy == "there")

    def _whole(self, k: int) -> Any:
        m = self.m
        if self.chance(0.15):
            return m.always()
        found = m.all(self._calm() for _ in range(int(self.rng.integers(1, 3))))
        return m.gate(f"whole{k}", found) if self.chance(0.5) else found

    def _calm(self) -> Any:
        element = self.pick(self.elements)
        out = self.pick(element.states)
        return element.among(*(s for s in element.states if s != out))

    def _interval(self) -> float:
        if self.short and self.chance(0.5):
            return float(self.pick((7.0, 30.0, 0.1 * 64)))
        return float(self.pick((1.0, 2.0, 3.0, 5.0, 8.0, 24.0))) * H

    def _length(self, interval: float) -> Any:
        i, part = interval, float(self.pick((0.1, 0.3, 0.6)))
        return self.pick(
            (
                Deterministic(0.0), Deterministic(i), Deterministic(0.5 * i), Deterministic(H),
                Deterministic(2 * i), Deterministic(part * i), Lognormal(part * i, 0.8),
                Lognormal(part * i, 0.8), Exponential(part * i), Uniform(0.0, 1.3 * i),
                Mixture((0.7, 0.3), (Deterministic(part * i), Exponential(i))),
                Quantiles(((0, part * i), (0.9, i), (1, 3 * i))),
                Shifted(Exponential(part * i), 0.5 * i),
            )
        )  # fmt: skip

    def _cycle(self, k: int) -> None:
        m, pick = self.m, self.pick
        whole, interval = self._whole(k), self._interval()
        # Names decide ties: they stand before, among and behind those of the rest.
        name = f"{pick('adeftz')}{self.rng.integers(100)}-cycle{k}"
        run = m.element(f"{name}/run", "idle busy spoiled", initial=pick(("idle", "idle", "busy")))
        # By name the third comes between the end and the start of a run.
        keeps = f"{name}/{pick(('copy', 'the copy', 'run.kept'))}"
        copy = m.element(keeps, "none there", initial=pick(("none", "there")))
        started, copied = (self._age(f"{name}/{what}") for what in ("started", "copied"))
        new, unsaved = (self._age(f"{name}/{what}", rate=0.3) for what in ("new", "unsaved"))
        tick = every(interval, float(pick((0.0, 0.0, H, 0.37 * interval, 3 * interval))))
        rank = {"rank": pick((0, 0, 0, 1))}
        fresh = [started.set(0.0), new.set(float(pick((0.0, 2.5))))]
        start = run.after("idle -> busy", tick, "start", cls="tick", effects=fresh, **rank)
        if self.chance(0.8):
            run.now("busy -> spoiled", 60, "spoil", when=~whole)
        kept = copy.move({"none": "there", "there": "there"}, renew=True)
        p = float(pick((0.0, 1.0, 1.0, 0.94, 0.5, 0.2)))
        good = outcome(p, "idle", kept, copied.copy(started), unsaved.copy(new))
        bad = [outcome(0.5 * (1.0 - p), "idle"), outcome(0.5 * (1.0 - p), "idle")]
        rows: Any = [*bad[:1], good, *bad[1:]] if self.chance(0.5) else [good, *bad]
        if self.chance(0.7):
            rows = {run == "busy": rows, True: [outcome(1.0, "idle")]}
        length = self._length(interval)
        # Some runs stand still, or are slow, while the rest may not be looked away from.
        slow = {whole: 1.0, True: pick((0.0, 0.0, 0.5))}
        speed = {"speed": slow if self.chance(0.5) else 1.0}
        options = speed | {"cls": pick(("reaction", "repair", "fault")), "memory": pick(MEMORIES)}
        end = run.after("busy spoiled ->", length, "end", outcomes=rows, **options, **rank)
        expiry = None
        if self.chance(0.75):
            expiry = self._expiry(copy, interval, pick((whole, whole, None)))
        m.dormant(start, end, when=whole, expiry=expiry)
        self.cycles.append(Cycle(copy, whole, started, copied, unsaved, interval))
        self._watched(name, self.cycles[-1])

    def _age(self, name: str, rate: float = 1.0) -> Any:
        begins = self.pick((None, 0.0, 40.0))
        return self.m.quantity(name, low=0.0, high=float("inf"), start=begins, rate=rate)

    def _expiry(self, copy: Any, interval: float, when: Any) -> Any:
        lasts = self.pick((0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 20.0)) * interval
        rank = {"rank": self.pick((0, 0, 1)), "cls": self.pick(("reaction", "fault"))}
        memory = self.pick(MEMORIES)
        law = Deterministic(self.pick((lasts, lasts, self.hours(1, 30))))
        name = self.pick(("expire", "a-expire", "z-expire"))
        return copy.after("there -> none", law, name, when=when, memory=memory, **rank)

    def _watched(self, name: str, cycle: Cycle) -> None:
        """Read ages at a probe now and then; another reader may look all the time."""
        m = self.m
        if self.chance(0.7):
            probe = m.element(f"{self.pick('az')}-{name}/probe", "x")
            at = every(self.pick((1.0, 4.0, 10.0, 70.0)) * H, self.pick((0.0, H, 0.5 * H)))
            read = probe.after("x -> x", at, "read", cls="tick")
            m.sample(f"age {name}", read, cycle.copied, when=cycle.copy == "there")
            m.sample(f"start {name}", read, cycle.started)
            m.firings(f"none {name}", read, when=cycle.copy == "none")
        if self.chance(0.4):
            self._late_look(name, cycle)
        m.episodes(f"out of reach {name}", ~cycle.whole & (cycle.copy == "there"))
        m.role(f"role {name}", cycle.whole)
        if self.chance(0.06):
            self.pick((
                lambda: m.gate_time(f"there {name}", cycle.copy == "there"),
                lambda: m.entries(f"kept {name}", cycle.copy, "there"),
                lambda: m.quantity_integral(f"sum {name}", cycle.unsaved),
                lambda: m.role(f"copied {name}", cycle.copy == "there"),
            ))()  # fmt: skip

    def _late_look(self, name: str, cycle: Cycle) -> None:
        """Read ages at a firing that becomes due at once after a tick of another name."""
        m, names = self.m, [f"{letter}-{name}/late" for letter in self.rng.permutation(list("az"))]
        clerk = m.element(names[0], "waits looks")
        looks = clerk.after("looks -> waits", Deterministic(0.0), "look")
        sends = m.element(names[1], "x")
        asked = [clerk.move({"waits": "looks"})]
        at = every(self.pick((1.0, 2.0, 5.0)) * H, 0.0)
        sends.after("x -> x", at, "send", cls="tick", effects=asked)
        m.sample(f"late {name}", looks, cycle.copied)

    def effects(self, own: Any) -> list[Any]:
        made = super().effects(own)
        if self.cycles and self.chance(0.15):
            cycle = self.pick(self.cycles)
            made.append(
                self.pick((
                    cycle.unsaved.set(0.0),
                    cycle.unsaved.add(3 * H),
                    cycle.copy.move({"there": "none"}, renew=self.chance(0.5)),
                    cycle.copy.renew(),
                    cycle.copied.copy(cycle.started),
                ))
            )  # fmt: skip
        return made

    def _watches(self) -> None:
        super()._watches()
        for k, cycle in enumerate(self.cycles):
            seen = self.pick(self.transitions)
            self.m.sample(f"lost{k}", seen, cycle.unsaved, when=cycle.copy == "there", scale=0.5)


def sleepy(number: int) -> tuple[Model, float]:
    """Return the random model of that number, and for how long to run it."""
    draw = SleepyDraw(number)
    return draw.model(), SHORT * H if draw.short else HORIZON
