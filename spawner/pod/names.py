"""Names of a pod's parts, and where a session finds what is mounted into it."""

from __future__ import annotations

import hashlib
import re

WORK_FOLDER = "/work"
RUN_FOLDER = "/run/sojourn"
SECRETS_FOLDER = f"{RUN_FOLDER}/secrets"
GIT_FOLDER = f"{RUN_FOLDER}/git"
JUPYTER_FOLDER = f"{RUN_FOLDER}/jupyter"
CLONE_FOLDER = f"{RUN_FOLDER}/clone"
CLONE_SPEC = f"{CLONE_FOLDER}/spec.json"
TMP_FOLDER = "/tmp"  # noqa: S108 - the container's own

CLONE = "clone"
GATE = "gate"
SESSION = "notebook"
"""Containers; the last is the session's program. KubeSpawner's `poll` looks for this name."""

WORK = "sojourn-work"
RUN = "sojourn-run"
CLONING = "sojourn-clone"
CLONE_TMP = "sojourn-clone-tmp"
TMP = "sojourn-tmp"
"""Volumes; their names are none that an administrator's volumes would have."""

_LABEL_LENGTH = 63
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def storage(number: int) -> str:
    """The volume of the `number`th storage; its folder may be longer than a volume's name."""
    return f"sojourn-storage-{number}"


def secret(pod: str, run: str, attempt: int) -> str:
    """The Secret of one launch.

    Pods of the same session share a name, one after the other, and the last one's Secret is collected some
    time after its pod: so the next one has a name of its own.
    """
    return f"{pod}-{_hash(run)}-{attempt}"


def pull_secret(pod: str, run: str, attempt: int) -> str:
    """The Secret with which the image of one launch is pulled."""
    return f"{secret(pod, run, attempt)}-pull"


def label(text: str) -> str:
    """A label's value: the text itself where it can be one, else what is like it and still one of a kind."""
    if len(text) <= _LABEL_LENGTH and _LABEL.fullmatch(text):
        return text
    hashed = _hash(text)
    like = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("._-")[: _LABEL_LENGTH - len(hashed) - 1]
    return f"{like}-{hashed}" if like else hashed


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
