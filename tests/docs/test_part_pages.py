"""Pages of parts say what may be written: every slot and no other, with its kind and default."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from pacsim.parts import practices
from pacsim.parts.registry import GROUPS, SHIPPED
from pacsim.parts.slots import RecordType, Slot

FOLDER = Path(__file__).parents[2] / "docs" / "parts"
# Types of other installed packages have their pages there.
TYPES = {
    **{module.TYPE.name: module.TYPE for module in SHIPPED},
    **GROUPS,
    practices.TYPE.name: practices.TYPE,
}
SLOTS = "| slot | kind | default | meaning |"
UNUSED = "| entry | why |"
OF = re.compile(r"(?:Slots of|bundle for) `(\w+)`")
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Table:
    """A table of a page: what it is about (empty: the type itself), its header, its rows."""

    of: str
    header: str
    rows: tuple[tuple[str, ...], ...]


def tables(text: str) -> list[Table]:
    """Return the tables of slots and of unused entries, with the record each is about."""
    found = []
    above = ""
    lines = text.splitlines()
    for k, line in enumerate(lines):
        if line.startswith(("#", "Entries of a bundle")):
            about = OF.search(line)
            above = about[1] if about else ""
        if line in {SLOTS, UNUSED}:
            rows = []
            for row in lines[k + 2 :]:
                if not row.startswith("|"):
                    break
                rows.append(tuple(cell.strip() for cell in row.strip("|").split(" | ")))
            found.append(Table(above, line, tuple(rows)))
    return found


def records(kind: RecordType, name: str = "") -> dict[str, RecordType]:
    """Return a type and what nests in it, by the name of its slot."""
    found = {name: kind}
    for slot in kind.slots:
        if slot.record is not None:
            found |= records(slot.record, slot.name)
    return found


def default(slot: Slot) -> str:
    """Return the default of a slot as a page writes it."""
    match slot.default:
        case None:
            return "not given"
        case {"catalogue": str(entry)}:
            return f"`{entry}`"
        case dict():
            return "as below"
        case bool():
            return str(slot.default).lower()
        case ():
            return "none"
        case _:
            return str(slot.default)


def written(page: str, header: str) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of one kind of table, by the record they are about."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for table in tables(page):
        if table.header == header:
            assert table.of not in found, f"two tables of {table.of or 'the type'}"
            found[table.of] = list(table.rows)
    return found


def compare(page: str, kind: RecordType) -> list[str]:
    """Return where a page and a type differ."""
    problems = []
    slots, unused = written(page, SLOTS), written(page, UNUSED)
    known = records(kind)
    problems += [f"no record {name!r}" for name in {*slots, *unused} - set(known)]
    for name, record in known.items():
        rows = slots.get(name, [])
        told = {tuple(CODE.findall(row[0])): row[1:] for row in rows}
        assert len(told) == len(rows), f"a slot of {name or kind.name} is there twice"
        wanted = {tuple(x for x in (s.name, s.also) if x): s for s in record.slots}
        problems += [f"{name}: no row for {', '.join(key)}" for key in wanted if key not in told]
        problems += [f"{name}: no slot {', '.join(key)}" for key in told if key not in wanted]
        for key in set(told) & set(wanted):
            slot = wanted[key]
            if told[key][:2] != (slot.kind, default(slot)):
                problems.append(f"{name}.{key[0]}: {slot.kind}, {default(slot)}; not {told[key]}")
            if len(told[key]) != 3 or not told[key][2]:
                problems.append(f"{name}.{key[0]}: no meaning")
        entries = [CODE.findall(row[0])[0] for row in unused.get(name, [])]
        if sorted(entries) != sorted(record.unused):
            problems.append(f"{name}: not modelled {sorted(record.unused)}, not {sorted(entries)}")
    return problems


@pytest.mark.parametrize("name", TYPES)
def test_a_page_has_every_slot_and_no_other(name: str) -> None:
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert not compare(page, TYPES[name])


@pytest.mark.parametrize("name", TYPES)
def test_a_missing_or_invented_row_is_seen(name: str) -> None:
    """Each row of each table taken out, and one put in, is a difference."""
    lines = (FOLDER / f"{name}.md").read_text(encoding="utf-8").splitlines()
    heads = [k for k, line in enumerate(lines) if line in {SLOTS, UNUSED}]
    for head in heads:
        row = head + 2
        while row < len(lines) and lines[row].startswith("|"):
            assert compare("\n".join(lines[:row] + lines[row + 1 :]), TYPES[name]), lines[row]
            row += 1
        more = "| `invented` | share | 0 | nothing |"
        assert compare("\n".join([*lines[:row], more, *lines[row:]]), TYPES[name]), lines[head]


def test_every_page_is_of_a_type_and_in_the_index() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(TYPES)
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [name for name in TYPES if f"]({name}.md)" not in index]


@pytest.mark.parametrize("name", TYPES)
def test_a_page_says_what_holds_it(name: str) -> None:
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert re.search(r"## Held to\n\n[^#]*`tests/oracle/parts/\w+\.py`", page)
