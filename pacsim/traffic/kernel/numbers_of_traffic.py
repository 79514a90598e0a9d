"""Numbers that the sources of the kernel of traffic and its Python side both use."""

# Kinds of stations, and of archives.
MODALITY, FORWARDER, READER, ASKER, PROBER = 0, 1, 2, 3, 4
ALONE, FAILOVER, BALANCED_POOL = 0, 1, 2
# What a modality may delete.
ONCE_STORED, ONCE_COMMITTED, BY_AGE = 0, 1, 2
# The number of an echo among the kinds of operations.
ECHO_KIND = 4
# How a balancer chooses.
IN_TURN, THE_FIRST, BY_SOURCE = 0, 1, 2
# Targets below 0.
AT_ARCHIVE, NEVER_FAILS = -1, -2

# Lanes of draws, as columns of `workload.streams`, and how many streams a station has.
LANE_BY_HAND, LANE_FORGOTTEN, LANE_COMMITMENT, LANE_MISSED_RESET = 0, 1, 2, 3
LANE_SERVICE, LANE_PLACES, LANE_SOURCE, LANES, STREAM_COUNT = 4, 5, 6, 7, 5
EXAM_STREAM, EMERGENCY_STREAM, OPENING_STREAM, WORKLIST_STREAM, PROBE_STREAM = 0, 1, 2, 3, 4

# What a sender has in hand that has its row already.
BUSY = -2

# Lists of a station.
URGENT, ROUTINE, SET_ASIDE, UNSAFE, QUEUES = 0, 1, 2, 3, 4
# Where a job is.
FREE, QUEUED, IN_FLIGHT, PARKED, HANDED, GONE = 0, 1, 2, 3, 4, 5

# What a line waits for: something to do, a time, and in an attempt its phases.
IDLE, TO_RETRY, TO_BE_FREE, TO_RETRY_STEP, TO_ASK, TO_PROBE, TO_MISS = 0, 1, 2, 3, 4, 5, 6
PREPARING = 9
SYN, CONNECTING, DIAL, DIAL_ENDS, DIAL_PAUSE, HEARING = 10, 11, 12, 13, 14, 15
PLACE, SET_UP, ITEMS, RELEASE = 16, 17, 18, 19

# Why a wait ended.
DUE, LOOK, CALL, BORN = 0, 1, 2, 3
# What a turn leads to; 0 and more is how an attempt ended.
WAITING, NEXT, RELEASED = -1, -2, -3

# What a look at the conditions says to a session.
NOTHING, STOP, GO_ON, RESET_NOW, CUT_OFF, STATUS_NOW = 0, 1, 2, 3, 4, 5
# Met beside the conditions of a member.
FOREIGN, MOVED = 5, 6
# What becomes of a dial.
TURNED_AWAY, UNHEARD = 0, 1
LONGEST_PAUSE = 1.0

# Stages of a moment.
BIRTH, SEEK, CHANGES_OF, LINES_OF, ARRIVALS_OF, RATES_OF = 0, 1, 2, 3, 4, 5
# What `advance` returns.
DONE, NO_ROOM = 0, 1

# What is asked of compiled code.
ADVANCE, MEET, LOOK_BACK, WINDOWS_OF, FEEL = 0, 1, 2, 3, 4
# What a term's windows do next, beside what they return.
SEARCHES, DECIDES, TO_LOOK, LOOKS, RUNS_OUT, WRITES, OVER = 0, 1, 2, 3, 4, 5, 6
WRONG = 7

# Bits of a case's number for what it is within its stream.
KEY_BITS = 44
# Of a row of attempts: the next try came as it should; it is not kept; it is the first of its step.
FOLLOWED, DROPPED, FRESH = 1, 2, 4

# Alarms in a block.
BLOCK = 8

# What comparing two runs comes to, and within what two numbers are the same (T22).
NOT_SAME, SAME, SHORT = 0, 1, 2
NEAR = 1e-6
