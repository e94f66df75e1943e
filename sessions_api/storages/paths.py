"""Where a storage may lie: folders of this computer below the roots that the installation offers."""

import os
from collections.abc import Sequence
from pathlib import Path

from sessions_api.kit.errors import Invalid

PATH_LENGTH = 4096


def check(path: str, roots: Sequence[Path]) -> str:
    """The path of an existing folder below one of `roots`, with links and `..` resolved.

    `roots` are resolved already. Touches the file system: call it in a thread.

    Raises:
        Invalid: the path is none that can be offered; the sentence says why.
    """
    if not roots:
        raise _refused("Folders of this computer are not offered as storages here.")
    if not path.isprintable():
        raise _refused("The path has control characters; leave them out.")
    if not path.startswith("/"):
        raise _refused(
            f"{path} is not a whole path; write it from the first slash on, such as {roots[0]}/data."
        )
    if not _below(Path(os.path.normpath(path)), roots) and not _below(_resolved(path), roots):
        raise _outside(path, roots)
    return str(_existing(path, roots))


def _existing(path: str, roots: Sequence[Path]) -> Path:
    try:
        folder = Path(path).resolve(strict=True)
    except FileNotFoundError as error:
        raise _refused(f"{path} does not exist; make the folder first, or correct the path.") from error
    except NotADirectoryError as error:
        raise _refused(f"{path} leads through a file; name a folder.") from error
    except (OSError, RuntimeError) as error:
        reason = (
            error.strerror if isinstance(error, OSError) and error.strerror else "its links lead in a circle"
        )
        raise _refused(f"{path} cannot be opened: {reason}.") from error
    if not _below(folder, roots):
        raise _outside(f"{path}, which is {folder},", roots)
    if not folder.is_dir():
        raise _refused(
            f"{path} is a file; name the folder that it is in, {folder.parent}.", value=folder.parent
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        raise _refused(f"{path} cannot be read by Sojourn; allow it, or name another folder.")
    return folder


def _resolved(path: str) -> Path:
    return Path(os.path.realpath(path))


def _below(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _outside(what: str, roots: Sequence[Path]) -> Invalid:
    names = " or ".join(str(root) for root in roots)
    return _refused(f"{what} does not lie below {names}; name a folder that does.", code="outside_root")


def _refused(sentence: str, *, value: Path | None = None, code: str | None = None) -> Invalid:
    return Invalid.field("path", sentence, value=None if value is None else str(value), code=code)
