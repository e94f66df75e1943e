"""Why a repository could not be cloned, in words a person can act on."""

from __future__ import annotations

import re
from typing import NamedTuple

from spawner.cloning.checkout import BranchMissingError, CommitMissingError
from spawner.cloning.filling import CloneFailedError, Repository
from spawner.failures import is_full, means_no_space, sizes, start_without
from spawner.git import GitFailedError, host
from spawner.git_logins import Login, host_of
from spawner.reasons import RETRY, Reason, Remedy

_AUTH = re.compile(
    r"could not read (Username|Password)|Authentication failed|returned error: (401|403)|"
    r"Permission denied \(|HTTP Basic: Access denied"
)
_NOT_FOUND = re.compile(
    r"repository .* (not found|does not exist)|does not appear to be a git repository", re.IGNORECASE
)


class Trouble(NamedTuple):
    """One way for a clone to fail.

    Attributes:
        words: of git, curl, ssh or the system.
        sentence: what follows a colon; `{server}` is the host.
        hint: empty: git's own words.
    """

    words: re.Pattern[str]
    code: str
    sentence: str
    hint: str = ""


_TROUBLES = (
    Trouble(
        re.compile(
            r"(could not create|cannot mkdir|could not lock|unable to create) .*"
            r"(Permission denied|Read-only file system)"
        ),
        "work_unwritable",
        "/work cannot be written to.",
    ),
    Trouble(
        re.compile(r"died of signal 9|Out of memory|Cannot allocate memory|cannot fork", re.IGNORECASE),
        "clone_out_of_memory",
        "git was short of memory.",
        "Give the session more memory, or clone the repository without its history.",
    ),
    Trouble(
        re.compile(r"Host key verification failed"),
        "clone_host_key",
        "the SSH key of {server} is not known here.",
        "Use the repository's address that begins with https://.",
    ),
    Trouble(
        re.compile(r"returned error: 30[12378]"),
        "clone_moved",
        "{server} answers with another address.",
        "Write the new address into the project's repositories.",
    ),
    Trouble(
        re.compile(r"Could not resolve host(name)?\b"),
        "clone_unreachable",
        "there is no host called {server}.",
        "Check its URL in the project.",
    ),
    Trouble(
        re.compile(r"certificate|SSL: no alternative", re.IGNORECASE),
        "clone_certificate",
        "the certificate of {server} is not trusted.",
    ),
    Trouble(
        re.compile(
            r"early EOF|RPC failed|unexpected disconnect|hung up unexpectedly|transfer closed|"
            r"invalid index-pack output"
        ),
        "clone_interrupted",
        "the connection to {server} broke.",
    ),
    Trouble(
        re.compile(
            r"Could not resolve|Failed to connect|Couldn't connect|Connection refused|timed out|"
            r"Connection reset|No route to host|Network is unreachable|returned error: 5\d\d|Empty reply|"
            r"SSL|TLS"
        ),
        "clone_unreachable",
        "{server} does not answer.",
    ),
)


def reason_of(failure: CloneFailedError) -> Reason:
    """The reason for what git, the repository's host or the system said."""
    error, folder = failure.error, failure.repository.folder
    match error:
        case BranchMissingError():
            sentence = f"Branch `{failure.repository.branch}` no longer exists in {folder}."
            return ref_missing(sentence, folder=folder, default_branch=error.default_branch)
        case CommitMissingError():
            return _commit_missing(failure.repository)
        case GitFailedError():
            if error.means_full or is_full(failure.work):
                return _no_room(failure, error.text)
            return of_git(error, folder=folder, url=failure.repository.url, login=failure.login)
        case OSError() if means_no_space(error):
            return _no_room(failure, str(error))
        case _:
            return _reason("clone_failed", f"{folder} could not be cloned.", folder, detail=str(error))


def of_git(error: GitFailedError, *, folder: str, url: str, login: Login | None = None) -> Reason:
    """The reason for an error of git about the repository at `url` that becomes `folder`.

    `login` is what git could log in with.
    """
    server, text = host(url), error.text
    if error.silence is not None:
        sentence = f"{folder} could not be cloned: {server} was silent for {error.silence:.0f} s."
        return _reason("clone_unreachable", sentence, folder, detail=text)
    if _AUTH.search(text):
        return _auth(folder, url, login, text)
    if _NOT_FOUND.search(text):
        sentence = f"There is no repository at {url}."
        hint = f"Check the URL of {folder} in the project."
        if login is not None:
            hint = f"{hint[:-1]}, and that the git login of {login.host} may read it."
        return _reason("clone_not_found", sentence, folder, hint=hint, detail=text)
    for trouble in _TROUBLES:
        if trouble.words.search(text):
            sentence = f"{folder} could not be cloned: {trouble.sentence.format(server=server)}"
            return _reason(
                trouble.code, sentence, folder, hint=trouble.hint or _after_colon(error), detail=text
            )
    sentence = f"{folder} could not be cloned."
    return _reason("clone_failed", sentence, folder, hint=_after_colon(error), detail=text)


def ref_missing(sentence: str, *, folder: str, default_branch: str | None) -> Reason:
    """The repository has no such ref; `default_branch` is what it offers in its place."""
    reason = _reason("clone_ref_missing", sentence, folder)
    if default_branch is None:
        return reason
    other = Remedy(
        action="use_ref", label=f"Use branch {default_branch} and start", folder=folder, ref=default_branch
    )
    return reason.model_copy(update={"remedies": (other, start_without(folder), RETRY)})


def _commit_missing(repository: Repository) -> Reason:
    """The frozen commit was taken out of the repository's history."""
    return _reason(
        "clone_commit_missing",
        f"Commit {repository.commit[:12]} no longer exists in {repository.folder}.",
        repository.folder,
        hint=f"The history of `{repository.ref}` was rewritten; a retry takes its present commit.",
    )


def login_unopened(sentence: str, hint: str, *, folder: str, url: str) -> Reason:
    """The login that the repository needs is there, but its token cannot be decrypted."""
    return _with_login(
        _reason("git_login_unopened", sentence, folder, hint=hint), url, "Change the git login"
    )


def _no_room(failure: CloneFailedError, detail: str) -> Reason:
    """It does not fit; with the numbers of before, because git has made room again when it fails."""
    folder, work, room = failure.repository.folder, failure.work, failure.room
    has_disk = work.is_mount()
    hint = (
        "Give the session a larger disk, or delete what is not needed from /work."
        if has_disk
        else f"Delete what is not needed from the disk of {work}, then retry."
    )
    larger = (Remedy(action="configure", label="Configure the session"),) if has_disk else ()
    return Reason(
        code="disk_full",
        sentence=f"/work is full: {folder} did not fit, {sizes(room.free, room.total)} were free.",
        hint=hint,
        remedies=(*larger, RETRY, start_without(folder)),
        detail=detail,
    )


def _auth(folder: str, url: str, login: Login | None, text: str) -> Reason:
    if login is not None:
        sentence = f"{login.host} does not accept the git login of {login.username} for {folder}."
        hint = "Its token may have expired, or may not read this repository."
        reason = _reason("clone_login_refused", sentence, folder, hint=hint, detail=text)
        return _with_login(reason, url, "Change the git login")
    sentence = f"{host(url)} does not hand out {folder} without a login."
    hint = "It is private, or does not exist: some servers do not say which."
    reason = _reason("clone_auth_required", sentence, folder, hint=hint, detail=text)
    return _with_login(reason, url, "Add a git login")


def _with_login(reason: Reason, url: str, label: str) -> Reason:
    """The reason with a git login as its first remedy, where git asks for one: not over SSH."""
    server = host_of(url)
    if server is None:
        return reason
    remedy = Remedy(action="git_login", label=label, host=server)
    return reason.model_copy(update={"remedies": (remedy, *reason.remedies)})


def _reason(code: str, sentence: str, folder: str, *, hint: str = "", detail: str = "") -> Reason:
    remedies = (RETRY, start_without(folder))
    return Reason(code=code, sentence=sentence, hint=hint, remedies=remedies, detail=detail)


def _after_colon(error: GitFailedError) -> str:
    """The verdict of git without its prefix."""
    return re.sub(r"^(fatal|error): ", "", error.last_line)
