"""How much of each layer is read, decided before any is: manifests say how large layers are."""

import re
from collections import deque
from collections.abc import Sequence

from sessions_api.registry.contents.model import Layer, Limits

_INSTALLS = re.compile(
    r"\b(apk|apt|apt-get|conda|dpkg|mamba|micromamba|pdm|pip|pip3|pipenv|pixi|poetry|uv"
    r"|install2\.r|installGithub\.r|install\.packages|renv|Rscript)\b"
)
_DEBIAN = frozenset(("apt", "apt-get", "dpkg"))
_COPIES = re.compile(r"(?:/bin/sh -c )?(?:#\(nop\) +)?(?:COPY|ADD)\b")
_OF_BUILDKIT = "# buildkit"
_MOST_OF_HINT = 16 * 1024
"""Characters; the rest of a command is not looked at."""


def shares(layers: Sequence[Layer], hints: Sequence[str], limits: Limits) -> tuple[int, ...]:
    """Bytes of each layer, as they are sent, that are read from its start.

    Small layers go first, whole as long as there is something left. Of the large ones those go first whose
    command installs packages, then those of unknown commands, then those that copy files; among equals the
    smaller, since more of them come whole. A copied layer can hold packages as well, so none is skipped.
    One that only apt wrote goes last where it does not come whole: builders sort files by name, and its list
    of packages is below /var.

    Args:
        layers: in the image's order.
        hints: the command of each layer, from the image's history; none are used unless each layer has one.
        limits: of the image.
    """
    commands = hints if len(hints) == len(layers) else [""] * len(layers)

    def rank(index: int) -> tuple[int, int, int]:
        size = layers[index].size
        return (_likelihood(commands[index]) if size > limits.small else -1), size, index

    left, found = limits.sent, [0] * len(layers)
    in_order = deque(sorted(range(len(layers)), key=rank))
    seen: set[int] = set()
    while in_order:
        index = in_order.popleft()
        size = max(layers[index].size, 0)
        if size > left and index not in seen and _tells_last(commands[index]):
            seen.add(index)
            in_order.append(index)
            continue
        found[index] = min(size, left)
        left -= found[index]
    return tuple(found)


def _likelihood(command: str) -> int:
    """0 for a layer that probably has packages, 2 for one that probably has none."""
    command = command[:_MOST_OF_HINT].strip().removesuffix(_OF_BUILDKIT).rstrip()
    if _COPIES.match(command):
        is_root = command.split()[-1] == "/"  # a whole file system, as base images begin
        return 0 if is_root else 2
    return 0 if _INSTALLS.search(command) else 1


def _tells_last(command: str) -> bool:
    used = set(_INSTALLS.findall(command[:_MOST_OF_HINT]))
    return bool(used) and used <= _DEBIAN
