"""Random designs: parts of every shipped type, with random forms and overrides of their slots."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pacsim.parts.registry import part_types
from pacsim.parts.slots import RecordType, Slot

BUNDLES = {
    "server": "server_dual_psu",
    "database": "database_single",
    "disk_array": "array_dual_controller",
    "switch": "core_switch",
    "link": "patch_link",
    "utility": "utility",
    "ats": "ats",
    "ups": "ups",
    "generator": "generator",
    "pdu": "pdu",
    "crew": "people",
    "backup": "backup_nightly",
    "component": "hospital_network",
    "load_balancer": "load_balancer",
    "bond": "patch_link",
    "firewall": "firewall",
    "wan": "wan_business",
    "cloud": "cloud_service",
}
NAMES = {
    "reading": "clients", "mains": "utility", "set": "generator", "ats": "ats", "ups": "ups",
    "pdu": "pdu", "core": "switch", "server-1": "server", "server-2": "server",
    "array": "disk_array", "database": "database", "nightly": "backup", "team": "crew",
    "ris": "component", "ris-2": "component", "shared": "common_cause", "cable": "link",
    "lb-1": "load_balancer", "lb-2": "load_balancer",
    "trunk": "bond", "gate": "firewall", "isp": "wan", "object-store": "cloud",
}  # fmt: skip
DESK = {"hours": ["mon-fri 08:00-17:00"], "closed": ["2026-12-25"], "name": "o"}
CALENDAR = st.sampled_from([{"hours": "24x7"}, DESK])
NUMBER = st.integers(1, 99)


@st.composite
def times(draw: st.DrawFn) -> str:
    return f"{draw(NUMBER)} {draw(st.sampled_from(['min', 'h', 'd', 'month', 'years']))}"


@st.composite
def laws(draw: st.DrawFn, kind: str, *, inner: bool = False) -> Any:
    n, unit = draw(NUMBER), draw(st.sampled_from(["min", "h", "d"]))
    forms: list[Any] = [
        f"{n} {unit}",
        {"median": f"{n} {unit}", "p95": f"{n * 3} {unit}"},
        {"scale": f"{n} {unit}", "shape": draw(st.sampled_from([0.5, 1, 2.5]))},
        {"mean": f"{n} {unit}", "family": draw(st.sampled_from(["exponential", "lognormal"]))},
        {"low": f"{n} {unit}", "high": f"{n + 1} {unit}"},
        {"low": f"{n} {unit}", "mode": f"{n} {unit}", "high": f"{n + 1} {unit}"},
        {"exactly": f"{n} {unit}"},
        {"quantiles": [[0, f"{n} {unit}"], ["50 %", f"{n + 1} {unit}"], [1, f"{n + 9} {unit}"]]},
    ]
    if kind == "life":
        forms += [{"rate": f"{n} /year"}, {"afr": f"{n} %"}, {"mttf": f"{n} 000 h"}]
    form = draw(st.sampled_from(forms))
    if not inner:
        form = draw(st.sampled_from([form, {"mix": {"0.25": form, "0.75": {"exactly": "1 h"}}}]))
        if draw(st.booleans()):
            form = {"shift": "5 min", **(form if isinstance(form, dict) else {"value": form})}
    return form


@st.composite
def with_origin(draw: st.DrawFn, form: Any, low: Any = None) -> Any:
    origin = draw(
        st.dictionaries(st.sampled_from(["source", "id"]), st.text(min_size=1, max_size=6))
    )
    if draw(st.booleans()):
        origin["status"] = draw(st.sampled_from(["vendor", "user", "assumed"]))
    if low is not None and draw(st.booleans()):
        origin["low"] = low
    return {"value": form, **origin} if origin else form


@st.composite
def values(draw: st.DrawFn, slot: Slot, counted: bool, covers: dict[str, str] | None = None) -> Any:
    kind = slot.kind
    if kind in {"life", "work", "delay"}:
        form = draw(laws(kind))
        if counted and draw(st.booleans()):
            form = {
                "counted_in": draw(CALENDAR),
                **(form if isinstance(form, dict) else {"value": form}),
            }
        value = draw(with_origin(form))
        if covers:
            value = {**(value if isinstance(value, dict) else {"value": value}), **covers}
        return value
    plain = {
        "seconds": times(),
        "share": st.sampled_from(["5 %", 0.25, 0.5, "99 %"]),
        "count": st.integers(1, 9),
        "size": st.sampled_from(["8 TB", "4 GiB"]),
        "throughput": st.sampled_from(["90 MB/s", "1 Gbit/s"]),
        "bit_rate": st.sampled_from(["1e-15 1/bit"]),
        "factor": st.sampled_from([1, 2.5]),
        "clock": st.sampled_from(["22:00", "00:30"]),
        "text": st.text(max_size=8),
        "flag": st.booleans(),
        "calendar": CALENDAR,
    }
    if kind == "choice":
        return draw(st.sampled_from(slot.options))
    value = draw(plain[kind])
    origin = {"seconds": "1 min", "share": "1 %", "size": "1 GB"}
    return draw(with_origin(value, origin[kind])) if kind in origin else value


SKIPPED = {"names", "name", "feeds", "needs", "record", "records", "failback", "when"}


@st.composite
def covering(draw: st.DrawFn, slot: Slot, key: str) -> dict[str, str]:
    """Return what a value of a repair may say that it covers."""
    if not slot.covers or not draw(st.booleans()):
        return {}
    if slot.also:
        return {"read_under": draw(st.sampled_from(["4h", "nbd"]))} if key == slot.also else {}
    covers = draw(st.sampled_from(["all_in", "hands_on"]))
    more = {"read_under": "nbd"} if covers == "all_in" and draw(st.booleans()) else {}
    return {"covers": covers, **more}


@st.composite
def record(draw: st.DrawFn, kind: RecordType) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for slot in kind.slots:
        if slot.kind in SKIPPED or slot.name in {"layout", "disks"} or not draw(st.booleans()):
            continue
        counted = slot.counted and bool(slot.covers)
        key = draw(st.sampled_from([slot.name, slot.also or slot.name]))
        made[key] = draw(values(slot, counted, draw(covering(slot, key))))
    return made


@st.composite
def designs(draw: st.DrawFn) -> dict[str, Any]:
    """Return the plain values of a legal design."""
    types = part_types()
    fixed: dict[str, dict[str, Any]] = {
        "reading": {"network": ["core"]},
        "ats": {"normal": "mains", "emergency": "set"},
        "ups": {"power": ["ats"]},
        "pdu": {"power": ["ups"]},
        "core": {"power": draw(st.sampled_from([["pdu"], {"need": 2, "of": ["pdu", "mains"]}]))},
        "server-1": {
            "network": ["core"],
            "power": ["pdu"],
            "storage": ["array"],
            "software": {"from": "pacs_software"},
        },
        "server-2": {"network": ["core"], "storage": ["array"]},
        "array": {
            "layout": "raid10",
            "disks": 6,
            "network": ["core"],
            "disk": {"from": "disk_group"},
        },
        "database": {"runs_on": "server-1", "stored_on": "array"},
        "nightly": {"of": ["array", "database"]},
        "shared": {"members": ["ris", "ris-2"], "share": "9 %"},
        "cable": {"between": ["server-1", "server-2"]},
        "lb-1": {"network": ["core"], "power": ["pdu"]},
        "lb-2": {"network": ["core"]},
        "trunk": {"between": ["core", "gate"]},
        "gate": {"power": ["pdu"]},
        "isp": {"network": ["gate"]},
        "object-store": {"network": ["isp"]},
    }
    parts = {}
    for name, kind in NAMES.items():
        own = draw(record(types[kind])) if name != "shared" else {}
        part: dict[str, Any] = {"type": kind, **own, **fixed.get(name, {})}
        if kind in BUNDLES:
            part["from"] = BUNDLES[kind]
        if kind == "wan" and {"fails", "ttf"} & set(own):
            part["availability"] = None
        if draw(st.booleans()):
            part["source"] = draw(st.text(min_size=1, max_size=9))
        # A contract is for parts with hands-on repairs, a business day for desks that close.
        if kind == "server" and "ttr" not in part and draw(st.booleans()):
            part["support"] = {"response": {"next_business_day": DESK, "then": "2 h"}}
        parts[name] = part
    if "peak" in parts["reading"]:
        # No more than the narrowest that may stand on the way.
        parts["reading"]["peak"] = "90 MB/s"
    parts["server-1"]["os_crash"] = draw(st.sampled_from([None, "3 years"]))
    parts["ris-2"] = {"like": "ris", **draw(st.sampled_from([{}, {"source": "x"}]))}
    for name in draw(st.sets(st.sampled_from(["ris-2", "cable", "nightly", "team", "reading"]))):
        parts.pop(name, None)
    if "ris-2" not in parts:
        parts.pop("shared")
    needs = draw(
        st.sampled_from(
            [["server-1", "database"], {"any": ["server-1", ["array", "core"]]},
             {"at_least": 2, "of": ["server-1", "server-2", {"any": ["array"]}]}]
        )
    )  # fmt: skip
    role: dict[str, Any] = {"needs": needs}
    if draw(st.booleans()):
        role["full"] = draw(
            st.sampled_from(
                [["array"], {"any": ["server-2", {"reach": "array", "from": "server-1"}]}]
            )
        )
    if "reading" in parts:
        role["used_from"] = ["reading"]
        if draw(st.booleans()):
            parts["clinic"] = {
                "type": "clients",
                **draw(st.sampled_from([{}, {"share": "0 %"}])),
            }
            parts["reading"]["share"] = draw(st.sampled_from(["30 %", "5.5 %"]))
            role |= {
                "used_from": ["reading", "clinic"],
                "down_when": draw(st.sampled_from(["any", "all"])),
            }
    design: dict[str, Any] = {"pacsim": 1, "parts": parts, "roles": {"store": role}}
    if draw(st.booleans()):
        design["name"] = draw(st.text(min_size=1, max_size=9))
    if draw(st.booleans()):
        design["groups"] = {
            "pair": {
                "type": "active_passive",
                "members": ["server-1", "server-2"],
                "check": {"sees": "tcp", "every": "1 s", "fall": 3},
                "switchover": draw(values(Slot("switchover", "delay", ""), counted=False)),
                "failback": draw(
                    st.sampled_from(["never", "at_once", {"next_open": {"hours": "24x7"}}])
                ),
            }
        }
        parts["database"]["runs_on"] = "pair"
    if draw(st.booleans()):
        design.setdefault("groups", {})["address"] = {
            "type": "vrrp",
            "members": ["lb-1", "lb-2"],
            "takeover": draw(values(Slot("takeover", "delay", ""), counted=False)),
            "failover_fails": draw(values(Slot("failover_fails", "share", ""), counted=False)),
            "preempt": draw(st.booleans()),
        }
    if draw(st.booleans()):
        design["practices"] = {
            "monitoring": {"finds": ["dead_battery"]},
            "support": {"from": "support_4h", "name": draw(st.text(min_size=1, max_size=5))},
            "maintenance": {"w": {"of": ["server-1"], "on": "last monday 03:00", "lasts": "1 h"}},
            "times": {"alert": draw(values(Slot("alert", "work", ""), counted=False))},
        }
    return design
