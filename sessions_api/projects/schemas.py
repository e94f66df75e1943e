"""Projects and members as JSON."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator

from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.projects.service import Access

Visibility = Literal["private", "public"]
RoleWord = Literal["viewer", "editor", "owner"]


class ProjectCreate(Schema):
    """A new project; its slug derives from its name."""

    name: Name
    description: Description = ""
    visibility: Visibility = "private"


class ProjectChange(Schema):
    """What is given is changed."""

    name: Name | None = None
    description: Description | None = None
    visibility: Visibility | None = None


class ProjectRead(Schema):
    """A project.

    Attributes:
        role: what the viewer may do in it.
    """

    id: str
    slug: str
    name: str
    description: str
    visibility: Visibility
    role: RoleWord
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, access: Access) -> Self:
        """The project as its viewer sees it."""
        project = access.project
        return cls(
            id=project.id,
            slug=project.slug,
            name=project.name,
            description=project.description,
            visibility="public" if project.visibility == "public" else "private",
            role=access.role.word,
            created_by=project.created_by,
            created_at=project.created_at,
            updated_at=project.updated_at,
        )


class MemberCreate(Schema):
    """A new member; `person` is the hub's user name."""

    person: Name
    role: RoleWord = "viewer"


class MemberChange(Schema):
    """Another role."""

    role: RoleWord


class MemberRead(Schema):
    """A member."""

    person: str
    role: RoleWord
    created_at: datetime


def _without_slash(name: str) -> str:
    if "/" in name:
        raise ValueError("A group with a slash in its name cannot belong to a project.")
    return name


GroupName = Annotated[Name, AfterValidator(_without_slash)]
"""The hub's name of a group; addresses have it as one part."""


class GroupPut(Schema):
    """What the group's people may do in the project."""

    role: RoleWord = "viewer"


class GroupForm(GroupPut):
    """A new group; `group` is the hub's name of it."""

    group: GroupName


class GroupRead(Schema):
    """A group of the hub's whose people belong to the project."""

    group: str
    role: RoleWord
    created_at: datetime
