"""Environment variables of a session: which names and values it may set."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

MOST = 100
VALUE_LENGTH = 10_000
NAME_LENGTH = 200

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"PATH", "HOME"})
_RESERVED_PREFIXES = ("JUPYTERHUB_", "SOJOURN_", "LD_")


def check_name(name: str) -> str:
    """The name, when a session may set it.

    Raises:
        ValueError: it may not; the message is a sentence.
    """
    if len(name) > NAME_LENGTH:
        raise ValueError(f"The name of a variable has {len(name)} characters; {NAME_LENGTH} is the most.")
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is not the name of a variable: use letters, digits and _, and begin with no digit."
        )
    if name in _RESERVED or name.startswith(_RESERVED_PREFIXES):
        raise ValueError(f"{name} is set by Sojourn; choose another name.")
    return name


def check_value(value: str) -> str:
    """The value, when a process can have it.

    Raises:
        ValueError: it cannot.
    """
    if "\0" in value:
        raise ValueError("The value of a variable has a null character; leave it out.")
    return value


VariableName = Annotated[str, AfterValidator(check_name)]
VariableValue = Annotated[
    str,
    StringConstraints(max_length=VALUE_LENGTH),
    AfterValidator(check_value),
]
Variables = Annotated[
    dict[VariableName, VariableValue],
    Field(
        max_length=MOST,
        description=f"Environment variables: at most {MOST}, values of at most {VALUE_LENGTH:,} characters, "
        "handed over as they are. `PATH`, `HOME` and names that begin with `JUPYTERHUB_`, `SOJOURN_` or "
        "`LD_` are Sojourn's.",
        examples=[{"OMP_NUM_THREADS": "2"}],
    ),
]
