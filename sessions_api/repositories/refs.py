"""Names of branches and tags, by the rules of `git check-ref-format`."""

import re

from sessions_api.kit.errors import Invalid

REF_LENGTH = 255

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORBIDDEN = re.compile(r"\.\.|@\{|//|[\x00-\x20\x7f~^:?*\[\\]")
_CALLED = {" ": "a space"} | dict.fromkeys(map(chr, [*range(0x20), 0x7F]), "a control character")


def is_commit(ref: str) -> bool:
    """Whether `ref` is a whole commit id: 40 or 64 hexadecimal digits."""
    return _COMMIT.fullmatch(ref) is not None


def check(ref: str, *, field: str = "ref") -> str:
    """The ref, when git could have one of that name (its manual page `git-check-ref-format`).

    Raises:
        Invalid: no branch, tag or commit can be called that.
    """
    problem = _problem(ref)
    if problem:
        raise Invalid.field(
            field,
            f"No branch, tag or commit is called `{ref}`: {problem}. Leave it empty for the default branch.",
        )
    return ref


def _problem(ref: str) -> str | None:
    if not ref or len(ref) > REF_LENGTH:
        return f"it has {len(ref)} characters, 1 to {REF_LENGTH} are possible"
    if ref.startswith(("-", "/")) or ref == "@":
        return f"it begins with {ref[0]}"
    if ref.endswith(("/", ".")):
        return f"it ends with {ref[-1]}"
    if found := _FORBIDDEN.search(ref):
        return f"it has {_CALLED.get(found[0], found[0])} in it"
    if any(part.startswith(".") or part.endswith(".lock") for part in ref.split("/")):
        return "a part of it begins with a dot or ends with .lock"
    return None
