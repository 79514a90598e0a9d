"""How the kernel's data are declared: records, tables of them, and groups that hold the tables.

A group is a class whose name in lower case is the name of the parameter by which the sources take
it. Its fields become plain arguments when the sources are joined: ``state.clocks`` is the argument
``state_clocks``, ``counters.events`` a place in the one array ``counters``. The annotation of a
field is what mypy sees of it and where its dtype comes from; the rest stands beside it.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    SupportsIndex,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

I1 = Annotated[int, np.int8]
I4 = Annotated[int, np.int32]
I8 = Annotated[int, np.int64]
U8 = Annotated[int, np.uint64]
F8 = Annotated[float, np.float64]
B1 = Annotated[bool, np.bool_]

Number = TypeVar("Number", int, float)
Row = TypeVar("Row", bound="Record")

TABLE, COLUMNS, VECTOR, VALUE, LOCAL, SLOT = "table", "columns", "vector", "value", "local", "slot"


class Record:
    """A row of a table: one annotation a column, and nothing else."""

    def __init_subclass__(cls, *, packed: bool = False) -> None:
        """Note the numpy type with the columns in the order of their lines.

        It is aligned, unless it is ``packed``, as rows are that are handed over as they are.
        """
        hints = get_type_hints(cls, include_extras=True)
        columns = [(name, *_type_of(hint)) for name, hint in hints.items()]
        ROW_TYPES[cls] = np.dtype(columns, align=not packed)


ROW_TYPES: dict[type[Record], np.dtype[Any]] = {}


def row_type(record: type[Record]) -> np.dtype[Any]:
    """Return the numpy type of a row."""
    return ROW_TYPES[record]


def columns_of(record: type[Record]) -> tuple[str, ...]:
    """Return the names of a record's columns."""
    return row_type(record).names or ()


def described(record: type[Record]) -> str:
    """Return the columns of a record with their types and where they stand, on one line."""
    parts = (row_type(record).fields or {}).items()
    return ", ".join(f"{name} {at[0]} at {at[1]}" for name, at in parts)


def width_of(record: type[Record]) -> int:
    """Return how many numbers a row of `FlatTable` has."""
    return sum(_lengths(record).values())


def place_of(record: type[Record], column: str) -> int:
    """Return the place of a column's first number in a row of `FlatTable`."""
    names, lengths = columns_of(record), _lengths(record)
    return sum(lengths[name] for name in names[: names.index(column)])


def is_block(record: type[Record], column: str) -> bool:
    """Return whether a column is several numbers."""
    return row_type(record)[column].shape != ()


def number_type(record: type[Record]) -> np.dtype[Any]:
    """Return the one type of the numbers in a row of `FlatTable`."""
    types = {row_type(record)[name].base for name in columns_of(record)}
    if len(types) != 1:
        msg = f"{record.__name__}: the columns of a flat table have one type, not {len(types)}"
        raise TypeError(msg)
    return types.pop()


def _lengths(record: type[Record]) -> dict[str, int]:
    row = row_type(record)
    return {name: math.prod(row[name].shape) for name in columns_of(record)}


def _type_of(hint: Any) -> tuple[Any, ...]:
    """Return the numpy type of an annotation, and the shape of a block of numbers."""
    inner, *extra = get_args(hint)
    if get_origin(inner) is Vector:
        return _type_of(get_args(inner)[0])[0], (extra[0],)
    return (extra[0],)


class Vector(Generic[Number]):
    """What a source sees of an array of numbers; a slice of it may be handed to a function."""

    if TYPE_CHECKING:

        def __len__(self) -> int: ...
        @overload
        def __getitem__(self, place: SupportsIndex) -> Number: ...
        @overload
        def __getitem__(self, place: slice) -> Vector[Number]: ...
        def __getitem__(self, place: Any) -> Any: ...
        def __setitem__(self, place: SupportsIndex, value: Number) -> None: ...


class RowTable(Generic[Row]):
    """What a source sees of an array of records: ``table[i].column``."""

    if TYPE_CHECKING:

        def __len__(self) -> int: ...
        def __getitem__(self, place: SupportsIndex) -> Row: ...


class FlatTable(RowTable[Row]):
    """A table kept as one flat array of numbers of one type, row after row."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a group.

    Parameters
    ----------
    doc : str
        What it is.
    by : tuple of str
        Who writes it: ``packing``, ``engine`` or modules of the sources.
    kind : str
        ``table``, ``columns`` or ``vector`` for arrays, ``value`` for a plain number, ``local`` for
        a variable of `run`, ``slot`` for a place in its group's one array.
    size : callable or None
        How many rows or numbers an array has, given `Dimensions`; None for whatever is packed.
    group, name : str
        Where it stands.
    dtype : numpy.dtype
        Of an array's entries, or of the number.
    record : type of Record or None
        What a row is, for a table.
    place : int
        Of a slot in its array.
    """

    doc: str
    by: tuple[str, ...]
    kind: str
    size: Callable[[Any], int] | None = None
    group: str = ""
    name: str = ""
    dtype: np.dtype[Any] = dataclasses.field(default_factory=lambda: np.dtype(np.float64))
    record: type[Record] | None = None
    place: int = -1

    def __get__(self, instance: Slots | None, owner: type[Group]) -> Any:
        """Return the number in a slot, or the field itself when asked of the class."""
        return self if instance is None else instance.array[self.place].item()

    @property
    def flat(self) -> str:
        """Return its name in the joined source."""
        return f"{self.group}_{self.name}"

    @property
    def width(self) -> int:
        """Return how many entries of the array are one row."""
        return width_of(self.record) if self.kind == COLUMNS and self.record is not None else 1

    def room(self, dimensions: Any) -> np.ndarray:
        """Return an array of zeros of the declared size."""
        assert self.size is not None, f"{self.group}.{self.name} has no declared size"
        return np.zeros(self.width * self.size(dimensions), dtype=self.dtype)


def array(by: str, doc: str, size: Callable[[Any], int] | None = None) -> Any:
    """Declare an array: a `RowTable`, `FlatTable` or a `Vector`, as it is annotated."""
    return Field(doc, tuple(by.split()), VECTOR, size)


def value(by: str, doc: str) -> Any:
    """Declare a number that is an argument of `run`."""
    return Field(doc, tuple(by.split()), VALUE)


def local(by: str, doc: str) -> Any:
    """Declare a number that is a variable of `run`, handed down to what it calls."""
    return Field(doc, tuple(by.split()), LOCAL)


def slot(by: str, doc: str) -> Any:
    """Declare a number that has a place in its group's one array."""
    return Field(doc, tuple(by.split()), SLOT)


class Group:
    """Fields that are handed to a source together."""

    fields: ClassVar[dict[str, Field]] = {}
    key: ClassVar[str] = ""

    def __init_subclass__(cls, *, key: str = "") -> None:
        """Complete the declared fields by what the annotations say."""
        cls.key = key or cls.__name__.removesuffix("Group").lower()
        cls.fields = {}
        hints = get_type_hints(cls, include_extras=True)
        for name in inspect.get_annotations(cls):
            declared = cls.__dict__[name]
            assert isinstance(declared, Field), f"{cls.__name__}.{name} is not declared"
            field = _completed(declared, cls.key, name, hints[name], len(cls.fields))
            cls.fields[name] = field
            setattr(cls, name, field)


class Slots(Group):
    """A group whose fields are places in one array of numbers, which Python can read as well."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    @classmethod
    def room(cls) -> np.ndarray:
        """Return the array, zero."""
        return np.zeros(len(cls.fields), dtype=cls.dtype())

    @classmethod
    def dtype(cls) -> np.dtype[Any]:
        """Return the one type of all its numbers."""
        types = {field.dtype for field in cls.fields.values()}
        if len(types) != 1:
            msg = f"{cls.__name__}: the slots of one array have one type, not {len(types)}"
            raise TypeError(msg)
        return types.pop()


def _completed(declared: Field, group: str, name: str, hint: Any, place: int) -> Field:
    """Return a field with what its annotation and its place say."""
    origin, arguments = get_origin(hint), get_args(hint)
    kind, record = declared.kind, None
    if origin in (RowTable, FlatTable):
        record = arguments[0]
        kind = TABLE if origin is RowTable else COLUMNS
        dtype = row_type(record) if kind == TABLE else number_type(record)
    else:
        dtype = np.dtype(_type_of(arguments[0] if origin is Vector else hint)[0])
    return dataclasses.replace(
        declared, group=group, name=name, kind=kind, dtype=dtype, record=record,
        place=place if kind == SLOT else -1,
    )  # fmt: skip
