"""`python -m sojourn.cluster.farewell URL`: pauses all sessions before `helm uninstall` takes the rest away.

Their /work stays. An API that does not answer keeps nobody from uninstalling: its sessions are left running.
"""

from __future__ import annotations

import os
import sys
import time

import httpx

TOKEN_VARIABLE = "SOJOURN_SPAWNER_TOKEN"  # noqa: S105 - the name of a variable

_PAUSE = 0.5
_SECONDS = 90.0


def main() -> None:
    """Returns when no session runs, or when waiting no longer helps."""
    end = time.monotonic() + _SECONDS
    headers = {"Authorization": f"token {os.environ[TOKEN_VARIABLE]}"}
    with httpx.Client(base_url=sys.argv[1], headers=headers, trust_env=False, timeout=20) as http:
        while time.monotonic() < end:
            try:
                left = http.post("/internal/pause-all").raise_for_status().json()["runs"]
            except httpx.HTTPError as error:
                return say(f"Sessions were not paused, because the API does not answer: {error}")
            if not left:
                return say("All sessions are paused.")
            say(f"Pausing {left} {'sessions' if left > 1 else 'session'}.")
            time.sleep(_PAUSE)
    return say("Some sessions did not pause in time and are left as they are.")


def say(text: str) -> None:
    """Tells whoever reads the log of the Job."""
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
