"""The design itself: contract, archive, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.role_places import request_shares
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import CLIENT_SITE
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

LONGEST = 50 * YEAR
YEARS = (1900, 2200)
"""First and last year in which a contract may start: others are mistyped."""


def check_contract(review: Review, contract: Part, path: str) -> None:
    """Note a term too long, a shortest outage as long as the term, and mistyped years."""
    term = contract.values.get("term")
    if term is not None and term > LONGEST:
        review.problem(f"{path}.term", "term is over 50 years", "write 50 years or less")
    shortest = contract.values.get("min_outage")
    if term and shortest is not None and shortest >= term:
        rule = "no outage can be so long: it is not below the term"
        review.problem(f"{path}.min_outage", rule, "write for example 60 s")
    starts = contract.values.get("starts")
    if starts is not None and not YEARS[0] <= int(str(starts)[:4]) <= YEARS[1]:
        rule = f"{starts} is not in {YEARS[0]} to {YEARS[1]}"
        review.problem(f"{path}.starts", rule, "check the year")


def check_role(review: Review, role: Part, path: str) -> None:
    """Note shares of places that cannot be those of one whole."""
    places = role.names("used_from")
    if not places or not all(place in review.parts for place in places):
        return
    try:
        request_shares(review.parts, places)
    except ValueError as error:
        review.problem(f"{path}.used_from", str(error), "change share of those places")


def warn_role(_review: Review, role: Part, path: str) -> list[str]:
    """Return a warning for a choice between any and all of one place, or of none."""
    if role.values.get("down_when") != "all" or len(role.names("used_from")) > 1:
        return []
    return [f"{path}.down_when: all means nothing without several places in used_from"]


CONTRACT = RecordType(
    name="contract",
    doc="The term over which everything is counted.",
    slots=(
        Slot("starts", "date", "civil date of the first day", default="2024-01-01"),
        Slot("term", "seconds", "length of the contract", default="7 years", positive=True),
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
    check=check_contract,
)
ARCHIVE = RecordType(
    name="archive",
    doc="What is stored.",
    slots=(
        Slot("studies", "rate", "new studies", default="70 000 /year", positive=True),
        Slot("study_size", "size", "mean size of a study", default="120 MB", positive=True),
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
            "parts and groups: a list, {any: [...]}, {at_least: k, of: [...]}, {reach: x, from: g}",
            default="required",
        ),
        Slot(
            "used_from",
            "names",
            "client sites; each must reach what the role needs",
            refers=(CLIENT_SITE,),
        ),
        Slot(
            "does",
            "words",
            "what it does with what is stored; both unless said",
            options=("write", "read"),
        ),
        Slot(
            "full",
            "needs",
            "what it must have besides to be in full, all of the needs being in full: like needs",
        ),
        Slot(
            "down_when",
            "choice",
            "of several places: down when any of them cannot use it, or only when all cannot",
            default="any",
            options=("any", "all"),
        ),
    ),
    bundle=False,
    check=check_role,
    warn=warn_role,
)
