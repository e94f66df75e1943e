"""Pages on which a file that lists packages becomes the requirements of an environment or a version."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sessions_api.environments import pages_editing, pages_fields
from sessions_api.environments.dependencies import KindsHere
from sessions_api.environments.files.reading import Given, Read, read, require_packages_run
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.pages_editing import SlugOrId
from sessions_api.environments.present import PATH
from sessions_api.environments.views import FileNews
from sessions_api.kit.transactions import Reading
from sessions_api.people.dependencies import PageViewer
from sessions_api.web import forms, words
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import see_other

router = APIRouter()

_REFUSED = "Not read"
_INPUTS = {"text": "requirements"}


@router.get("/add/read")
async def ask_read() -> Response:
    """The form, for whoever comes here by an address instead of the button."""
    return see_other(f"{PATH}/add")


@router.post("/add/read")
async def read_new(request: Request, db: Reading, viewer: PageViewer, kinds: KindsHere) -> Response:
    """The form of a new environment, filled with what its file comes to."""
    form, news = await _read(request, kinds=kinds)
    return await pages_editing.add_page(request, db, viewer, form, kinds=kinds, refused=_REFUSED, file=news)


@router.get("/{environment}/versions/add/read")
async def ask_read_version(environment: SlugOrId) -> Response:
    """The form, for whoever comes here by an address instead of the button."""
    return see_other(f"{PATH}/{environment}/versions/add")


@router.post("/{environment}/versions/add/read")
async def read_version(
    request: Request, db: Reading, viewer: PageViewer, kinds: KindsHere, environment: SlugOrId
) -> Response:
    """The form of a next version, filled with what its file comes to."""
    edited = await pages_editing.edited(db, viewer, environment)
    form, news = await _read(request, kinds=kinds)
    return pages_editing.version_page(request, edited, form, kinds=kinds, refused=_REFUSED, file=news)


async def _read(request: Request, *, kinds: Kinds) -> tuple[Form, FileNews | None]:
    """Reads the file in a form: the form to show then, and what was found; None: it was refused."""
    form = await forms.read(request)
    try:
        require_packages_run(kinds=kinds)
        lock = form.value("lock") or None
        found = await read(Given(form.value("requirements"), form.value("file_name"), lock))
    except REFUSALS as error:
        return form.refused(error, pages_fields.LABELS, _INPUTS), None
    filled = {
        "made_of": ["packages"],
        "requirements": [found.requirements],
        "file_name": [],
        "lock": [],
        "source": [found.source],
        "source_of": [pages_fields.mark(found.requirements)],
    }
    return Form({**form.values, **filled}), _news(found)


def _news(found: Read) -> FileNews:
    named = [line for line in found.requirements.splitlines() if line[:1].isalnum()]
    return FileNews(f"Read {found.source}: {words.count(len(named), 'package')}, pinned", found.notes)
