"""Programs that tell what an image can be used for."""

from collections.abc import Iterable

from sessions_api.registry.contents.sources import is_readable
from sessions_api.registry.contents.tree import Path

NAMES = frozenset(
    (
        *("bash", "git", "python3", "R", "sh"),
        *("jupyter", "jupyter-lab", "jupyter-labhub", "jupyter-notebook", "jupyter-server"),
        *(
            "jupyterhub-singleuser",
            "code-server",
            "openvscode-server",
            "rserver",
            "shiny-server",
            "streamlit",
        ),
    )
)
"""What is looked for, in folders called `bin` or `sbin`."""

_NAMES = frozenset(name.encode() for name in NAMES)
_FOLDERS = frozenset((b"bin", b"sbin"))
_SEARCHED = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""The order in which a shell looks without being told."""


def is_program(path: Path) -> bool:
    """Whether a program there, if it is one, is looked for."""
    return path[-1] in _NAMES and path[-2:-1] != () and path[-2] in _FOLDERS and is_readable(path)


def choose(paths: Iterable[Path]) -> dict[str, str]:
    """One absolute path for each name: where a shell finds it first, else the shortest path."""
    first: dict[str, str] = {}
    for path in sorted(("/" + b"/".join(path).decode() for path in paths), key=_order):
        first.setdefault(path.rpartition("/")[2], path)
    return dict(sorted(first.items()))


def _order(path: str) -> tuple[int, int, str]:
    folder = path.rpartition("/")[0]
    place = _SEARCHED.index(folder) if folder in _SEARCHED else len(_SEARCHED)
    return place, path.count("/"), path
