"""Measures of designs small enough for closed forms: every figure against its formula."""

import math
from pathlib import Path

import pytest

from pacsim.api import compare
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.design import Design, load
from pacsim.design.build import build
from pacsim.engines import kernel
from pacsim.results import Result
from pacsim.stats import t_quantile
from pacsim.units import HOUR, YEAR
from tests.close import close
from tests.statistical import agrees

YEARS, LIFE, DOWN = 7.0, 400.0, 5.0
"""Contract years; hours between failures and of a repair, both exponential."""
ONE = """
pacsim: 1
catalogue: "2026.1"
name: {name}
parts:
  ris: {{type: component, ttf: 400 h, ttr: {{mean: {down} h, family: exponential}}}}
roles:
  use: {{needs: [ris]}}
"""
Z = 1.959964


def written(folder: Path, text: str, name: str = "one") -> Design:
    """Return the design of a text."""
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return load(file)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return 2 000 terms of one repairable part."""
    design = written(tmp_path_factory.mktemp("one"), ONE.format(name="one", down=DOWN))
    return compare([design], replications=2000, role="use", progress=False)


def error(result: Result, measure: str) -> float:
    """Return the standard error behind an interval."""
    row = result.get(measure)
    assert row.upper is not None
    assert row.estimate is not None
    return (row.upper - row.estimate) / Z


def test_down_and_outages(one: Result) -> None:
    """U over the term is r/(m+r) (1 - (1 - e^-sT)/(sT)); sees 0.5 %: MTTR in place of MTTF does."""
    s = 1 / LIFE + 1 / DOWN
    hours = YEARS * YEAR / HOUR
    mean = DOWN / (LIFE + DOWN) * (1 - (1 - math.exp(-s * hours)) / (s * hours))
    down = one.get("down")
    assert down.estimate is not None
    agrees(down.estimate, error(one, "down"), 8760 * mean)
    assert one.get("unavailability").estimate == close(down.estimate / 8760, 1e-12)
    # Failures happen at 1/m while up; those shorter than a minute are counted apart.
    failures = 8760 * (1 - mean) / LIFE
    short = 1 - math.exp(-1 / 60 / DOWN)
    found = one.get("outages").estimate
    assert found is not None
    agrees(found, error(one, "outages"), failures * (1 - short))
    few = one.get("outages_short").estimate
    assert few is not None
    agrees(few, error(one, "outages_short"), failures * short)


def test_durations(one: Result) -> None:
    """Longer than a minute, an exponential is a minute plus the same exponential."""
    for measure, quantile in (("p50", math.log(2)), ("p95", math.log(20))):
        row = one.get(f"outage_duration_{measure}")
        assert row.lower is not None
        assert row.upper is not None
        expected = 1 / 60 + DOWN * quantile
        # 95 % interval widened to the suite's rate, plus the width of a bin.
        half = (row.upper - row.lower) * 1.2
        assert abs(row.estimate - expected) < half + 0.006 * expected  # type: ignore[operator]
    mean = one.get("outage_duration_mean").estimate
    assert mean is not None
    agrees(mean, error(one, "outage_duration_mean"), DOWN + 1 / 60)


def test_parts_of_the_whole(one: Result) -> None:
    """One root has it all, nothing is planned, and the part is present all the time."""
    down = one.get("down").estimate
    assert down is not None
    assert one.get("down_unplanned").estimate == close(down, 1e-12)
    assert one.get("down_planned").estimate == 0.0
    roots = one.find("down_by_root")
    assert [r.of for r in roots] == ["ris/unit"]
    assert roots[0].estimate == close(down, 1e-9)
    assert one.find("contributor_share")[0].estimate == close(1.0, 1e-12)


def test_pairs_see_the_same_faults(tmp_path: Path) -> None:
    """Half the repair time saves half; the paired interval is far shorter than the unpaired one."""
    slow = written(tmp_path, ONE.format(name="slow", down=DOWN), "slow")
    fast = written(tmp_path, ONE.format(name="fast", down=DOWN / 2), "fast")
    result = compare([slow, fast], replications=512, role="use", progress=False)
    row = next(r for r in result.difference("use") if r.measure == "down")
    assert row.design == "fast"
    assert row.against == "slow"
    assert row.upper is not None
    assert row.lower is not None
    assert row.upper < 0
    alone = [result.get("down", design=d) for d in ("slow", "fast")]
    widths = [r.upper - r.lower for r in alone]  # type: ignore[operator]
    assert row.upper - row.lower < 0.75 * math.hypot(*widths)


def test_figures_do_not_depend_on_threads(tmp_path: Path) -> None:
    """Same seed, same terms: the same rows to the bit."""
    design = written(tmp_path, ONE.format(name="one", down=DOWN))
    first = compare([design], replications=700, threads=1, progress=False)
    second = compare([design], replications=700, threads=2, progress=False)
    assert first.rows == second.rows


TWO = """
pacsim: 1
name: two
contract: {{term: 2 years}}
parts:
  a: {{type: component, ttf: {a}, ttr: {{exactly: 4 h}}}}
  b: {{type: component, ttf: {b}, ttr: {{exactly: 4 h}}}}
roles:
  store: {{needs: [a]}}
  read: {{needs: [{read}]}}
"""
SOON, LATER, NEVER = "{exactly: 1000 h}", "{exactly: 9001 h}", "{exactly: 90 years}"


def two(folder: Path, a: str, b: str, read: str = "b", name: str = "two") -> Design:
    """Return a design of two roles with a part each."""
    text = TWO.format(a=a, b=b, read=read).replace("name: two", f"name: {name}")
    return written(folder, text, name)


def test_overall_is_any_role_down(tmp_path: Path) -> None:
    """Apart in time both count; together, or for the same part, once. Half a year is no matter."""
    run = {"replications": 64, "progress": False}
    found = compare([two(tmp_path, SOON, LATER)], **run)  # type: ignore[arg-type]
    store, read = (found.get("down", role=name).estimate for name in ("store", "read"))
    assert store is not None
    assert read is not None
    # a falls every 1004 h and b at 9001 h, between the eighth and the ninth time.
    assert store == close(17 * 4 / 2, 1e-9)
    assert read == close(4 / 2, 1e-9)
    assert found.get("down", role="overall").estimate == close(store + read, 1e-9)
    share = found.get("unavailability", role="overall")
    assert share.estimate == close((store + read) / 8760, 1e-9)
    assert {r.measure for r in found.rows if r.role == "overall"} == {"unavailability", "down"}
    same = compare([two(tmp_path, SOON, LATER, "a")], **run)  # type: ignore[arg-type]
    assert same.get("down", role="overall").estimate == close(store, 1e-9)
    none = compare([two(tmp_path, NEVER, NEVER)], **run).get("down", role="overall")  # type: ignore[arg-type]
    assert (none.estimate, none.upper, none.note) == (0.0, None, "none seen in 64 terms")


def test_one_role_has_no_overall(one: Result) -> None:
    assert "overall" not in {r.role for r in one.rows}


def test_a_role_called_overall_stays_itself(tmp_path: Path) -> None:
    text = TWO.format(a=SOON, b=LATER, read="b").replace("read:", "overall:")
    found = compare([written(tmp_path, text)], replications=64, progress=False)
    assert len([r for r in found.rows if (r.role, r.measure) == ("overall", "down")]) == 1
    assert found.get("outages", role="overall").estimate == close(0.5, 1e-9)


def test_degraded_is_exactly_none(one: Result) -> None:
    row = one.get("degraded")
    assert (row.estimate, row.lower, row.upper, row.unit) == (0.0, 0.0, 0.0, "h/year")
    assert row.method == "by construction"
    assert row.note == "exactly 0: nothing that the role needs serves in part"


def test_all_years_and_none_are_bounded(tmp_path: Path) -> None:
    """Every year or none of n terms is 0.025^(1/n) away from certainty, never certain."""
    always = compare([two(tmp_path, NEVER, SOON)], replications=64, progress=False)
    bound = 0.025 ** (1 / 64)
    for measure in ("p_year_within_99_9", "p_year_within_99_99"):
        row = always.get(measure, role="store")
        assert (row.estimate, row.upper, row.n) == (1.0, 1.0, 64)
        assert row.lower == close(bound, 1e-9)
        assert "met in every year of 64 terms" in row.note
        row = always.get(measure, role="read")
        assert (row.estimate, row.lower) == (0.0, 0.0)
        assert row.upper == close(1 - bound, 1e-9)
        assert "met in no year of 64 terms" in row.note
    worst = always.get("down_year_worst_5pc", role="store")
    assert (worst.estimate, worst.note) == (0.0, "none seen in 64 terms")
    assert not always.get("down_year_worst_5pc", role="read").note
    # One term says nothing about the next.
    single = compare([two(tmp_path, SOON, LATER)], replications=1, progress=False)
    half = single.get("p_year_within_99_99", role="read")
    assert (half.estimate, half.lower, half.upper) == (0.5, None, None)


def test_all_differences_shown_hold_together(tmp_path: Path) -> None:
    """Two roles of five figures, two others to compare: each figure at 1 - 0.05 / 2."""
    lives = (LATER, "700 h", "500 h")
    designs = [two(tmp_path, life, NEVER, name=f"n{k}") for k, life in enumerate(lives)]
    found = compare(designs, replications=256, progress=False)
    shown = [r for r in found.rows if r.against]
    assert len(shown) == 20
    assert {r.method for r in shown} == {"paired, Student t, 95 % over 2 comparisons together"}
    one_role = [Result(found.rows, found.provenance, ("n0", name)) for name in ("n1", "n2")]
    for name, part in zip(("n1", "n2"), one_role, strict=True):
        row = next(r for r in part.difference() if (r.design, r.measure) == (name, "down"))
        first, second = (part.get("down", design=d) for d in ("n0", name))
        # The first never varies: the paired interval is that of the other, wider by Bonferroni.
        wider = t_quantile(1 - 0.05 / 2, 255) / t_quantile(0.95, 255)
        assert first.upper == first.lower
        assert row.upper - row.lower == close(wider * (second.upper - second.lower), 1e-6)  # type: ignore[operator]
    quiet = next(r for r in found.difference("read") if r.measure == "down")
    assert (quiet.estimate, quiet.lower, quiet.upper) == (0.0, None, None)
    assert quiet.note == "none seen in either in 256 terms"
    planned = next(r for r in found.difference("read") if r.measure == "down_planned")
    assert (planned.lower, planned.upper, planned.note) == (0.0, 0.0, "exactly 0 in both")


PAIR = """
pacsim: 1
catalogue: "2026.1"
name: pair
parts:
  room: {type: clients, network: [left, right]}
  left: {type: switch, ttf: 1000 h, ttr: {mean: 10 h, family: exponential}}
  right: {like: left}
  one:
    type: server
    ttf: 2000 h
    ttr: {mean: 20 h, family: exponential}
    reboot: 5 min
    boot_after_power: 5 min
    network: [left, right]
  two: {like: one}
groups:
  both:
    type: active_passive
    members: [one, two]
    check: {sees: host, every: 1 s, fall: 3}
roles:
  use: {needs: [both], used_from: [room]}
"""


def test_the_spreadsheets_number(tmp_path: Path) -> None:
    """Two switches and two servers, one of each enough: 1 - (1 - a^2)(1 - b^2) by hand.

    A group taken as a series, or a switch counted once a server, is off by a factor.
    """
    design = written(tmp_path, PAIR, "pair")
    a, b = 10 / 1010, 20 / 2020
    expected = 8760 * (a**2 + b**2 - a**2 * b**2)
    assert spreadsheet_down(design.resolved, "use") == close(expected, 1e-9)


def test_the_phases_of_a_failover_sum_to_its_mean() -> None:
    """Of the shipped pair: the mean length of the gaps themselves, counted by hand here."""
    design = load(Path(__file__).parents[2] / "models" / "designs" / "active-passive.yaml")
    found = compare([design], replications=64, progress=False)
    model = build(design.resolved).model
    gaps = kernel.simulate(model, count=64, horizon=YEARS * YEAR).episodes
    place = [o.name for o in model.observations].index("failover:pacs")
    gaps = gaps[gaps["observation"] == place]
    # Not planned (kind 0), another member not known to be bad (below 8), over before the end.
    wanted = (gaps["at_start"] > 0) & (gaps["at_start"] < 8) & ~gaps["censored"]
    length = (gaps["end"] - gaps["start"])[wanted]
    assert gaps["phases"][wanted].sum(axis=1) == pytest.approx(length, abs=1e-5)
    mean = found.get("failover_latency_mean")
    assert mean.estimate == close(float(length.mean()), 1e-9)
    phases = [
        found.get(f"{name}_time").estimate for name in ("detection", "decision", "switchover")
    ]
    assert sum(p or 0.0 for p in phases) == close(float(length.mean()), 1e-9)
    assert mean.lower is not None
    assert mean.lower < float(length.mean())


def test_losses_that_cannot_happen_are_exactly_none(tmp_path: Path) -> None:
    """Without a backup nothing is lost but everything; without read errors no stripe is."""
    text = (
        "pacsim: 1\ncontract: {term: 1 year}\nparts:\n"
        "  a: {type: disk_array, from: array_dual_controller, layout: raid5, disks: 4, "
        "disk: {from: disk_group, uber: null}}\nroles:\n  use: {needs: [a]}\n"
    )
    found = compare([written(tmp_path, text)], replications=64, progress=False)
    notes = {r.of: r.note for r in found.find("losses", by="loss_class")}
    assert notes["window"] == "exactly 0: no backup of it in the design"
    assert notes["sector"] == "exactly 0: no read error costs a stripe"
    assert "exactly" not in notes["archive"]


def of_term(folder: Path, term: str, **parts: str) -> Result:
    """Return 64 terms of the two parts, without any chance in them."""
    text = TWO.format(a=parts.get("a", NEVER), b=parts.get("b", NEVER), read="b")
    design = written(folder, text.replace("2 years", term))
    return compare([design], replications=64, progress=False)


def test_a_part_of_a_year_is_no_year(tmp_path: Path) -> None:
    """Two years and six months: what goes wrong in the last six is in no year, but in the hours.

    a is down for 4 h each 1 004 h: 8 times in the first year and 9 in the second, all of them over
    99.99 %; b once, at 18 000 h, in the half-year. As a third year it would have met neither.
    """
    found = of_term(tmp_path, "30 months", a=SOON, b="{exactly: 18000 h}")
    part = "whole contract years only: the last 0.5 years of the term are in none"
    for measure in ("p_year_within_99_9", "p_year_within_99_99"):
        assert found.get(measure, role="read").estimate == 1.0
        assert found.get(measure, role="store").estimate == 0.0
        assert found.get(measure, role="read").note.endswith(f"; {part}")
    assert found.get("down", role="read").estimate == close(4 / 2.5, 1e-9)
    late = found.get("down_year_p95", role="read")
    assert (late.estimate, late.n, late.note) == (0.0, 128, part)
    # All that 5 % of 128 years hold is the worse one of the two years.
    worst = found.get("down_year_worst_5pc", role="store")
    assert worst.estimate == close(36.0, 0.006)
    assert worst.note == part
    assert found.get("down_year_p95", role="store").estimate == close(36.0, 0.006)


def test_a_term_under_a_year_has_no_year(tmp_path: Path) -> None:
    """Six months: 99.9 % of a year would leave 8.76 h for half of one."""
    found = of_term(tmp_path, "6 months", a=SOON)
    for measure in (
        "p_year_within_99_9", "p_year_within_99_99", "down_year_p95", "down_year_worst_5pc",
    ):  # fmt: skip
        row = found.get(measure, role="store")
        assert (row.estimate, row.lower, row.upper, row.n) == (None, None, None, 0)
        assert row.note.endswith("no figure: the term of 0.5 years holds no whole year")
    assert found.get("down", role="store").estimate == close(4 * 4 / 0.5, 1e-9)
    assert "no whole year" in str(found)


@pytest.mark.parametrize("life", ["2 years", "20 years"])
def test_the_share_of_years_is_as_sure_as_years_are_many(tmp_path: Path, life: str) -> None:
    """3 584 years that have nothing in common: the interval is that of as many, of the share seen.

    With many bad years and with few. Sees: terms in place of years, 2.6 times as wide.
    """
    text = ONE.format(name="calm", down=DOWN).replace("400 h", life)
    found = compare([written(tmp_path, text)], replications=512, role="use", progress=False)
    row = found.get("p_year_within_99_9")
    assert row.estimate is not None
    assert row.lower is not None
    assert row.upper is not None
    error = math.sqrt(row.estimate * (1 - row.estimate) / 3584)
    assert (row.upper - row.lower) / (2 * Z) == pytest.approx(error, rel=0.2)
    assert row.note == "unplanned and mixed count"
    assert not found.get("down_year_p95").note
    assert found.get("down_year_p95").n == 3584


def test_few_outages_are_told_with_long_intervals(tmp_path: Path) -> None:
    """One part that fails once in 600 years or so: about six outages in 7 x 512 years."""
    text = ONE.format(name="rare", down=DOWN).replace("400 h", "600 years")
    found = compare([written(tmp_path, text)], replications=512, role="use", progress=False)
    share = found.find("contributor_share")[0]
    seen = round(found.get("outages").estimate * 7 * 512)  # type: ignore[operator]
    assert 2 <= seen < 10
    assert share.estimate == 1.0
    assert share.lower is not None
    assert share.lower <= 0.025 ** (1 / seen) + 1e-9
    assert str(seen) in share.method
    for measure in ("down", "down_unplanned", "unavailability", "outages", "outages_unplanned"):
        row = found.get(measure)
        assert row.method == f"Student t of the logarithm, {seen} eventful terms"
        # Student's own would reach below 0, and be cut there.
        assert 0 < row.lower < row.estimate / 2 < 2 * row.estimate < row.upper  # type: ignore[operator]


def test_a_group_without_planned_work_is_exactly_none(tmp_path: Path) -> None:
    """A return at once follows from a fault; one that waits for an opening is planned work."""
    # Sees: a state of planned moves taken for planned work whatever leads to it.
    text = PAIR.replace("check: {", "failback: FAILBACK\n    check: {")
    kinds = {"pair": "never", "soon": "at_once", "back": "{next_open: {hours: 24x7}}"}
    designs = [
        written(
            tmp_path,
            text.replace("FAILBACK", kind).replace("name: pair", f"name: {name}"),
            name,
        )
        for name, kind in kinds.items()
    ]
    found = compare(designs, replications=64, role="use", progress=False)
    for measure in ("down_planned", "down_mixed"):
        for name in ("pair", "soon"):
            row = found.get(measure, design=name)
            assert (row.estimate, row.lower, row.upper) == (0.0, 0.0, 0.0)
            assert row.method == "by construction"
            assert row.note == "exactly 0: no planned work in the design"
    assert found.get("down_planned", design="back").estimate > 0  # type: ignore[operator]
