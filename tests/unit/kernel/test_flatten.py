"""The groups that sources take become the arguments they need, and nothing undeclared passes."""

import ast
from typing import Annotated

import numpy as np
import pytest

from pacsim.engines.kernel.declaring import (
    F8,
    I4,
    I8,
    U8,
    FlatTable,
    Group,
    Record,
    RowTable,
    Slots,
    Vector,
    array,
    columns_of,
    is_block,
    local,
    number_type,
    place_of,
    row_type,
    slot,
    value,
    width_of,
)
from pacsim.engines.kernel.flatten import Flattening, Source


class Lamp(Record):
    hours: F8
    lit: I4


class Note(Record):
    when: F8
    marks: Annotated[Vector[F8], 3]
    who: F8


class House(Group):
    lamps: RowTable[Lamp] = array("work", "lamps", lambda n: n)
    rooms: Vector[I4] = array("packing", "rooms", lambda n: 2 * n)
    notes: FlatTable[Note] = array("work", "notes", lambda n: n)


class Tally(Slots):
    seen: I8 = slot("work", "lamps seen")
    lit: I8 = slot("work", "lamps lit")


class Order(Group):
    hour: F8 = value("engine", "the hour")
    seed: U8 = value("engine", "the seed")


class Round(Group):
    number: I8 = local("work", "of the round")


GROUPS = {group.key: group for group in (House, Tally, Order, Round)}


def joined(*texts: str, entry: str = "run") -> dict[str, str]:
    """Return the flattened functions of a module named work, by name."""
    nodes = [node for text in texts for node in ast.parse(text).body]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    whole = Flattening(GROUPS, {f.name: Source("work", f) for f in functions}, entry)
    return {f.name: ast.unparse(whole.flattened(f.name)) for f in functions}


def test_a_group_becomes_the_arguments_that_are_needed_in_the_declared_order() -> None:
    found = joined(
        "def light(house: House, tally: Tally, i: int) -> None:\n"
        "    house.lamps[i].lit = 1\n"
        "    tally.lit += 1\n",
        "def visit(house: House, tally: Tally, order: Order, i: int) -> None:\n"
        "    if house.rooms[i] >= 0 and order.hour > house.lamps[i].hours:\n"
        "        light(house, tally, house.rooms[i])\n",
    )
    assert found["light"] == (
        "def light(house_lamps, tally, i):\n    house_lamps[i].lit = 1\n    tally[tally_lit] += 1"
    )
    assert found["visit"] == (
        "def visit(house_lamps, house_rooms, tally, order_hour, i):\n"
        "    if house_rooms[i] >= 0 and order_hour > house_lamps[i].hours:\n"
        "        light(house_lamps, tally, house_rooms[i])"
    )


def test_what_is_called_is_needed_by_those_who_call_wherever_the_group_stands() -> None:
    found = joined(
        "def inner(i: int, house: House) -> int:\n    return house.rooms[i]\n",
        "def middle(house: House, i: int) -> int:\n    return inner(i + 1, house)\n",
        "def outer(house: House) -> int:\n    return middle(house, middle(house, 0))\n",
    )
    assert found["inner"] == "def inner(i, house_rooms):\n    return house_rooms[i]"
    assert found["middle"] == "def middle(house_rooms, i):\n    return inner(i + 1, house_rooms)"
    assert found["outer"] == (
        "def outer(house_rooms):\n    return middle(house_rooms, middle(house_rooms, 0))"
    )


def test_what_is_called_from_outside_takes_all_that_is_no_variable_of_its_own() -> None:
    found = joined(
        "def show(round: Round, tally: Tally) -> None:\n    tally.seen = round.number\n",
        "def run(house: House, tally: Tally, order: Order) -> None:\n"
        "    round = Round()\n"
        "    round.number = 7\n"
        "    show(round, tally)\n",
    )
    assert found["show"] == ("def show(round_number, tally):\n    tally[tally_seen] = round_number")
    assert found["run"] == (
        "def run(house_lamps, house_rooms, house_notes, tally, order_hour, order_seed):\n"
        "    round_number = 7\n"
        "    show(round_number, tally)"
    )


@pytest.mark.parametrize(
    ("written", "flat"),
    [
        ("house.notes[k].when = 1.0", "house_notes[5 * k] = 1.0"),
        ("house.notes[k].who += 1.0", "house_notes[5 * k + 4] += 1.0"),
        ("house.notes[k].marks[k - 1] = 0.0", "house_notes[5 * k + 1 + (k - 1)] = 0.0"),
        ("house.notes[2].who = 1.0", "house_notes[14] = 1.0"),
        ("house.notes[0].when = 1.0", "house_notes[0] = 1.0"),
        ("k = len(house.notes)", "k = len(house_notes) // 5"),
        ("k = len(house.lamps)", "k = len(house_lamps)"),
        ("k = total(house.rooms[k:], k)", "k = total(house_rooms[k:], k)"),
        ("house.lamps[house.rooms[k]].lit = 1", "house_lamps[house_rooms[k]].lit = 1"),
        (
            "house.notes[house.rooms[k]].who = house.notes[house.rooms[0]].when",
            "house_notes[5 * house_rooms[k] + 4] = house_notes[5 * house_rooms[0]]",
        ),
    ],
)
def test_places(written: str, flat: str) -> None:
    body = joined(f"def f(house: House, k: int) -> None:\n    {written}\n")["f"]
    assert body.splitlines()[1:] == [f"    {flat}"]


@pytest.mark.parametrize(
    ("signature", "body", "told"),
    [
        ("house: House", "house.lamp[0].lit = 1", "house has no lamp; it has lamps, rooms, notes"),
        ("house: House", "house.lamps[0].lid = 1", "a Lamp has no lid; it has hours, lit"),
        ("house: House", "house.rooms[0].lit = 1", "holds numbers, which have no lit"),
        ("house: House", "x = house.lamps[0]", "a row of house.lamps is read by column"),
        ("house: House", "x = house.lamps[0].lit + house.lamps[1]", "is read by column"),
        ("house: House", "house.lamps = 1", "house.lamps cannot be replaced"),
        ("house: House", "house.rooms = 1", "house.rooms cannot be replaced"),
        ("house: House", "house.rooms[0] = 1", "house.rooms is written by packing alone"),
        ("house: House", "x = total(house.notes)", "there are rows and the length, no more"),
        ("house: House", "house.notes[0].marks = 1.0", "is several numbers, or is not"),
        ("house: House", "house.notes[0].who[1] = 1.0", "is several numbers, or is not"),
        ("house: House", "x = total(house)", "house can only be handed on"),
        ("house: House", "x = house_rooms[0]", "house_rooms is a name that the joined source uses"),
        ("order: Order", "order.hour = 1.0", "order.hour is written by engine alone"),
        ("tally: Tally", "tally.lost += 1", "tally has no lost; it has seen, lit"),
        ("h: House", "pass", "a House is called house, not h"),
        ("house: Tally", "pass", "a Tally is called tally, not house"),
        ("house", "pass", "house is for a House"),
        ("k: int", "tally.lit = k", "f does not take tally"),
        ("tally: Tally", "helper(tally)", "helper takes 2 arguments by their places"),
        ("tally: Tally", "helper(tally, k=1)", "helper takes 2 arguments by their places"),
        ("tally: Tally, k: int", "helper(k, tally)", "helper takes tally, not k"),
        ("tally: Tally", "helper(tally.lit, 1)", "helper takes tally, not tally.lit"),
        ("k: int = 0", "pass", "plain parameters only"),
        ("*k: int", "pass", "plain parameters only"),
    ],
)
def test_what_is_not_declared_is_refused(signature: str, body: str, told: str) -> None:
    helper = "def helper(tally: Tally, k: int) -> None:\n    tally.lit = k\n"
    with pytest.raises(ValueError, match="sources of the kernel") as caught:
        joined(helper, f"def f({signature}) -> None:\n    {body}\n")
    assert told in str(caught.value)


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    with pytest.raises(ValueError, match="sources of the kernel") as caught:
        joined("def f(house: House) -> None:\n    house.a[0] = 1\n    house.lamps[0].b = 1\n")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()[1:]] == [
        "work.py, line 2",
        "work.py, line 3",
    ]


def test_rows_of_flat_tables() -> None:
    assert columns_of(Note) == ("when", "marks", "who")
    assert [place_of(Note, name) for name in columns_of(Note)] == [0, 1, 4]
    assert [is_block(Note, name) for name in columns_of(Note)] == [False, True, False]
    assert width_of(Note) == 5
    flat = np.arange(10.0)
    rows = flat.view(row_type(Note))
    assert rows["who"].tolist() == [4.0, 9.0]
    assert rows["marks"].tolist() == [[1.0, 2.0, 3.0], [6.0, 7.0, 8.0]]
    with pytest.raises(TypeError, match="Lamp: the columns of a flat table have one type, not 2"):
        number_type(Lamp)


def test_arrays_have_their_declared_sizes() -> None:
    shapes = {name: f.room(3).shape for name, f in House.fields.items()}
    assert shapes == {"lamps": (3,), "rooms": (6,), "notes": (15,)}
    assert House.fields["lamps"].room(1).dtype == row_type(Lamp)
    assert House.fields["notes"].room(1).dtype == np.float64


def test_slots_are_read_by_name() -> None:
    array = Tally.room()
    assert array.dtype == np.int64
    array[1] = 5
    tally = Tally(array)
    assert (tally.seen, tally.lit) == (0, 5)
