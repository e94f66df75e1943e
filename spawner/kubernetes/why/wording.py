"""The part of a component's error that says something to people."""

from __future__ import annotations

import re

_CODE = re.compile(r"^(rpc error: )?code = \w+ desc = ")


def innermost(message: str) -> str:
    """The innermost of errors that were wrapped several times, without a full stop."""
    words = message.strip().removesuffix(": unknown").rstrip(".").rpartition(": ")[2]
    return _CODE.sub("", words)
