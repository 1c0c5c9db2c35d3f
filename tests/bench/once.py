"""`python -m tests.bench.once MODULE NAME`: one benchmark, measured once in this process, with nothing else loaded."""

from __future__ import annotations

import json
import sys
from importlib import import_module

from tests.bench.measure import here

if __name__ == "__main__":
    found = {made.name: made for made in import_module(sys.argv[1]).BENCHMARKS}
    print(json.dumps(here(found[sys.argv[2]])))  # noqa: T201
