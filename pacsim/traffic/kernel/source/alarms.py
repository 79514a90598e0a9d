"""When lines wake, and who gets a turn in this moment (T10).

An alarm is a float a line, with the least of each eight kept, so that the next of all is found
quickly. A turn is a bit a line: behind the line whose turn it is, it comes in the next pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.traffic.kernel.numbers_of_traffic import BLOCK

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup

    def trailing_zeros(word: Any) -> Any:
        """Return the place of the lowest bit, for which numba has a function."""


U64 = np.uint64


def set_alarm(state: RunStateGroup, line: int, at: float) -> None:
    """Let a line wake at a time, and not before."""
    state.at[line] = at
    block = line // BLOCK
    first = block * BLOCK
    least, other = state.at[first], state.at[first + 1]
    for k in range(first + 2, first + BLOCK, 2):
        least = min(least, state.at[k])
        other = min(other, state.at[k + 1])
    state.least[block] = min(least, other)


def next_alarm(workload: WorkloadGroup, state: RunStateGroup) -> float:
    """Return when the first line wakes."""
    least = other = state.least[0]
    blocks = workload.archive[0].blocks
    # Two at a time: neither waits for the other.
    for block in range(1, blocks - 1, 2):
        least = min(least, state.least[block])
        other = min(other, state.least[block + 1])
    return min(least, other, state.least[blocks - 1])


def bit_of(line: int) -> Any:
    """Return the bit of a line in its word."""
    return U64(1) << U64(line & 63)


def give_turn(state: RunStateGroup, line: int) -> None:
    """Give a line a turn in this moment."""
    state.pending[line >> 6] |= bit_of(line)


def give_no_turn(state: RunStateGroup, line: int) -> None:
    """Let a line that waits for something else now have no turn in this moment."""
    state.pending[line >> 6] &= ~bit_of(line)


def give_turns(workload: WorkloadGroup, state: RunStateGroup, now: float) -> None:
    """Give a turn to the lines whose time has come."""
    for block in range(workload.archive[0].blocks):
        if state.least[block] <= now:
            first = block * BLOCK
            bits: Any = U64(0)
            for k in range(BLOCK):
                bits |= U64(state.at[first + k] <= now) << U64(k)
            state.pending[first >> 6] |= bits << U64(first & 63)


def take_turn(workload: WorkloadGroup, state: RunStateGroup, seat: int) -> int:
    """Return the next line behind a seat that has a turn, which is then taken; -1 if none has."""
    word = (seat + 1) >> 6
    if word >= workload.archive[0].words:
        return -1
    left: Any = state.pending[word] >> U64((seat + 1) & 63)
    line = seat + 1
    while left == U64(0):
        word += 1
        if word >= workload.archive[0].words:
            return -1
        left = state.pending[word]
        line = 64 * word
    line += int(np.int64(trailing_zeros(left)))
    state.pending[word] ^= bit_of(line)
    return line
