"""Every figure of the two shipped designs as it was recorded, to the last bit.

Where the machine's functions differ in a last digit from those of the record, figures agree to
1e-9. A change that means to move a number records anew and says so in the changelog:

    python -m tests.end_to_end.test_same_rows
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pacsim

pytestmark = pytest.mark.slow

RECORD = Path(__file__).with_name("same_rows.json")
DESIGNS = Path(__file__).parents[2] / "models" / "designs"
FIGURES, NEAR = ("estimate", "lower", "upper"), 1e-9
KEY = ("design", "against", "role", "measure", "by", "of", "unit", "n", "method", "note")


def probe() -> str:
    """Return a digest of what this machine makes of functions and sums."""
    x = np.random.default_rng(7).random(4096) + 0.5
    found = [getattr(math, name)(v) for name in ("exp", "log", "sqrt", "log1p", "expm1") for v in x]
    found += [v**0.37 for v in x.tolist()]
    found += [float(np.sum(x)), float(np.mean(x)), *(x[:64, None].T @ x[:64, None]).ravel()]
    found += [*np.exp(x), *np.log10(x), *np.power(x, 1.7)]
    return hashlib.sha256(np.array(found, dtype="<f8").tobytes()).hexdigest()


def rows(threads: int | None = None) -> list[dict[str, Any]]:
    files = [DESIGNS / f"{name}.yaml" for name in ("active-passive", "single-server")]
    found = pacsim.compare(files, replications=128, seed=9, threads=threads, progress=False)
    return [one.plain() for one in found.rows]


@pytest.mark.parametrize("threads", [1, 3])
def test_same_rows(threads: int) -> None:
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    same_machine = recorded["probe"] == probe()
    found = rows(threads)
    assert len(found) == len(recorded["rows"])
    for old, new in zip(recorded["rows"], found, strict=True):
        for key in KEY:
            assert new[key] == old[key], (old, new)
        for key in FIGURES:
            if same_machine or old[key] is None:
                assert new[key] == old[key], (old, new)
            else:
                assert new[key] == pytest.approx(old[key], rel=NEAR), (old, new)


if __name__ == "__main__":
    # Python writes a float with as many digits as give the same bits again.
    lines = ",\n".join(json.dumps(one, allow_nan=False) for one in rows())
    RECORD.write_text(f'{{"probe": "{probe()}", "rows": [\n{lines}\n]}}\n', encoding="utf-8")
