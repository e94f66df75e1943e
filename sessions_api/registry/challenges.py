"""What a server wants to know before it answers: `WWW-Authenticate` (RFC 9110, 11.6.1).

Several challenges may share one header, with commas between them as between their parameters, and text in
quotes may have commas of its own. Docker and distribution take parameters as they come; so does this, and
leaves out what it cannot read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LENGTH = 8192
"""Characters that are looked at."""

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PARAMETER = re.compile(rf"[\s,]*({_WORD})\s*=\s*({_QUOTED}|{_WORD})(?=\s*(?:,|$))")
_SCHEME = re.compile(rf"[\s,]*({_WORD})(?=[\s,]|$)(?!\s*=)")
_CREDENTIALS = re.compile(r"\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in.

    Attributes:
        scheme: in lower case (`bearer`, `basic`).
        parameters: by name in lower case; of a name that comes twice, the first.
    """

    scheme: str
    parameters: dict[str, str]


def read(header: str) -> tuple[Challenge, ...]:
    """The challenges of a header, in their order; what cannot be read ends it."""
    return tuple(_challenges(header[:LENGTH]))


def _challenges(header: str) -> Iterator[Challenge]:
    position = 0
    while found := _SCHEME.match(header, position):
        position = found.end()
        if credentials := _CREDENTIALS.match(header, position):
            position = credentials.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, position):
            position = parameter.end()
            parameters.setdefault(parameter[1].lower(), _unquoted(parameter[2]))
        yield Challenge(found[1].lower(), parameters)


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
