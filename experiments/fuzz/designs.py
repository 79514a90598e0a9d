"""Mutate the shipped designs, and say what is not answered with a design or with a clear refusal.

    python experiments/fuzz/designs.py                       # a thousand, about a minute
    python experiments/fuzz/designs.py --first 5000 --count 200

Every mutated design is loaded, dumped and built.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from mutating import go_through

from tests.conformance.mutations import judged, mutated

if __name__ == "__main__":
    sys.exit(go_through(__doc__.splitlines()[0], "a design", 1000, mutated, judged))
