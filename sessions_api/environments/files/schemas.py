"""Files that list packages, as JSON."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from sessions_api.environments.files.model import BYTES, Kind
from sessions_api.environments.files.reading import Given, Read
from sessions_api.kit.schemas import Schema

NAMES = 50
"""The most extras or groups that are asked for."""

Text = Annotated[str, StringConstraints(max_length=BYTES, strip_whitespace=False)]
"""As it is: refusals count its lines."""
ProjectName = Annotated[str, Field(min_length=1, max_length=100)]


class FileCreate(Schema):
    """A file that lists packages, and what of it is wanted.

    Attributes:
        name: the file's name, by which its kind is known.
        text: what stands in it, at most 1 MiB.
        lock: of a `pyproject.toml`: what stands in the `uv.lock` beside it, which pins its dependencies.
        kind: null: known by the name, else by the text.
        extras, groups: of a `pyproject.toml`: which of them are wanted beside its dependencies.
        front_end: whether JupyterLab is added where the file does not bring it.
    """

    name: Annotated[str, Field(max_length=300)] = ""
    text: Text
    lock: Text | None = None
    kind: Kind | None = None
    extras: Annotated[list[ProjectName], Field(max_length=NAMES)] = []
    groups: Annotated[list[ProjectName], Field(max_length=NAMES)] = []
    front_end: bool = True

    def given(self) -> Given:
        """As the rules take it."""
        return Given(**{name: getattr(self, name) for name in type(self).model_fields})


class FileRead(Schema):
    """What an environment can be made of, out of a file.

    Attributes:
        source: the file and what of it was taken, for people; a version keeps it.
        requirements: lines of a requirements file, each pinned to one version.
        added: packages that sessions need and the file does not bring.
        notes: sentences on what was left out and added.
    """

    kind: Kind
    source: str
    requirements: Text
    added: list[str]
    notes: list[str]

    @classmethod
    def made(cls, read: Read) -> Self:
        """As JSON."""
        return cls.model_validate(read)
