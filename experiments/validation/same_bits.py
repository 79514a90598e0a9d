"""Write down every figure of the shipped designs to the last bit, and compare two such records.

    python experiments/validation/same_bits.py write RECORD.json      # in the checkout to be held
    python experiments/validation/same_bits.py compare RECORD.json    # in the one that holds it

The package of the current directory is run, so the programme of one checkout can be started in
another one. Records of two machines differ in last digits where their libraries of functions do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path.cwd()))

import numpy as np

import pacsim
from pacsim.design.build import build
from pacsim.engines import kernel

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.design import Design
    from pacsim.results import Result

SEED, TERMS, TRACED = 20261, 200, (0, 1, 77, 199)
YEAR = 365 * 86400.0
COLUMNS = (
    "design", "against", "role", "measure", "by", "of", "unit", "estimate", "lower", "upper", "n",
    "method", "note",
)  # fmt: skip


def written(result: Result) -> list[list[str]]:
    """Return every row of a result, numbers as Python writes them back to the same bits."""
    return [[_exactly(getattr(row, name)) for name in COLUMNS] for row in result.rows]


def _exactly(value: object) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value)


def digest(*tables: np.ndarray) -> str:
    """Return a digest of tables, field by field, so that padding does not matter."""
    found = hashlib.sha256()
    for table in tables:
        for name in table.dtype.names or ("",):
            column = table[name] if name else table
            found.update(f"{name} {column.dtype.str} {column.shape};".encode())
            found.update(np.ascontiguousarray(column).tobytes())
    return found.hexdigest()


def model_of(design: Design) -> Model:
    """Return the model of a design; older checkouts give it alone, newer ones with its handles."""
    found: Any = build(design.resolved)
    return found.model if hasattr(found, "handles") else found


def batches(model: Model, term: float) -> dict[str, str]:
    """Return digests of all columns, episodes (outages among them) and samples of a run."""
    found = list(kernel.run(model, seed=SEED, replications=TERMS, horizon=term, window=YEAR))
    episodes = np.concatenate([b.episodes for b in found])
    names = [o.name for o in model.observations]
    roles = [i for i, name in enumerate(names) if name.startswith("role:")]
    return {
        "observations": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        "values": digest(np.concatenate([b.values for b in found])),
        "events": digest(np.concatenate([b.events for b in found])),
        "episodes": digest(episodes),
        "outages": digest(episodes[np.isin(episodes["observation"], roles)]),
        "samples": digest(np.concatenate([b.samples for b in found])),
    }


def traces(model: Model, term: float) -> dict[str, str]:
    """Return digests of the traces of a few replications."""
    found = {}
    for k in TRACED:
        batch = kernel.simulate(model, seed=SEED, first=k, horizon=term, trace=True)
        assert batch.trace is not None
        found[str(k)] = digest(batch.trace)
    return found


def record() -> dict[str, Any]:
    """Return everything that has to stay the same."""
    folder = Path(pacsim.__file__).parents[1] / "models" / "designs"
    designs = [pacsim.load(file) for file in sorted(folder.glob("*.yaml"))]
    wishes: dict[str, Any] = {"replications": TERMS, "seed": SEED, "progress": False}
    found: dict[str, Any] = {"compare": written(pacsim.compare(designs, **wishes))}
    for design in designs:
        model, term = model_of(design), design.resolved.contract.number("term")
        found[design.name] = {
            "run": written(pacsim.run(design, **wishes)),
            "batches": batches(model, term),
            "traces": traces(model, term),
        }
    found["digest"] = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    return found


def differences(old: object, new: object, where: str = "") -> list[str]:
    """Return every place at which two records differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        return [
            text
            for key in keys
            for text in differences(old.get(key), new.get(key), f"{where}/{key}")
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [text for k, (a, b) in pairs for text in differences(a, b, f"{where}/{k}")]
    return [] if old == new else [f"{where}: {old!r} is now {new!r}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("write", "compare"))
    parser.add_argument("record", type=Path)
    asked = parser.parse_args()
    print(f"{Path(pacsim.__file__).parent}:", flush=True)
    found = record()
    if asked.what == "write":
        asked.record.write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(f"  {found['digest']} written")
        return 0
    lines = differences(json.loads(asked.record.read_text(encoding="utf-8")), found)
    for line in lines[:40]:
        print(f"  {line}")
    print(f"  {len(lines)} differences" if lines else f"  {found['digest']}, the same to the bit")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
