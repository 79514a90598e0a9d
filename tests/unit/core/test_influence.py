"""What a gate is computed from, and what can bring it down."""

from pacsim.core import ModelBuilder, outcome
from pacsim.core.model import cone, leads_to
from pacsim.delays import Exponential


def test_what_follows_at_once_leads_to_a_gate() -> None:
    m = ModelBuilder()
    power, server, app, shock, crew, other, job = (
        m.element(name, "up waiting work", fault="waiting work")
        for name in ("power", "server", "app", "shock", "crew", "other", "job")
    )
    server.now("up -> waiting", 1, "dark", when=power != "up")
    app.now("up -> waiting", 2, "stopped", when=m.gate("server.down", server != "up"))
    strike = shock.after(
        "up -> up", Exponential(1.0), "strike", effects=[power.move({"up": "waiting"})]
    )
    # What only renews it does not hit it; what an outcome reads does.
    job.after("up -> waiting", Exponential(1.0), "service", effects=[server.renew()])
    worn = m.element("worn", "fine thin")
    app.now(
        "up ->",
        7,
        "tear",
        when=crew == "work",
        outcomes={worn == "thin": [outcome(1.0, "waiting")], True: [outcome(1.0, "work")]},
    )
    # A crew decides when work begins, not whether something fails.
    app.now("waiting -> work", 5, "begin", when=(crew == "up") & (other == "up"))
    job.now("up -> waiting", 6, "late", when=app != "up")
    m.firings("f", strike)
    m.gate("ok", m.gate("app.ok", app == "up") & m.connected({"x": None}, [], "x", "x"))
    model = m.build()
    names = [e.name for e in model.elements]
    below = cone(model, model.gate("ok"))
    assert [names[e] for e in below.elements] == ["app"]
    assert {model.gates[g].name for g in below.gates} >= {"ok", "app.ok"}
    assert "server.down" not in {model.gates[g].name for g in below.gates}
    found = {names[e] for e in leads_to(model, model.gate("ok"))}
    # Sees: guards left out (app alone); what a crew works for taken in; followers (job).
    assert found == {"app", "server", "power", "shock", "worn", "crew"}
