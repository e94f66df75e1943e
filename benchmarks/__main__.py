"""`python -m benchmarks [NAME]…`: all that need no cluster when none is named; `-h` lists them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import catalogue, contents, events, gate, lists, routes, start
from benchmarks.kubernetes import measure as kubernetes
from benchmarks.people import crowd, starts
from benchmarks.report import show

BENCHMARKS = {
    "start": ("A start, against `jupyter lab` by hand", start.measure),
    "lists": ("Lists of 10,000 sessions, against 100", lists.measure),
    "catalogue": ("Searches among 10,000 environments, against 100", catalogue.measure),
    "contents": ("Reading what is in a 1 GiB image, against reading all of it", contents.measure),
    "routes": ("From a route that the hub adds to a request that follows it", routes.measure),
    "events": ("From a fact of a launch to who watches it", events.measure),
    "people": ("500 people with 10,000 sessions, against 5 with 100", crowd.measure),
    "starts": ("Starts of many people at once, against the hub's own", starts.measure),
    "gate": ("A program behind the gate, against the program itself", gate.measure),
}
ON_A_CLUSTER = {
    "pods": ("A start on a cluster, against a bare pod and stock JupyterHub", kubernetes.starts),
    "requests": ("Requests to the Kubernetes API, against stock JupyterHub", kubernetes.requests),
}
"""These need $KUBECONFIG, and the images that $SOJOURN_TEST_IMAGES names."""


def main() -> int:
    """Runs what was asked for; 1 when a bound is broken."""
    every = BENCHMARKS | ON_A_CLUSTER
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(every))
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(every):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there is {', '.join(every)}")
    kept = True
    for name in names:
        title, measure = every[name]
        with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as folder:
            busy = os.getloadavg()[0]
            figures = measure(Path(folder))
        kept &= show(f"{title} ({os.cpu_count()} CPUs, load {busy:.1f} before)", figures)
    return 0 if kept else 1


sys.exit(main())
