"""`python -m benchmarks [start|lists|events|routes]…`: all of them when none is named."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import events, lists, routes, start
from benchmarks.report import show

BENCHMARKS = {
    "start": ("A start, against `jupyter lab` by hand", start.measure),
    "lists": ("Lists of 10,000 sessions, against 100", lists.measure),
    "routes": ("From a route that the hub adds to a request that follows it", routes.measure),
    "events": ("From a fact of a launch to who watches it", events.measure),
}


def main() -> int:
    """Runs what was asked for; 1 when a bound is broken."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there is {', '.join(BENCHMARKS)}")
    kept = True
    for name in names:
        title, measure = BENCHMARKS[name]
        with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as folder:
            busy = os.getloadavg()[0]
            figures = measure(Path(folder))
        kept &= show(f"{title} ({os.cpu_count()} CPUs, load {busy:.1f} before)", figures)
    return 0 if kept else 1


sys.exit(main())
