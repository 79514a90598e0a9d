"""Random models that use every rule: small integer delays so that events tie, cascades, calendars.

A model is a function of one integer, so that a failure can be repeated by its number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pacsim.core import (
    Batch,
    Model,
    ModelBuilder,
    every,
    next_business_day,
    next_open,
    next_opening,
    outcome,
)
from pacsim.core import model as watch
from pacsim.delays import (
    Calendar,
    Deterministic,
    Exponential,
    Lognormal,
    Mixture,
    MonthlySchedule,
    Quantiles,
    Shifted,
    Triangular,
    Uniform,
    Weibull,
)

H = 3600.0
HORIZON = 300 * H
WINDOW = 70 * H
CLASSES = ("fault", "fault", "reaction", "repair", "planned", "tick")
MEMORIES = ("restart", "resume", "keep")
# FIFO and index priorities are apart (R17).
FIFO_PRIORITIES, INDEX_PRIORITIES = (30, 50), (10, 20, 60)


class Draw:
    """One random model being written."""

    def __init__(self, number: int) -> None:
        self.rng = np.random.default_rng(number)
        self.m = ModelBuilder(random_origin=self.chance(0.2))
        self.calendars = (
            Calendar.weekly_hours("desk", "mon-fri 08:00-17:00"),
            Calendar.weekly_hours("nights", "mon-sun 22:00-06:00", closed_speed=0.25),
            Calendar(
                "bursts", tuple((d * 86400 + 7 * H, d * 86400 + 9 * H, 2.0) for d in range(7))
            ),
            MonthlySchedule("first", 1, 2, 3 * H, 5 * H),
        )
        self.elements: list[Any] = []
        self.quantities: list[Any] = []
        self.conditions: list[Any] = []
        self.transitions: list[Any] = []
        self.stock: Any = None
        self.queue: list[int] = []

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def hours(self, low: int = 1, high: int = 24) -> float:
        return float(self.rng.integers(low, high + 1)) * H

    def model(self) -> Model:
        m = self.m
        self._elements()
        self._conditions()
        for k in range(int(self.rng.integers(0, 3))):
            self._quantity(k)
        for element in self.elements:
            if id(element) not in self.queue:
                self._transitions(element)
        m.gate("late", self.condition())
        self._watches()
        return m.build()

    def _elements(self) -> None:
        for k in range(int(self.rng.integers(2, 6))):
            states = "abc"[: int(self.rng.integers(2, 4))]
            flags = {s: self.pick(("", "fault", "planned")) for s in states[1:]}
            self.elements.append(
                self.m.element(
                    f"e{self.rng.integers(100)}-{k}",
                    list(states),
                    fault=[s for s, f in flags.items() if f == "fault"],
                    planned=[s for s, f in flags.items() if f == "planned"],
                    initial=self.pick(states),
                    # No number is drawn for it: the other models stay what they were.
                    lasting=k % 2 == 1 and not any(flags.values()),
                )
            )
        if self.chance(0.5):
            self.stock = self.m.counter("stock", 60, initial=30)
        if self.chance(0.3):
            self._waiting_line()

    def _waiting_line(self) -> None:
        """Add units that want one crew; others' effects may take two of them in one step."""
        line = [
            self.m.element(f"w{self.rng.integers(100)}-{k}", list("abc"), fault=["b", "c"])
            for k in range(int(self.rng.integers(2, 5)))
        ]
        self.queue = [id(unit) for unit in line]
        free = 1 - self.m.count(unit == "c" for unit in line)
        priority = self.pick(FIFO_PRIORITIES)
        for unit in line:
            life = Deterministic(self.hours(3, 24))
            work = Deterministic(self.hours(2, 12))
            self.transitions += [
                unit.after("a -> b", life, "fail", cls="fault", memory=self.pick(MEMORIES)),
                unit.now("b -> c", priority, "start", when=free >= 1, fifo=True),
                unit.after("c -> a", work, "work", cls="repair", renew=True),
            ]
        self._shock(line)
        self.elements += line

    def _shock(self, line: list[Any]) -> None:
        """Add a blow that several units feel in one step, listed in any order."""
        order = [line[k] for k in self.rng.permutation(len(line))]
        hits = [unit.move({"a": "b"}, p=self.pick((1.0, 1.0, 0.5))) for unit in order]
        shock = self.m.element("shock", "x")
        blow = every(self.hours(5, 40), self.hours(1, 5))
        self.transitions.append(shock.after("x -> x", blow, "blow", cls="fault", effects=hits))

    def state(self) -> Any:
        element = self.pick(self.elements)
        return element == self.pick(element.states)

    def nominal(self, element: Any) -> Any:
        return element == element.states[self.m.elements[element.index].initial]

    def condition(self) -> Any:
        m, children = (
            self.m,
            [self.pick(self.conditions) for _ in range(int(self.rng.integers(1, 4)))],
        )
        kind = int(self.rng.integers(7))
        if kind == 0:
            return m.all(children)
        if kind == 1:
            return m.any(children)
        if kind == 2:
            return ~self.pick(children)
        if kind == 3:
            return m.count(children) * 2 - 1 >= int(self.rng.integers(0, 4))
        if kind == 4:
            return self._graph()
        if kind == 5:
            return m.gate(f"g{len(m.definitions)}", m.any(children) & self.pick(self.conditions))
        return self.pick(children)

    def _conditions(self) -> None:
        self.conditions = [self.state() for _ in range(4)]
        self.conditions.append(self.m.forward("later") if self.chance(0.3) else self.state())
        if self.conditions[-1].expr.__class__.__name__ == "Forward":
            self.m.gate("later", self.state() | ~self.state())
        for _ in range(3):
            self.conditions.append(self.condition())

    def _graph(self) -> Any:
        names = list("stuvw")
        vertices = {
            name: self.pick(self.conditions) if self.chance(0.5) else None for name in names
        }
        edges = [
            (self.pick(names), self.pick(names), self.pick([*self.conditions, None]))
            for _ in range(int(self.rng.integers(4, 8)))
        ]
        return self.m.connected(vertices, edges, ["s"], ["t", "u"], directed=self.chance(0.5))

    def _quantity(self, k: int) -> None:
        low, high = -5 * H, float(self.pick((20, 1000))) * H
        rate: Any = {
            self.pick(self.conditions): float(self.pick((-1.0, 2.0, 0.3))),
            True: float(self.pick((1.0, 0.0, -0.7))),
        }
        self.quantities.append(
            self.m.quantity(
                f"q{k}",
                low=low,
                high=high,
                start=None if self.chance(0.25) else 3 * H,
                rate=rate,
                profile=self.pick(self.calendars[:3]) if self.chance(0.3) else None,
            )
        )

    def law(self) -> Any:
        h = self.hours(2, 30)
        return self.pick(
            (
                *(Deterministic(self.hours(1, 8)) for _ in range(6)), Exponential(h), Exponential(h),
                Weibull(h, 2.2), Weibull(h, 0.8), Lognormal(h, 0.9), Uniform(0.5 * h, h),
                Triangular(0.0, h, 2 * h), Quantiles(((0, h), (0.5, 1.5 * h), (1, 4 * h))),
                Shifted(Uniform(0.0, h), h), Mixture((0.6, 0.4), (Deterministic(h), Exponential(h))),
            )
        )  # fmt: skip

    def effects(self, own: Any) -> list[Any]:
        made: list[Any] = []
        others = [e for e in self.elements if e is not own]
        self.rng.shuffle(others)
        for element in others[: int(self.rng.integers(0, 3))]:
            p = float(self.pick((1.0, 0.5)))
            if self.chance(0.3):
                made.append(element.renew(p=p))
            else:
                source, target = self.pick(element.states), self.pick(element.states)
                made.append(element.move({source: target}, p=p, renew=self.chance(0.4)))
        if self.stock is not None and self.chance(0.2):
            made.append(self.stock.step(self.pick((-1, 1))))
        if self.quantities and self.chance(0.4):
            q, other = self.pick(self.quantities), self.pick(self.quantities)
            by = q.add(float(self.pick((1.5, 15.0, -9.0))) * H)
            made.append(self.pick((q.set(2 * H), by, q.copy(other))))
            if other is not q and self.chance(0.5):
                made.append(self.pick((other.set(7 * H), other.copy(q))))
        return made

    def _transitions(self, element: Any) -> None:
        for k, source in enumerate(element.states):
            for variant in range(int(self.rng.integers(1, 3))):
                self._timed(element, source, f"t{k}{variant}")
            if self.chance(0.5) and k + 1 < len(element.states):
                # Immediates lead to later states only, so that a cascade ends.
                fifo = self.chance(0.5)
                self.transitions.append(
                    element.now(
                        f"{source} -> {element.states[k + 1]}",
                        self.pick(FIFO_PRIORITIES if fifo else INDEX_PRIORITIES),
                        f"i{k}",
                        fifo=fifo,
                        when=self.pick(self.conditions),
                        cls=self.pick(CLASSES),
                        renew=self.chance(0.2),
                    )
                )

    def _timed(self, element: Any, source: str, name: str) -> None:
        options: dict[str, Any] = {
            "cls": self.pick(CLASSES),
            "memory": self.pick(MEMORIES),
            "rank": self.pick((0, 0, 1)),
        }
        options["when"] = self.pick((None, None, self.pick(self.conditions)))
        delay: Any = self.law()
        kind = self.rng.random()
        later = list(element.states)[list(element.states).index(source) + 1 :]
        # A delay that may be zero leads to a later state only, so that no instant repeats for ever.
        may_be_zero = kind < 0.3 and bool(later)
        if kind < 0.15 and may_be_zero:
            calendar = self.pick(self.calendars)
            delay = self.pick(
                (
                    next_open(calendar, 1.5 * H),
                    next_opening(calendar),
                    next_business_day(calendar),
                    every(7 * H, 2 * H),
                )
            )
            options["memory"] = "restart"
        elif may_be_zero and self.quantities:
            q = self.pick(self.quantities)
            delay = self.pick(
                (q.falls_to(0.0), q.rises_to(10 * H), q.falls_to(-5 * H), q.rises_to(4 * H))
            )
            options["cls"] = "reaction"
        else:
            if self.chance(0.25):
                delay = {self.pick(self.conditions): self.law(), True: delay}
            if self.chance(0.3):
                options["speed"] = {
                    self.pick(self.conditions): float(self.pick((0.0, 0.5, 3.0))),
                    True: float(self.pick((1.0, 1.0, 0.0))),
                }
            if self.chance(0.2):
                options["profile"] = self.pick(self.calendars[:3])
            if may_be_zero and self.chance(0.6):
                # Nothing to do: it is done at once, also while the profile is closed.
                delay, options["profile"] = Deterministic(0.0), self.pick(self.calendars[:3])
            if self.chance(0.2) and not isinstance(delay, dict):
                options["initial_age"] = float(self.pick((1.0, 5.0))) * H
        states = list(element.states)
        rows = [
            outcome(
                1.0,
                self.pick([s for s in states if s != source]),
                *self.effects(element),
                renew=self.chance(0.5),
            )
        ]
        if self.chance(0.3):
            rows = [
                outcome(0.25, self.pick(states), *self.effects(element), renew=self.chance(0.5)),
                outcome(0.75, self.pick(states), *self.effects(element), renew=self.chance(0.5)),
            ]
        if may_be_zero:
            rows = [outcome(1.0, self.pick(later), *self.effects(element), renew=self.chance(0.5))]
        choices: Any = rows
        if self.chance(0.2) and not may_be_zero:
            choices = {self.pick(self.conditions): rows, True: [outcome(1.0, self.pick(states))]}
        sources = source if may_be_zero or self.chance(0.8) else " ".join(states[:2])
        self.transitions.append(element.after(sources, delay, name, outcomes=choices, **options))

    def _watches(self) -> None:
        m, pick = self.m, self.pick
        level = m.first_of([pick(self.conditions) for _ in range(3)])
        m.gate_time("time", pick(self.conditions), by_window=True)
        m.level_integral("sum", 3 - 2 * m.count([self.state(), self.state()]))
        m.level_time("values", level)
        m.firings("fired", pick(self.transitions), when=pick(self.conditions))
        element = pick(self.elements)
        m.entries("entered", element, pick(element.states))
        m.first_passage("first", pick(self.conditions))
        m.role("role", pick(self.conditions), pick(self.conditions))
        m.role("pair", m.any(self.nominal(e) for e in self.elements[:2]))
        m.episodes("phases", ~pick(self.conditions), phase=level, at_start=level, at_end=level)
        for k, q in enumerate(self.quantities):
            m.quantity_integral(f"integral{k}", q)
            m.sample(f"sample{k}", pick(self.transitions), q, scale=0.5, offset=1.0)
        if self.quantities:
            self._amounts()

    def _amounts(self) -> None:
        """Read what came in since a copy, and real capacities; no number is drawn for it."""
        m, first = self.m, self.elements[0]
        age = m.quantity("age", low=0, high=float("inf"), start=50 * H, rate=1.0)
        copy = m.element("copy", "x")
        copied = copy.after("x -> x", every(31 * H, 5 * H), "copy", effects=[age.set(0.0)])
        for k, transition in enumerate((copied, self.transitions[0])):
            profile = self.calendars[(k + first.index + len(self.elements)) % 4]
            m.sample(f"amount{k}", transition, age, profile=profile, scale=0.01)
        m.sample("moments", self.transitions[:3], when=self.conditions[0], scale=0.5)
        capacity = first.value({first.states[0]: 2.5, first.states[1]: 2**0.5}) - 1 / 3
        m.level_integral("capacity", capacity)
        m.gate_time("able", capacity >= 1.1)


def generated(number: int) -> Model:
    """Return the random model of that number."""
    return Draw(number).model()


def features(model: Model, batch: Batch) -> dict[str, bool]:
    """Return which mechanisms a model's run really used."""
    trace = batch.trace
    assert trace is not None
    timed = np.array([model.transitions[i].timed for i in trace["transition"]], dtype=bool)
    times = trace["time"][timed]
    runs = np.diff(np.flatnonzero(np.concatenate([timed, [True]])))
    fired = {int(i) for i in trace["transition"]}
    used = [model.transitions[i] for i in fired]
    effects = [e for t in used for row in t.outcomes.table for o in row for e in o.effects]
    roles = [
        (o, f)
        for o, f in zip(model.observations, watch.layout(model, 5).first, strict=True)
        if isinstance(o, watch.Episodes) and o.causes
    ]
    fifo = sum(t.fifo for t in used)
    return {
        "ties": bool(np.any(np.diff(times) == 0)),
        "cascades": bool(len(runs) and runs.max() >= 3),
        "restart": any(t.memory == "restart" and t.timed and t.guard >= 0 for t in used),
        "resume": any(t.memory == "resume" and t.guard >= 0 for t in used),
        "keep": any(t.memory == "keep" for t in used),
        "effects": bool(effects),
        "chancy effects": any(e.p < 1 for e in effects),
        "renewals": any(e.renew for e in effects),
        "jumps": any(o.jumps for t in used for row in t.outcomes.table for o in row),
        "quantities": bool(model.quantities),
        "speeds": any(len(t.speed.table) > 1 for t in used),
        "fifo": fifo > 0,
        "profiles": any(t.profile >= 0 for t in used),
        "connected": any(g.connection is not None for g in model.gates),
        "outcome tables": any(len(t.outcomes.table) > 1 for t in used),
        "planned": any(batch.values[0][f + 3] > 0 for _, f in roles),
        "mixed": any(batch.values[0][f + 4] > 0 for _, f in roles),
        "samples": len(batch.samples) > 0,
        "amounts": any(isinstance(o, watch.Sample) and o.profile >= 0 for o in model.observations),
        "integrals on profiles": any(
            isinstance(o, watch.QuantityIntegral) and model.quantities[o.quantity].profile >= 0
            for o in model.observations
        ),
        "later contributors": not batch.contributors["at_start"].all(),
    }
