"""Component, link, switch, PDU, common cause and roles against formulas and small chains."""

import itertools
from typing import Any

import pytest

from pacsim.delays import Exponential as Exp
from pacsim.parts.values import Feeds, Needs
from tests.close import close
from tests.oracle.parts.chains import Chain
from tests.oracle.parts.making import missing, model, part, practices, role

EXACT = 1e-9
SPINS = {"pdu": {}, "flywheel": {"rides": Exp(1e-13)}}
"""Parts that give power, shipped and an outsider's; one that rides through shows no time of it."""


def either_box(test: Any) -> Any:
    """Run a test on a shipped box, and on an outsider's with the same slots."""
    boxes = pytest.mark.parametrize("kind", ["component", "firewall", "media_converter"])
    return pytest.mark.usefixtures("installed")(boxes(test))


def either_switch(test: Any) -> Any:
    """Run a test on a shipped part that passes traffic on, and on an outsider's."""
    switches = pytest.mark.parametrize("switch", ["switch", "firewall", "media_converter"])
    return pytest.mark.usefixtures("installed")(switches(test))


def either_source(test: Any) -> Any:
    """Run a test on a shipped part that gives power, and on an outsider's."""
    sources = pytest.mark.parametrize("source", ["pdu", "flywheel"])
    return pytest.mark.usefixtures("installed")(sources(test))


def out(life: float, repair: float) -> float:
    """Return the unavailability of a box with a mean life and a mean repair."""
    return repair / (life + repair)


@either_box
def test_component_all_in(kind: str) -> None:
    """A component with ttr is down r of m + r."""
    # Fault planted: the repair without its renewal, which the exact engine does not see; rate x 2.
    box = part(kind, "box", fails=Exp(200.0), ttr=Exp(3.0))
    assert missing(model(box, down=("box.ok",)), "box.ok") == close(out(200.0, 3.0), EXACT)


@either_box
@pytest.mark.parametrize(("monitored", "first"), [(True, 2.0), (False, 7.0)], ids=["alert", "call"])
def test_component_stages(kind: str, monitored: bool, first: float) -> None:
    """Hands-on repair: noticed, supplied without a contract, worked on."""
    doing = practices(
        times={"alert": Exp(2.0), "call": Exp(7.0), "no_contract": Exp(11.0)},
        **({"monitoring": {"finds": ()}} if monitored else {}),
    )
    box = part(kind, "box", fails=Exp(200.0), repair=Exp(3.0))
    built = model(box, down=("box.ok",), doing=doing)
    assert missing(built, "box.ok") == close(out(200.0, first + 11.0 + 3.0), EXACT)


@either_box
@either_source
def test_component_powered(kind: str, source: str) -> None:
    """A component on one feed of two is up while itself and either feed are."""
    feeds = [part(source, f"pdu-{x}", fails=Exp(90.0), ttr=Exp(5.0), **SPINS[source]) for x in "ab"]
    box = part(kind, "box", fails=Exp(200.0), ttr=Exp(3.0), power=("pdu-a", "pdu-b"))
    u = out(90.0, 5.0)
    found = missing(model(*feeds, box, down=("box.ok",)), "box.ok")
    assert found == close(1.0 - (1.0 - out(200.0, 3.0)) * (1.0 - u * u), EXACT)


def test_link_is_masked() -> None:
    """A cable is masked by redundancy: its fault stays hidden longer than a plain one."""
    doing = practices(times={"hidden_unmonitored": Exp(40.0)})
    cable = part("link", "cable", fails=Exp(900.0), repair=Exp(2.0))
    built = model(cable, down=("cable.forwards",), doing=doing)
    assert missing(built, "cable.forwards") == close(out(900.0, 40.0 + 1.0 + 2.0), EXACT)


@either_switch
def test_the_only_link_is_missed(switch: str) -> None:
    """Hidden only while its ends reach each other another way."""
    # Sees: a cut of the only line that stays hidden for as long as one of two would.
    doing = practices(times={"hidden_unmonitored": Exp(40.0), "call": Exp(3.0)})
    still = {"fails": Exp(1e16), "ttr": Exp(1e-3)}
    for around, first in ((False, 3.0), (True, 40.0)):
        others = ("b", "c") if around else ("b",)
        parts = [
            part(switch, "a", network=("c",) if around else (), **still),
            part(switch, "b", **still),
            part(switch, "c", network=others[:1], **still),
            part("link", "line", between=("a", "b"), fails=Exp(900.0), repair=Exp(2.0)),
        ]
        built = model(*parts, down=("line.forwards",), doing=doing)
        assert missing(built, "line.forwards") == close(out(900.0, first + 1.0 + 2.0), EXACT)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("kind", "soft"),
    [("switch", 0.7), ("switch", 0.0), ("firewall", 0.0), ("media_converter", 0.0)],
)
def test_switch_soft_and_hard(kind: str, soft: float) -> None:
    """A switch is down for the mean over soft and hard faults, and with its power."""
    feed = part("pdu", "pdu", fails=Exp(90.0), ttr=Exp(5.0))
    more = {"soft_share": soft, "soft_repair": Exp(0.25)} if soft else {}
    switch = part(kind, "switch", fails=Exp(300.0), ttr=Exp(8.0), power=("pdu",), **more)
    built = model(feed, switch, down=("switch.forwards",))
    mean = (1.0 - soft) * 8.0 + soft * 0.25
    expected = 1.0 - (1.0 - out(90.0, 5.0)) * (1.0 - out(300.0, mean))
    assert missing(built, "switch.forwards") == close(expected, EXACT)


@either_source
def test_pdu_in_series(source: str) -> None:
    """PDUs in a chain multiply; two feeds needed of three."""
    more = SPINS[source]
    units = [part(source, f"pdu-{k}", fails=Exp(90.0 + k), ttr=Exp(5.0), **more) for k in range(3)]
    last = part(source, "last", fails=Exp(50.0), ttr=Exp(2.0), power=("pdu-0",), **more)
    built = model(*units, last, down=("last.output",))
    expected = 1.0 - (1.0 - out(90.0, 5.0)) * (1.0 - out(50.0, 2.0))
    assert missing(built, "last.output") == close(expected, EXACT)


@either_source
def test_two_feeds_needed(source: str) -> None:
    """With ``need: 2`` of three feeds the power is a two-of-three vote."""
    units = [
        part(source, f"pdu-{k}", fails=Exp(90.0), ttr=Exp(5.0), **SPINS[source]) for k in range(3)
    ]
    feeds = Feeds(2, ("pdu-0", "pdu-1", "pdu-2"))
    box = part("component", "box", fails=Exp(200.0), ttr=Exp(3.0), power=feeds)
    u = out(90.0, 5.0)
    a = (1.0 - u) ** 3 + 3.0 * (1.0 - u) ** 2 * u
    expected = 1.0 - a * (1.0 - out(200.0, 3.0))
    assert missing(model(*units, box, down=("box.ok",)), "box.ok") == close(expected, EXACT)


@either_box
def test_common_cause(kind: str) -> None:
    """Two units with a common share b: each fails alone at (1 - b)/m, both at b/m."""
    # Sees: the members keeping their whole rate beside the shock.
    m, r, share = 100.0, 4.0, 0.1
    units = [part(kind, f"u-{k}", fails=Exp(m), ttr=Exp(r)) for k in range(2)]
    pair = part("common_cause", "pair", members=("u-0", "u-1"), share=share)
    either = role("either", "u-0", "u-1", k=1)
    own, both = (1.0 - share) / m, share / m
    chain = Chain(
        [
            (0, 1, 2.0 * own), (0, 2, both), (1, 2, own + both),
            (1, 0, 1.0 / r), (2, 1, 2.0 / r),
        ]
    )  # fmt: skip
    built = model(*units, pair, roles=(either,), down=("role.either", "u-0.ok"))
    assert missing(built, "role.either") == close(chain.share(2), EXACT)
    assert missing(built, "u-0.ok") == close(out(m, r), EXACT)


def test_common_cause_of_switches() -> None:
    """A shock takes switches the soft way or the hard way together."""
    m, share, soft = 100.0, 0.2, 0.6
    hard_mean, soft_mean = 8.0, 0.5
    more = {"ttr": Exp(hard_mean), "soft_share": soft, "soft_repair": Exp(soft_mean)}
    units = [part("switch", f"s-{k}", fails=Exp(m), **more) for k in range(2)]
    pair = part("common_cause", "pair", members=("s-0", "s-1"), share=share)
    rates = []
    for a, b in itertools.product("uhs", repeat=2):
        for way, p in (("h", 1.0 - soft), ("s", soft)):
            own, both = p * (1.0 - share) / m, p * share / m
            hit = (way if a == "u" else a, way if b == "u" else b)
            rates.append(((a, b), hit, both))
            rates += [((a, b), (way, b), own)] * (a == "u") + [((a, b), (a, way), own)] * (b == "u")
        for k, x in enumerate((a, b)):
            if x != "u":
                back = ("u", b) if k == 0 else (a, "u")
                rates.append(((a, b), back, 1.0 / (hard_mean if x == "h" else soft_mean)))
    down = [(a, b) for a in "hs" for b in "hs"]
    either = role("either", "s-0", "s-1", k=1)
    built = model(*units, pair, roles=(either,), down=("role.either",))
    assert missing(built, "role.either") == close(Chain(rates).share(*down), EXACT)


def test_role_trees() -> None:
    """A role over all of a, any of b and c, and two of d, e, f is a product of its branches."""
    lives = dict(zip("abcdef", (50.0, 60.0, 70.0, 80.0, 90.0, 100.0), strict=True))
    units = [part("component", x, fails=Exp(life), ttr=Exp(2.0)) for x, life in lives.items()]
    q = {x: out(life, 2.0) for x, life in lives.items()}
    tree = role("all", "a", Needs(1, ("b", "c")), Needs(2, ("d", "e", "f")))
    vote = sum(
        (1 - q["d"] if d else q["d"])
        * (1 - q["e"] if e else q["e"])
        * (1 - q["f"] if f else q["f"])
        for d, e, f in itertools.product((0, 1), repeat=3)
        if d + e + f >= 2
    )
    expected = 1.0 - (1.0 - q["a"]) * (1.0 - q["b"] * q["c"]) * vote
    built = model(*units, roles=(tree,), down=("role.all",))
    assert missing(built, "role.all") == close(expected, EXACT)


@either_switch
def test_role_path(switch: str) -> None:
    """A role used from a site needs a path over one switch of two, and the server itself."""
    # Sees: a server that bridges its two switches; a site that is not asked for a path.
    q = out(100.0, 5.0)
    laws = {"fails": Exp(100.0), "ttr": Exp(5.0)}
    parts = [
        part("clients", "site", network=("edge",)),
        part(switch, "edge", network=("core-1", "core-2"), **laws),
        part(switch, "core-1", **laws),
        part(switch, "core-2", **laws),
        part("server", "a", fails=Exp(1e3), ttr=Exp(9.0), reboot=Exp(1.0),
             boot_after_power=Exp(1.0), network=("core-1", "core-2")),
        part("server", "b", fails=Exp(1e3), ttr=Exp(9.0), reboot=Exp(1.0),
             boot_after_power=Exp(1.0), network=("core-2",)),
    ]  # fmt: skip
    via = role("via", "a", used_from=("site",))
    only = role("only", "b", used_from=("site",))
    # Hardware down, then a reboot during which it may fail again.
    host = Chain([("up", "down", 1e-3), ("down", "boot", 1 / 9), ("boot", "down", 1e-3),
                  ("boot", "up", 1.0)]).share("up")  # fmt: skip
    built = model(*parts, roles=(via, only), down=("role.via", "role.only"))
    good = 1.0 - q
    assert missing(built, "role.via") == close(1.0 - host * good * (1.0 - q * q), EXACT)
    assert missing(built, "role.only") == close(1.0 - host * good * good, EXACT)


@either_switch
def test_role_path_of_a_branch(switch: str) -> None:
    """Either of two servers will do, each behind a switch of its own: one branch is enough."""
    # Sees: a path to every server that is named anywhere.
    sleeps = {"fails": Exp(1e16), "ttr": Exp(1e-3), "reboot": Exp(1e-3), "boot_after_power": Exp(1)}
    parts = [
        part("clients", "site", network=("left", "right")),
        part(switch, "left", fails=Exp(100.0), ttr=Exp(5.0)),
        part(switch, "right", fails=Exp(80.0), ttr=Exp(5.0)),
        part("server", "a", network=("left",), **sleeps),
        part("server", "b", network=("right",), **sleeps),
    ]
    either = role("either", "a", "b", k=1, used_from=("site",))
    built = model(*parts, roles=(either,), down=("role.either",))
    assert missing(built, "role.either") == close(out(100.0, 5.0) * out(80.0, 5.0), EXACT)


@either_switch
def test_link_between(switch: str) -> None:
    """A link joins the two parts it is between; the other way round the ring is longer."""
    link = {"fails": Exp(100.0), "ttr": Exp(5.0)}
    parts = [
        part("clients", "site", network=("left",)),
        part(switch, "left", fails=Exp(80.0), ttr=Exp(5.0)),
        part(switch, "right", fails=Exp(80.0), ttr=Exp(5.0)),
        part("link", "first", between=("left", "right"), **link),
        part("link", "second", between=("left", "right"), **link),
        part("server", "a", fails=Exp(1e3), ttr=Exp(9.0), reboot=Exp(1e-3),
             boot_after_power=Exp(1.0), network=("right",)),
    ]  # fmt: skip
    q, s = out(100.0, 5.0), out(80.0, 5.0)
    host = Chain([("up", "down", 1e-3), ("down", "boot", 1 / 9), ("boot", "down", 1e-3),
                  ("boot", "up", 1e3)]).share("up")  # fmt: skip
    via = role("via", "a", used_from=("site",))
    expected = 1.0 - host * (1.0 - s) ** 2 * (1.0 - q * q)
    built = model(*parts, roles=(via,), down=("role.via",))
    assert missing(built, "role.via") == close(expected, EXACT)
