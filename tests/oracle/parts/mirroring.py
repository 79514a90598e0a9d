"""Two arrays that mirror each other, scripted: when a shelf is out, a link is cut, contents go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.delays import Deterministic as Det
from pacsim.engines import kernel, reference
from tests.oracle.parts.making import all_in, part, practices, watched

if TYPE_CHECKING:
    from pacsim.core import Batch, Model
    from pacsim.parts.values import Part

NEVER = 1e9
Spans = list[tuple[float, float]]
PEOPLE = practices(times={"call": Det(2.0), "manual_failover": Det(3.0)})
"""Somebody notices after two hours and needs three."""


def array(name: str, *, out: tuple[float, float] | None = None, **more: Any) -> Part:
    """Return an array whose shelf is out from one time to another, and that loses nothing else."""
    disk = {"size": 1e6, "life": Det(NEVER), "rebuild_rate": 100.0, **more.pop("disk", {})}
    plain: dict[str, Any] = {
        "layout": "raid1", "disks": 2, "disk_replace": Det(15.0), "replace": Det(40.0),
        "set_up": Det(5.0),
    }  # fmt: skip
    if out is not None:
        plain |= {"shelf": Det(out[0]), "shelf_repair": all_in(Det(out[1] - out[0]))}
    return part("disk_array", name, disk=disk, **{**plain, **more})


def cut(name: str, ends: tuple[str, str], out: tuple[float, float] | None) -> Part:
    """Return a link that is cut from one time to another."""
    life, repair = (NEVER, 1.0) if out is None else (out[0], out[1] - out[0])
    return part("link", name, between=ends, fails=Det(life), ttr=Det(repair))


def backup(**more: Any) -> Part:
    """Return a backup at 22, 46, 70, ... that runs for two hours and always works."""
    plain = {
        "of": ("images",), "interval": 24.0, "starts": 22.0, "duration": Det(2.0), "success": 1.0,
        "usable": 1.0, "restore_rate": 10.0, "prepare": Det(5.0),
    }  # fmt: skip
    return part("backup", "nightly", **{**plain, **more})


def mirror(**more: Any) -> Part:
    """Return a mirror that resyncs ten thirds an hour, and never splits."""
    plain = {"members": ("a", "b"), "resync_rate": 10.0 / 3.0, "split": 0.0, "split_lost": 0.0}
    if "split" in more:
        plain |= {"split_repair": Det(4.0)}
    if "resync" in more:
        del plain["resync_rate"]
    return part("mirror", "images", **{**plain, **more})


def scene(*parts: Part, group: Part | None = None, **more: Any) -> Model:
    """Return the model of a mirror, in which one study of one byte comes an hour."""
    gates = ("images.ok", "images.full", "images.whole", "images.serves.a", "images.serves.b")
    groups = (group or mirror(), *more.pop("beside", ()))
    down = (*gates, *more.pop("down", ()))
    return watched(*parts, groups=groups, down=down, **{"doing": PEOPLE, **more})[0]


class Story:
    """One history of a model, alike on both simulators to the bit."""

    def __init__(self, built: Model, until: float, first: int = 0) -> None:
        self.model, self.until = built, until
        self.batch: Batch = reference.simulate(built, horizon=until, first=first, trace=True)
        other = kernel.simulate(built, horizon=until, first=first, trace=True)
        assert self.batch.trace is not None
        assert other.trace is not None
        assert self.batch.trace.tobytes() == other.trace.tobytes()
        assert self.batch.episodes.tobytes() == other.episodes.tobytes()
        assert self.batch.samples.tobytes() == other.samples.tobytes()
        assert np.array_equal(self.batch.values, other.values, equal_nan=True)

    def gaps(self, gate: str) -> Spans:
        """Return the times without a gate, rounded to a millionth of an hour."""
        rows = self.batch.episodes_of(f"no {gate}" if "." in gate and ":" not in gate else gate)
        return [(round(float(r["start"]), 6), round(float(r["end"]), 6)) for r in rows]

    def fired(self, name: str) -> list[float]:
        """Return when a transition fired."""
        assert self.batch.trace is not None
        index = self.model.transition(name)
        rows = self.batch.trace
        return [round(float(r["time"]), 6) for r in rows if r["transition"] == index]

    def lost(self) -> dict[str, list[tuple[float, float]]]:
        """Return time and studies of each loss, by observation."""
        names = [o.name for o in self.model.observations]
        found = {}
        for name in names:
            if name.startswith("loss:images:"):
                rows = self.batch.samples_of(name)
                if len(rows):
                    found[name.removeprefix("loss:images:")] = [
                        (round(float(r["time"]), 6), round(float(r["value"]), 6)) for r in rows
                    ]
        return found

    @property
    def first_loss(self) -> float:
        """When anything was lost first; infinite if nothing was."""
        return float(self.batch.column("loss:images", "time")[0])
