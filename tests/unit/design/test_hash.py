"""The hash of a design: whatever is in it moves the hash, how its files are laid out does not.

Sections and slots are walked, not listed: one that is added to the language is tried as well, or
the test says that the design below has nothing of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pacsim.design import Design, DesignError, design_of, load
from pacsim.design.resolve import TOP
from pacsim.design.resolved import Resolved
from pacsim.design.workloads import Workload
from pacsim.files.tree import dump
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.values import HANDS_ON, Part

MODELS = Path(__file__).parents[3] / "models"
ABOUT = {"pacsim", "catalogue", "extends"}
"""Keys that say how a design is to be read; they have one value, or leave none behind."""
NOTED = {"inputs", "warnings", "unused"}
"""What is found out while a design is resolved: it follows from the rest."""
MORE = {
    "practices.failover_tests": {"every": "3 months", "outage": "2 min", "finds": 0.7},
    "practices.support": {"name": "own", "from": "support_4h", "part_missing": "3 %",
                          "part_delay": "8 h"},
    "roles.store.used_from": ["radiology"],
    "workload": {
        "archive": "pacs", "at": {"modalities": "radiology", "readers": "reading-rooms"},
        "exams": "70 000 /year",
        "modalities": {"CT": {"share": 1, "stations": 2, "instances": 100, "size": "0.5 MB"}},
        "readers": {"stations": 3}, "worklist": {}, "routers": {"edge": {"of": ["CT"]}},
        "probes": {"one": {"at": "radiology"}},
        "clients": {"modality": {"commit": "3 min"}},
    },
}  # fmt: skip
OTHER: dict[str, tuple[Any, ...]] = {
    "life": ("9.5 years",),
    "work": ("9.5 h",),
    "delay": ("9.5 s",),
    "seconds": ("7 h", "3 months", "5 min", "5 years"),
    "date": ("2027-02-01",),
    "share": ("37 %", "0.1 %"),
    "rate": ("12 345 /year",),
    "bit_rate": ("3e-16 1/bit",),
    "count": (7, 2, 10),
    "size": ("9 TB",),
    "throughput": ("91 MB/s",),
    "factor": (2.75,),
    "clock": ("21:37",),
    "when": ("second monday 03:33",),
    "text": ("other words",),
    "flag": (True, False),
    "calendar": ({"hours": ["tue 09:00-10:00"]},),
    "failback": ("at_once", "never"),
    "items": (77,),
    "bytes": ("0.7 MB",),
    "mean": (2.75,),
    "growth": ("3.3 %",),
    "years": (9.5,),
    "timer": ("95 s",),
    "tries": (7,),
    "hours": ([1] * 12 + [2] * 12,),
    "days": ({"mon-sun": 1},),
}
"""Another value of each kind of slot; the first that is legal and not what is there is taken."""
ONE_VALUE = {"contract.service_hours", "groups.pacs.else", "parts.database.runs_on",
             "groups.pacs.success_tested", "groups.pacs.proven_for", "workload.archive",
             "workload.modalities.CT.share", "workload.routers.edge.of"}  # fmt: skip
"""Slots for which only one value is legal; every server of the design is a member of the group,
what its standby does not show is latent, and there is one modality."""


@pytest.fixture(scope="module")
def rich() -> Design:
    """Return a design with something in every section."""
    return load(MODELS / "designs" / "active-passive.yaml").vary(MORE)


def records(design: Design, section: str) -> Iterator[tuple[str, Part]]:
    """Return path and record of a section, or of each named record in it."""
    found = getattr(design.resolved, section)
    if isinstance(found, Workload):
        found = found.record
    if isinstance(found, Part):
        yield section, found
        return
    assert isinstance(found, Mapping), f"a section of a new form: {section}"
    for name, part in found.items():
        yield f"{section}.{name}", part


def slots(path: str, part: Part) -> Iterator[tuple[str, Slot, Any]]:
    """Return path, declaration and value of each slot of a record and of the records in it."""
    assert isinstance(part.kind, RecordType)
    for slot in part.kind.slots:
        inner, value = f"{path}.{slot.name}", part.values[slot.name]
        if slot.kind == "record" and value is not None:
            yield from slots(inner, value)
        elif slot.kind == "records" and value is not None:
            for name, child in value.items():
                yield from slots(f"{inner}.{name}", child)
        else:
            assert slot.kind not in {"record", "records"}, f"the design has no {inner}"
            all_in = slot.covers and slot.also and value is not None and value.covers != HANDS_ON
            yield f"{path}.{slot.also}" if all_in else inner, slot, value


def others(design: Design, slot: Slot, value: Any) -> Iterator[Any]:
    """Return values that may be legal in a slot, and at last that it is left out."""
    names = [*design.resolved.parts, *design.resolved.groups]
    if slot.kind in {"choice", "words"}:
        yield from slot.options
    elif slot.kind == "name":
        yield from names
    elif slot.kind in {"names", "feeds", "needs"}:
        listed = list(getattr(value, "of", value or ()))
        yield from (listed[1:], listed[::-1], [*listed, *slot.options])
        yield from ([*listed, name] for name in names)
    elif slot.kind in OTHER:
        yield from OTHER[slot.kind]
    else:
        pytest.fail(f"no other value for the new kind {slot.kind} of {slot.name}")
    yield None


def varied(design: Design, path: str, slot: Slot, value: Any) -> Design | None:
    """Return a legal design that says something else in one slot."""
    for other in others(design, slot, value):
        try:
            made = design.vary({path: other})
        except DesignError:
            continue
        if content(made) != content(design):
            return made
    return None


def content(design: Design) -> tuple[Any, ...]:
    """Return what was resolved, without what was noted on the way."""
    names = (one.name for one in dataclasses.fields(Resolved))
    return tuple(getattr(design.resolved, name) for name in names if name not in NOTED)


def test_the_sections_walked_are_all_there_are() -> None:
    """What may be written at the top is what is resolved, but for how it is to be read."""
    resolved = {one.name for one in dataclasses.fields(Resolved)}
    assert resolved - NOTED == set(TOP) - ABOUT


def text_of(design: Design, path: str) -> str:
    """Return what a dump says of a section or of a named record in it."""
    plain: Any = design.plain
    for key in path.split("."):
        plain = plain[key]
    return dump({path: plain})


def test_the_hash_is_that_of_a_text_in_which_records_stand_one_after_another(rich: Design) -> None:
    """So what moves the text of a record moves the hash."""
    assert rich.hash == hashlib.sha256(rich.dump().encode()).hexdigest()
    assert rich.dump() == "".join(dump({key: value}) for key, value in rich.plain.items())
    for section in ("parts", "groups", "roles"):
        records = rich.plain[section].items()
        apart = [line for name, record in records for line in dump({name: record}).splitlines()]
        assert [f"{section}:", *(f"  {line}" for line in apart)] == dump(
            {section: rich.plain[section]}
        ).splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("section", sorted(set(TOP) - ABOUT - {"name"}))
def test_every_slot_of_a_section_moves_the_hash(rich: Design, section: str) -> None:
    """A record of each type, and every slot of it: its text; of each record once the hash."""
    tried: set[tuple[str, str]] = set()
    stuck, unmoved = set(), set()
    for path, part in records(rich, section):
        before, other = text_of(rich, path), None
        for inner, slot, value in slots(path, part):
            once = (part.type, inner.removeprefix(path))
            if once in tried:
                continue
            tried.add(once)
            other = varied(rich, inner, slot, value)
            if other is None:
                stuck.add(inner)
            elif text_of(other, path) == before:
                unmoved.add(inner)
        if other is not None and other.hash == rich.hash:
            unmoved.add(path)
    assert tried, f"the design has nothing in {section}"
    assert not unmoved
    assert stuck <= ONE_VALUE


def test_each_named_record_moves_the_hash(rich: Design) -> None:
    """A part, a group, a role more is another design."""
    more = {
        "parts.one-more": {"type": "component", "ttf": "1 year", "ttr": "4 h"},
        "roles.one-more": {"needs": ["array"]},
        "practices.maintenance.one-more": {
            "of": ["server-a"], "on": "last monday 03:00", "lasts": "1 h",
        },
    }  # fmt: skip
    hashes = [rich.hash, *(rich.vary({path: made}).hash for path, made in more.items())]
    assert len(set(hashes)) == len(hashes)


def test_the_name_moves_the_hash(rich: Design) -> None:
    assert rich.vary({"name": "another"}).hash != rich.hash


def turned(plain: Any, depth: int) -> Any:
    """Return the same with the keys of every record in the opposite order.

    Names of parts, groups and roles keep theirs: it is the order of rows and of what happens at
    the same instant.
    """
    if not isinstance(plain, dict):
        return plain
    keys = list(plain) if depth == 1 else list(reversed(plain))
    return {key: turned(plain[key], depth + 1) for key in keys}


def test_the_order_of_keys_does_not_move_the_hash(rich: Design) -> None:
    upside_down = turned(rich.plain, 0)
    assert list(upside_down) != list(rich.plain)
    assert list(upside_down["parts"]["server-a"]) != list(rich.plain["parts"]["server-a"])
    assert design_of(upside_down).hash == rich.hash


def test_names_and_places_of_files_do_not_move_the_hash(tmp_path: Path) -> None:
    """The same text in another folder, under other names, over a base or in one file."""
    before = load(MODELS / "designs" / "active-passive.yaml")
    one = tmp_path / "deeper" / "any-name.yaml"
    one.parent.mkdir()
    one.write_text(dump(dict(before.plain)), encoding="utf-8")
    over = tmp_path / "over.yaml"
    over.write_text("extends: deeper/any-name.yaml\n", encoding="utf-8")
    assert load(one).hash == load(over).hash == before.hash


def test_a_calendar_counts_by_what_is_in_it_not_by_its_path(tmp_path: Path) -> None:
    crew = "pacsim: 1\nname: x\nparts: {t: {type: crew, size: 2, respond: 10 min, respond_night: 1 h, on_duty: %s}}\n"
    for folder, hours in (("a", "mon-fri"), ("b", "mon-fri"), ("c", "mon-sat")):
        (tmp_path / folder).mkdir()
        text = f'name: desk\nhours: ["{hours} 08:00-17:00"]\n'
        (tmp_path / folder / f"{folder}.yaml").write_text(text, encoding="utf-8")
        (tmp_path / f"{folder}.yaml").write_text(crew % f"{folder}/{folder}.yaml", encoding="utf-8")
    first, same, other = (load(tmp_path / f"{name}.yaml").hash for name in "abc")
    assert first == same
    assert first != other
