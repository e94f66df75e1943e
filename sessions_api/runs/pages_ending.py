"""Pages that end runs, or keep them alive: what is asked first, and what is done."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from sessions_api.hub.client import Hub
from sessions_api.kit import clock
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.runs import present, unsaved, wishes
from sessions_api.runs.kept.dependencies import keeping_here
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.life import service as life
from sessions_api.runs.pages import SessionName, newest
from sessions_api.runs.schemas import KeepAlive
from sessions_api.runs.shell import SHELL
from sessions_api.sessions.dependencies import lifetimes_here
from sessions_api.web import forms, words
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other
from spawner.spec import LaunchSpec

router = APIRouter(include_in_schema=False, dependencies=SHELL)


@router.get("/projects/{slug}/sessions/{session}/pause")
async def ask_pause(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a pause ends and what it keeps; there is nothing to ask where nothing runs."""
    named, run = await newest(db, access, session, "pause")
    if (run.phase, run.wish) != ("running", "run") or run.spec is None:
        return see_other(f"/runs/{run.id}")
    found = await unsaved.ask(*_reached(request), run, LaunchSpec.model_validate(run.spec))
    ends = "Kernels, terminals and whatever else runs in it" if found is None else found.in_memory
    confirm = Confirm(
        title=f"Pause {named.name}?",
        crumbs=present.crumbs(access.project, named.name),
        lines=(
            "CPU and memory are given back, and Resume brings it back."
            if ends
            else "CPU and memory are given back, and Resume brings it back. Nothing is lost.",
        ),
        lost=(f"{ends}, with what they hold in memory",) if ends else (),
        kept=("Everything in /work", *(found.sentences if found else ())),
        do=Action("Pause", f"{present.session_path(access.project, named)}/pause", "pause", post=True),
        back=present.card_path(access.project, named),
        keep="Let it run",
        at_hand=True,
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/projects/{slug}/sessions/{session}/pause")
async def pause(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Pauses the viewer's run."""
    run = await wishes.ask(db, access, *await newest(db, access, session, "pause"), "pause")
    return see_other(f"/runs/{run.id}")


@router.post("/projects/{slug}/sessions/{session}/keep-alive")
async def keep_alive(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Keeps the viewer's run alive for some hours, or for another span."""
    form = await forms.read(request)
    found, run = await newest(db, access, session, "keep")
    try:
        body = KeepAlive.model_validate(form.given("hours"))
    except ValidationError:
        return see_other(f"/runs/{run.id}")
    kept = await life.keep_alive(db, access, found, run, until=body.end(), lifetimes=lifetimes_here(request))
    return see_other(f"/runs/{kept.id}")


@router.post("/projects/{slug}/sessions/{session}/cancel")
async def cancel(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Ends the viewer's launch."""
    await wishes.ask(db, access, *await newest(db, access, session, "cancel"), "cancel")
    return see_other(present.project_path(access.project))


@router.get("/projects/{slug}/sessions/{session}/stop")
async def ask_stop(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a stop takes away."""
    named, run = await newest(db, access, session, "stop")
    base = present.session_path(access.project, named)
    spec = LaunchSpec.model_validate(run.spec) if run.spec else None
    running = run.phase in {"queued", "launching", "running"}
    asked = run.phase == "running" and spec is not None
    found = await unsaved.ask(*_reached(request), run, spec) if asked and spec else None
    pushed = _not_pushed(found, spec)
    kept = tuple(f"What lies in the storage {each.name}" for each in spec.storages) if spec else ()
    keeping = keeping_here(request)
    confirm = Confirm(
        title=f"Stop {named.name}?" if running else f"Delete /work of {named.name}?",
        crumbs=present.crumbs(access.project, named.name),
        lines=(
            _taken_away(running=running, keeps=keeping is not None),
            *(_asked_in_vain(spec) if asked and found is None else ()),
            *(_only_here(pushed) if keeping else ()),
        ),
        do=Action(
            _stop_word(running=running, keeps=keeping is not None),
            f"{base}/stop",
            "stop",
            post=True,
            danger=True,
        ),
        also=_for_good(base) if keeping else None,
        instead=Action("Pause instead", f"{base}/pause", "pause", post=True)
        if run.phase == "running"
        else None,
        back=f"/runs/{run.id}",
        keep="Keep running" if running else "Keep it",
        lost=_lost(pushed, running=running, keeps=keeping is not None),
        kept=(*(_kept_until(keeping) if keeping else ()), *kept, "The session and its configuration"),
    )
    return page(request, "confirm.html", confirm=confirm)


def _taken_away(*, running: bool, keeps: bool) -> str:
    if running and keeps:
        return (
            "Stopping ends it, and deletes its /work once there is a snapshot of it. Pause keeps everything."
        )
    if running:
        return "Stopping ends it and deletes this session's own /work. Pause keeps everything."
    if keeps:
        return "This deletes the session's own /work once there is a snapshot of it. Its configuration stays."
    return "This deletes what the session kept for you. Its configuration stays."


def _kept_until(keeping: Keeping) -> tuple[str, ...]:
    now = clock.now()
    until = words.minute(keeping.until(now), now)
    return (f"A snapshot of /work, until {until}; a new one can be started from it",)


def _lost(pushed: tuple[str, ...], *, running: bool, keeps: bool) -> tuple[str, ...]:
    if not keeps:
        return ("Every file in /work that is nowhere else", *pushed)
    return ("Kernels, terminals and whatever else runs in it",) if running else ()


def _only_here(pushed: tuple[str, ...]) -> tuple[str, ...]:
    """What the snapshot alone has afterwards."""
    return (f"In /work alone: {'; '.join(pushed)}.",) if pushed else ()


def _stop_word(*, running: bool, keeps: bool) -> str:
    if keeps:
        return "Stop, and keep a snapshot" if running else "Delete /work, and keep a snapshot"
    return "Stop and delete /work" if running else "Delete /work"


def _for_good(base: str) -> Action:
    fields = (("keep", "no"),)
    return Action("Delete it now, for good", f"{base}/stop", post=True, danger=True, fields=fields)


def _reached(request: Request) -> tuple[Hub, str]:
    """The hub, and the origin at which sessions are reached."""
    settings = request.app.state.settings
    return request.app.state.hub, settings.sessions_url or settings.public_url


def _not_pushed(found: unsaved.Found | None, spec: LaunchSpec | None) -> tuple[str, ...]:
    """What the repositories lose: as the session says, else in general."""
    if found is not None:
        return found.sentences
    folders = [each.folder for each in spec.repositories] if spec else []
    return tuple(f"Commits and changes in {folder} that were not pushed" for folder in folders)


def _asked_in_vain(spec: LaunchSpec | None) -> tuple[str, ...]:
    if spec is None or not spec.repositories:
        return ()
    return ("The session could not be asked what is not pushed yet; look before you stop it.",)


@router.post("/projects/{slug}/sessions/{session}/stop")
async def stop(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Stops the viewer's run and deletes its /work, which is kept as a snapshot unless that is not wished."""
    form = await forms.read(request)
    keeping = None if form.chosen("keep", "no") else keeping_here(request)
    found, run = await newest(db, access, session, "stop")
    await wishes.ask(db, access, found, run, "stop", keeping=keeping)
    return see_other(present.project_path(access.project))
