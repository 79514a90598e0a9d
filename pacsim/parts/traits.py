"""Traits: what a type of part or group is to others, in place of its name.

A `RecordType` has a set of them; a slot that names other parts says in ``refers`` which one of them
is wanted. What a trait promises are gates, by which parts know each
other (`pacsim.parts.build_context`).
"""

from __future__ import annotations

GIVES_POWER = "gives power"
"""Others may be fed by it; gate ``.output``."""
NEEDS_POWER = "needs power"
"""It is worth a warning if it is not fed."""
FORWARDS = "passes traffic on"
"""Paths lead through it; gate ``.forwards``."""
AGGREGATES = "is several lines in one"
"""Slots ``links`` and, of one of them, ``capacity``; gates ``.up.K``: K of them or more are up."""
CARRIES_HEARTBEAT = "carries a heartbeat"
"""Members of a group may watch each other over it."""
REACHED = "is reached by a path"
"""A role that needs it needs a path to it from where it is used; of a group, to its members."""
CLIENT_SITE = "is a place of clients"
"""A role may be used from there."""
SHARES_FAULTS = "shares faults"
"""A common cause may take it: it has ``fails``, or ``availability`` with ``repair``, and its
builder registers a `Victim`."""
ATTENDED = "is attended by a vendor"
"""Its repair may be hands-on work under a contract; it may have ``support`` of its own."""
RESPONDS = "responds"
"""People of whom one has to be free; gate ``.free``, slots ``respond`` and ``respond_night``."""
SERVES = "serves"
"""It may be a member of a failover group and have planned work; the gates of a server."""
HOSTS = "runs other things"
"""A database may run on it; gate ``.hosting``, and of a group ``.switched``."""
RUNS_ON = "runs on another"
"""It has ``runs_on`` and gate ``.answers``, which a deep check of what it runs on sees."""
STORES = "holds contents"
"""Contents that can be lost; gate ``.whole``."""
FILLS_AGAIN = "is in use while its contents come back"
"""Gates ``.reach`` it can work, ``.room`` there is room, ``.readable`` contents are there or coming
back, ``.writable`` and there is room; ``.ok`` all of them are there."""
SERVES_IN_PART = "may serve in part"
"""Gate ``.full``: while it serves, nothing of it is missing."""
COPIED = "can be copied"
"""A backup may be of it."""
COPIES = "copies others"
"""It is a backup of what it names under ``of``."""
TRANSFERS = "has a normal and an emergency side"
"""It starts a set at its slot ``emergency``; it has ``normal`` too, and gate ``.held``."""
TAKES_SHARE = "is a common cause"
"""It takes a share of its members' failures."""
BACKGROUND = "is nothing to need"
"""A role cannot need it."""
