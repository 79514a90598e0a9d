"""The record tables of the compiled engine: what is fixed for a model and what changes in a run.

Lists of varying length live in one flat integer table; a record holds the first place and the
number of entries. No record contains an array whose size depends on the model.
"""

import numpy as np

I4, F8, U8 = np.int32, np.float64, np.uint64

TRANSITION = np.dtype(
    [
        ("delay_stream", U8),
        ("outcome_stream", U8),
        ("initial_age", F8),
        ("element", I4),
        ("source_at", I4),  # ints[source_at + state] is 1 for source states
        ("guard", I4),
        ("timed", I4),
        ("priority", I4),
        ("fifo", I4),
        ("keep_guard", I4),
        ("keep_left", I4),
        ("own_root", I4),
        ("cls", I4),  # 0 fault, 1 planned, 2 other
        ("delay_level", I4),
        ("delay_first", I4),  # rows of DELAY
        ("speed_level", I4),
        ("speed_first", I4),  # floats
        ("plain_speed", I4),
        ("profile", I4),
        ("outcome_level", I4),
        ("rows_first", I4),  # ints: (first, number) pairs of outcomes
        ("watch_first", I4),
        ("watch_count", I4),
    ],
    align=True,
)
DELAY = np.dtype(
    [
        ("a", F8),
        ("b", F8),
        ("shift", F8),
        ("kind", I4),
        ("code", I4),
        ("law", I4),
        ("other", I4),
        ("falls", I4),
    ],
    align=True,
)
"""``kind``: 0 law, 1 until, 2 next open, 3 next opening, 4 next business day, 5 tick."""

OUTCOME = np.dtype(
    [
        ("p", F8),
        ("target", I4),
        ("renew", I4),
        ("effect_first", I4),
        ("effect_count", I4),
        ("jump_first", I4),
        ("jump_count", I4),
    ],
    align=True,
)
EFFECT = np.dtype(
    [
        ("stream", U8),
        ("p", F8),
        ("element", I4),
        ("moves_at", I4),  # ints[moves_at + state], -1 for no map
        ("renew", I4),
        ("counter", I4),
    ],
    align=True,
)
JUMP = np.dtype([("value", F8), ("quantity", I4), ("how", I4), ("other", I4)], align=True)
ELEMENT = np.dtype(
    [
        ("initial", I4),
        ("flag_at", I4),  # ints[flag_at + state]: 0 none, 1 fault, 2 planned, 3 both
        ("transition_first", I4),
        ("transition_count", I4),
        ("level_first", I4),  # ints: (level, place of weights) pairs
        ("level_count", I4),
        ("entry_first", I4),  # ints: observations that count entries
        ("entry_count", I4),
    ],
    align=True,
)
LEVEL = np.dtype(
    [
        ("constant", I4),
        ("position", I4),
        ("element_first", I4),  # ints: (element, place of weights) pairs
        ("element_count", I4),
        ("term_first", I4),  # ints: (gate, weight) pairs
        ("term_count", I4),
        ("gate_first", I4),  # ints: (gate, k) pairs of the thresholds on this level
        ("gate_count", I4),
        ("speed_first", I4),  # ints: transitions whose speed it selects
        ("speed_count", I4),
        ("rate_first", I4),  # ints: quantities whose rate it selects
        ("rate_count", I4),
        ("watch_first", I4),  # ints: observations that read it
        ("watch_count", I4),
        ("unread", I4),  # 1 if it is only looked up when needed: nobody is told of its changes
        ("only_gate", I4),  # its one gate, if nothing else depends on it; -1 otherwise
        ("only_k", I4),
    ],
    align=True,
)
GATE = np.dtype(
    [
        ("level", I4),
        ("k", I4),
        ("position", I4),
        ("graph", I4),  # row of GRAPH, -1 for a threshold
        ("term_first", I4),  # ints: (level, weight) pairs that contain it
        ("term_count", I4),
        ("graph_first", I4),  # ints: connected gates that read it
        ("graph_count", I4),
        ("guard_first", I4),  # ints: transitions that it guards
        ("guard_count", I4),
        ("watch_first", I4),
        ("watch_count", I4),
    ],
    align=True,
)
GRAPH = np.dtype(
    [
        ("vertex_first", I4),
        ("vertex_count", I4),
        ("edge_first", I4),  # ints: (from, to, directed, gate)
        ("edge_count", I4),
        ("source_first", I4),
        ("source_count", I4),
        ("target_first", I4),
        ("target_count", I4),
    ],
    align=True,
)
QUANTITY = np.dtype(
    [
        ("low", F8),
        ("high", F8),
        ("start", F8),
        ("never", I4),
        ("rate_level", I4),
        ("rate_first", I4),  # floats
        ("profile", I4),
        ("wait_first", I4),  # ints: transitions that may wait for it
        ("wait_count", I4),
    ],
    align=True,
)
WATCH = np.dtype(
    [
        ("scale", F8),
        ("offset", F8),
        ("kind", I4),
        ("subject", I4),
        ("first", I4),
        ("outcome", I4),
        ("when", I4),
        ("set_at", I4),
        ("by_window", I4),
        ("causes", I4),
        ("at_start", I4),
        ("at_end", I4),
        ("phase", I4),
        ("profile", I4),  # CALENDAR of a sample that is an amount, -1 for none
        ("cone_at", I4),  # ints[cone_at + element] is 1 if the subject depends on it
        ("cone_first", I4),  # ints: the elements on which it depends
        ("cone_count", I4),
        ("cone_items", I4),  # ints[cone_items + level], and + levels + gate: on the way to it
    ],
    align=True,
)
CALENDAR = np.dtype(
    [
        ("civil", F8),
        ("open_first", I4),
        ("open_count", I4),
        ("piece_first", I4),
        ("piece_count", I4),
        ("pieces", I4),
    ],
    align=True,
)

CLOCK = np.dtype(
    [
        ("fire", F8),
        ("work", F8),
        ("speed", F8),
        ("since", F8),
        ("draws", U8),
        ("firings", U8),
        ("fired", np.int64),
        ("left", np.int64),
        ("touched", np.int64),
        ("root", I4),
        ("delay", I4),
        ("status", I4),  # 0 dropped, 1 running, 2 stored
        ("place", I4),  # in the heap, or among the enabled immediates (-1: not)
    ],
    align=True,
)
ENTRY = np.dtype([("fire", F8), ("item", I4)], align=True)
"""A place in the heap: a clock that will fire, with its time."""
STATE = np.dtype(
    [
        ("renewed", np.int64),
        ("stamp", np.int64),
        ("state", I4),
        ("flag_root", I4),
        ("entry_root", I4),
        ("flagged", I4),
        ("changed", I4),  # is on the list of what an open episode has not seen yet
    ],
    align=True,
)
SUM = np.dtype([("value", I4), ("old", I4), ("listed", I4), ("other", I4)], align=True)
"""A level's value; ``other`` is what a cone of R28 adds to it, 0 otherwise."""
TRUTH = np.dtype([("value", I4), ("other", I4), ("listed", I4)], align=True)
"""A gate's value; ``other`` is 1 while a cone of R28 reads it as its opposite."""
TANK = np.dtype(
    [
        ("value", F8),
        ("since", F8),
        ("rate", F8),
        ("integral", F8),
        ("integrated", F8),
        ("copied", F8),
        ("dirty", np.int64),
        ("jumped", np.int64),
        ("never", I4),
        ("copied_never", I4),
        ("watched", I4),
    ],
    align=True,
)
WATCHER = np.dtype(
    [
        ("since", F8),
        ("start", F8),
        ("phase_since", F8),
        ("unplanned", F8),
        ("planned", F8),
        ("mixed", F8),
        ("open", I4),
        ("value", I4),
        ("dirty", I4),
        ("was_down", I4),
        ("turn_root", I4),
        ("root", I4),
        ("kind", I4),
        ("at_start", I4),
        ("listed", I4),  # how many elements have been flagged in the open episode
    ],
    align=True,
)
SHARE = np.dtype([("since", F8), ("flagged", I4), ("present", I4), ("item", I4)], align=True)
"""One element's part in one open episode; ``item`` is a place in the episode's list of elements.

``present`` is 0 if the element has not been flagged in it, 1 if since later, 2 if from the start.
"""
