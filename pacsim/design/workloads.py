"""The workload of a design: read from its file, laid under, and its figures in plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pacsim.design.calendar_files import beside, is_there, read_again
from pacsim.design.diagnostics import planted, words
from pacsim.design.overlay import SHALLOW, merged
from pacsim.files.problems import near
from pacsim.files.tree import Node
from pacsim.parts.network import ends_of
from pacsim.parts.raid import net_capacity
from pacsim.parts.traits import ARCHIVE
from pacsim.parts.values import Part
from pacsim.parts.workload import BY_KIND, CLIENTS, presets
from pacsim.units import WEEK, YEAR

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pacsim.delays import Law
    from pacsim.design.cursor import Cursor

KEY = "workload"
HEAD = ("pacsim", "catalogue")
"""Keys of a workload's file that are not its own."""
EXACT = 256
"""Instances up to which the mean of what is rounded up is summed one by one."""


def with_workload(top: Cursor) -> tuple[Cursor, Cursor | None]:
    """Return a design with its workload's file laid under what it says itself.

    Parameters
    ----------
    top : Cursor
        On the whole design.

    Returns
    -------
    Cursor
        The same without ``from``; problems of the file are noted.
    Cursor or None
        On the file's own head, for its versions; None without a file.
    """
    if KEY not in top.keys:
        return top, None
    written = top[KEY]
    if not isinstance(written.value, dict):
        return top, None
    node, head = _with_presets(written).node, None
    if "from" in written.keys:
        own = Node({k: v for k, v in node.value.items() if k != "from"}, node.file, node.line)
        below = _read(written["from"])
        node = own
        if below is not None:
            head = Node({k: v for k, v in below.value.items() if k in HEAD}, below.file, below.line)
            kept = {k: v for k, v in below.value.items() if k not in HEAD}
            file = written.with_node(Node(kept, below.file, below.line))
            node = merged(_with_presets(file, but=_products(written)).node, own, SHALLOW)
    whole = Node({**top.value, KEY: node}, top.node.file, top.node.line)
    return top.with_node(whole), written.with_node(head) if head is not None else None


def _read(named: Cursor) -> Node | None:
    """Return the tree of a workload's file; None with a problem."""
    if not isinstance(named.value, str) or not named.value:
        named.problem("from names one file", "write from: ../workloads/community-hospital.yaml")
        return None
    file = beside(named.node, named.value)
    if not is_there(file):
        named.problem(f'no file "{named.value}"', f"looked for {file}")
        return None
    tree = read_again(file, named.diagnostics)
    if tree is not None and not isinstance(tree.value, dict):
        rule = "is no workload: its top level is no map"
        named.with_node(tree).problem(rule, "see models/workloads")
        return None
    return tree


def _products(written: Cursor) -> set[str]:
    """Return the kinds of clients of which a workload names the product."""
    if CLIENTS not in written.keys or not isinstance(written[CLIENTS].value, dict):
        return set()
    return {kind for kind, one in written[CLIENTS].items() if "from" in one.keys}


def _with_presets(written: Cursor, but: Collection[str] = ()) -> Cursor:
    """Return a workload in which the clients of products have their timers.

    What a design names takes the place of the product in its file (``but``), and its timers that of
    all that the file says of them.
    """
    if CLIENTS not in written.keys or not isinstance(written[CLIENTS].value, dict):
        return written
    clients = written[CLIENTS]
    laid: dict[str, Node] = {}
    for kind, one in clients.items():
        laid[kind] = one.node
        if kind not in BY_KIND or "from" not in one.keys:
            continue
        known = presets(kind)
        name = one["from"].value
        rest = {k: v for k, v in one.value.items() if k != "from"}
        own = Node(rest, one.node.file, one.node.line)
        if kind in but:
            pass
        elif isinstance(name, str) and name in known:
            below = planted(known[name], one["from"].node)
            own = merged(below, own, SHALLOW)
        else:
            text = words(one["from"].plain())[:60]
            one["from"].problem(f'no product "{text}"', near(text, known))
        laid[kind] = own
    inner = Node(laid, clients.node.file, clients.node.line)
    node = Node({**written.value, CLIENTS: inner}, written.node.file, written.node.line)
    return written.with_node(node)


@lru_cache(maxsize=256)
def mean_items(law: Law) -> float:
    """Return the mean of a law rounded up, at least 1: of the instances of an exam.

    It is the sum of P(X > k) over k = 0, 1, ...; beyond `EXACT` by the trapezoid's correction.

    Examples
    --------
    >>> from pacsim.delays import Deterministic, Uniform
    >>> mean_items(Deterministic(2.5)), round(mean_items(Uniform(0.0, 4.0)), 9)
    (3.0, 2.5)
    """
    if law.fixed is not None:
        return float(max(1, math.ceil(law.fixed)))
    total = 1.0 + sum(law.sf(float(k)) for k in range(1, EXACT))
    end = law.isf(1e-12)
    if end <= EXACT:
        return total
    # Simpson's rule on the logarithm, where tails are smooth.
    steps = 2000
    first, width = math.log(EXACT), (math.log(end) - math.log(EXACT)) / steps
    at = [math.exp(first + k * width) for k in range(steps + 1)]
    weights = [1 if k in (0, steps) else 4 if k % 2 else 2 for k in range(steps + 1)]
    rest = sum(w * x * law.sf(x) for w, x in zip(weights, at, strict=True)) * width / 3.0
    return total + rest + 0.5 * law.sf(float(EXACT))


@dataclass(frozen=True, slots=True)
class Workload:
    """A resolved workload; figures are plain numbers in SI.

    Parameters
    ----------
    record : Part
        Every slot, of type `pacsim.parts.workload.TYPE`; modalities, readers, routers, worklist,
        probes, targets and clients are nested in it.
    usable : float
        Bytes of the archive's arrays that may be filled, ``fill`` included; infinite without any.
    capacity : float
        The same without ``fill``.
    """

    record: Part
    usable: float = math.inf
    capacity: float = math.inf

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.record["name"])

    @property
    def archive(self) -> str:
        """Server or group that serves."""
        return str(self.record["archive"])

    @property
    def exams(self) -> float:
        """Exams a second in the first contract year, 0 without any."""
        return float(self.record.values.get("exams") or 0.0)

    @property
    def growth_exams(self) -> float:
        """Growth of their number in a contract year, as a fraction."""
        return self.record.part("growth").number("exams")

    @property
    def growth_size(self) -> float:
        """Growth of their size in a contract year, as a fraction."""
        return self.record.part("growth").number("size")

    @property
    def modalities(self) -> dict[str, Part]:
        """Modalities by code, in file order."""
        return dict(self.record["modalities"] or {})

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the exams by code, which sum to 1."""
        whole = sum(one.number("share") for one in self.modalities.values())
        return {code: one.number("share") / whole for code, one in self.modalities.items()}

    @property
    def exam_bytes(self) -> dict[str, float]:
        """Mean bytes of an exam as it is stored, in the first contract year, by code."""
        return {
            code: mean_items(one.law("instances"))
            * one.law("size").mean()
            / one.number("compression")
            for code, one in self.modalities.items()
        }

    @property
    def study_bytes(self) -> float:
        """Mean bytes of an exam of any modality as it is stored, in the first contract year."""
        sizes = self.exam_bytes
        return sum(share * sizes[code] for code, share in self.shares.items())

    @property
    def retention(self) -> dict[str, float]:
        """Seconds for which exams are kept, by code."""
        kept = self.record.part("retention")
        years = kept.number("years")
        return {c: float(kept.values[c]) if c in kept else years for c in self.modalities}

    @property
    def targets(self) -> dict[str, float]:
        """Seconds within which a store, a first image, a query, a worklist are expected."""
        record = self.record.part("targets")
        return {key: float(value) for key, value in record.values.items()}

    @property
    def worklist_target(self) -> str:
        """Who answers questions for the worklist; empty if the archive does, or nobody asks."""
        asked = self.record.values.get("worklist")
        named = str(asked["target"]) if isinstance(asked, Part) and "target" in asked else ""
        return "" if named == self.archive else named

    def growth(self, term: float) -> tuple[float, ...]:
        """Return the factor on the number of exams in each contract year of a term in seconds."""
        return tuple((1.0 + self.growth_exams) ** k for k in range(contract_years(term)))

    def size_growth(self, term: float) -> tuple[float, ...]:
        """Return the factor on the size of exams in each contract year of a term in seconds."""
        return tuple((1.0 + self.growth_size) ** k for k in range(contract_years(term)))

    def added(self, year: int) -> float:
        """Return the bytes that a contract year adds, the first one being 0."""
        factor = ((1.0 + self.growth_exams) * (1.0 + self.growth_size)) ** year
        return self.exams * YEAR * self.study_bytes * factor

    def routine_week(self, code: str) -> tuple[float, ...]:
        """Return the routine exams of a modality in each hour of the first year's week."""
        week = self.record.part("week")
        weights = [day * hour for day in week["days"] for hour in week["hours"]]
        return self._week(code, 1.0 - self.modalities[code].number("emergency"), weights)

    def emergency_week(self, code: str) -> tuple[float, ...]:
        """Return its emergencies in each hour of the first year's week, every day alike."""
        weights = list(self.record.part("week")["emergency_hours"]) * 7
        return self._week(code, self.modalities[code].number("emergency"), weights)

    def _week(self, code: str, share: float, weights: list[float]) -> tuple[float, ...]:
        exams = self.exams * WEEK * self.shares[code] * share
        whole = sum(weights)
        return tuple(exams * one / whole for one in weights)

    def openings_week(self) -> tuple[float, ...]:
        """Return the openings in each hour of the first year's week; none without readers."""
        if "readers" not in self.record:
            return (0.0,) * 168
        opens = self.record.part("readers").number("opens")
        rows = [w for c in self.modalities for w in (self.routine_week(c), self.emergency_week(c))]
        return tuple(opens * sum(column) for column in zip(*rows, strict=True))

    @property
    def station_names(self) -> tuple[str, ...]:
        """Names of modalities' and readers' stations and of routers, in order."""
        names = [
            f"{code}-{k + 1}"
            for code, one in self.modalities.items()
            for k in range(int(one["stations"]))
        ]
        if "readers" in self.record:
            count = int(self.record.part("readers")["stations"])
            names += [f"reader-{k + 1}" for k in range(count)]
        return (*names, *self.record["routers"])

    def site(self, code: str) -> str:
        """Return where the stations of a modality, of ``readers`` or ``routers`` stand."""
        at = self.record.part("at")
        other = "modalities" if code not in {"readers", "routers"} else ""
        if code in at:
            return str(at[code])
        return str(at[other]) if other and other in at else ""

    def router_site(self, name: str) -> str:
        """Return where a router stands: where routers do, else with its first modality."""
        named = self.site("routers")
        return named or self.site(self.record["routers"][name].names("of")[0])

    @property
    def sites(self) -> tuple[str, ...]:
        """Places of all stations, each once, in the order of the stations."""
        found = [self.site(code) for code in self.modalities]
        if "readers" in self.record:
            found.append(self.site("readers"))
        found += [self.router_site(name) for name in self.record["routers"]]
        found += [str(one["at"]) for one in self.record["probes"].values()]
        return tuple(dict.fromkeys(found))

    def line(self) -> str:
        """Return what it is in a few words.

        Examples
        --------
        >>> from pacsim.parts.values import Part
        >>> parts = {"name": "Small", "exams": 2.0 / 31536, "modalities": {}, "archive": "pacs",
        ...     "routers": {}}
        >>> Workload(Part("workload", "workload", parts)).line()
        'workload Small at pacs: 2 000 exams a year, 0 stations'
        """
        many = f"{self.exams * YEAR:,.0f}".replace(",", " ")
        count = len(self.station_names)
        stations = f"{count} station{'' if count == 1 else 's'}"
        return f"workload {self.name} at {self.archive}: {many} exams a year, {stations}"


def workload_of(record: Part, parts: Mapping[str, Part], groups: Mapping[str, Part]) -> Workload:
    """Return the workload of a design with what its archive can hold.

    Of a mirror that is what the smaller one of its arrays holds. Each server of the archive keeps
    every exam, on all its arrays together: where they have arrays of their own, the smallest one
    counts. What a server has no array for is held without limit.
    """
    found = [_held_at(parts[name], parts, groups) for name in serving(record, parts, groups)]
    fill = min((full for full, _ in found), default=math.inf)
    return Workload(record, fill, min((size for _, size in found), default=math.inf))


def _held_at(
    server: Part, parts: Mapping[str, Part], groups: Mapping[str, Part]
) -> tuple[float, float]:
    """Return the bytes that a server may fill, and those that it holds, on all its arrays."""
    fill, whole = 0.0, 0.0
    for store in server.names("storage"):
        arrays = [parts[x] for x in ends_of(groups, store) if x in parts]
        held = [_held(one) for one in arrays if "disks" in one and "disk" in one]
        if held:
            fill += min(full for full, _ in held)
            whole += min(size for _, size in held)
    return fill or math.inf, whole or math.inf


def serving(record: Part, parts: Mapping[str, Part], groups: Mapping[str, Part]) -> tuple[str, ...]:
    """Return the servers that a workload's archive consists of, in the order of the design."""
    named = str(record.values.get("archive"))
    archive = parts.get(named) or groups.get(named)
    if archive is None or not archive.has(ARCHIVE):
        return ()
    return tuple(name for name in ends_of(groups, named) if name in parts)


def _held(array: Part) -> tuple[float, float]:
    """Return the bytes that an array may be filled with, and those that it holds."""
    record = array.values.get("serves")
    known = record.values if isinstance(record, Part) else {}
    try:
        size = float(known.get("usable") or net_capacity(array))
    except (TypeError, AssertionError, KeyError):
        return math.inf, math.inf  # Part of it is wrong, which is said.
    return size * float(known.get("fill") or 1.0), size


def contract_years(term: float) -> int:
    """Return how many contract years a term in seconds begins.

    Examples
    --------
    >>> contract_years(7 * YEAR), contract_years(7.5 * YEAR)
    (7, 8)
    """
    return max(1, math.ceil(term / YEAR - 1e-9))


def archive_default(written: Part, key: str) -> Any:  # noqa: ANN401
    """Return what a workload gives for a slot of the archive, as it would be written; or None."""
    whole = Workload(written)
    try:
        per_year, size = whole.exams * YEAR, whole.study_bytes
    except (TypeError, ZeroDivisionError, AttributeError, AssertionError, KeyError):
        return None  # Part of it is wrong, which is said.
    if not (per_year > 0 and 0 < size < math.inf):
        return None
    value = f"{per_year:.10g} /year" if key == "studies" else f"{size / 1e6:.10g} MB"
    return {"value": value, "status": "derived", "source": "workload"}


__all__ = [
    "KEY",
    "Workload",
    "archive_default",
    "mean_items",
    "serving",
    "with_workload",
    "workload_of",
]
