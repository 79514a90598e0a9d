"""What is watched in the model of a design: whose it is, what stands where, how it is to be read.

A part that observes something hands its handle to the build context (`BuildContext.watch`);
`build` returns them with the model. Whoever tallies goes by handles alone: names of observations
are no protocol, and nobody takes them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np

    from pacsim.core.writing.conditions import Count
    from pacsim.parts.loss_classes import LossClass


@dataclass(frozen=True, slots=True)
class Watch:
    """Base of all handles.

    Parameters
    ----------
    owner : str
        Role, group or part that it is about, as a row names it.
    observed : str
        Name of the model's observation with its figures.

    Attributes
    ----------
    unit : str
        Of what the observation holds.
    """

    owner: str
    observed: str
    unit: ClassVar[str] = "s"


@dataclass(frozen=True, slots=True)
class RoleWatch(Watch):
    """The down times of a role: episodes with causes and by window."""


@dataclass(frozen=True, slots=True)
class DegradedWatch(Watch):
    """The times in which a role is up and not in full: episodes with causes.

    A role without such a handle needs nothing that serves in part.
    """


@dataclass(frozen=True, slots=True)
class AtPlace:
    """A place from which a role is used, and the observations of the role there.

    Parameters
    ----------
    place : str
        Its name; empty for a role that is used from nowhere in particular.
    share : float
        Of the role's requests; those of its places sum to 1.
    down : str
        Name of the observation of the time down there.
    degraded : str
        Of the time up and not in full there; empty if there is none.
    failing : str
        Of the integral of the share of requests that fail while it is up there; empty if none do.
    """

    place: str
    share: float
    down: str
    degraded: str = ""
    failing: str = ""


@dataclass(frozen=True, slots=True)
class RolePlaces:
    """A role place by place.

    Parameters
    ----------
    owner : str
        The role.
    places : tuple of AtPlace
        At least one.
    """

    owner: str
    places: tuple[AtPlace, ...]


@dataclass(frozen=True, slots=True)
class AnyRoleWatch(Watch):
    """The time during which not every one of several roles is up.

    Parameters
    ----------
    roles : tuple of str
        Which roles.
    """

    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailoverWatch(Watch):
    """The gaps of service of a group: episodes with a kind, an ending, and a length in phases.

    Parameters
    ----------
    kinds : tuple of str
        Labels of what fell at the start, in the order of the level ``at_start``.
    endings : tuple of str
        Labels of how service came back, in the order of the level ``at_end``.
    phases : tuple of str
        Labels of the stages of a failover, in the order of the level ``phase``; 8 at most. Their
        mean times are measures, ``detection_time`` for "detection".
    planned : str
        The kind that is counted apart.
    automatic : str
        The ending without people.
    gap : str
        Name of the gate that is true in a gap; faults that strike while it is are noted.
    shares : tuple of float
        Of requests that may fail at the start, in the order of the level given to ``at_start``;
        empty if a gap is always one of all requests.

    Examples
    --------
    >>> watch = FailoverWatch("g", "gaps of g", kinds=("planned", "host"), endings=("people",))
    >>> watch.kind(3), watch.alone(3), watch.kind(1), watch.alone(1)
    (1, True, 1, False)
    """

    kinds: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    planned: str = "planned"
    automatic: str = "automatic"
    gap: str = ""
    shares: tuple[float, ...] = ()

    def at_start(self, kind: Count, alone: Count, share: Count | None = None) -> Count:
        """Return the level of what a gap began with.

        Parameters
        ----------
        kind : Count
            Number of the kind.
        alone : Count
            1 if no other member could take over.
        share : Count, optional
            Which one of `shares` fails.
        """
        level = kind + len(self.kinds) * alone
        return level if share is None else level + 2 * len(self.kinds) * share

    def kind(self, at_start: np.ndarray) -> np.ndarray:
        """Return the numbers of the kinds in values of that level."""
        return at_start % len(self.kinds)

    def alone(self, at_start: np.ndarray) -> np.ndarray:
        """Return in which values of that level no other member could take over."""
        alone: np.ndarray = at_start // len(self.kinds) % 2 == 1
        return alone

    def share(self, at_start: np.ndarray) -> np.ndarray:
        """Return in values of that level which one of `shares` failed."""
        which: np.ndarray = at_start // (2 * len(self.kinds))
        return which


@dataclass(frozen=True, slots=True)
class SessionsWatch:
    """The sessions of a pool that break.

    Parameters
    ----------
    owner : str
        The pool.
    breaks : tuple of (str, float)
        Observations of firings, and the share of all sessions that each of them breaks.
    never : str
        Why none does, if none can.
    """

    owner: str
    breaks: tuple[tuple[str, float], ...] = ()
    never: str = ""


@dataclass(frozen=True, slots=True)
class OverlapWatch(Watch):
    """The moments at which a fault strikes while a group is in a gap already: samples."""


@dataclass(frozen=True, slots=True)
class FirstLossWatch(Watch):
    """The first loss of anything that a part stores: a first passage.

    It makes a part one whose losses are tallied; what is lost, and how, stands in its other
    handles: `LossWatch`, `NeverLost`, `UnreachableWatch`, `CopyAgeWatch`.
    """


@dataclass(frozen=True, slots=True)
class AllStores:
    """All parts that store something: what a term loses of them together.

    Parameters
    ----------
    owner : str
        What a row calls them.
    stores : tuple of str
        Which parts.
    firsts : tuple of str
        Names of the observations of their first losses.
    """

    owner: str
    stores: tuple[str, ...]
    firsts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LossWatch(Watch):
    """Losses of one class: samples of the studies that each costs, or firings.

    A part may have several of a class, which are added up.

    Parameters
    ----------
    loss_class : LossClass
        Which class.
    studies_each : float or None
        Studies that each loss costs, for certain; None if the observation is a sample of them: of
        the number expected, of which one below 1 may be none.
    """

    loss_class: LossClass
    studies_each: float | None = None
    unit: ClassVar[str] = "1"


@dataclass(frozen=True, slots=True)
class NeverLost:
    """A class of losses that a part cannot have, and why: its figures are exactly 0.

    Parameters
    ----------
    owner : str
        Name of the part.
    loss_class : LossClass
        Which class.
    why : str
        The input that makes it so, in words.
    """

    owner: str
    loss_class: LossClass
    why: str


@dataclass(frozen=True, slots=True)
class UnreachableWatch(Watch):
    """Gaps during which what a part stores is being restored from a copy: episodes.

    Parameters
    ----------
    never : str
        Why there are none, if there cannot be.
    """

    never: str = ""


@dataclass(frozen=True, slots=True)
class CopyAgeWatch(Watch):
    """The age of the last copy, read from time to time: what would be lost if all were lost now.

    Parameters
    ----------
    of : tuple of str
        Parts of which it is a copy.
    restorable : bool
        Whether there may ever be one that can be restored.
    """

    of: tuple[str, ...] = ()
    restorable: bool = True


Handle = (
    RoleWatch
    | DegradedWatch
    | RolePlaces
    | AnyRoleWatch
    | FailoverWatch
    | OverlapWatch
    | SessionsWatch
    | FirstLossWatch
    | AllStores
    | LossWatch
    | NeverLost
    | UnreachableWatch
    | CopyAgeWatch
)


@dataclass(frozen=True, slots=True)
class Belonging:
    """What an element of a model belongs to.

    Parameters
    ----------
    part : str
        Name of the part or group that made it.
    kind : str
        What of the part it is: ``hardware``, ``disk``, ``phase``.
    label : str
        What it is called as a cause: members of a group are alike, so they go by its name, and so
        do the several disks of an array.
    """

    part: str
    kind: str
    label: str
