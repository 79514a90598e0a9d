"""The table of the traffic, below the usual one, from rows alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim import formatting
from pacsim.results.measures import MEASURES
from pacsim.results.table import Line, Table
from pacsim.results.traffic_measures import TRAFFIC
from pacsim.stats import NONE_SEEN, ONE_SEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacsim.results.rows import Row
    from pacsim.results.table import Tabulated

SCANNER, READER = "modality", "reader"
NAMED = {SCANNER: "scanner", READER: "reader"}
INDENT = " " * 14


class TrafficTable:
    """Finds figures of the traffic and makes lines of them.

    Parameters
    ----------
    result : Tabulated
        With traffic or without.
    """

    def __init__(self, result: Tabulated) -> None:
        self._result = result
        self._rows: dict[tuple[str, str, tuple[tuple[str, str | float], ...]], Row] = {}
        for one in result.rows:
            known = MEASURES.get(one.measure)
            if known is not None and not one.against and (known.group in TRAFFIC or one.point):
                self._rows.setdefault((one.design, one.measure, one.point), one)
        told: Any = result.provenance.get("traffic") or {}
        self.told: Mapping[str, Any] = told if isinstance(told, dict) else {}

    def _row(self, design: str, measure: str, **at: str) -> Row | None:
        return self._rows.get((design, measure, tuple(at.items())))

    def _line(self, label: str, cell: Callable[[str], tuple[str, str]]) -> Line:
        cells = [cell(name) for name in self._result.designs]
        under = tuple(x for _, x in cells)
        return Line(label, tuple(x for x, _ in cells), under if any(under) else ())

    def lines(self) -> list[Line]:
        """Return the lines of which any design has a figure."""
        minute = 60.0
        found = [
            self._spans("a break is felt by a scanner for", "failover_felt", client=SCANNER),
            self._spans(f"{INDENT}by a reader for", "failover_felt", client=READER),
            *(
                self._median(f"  when a process dies: {said}", client)
                for client, said in NAMED.items()
            ),
            self._rates("studies late", "studies_delayed"),
            self._rates("lost at the scanner", "studies_lost_at_modality"),
            self._rates("exams that cannot be made", "exams_blocked", rare=True),
            self._rates("openings put aside", "studies_unreachable", interval=False),
            self._line("not served in time: store, read", self._unserved),
            self._spans("backlog gone after", "backlog_drain", factor=minute),
            self._spans("first image at the peak", "time_to_first_image", scenario="all up"),
        ]
        return [one for one in found if any(cell != "-" for cell in one.cells)]

    def _spans(self, label: str, measure: str, factor: float = 1.0, **at: str) -> Line:
        """Return a line of medians and 95 % points."""

        def cell(design: str) -> tuple[str, str]:
            middle, late = (self._row(design, f"{measure}_{p}", **at) for p in ("p50", "p95"))
            if middle is None or late is None:
                return "-", ""
            if middle.estimate is None or late.estimate is None:
                return "none seen", ""
            half, most = (formatting.duration(factor * x) for x in (middle.estimate, late.estimate))
            return f"{half} (p95 {most})", ""

        return self._line(label, cell)

    def _median(self, label: str, client: str) -> Line:
        def cell(design: str) -> tuple[str, str]:
            one = self._row(design, "failover_felt_p50", client=client, fault_kind="process")
            return (formatting.duration(one.estimate), "") if one is not None else ("-", "")

        return self._line(label, cell)

    def _rates(
        self, label: str, measure: str, *, interval: bool = True, rare: bool = False
    ) -> Line:
        """Return a line of rates a year; one of what is rare is left out where none was seen."""

        def cell(design: str) -> tuple[str, str]:
            one = self._row(design, measure)
            if one is None or one.estimate is None or (rare and not one.estimate):
                return "-", ""
            if one.estimate == 0.0:
                return _under(one, _a_year), ""
            return _a_year(one.estimate), _between(one) if interval else ""

        return self._line(label, cell)

    def _unserved(self, design: str) -> tuple[str, str]:
        shares = []
        for name in ("store", "retrieve"):
            one = self._row(design, "user_unavailability", operation=name)
            if one is None or one.estimate is None:
                shares.append("-")
            else:
                none = one.estimate == 0.0
                shares.append(_under(one, _share) if none else _share(one.estimate))
        return ("-" if set(shares) == {"-"} else ", ".join(shares)), ""

    def title(self, years: float) -> str:
        """Return what the traffic is."""
        said: dict[str, list[str]] = {}
        for design, x in self._told().items():
            many = formatting.thousands(float(x.get("exams") or 0.0))
            said.setdefault(f"{x.get('workload')}, {many} exams a year", []).append(design)
        # Whose it is, if it is not that of all.
        each = [f"{', '.join(of)}: {one}" for one, of in said.items()] if len(said) > 1 else said
        return f"Traffic: {'; '.join(each)}, {years:.3g}-year contract"

    def notes(self, term: float) -> list[str]:
        """Return how much was simulated, of terms of some years."""
        of = list(self._told().values())
        windows = sum(int(x.get("windows") or 0) for x in of)
        years = float(self.told.get("years") or 0.0)
        every = float(self.told.get("terms_severe") or 0.0) * term
        share = sum(float(x.get("share_of_time") or 0.0) for x in of) / max(1, len(of))
        seconds = float(self.told.get("seconds") or 0.0)
        longer = f" ({_years(every)} of outages over 8 h)" if every > 1.001 * years else ""
        return [
            f"{_years(years)} years{longer}, {formatting.thousands(windows)} windows, "
            f"{formatting.percent(share)} of the time simulated; elsewhere nothing differs. "
            f"{seconds:.1f} s."
        ]

    def _told(self) -> Mapping[str, Any]:
        told = self.told.get("designs")
        return told if isinstance(told, dict) else {}


def traffic_table(result: Tabulated) -> Table | None:
    """Return the table of the traffic; None of a result without any.

    Parameters
    ----------
    result : Tabulated
        Any.
    """
    made = TrafficTable(result)
    if not made.told:
        return None
    years = float(result.provenance.get("term_years", 1.0))
    return Table(made.title(years), result.designs, tuple(made.lines()), tuple(made.notes(years)))


def _years(x: float) -> str:
    return formatting.thousands(x) if x >= 10 else f"{x:.2g}"


def _a_year(x: float) -> str:
    return f"{formatting.two(x)} /yr"


def _share(x: float) -> str:
    return f"{formatting.two(100.0 * x)} %"


def _under(one: Row, show: Callable[[float], str]) -> str:
    """Return the upper limit of what was not seen, and never 0."""
    return "none seen" if one.upper is None else f"under {show(one.upper)}"


def _between(one: Row) -> str:
    if one.lower is None or one.upper is None:
        return ""
    if one.method in {NONE_SEEN, ONE_SEEN}:
        return f"under {_a_year(one.upper)}"
    return f"{formatting.two(one.lower)} - {formatting.two(one.upper)}"
