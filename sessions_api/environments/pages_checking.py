"""Pages on which an image is checked before an environment or a version is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import pages_editing, pages_fields, pages_logins
from sessions_api.environments.checks.check import Checked, Refused, Step
from sessions_api.environments.checks.keeping import checked_for
from sessions_api.environments.checks.schemas import CheckRead
from sessions_api.environments.checks.telling import WatchedRoute, tell
from sessions_api.environments.dependencies import KindsHere, image_rules
from sessions_api.environments.pages_editing import SlugOrId
from sessions_api.environments.present import PATH
from sessions_api.environments.present_versions import KINDS
from sessions_api.environments.views import Check, Stop
from sessions_api.kit.errors import Invalid
from sessions_api.kit.sealing import Sealer
from sessions_api.kit.transactions import Reading, database
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.registry.logins import RegistryLogin
from sessions_api.registry.references import Reference, parse
from sessions_api.secrets.dependencies import Sealing
from sessions_api.web import forms, words
from sessions_api.web.forms import Form
from sessions_api.web.render import see_other

router = APIRouter(route_class=WatchedRoute)

_REFUSED = "Not checked"
_HEARD = {"done": "done", "fail": "failed"}


@router.get("/add/check")
async def ask_check() -> Response:
    """The form, for whoever comes here by an address instead of the button."""
    return see_other(f"{PATH}/add")


@router.post("/add/check")
async def check_new(
    request: Request, db: Reading, viewer: PageViewer, kinds: KindsHere, sealer: Sealing
) -> Response:
    """The form of a new environment, filled with what a check of its image found."""
    form, found = await _checked(request, db, viewer, sealer)
    return await pages_editing.add_page(request, db, viewer, form, kinds=kinds, refused=_REFUSED, check=found)


@router.get("/{environment}/versions/add/check")
async def ask_check_version(environment: SlugOrId) -> Response:
    """The form, for whoever comes here by an address instead of the button."""
    return see_other(f"{PATH}/{environment}/versions/add")


@router.post("/{environment}/versions/add/check")
async def check_version(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    *,
    kinds: KindsHere,
    sealer: Sealing,
    environment: SlugOrId,
) -> Response:
    """The form of a next version, filled with what a check of its image found."""
    edited = await pages_editing.edited(db, viewer, environment)
    form, found = await _checked(request, db, viewer, sealer)
    return pages_editing.version_page(request, edited, form, kinds=kinds, refused=_REFUSED, check=found)


async def _checked(
    request: Request, db: AsyncSession, viewer: Viewer, sealer: Sealer
) -> tuple[Form, Check | None]:
    """Checks the image of a form: the form to show then, and what was found; None: it could not be asked."""
    form = await forms.read(request)
    try:
        reference = parse(form.value("image").strip())
    except Invalid as error:
        return form.refused(error, pages_fields.LABELS), None
    try:
        login = pages_logins.given(form, reference)
    except ValidationError as error:
        return form.refused(error, pages_logins.LABELS, pages_logins.INPUTS), None
    opens = None if login is None else RegistryLogin(login.username, login.password)
    shown, ended = await look(request, db, viewer, reference, sealer=sealer, login=opens)
    if isinstance(ended, Refused):
        return pages_logins.asking(form, ended.reason), shown
    if login is not None:
        note = await pages_logins.kept(database(request), viewer, form, login, sealer)
        shown = replace(shown, fix=" ".join(filter(None, (shown.fix, note))))
    form = pages_logins.done(form)
    if ended.verdict.run is None:
        return form, shown
    return pages_fields.of_check(form, ended.verdict.run, CheckRead.made(ended)), shown


async def look(
    request: Request,
    db: AsyncSession,
    viewer: Viewer,
    reference: Reference,
    *,
    sealer: Sealer,
    login: RegistryLogin | None = None,
) -> tuple[Check, Checked | Refused]:
    """Checks an image for somebody: what is shown of that, and what was found.

    The transaction is over afterwards: what is read with `db` from then on is in another one.
    """
    # Registries may take a minute or two: the page's transaction, which has read what stands around the
    # form, ends here.
    await db.close()
    steps: dict[str, Step] = {}
    ended: Checked | Refused | None = None
    async for said in checked_for(
        database(request), viewer, reference, rules=image_rules(request), sealer=sealer, login=login
    ):
        if isinstance(said, Step):
            steps[said.key] = said
            tell(request, said)
        else:
            ended = said
    assert ended is not None  # noqa: S101 - every check ends with one of both
    if isinstance(ended, Refused):
        reason = ended.reason
        stops = _stops(steps, reason.sentence)
        remedies = pages_logins.remedies(reason)
        return Check(
            works=False, sentence=reason.sentence, fix=reason.hint, stops=stops, remedies=remedies
        ), ended
    found = CheckRead.made(ended)
    shown = Check(
        works=ended.verdict.run is not None,
        sentence=found.sentence,
        fix=found.fix,
        stops=_stops(steps, found.sentence),
        facts=_facts(found),
    )
    return shown, ended


def _stops(steps: Mapping[str, Step], said: str) -> tuple[Stop, ...]:
    """Where each step ended; what is `said` above them already is not said again."""
    return tuple(
        Stop(each.title, each.state, _HEARD[each.state], "" if each.detail == said else each.detail)
        for each in steps.values()
    )


def _facts(found: CheckRead) -> tuple[tuple[str, str], ...]:
    kinds = ", ".join(
        f"{found.packages[kind]} {name}" for kind, name in KINDS.items() if found.packages.get(kind)
    )
    counted = f"{words.count(sum(found.packages.values()), 'package')} found"
    facts = {
        "Image": found.image,
        "Size": f"{words.size(found.size)} to pull",
        "Platforms": ", ".join(found.platforms),
        "Installed": f"{counted}: {kinds}" if kinds else "" if found.left_out else counted,
        "Not read": " ".join(found.left_out),
    }
    return tuple((name, value) for name, value in facts.items() if value)
