"""Turns a model into the flat tables that the kernel reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core import dormant as sets
from pacsim.core import model as core
from pacsim.core.building.calendar_span import unrolled
from pacsim.core.model import NONE, cone
from pacsim.core.run_arguments import windows_in
from pacsim.core.streams import stream_id
from pacsim.engines.kernel import manifest, names
from pacsim.engines.kernel.declaring import columns_of
from pacsim.engines.kernel.delay_rows import DelayRows, dormant_numbers
from pacsim.engines.kernel.manifest import Dimensions
from pacsim.engines.kernel.needs import LevelNeeds
from pacsim.engines.kernel.records import ObservationRow, TransitionRow
from pacsim.engines.kernel.state_changes import StateChanges, flag_of
from pacsim.engines.kernel.users import users_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pacsim.core.model import Model
    from pacsim.engines.kernel.declaring import Group

CLASSES = {"fault": 0, "planned": 1}
JUMPS = {"set": 0, "add": 1, "copy": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What is fixed for a model and a horizon; the arrays by the fields of their groups.

    Parameters
    ----------
    model, calendars : dict
        The arrays of `manifest.ModelGroup` and `manifest.CalendarsGroup`.
    columns : int
        Of the figures of one replication.
    dimensions : Dimensions
        On which the sizes of the working memory depend.
    """

    model: dict[str, np.ndarray]
    calendars: dict[str, np.ndarray]
    columns: int
    layout: core.Layout
    dimensions: Dimensions


class Packer:
    """Fills the flat integer and float tables while records are made."""

    def __init__(
        self,
        model: Model,
        horizon: float,
        windows: int,
        contributors: Sequence[Collection[int]] | None = None,
    ) -> None:
        self.model = model
        # Those of the model as it was built: what is simplified away is still a path.
        self.contributors = core.contributors(model) if contributors is None else contributors
        self.horizon = horizon
        self.layout = core.layout(model, windows)
        users = users_of(model)
        self.sleepers = [d for d in model.dormant if not sets.kept_awake(model, d)]
        self.needs = LevelNeeds(model, users, self.sleepers)
        self.users = users.without(self.needs.never())
        self.ints: list[int] = []
        self.changes = StateChanges(model, self.users, self.needs, self.ints)
        self.masks: list[int] = []
        self.floats: list[float] = []
        self.delay_rows = DelayRows()
        self.recorded = 0

    def put(self, values: Collection[int]) -> tuple[int, int]:
        """Append integers; return where they begin and how many they are."""
        first = len(self.ints)
        self.ints += values
        return first, len(values)

    def mask(self, elements: Collection[int]) -> int:
        """Append a set of elements as bits; return where it begins."""
        first = len(self.masks)
        whole = sum(1 << e for e in elements)
        words = len(self.model.elements) // 64 + 1
        self.masks.extend((whole >> 64 * k) & (2**64 - 1) for k in range(words))
        return first

    def asks(self, *, gate: int = NONE, level: int = NONE) -> int:
        """Return where the levels to bring up to date stand, `NONE` if there are none."""
        if gate == level == NONE:
            return NONE
        asked = self.needs.to_read(gate=gate, level=level)
        return self.put([len(asked), *asked])[0] if asked else NONE

    def tables(self) -> Tables:
        """Return all tables of the model."""
        model = self.model
        delays: list[tuple[Any, ...]] = []
        outcomes: list[tuple[Any, ...]] = []
        effects: list[tuple[Any, ...]] = []
        jumps: list[tuple[Any, ...]] = []
        watches = [
            self._watch(o, first, matter)
            for o, first, matter in zip(
                model.observations, self.layout.first, self.contributors, strict=True
            )
        ]
        transitions = [
            self._transition(i, t, delays, outcomes, effects, jumps)
            for i, t in enumerate(model.transitions)
        ]
        elements = [self._element(i, e) for i, e in enumerate(model.elements)]
        graphs: list[tuple[int, ...]] = []
        # A threshold is read with its level, so it has no place of its own.
        order = [(kind, i) for kind, i in model.order if kind == "L" or model.gates[i].connection]
        position: dict[tuple[str, int], int] = {one: place for place, one in enumerate(order)}
        gates = [self._gate(i, g, position, graphs) for i, g in enumerate(model.gates)]
        asked = self.needs.at_start()
        rows = (self._level(i, level, position) for i, level in enumerate(model.levels))
        levels = [(*row, asked[i]) for i, row in enumerate(rows)]
        quantities = [self._quantity(i, q) for i, q in enumerate(model.quantities)]
        place = columns_of(TransitionRow).index("rows_first")
        dormant = [self._dormant(d, transitions[d.end][place]) for d in self.sleepers]
        plan = [i if kind == "L" else -i - 1 for kind, i in order]
        fixed: dict[str, Any] = {
            "transitions": transitions,
            "delays": delays,
            "outcomes": outcomes,
            "effects": effects,
            "state_changes": self.changes.rows,
            "jumps": jumps,
            "elements": elements,
            "levels": levels,
            "gates": gates,
            "graphs": graphs,
            "quantities": quantities,
            "observations": watches,
            "dormant": dormant,
            "integers": self.ints,
            "masks": self.masks,
            "reals": self.floats,
            "plan": plan,
            "watchers": [o for o, seen in enumerate(model.observations) if not _counts(seen)],
        } | self.delay_rows.tables()
        largest = max((row[1] for row in graphs), default=0)
        return Tables(
            model=_arrays(manifest.ModelGroup, fixed),
            calendars=self._calendars(),
            columns=self.layout.columns,
            layout=self.layout,
            dimensions=_dimensions(model, len(graphs), largest, len(dormant)),
        )

    def _transition(
        self,
        index: int,
        t: core.Transition,
        delays: list[tuple[Any, ...]],
        outcomes: list[tuple[Any, ...]],
        effects: list[tuple[Any, ...]],
        jumps: list[tuple[Any, ...]],
    ) -> tuple[Any, ...]:
        level = t.outcomes.level
        source_at, _ = self.put([0] * len(self.model.elements[t.element].states))
        for state in t.sources:
            self.ints[source_at + state] = 1
        delay_first = len(delays)
        if t.delay is not None:
            delays.extend(self.delay_rows.row(entry) for entry in t.delay.table)
        speed, speed_first = t.speed, len(self.floats)
        self.floats += speed.table
        rows = []
        for row in t.outcomes.table:
            rows += [len(outcomes), len(row)]
            outcomes += [self._outcome(t, o, effects, jumps) for o in row]
        rows_first, _ = self.put(rows)
        watch_first, watch_count = self.put(self.users.firing_watches[index])
        delay_level = NONE if t.delay is None else t.delay.level
        return (
            t.delay_stream,
            t.outcome_stream,
            t.initial_age,
            t.element,
            source_at,
            *self.users.watched(t.guard),
            t.delay is not None,
            -1 if t.priority is None else t.priority,
            t.fifo,
            t.memory in {"resume", "keep"},
            t.memory == "keep",
            t.is_root,
            CLASSES.get(t.cls, 2),
            delay_level,
            delay_first,
            speed.level,
            speed_first,
            speed.level == NONE and speed.table == (1.0,),
            t.profile,
            level,
            rows_first,
            watch_first,
            watch_count,
            self.asks(level=delay_level),
            self.asks(level=level),
        )

    def _outcome(
        self,
        t: core.Transition,
        o: core.Outcome,
        effects: list[tuple[Any, ...]],
        jumps: list[tuple[Any, ...]],
    ) -> tuple[Any, ...]:
        effect_first, jump_first = len(effects), len(jumps)
        for effect in o.effects:
            other = effect.element
            at = NONE if effect.moves is None else self.changes.of(other, effect.moves)
            effects.append((effect.stream, effect.p, other, at, effect.renew, effect.counter))
        jumps += [(j.value, j.quantity, JUMPS[j.how], j.other) for j in o.jumps]
        return (
            o.p,
            self.changes.to(t.element, t.sources, o.target),
            o.renew_self,
            effect_first,
            len(o.effects),
            jump_first,
            len(o.jumps),
        )

    def _element(self, index: int, e: core.Element) -> tuple[Any, ...]:
        flag_at, _ = self.put([flag_of(e, state) for state in range(len(e.states))])
        transitions = self.put(self.users.transitions[index])
        levels = self._pairs(
            [(level, self.put(weights)[0]) for level, weights in self.users.weights[index]]
        )
        return (e.initial, flag_at, *transitions, *levels)

    def _level(
        self, index: int, level: core.Level, position: dict[tuple[str, int], int]
    ) -> tuple[Any, ...]:
        model = self.model
        elements = self._pairs([(e, self.put(weights)[0]) for e, weights in level.elements])
        terms = self._pairs(list(level.gates))
        gates = self._pairs([(i, model.gates[i].k) for i in self.users.gates[index]])
        speeds = self.put(self.users.speeds[index])
        rates = self.put(self.users.rates[index])
        watchers = self.put(self.users.level_watches[index])
        return (
            level.constant,
            position["L", index],
            *elements,
            *terms,
            *gates,
            *speeds,
            *rates,
            *watchers,
            speeds[1] + rates[1] + watchers[1] > 0,
        )

    def _pairs(self, pairs: list[tuple[int, int]]) -> tuple[int, int]:
        first = len(self.ints)
        for pair in pairs:
            self.ints += pair
        return first, len(pairs)

    def _gate(
        self,
        index: int,
        gate: core.Gate,
        position: dict[tuple[str, int], int],
        graphs: list[tuple[int, ...]],
    ) -> tuple[Any, ...]:
        graph = NONE
        if gate.connection is not None:
            graph = len(graphs)
            connection = gate.connection
            vertices = self.put(connection.vertices)
            edges = self.put([value for edge in connection.edges for value in edge])
            graphs.append(
                (
                    *vertices,
                    edges[0],
                    len(connection.edges),
                    *self.put(connection.sources),
                    *self.put(connection.targets),
                )
            )
        terms = self._pairs(self.users.terms[index])
        readers = self.put(self.users.graphs[index])
        guards = self.put(self.users.guards[index])
        watchers = self.put(self.users.gate_watches[index])
        place = position.get(("G", index), NONE)
        return (gate.level, gate.k, place, graph, *terms, *readers, *guards, *watchers)

    def _quantity(self, index: int, q: core.Quantity) -> tuple[Any, ...]:
        first = len(self.floats)
        self.floats.extend(q.rate.table)
        waiting = self.put(self.users.waits[index])
        start = 0.0 if q.start is None else q.start
        return (q.low, q.high, start, q.start is None, q.rate.level, first, q.profile, *waiting)

    def _dormant(self, declared: core.Dormant, rows_first: int) -> tuple[Any, ...]:
        """Return a dormant set; the outcomes of its ends stand from ``rows_first`` on."""
        whole = sets.cycle(self.model, declared)
        clocks = (declared.start, declared.end, declared.expiry)
        looking = set(sets.wakers(self.model, declared))
        return (
            *dormant_numbers(self.model, declared, self.horizon),
            declared.gate,
            *clocks,
            self.put(clocks)[0],
            self.put([i in looking for i in range(len(self.model.transitions))])[0],
            whole.rest,
            whole.work,
            whole.kept,
            whole.held,
            rows_first + 2 * whole.row,
            whole.good,
        )

    def _watch(
        self, observed: core.Observation, first: int, matter: Collection[int]
    ) -> tuple[Any, ...]:
        row: dict[str, Any] = {
            "scale": 1.0, "offset": 0.0, "kind": 0, "subject": -1, "opposite": 0, "first": first,
            "outcome": -1, "when": -1, "set_at": -1, "by_window": 0, "causes": 0, "at_start": -1,
            "at_end": -1, "phase": -1, "profile": -1, "cone_at": -1, "cone_mask": -1,
            "share_at": -1, "share_mask": -1, "cone_items": -1, "judged": -1,
            "judged_opposite": 0, "asks": -1, "end_asks": -1,
        }  # fmt: skip
        match observed:
            case core.GateTime(_, gate, by_window):
                row |= {"kind": names.GATE_TIME, "by_window": by_window}
                row["subject"], row["opposite"] = self.users.watched(gate)
            case core.LevelIntegral(_, level, scale):
                row |= {"kind": names.LEVEL_INTEGRAL, "subject": level, "scale": scale}
            case core.LevelTime(_, level, _):
                row |= {"kind": names.LEVEL_TIME, "subject": level}
            case core.FiringCount(_, transition, outcome, when):
                row |= {"kind": names.FIRINGS, "subject": transition}
                row |= {"outcome": outcome, "when": when, "asks": self.asks(gate=when)}
            case core.EntryCount(_, element, _):
                row |= {"kind": names.ENTRIES, "subject": element}
            case core.QuantityIntegral(_, quantity):
                row |= {"kind": names.QUANTITY_INTEGRAL, "subject": quantity}
            case core.Sample():
                row |= {"kind": names.SAMPLE}
                row |= {"set_at": observed.quantity, "outcome": observed.outcome}
                row |= {"when": observed.when, "scale": observed.scale, "offset": observed.offset}
                row |= {"profile": observed.profile, "asks": self.asks(gate=observed.when)}
            case core.FirstPassage(_, gate):
                row["kind"] = names.PASSAGE
                row["subject"], row["opposite"] = self.users.watched(gate)
            case core.Changes(_, level, _):
                row |= {"kind": names.CHANGES, "subject": level, "outcome": self.recorded}
                self.recorded += 1
            case core.Episodes():
                row["kind"] = names.EPISODES
                row["subject"], row["opposite"] = self.users.watched(observed.gate)
                row |= {"by_window": observed.by_window, "causes": observed.causes}
                row |= {"at_start": observed.at_start, "at_end": observed.at_end}
                row |= {"phase": observed.phase, "asks": self.asks(level=observed.at_start)}
                row |= {"end_asks": self.asks(level=observed.at_end)}
                if observed.causes:
                    judged, model = self.users.watched(observed.split_by), self.model
                    row["judged"], row["judged_opposite"] = judged
                    below = cone(model, judged[0])
                    within = [e in below.elements for e in range(len(model.elements))]
                    row["cone_at"] = self.put(within)[0]
                    can = [e in matter for e in range(len(model.elements))]
                    row["share_at"] = self.put(can)[0]
                    row["share_mask"] = self.mask(matter)
                    # A lasting element is read as it is, but what it is matters.
                    read = [e for e in below.elements if not model.elements[e].lasting]
                    row["cone_mask"] = self.mask(read)
                    levels = [k in below.levels for k in range(len(model.levels))]
                    gates = [k in below.gates for k in range(len(model.gates))]
                    row["cone_items"], _ = self.put(levels + gates)
        return tuple(row[name] for name in columns_of(ObservationRow))

    def _calendars(self) -> dict[str, np.ndarray]:
        bases = list(unrolled(self.model, self.horizon))
        rows = []
        opens = pieces = 0
        for base in bases:
            rows.append((base.civil, opens, len(base.opens), pieces, len(base.starts), 0))
            opens += len(base.opens)
            pieces += len(base.starts)
        columns = {
            "base_opens": [base.opens for base in bases],
            "base_closes": [base.closes for base in bases],
            "days": [base.days for base in bases],
            "base_starts": [base.starts for base in bases],
            "base_ends": [base.ends for base in bases],
            "base_speeds": [base.speeds for base in bases],
        }
        packed: dict[str, Any] = {
            name: np.concatenate(parts) if parts else () for name, parts in columns.items()
        }
        packed |= {name: np.empty(opens) for name in ("opens", "closes")}
        packed |= {name: np.empty(pieces) for name in ("starts", "ends", "speeds", "sums")}
        packed |= {"spans": rows, "civil": [base.civil for base in bases]}
        return _arrays(manifest.CalendarsGroup, packed)


def _arrays(group: type[Group], packed: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return what was packed for a group as arrays of the declared types."""
    return {name: np.array(packed[name], dtype=field.dtype) for name, field in group.fields.items()}


def _counts(observed: core.Observation) -> bool:
    """Return whether an observation is told what happens, or only recorded where it changes."""
    told = core.FiringCount | core.EntryCount | core.QuantityIntegral | core.Sample
    kinds = told | core.Changes
    return isinstance(observed, kinds)


def _dimensions(model: Model, graphs: int, vertices: int, dormant: int) -> Dimensions:
    """Return what the sizes of the working memory depend on."""
    effects = (len(o.effects) for t in model.transitions for row in t.outcomes.table for o in row)
    timed = sum(t.timed for t in model.transitions)
    return Dimensions(
        transitions=len(model.transitions),
        timed=timed,
        immediates=len(model.transitions) - timed,
        recorded=sum(isinstance(o, core.Changes) for o in model.observations),
        elements=len(model.elements),
        levels=len(model.levels),
        gates=len(model.gates),
        quantities=len(model.quantities),
        observations=len(model.observations),
        graphs=graphs,
        vertices=vertices,
        moves=1 + max(effects, default=0),
        dormant=dormant,
    )


def origin_stream() -> int:
    """Return the stream of a random origin (R1)."""
    return stream_id("calendar.origin")


def window_bounds(horizon: float, window: float | None) -> tuple[int, np.ndarray]:
    """Return the number of windows and the boundaries between them."""
    if window is None:
        return 0, np.zeros(0)
    windows = windows_in(horizon, window)
    return windows, np.array([window * k for k in range(1, windows)], dtype=np.float64)
