"""Everything that a tally has seen as plain arrays and as bytes, and back, bit for bit."""

from __future__ import annotations

import io
import json
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.stats import Blocks, LogHistogram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacsim.campaign.tallies import DesignTally

State = dict[str, np.ndarray]
FAST = 1
"""Level of zlib: half the size of a higher one's savings, in a tenth of the time."""

STATED = (LogHistogram, Blocks)
"""What gives a state of its own."""
LEAVES = (np.ndarray, int, *STATED)
"""What has no parts that are kept."""


def state_of(tally: DesignTally) -> State:
    """Return everything that a tally has seen, as arrays by the names of what holds them.

    Parameters
    ----------
    tally : DesignTally
        Without kept outages and severe terms, which belong to single runs.

    Raises
    ------
    ValueError
        If it keeps outages or severe terms.
    """
    if tally.log is not None or tally.severe is not None:
        msg = "outages and severe terms are no part of a tally's state; keep them with a single run"
        raise ValueError(msg)
    found: State = {}
    for name, holder, key in _leaves(tally):
        thing = _inside(holder, key)
        if isinstance(thing, STATED):
            for part, array in thing.state().items():
                found[f"{name}/{part}"] = array
        else:
            found[name] = np.array(thing)
    return found


def restore(tally: DesignTally, state: Mapping[str, np.ndarray]) -> None:
    """Put what another tally of the same design has seen in the place of what this one has.

    Parameters
    ----------
    tally : DesignTally
        Of the same design.
    state : mapping
        As of `state_of`.

    Raises
    ------
    ValueError
        If it is the state of another design.
    """
    taken: set[str] = set()
    held: dict[str, dict[str, np.ndarray]] = {}
    for full, array in state.items():
        name, _, part = full.rpartition("/")
        held.setdefault(name, {})[part] = array
    for name, holder, key in _leaves(tally):
        thing = _inside(holder, key)
        if isinstance(thing, STATED):
            if name not in held:
                raise ValueError(_other(name))
            thing.restore(held[name])
            taken.update(f"{name}/{part}" for part in held[name])
            continue
        if name not in state or state[name].shape != np.shape(thing):
            raise ValueError(_other(name))
        value = state[name].copy() if isinstance(thing, np.ndarray) else state[name].item()
        setattr(holder, key, value)
        taken.add(name)
    if taken != set(state):
        raise ValueError(_other(min(set(state) - taken)))


def _other(name: str) -> str:
    return f"{name} is not in both: this is the state of another design's tally"


def _inside(holder: Any, key: Any) -> Any:  # noqa: ANN401
    return getattr(holder, key) if isinstance(key, str) and hasattr(holder, key) else holder[key]


def _leaves(holder: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401
    """Yield name, holder and key of all that holds figures, in the order in which it is kept."""
    if isinstance(holder, dict):
        keys: list[Any] = list(holder)
        said = [":".join((k[0].__name__, k[1])) if isinstance(k, tuple) else str(k) for k in keys]
    elif isinstance(holder, list):
        keys = list(range(len(holder)))
        said = [str(k) for k in keys]
    else:
        keys = said = list(holder.kept)
    for key, called in zip(keys, said, strict=True):
        thing, name = _inside(holder, key), f"{prefix}{called}"
        if isinstance(thing, LEAVES):
            yield name, holder, key
        else:
            yield from _leaves(thing, f"{name}/")


def to_bytes(state: Mapping[str, np.ndarray]) -> bytes:
    """Return arrays as bytes: numpy's own format without pickle, arrays of a kind as one.

    Parameters
    ----------
    state : mapping
        Arrays of numbers.

    Examples
    --------
    >>> made = to_bytes({"a": np.array([1.5, -0.0]), "b": np.array([[3]])})
    >>> {name: array.tolist() for name, array in from_bytes(made).items()}
    {'a': [1.5, -0.0], 'b': [[3]]}
    """
    kinds: dict[str, list[np.ndarray]] = {}
    named: dict[np.dtype[Any], str] = {}
    index = []
    for name, array in state.items():
        kind = named.get(array.dtype)
        if kind is None:
            kind = named[array.dtype] = array.dtype.str
            kinds.setdefault(kind, [])
        kinds[kind].append(array.ravel())
        index.append((name, kind, array.shape))
    # Each array of a file costs a tenth of a millisecond, so those of a kind stand in one.
    said = np.frombuffer(json.dumps(index, check_circular=False).encode(), dtype=np.uint8)
    joined = {kind: _narrow(np.concatenate(arrays)) for kind, arrays in kinds.items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, index=said, **joined)
    return zlib.compress(buffer.getvalue(), FAST)


def _narrow(array: np.ndarray) -> np.ndarray:
    """Return whole numbers in as few bytes as hold them: there is less to compress."""
    if array.dtype != np.int64 or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    for kind in (np.int16, np.int32):
        held = np.iinfo(kind)
        if held.min <= low and high <= held.max:
            return array.astype(kind)
    return array


def from_bytes(content: bytes) -> State:
    """Return the arrays that `to_bytes` made bytes of.

    Raises
    ------
    ValueError
        If the bytes are damaged.
    """
    try:
        with np.load(io.BytesIO(zlib.decompress(content)), allow_pickle=False) as file:
            index = json.loads(file["index"].tobytes())
            joined = {kind: file[kind].astype(kind) for kind in {kind for _, kind, _ in index}}
    except (zlib.error, KeyError, OSError) as error:
        msg = f"a kept tally is damaged: {error}"
        raise ValueError(msg) from error
    found, begun = {}, dict.fromkeys(joined, 0)
    for name, kind, shape in index:
        size = math.prod(shape)
        found[name] = joined[kind][begun[kind] : begun[kind] + size].reshape(shape)
        begun[kind] += size
    return found
