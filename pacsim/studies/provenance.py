"""Whether a store is of the study that is run, made by what runs now."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pacsim.studies.point_measures import told_measures
from pacsim.studies.points import key_of
from pacsim.studies.stages import versions
from pacsim.studies.store import FORMAT, StoreError
from pacsim.studies.study_values import MeasureName, Stopping

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.studies.study import Study


def told_of(study: Study, before: dict[str, Any]) -> dict[str, Any]:
    """Return what a store says of itself and of a study.

    Parameters
    ----------
    study : Study
        That is run.
    before : mapping
        What it said before; designs that are not in the study any more stay known.
    """
    return {
        "format": FORMAT,
        "versions": versions(),
        "study": study.name,
        "question": study.question,
        "file": study.file,
        "seed": study.seed,
        "designs": before.get("designs", {}) | {x.name: key_of(x) for x in study.designs},
        "names": [x.name for x in study.designs],
        "dimensions": {x.name: list(x.labels) for x in study.dimensions},
        "measures": [str(x) for x in study.measures],
        "offered": told_measures(study),
        "best_of": None
        if study.best_of is None
        else asdict(study.best_of) | {"by": str(study.best_of.by)},
        "stopping": asdict(study.stopping) | {"of": str(study.stopping.of or "")},
    }


def stopping_of(told: dict[str, Any]) -> Stopping:
    """Return the rule by which points end of what a store says of itself.

    Parameters
    ----------
    told : mapping
        As of `told_of`.
    """
    said = told["stopping"]
    return Stopping(**said | {"of": MeasureName.read(said["of"]) if said["of"] else None})


def check_same(told: dict[str, Any], study: Study, folder: Path) -> None:
    """Refuse a store of another study, or made by something else; other values are no difference.

    Parameters
    ----------
    told : mapping
        What the store says; nothing if it is new.
    study : Study
        That is to be run.
    folder : Path
        Of the store.

    Raises
    ------
    StoreError
        With all that differs, and what to do.
    """
    if not told:
        return
    wrong = []
    if told["format"] != FORMAT:
        wrong.append(f"it has form {told['format']}, this version writes form {FORMAT}")
    if told["versions"] != versions():
        wrong.append(f"it was made by {told['versions']}; this is {versions()}")
    if told["study"] != study.name:
        wrong.append(f'it is of the study "{told["study"]}", this one is "{study.name}"')
    if told["seed"] != study.seed:
        wrong.append(f"its seed is {told['seed']}, this study's {study.seed}")
    for design in study.designs:
        before, now = told["designs"].get(design.name), key_of(design)
        if before not in {None, now}:
            wrong.append(f"design {design.name} was {before[:8]} and is {now[:8]}: it has changed")
    if wrong:
        said = "\n  ".join(wrong)
        msg = (
            f"{folder}: this store cannot be gone on with:\n  {said}\n"
            "run with --fresh to throw it away and begin anew, or name another folder with --out"
        )
        raise StoreError(msg)
