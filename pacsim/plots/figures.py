"""New figures, which a notebook shows and keeps nowhere else, and files of them."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from matplotlib import axes
    from matplotlib.figure import Figure as Canvas

    # Others name it from here: matplotlib is imported in this folder only.
    Axes: TypeAlias = axes.Axes

FORMS = ("png", "svg", "pdf")
"""Kinds of files."""


def new_figure(width: float, height: float, layout: Literal["constrained"] | None = None) -> Canvas:
    """Return a new figure.

    Parameters
    ----------
    width, height : float
        Inches.
    layout : str, optional
        Of matplotlib; what is drawn places itself unless given.
    """
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        from matplotlib import pyplot

        return pyplot.figure(figsize=(width, height), layout=layout)
    from matplotlib import figure

    return figure.Figure(figsize=(width, height), layout=layout)


def drawn(ax: Axes, form: str) -> bytes:
    """Return the whole picture that some axes belong to as a file's content.

    Parameters
    ----------
    ax : Axes
        One of its axes.
    form : str
        One of `FORMS`.
    """
    canvas = ax.get_figure(root=True)
    assert canvas is not None
    content = io.BytesIO()
    # The same picture is the same file.
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
    canvas.savefig(content, format=form, metadata=metadata, dpi=150)
    return content.getvalue()
