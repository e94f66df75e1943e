"""The labels by which a pod, a Secret or a claim says whose it is."""

from __future__ import annotations

PREFIX = "sojourn/"

INSTALLATION = f"{PREFIX}installation"
PROJECT = f"{PREFIX}project"
SESSION = f"{PREFIX}session"
RUN = f"{PREFIX}run"
ATTEMPT = f"{PREFIX}attempt"
PERSON = f"{PREFIX}person"
WORK = f"{PREFIX}work"
"""On claims: `true` where the volume is somebody's /work."""
