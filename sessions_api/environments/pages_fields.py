"""Between environments and versions, and the forms that show them.

Whoever knows an image fills the form with `of_run` and `of_image`; what a person then changes counts.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from sessions_api.environments.checks.schemas import CheckRead
from sessions_api.environments.content import Content
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.errors import Invalid, Problem
from sessions_api.web.forms import FieldError, Form
from spawner.recipes import PINNED_IMAGE, FrontEndPart, RunPart

LABELS = {
    "name": "Name",
    "description": "Description",
    "keywords": "Keywords",
    "visibility": "Who can see it",
    "projects": "Projects",
    "default": "Default environment",
    "archived": "Archived",
    "successor": "What to use instead",
    "made_of": "What it is made of",
    "image": "Image",
    "reference": "As written",
    "requirements": "Requirements",
    "lock": "uv.lock",
    "front_end": "Front end",
    "front_ends": "Other front ends",
    "default_url": "Opens",
    "port": "Port",
    "login": "Login",
    "ready_path": "Ready when this answers",
    "command": "Command",
    "arguments": "Arguments",
    "uid": "User",
    "gid": "Group",
    "working_folder": "Starts in",
}
"""What people call the inputs."""

_KNOWN = ("platforms", "size", "layers", "labels")
"""What a check finds and people do not type."""
_ENTRIES = {"command": 50, "arguments": 100, "keywords": 100, "projects": 100}
_GATE = {"gate": "login", "gate.prefix": "login", "gate.ready_path": "ready_path"}
_READY = re.compile(r"/\S*")
_JUPYTERLAB = RunPart(
    front_end="JupyterLab", command=("jupyterhub-singleuser",), default_url="/lab", port=8888
)
"""What most environments of packages run."""


def blank(*, kinds: Kinds) -> Form:
    """The form of a new environment: of packages where sessions run from them, else of an image."""
    if kinds.packages:
        return Form({"made_of": ["packages"], "visibility": ["private"], **of_run(_JUPYTERLAB)})
    return Form(
        {
            "made_of": ["image"],
            "visibility": ["private"],
            "login": ["strip"],
            "default_url": ["/"],
            "ready_path": ["/"],
            "uid": ["1000"],
            "gid": ["100"],
            "working_folder": ["/work"],
        }
    )


def of_version(version: EnvironmentVersion) -> Form:
    """The form of a next version: as the newest one is."""
    made = {"requirements": [version.requirements]} if version.image is None else of_image(version)
    return Form({"made_of": ["packages" if version.image is None else "image"], **made, **of_run(version)})


def of_image(version: EnvironmentVersion | Content) -> dict[str, list[str]]:
    """The inputs that say which image it is."""
    return {"image": [version.image or ""], "reference": [version.reference or ""]}


def of_run(version: EnvironmentVersion | Content | RunPart) -> dict[str, list[str]]:
    """The inputs that say how it is run."""
    run = RunPart(**{name: getattr(version, name) for name in RunPart.model_fields})
    return {
        **{
            name: [str(getattr(run, name))]
            for name in ("front_end", "default_url", "port", "uid", "gid", "working_folder")
        },
        "login": [run.gate.prefix if run.gate else "own"],
        "ready_path": [run.gate.ready_path if run.gate else "/"],
        "command": [shlex.join(run.command)],
        "arguments": [shlex.join(run.arguments)],
        "read_only_root": ["on"] if run.read_only_root else [],
        "front_ends": [each.model_dump_json() for each in run.front_ends],
    }


def front_ends(form: Form) -> tuple[tuple[str, str], ...]:
    """Value and name of the other front ends in the form; what came back broken has its value for a name."""
    found: list[tuple[str, str]] = []
    for told in form.values.get("front_ends", ()):
        try:
            name = FrontEndPart.model_validate_json(told).name
        except ValidationError:
            name = told
        found.append((told, name))
    return tuple(found)


def of_check(form: Form, run: RunPart, found: CheckRead) -> Form:
    """The same form with the image that was found and how it runs; what else was typed is kept."""
    told = found.version or {}
    known = {name: told[name] for name in ("image", *_KNOWN)}
    filled = {"made_of": ["image"], "image": [found.image], "reference": [found.reference]}
    return Form({**form.values, **of_run(run), **filled, "known": [json.dumps(known)]})


def of_environment(environment: Environment, projects: Iterable[str], successor: str) -> Form:
    """The form of an environment as it is; `projects` and `successor` are slugs."""
    return Form(
        {
            "revision": [str(environment.revision)],
            "name": [environment.name],
            "description": [environment.description],
            "keywords": [", ".join(environment.keywords)],
            "visibility": [environment.visibility],
            "projects": list(projects),
            "default": ["on"] if environment.default else [],
            "archived": ["on"] if environment.archived_at is not None else [],
            "successor": [successor],
        }
    )


def refused(form: Form, error: ValidationError | Problem) -> Form:
    """The same form with what was wrong with it."""
    found = form.refused(error, LABELS, _inputs(form))
    wrong = _wrong_image(form) or (_UNREADABLE if any(map(_is_known, found.errors)) else "")
    if not wrong:
        return found
    # Bodies are asked for one of image and requirements, and only once all else is right; this form has
    # asked for an image, and says so with the rest.
    others = (each for each in found.errors if each.field != "image" and not _is_known(each))
    return replace(found, errors=(FieldError("image", LABELS["image"], wrong), *others))


_UNREADABLE = "What a check found of this image cannot be read; check it again."


def _wrong_image(form: Form) -> str:
    """What is wrong with an image that has not been checked; empty: nothing is."""
    image = form.value("image").strip()
    if form.value("made_of") != "image" or PINNED_IMAGE.fullmatch(image):
        return ""
    if not image:
        return "Say which image it is, and check it."
    return f"The image {image} is not pinned to a digest; check it, which finds its digest."


def _is_known(error: FieldError) -> bool:
    """Whether it is about what a check found, which has no input."""
    return error.field.removeprefix("version.").partition(".")[0] in _KNOWN


def _inputs(form: Form) -> Mapping[str, str]:
    """Which input each field of a body came from."""
    whole = "command" if form.value("made_of") == "packages" else "image"
    named = {"": whole, "version": whole, **{f"version.{name}": name for name in LABELS}}
    for name, most in _ENTRIES.items():
        for prefix in ("", "version."):
            named |= {f"{prefix}{name}.{place}": name for place in range(most)}
    for field, name in _GATE.items():
        named |= {field: name, f"version.{field}": name}
    return named


def mark(requirements: str) -> str:
    """What tells whether requirements are still those that were read from a file."""
    return sha256(requirements.strip().encode()).hexdigest()


def version_body(form: Form) -> dict[str, Any]:
    """A version as a JSON body would say it.

    Raises:
        Invalid: a command cannot be read, a path is none, or what a check found came back broken.
    """
    sent: dict[str, Any] = {
        **form.given("front_end", "default_url", "port", "uid", "gid", "working_folder"),
        "read_only_root": form.chosen("read_only_root", "on"),
    }
    for name in ("command", "arguments"):
        if parts := _parts(form, name):
            sent[name] = parts
    if (login := form.value("login", "own")) != "own":
        sent["gate"] = {"prefix": login, "ready_path": _ready_path(form)}
    if others := form.values.get("front_ends"):
        sent["front_ends"] = [_front_end(told) for told in others]
    if form.value("made_of") == "packages":
        requirements = form.value("requirements")
        source = form.given("source") if form.value("source_of") == mark(requirements) else {}
        return {**sent, "requirements": requirements, **source}
    return {**sent, **form.given("image", "reference"), **_known(form)}


def _front_end(told: str) -> Any:
    try:
        return from_json(told)
    except ValueError as error:
        raise Invalid.field("front_ends", f"{told} cannot be read; leave it out.") from error


def _known(form: Form) -> dict[str, Any]:
    """What a check found of the image in the form; nothing if that is another one by now."""
    if not (told := form.value("known")):
        return {}
    try:
        known = from_json(told)
    except ValueError as error:
        raise Invalid.field("image", _UNREADABLE) from error
    if not isinstance(known, dict) or known.get("image") != form.value("image").strip():
        return {}
    return {name: known[name] for name in _KNOWN if name in known}


def create_body(form: Form) -> dict[str, Any]:
    """A new environment as a JSON body would say it.

    Raises:
        Invalid: as `version_body`.
    """
    return {
        "name": form.value("name"),
        "description": form.value("description"),
        "keywords": _words(form.value("keywords")),
        **_sharing(form),
        "version": version_body(form),
    }


def change_body(form: Form, environment: Environment, *, successor: str, admin: bool) -> dict[str, Any]:
    """A change as a JSON body would say it; `successor` is the slug that the form was shown with."""
    sent = _sharing(form)
    if environment.recipe is None:
        sent |= {
            "name": form.value("name"),
            "description": form.value("description"),
            "keywords": _words(form.value("keywords")),
        }
    if admin:
        sent["default"] = form.chosen("default", "on")
    archived, named = form.chosen("archived", "on"), form.value("successor").strip()
    sent["archived"] = archived
    # Who takes it out of the archive leaves the successor where it stood; who names one without putting it
    # there is told so.
    if named != successor or (archived and environment.archived_at is None):
        sent["successor"] = named or None
    return sent


def _sharing(form: Form) -> dict[str, Any]:
    visibility = form.value("visibility", "private")
    if visibility != "projects":
        return {"visibility": visibility}
    named = [*form.values.get("projects", ()), *_words(form.value("more_projects"))]
    return {"visibility": visibility, "projects": list(dict.fromkeys(named))}


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _parts(form: Form, name: str) -> list[str]:
    try:
        return shlex.split(form.value(name))
    except ValueError as error:
        raise Invalid.field(
            name, "A quote or backslash has no end; close the quote, or write a backslash twice."
        ) from error


def _ready_path(form: Form) -> str:
    path = form.value("ready_path").strip() or "/"
    if not _READY.fullmatch(path):
        raise Invalid.field("ready_path", f"This is no path: {path}; write it like /healthz.")
    return path
