"""When a point is done, by what is asked for now: one answer for whoever runs or shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.studies.stages import is_look, is_over, is_precise, next_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.studies.store import Seen
    from pacsim.studies.study_values import Stopping


class PointEnds:
    """What a rule says of points, whatever they were run for before.

    Parameters
    ----------
    rule : Stopping
        That is asked for now.
    figures : callable
        Returns the rows that are kept of a design, by its key, as `pacsim.studies.store.Store` has
        them; asked only of what was run for another rule.
    """

    def __init__(self, rule: Stopping, figures: Callable[[str], bytes]) -> None:
        self.rule, self._figures = rule, figures
        self._judged: dict[tuple[str, int], bool] = {}

    @property
    def text(self) -> str:
        """What the store notes beside a stage that this rule asked for."""
        return f"{self.rule.of} {self.rule.relative or 0.0}"

    def next(self, key: str, there: Seen) -> tuple[int, bool] | None:
        """Return where the next stage of a point ends, and whether its precision is looked at.

        Parameters
        ----------
        key : str
            Of its design.
        there : Seen
            How far it is.

        Returns
        -------
        tuple or None
            None of a point that is done.
        """
        if is_over(self.rule, there.terms) or self._late(there) or self._noted(there):
            return None
        new = there.rule != self.text
        if new and is_look(self.rule, there.terms) and self._judge(key, there):
            return None
        return next_stage(self.rule, there.terms)

    def reached(self, key: str, there: Seen) -> bool:
        """Return whether a point is as precise as asked; True if nothing is asked.

        Parameters
        ----------
        key : str
            Of its design.
        there : Seen
            How far it is.
        """
        return self.rule.relative is None or self._noted(there) or self._judge(key, there)

    def by_clock(self, key: str, there: Seen) -> bool:
        """Return whether it is the time alone that has ended a point.

        Parameters
        ----------
        key : str
            Of its design.
        there : Seen
            How far it is.
        """
        if not self._late(there) or is_over(self.rule, there.terms):
            return False
        return self.rule.relative is None or not self.reached(key, there)

    def _late(self, there: Seen) -> bool:
        limit = self.rule.seconds_each
        return limit is not None and there.seconds >= limit

    def _noted(self, there: Seen) -> bool:
        """Return whether a precision was reached that is as good as the one asked for."""
        of, _, relative = there.rule.rpartition(" ")
        rule = self.rule
        if not there.reached or rule.relative is None or of != str(rule.of):
            return False
        return float(relative) <= rule.relative

    def _judge(self, key: str, there: Seen) -> bool:
        rule = self.rule
        if rule.of is None or rule.relative is None or not there.terms:
            return False
        asked = (key, there.terms)
        if asked not in self._judged:
            self._judged[asked] = is_precise(self._figures(key), rule.of, rule.relative)
        return self._judged[asked]
