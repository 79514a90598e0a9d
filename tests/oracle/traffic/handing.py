"""Scripted faults for what is handed over: parts by hand, what clients met on both simulators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.delays import Deterministic as Det
from pacsim.engines import reference
from pacsim.traffic.handover import HandOver, add_conditions, conditions_of, divergence_of
from pacsim.traffic.second_pass import timelines
from tests.oracle.parts.making import part, practices, role, watched
from tests.oracle.parts.pairing import HOUR, NEVER, TIMES
from tests.oracle.parts.pairing import happened as fired

if TYPE_CHECKING:
    from pacsim.parts.values import Part
    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.second_pass import Divergence

Rows = list[tuple[float, int]]
SITES = ("radiology", "reading")


@dataclass(frozen=True)
class Met:
    """What clients met in one term, alike on both simulators to the bit."""

    handed: HandOver
    timeline: Timeline
    divergences: tuple[Divergence, ...]
    until: float

    def of(self, name: str, *, at_start: int | None = None) -> Rows:
        """Return the changes of a condition after the start, each with the value from then on.

        It starts as usual unless it is said how.
        """
        k = self.handed.conditions.index_of(name)
        rows = zip(self.timeline.time, self.timeline.what, self.timeline.value, strict=True)
        found = [(float(t), int(value)) for t, what, value in rows if what == k]
        start = self.handed.conditions.usual[k] if at_start is None else at_start
        assert found[0] == (0.0, start), name
        return found[1:]

    def changed(self) -> set[str]:
        """Return the conditions that changed at all."""
        names = self.handed.conditions.names
        return {names[what] for what in self.timeline.what[len(names) :]}

    def unusual(self) -> list[tuple[float, float, str]]:
        """Return start, end and kind of each divergence; none may have been cut by the end."""
        assert not any(one.censored for one in self.divergences)
        return [(one.start, one.end, one.kind) for one in self.divergences]

    def fired(self, *names: str) -> list[float]:
        """Return when transitions fired."""
        return [at for _, at in fired(self.handed.model, self.until, *names)]


def met(
    *parts: Part,
    until: float,
    archive: str = "pacs",
    groups: tuple[Part, ...] = (),
    needs: tuple[str, ...] = (),
    sites: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    doing: dict[str, Any] | None = None,
) -> Met:
    """Return what the clients of an archive meet; a role needs it, and ``needs`` besides."""
    known = {one.name: one for one in parts}, {one.name: one for one in groups}
    conditions = conditions_of(*known, archive, sites, targets)
    one_role = role("use", archive, *needs, used_from=sites)
    model, _ = watched(
        *parts, groups=groups, roles=(one_role,),
        doing=practices(**{"times": TIMES, **(doing or {})}),
        adding=lambda context: add_conditions(context, archive, conditions),
    )  # fmt: skip
    roots = tuple(one.name for one in model.transitions)
    handed = HandOver(conditions, model, roots, divergence_of(archive))
    (one,) = timelines(handed, until, [0])
    (same,) = timelines(handed, until, [0], simulate=reference.simulate)
    assert one.number == same.number == 0
    assert one.divergences == same.divergences
    for name in ("time", "what", "value"):
        assert getattr(one.timeline, name).tobytes() == getattr(same.timeline, name).tobytes()
    return Met(handed, one.timeline, one.divergences, until)


def quiet(kind: str, name: str, **more: Any) -> Part:
    """Return a part that fails at a time, if it does, for an hour."""
    return part(kind, name, **{"fails": Det(NEVER), "ttr": Det(HOUR), **more})


def at(name: str, network: str) -> Part:
    """Return a place of clients."""
    return part("clients", name, network=(network,))
