"""Who reads what in a model, listed by hand for a small one."""

from __future__ import annotations

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential
from pacsim.engines.kernel.users import users_of


def test_every_user_is_listed_once_and_in_order() -> None:
    m = ModelBuilder()
    a, b = m.element("a", "up down", fault="down"), m.element("b", "up down", fault="down")
    down = m.gate("down", (a == "down") & (b == "down"))
    path = m.connected({"x": a == "up", "y": a == "up"}, [("x", "y")], ["x"], ["y"])
    for unit in (a, b):
        unit.after("up -> down", Exponential(9.0), "fail", cls="fault", when=~down)
        unit.after("down -> up", Exponential(2.0), "repair", speed={down: 0.5, True: 1.0})
    tank = m.quantity("tank", low=0.0, high=8.0, start=8.0, rate={down: -1.0, True: 0.0})
    bell = m.element("bell", "still")
    bell.after("still -> still", tank.falls_to(2.0), "ring")
    m.gate_time("down time", down)
    m.gate_time("no path", ~path)
    model = m.build()
    users = users_of(model)
    names = [t.name for t in model.transitions]
    assert [names[i] for i in users.transitions[0]] == ["a.fail", "a.repair"]
    assert [names[i] for i in users.transitions[1]] == ["b.fail", "b.repair"]
    assert [names[i] for i in users.waits[0]] == ["bell.ring"]
    guard = model.transitions[names.index("a.fail")].guard
    # "Not down" is watched by "down".
    watched, opposite = users.watched(guard)
    assert (watched, opposite) == (model.gate("down"), 1)
    assert [names[i] for i in users.guards[watched]] == ["a.fail", "b.fail"]
    speed = model.transitions[names.index("a.repair")].speed.level
    assert [names[i] for i in users.speeds[speed]] == ["a.repair", "b.repair"]
    assert users.rates[model.quantities[0].rate.level] == [0]
    graph = next(i for i, g in enumerate(model.gates) if g.connection is not None)
    connection = model.gates[graph].connection
    assert connection is not None
    assert set(connection.vertices) == {connection.vertices[0]}
    assert users.graphs[connection.vertices[0]] == [graph]
    # "no path" only denies the path, which is watched in its place.
    gates = [observed.gate for observed in model.observations]  # type: ignore[union-attr]
    assert [users.watched(gate) for gate in gates] == [(gates[0], 0), (graph, 1)]
    assert (users.gate_watches[gates[0]], users.gate_watches[graph]) == ([0], [1])
    assert users.gate_watches[gates[1]] == []
    for index, found in enumerate(model.levels):
        for element, weights in found.elements:
            assert users.weights[element].count((index, weights)) == 1
        for gate, weight in found.gates:
            assert users.terms[gate].count((index, weight)) == 1
    for index, found_gate in enumerate(model.gates):
        assert users.gates[found_gate.level].count(index) == 1
