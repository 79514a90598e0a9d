"""Client sites: modalities or reading rooms and the switches they are cabled to; no faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.slots import NETWORK, RecordType, Slot
from pacsim.parts.traits import BACKGROUND, CLIENT_SITE

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add nothing but ``<name>.ok``, which always holds."""
    context.m.gate(f"{part.name}.ok", context.m.always())


def warn(review: Review, _part: Part, _path: str) -> list[str]:
    """Return a warning if all places state a share, and together they are not the whole."""
    stated = [place.values.get("share") for place in review.having(CLIENT_SITE)]
    known = [float(share) for share in stated if share is not None]
    if len(known) < max(len(stated), 2) or not 0 < sum(known) < 1 - 1e-9:
        return []
    return [
        f"parts: the shares of all places sum to {100 * sum(known):.4g} %, and are taken for all "
        "requests there are, each in proportion"
    ]


TYPE = RecordType(
    name="clients",
    doc="A place where the archive is used from: modalities or reading rooms. It has no faults.",
    slots=(
        NETWORK,
        Slot(
            "share",
            "share",
            "of the requests; places that do not say divide equally what the others leave",
        ),
        Slot(
            "peak",
            "throughput",
            "most that it asks for at a time; a role is in full only if a path carries it",
            positive=True,
        ),
    ),
    bundle=False,
    build=build,
    traits=frozenset({BACKGROUND, CLIENT_SITE}),
    warn=warn,
)
