"""One self-contained HTML page: table, picture, reasons, assumptions with their sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim import formatting
from pacsim.errors import ArgumentTypeError
from pacsim.files.writing import write_whole
from pacsim.plots import downtime, episode
from pacsim.plots.figures import drawn
from pacsim.results import Result
from pacsim.results.measures import label
from pacsim.results.table import SURE, as_html, how_sure, table
from pacsim.results.traffic_lines import traffic_table

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from pacsim.results import Row
    from pacsim.results.kept_window import KeptWindow

REASONS = 8
"""Most causes listed per design."""


def report(result: Result, path: str | os.PathLike[str]) -> None:
    """Write one self-contained HTML page; names and sources are escaped.

    Parameters
    ----------
    result : Result
        Of a run, or read from a file.
    path : path
        The page; whole or not there.

    Raises
    ------
    PacsimError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pacsim import run
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(run(one, replications=64, progress=False), f"{folder}/page.html")
    ...     print(Path(folder, "page.html").read_text()[:15])
    <!doctype html>
    """
    if not isinstance(result, Result):
        msg = f"{result!r} is no result; give what pacsim.run, compare or Result.load returns"
        raise ArgumentTypeError(msg)
    write_whole(Path(path), page(result))


def page(result: Result) -> str:
    """Return the page as text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pacsim.pages", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    role = str(result.provenance.get("role", "store"))
    roles = list(dict.fromkeys(r.role for r in result.rows if r.measure == "outages"))
    return environment.get_template("page.html").render(
        title=" and ".join(result.designs),
        first=_safe(as_html(table(result, role))),
        traffic=_traffic(result),
        others=[(name, _safe(as_html(table(result, name)))) for name in roles if name != role],
        picture=_safe(picture(result, role)),
        role=role,
        reasons=[(design, _reasons(result, design, role)) for design in result.designs],
        differences=[_difference(one) for one in result.rows if one.against],
        together=_together([one for one in result.rows if one.against]),
        failovers=_failovers(result),
        windows=[(name, _safe(window_picture(one))) for name, one in result.windows.items()],
        inputs=_inputs(result),
        provenance=_provenance(result),
    )


def _traffic(result: Result) -> Any:  # noqa: ANN401
    """Return the table of the traffic, empty without one."""
    made = traffic_table(result)
    return "" if made is None else _safe(as_html(made))


def _safe(html: str) -> Any:  # noqa: ANN401
    from markupsafe import Markup

    # Only for what this package has escaped itself.
    return Markup(html)


def picture(result: Result, role: str) -> str:
    """Return the figure as SVG to stand in a page."""
    return _inline(drawn(downtime(result, role), "svg").decode())


def window_picture(window: KeptWindow) -> str:
    """Return the picture of a window of the traffic as SVG to stand in a page."""
    return _inline(drawn(episode(window)[0], "svg").decode())


def _inline(drawing: str) -> str:
    """Return an SVG file without its head."""
    return drawing[drawing.index("<svg") :]


def _reasons(result: Result, design: str, role: str) -> list[tuple[str, str, str, str]]:
    roots = result.find("down_by_root", design=design, role=role)
    shares = {r.of: r for r in result.find("contributor_share", design=design, role=role)}
    total = sum(r.estimate or 0.0 for r in roots) or 1.0
    ranked = sorted(roots, key=lambda r: -(r.estimate or 0.0))[:REASONS]
    return [
        (
            formatting.cause(r.of),
            formatting.hours_a_year(r.estimate),
            formatting.percent((r.estimate or 0.0) / total),
            formatting.percent(shares[r.of].estimate) if r.of in shares else "-",
        )
        for r in ranked
    ]


def _together(differences: list[Row]) -> str:
    """Return in words how sure the intervals of all differences are."""
    said = {how_sure(one) for one in differences}
    return f"{said.pop() if len(said) == 1 else SURE}, each measure by itself"


def _difference(one: Row) -> tuple[str, ...]:
    def shown(x: float | None) -> str:
        return "-" if x is None else formatting.plain(x)

    return (
        f"{one.design} less {one.against}",
        one.role,
        ", ".join([label(one.measure), *(f"{name} {at}" for name, at in one.point)]),
        shown(one.estimate),
        "-" if one.lower is None else f"{shown(one.lower)} to {shown(one.upper)}",
        one.unit,
        one.note,
    )


def _failovers(result: Result) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in result.find("failovers", by="fault_kind"):
        same = {"design": one.design, "role": one.role, "by": "fault_kind", "of": one.of}
        middle = result.find("failover_latency_p50", **same)
        tail = result.find("failover_latency_p95", **same)
        share = result.find("failover_automatic", **same)
        lost = result.find("failing_at_start", **same)
        rows.append(
            (
                one.design,
                one.role,
                one.of,
                "-" if one.estimate is None else f"{formatting.plain(one.estimate)} /yr",
                formatting.duration(middle[0].estimate if middle else None),
                formatting.duration(tail[0].estimate if tail else None),
                formatting.percent(share[0].estimate if share else None),
                formatting.percent(lost[0].estimate if lost else 1.0),
            )
        )
    return rows


def _inputs(result: Result) -> list[dict[str, str]]:
    """Return every input once, with the designs it is in; assumed ones first."""
    by_key: dict[tuple[str, ...], dict[str, str]] = {}
    for one in result.inputs:
        key = (one["path"], one["value"], one["id"], one["status"])
        if key in by_key:
            by_key[key]["designs"] += f", {one['design']}"
        else:
            by_key[key] = {**one, "designs": one["design"]}
    return sorted(by_key.values(), key=lambda i: (i["status"] != "assumed", i["path"]))


def _provenance(result: Result) -> list[tuple[str, str]]:
    return [row for key, value in result.provenance.items() for row in _told(key, value)]


def _told(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield lines for a value; lists of records are counted and not spelt out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _told(f"{key}, {name}", inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield key, f"{len(value)}, each in the saved result"
    else:
        yield key, str(value)
