"""When a study is done, what it draws and what is best in it: the smaller keys of study files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.design.diagnostics import words
from pacsim.design.numbers import pure, quantity
from pacsim.files.problems import near
from pacsim.formatting import thousands
from pacsim.results.measures import MEASURES
from pacsim.studies.measure_kinds import more_is_better
from pacsim.studies.study_values import (
    LATIN_HYPERCUBE,
    MOST_POINTS,
    MOST_TERMS,
    RANDOM,
    RELATIVE,
    SOBOL,
    BestOf,
    MeasureName,
    Sampling,
    Stopping,
)

if TYPE_CHECKING:
    from pacsim.design.cursor import Cursor

METHODS = (LATIN_HYPERCUBE, SOBOL, RANDOM)
MOST_SAMPLE_SEED = (1 << 63) - 1
LEAST_CERTAINTY = 0.5
LEAST, MOST = 1, 1 << 40
"""Contract terms of a point."""


def read_sample(top: Cursor) -> Sampling | None:
    """Return how points are drawn, if they are; what is wrong with it is noted."""
    if "sample" not in top.keys:
        return None
    sample = top["sample"]
    if not isinstance(sample.value, dict):
        sample.problem("is no map", "write {method: latin_hypercube, points: 100, seed: 1}")
        return None
    good = known_keys(sample, ("method", "points", "seed"))
    if "except" in top.keys:
        rule = "except is for the cross of all values, and these points are drawn"
        top["except"].problem(rule, "leave out except, or sample")
    if "vary" not in top.keys:
        sample.problem("nothing is varied, so nothing can be drawn", "write vary: {...}")
        good = False
    method = sample["method"].value if "method" in sample.keys else LATIN_HYPERCUBE
    if method not in METHODS:
        named = words(sample["method"].plain())
        sample["method"].problem(f'no method "{named}"', near(named, METHODS))
        good = False
    if "points" not in sample.keys:
        sample.problem("no points", "write points: 100")
    count = whole_number(sample, "points", 1, MOST_POINTS)
    seed = whole_number(sample, "seed", 0, MOST_SAMPLE_SEED)
    if count is None or not good or ("seed" in sample.keys and seed is None):
        return None
    if method == SOBOL and count & (count - 1):
        rule = f"{count} points: a Sobol sequence is balanced at powers of 2"
        sample["points"].problem(rule, f"write {1 << count.bit_length()}")
        return None
    return Sampling(str(method), count, 1 if seed is None else seed)


def read_stopping(top: Cursor) -> Stopping:
    """Return when a point is done; what is wrong with it is noted."""
    of, relative = None, None
    if "precision" in top.keys:
        asked = top["precision"]
        if isinstance(asked.value, dict):
            known_keys(asked, ("of", "relative"))
            of = measure_name(asked["of"]) if "of" in asked.keys else None
            relative = share_of(asked["relative"]) if "relative" in asked.keys else RELATIVE
        else:
            relative = share_of(asked)
        if "replications" in top.keys:
            rule = "precision and replications are both there"
            top["replications"].problem(rule, "keep one; at_most bounds a precision")
    exactly = whole_number(top, "replications", LEAST, MOST)
    most, seconds = None, None
    if "at_most" in top.keys:
        bound = top["at_most"]
        if isinstance(bound.value, dict):
            known_keys(bound, ("replications", "seconds_each"))
            most = whole_number(bound, "replications", LEAST, MOST)
            if "seconds_each" in bound.keys:
                seconds = bound["seconds_each"].read(_seconds)
        else:
            bound.problem("is no map", "write {replications: 100 000, seconds_each: 60 s}")
    if exactly is None and relative is None:
        relative = RELATIVE
    return Stopping(of, relative, exactly, most or exactly or MOST_TERMS, seconds)


def read_best_of(top: Cursor) -> BestOf | None:
    """Return what a best is asked by; what is wrong with it is noted."""
    if "best_of" not in top.keys:
        return None
    asked = top["best_of"]
    example = "write {by: store.down_unplanned, best: lowest, certainty: 95 %, indifferent: 0.1}"
    if not isinstance(asked.value, dict):
        asked.problem("is no map", example)
        return None
    known_keys(asked, ("by", "best", "certainty", "indifferent"))
    for key in ("by", "indifferent"):
        if key not in asked.keys:
            asked.problem(f"no {key}", example)
    by = measure_name(asked["by"]) if "by" in asked.keys else None
    if "best" in asked.keys and asked["best"].value not in ("lowest", "highest"):
        named = words(asked["best"].plain())
        asked["best"].problem(f'no best "{named}"', "write lowest or highest")
    certainty = share_of(asked["certainty"]) if "certainty" in asked.keys else 0.95
    if certainty is not None and certainty < LEAST_CERTAINTY:
        rule = "a choice that is as good as a coin is none"
        asked["certainty"].problem(rule, "write 50 % or more, such as 95 %")
        certainty = None
    if by is None or certainty is None or "indifferent" not in asked.keys:
        return None
    bound = top["at_most"] if "at_most" in top.keys else None
    if bound is not None and isinstance(bound.value, dict) and "seconds_each" in bound.keys:
        rule = "points that end by the clock cannot be chosen among"
        bound["seconds_each"].problem(rule, "leave it out with best_of")
    unit = MEASURES[by.measure].unit if by.measure in MEASURES else ""
    indifferent = asked["indifferent"].read(lambda plain: _difference(plain, unit))
    if indifferent is None:
        return None
    lowest = not more_is_better(by)
    if "best" in asked.keys:
        lowest = asked["best"].value == "lowest"
    return BestOf(by, lowest, certainty, indifferent)


def known_keys(written: Cursor, keys: tuple[str, ...]) -> bool:
    """Return whether a map has only these keys; others are noted."""
    wrong = [key for key in written.keys if key not in keys]
    for key in wrong:
        written[key].problem(f'unknown key "{key}"', near(key, keys))
    return not wrong


def whole_number(written: Cursor, key: str, least: int, most: int) -> int | None:
    """Return a whole number under a key; None if there is none, or with it noted."""
    if key not in written.keys:
        return None

    def reads(plain: Any) -> int:  # noqa: ANN401
        # Large ones are no floats.
        value = plain if isinstance(plain, int) and not isinstance(plain, bool) else pure(plain)
        if value != int(value) or not least <= value <= most:
            ends = f"{least} to {thousands(most)}"
            if most >= MOST:
                # Seeds end where their bits do.
                bits = (most + 1).bit_length() - 1
                ends = f"{least} to 2**{bits} - 1" if most + 1 == 1 << bits else f"{least} or more"
            msg = f"{words(plain)[:60]} must be a whole number, {ends}"
            raise ValueError(msg)
        return int(value)

    return written[key].read(reads)


def measure_name(written: Cursor, *, aside: bool = False) -> MeasureName | None:
    """Return the name of a measure; None with it noted if it is none, unless that was done."""
    if isinstance(written.value, str):
        if not aside:
            return written.read(MeasureName.read)
        try:
            return MeasureName.read(written.value)
        except ValueError:
            return None
    if not aside:
        written.problem("is no measure", "write store.down_unplanned")
    return None


def share_of(written: Cursor) -> float | None:
    """Return a share between 0 and 1, both out."""

    def reads(plain: Any) -> float:  # noqa: ANN401
        share = quantity(plain, "fraction")
        if not 0.0 < share < 1.0:
            msg = f"{words(plain)} must lie between 0 and 1, such as 5 %"
            raise ValueError(msg)
        return share

    return written.read(reads)


def _seconds(plain: Any) -> float:  # noqa: ANN401
    seconds = quantity(plain, "time")
    if not seconds > 0:
        msg = f"{words(plain)} must be greater than 0"
        raise ValueError(msg)
    return seconds


def _difference(plain: Any, unit: str) -> float:  # noqa: ANN401
    """Return a difference in the unit of a measure, which may be written behind it."""
    text = str(plain).strip()
    # Tables say h/yr, and people /year.
    ends = {unit, unit.replace("year", "yr")} - {"", "1"}
    ends |= {end.removeprefix("1") for end in ends}
    for end in sorted(ends, key=len, reverse=True):
        if text.endswith(end):
            text = text.removesuffix(end).strip()
            break
    try:
        value = quantity(text, "fraction") if unit == "1" else pure(text)
    except ValueError:
        example = {"1": "1 %", "": "0.1"}.get(unit, f"0.1 {unit}")
        said = f" in {unit}" if unit not in {"", "1"} else ""
        msg = f"{words(plain)} is no difference{said} of this measure; write for example {example}"
        raise ValueError(msg) from None
    if not value > 0:
        msg = f"{words(plain)} must be greater than 0"
        raise ValueError(msg)
    return value
