"""Why an environment could not be built, read from what `uv` said."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from spawner.reasons import RETRY, Reason, Remedy

_CHOOSE = Remedy(action="choose_environment", label="Choose another environment")
_DETAIL_LINES = 20
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")
_NO_NETWORK = re.compile(
    r"error sending request|dns error|Request failed after|network was disabled|timed out"
)
_URL = re.compile(r"https?://\S+")
_UNKNOWN = re.compile(r"Because (\S+) was not found in the (?:package registry|cache)")
_NO_VERSION = re.compile(r"there is no version of (\S+)")
_NO_WHEEL = re.compile(r"Because (\S+) has no (?:usable )?wheels")
_CONFLICT = re.compile(r"Because (.+?), we can conclude")
_ERROR = re.compile(r"^error: (.+?)\.?$", re.MULTILINE)


def without_credentials(line: str) -> str:
    """The line with user names and passwords taken out of its URLs."""
    return _CREDENTIALS.sub("", line)


def build_reason(name: str, output: Sequence[str], cache: Path) -> Reason:
    """The reason for a build of the environment `name` that failed and said `output`."""
    text = "\n".join(output)
    detail = "\n".join(output[-_DETAIL_LINES:])
    remedies = (RETRY, _CHOOSE)
    if _NO_SPACE.search(text):
        usage = shutil.disk_usage(cache)
        return Reason(
            code="disk_full",
            sentence=f"{name} was not built: the disk that holds {cache} is full, "
            f"{usage.free / 2**30:.1f} of {usage.total / 2**30:.1f} GiB are free.",
            hint="Environments that were built before still start.",
            remedies=remedies,
            detail=detail,
        )
    return Reason(
        code="environment_build_failed",
        sentence=f"{name} was not built: {what_happened(text)}.",
        hint="Environments that were built before still start.",
        remedies=remedies,
        detail=detail,
    )


def is_no_network(text: str) -> bool:
    """Whether `uv` said that it does not reach a package index."""
    return _NO_NETWORK.search(" ".join(text.split())) is not None


def what_happened(text: str) -> str:
    """What went wrong, as the end of a sentence, from what `uv` said of installing or choosing versions."""
    said = " ".join(text.split())  # uv breaks lines at the width of a terminal it may have found
    if _NO_NETWORK.search(said):
        url = _URL.search(said)
        host = urlsplit(url.group()).hostname if url else None
        return f"the package index {host} did not answer" if host else "there is no network"
    if unknown := _UNKNOWN.search(said):
        return f"the package index has no package {unknown.group(1)}"
    if missing := _NO_VERSION.search(said):
        return f"the package index has no version {missing.group(1)}"
    if wheel := _NO_WHEEL.search(said):
        return f"{wheel.group(1)} has no ready-made package for this computer and its Python"
    if conflict := _CONFLICT.search(said):
        return f"its requirements contradict each other ({conflict.group(1)})"
    error = _ERROR.search(text)
    return error.group(1) if error else "the build ended without saying why"
