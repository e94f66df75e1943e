"""Whose logins a request is about, for routes and pages: the viewer's own, or a project's."""

from typing import Annotated

from fastapi import Depends

from sessions_api.host_logins.owners import Owner
from sessions_api.people.dependencies import CurrentViewer, PageViewer
from sessions_api.projects.dependencies import FormProject, PageProject, ReadProject, WriteProject


def _own(viewer: CurrentViewer) -> Owner:
    return Owner(viewer)


def _read(access: ReadProject) -> Owner:
    return Owner(access.viewer, access)


def _write(access: WriteProject) -> Owner:
    return Owner(access.viewer, access)


def page_own(viewer: PageViewer) -> Owner:
    """For pages and forms below `/me`: the viewer."""
    return Owner(viewer)


def page_read(access: PageProject) -> Owner:
    """For pages of a project with `db: Reading`: the project."""
    return Owner(access.viewer, access)


def page_write(access: FormProject) -> Owner:
    """For forms of a project with `db: Writing`: the project."""
    return Owner(access.viewer, access)


Own = Annotated[Owner, Depends(_own)]
"""For JSON routes below `/me`."""
ReadOwner = Annotated[Owner, Depends(_read)]
"""For JSON routes of a project with `db: Reading`."""
WriteOwner = Annotated[Owner, Depends(_write)]
"""For JSON routes of a project with `db: Writing`."""
PageOwn = Annotated[Owner, Depends(page_own)]
"""For pages below `/me`."""
