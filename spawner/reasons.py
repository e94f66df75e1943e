"""Why a run failed: a code, one sentence that names the thing, and what to do about it."""

from __future__ import annotations

from typing import Literal

from spawner.part import Part

Action = Literal[
    "retry",
    "start_without",
    "use_ref",
    "configure",
    "show_log",
    "choose_environment",
    "git_login",
    "registry_login",
]
"""What a remedy button does: `start_without` takes a folder, `use_ref` also a ref, both logins a host."""


class Remedy(Part):
    """One button below a failure.

    Attributes:
        label: the button's words.
        folder: for `start_without` and `use_ref`: which repository or storage.
        ref: for `use_ref`: what to use instead.
        host: which host the person logs in at: for `git_login` as `spawner.git_logins` writes it, for
            `registry_login` as the image's name begins.
    """

    action: Action
    label: str
    folder: str | None = None
    ref: str | None = None
    host: str | None = None


class Reason(Part):
    """Why a run failed.

    Attributes:
        code: stable, for programs (`clone_ref_missing`).
        sentence: what happened, with its number or name; ends with a full stop.
        hint: what is known beyond the sentence, or what to do; may be empty.
        remedies: the first one leads.
        detail: the last lines a program said about it; may be empty.
    """

    code: str
    sentence: str
    hint: str = ""
    remedies: tuple[Remedy, ...] = ()
    detail: str = ""


RETRY = Remedy(action="retry", label="Retry")
REGISTRY_LOGIN = Remedy(action="registry_login", label="Add a registry login")
"""Still without its host."""
SHOW_LOG = Remedy(action="show_log", label="Show the last lines")
