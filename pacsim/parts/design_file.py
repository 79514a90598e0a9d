"""The design itself: contract, archive, roles."""

from __future__ import annotations

from pacsim.parts.slots import RecordType, Slot

CONTRACT = RecordType(
    name="contract",
    doc="The term over which everything is counted.",
    slots=(
        Slot("starts", "date", "civil date of the first day", default="2024-01-01"),
        Slot("term", "seconds", "length of the contract", default="7 years"),
        Slot(
            "service_hours",
            "choice",
            "hours in which an outage counts",
            default="24x7",
            options=("24x7",),
        ),
        Slot("min_outage", "seconds", "shorter outages are counted apart", default="60 s"),
    ),
    bundle=False,
)
ARCHIVE = RecordType(
    name="archive",
    doc="What is stored.",
    slots=(
        Slot("studies", "rate", "new studies", default="70 000 /year"),
        Slot("study_size", "size", "mean size of a study", default="120 MB"),
        Slot("stored_at_start", "size", "already stored on the first day", default="0 TB"),
    ),
    bundle=False,
)
ROLE = RecordType(
    name="role",
    doc="What the hospital does with it, and from where.",
    slots=(
        Slot(
            "needs",
            "needs",
            "parts and groups: a list, {any: [...]} or {at_least: k, of: [...]}",
            default="required",
        ),
        Slot("used_from", "names", "client sites; each must reach what the role needs"),
    ),
    bundle=False,
)
