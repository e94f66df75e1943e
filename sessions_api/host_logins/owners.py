"""Whose a login is: a person's own, or a project's."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.people.viewer import Viewer
from sessions_api.projects.service import Access
from sessions_api.rights.policy import CONFIGURE


@dataclass(frozen=True)
class Owner:
    """The viewer, or a project that the viewer sees.

    Attributes:
        access: None: it is the viewer's own.
    """

    viewer: Viewer
    access: Access | None = None

    @property
    def person(self) -> str | None:
        """The person whose own it is."""
        return self.viewer.name if self.access is None else None

    @property
    def project_id(self) -> str | None:
        """The project whose it is."""
        return None if self.access is None else self.access.project.id

    @property
    def words(self) -> str:
        """As the subject of a sentence with `has`."""
        return self.viewer.name if self.access is None else self.access.project.name

    def path(self, kind: str) -> str:
        """Address of its logins of a kind (`git-logins`), of pages and below the API's own."""
        whose = "/me" if self.access is None else f"/projects/{self.access.project.slug}"
        return f"{whose}/{kind}"

    def page(self, kind: str) -> str:
        """Address of the page that lists them."""
        return self.path(kind).removesuffix(f"/{kind}") if self.access else self.path(kind)

    def require_change(self) -> None:
        """Lets those through who may change it: everybody their own, editors the project's.

        Raises:
            Forbidden: the viewer may not.
        """
        if self.access is not None:
            self.access.require(CONFIGURE)
