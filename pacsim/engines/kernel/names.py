"""Numbers that the kernel's sources and its Python side both use."""

# Kinds of observation.
GATE_TIME, LEVEL_INTEGRAL, LEVEL_TIME, FIRINGS, ENTRIES = 0, 1, 2, 3, 4
QUANTITY_INTEGRAL, SAMPLE, PASSAGE, EPISODES, CHANGES = 5, 6, 7, 8, 9

# Kinds of delay.
LAW, UNTIL, NEXT_OPEN, NEXT_OPENING, NEXT_DAY, TICK = 0, 1, 2, 3, 4, 5

# What can stop a run.
FINE, BAD_DRAW, BEYOND_COUNTER, TOO_MANY_STEPS, TOO_MANY_INSTANTS, FULL_BUFFER = 0, 1, 2, 3, 4, 5

TOO_MANY_EVENTS, HALTED = 6, 7

# Which buffer is full: in the order of the fields of `manifest.RowsGroup`.
FULL_EPISODES, FULL_CONTRIBUTORS, FULL_SAMPLES, FULL_FIRINGS, FULL_CHANGES, FULL_TURNS = range(6)

# Room kept free in the row buffers before a replication goes on.
RECENT_KEPT = 64
WEEK = 604800.0
LEAST, MOST = -2147483648, 2147483647
STEP_LIMIT = 1000
STEPS_PER_IMMEDIATE = 20
INSTANT_LIMIT = 100_000

# Flags of what a plain kernel leaves out: see `features`.
QUANTITIES = CALENDARS = FIFO = CONNECTED = SAMPLES = SELECTED = True
