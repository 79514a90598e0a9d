"""Which measures a design has, known before anything is simulated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacsim.campaign.spreadsheet import Spreadsheet
from pacsim.campaign.tallies import DesignTally
from pacsim.files.problems import near
from pacsim.results.measures import MEASURES
from pacsim.studies.structures import Structure
from pacsim.studies.study_values import SCORE_POINTS, MeasureName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.design import Design

CAUSES = ("root", "contributor")
"""Splits of which rows are made only for what was seen."""
LATER = {
    "cost": "money is not in studies yet; leave it out",
    "sla": SCORE_POINTS,
}
"""Beginnings of measures of which people may have read."""


class _Unread(Spreadsheet):
    """What stands for a spreadsheet where its figures are not read: they take their time."""

    def down(self, role: str) -> float:
        """Return no time."""
        del role
        return 0.0


@dataclass(frozen=True, slots=True)
class OfferedMeasures:
    """The measures of one design or of several.

    Parameters
    ----------
    names : frozenset of MeasureName
        All but those that are split by causes.
    causes : frozenset of str
        Whatever may begin an outage or be present in it.
    means : frozenset of MeasureName
        Those that are means over terms, and no ratios of two or quantiles.
    """

    names: frozenset[MeasureName] = frozenset()
    causes: frozenset[str] = frozenset()
    means: frozenset[MeasureName] = frozenset()

    @classmethod
    def of(cls, design: Design) -> OfferedMeasures:
        """Return the measures of a design, whose model is built.

        Raises
        ------
        ModelError
            If it cannot be built.

        Examples
        --------
        >>> from pacsim.design import design_of
        >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
        ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}})
        >>> offered = OfferedMeasures.of(one)
        >>> offered.has(MeasureName("store", "down_by_root", "a/unit")), len(offered.names) > 20
        (True, True)
        """
        reader = Structure.of(design).view
        tally = DesignTally(replace(reader, sheet=_Unread(design.resolved)))
        names = {MeasureName(row.role, row.measure, row.of) for row in tally.rows()}
        means: set[MeasureName] = set()
        split: dict[str, bool] = {}
        for one in tally.tallies.values():
            owner = one.owner
            for figure in one.mean_figures():
                measure = figure.measure
                if measure not in split:
                    split[measure] = _by_cause(measure)
                if figure.below and split[measure]:
                    continue
                name = MeasureName(owner, measure, figure.of)
                if not figure.below:
                    means.add(name)
                # Some rows are made only once there is something to say.
                if not split[measure]:
                    names.add(name)
        causes = frozenset(reader.roots.names + reader.elements.names)
        return cls(frozenset(names), causes, frozenset(means))

    def __or__(self, other: OfferedMeasures) -> OfferedMeasures:
        """Return what one of the two has."""
        return OfferedMeasures(
            self.names | other.names, self.causes | other.causes, self.means | other.means
        )

    @property
    def roles(self) -> list[str]:
        """Owners of time down."""
        return sorted({one.owner for one in self.names if one.measure == "down_mixed"})

    def has(self, name: MeasureName) -> bool:
        """Return whether there is such a figure."""
        if name in self.names:
            return True
        return _by_cause(name.measure) and name.owner in self.roles and name.of in self.causes

    def lack(self, name: MeasureName, others: OfferedMeasures) -> str:
        """Return in a few words why there is no such figure, which others have.

        Examples
        --------
        >>> store = OfferedMeasures(frozenset({MeasureName("store", "down_mixed")}))
        >>> both = OfferedMeasures(store.names | {MeasureName("read", "down_mixed")})
        >>> store.lack(MeasureName("read", "down_mixed"), both)
        'no role "read"'
        """
        mine = {one.measure for one in self.names if one.owner == name.owner}
        if not mine:
            return f'no {"role " if name.owner in others.roles else ""}"{name.owner}"'
        if name.measure not in mine and not _by_cause(name.measure):
            return f"no {name.owner}.{name.measure}"
        return f'no "{name.of}"' if name.of else f"no {name}"

    def missing(self, name: MeasureName) -> tuple[str, str]:
        """Return that there is no such figure, and what there is, in words."""
        for word, remedy in LATER.items():
            if name.measure.startswith(f"{word}_"):
                return f'no measure "{name.measure}" in a study', remedy
        owners = {one.owner for one in self.names}
        if name.owner not in owners:
            return f'nobody has the name "{name.owner}"', _choice(name.owner, owners)
        measures = {one.measure for one in self.names if one.owner == name.owner}
        if name.owner in self.roles:
            measures |= {one.name for one in MEASURES.values() if set(one.by) & set(CAUSES)}
        if name.measure not in measures:
            if name.measure in MEASURES:
                rule = f'"{name.owner}" has no {name.measure}, or a study does not simulate it'
            else:
                rule = f'no measure "{name.measure}" of "{name.owner}"'
            return rule, _choice(name.measure, measures)
        of = {
            one.of for one in self.names if one.owner == name.owner and one.measure == name.measure
        } - {""}
        if _by_cause(name.measure):
            of |= self.causes
        if not name.of:
            known = MEASURES.get(name.measure)
            rule = f"{name.measure} is split by {' or '.join(known.by if known else ('cause',))}"
            return rule, f"write {name}:OF, of {', '.join(sorted(of))}"
        if not of:
            return f"{name.measure} is not split", f"write {name.owner}.{name.measure}"
        return f'{name.measure} has no "{name.of}"', _choice(name.of, of)


def _by_cause(measure: str) -> bool:
    """Return whether there is a figure of each cause of which anything was seen."""
    known = MEASURES.get(measure)
    return known is not None and bool(set(known.by) & set(CAUSES))


def _choice(word: str, known: Sequence[str] | set[str]) -> str:
    """Return the nearest match, if there is one, and what there is."""
    close = near(word, known)
    listed = f"there is {', '.join(sorted(known))}"
    return f"{close} {listed}" if close.startswith("did you mean") else listed
