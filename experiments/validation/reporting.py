"""The table and the plot of a run."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pacsim.delays.scalar import normal_isf

if TYPE_CHECKING:
    from judging import Row, Told

OUT = Path(__file__).parent / "out"
HEAD = (
    "| case | figure | expected | exact: rel. error | simulated | z | fault seen from | |\n"
    "|---|---|---:|---:|---:|---:|---:|---|"
)


def versions() -> str:
    """Return the versions that matter for the figures."""
    names = ("pacsim", "numpy", "numba", "scipy")
    return ", ".join([f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in names)])


def table(rows: list[Row], at: float) -> str:
    """Return the rows in Markdown; ``at`` is the |z| that fails."""
    lines = [HEAD]
    for row in rows:
        exact = "" if row.exact_error is None else f"{row.exact_error:.0e}"
        found, z, seen = "", "", ""
        if row.simulated is not None:
            found = f"{row.simulated.mean:.6g} ± {row.simulated.error:.1g}"
            z, seen = f"{row.z:+.2f}", f"{100 * (row.visible or 0):.2g} %"
        verdict = "**FAILS**" if row.fails(at) else "ok"
        lines.append(
            f"| {row.case} | {row.figure} | {row.expected:.10g} | {exact} | {found} | {z} "
            f"| {seen} | {verdict} |"
        )
    return "\n".join(lines)


def table_of_told(told: list[Told]) -> str:
    """Return the figures without chance in Markdown."""

    def numbers(values: list[float]) -> str:
        return ", ".join(f"{value:g}" for value in values) or "none"

    lines = ["| case | figure | expected | found | |", "|---|---|---|---|---|"]
    for t in told:
        verdict = "**FAILS**" if t.fails else "ok"
        cells = (t.case, t.figure, numbers(t.expected), numbers(t.found), verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(z: list[float], at: float) -> Path:
    """Write the z values against normal quantiles; return the file."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    OUT.mkdir(exist_ok=True)
    path = OUT / "z.png"
    found = np.sort(np.asarray(z))
    quantiles = [normal_isf(1 - (k + 0.5) / len(found)) for k in range(len(found))]
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    axes.plot([-at, at], [-at, at], color="grey", linewidth=1)
    axes.plot(quantiles, found, "o", markersize=4)
    for level in (-at, at):
        axes.axhline(level, color="tab:red", linestyle="--", linewidth=1)
    axes.set_xlabel("quantile of the normal law")
    axes.set_ylabel("z of a simulated figure")
    axes.set_title("dashed: a figure beyond fails")
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path
