"""Digests: names of contents that anybody can check (OCI image spec, descriptor.md)."""

import hashlib
import re

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")


def is_digest(text: str) -> bool:
    """Whether it is a digest of an algorithm that can be checked: those that references may have."""
    return _DIGEST.fullmatch(text) is not None


def digest_of(content: bytes) -> str:
    """The digest by which registries know a content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_of(digest: str, content: bytes) -> bool:
    """Whether a digest, which `is_digest` knows, is that of the content."""
    check = Check(digest)
    check.update(content)
    return check.passes()


class Check:
    """Compares what comes in pieces with a digest.

    Args:
        digest: one that `is_digest` knows.
    """

    def __init__(self, digest: str) -> None:
        algorithm, _, self._wanted = digest.partition(":")
        self._hash = hashlib.new(algorithm)

    def update(self, piece: bytes) -> None:
        """Takes the next piece."""
        self._hash.update(piece)

    def passes(self) -> bool:
        """Whether what came so far has the digest."""
        return self._hash.hexdigest() == self._wanted
