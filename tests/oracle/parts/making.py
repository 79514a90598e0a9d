"""Parts made by hand for their oracles: slots as numbers and laws, no design file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.core import Model, ModelBuilder, layout
from pacsim.delays import Exponential, Law
from pacsim.engines.exact import solve
from pacsim.engines.reference import simulate
from pacsim.parts import practices as people
from pacsim.parts.active_passive import CHECK, FENCING
from pacsim.parts.build_context import BuildContext
from pacsim.parts.design_file import ARCHIVE, ROLE
from pacsim.parts.disk_array import DISK
from pacsim.parts.group_shocks import COMMON
from pacsim.parts.overlaps import with_overlaps
from pacsim.parts.planned_work import add_changes
from pacsim.parts.registry import all_types
from pacsim.parts.roles import build_role
from pacsim.parts.server import SOFTWARE
from pacsim.parts.slots import declaration
from pacsim.parts.values import ALL_IN, HANDS_ON, Delay, Feeds, Needs, Part, Reach
from pacsim.parts.watch_handles import LossWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pacsim.parts.slots import RecordType
    from pacsim.parts.watch_handles import Handle

RECORDS = {
    "software": SOFTWARE,
    "disk": DISK,
    "check": CHECK,
    "fencing": FENCING,
    "common": COMMON,
    "support": people.SUPPORT,
    "times": people.PEOPLE,
    "monitoring": people.MONITORING,
    "failover_tests": people.TESTS,
}
CHANGES: dict[str, Any] = {"shared": 0.0, "seen_at_once": 1.0, "found": Exponential(1.0)}
"""Unless given, a failed change is of one server and seen at once."""
PLAIN = ("choice", "flag", "count", "text")


def made(kind: RecordType, name: str, values: dict[str, Any]) -> Part:
    """Return a part from Python values; a law stands for a delay, a dict for a record."""
    found: dict[str, Any] = {}
    for slot in kind.slots:
        default = slot.default if slot.kind in PLAIN or isinstance(slot.default, int) else None
        found[slot.name] = None if default == "required" else default
    known = set(found) | {"support", "ttr"}
    for key, value in values.items():
        assert key in known, (name, key)
        if key == "ttr":
            found["repair"] = Delay(value, covers=ALL_IN)
        elif isinstance(value, Law):
            known_slot = kind.slot(key)
            found[key] = Delay(value, covers=(known_slot.covers if known_slot else "") or HANDS_ON)
        elif isinstance(value, dict) and key in RECORDS:
            found[key] = made(RECORDS[key], key, value)
        elif key == "power":
            found[key] = value if isinstance(value, Feeds) else Feeds(1, tuple(value))
        else:
            found[key] = value
    return Part(name, kind.name, MappingProxyType(found), kind)


def part(kind: str, name: str, **values: Any) -> Part:
    """Return a part of a registered type."""
    return made(all_types()[kind], name, values)


def practices(**values: Any) -> Part:
    """Return practices; times of people are exponential with a mean of one unless given."""
    times = {slot.name: Exponential(1.0) for slot in people.PEOPLE.slots if slot.kind == "work"}
    times.update({"no_procedure": 1.0, "manual_success": 1.0, "manual_success_no_procedure": 1.0})  # type: ignore[dict-item]
    times.update(values.pop("times", {}))
    given = {"procedures": "written", **values}
    windows, upgrades = given.pop("maintenance", None), given.pop("upgrades", None)
    found = made(people.TYPE, "practices", {**given, "times": times})
    work: dict[str, Any] = {}
    if windows is not None:
        work["maintenance"] = {
            k: made(people.WINDOW, k, {**CHANGES, **w}) for k, w in windows.items()
        }
    if upgrades is not None:
        work["upgrades"] = made(people.UPGRADES, "upgrades", {**CHANGES, **upgrades})
    return Part(found.name, found.type, MappingProxyType({**found.values, **work}))


def role(
    name: str,
    *needs: str | Reach | Needs,
    k: int | None = None,
    used_from: tuple[str, ...] = (),
    does: tuple[str, ...] = (),
    full: Needs | None = None,
    down_when: str = "any",
) -> Part:
    """Return a role that needs ``k`` of the named parts, or all of them."""
    tree = Needs(len(needs) if k is None else k, needs)
    values = {"needs": tree, "used_from": used_from, "does": does}
    values |= {"full": full, "down_when": down_when}
    return Part(name, ROLE.name, MappingProxyType(values))


def model(
    *parts: Part,
    groups: tuple[Part, ...] = (),
    roles: tuple[Part, ...] = (),
    down: tuple[str, ...] = (),
    doing: Part | None = None,
    builder: ModelBuilder | None = None,
    studies: float = 1.0,
    study_size: float = 1.0,
    stored: float = 0.0,
) -> Model:
    """Return the model of some parts; the absence of each gate in ``down`` is logged."""
    return watched(
        *parts, groups=groups, roles=roles, down=down, doing=doing, builder=builder,
        studies=studies, study_size=study_size, stored=stored,
    )[0]  # fmt: skip


def watched(
    *parts: Part,
    groups: tuple[Part, ...] = (),
    roles: tuple[Part, ...] = (),
    down: tuple[str, ...] = (),
    doing: Part | None = None,
    builder: ModelBuilder | None = None,
    studies: float = 1.0,
    study_size: float = 1.0,
    stored: float = 0.0,
    adding: Callable[[BuildContext], None] | None = None,
) -> tuple[Model, list[Handle]]:
    """Return such a model with the handles of what its parts and groups watch in it; ``adding`` adds more."""
    m = builder or ModelBuilder()
    context = BuildContext(
        m=m,
        parts={p.name: p for p in parts},
        groups={g.name: g for g in groups},
        roles={r.name: r for r in roles},
        practices=doing or practices(),
        archive=Part(
            "archive",
            ARCHIVE.name,
            MappingProxyType(
                {"studies": studies, "study_size": study_size, "stored_at_start": stored}
            ),
        ),
    )
    add_changes(context)
    types = all_types()
    last = {"common_cause": 2, "crew": 3}
    order = sorted(parts, key=lambda p: 0 if p.type == "backup" else last.get(p.type, 1))
    for one in [p for p in order if p.type not in last]:
        build_one(declaration(one) or types[one.type], context, one)
    for group in groups:
        build_one(types[group.type], context, group)
    for one in [p for p in order if p.type in last]:
        build_one(types[one.type], context, one)
    for one in roles:
        build_role(context, one)
    if adding is not None:
        adding(context)
    for name in down:
        m.episodes(f"no {name}", ~m.forward(name))
    return with_overlaps(m.build(), context.handles)[0], context.handles


def all_in(law: Law) -> Delay:
    """Return a repair that covers everything from the fault on."""
    return Delay(law, covers=ALL_IN)


def missing(model: Model, gate: str) -> float:
    """Return the long-run share of time without a gate, by the exact engine."""
    return float(solve(model, steady=True).steady[f"no {gate}"][0])


def lost_per_time(model: Model, gate: str) -> float:
    """Return how often a gate is lost per unit of time in the long run, by the exact engine."""
    return float(solve(model, steady=True).steady[f"no {gate}"][1])


def gaps(model: Model, gate: str, horizon: float, first: int = 0) -> list[tuple[float, float]]:
    """Return the intervals without a gate in one replication, by the reference engine."""
    found = simulate(model, horizon=horizon, first=first).episodes
    names = [o.name for o in model.observations]
    rows = found[found["observation"] == names.index(f"no {gate}")]
    return [(float(row["start"]), float(row["end"])) for row in rows]


def samples(model: Model, name: str, horizon: float, first: int = 0) -> list[tuple[float, float]]:
    """Return time and value of each sample in one replication, by the reference engine."""
    found = simulate(model, horizon=horizon, first=first).samples
    place = [o.name for o in model.observations].index(name)
    rows = found[found["observation"] == place]
    return [(float(row["time"]), float(row["value"])) for row in rows]


def lost(
    model: Model, handles: Iterable[Handle], loss_class: str, horizon: float
) -> tuple[float, float]:
    """Return number and studies of the losses of a class in one replication, by the reference."""
    found = simulate(model, horizon=horizon)
    place, number, studies = layout(model), 0.0, 0.0
    for one in handles:
        if isinstance(one, LossWatch) and one.loss_class.name == loss_class:
            seen = found.values[0, place[one.observed].count].sum()
            number += seen
            studies += (
                found.values[0, place[one.observed].sum].sum()
                if one.studies_each is None
                else seen * one.studies_each
            )
    return float(number), float(studies)


def fired(model: Model, name: str, horizon: float, first: int = 0) -> list[float]:
    """Return when a transition fired in one replication, by the reference engine."""
    trace = simulate(model, horizon=horizon, trace=True, first=first).trace
    assert trace is not None
    return [float(row["time"]) for row in trace if row["transition"] == model.transition(name)]


def build_one(kind: RecordType, context: BuildContext, one: Part) -> None:
    """Add one part to the site."""
    assert kind.build is not None
    kind.build(context, one)
