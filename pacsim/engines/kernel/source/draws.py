"""Uniforms in machine integers: Threefry-2x64 with 13 rounds (R25)."""

from typing import Any

import numpy as np

from pacsim.core.streams import KEY_DOMAIN, PARITY

U64 = np.uint64
SHIFT64 = U64(64)


def turn(y: Any, by: Any) -> Any:
    """Return a 64-bit word turned left."""
    return (y << by) | (y >> (SHIFT64 - by))


def block(k0: Any, k1: Any, c0: Any, c1: Any) -> Any:
    """Return both words of the block."""
    k2 = U64(PARITY) ^ k0 ^ k1
    x = c0 + k0
    y = c1 + k1
    x += y
    y = turn(y, U64(16)) ^ x
    x += y
    y = turn(y, U64(42)) ^ x
    x += y
    y = turn(y, U64(12)) ^ x
    x += y
    y = turn(y, U64(31)) ^ x
    x += k1
    y += k2 + U64(1)
    x += y
    y = turn(y, U64(16)) ^ x
    x += y
    y = turn(y, U64(32)) ^ x
    x += y
    y = turn(y, U64(24)) ^ x
    x += y
    y = turn(y, U64(21)) ^ x
    x += k2
    y += k0 + U64(2)
    x += y
    y = turn(y, U64(16)) ^ x
    x += y
    y = turn(y, U64(42)) ^ x
    x += y
    y = turn(y, U64(12)) ^ x
    x += y
    y = turn(y, U64(31)) ^ x
    x += k0
    y += k1 + U64(3)
    x += y
    y = turn(y, U64(16)) ^ x
    return x, y


def replication_keys(seed: Any, replication: Any) -> Any:
    """Return the key of one replication."""
    return block(seed, U64(KEY_DOMAIN), replication, U64(0))


def uniform(k0: Any, k1: Any, stream: Any, n: Any) -> float:
    """Return the n-th uniform of a stream, strictly inside (0, 1)."""
    word, _ = block(k0, k1, stream, n)
    return (float(np.int64(word >> U64(12))) + 0.5) * 2.0**-52
