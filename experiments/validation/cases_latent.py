"""Latent defects and scrubbing: double-disk failures that are counted and reset nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judging import Case, Run, Study, mean_of

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential, Shifted, Weibull
from pacsim.engines.exact import solve

if TYPE_CHECKING:
    from judging import Estimate

TERMS = {"1y": 8760.0, "10y": 87600.0}


def group(*, scrubbed: bool) -> ModelBuilder:
    """Return eight disks, each good, with a defect, or being replaced."""
    m = ModelBuilder()
    disks = [m.element(f"disk-{k}", "good defect replaced", fault="replaced") for k in range(8)]
    for k, disk in enumerate(disks):
        others = m.any(other != "good" for other in disks if other is not disk)
        life = Weibull(461386, 1.12)
        # Between good and defect the life goes on: neither leaves the transition's source states.
        fails = disk.after("good defect -> replaced", life, "fail", cls="fault", memory="restart")
        disk.after("good -> defect", Exponential(9259), "defect", cls="fault")
        if scrubbed:
            disk.after("defect -> good", Shifted(Weibull(168, 3), 6), "scrub", cls="repair")
        new = Shifted(Weibull(12, 2), 6)
        disk.after("replaced -> good", new, "replace", cls="repair", renew=True)
        m.firings(f"double-{k}", fails, when=others)
    return m


def per_1000(run: Run) -> Estimate:
    """Return the double failures per thousand groups."""
    return mean_of(1000 * sum(run.each(f"double-{k}") for k in range(8)))


COUNTS = {"1y": 2_000_000, "10y": 500_000}


def weibull(study: Study) -> None:
    for figure, scrubbed in (("scrub_168", True), ("no_scrub", False)):
        for term, hours in TERMS.items():
            run = study.run(group(scrubbed=scrubbed), hours, COUNTS[term])
            study.compare(f"{figure}_{term}", per_1000(run))


def published(*, scrubbed: bool) -> Case:
    """Return the comparison with another simulation, whose error is in its tolerance."""

    def case(study: Study) -> None:
        figure = "scrub_168" if scrubbed else "no_scrub"
        for term, hours in TERMS.items():
            run = study.run(group(scrubbed=scrubbed), hours, COUNTS[term])
            study.compare(f"{figure}_{term}", per_1000(run))

    return case


def counted(scrub: float | None) -> tuple[ModelBuilder, list[str]]:
    """Return the exponential group as three numbers: good disks, with a defect, being replaced."""
    m = ModelBuilder()
    good, defect = m.counter("good", 8, 8), m.counter("defect", 8)
    replaced = m.counter("replaced", 8)
    each = tuple(float(k) for k in range(9))
    watched = []
    flows = [
        ("fail-good", 461386.0, good, replaced),
        ("fail-defect", 461386.0, defect, replaced),
        ("defect", 9259.0, good, defect),
        ("replace", 18.0, replaced, good),
    ]
    if scrub is not None:
        flows.append(("scrub", scrub, defect, good))
    for name, mean, source, target in flows:
        clock = m.element(f"clock-{name}", "runs")
        fires = clock.after(
            "runs -> runs",
            Exponential(mean),
            name,
            cls="fault",
            speed=(source.number(), each),
            effects=[source.step(-1), target.step(1)],
        )
        if name.startswith("fail"):
            # A disk that fails with a defect of its own is no other.
            others = defect.number() + replaced.number() > (name == "fail-defect")
            m.firings(name, fires, when=others)
            watched.append(name)
    return m, watched


def exponential(study: Study) -> None:
    for figure, scrub, hours, count in (
        ("per1000_1y", 156.0, 8760.0, 2_000_000),
        ("per1000_10y", 156.0, 87600.0, 400_000),
        ("per1000_10y_no_scrub", None, 87600.0, 1_000_000),
    ):
        m, watched = counted(scrub)
        run = study.run(m, hours, count)
        exact = solve(run.model, horizon=hours).mission
        study.compare(
            figure,
            mean_of(1000 * sum(run.each(name) for name in watched)),
            exact=1000 * sum(float(exact[name][0]) for name in watched),
        )


CASES: dict[str, Case] = {
    "elerath-pecht-exact": weibull,
    "elerath-pecht-no-scrub": published(scrubbed=False),
    "elerath-pecht-scrub-168": published(scrubbed=True),
    "raid5-latent-exponential": exponential,
}
