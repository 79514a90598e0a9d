"""Study files read: everything that is wrong with one is said at once, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.campaign.plan import MOST_SEED
from pacsim.design import Design, load
from pacsim.design.calendar_files import beside, read_file
from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import Diagnostics, planted, words
from pacsim.errors import PacsimError
from pacsim.files.problems import DesignError, near
from pacsim.files.tree import Node
from pacsim.formatting import thousands
from pacsim.studies.dimension_reader import Varied
from pacsim.studies.point_checks import PointChecks
from pacsim.studies.points import combinations, number_of_points
from pacsim.studies.ranking import MOST as MOST_RANKED
from pacsim.studies.stopping_reader import (
    measure_name,
    read_best_of,
    read_sample,
    read_stopping,
    whole_number,
)
from pacsim.studies.study_values import (
    DESIGN,
    MOST_POINTS,
    SCORE_POINTS,
    BestOf,
    MeasureName,
    Sampling,
    Stopping,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacsim.studies.points import Point

FORMAT = 1
TOP = (
    "pacsim", "name", "question", "designs", "vary", "except", "measures", "precision",
    "replications", "at_most", "seed", "sample", "best_of",
)  # fmt: skip
SCORING = "scoring service levels"
LATER = {
    **dict.fromkeys(("price", "down_costs", "discount"), "money"),
    **dict.fromkeys(("options", "targets", "minimise"), "what to buy"),
    **dict.fromkeys(("score", "service_levels", "sla"), SCORING),
}
"""Keys of what studies do not do yet."""


@dataclass(slots=True)
class StudyReader:
    """Reads one study.

    Parameters
    ----------
    top : Cursor
        On the whole of it.
    designs : sequence of Design
        Given beside it; none if it names files.
    progress : callable, optional
        Called with the number of points that have been looked at.
    """

    top: Cursor
    designs: Sequence[Design] = ()
    progress: Callable[[int], None] | None = None
    notes: list[str] = field(default_factory=list)

    def contents(self) -> dict[str, Any]:
        """Return what a study is made of.

        Raises
        ------
        DesignError
            With every problem at once.
        """
        top, noted = self.top, self.top.diagnostics.problems
        self._keys()
        designs = self._designs()
        sample = read_sample(top)
        varied = Varied(designs, sampled="sample" in top.keys)
        if designs and "vary" in top.keys:
            varied.read_all(top["vary"])
        left_out = self._left_out(varied, designs)
        measures = self._names("measures") if "measures" in top.keys else ()
        stopping = read_stopping(top)
        best_of = read_best_of(top)
        seed = whole_number(top, "seed", 0, MOST_SEED)
        asked = top["vary"].keys if "vary" in top.keys else ()
        whole = designs and len(varied.dimensions) == len(asked)
        if not whole or (sample is None and "sample" in top.keys):
            # Points cannot be made: measures are looked for in the designs as they are.
            checks = PointChecks(top.at("vary"), ())
            checks.check(combinations(designs, ()))
            if checks.structures:
                self._measured(checks, stopping, measures, best_of)
            raise DesignError(noted)
        self._refuse_too_many(designs, varied, sample, best_of)
        checks = PointChecks(top.at("vary"), varied.dimensions, self.progress)
        points = checks.check(combinations(designs, varied.dimensions, left_out, sample))
        self._choosable(best_of, points)
        if not points and not noted:
            top.at("except").problem("leaves out all points", "leave fewer out")
        if checks.structures:
            stopping, measures = self._measured(checks, stopping, measures, best_of)
        if noted:
            raise DesignError(noted)
        return {
            "name": self._text("name") or Path(top.node.file).stem,
            "question": self._text("question"),
            "file": top.node.file,
            "designs": tuple(designs),
            "dimensions": tuple(varied.dimensions),
            "left_out": tuple(left_out),
            "measures": measures,
            "stopping": stopping,
            "seed": 1 if seed is None else seed,
            "best_of": best_of,
            "sample": sample,
            "notes": (*varied.notes, *self.notes),
            "points": points,
            "structures": tuple(offered for _, offered in checks.structures),
        }

    def _keys(self) -> None:
        """Note keys that nobody knows, and that are for later."""
        top = self.top
        for key, child in top.items():
            if key in LATER:
                remedy = (
                    f"leave it out: {SCORE_POINTS}" if LATER[key] == SCORING else "leave it out"
                )
                child.problem(f'"{key}": {LATER[key]} is not in studies yet', remedy)
            elif key not in TOP:
                child.problem(f'unknown key "{key}"', near(key, TOP))
        version = top.at("pacsim")
        if "pacsim" not in top.keys:
            version.problem("no format version", f"write pacsim: {FORMAT} at the top")
        elif version.value != FORMAT or isinstance(version.value, bool):
            rule = f"format version {words(version.plain())[:60]} is not known"
            version.problem(rule, f"this version reads pacsim: {FORMAT}")
        for key in ("name", "question"):
            if key in top.keys and not isinstance(top[key].value, str | int | float):
                top[key].problem("is no text", "put it in quotes")

    def _text(self, key: str) -> str:
        return str(self.top[key].value) if key in self.top.keys else ""

    def _designs(self) -> list[Design]:
        """Return the designs, none if one of them is wrong."""
        if self.designs:
            return list(self.designs)
        named = self.top.at("designs")
        if "designs" not in self.top.keys or not isinstance(named.value, list | str):
            named.problem("no designs", "write designs: [../designs/active-passive.yaml]")
            return []
        items = [named] if isinstance(named.value, str) else named.elements()
        if not items:
            named.problem("no designs", "name at least one file")
        found: list[Design] = []
        good = True
        for one in items:
            made = self._design(one)
            good &= made is not None
            if made is not None and made.name in {other.name for other in found}:
                rule = f'two designs are called "{made.name}"'
                one.problem(rule, "write another name: in one file")
                good = False
            elif made is not None:
                found.append(made)
        return found if good else []

    def _design(self, one: Cursor) -> Design | None:
        if not isinstance(one.value, str):
            one.problem("is no path of a design file", "write ../designs/active-passive.yaml")
            return None
        path = beside(one.node, one.value)
        if not path.is_file():
            one.problem(f'no file "{one.value}"', f"looked for {path}")
            return None
        try:
            made = load(path)
        except DesignError as error:
            one.diagnostics.problems += error.problems
            return None
        if not made.resolved.roles:
            one.problem(f'"{made.name}" declares no roles, so nothing is measured', "add roles:")
            return None
        return made

    def _left_out(self, varied: Varied, designs: Sequence[Design]) -> list[Mapping[str, str]]:
        """Return the combinations that are left out."""
        if "except" not in self.top.keys or "sample" in self.top.keys:
            return []
        written = self.top["except"]
        if not isinstance(written.value, list):
            written.problem("is no list of combinations", "write [{check: 30 s, success: 95 %}]")
            return []
        labels = {one.name: one.labels for one in varied.dimensions}
        if len(designs) > 1:
            labels[DESIGN] = tuple(design.name for design in designs)
        varied_too = self.top["vary"].keys if "vary" in self.top.keys else ()
        asked = {*varied_too, *labels}
        left_out: list[Mapping[str, str]] = []
        for one in written.elements():
            if not isinstance(one.value, dict) or not one.value:
                one.problem("names nothing", "write {check: 30 s, success: 95 %}")
                continue
            made: dict[str, str] = {}
            for name, value in one.items():
                said = words(value.plain())
                if name not in asked:
                    value.problem(f'nothing is varied that is called "{name}"', near(name, asked))
                elif name in labels and said not in labels[name]:
                    value.problem(f'"{name}" has no value "{said}"', near(said, labels[name]))
                made[name] = said
            left_out.append(made)
        return left_out

    def _names(self, key: str) -> tuple[MeasureName, ...]:
        """Return the measures of a list of them."""
        written = self.top[key]
        items = [written] if isinstance(written.value, str) else []
        if isinstance(written.value, list):
            items = written.elements()
        if not items:
            written.problem("is no list of measures", "write [store.down_unplanned]")
        found: list[MeasureName] = []
        for one in items:
            name = measure_name(one)
            if name is not None and name in found:
                one.problem(f"{name} is there twice", "remove one")
            elif name is not None:
                found.append(name)
        return tuple(found)

    def _measured(
        self,
        checks: PointChecks,
        stopping: Stopping,
        measures: tuple[MeasureName, ...],
        best_of: BestOf | None,
    ) -> tuple[Stopping, tuple[MeasureName, ...]]:
        """Return when a point is done and what is shown; measures that nobody has are noted."""
        roles = checks.offered.roles
        common = [x for x in roles if all(x in offered.roles for _, offered in checks.structures)]
        usual = MeasureName(
            "store" if "store" in (common or roles) else (common or roles)[0], "down_unplanned"
        )
        asked = best_of.by if best_of is not None else stopping.of
        shown = measures or (asked or usual,)
        if "measures" in self.top.keys:
            items = self.top["measures"]
            cursors = items.elements() if isinstance(items.value, list) else [items]
            for one in cursors:
                name = measure_name(one, aside=True)
                if name is not None and not checks.offered.has(name):
                    one.problem(*checks.offered.missing(name))
        for key, inner in (("precision", "of"), ("best_of", "by")):
            if key in self.top.keys and inner in self.top[key].keys:
                name = measure_name(self.top[key][inner], aside=True)
                if name is not None:
                    self._everywhere(self.top[key][inner], name, checks)
        offered = checks.offered
        if best_of is not None and offered.has(best_of.by) and best_of.by not in offered.means:
            rule = f"{best_of.by} is no mean over terms, and the best is chosen by one"
            self.top["best_of"]["by"].problem(rule, f"write for example {usual}")
        of = stopping.of
        if stopping.relative is not None and of is None:
            of = best_of.by if best_of is not None else shown[0]
            if best_of is None:
                self._precise_everywhere(of, checks)
        made = Stopping(
            of, stopping.relative, stopping.replications, stopping.most, stopping.seconds_each
        )
        return made, shown

    def _precise_everywhere(self, name: MeasureName, checks: PointChecks) -> None:
        """Note that the precision is asked of a measure that some point does not have."""
        if not checks.offered.has(name):
            return
        for point, offered in checks.structures:
            if not offered.has(name):
                # It is asked of the first measure, unless the file says of which.
                key = next((k for k in ("precision", "measures") if k in self.top.keys), "designs")
                rule = f"{name} is what the precision is of, and {point} has "
                rule += offered.lack(name, checks.offered)
                remedy = "write precision: {of: a measure that all points have, relative: 5 %}"
                self.top.at(key).problem(rule, f"{remedy}, or replications: 2 000")
                return

    def _everywhere(self, written: Cursor, name: MeasureName, checks: PointChecks) -> None:
        """Note a measure that some point does not have."""
        if not checks.offered.has(name):
            written.problem(*checks.offered.missing(name))
            return
        for point, offered in checks.structures:
            if not offered.has(name):
                rule, remedy = offered.missing(name)
                written.problem(f"at {point}: {rule}", remedy)
                return

    def _choosable(self, best_of: BestOf | None, points: Sequence[Point]) -> None:
        """Note that there is nothing to choose from."""
        if best_of is None or not points:
            return
        if len({one.key for one in points}) < 2:
            self.top.at("best_of").problem("there is one design only", "vary something")

    def _refuse_too_many(
        self,
        designs: Sequence[Design],
        varied: Varied,
        sample: Sampling | None,
        best_of: BestOf | None,
    ) -> None:
        """Refuse more points than anybody looks at, before they are made."""
        many = number_of_points(designs, varied.dimensions, sample)
        if many > MOST_POINTS:
            rule = f"{thousands(many)} points, more than {thousands(MOST_POINTS)}"
            remedy = "vary less, or draw some: sample: {method: latin_hypercube, points: 1000}"
            self.top.at("vary").problem(rule, remedy)
            raise DesignError(self.top.diagnostics.problems)
        if best_of is not None and many > MOST_RANKED:
            rule = f"{thousands(many)} points, and the best of {thousands(MOST_RANKED)} at most"
            self.top.at("best_of").problem(f"{rule} is chosen", "vary less, or draw fewer")
            raise DesignError(self.top.diagnostics.problems)


def read_study(path: Path, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Return what the study in a file is made of.

    Raises
    ------
    DesignError
        With every problem at once: file, line, path, rule and remedy.
    """
    diagnostics = Diagnostics()
    tree = read_file(path, diagnostics.problems)
    if tree is not None and not isinstance(tree.value, dict):
        diagnostics.problem(tree, "", "is no study: its top level is no map", "see docs/studies.md")
    if tree is None or diagnostics.problems:
        raise DesignError(diagnostics.problems)
    return StudyReader(Cursor(diagnostics, tree), (), progress).contents()


def read_mapping(
    plain: Mapping[str, Any],
    file: str,
    designs: Sequence[Design] = (),
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Return what the study of plain values is made of; paths in it are relative to ``file``."""
    if not isinstance(plain, dict):
        msg = f"{plain!r} is no map of what a study file says"
        raise PacsimError(msg)
    top = Cursor(Diagnostics(), planted({"pacsim": FORMAT, **plain}, Node(None, file, 0)))
    return StudyReader(top, designs, progress).contents()
