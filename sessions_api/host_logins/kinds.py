"""What tells one kind of logins from another, for pages: its words and its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sessions_api.host_logins.service import HostLogins


@dataclass(frozen=True)
class Kind:
    """One kind of logins.

    Attributes:
        logins: its rules.
        path: what addresses call them (`git-logins`).
        noun: what sentences call one (`git login`).
        secret: the field of what is sealed (`token`), in forms and schemas.
        labels: what people call the fields of its form.
        required: the fields without which a form is not sent, beside the secret.
        create, change: the schemas of what is added and changed.
        form: the template of its form.
        own, of_project: what adding one means for its owner.
        first: what somebody without one does to get one.
        none: what members of a project without one do.
        removal: what a removal takes away, a sentence each; `{host}` is its host.
    """

    logins: HostLogins[Any]
    path: str
    noun: str
    secret: str
    labels: Mapping[str, str]
    required: tuple[str, ...]
    create: type[BaseModel]
    change: type[BaseModel]
    form: str
    own: str
    of_project: str
    first: str
    none: str
    removal: tuple[str, ...]

    @property
    def title(self) -> str:
        """What a list of them is called."""
        return f"{self.noun[:1].upper()}{self.noun[1:]}s"
