"""Figures of mirrors: odds and sizes of losses, a design's rows, its spreadsheet, both simulators."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.integrate import quad

from pacsim import load, run
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.delays import Lognormal
from pacsim.design import design_of
from pacsim.engines import kernel, reference
from tests.close import close
from tests.oracle.parts.chains import Chain
from tests.oracle.parts.making import all_in, part, practices
from tests.oracle.parts.mirroring import NEVER, array, backup, mirror, scene
from tests.statistical import agrees

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.parts.values import Part

TERMS = 20_000

# -- how likely, and how much ---------------------------------------------------------------------

WIPE, NOTICE, SET_UP, RESYNC, TERM = 1000.0, 10.0, 30.0, 60.0, 400.0


def test_odds_of_losing_both_copies() -> None:
    """A wipe of one, and one of the other before the first is noticed, set up and filled."""
    # Sees: contents lost with one copy (0.55); never lost; a blank or half-filled copy that counts.
    chain = Chain(
        [
            ("both", "wiped", 2 / WIPE),
            ("wiped", "preparing", 1 / NOTICE),
            ("preparing", "filling", 1 / SET_UP),
            ("filling", "both", 1 / RESYNC),
            # What is being filled may be wiped once more, which costs nothing.
            ("filling", "wiped", 1 / WIPE),
            *((x, "lost", 1 / WIPE) for x in ("wiped", "preparing", "filling")),
        ]
    )
    expected = chain.at("both", TERM)["lost"]
    arrays = [array(x, wipe=Exp(WIPE), set_up=Exp(SET_UP)) for x in "ab"]
    doing = practices(times={"call": Exp(NOTICE)})
    built = scene(*arrays, group=mirror(resync=Exp(RESYNC)), doing=doing)
    batch = kernel.simulate(built, count=TERMS, horizon=TERM)
    lost = np.isfinite(batch.column("loss:images", "time"))
    agrees(float(lost.mean()), math.sqrt(expected * (1 - expected) / TERMS), expected)
    # Whenever anything is lost everything is: there is no third copy.
    counts = sum(batch.column(f"loss:images:archive:{x}:wipe", "count") for x in "ab")
    assert ((counts > 0) == lost).all()
    for x in "ab":
        assert (batch.column(f"loss:images:mirror:{x}:wipe", "count") == 0).all()


def lacking(time: float, stops: float, back: float) -> float:
    """Return the expected hours since a copy was left out, 0 while it is not, at a time.

    It is left out after exp(stops), and has caught up at once after exp(back).
    """
    s, b = 1 / stops, 1 / back

    def running(u: float) -> float:
        return (b + s * math.exp(-(s + b) * u)) / (s + b)

    def since(u: float) -> float:
        return running(u) * s * math.exp(-(time - u) * b) * (time - u)

    return float(quad(since, 0.0, time)[0])


@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_what_a_stale_or_late_copy_lacks(mode: str) -> None:
    """The leading copy is wiped at 300; the other is left out now and then, or late as well."""
    # Sees: a loss window without the lag; without what came while the feed had stopped; a lag in a
    # synchronous mirror.
    stops, back, late = 40.0, 25.0, mode == "asynchronous"
    more: dict[str, Any] = {"resync_rate": 1e9}
    shelf: dict[str, Any] = {} if late else {"shelf": Exp(stops), "shelf_repair": all_in(Exp(back))}
    if late:
        more |= {"mode": mode, "lag": Lognormal(2.0, 1.0), "stops": Exp(stops), "notice": Exp(back)}
    # Of equals the leading one is wiped while the other lacks something, or nothing is lost.
    parts = (array("a", wipe=Det(300.0)), array("b", **shelf))
    built = scene(*parts, group=mirror(**more))
    batch = kernel.simulate(built, count=TERMS, horizon=301.0)
    studies = batch.column("loss:images:mirror:a:wipe", "sum")
    lag = Lognormal(2.0, 1.0).mean() if late else 0.0
    agrees(
        float(studies.mean()),
        float(studies.std()) / math.sqrt(TERMS),
        lag + lacking(300.0, stops, back),
    )
    number = batch.column("loss:images:mirror:a:wipe", "count")
    if late:
        assert (number == 1).all()
    else:
        assert ((number == 1) == (studies > 0)).all()
        assert 0 < number.sum() < TERMS
    assert (batch.column("loss:images:archive:a:wipe", "count") == 0).all()


# -- a design -------------------------------------------------------------------------------------

PAIR = Path(__file__).parents[2] / "end_to_end" / "mirrored-pair.yaml"


def test_a_mirror_without_a_backup_has_a_copy() -> None:
    """What stands alone has none; each member of a mirror is a copy outside of the other."""
    # Sees: NO COPY of a mirror, or of its members; a third array without a copy that is not named.
    array = {
        "type": "disk_array", "from": "array_dual_controller", "layout": "raid6", "disks": 8,
        "disk": {"from": "disk_group", "size": "8 TB"},
    }  # fmt: skip
    plain = {
        "pacsim": 1,
        "archive": {"studies": "1000 /year", "study_size": "100 MB", "stored_at_start": "1 TB"},
        "parts": {"a": array, "b": array, "c": array},
        "groups": {"images": {"type": "mirror", "members": ["a", "b"]}},
        "roles": {"use": {"needs": ["images", "c"]}},
    }
    found = run(design_of(plain), replications=20)
    assert {name for row in found.rows for name in row.no_copy_of} == {"c"}
    assert {r.role for r in found.rows if r.measure == "p_any_loss"} == {"images", "c", "overall"}


def test_a_lag_of_less_than_a_study_is_seldom_a_loss() -> None:
    """Wiped once in each term, 0.2 studies late: one is lost with 1 - exp(-0.2), not for certain."""
    # Sees: each loss of the first copy counted as one of a study.
    array = {
        "type": "disk_array", "from": "array_dual_controller", "layout": "raid6", "disks": 8,
        "disk": {"from": "disk_group", "size": "8 TB", "life": "1e9 year"},
    }  # fmt: skip
    plain = {
        "pacsim": 1,
        "contract": {"term": "1 year"},
        "archive": {"studies": "8760 /year", "study_size": "100 MB", "stored_at_start": "1 TB"},
        "parts": {
            "a": {**array, "wipe": {"exactly": "300 days"}},
            "b": {**array, "wipe": "1e9 year"},
        },
        "groups": {
            "images": {
                "type": "mirror", "from": "async_replica", "members": ["a", "b"],
                "mode": "asynchronous", "lag": "12 min", "stops": "1e9 year",
            }
        },
        "roles": {"use": {"needs": ["images"]}},
    }  # fmt: skip
    found = run(design_of(plain), replications=64)
    for role in ("images", "overall"):
        row = found.get("p_any_loss", role=role)
        assert row.estimate == close(-math.expm1(-0.2), 1e-9)
        assert row.estimate is not None
        assert row.lower is not None
        assert row.upper is not None
        # Every term has the same odds, so nothing is uncertain but what no term has seen.
        assert row.lower <= row.estimate < row.upper
    assert found.get("studies_lost_in_term", role="overall").estimate == close(0.2, 1e-9)


@pytest.mark.slow
def test_rows_of_a_design_with_mirrored_images() -> None:
    """The mirror owns what is lost; nothing is said to be without a copy; its age is none."""
    # Sees: losses of each member, added up; NO COPY of a mirror; the age of the backup.
    found = run(load(PAIR), replications=300, seed=3)
    stores = {row.role for row in found.rows if row.measure == "p_any_loss"}
    assert stores == {"images", "overall"}
    assert not [row for row in found.rows if row.no_copy_of]
    for measure in ("data_loss_window_p50", "data_loss_window_p95"):
        assert found.get(measure, role="images").estimate == close(0.0, 1e-9)
    rows = [r for r in found.rows if r.measure == "data_loss_window_p50" and r.role == "images"]
    assert len(rows) == 1
    classes = {r.of for r in found.rows if r.measure == "losses" and r.role == "images"}
    assert classes == {"window", "archive", "sector", "split"}
    degraded = found.get("degraded", role="store").estimate
    assert degraded is not None
    assert degraded > 0
    assert "copy outside the array" not in str(found)


@pytest.mark.slow
def test_a_class_is_exactly_zero_only_if_nothing_leads_to_it(tmp_path: Path) -> None:
    """With a quorum the mirror never splits, but the pair of servers that writes to it may."""
    # Sees: exactly 0 said of what has a way.
    parts = {"witness": "{type: cloud, from: cloud_service}"}
    votes = "votes: {type: quorum, voters: [array-a, array-b, witness]}"
    file = tmp_path / "pair.yaml"
    file.write_text(
        f"pacsim: 1\nextends: {PAIR}\nparts:\n  witness: {parts['witness']}\n"
        f"groups:\n  {votes}\n  images: {{quorum: votes}}\n"
    )
    found = run(load(file), replications=20)
    notes = {r.of: r.note for r in found.rows if r.measure == "losses" and r.role == "images"}
    assert notes["split"] == "none seen in 20 terms"
    file.write_text(file.read_text() + "  pacs: {heartbeat: null}\n")
    found = run(load(file), replications=20)
    notes = {r.of: r.note for r in found.rows if r.measure == "losses" and r.role == "images"}
    assert notes["split"] == "exactly 0: images never splits"


def test_spreadsheet_has_one_of_two() -> None:
    """Two arrays of one controller each, of which one suffices; a server that reaches either."""
    # Sees: two arrays in series; a mirror that never fails; a server cut off by one member.
    fails, repair = 1000.0, 24.0
    q = repair / (fails + repair)
    one = {
        "type": "disk_array", "layout": "raid1", "disks": 2, "controllers": 1,
        "disk": {"size": "1 TB", "life": "1e9 year", "rebuild_rate": "1 GB/s"},
        "disk_replace": {"mean": "1 h", "family": "exponential"},
        "controller": f"{fails} h", "replace": "1 h",
        "controller_repair": {
            "mean": f"{repair} h", "family": "exponential", "covers": "all_in"
        },
    }  # fmt: skip
    link = {
        "type": "link",
        "ttf": f"{fails} h",
        "ttr": {"mean": f"{repair} h", "family": "exponential"},
    }
    plain = {
        "pacsim": 1,
        "parts": {
            "a": one, "b": one,
            "to-a": {**link, "between": ["core", "a"]}, "to-b": {**link, "between": ["core", "b"]},
            "core": {"type": "switch", "ttf": "1e9 year", "ttr": "1 h"},
            "s": {
                "type": "server", "from": "server_dual_psu", "fails": "1e9 year",
                "storage": ["images"], "network": ["core"],
            },
        },
        "groups": {"images": {"type": "mirror", "members": ["a", "b"]}},
        "roles": {"use": {"needs": ["images"]}, "server": {"needs": ["s"]}},
    }  # fmt: skip
    resolved = design_of(plain).resolved
    hours = 8760.0
    assert spreadsheet_down(resolved, "use") / hours == close(q * q, 1e-6)
    # A server has lost its storage when both links are broken.
    assert spreadsheet_down(resolved, "server") / hours == close(q * q, 1e-3)


# -- both simulators ----------------------------------------------------------------------------

DAY = 24.0


def lively(name: str, *, lost: bool) -> Part:
    """Return an array whose contents are lost every few days, or that is out every two."""
    disk: dict[str, Any] = {"size": 300.0, "life": Exp(5 * DAY), "rebuild_rate": 20.0, "uber": 1e-4}
    shelf, wipe = (10 * DAY, 8 * DAY) if lost else (2 * DAY, 200 * DAY)
    if not lost:
        disk |= {"size": 1e6, "life": Det(NEVER)}
    values: dict[str, Any] = {
        "shelf": Exp(shelf), "shelf_repair": all_in(Lognormal(9.0, 1.0)), "wipe": Exp(wipe),
        "set_up": Exp(20.0), "replace": Exp(30.0), "disk_replace": Exp(15.0),
        "read_error_loses": "array",
    }  # fmt: skip
    return array(name, disk=disk, **values)


def fast(kind: str, *, lost: bool) -> Model:
    """Return a mirror in which everything happens often, or all that is lost is."""
    link = part("link", "link", between=("a", "b"), fails=Exp(3 * DAY), ttr=Exp(9.0))
    more: dict[str, Any] = {"resync_rate": 20.0 if lost else 3.0}
    beside: tuple[Part, ...] = ()
    others: list[Part] = []
    match kind:
        case "split":
            more |= {"split": 0.5, "split_lost": 0.1, "force": True}
            more["split_repair"] = Exp(6.0)
        case "quorum":
            more = {"quorum": "votes", "resync": Lognormal(8.0, 1.0)}
            beside = (part("quorum", "votes", voters=("a", "b", "witness")),)
            others = [part("component", "witness", fails=Exp(20 * DAY), ttr=Exp(30.0))]
            others += [
                part("link", f"leg-{x}", between=(x, "witness"), fails=Exp(30 * DAY), ttr=Exp(9.0))
                for x in "ab"
            ]
        case "late":
            more |= {"mode": "asynchronous", "lag": Det(0.1), "stops": Exp(9 * DAY)}
            more |= {"notice": Exp(9.0)}
    arrays = [lively(x, lost=lost) for x in "ab"]
    of = ("a",) if kind == "quorum" else ("images",)
    everything = [*arrays, link, *others, backup(of=of, success=0.8, retention=40.0)]
    if kind == "split":
        everything.append(part("crew", "team", size=1, respond=Exp(1.0)))
    doing = practices(times={"call": Exp(4.0), "manual_failover": Exp(3.0), "manual_success": 0.7})
    return scene(*everything, group=mirror(**more), beside=beside, doing=doing, stored=200.0)


@pytest.mark.slow
def test_simulators_agree() -> None:
    """Every transition of a mirror and of the contents of its members, fifty times or more."""
    # Sees: a step of the automaton that cannot be taken; a rule that one simulator reads otherwise.
    seen: Counter[str] = Counter()
    own: set[str] = set()
    for kind, lost in itertools.product(("split", "quorum", "late"), (False, True)):
        built = fast(kind, lost=lost)
        # The probe reads twelve times a year, whatever else happens.
        mine = [t.name for t in built.transitions if re.match("images/[^p]|[ab]/contents", t.name)]
        mine += [t.name for t in built.transitions if t.name.startswith("images/phase")]
        own |= {alike(name) for name in mine}
        for first in range(2):
            one = reference.simulate(built, horizon=1500 * DAY, first=first, trace=True)
            other = kernel.simulate(built, horizon=1500 * DAY, first=first, trace=True)
            assert one.trace is not None
            assert other.trace is not None
            assert one.trace.tobytes() == other.trace.tobytes()
            assert one.samples.tobytes() == other.samples.tobytes()
            assert np.array_equal(one.values, other.values, equal_nan=True)
            # Nobody looks at the runs of the backup, which sleep then.
            asleep = kernel.simulate(built, horizon=1500 * DAY, first=first)
            assert np.array_equal(asleep.values, other.values, equal_nan=True)
            for row in one.trace["transition"]:
                seen[alike(built.transitions[int(row)].name)] += 1
    assert {name: seen[name] for name in own if seen[name] < 50} == {}


def alike(name: str) -> str:
    """Return a transition without its member."""
    return re.sub(r"(copy|take)-[ab]", r"\1", re.sub("^[ab]/", "", name))
