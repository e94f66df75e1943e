"""Starts JupyterHub (`python -m sojourn.laptop.hub_start`, arguments as of `jupyterhub`), sooner.

`jsonschema` imports `rfc3987_syntax` if it is there, which then builds parsers of all kinds of IRIs: a third
of the CPU that the hub's start costs, for a format that none of the hub's schemas has. Without it
`jsonschema` checks everything else as before (jsonschema/_format.py).
"""

from __future__ import annotations

import gc
import sys

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # how Python is told that there is no such module
gc.disable()  # imports make no garbage

from jupyterhub.app import main  # noqa: E402

if __name__ == "__main__":
    gc.enable()
    gc.freeze()
    main()  # type: ignore[no-untyped-call]  # the hub has no types
