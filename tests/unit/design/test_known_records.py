"""Records that are taken over from a design before: the same in everything as if they were read.

What is expected comes from reading the whole, by a design of which nothing is known.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.design import Design, DesignError, Resolved, design_like, design_of, load
from pacsim.design.known import UNKNOWN, Known, packed, unpacked
from pacsim.design.owners import owners
from pacsim.design.record_resolver import read_once
from pacsim.design.slot_values import NUMERIC
from pacsim.parts.values import ALL_IN, Part

if TYPE_CHECKING:
    from pacsim.design.noted import Owner
    from pacsim.files.tree import Node
    from pacsim.parts.slots import Slot

MODELS = Path(__file__).parents[3] / "models"
SHIPPED = sorted((MODELS / "designs").glob("**/*.yaml"))
Changes = Mapping[str, Any]

NUMBERS: dict[str, tuple[Any, ...]] = {
    "life": ("9.5 years", {"rate": "0.3 /year", "low": "0.1 /year", "high": "1 /year"}),
    "work": ("9.5 h", {"median": "2 h", "p95": "7 h"}),
    "delay": ("9.5 s", {"low": "3 s", "high": "5 s"}),
    "seconds": ("7 h", "5 min"),
    "share": ("37 %", {"value": 0.001, "source": "x"}),
    "rate": ("12 345 /year", "1 /day"),
    "bit_rate": ("3e-16 1/bit", "1e-15 1/bit"),
    "count": (7, 2),
    "size": ("9 TB", "1 GB"),
    "throughput": ("91 MB/s", "1 Gbit/s"),
    "factor": (2.75, 1),
    "items": (77, {"low": 3, "high": 8}),
    "bytes": ("0.7 MB", {"median": "1 MB", "p95": "3 MB"}),
    "mean": (2.75, 1.5),
    "growth": ("3.3 %", 0),
    "years": (9.5, 2),
    "timer": ("95 s", "none"),
    "tries": (7, "none"),
    "hours": ([1] * 12 + [2] * 12, [1] * 24),
    "days": ({"mon-sun": 1}, {"mon-fri": 2, "sat-sun": 1}),
}
OTHERS: dict[str, tuple[Any, ...]] = {
    "date": ("2027-02-01",),
    "clock": ("21:37",),
    "when": ("second monday 03:33",),
    "text": ("other words",),
    "flag": (True, False),
    "calendar": ({"hours": ["tue 09:00-10:00"]}, str(MODELS / "support" / "office.yaml")),
    "failback": ("at_once", {"next_open": str(MODELS / "support" / "office.yaml")}),
}
WRONG: tuple[Any, ...] = (
    "nonsense", -1, [], {"catalogue": "no.such"}, {"median": "4 parsecs", "p95": "1 s"},
    {"low": "9 h", "high": "2 h", "status": "guess"}, {"mix": [[0.5, "1 h"], [0.7, "x"]]},
    "no-such-file.yaml", {"unknown": 1}, True,
)  # fmt: skip


def told(value: Any) -> str:
    """Return all that is resolved in words; orders, types and declarations included."""
    if isinstance(value, Part):
        inner = told(value.values)
        return f"{value.name}/{value.type}/{id(value.kind)}{inner}"
    if isinstance(value, dict | MappingProxyType):
        return f"{{{', '.join(f'{key!r}: {told(one)}' for key, one in value.items())}}}"
    return repr(value)


def placed(node: Node) -> tuple[Any, ...]:
    """Return a tree with its places, its orders and what it was laid over."""
    value = node.value
    inner: Any = repr(value)
    if isinstance(value, dict):
        inner = [(key, placed(child)) for key, child in value.items()]
    elif isinstance(value, list):
        inner = [placed(child) for child in value]
    over = (node.over[0], placed(node.over[1])) if node.over is not None else None
    return type(value).__name__, inner, node.file, node.line, over


def everything(design: Design) -> dict[str, Any]:
    """Return all that a design says."""
    named = {name: getattr(design.resolved, name) for name in Resolved.__slots__}
    workload = named.pop("workload")
    if workload is not None:
        named |= {"workload": workload.record, "held": (workload.usable, workload.capacity)}
    return {
        **{name: told(value) for name, value in named.items()},
        "plain": repr(design.plain),
        "tree": placed(design.tree),
        "named": (design.name, design.file),
    }


def outcome(made: Callable[[], Design]) -> tuple[Design | None, dict[str, Any]]:
    """Return a design, and all that it says or all that is wrong with it, in order."""
    try:
        design = made()
    except DesignError as error:
        found = [(p.file, p.line, p.path, p.rule, p.remedy) for p in error.problems]
        return None, {"problems": found, "said": str(error)}
    return design, everything(design)


def unknown(design: Design) -> Design:
    """Return a design of which nothing is known, so that all is read."""
    return replace(design, known=UNKNOWN)


def reads_alike(base: Design, changes: Changes, *, whole: bool = False) -> bool:
    """Compare a variation with one that is read whole; return whether it is a design."""
    fast, got = outcome(lambda: base.vary(changes))
    slow, wanted = outcome(lambda: unknown(base).vary(changes))
    assert got == wanted, changes
    if fast is None or slow is None:
        return False
    if whole:
        assert (fast.dump(), fast.hash) == (slow.dump(), slow.hash), changes
        _, wanted = outcome(lambda: design_of(dict(slow.plain)))
        for known in (base, PLAIN_OF[base.name], fast):
            plain = unpacked(packed(slow.plain) or b"")
            _, got = outcome(lambda k=known, p=plain: design_like(p, k))  # type: ignore[misc]
            assert got == wanted, changes
    return True


PLAIN_OF: dict[str, Design] = {}
"""To a design the same one made of its plain values, as workers have it."""


def with_plain(design: Design) -> Design:
    PLAIN_OF[design.name] = design_of(dict(design.plain))
    return design


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Design]:
    """Return the shipped designs, and pairs with a workload, contracts and calendars in files."""
    folder = tmp_path_factory.mktemp("designs")
    made = {path.stem: load(path) for path in SHIPPED}
    pair, office = MODELS / "designs" / "active-passive.yaml", MODELS / "support" / "office.yaml"
    (folder / "busy.yaml").write_text(
        f"pacsim: 1\nextends: {pair}\nname: Busy\nworkload:\n"
        f"  from: {MODELS / 'workloads' / 'community-hospital.yaml'}\n  archive: pacs\n"
        "  at: {modalities: radiology, readers: reading-rooms}\n"
        "parts:\n  server-c: {like: server-b}\n  server-d: {like: server-c, repair: 3 h}\n"
        f"  core-1: {{support: {MODELS / 'support' / 'next-business-day.yaml'}}}\n"
        f"  core-2: {{repair: {{counted_in: {office}, median: 5 h, p95: 9 h}}}}\n"
        f"groups:\n  pacs: {{failback: {{next_open: {office}}}}}\n"
    )
    made["busy"] = load(folder / "busy.yaml")
    return {name: with_plain(one) for name, one in made.items()}


def values(design: Design, owner: Owner, slot: Slot) -> Iterator[tuple[Any, ...]]:
    """Yield values of a slot, right and wrong ones."""
    names = [*design.resolved.parts, *design.resolved.groups]
    if slot.kind in NUMERIC:
        yield from ((one,) for one in NUMBERS[slot.kind])
        yield ({"catalogue": "srv.repair"},)
    elif slot.kind in {"choice", "words"}:
        yield from ((one,) for one in slot.options)
    elif slot.kind == "name":
        yield from ((one,) for one in names[::5])
    elif slot.kind in {"names", "feeds", "needs"}:
        value = owner.part.values.get(slot.name)
        listed = list(getattr(value, "of", value or ()))
        listed = [one for one in listed if isinstance(one, str)]
        yield from ((listed[1:],), (listed[::-1],), ([*listed, names[0]],))
    else:
        yield from ((one,) for one in OTHERS.get(slot.kind, ()))
    yield (None,)


def slot_cases(design: Design) -> list[Changes]:
    """Return changes of every slot of every record, given or not, to right and wrong values."""
    cases: list[Changes] = []
    for owner in owners(design.resolved):
        for slot in owner.kind.slots:
            given = owner.part.values.get(slot.name)
            all_in = slot.covers and slot.also and given is not None and given.covers == ALL_IN
            path = f"{owner.path}.{slot.also if all_in else slot.name}"
            found = [one for (one,) in values(design, owner, slot)]
            cases += [{path: one} for one in (*found, WRONG[len(cases) % len(WRONG)])]
            if slot.also:
                cases.append({f"{owner.path}.{slot.also}": found[0]})
                cases.append(
                    {f"{owner.path}.{slot.name}": found[0], f"{owner.path}.{slot.also}": None}
                )
    return cases


ANY: tuple[Changes, ...] = (
    {},
    {"name": "Other"}, {"catalogue": "2026.1"}, {"catalogue": "1999.9"}, {"pacsim": 2},
    {"parts": None}, {"groups": None}, {"roles": None}, {"practices": None}, {"contract": None},
    {"parts": 3}, {"groups": []}, {"practices": "x"}, {"contract": 1, "archive": 2},
    {"parts.new": {"type": "component", "ttf": "1 year", "ttr": "4 h"}},
    {"parts.new": {"like": "mains"}}, {"parts.new": {"like": "no-such"}}, {"parts.new": {}},
    {"parts.new": {"type": "switch", "from": "swich"}}, {"parts.a b": {"like": "mains"}},
    {"parts.mains": None}, {"parts.database": None}, {"parts.array": None}, {"parts.pdu-a": None},
    {"parts.pdu-a.type": "ups"}, {"parts.core-1.type": "component"}, {"parts.pdu-a.type": None},
    {"parts.mains.like": "ats"}, {"parts.mains.from": "generator"}, {"parts.mains.from": None},
    {"parts.server-a": {"type": "server", "from": "server_dual_psu"}},
    {"parts.server-a.software": None}, {"parts.server-a.software.from": "nothing"},
    {"parts.server-a.memory": 3}, {"parts.server-a.repair": "2 h"},
    {"parts.server-a.repair": {"covers": "all_in", "value": "2 h"}},
    {"parts.server-a.repair": {"value": "2 h", "covers": "x"}}, {"parts.pdu-a.ttr": "2 h"},
    {"parts.pdu-a.repair": "2 h", "parts.pdu-a.ttr": None}, {"parts.pdu-a.repair": "2 h"},
    {"parts.pdu-a.power": ["pdu-a"]}, {"parts.pdu-a.power": ["mains"]},
    {"parts.core-1.network": ["nowhere"]}, {"parts.core-1.network": []},
    {"roles.store": None}, {"roles.read": None}, {"roles.store.needs": ["array", "no-such"]},
    {"roles.new": {"does": "read", "needs": ["array"]}}, {"roles.store.needs": [{"any": []}]},
    {"groups.pacs": None}, {"groups.pacs.standby": "hot"}, {"groups.pacs.standby": "cold"},
    {"groups.pacs.members": ["server-a"]}, {"groups.pacs.type": "active_active"},
    {"groups.other": {"type": "active_passive", "members": ["core-1", "core-2"]}},
    {"groups.array": {"type": "nothing"}}, {"groups.pacs.check.every": "x", "parts.x.y": 1},
    {"practices.support": str(MODELS / "support" / "next-business-day.yaml")},
    {"practices.support": None}, {"practices.support": "no-such.yaml"},
    {"practices.support.response": "2 h"}, {"practices.support.part_missing": "half"},
    {"practices.support": {"name": "own", "from": "support_4h", "part_missing": "3 %"}},
    {"practices.monitoring": None}, {"practices.maintenance": None}, {"practices.upgrades.of": ["x"]},
    {"practices.times.no_contract": "9 h"}, {"parts.core-1.support": None},
    {"parts.core-1.support": {"from": "support_nbd"}}, {"parts.core-1.support.name": "mine"},
    {"parts.it-team.on_duty": {"hours": ["mon 08:00-12:00"]}}, {"parts.it-team.on_duty": "x.yaml"},
    {"parts.it-team.on_duty.hours": ["tue 07:00-12:00"]}, {"parts.it-team.on_duty.closed": "x"},
    {"contract.term": "3 years"}, {"contract.starts": "2027-13-01"}, {"contract.odd": 1},
    {"archive.studies": "10 000 /year"}, {"archive.study_size": "9 MB"}, {"archive": None},
    {"workload": None}, {"workload.exams": "9 000 /year"}, {"workload.archive": "server-a"},
    {"workload": {"archive": "array"}}, {"workload.from": "nothing.yaml"}, {"workload": 3},
    {"workload.from": str(MODELS / "workloads" / "small-clinic.yaml")}, {"workload.odd": 1},
    {"workload.modalities.CT.stations": 3}, {"workload.modalities.CT": None},
    {"workload.modalities.XX": {"share": 0.1}}, {"workload.clients.modality.from": "nobody"},
    {"workload.at.readers": "mains"}, {"workload.catalogue": "2026.1"},
    {"": 1, "a..b": 2}, {"odd": 1}, {"parts.mains.fails.rate.x": 1},
)  # fmt: skip
"""Changes of any kind; what is legal in one design is wrong in another."""


DESIGNS = [*(path.stem for path in SHIPPED), "busy"]


def judged(base: Design, cases: list[Changes], most: int, whole: int) -> None:
    """Compare some cases, and of every so many as plain values too; there are right and wrong."""
    found = random.Random(19).sample(range(len(cases)), min(most, len(cases)))
    good = [reads_alike(base, cases[k], whole=not n % whole) for n, k in enumerate(found)]
    assert 0.2 < sum(good) / len(good) < 0.95, good


@pytest.mark.parametrize("name", DESIGNS)
def test_slots(bases: dict[str, Design], name: str) -> None:
    judged(bases[name], slot_cases(bases[name]), 50 if name != "busy" else 15, 6)


@pytest.mark.parametrize("name", DESIGNS)
def test_changes_of_any_kind(bases: dict[str, Design], name: str) -> None:
    judged(bases[name], list(ANY), 60 if name == "active-passive" else 15, 6)


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="takes minutes")
@pytest.mark.parametrize("name", DESIGNS)
def test_every_slot_and_change(bases: dict[str, Design], name: str) -> None:
    cases = slot_cases(bases[name]) + list(ANY)
    judged(bases[name], cases, len(cases), 1)


def test_one_change_after_another(bases: dict[str, Design]) -> None:
    """What is known is of the design before, whatever that one was varied from."""
    draw = random.Random(7)
    for name in ("active-passive", "busy"):
        fast, slow, good = bases[name], unknown(bases[name]), 0
        for changes in draw.sample(ANY, 25):
            one, got = outcome(lambda f=fast, c=changes: f.vary(c))  # type: ignore[misc]
            other, wanted = outcome(lambda s=slow, c=changes: s.vary(c))  # type: ignore[misc]
            assert got == wanted, changes
            if one is not None and other is not None:
                fast, slow, good = one, unknown(other), good + 1
        assert good > 5


def read_anew(monkeypatch: pytest.MonkeyPatch, made: Callable[[], Design]) -> list[str]:
    """Return the paths of the records that a new design reads."""
    read: list[str] = []
    plain = read_once.__globals__["read_record"]

    def noted(cursor: Any, kind: Any, **said: Any) -> Any:
        read.append(cursor.path)
        return plain(cursor, kind, **said)

    with monkeypatch.context() as patch:
        patch.setitem(read_once.__globals__, "read_record", noted)
        made()
    return read


def test_only_what_differs_is_read(
    bases: dict[str, Design], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, busy = bases["active-passive"], bases["busy"]
    changes = {"groups.pacs.check.every": "2 s"}
    wanted = ["groups.pacs", "groups.pacs.check"]
    for base in (pair, busy):
        assert read_anew(monkeypatch, lambda b=base: b.vary(changes)) == wanted  # type: ignore[misc]
        known = PLAIN_OF[base.name]
        plain = base.vary(changes).plain
        read = read_anew(monkeypatch, lambda p=plain, k=known: design_like(dict(p), k))  # type: ignore[misc]
        assert read == wanted
        again = base.vary({"contract.term": "3 years"})
        assert read_anew(monkeypatch, lambda a=again: a.vary(changes)) == wanted  # type: ignore[misc]
    like = read_anew(monkeypatch, lambda: busy.vary({"parts.server-c.repair": "2 h"}))
    assert [path for path in like if path.count(".") == 1] == ["parts.server-c", "parts.server-d"]
    # Some defaults are others with a workload.
    assert len(read_anew(monkeypatch, lambda: busy.vary({"workload": None}))) > 40


def test_what_is_said_around_a_record(bases: dict[str, Design]) -> None:
    """Values of a nested record have the origin that the outer one says."""
    pair = bases["active-passive"]
    for path in ("parts.array", "groups.pacs", "practices"):
        assert reads_alike(pair, {f"{path}.source": "a data sheet"}, whole=True)
    said = pair.vary({"parts.array.source": "a data sheet"}).resolved.inputs
    assert {one.source for one in said if one.path == "parts.array.disk.size"} == {"a data sheet"}


def test_what_a_repair_is_laid_over(bases: dict[str, Design]) -> None:
    """A part may say the same as before, and replace something else of the part it is like."""
    busy, changes = bases["busy"], {"parts.server-c.ttr": "9 h", "parts.server-c.repair": None}
    assert reads_alike(busy, changes)
    said = [one for one in busy.vary(changes).resolved.warnings if "server-d.repair: was" in one]
    assert said
    assert not [one for one in busy.resolved.warnings if "server-d.repair: was" in one]


def test_records_in_another_order(bases: dict[str, Design]) -> None:
    known = PLAIN_OF[bases["busy"].name]
    plain: Any = unpacked(packed(known.plain) or b"")
    inner = plain["workload"]["modalities"]
    plain["workload"]["modalities"] = dict(reversed(inner.items()))
    other = design_like(plain, known)
    assert everything(other) == everything(design_of(plain))
    assert list(other.plain["workload"]["modalities"]) == list(inner)[::-1]


def test_files_that_change_or_go(tmp_path: Path) -> None:
    """A file is as it is when a design is varied, not as it was when its base was loaded."""
    for file in (MODELS / "support").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    shutil.copy(MODELS / "workloads" / "community-hospital.yaml", tmp_path / "clinic.yaml")
    clinic, office, support = (
        tmp_path / name for name in ("clinic.yaml", "office.yaml", "24x7-4h.yaml")
    )
    (tmp_path / "under.yaml").write_text(
        f"pacsim: 1\nextends: {MODELS / 'designs' / 'active-passive.yaml'}\n"
        "parts:\n  core-1: {ttr: {counted_in: office.yaml, median: 5 h, p95: 9 h}}\n"
    )
    (tmp_path / "design.yaml").write_text(
        "pacsim: 1\nextends: under.yaml\nname: With files\n"
        "workload: {from: clinic.yaml, archive: pacs,\n"
        "           at: {modalities: radiology, readers: reading-rooms}}\n"
        "parts:\n  it-team: {on_duty: office.yaml}\n  core-1: {repair: 3 h}\n"
        "practices: {support: 24x7-4h.yaml}\n"
    )
    (tmp_path / "own.yaml").write_text(
        "pacsim: 1\nextends: under.yaml\nname: With a contract of its own\n"
        "parts:\n  core-1: {repair: 3 h}\npractices:\n  support: {from: support_nbd,\n"
        "    response: {next_business_day: office.yaml, then: {low: 0 h, high: 6 h}}}\n"
    )
    own = load(tmp_path / "own.yaml")
    deeper = own.vary({"practices.procedures": None}).vary({"contract.term": "3 years"})
    base = load(tmp_path / "design.yaml")
    changes = {"groups.pacs.check.every": "2 s"}
    assert reads_alike(base, changes)
    same = everything(base.vary(changes))
    for file, old, new in (
        (office, "08:00", "09:00"),
        (support, "24x7-4h", "other"),
        (clinic, "exams", "exams"),
        (clinic, "70 000 /year", "60 000 /year"),
    ):
        text = file.read_text()
        assert old in text, file
        file.write_text(text.replace(old, new, 1))
        assert reads_alike(base, changes)
        assert (everything(base.vary(changes)) == same) == (old == new)
        for one in (own, deeper):
            reads_alike(one, changes)
            reads_alike(one, {"practices.times.no_contract": "9 h"})
        file.write_text("hours: [nonsense]\n")
        assert not reads_alike(base, changes)
        file.unlink()
        assert not reads_alike(base, changes)
        assert not reads_alike(base, {"practices.support.part_missing": 0.1}) or file != support
        file.write_text(text)
        assert reads_alike(base, changes)
        assert everything(base.vary(changes)) == same


def test_nobody_changes_what_is_known() -> None:
    base = load(MODELS / "designs" / "single-server.yaml")
    wanted = everything(base.vary({"contract.term": "3 years"}))
    plain: Any = base.plain
    plain["parts"]["server-a"]["repair"] = "1 s"
    other: Any = base.vary({}).plain
    other["parts"]["array"].clear()
    assert everything(base.vary({"contract.term": "3 years"})) == wanted


def test_plain_values_that_look_alike(bases: dict[str, Design]) -> None:
    """Values that compare equal may be written otherwise, or be wrong."""
    plain: Any = dict(bases["active-passive"].plain)
    for path, value in (
        (("parts", "array", "disks"), True),
        (("parts", "array", "disks"), 12.0),
        (("parts", "array", "disks"), np.int64(12)),
        (("parts", "array", "disks"), np.float64(12)),
        (("parts", "array"), MappingProxyType(dict(plain["parts"]["array"]))),
        (("parts", "array"), dict(reversed(plain["parts"]["array"].items()))),
        (("groups", "pacs", "restart_first"), -0.0),
        (("groups", "pacs", "members"), ("server-a", "server-b")),
        (("parts",), dict(reversed(plain["parts"].items()))),
        (("parts",), list(plain["parts"])),
        ((1,), 2),
    ):
        known = design_of(plain)
        other: Any = unpacked(packed(plain) or b"")
        inner = other
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        _, wanted = outcome(lambda o=other: design_of(o))  # type: ignore[misc]
        one, got = outcome(lambda o=other, k=known: design_like(o, k))  # type: ignore[misc]
        assert got == wanted, path
        if one is not None:
            _, got = outcome(lambda k=one: design_like(plain, k))  # type: ignore[misc]
            assert got == everything(known), path
        file = str(MODELS / "designs" / "x.yaml")
        _, wanted = outcome(lambda o=other, f=file: design_of(o, f))  # type: ignore[misc]
        assert outcome(lambda o=other, k=known, f=file: design_like(o, k, f))[1] == wanted  # type: ignore[misc]


def test_no_chain_of_designs_before() -> None:
    """However often a design is varied, only what is known of the last one is kept."""
    design = load(MODELS / "designs" / "single-server.yaml")
    for k in range(5):
        design = design.vary(
            {"parts.server-a.repair": f"{k + 2} h", "contract.term": f"{k + 2} years"}
        )
        design = design_like(design.plain, design)
    seen: dict[int, Any] = {}
    todo: list[Any] = [design]
    while todo:
        one = todo.pop()
        if id(one) not in seen and not isinstance(one, type) and not callable(one):
            seen[id(one)] = one
            todo += gc.get_referents(one)
    kinds = [type(one) for one in seen.values()]
    assert (kinds.count(Known), kinds.count(Resolved), kinds.count(Design)) == (1, 1, 1)


def test_threads_vary_one_design(bases: dict[str, Design]) -> None:
    base = bases["active-passive"]
    several = [{"groups.pacs.check.every": f"{k % 7 + 2} s"} for k in range(40)]
    wanted = [everything(unknown(base).vary(one)) for one in several[:7]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: everything(base.vary(one)), several))
    assert all(one == wanted[k % 7] for k, one in enumerate(found))
