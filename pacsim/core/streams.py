"""Random numbers keyed by names: one counter-based uniform per question asked (R25).

A uniform is a pure function of ``(seed, replication, stream, n)``, where a *stream* is a 64-bit
number made from a transition's name and a lane. Nothing is stored between draws, so a part that is
added, an outcome that is added or a batch that is cut elsewhere leaves every other number where it
was. The generator is Threefry-2x64 with 13 rounds (Salmon, Moraes, Dror, Shaw, "Parallel random
numbers: as easy as 1, 2, 3", SC 2011), the smallest number of rounds its authors found to pass
BigCrush. Compiled engines carry their own version in machine integers; both are held to the
published known answers.
"""

from functools import lru_cache
from hashlib import blake2b

MASK = 0xFFFFFFFFFFFFFFFF
PARITY = 0x1BD11BDAA9FC1A22
ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
ROUNDS = 13
STREAMS = 1
"""Number of the way random numbers are made; a change of any number bumps it."""
# Separates replication keys from every other use of the seed ("pacsim" in ASCII).
KEY_DOMAIN = 0x70616373696D
DELAY_LANE = 0
OUTCOME_LANE = 1


@lru_cache(maxsize=8192)
def name_hash(name: str) -> int:
    """Return the 64-bit hash of a name: BLAKE2b with an eight-byte digest, little endian.

    Parameters
    ----------
    name : str
        Any text; hashed as UTF-8.

    Returns
    -------
    int
        ``0 <= hash < 2**64``, the same on every platform and in every version.

    Examples
    --------
    >>> name_hash("server-a.fail") == name_hash("server-a.fail")
    True
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def mix64(value: int) -> int:
    """Return the SplitMix64 finaliser of a 64-bit number (Steele, Lea, Flood 2014).

    Examples
    --------
    >>> hex(mix64(0x9E3779B97F4A7C15))
    '0xe220a8397b1dcdaf'
    """
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


@lru_cache(maxsize=8192)
def stream_id(name: str, lane: int = DELAY_LANE) -> int:
    """Return the 64-bit stream of one transition's lane.

    Parameters
    ----------
    name : str
        Name of the transition.
    lane : int
        0 for delay draws, 1 for outcomes, the hash of an element's name for the effect on it.

    Returns
    -------
    int
        ``0 <= stream < 2**64``.

    Examples
    --------
    >>> stream_id("a.fail") != stream_id("a.fail", OUTCOME_LANE)
    True
    """
    return (name_hash(name) + mix64(lane)) & MASK


def threefry(
    key: tuple[int, int], counter: tuple[int, int], rounds: int = ROUNDS
) -> tuple[int, int]:
    """Return Threefry-2x64 of a 128-bit counter under a 128-bit key.

    Parameters
    ----------
    key, counter : tuple of two int
        64-bit words.
    rounds : int
        Number of rounds; 13 is used by pacsim, 20 is the authors' conservative default.

    Returns
    -------
    tuple of two int
        64-bit words.

    Examples
    --------
    The published answer for zeros and 20 rounds:

    >>> [f"{word:016x}" for word in threefry((0, 0), (0, 0), rounds=20)]
    ['c2b6e3a8c2c69865', '6f81ed42f350084d']
    """
    keys = (key[0], key[1], PARITY ^ key[0] ^ key[1])
    x, y = (counter[0] + keys[0]) & MASK, (counter[1] + keys[1]) & MASK
    for done in range(rounds):
        x = (x + y) & MASK
        turn = ROTATIONS[done % 8]
        y = (((y << turn) | (y >> (64 - turn))) & MASK) ^ x
        if done % 4 == 3:
            inject = done // 4 + 1
            x = (x + keys[inject % 3]) & MASK
            y = (y + keys[(inject + 1) % 3] + inject) & MASK
    return x, y


def replication_key(seed: int, replication: int) -> tuple[int, int]:
    """Return the key that all draws of one replication use.

    Examples
    --------
    >>> replication_key(1, 0) != replication_key(1, 1)
    True
    """
    return threefry((seed & MASK, KEY_DOMAIN), (replication & MASK, 0))


def uniform(key: tuple[int, int], stream: int, n: int) -> float:
    """Return the ``n``-th uniform of a stream, strictly inside (0, 1).

    ``(k + 1/2) * 2**-52`` with ``k < 2**52``; with 53 bits the top value would round to 1.

    Parameters
    ----------
    key : tuple of two int
        From `replication_key`.
    stream : int
        From `stream_id`.
    n : int
        Draw number, from 0.

    Returns
    -------
    float
        ``2**-53 <= u <= 1 - 2**-53``.

    Examples
    --------
    >>> 0.0 < uniform(replication_key(1, 0), stream_id("a.fail"), 0) < 1.0
    True
    """
    word, _ = threefry(key, (stream, n))
    return ((word >> 12) + 0.5) * 2.0**-52
