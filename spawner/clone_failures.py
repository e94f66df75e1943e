"""Why a repository could not be cloned, in words a person can act on."""

from __future__ import annotations

import re
from pathlib import Path

from spawner.failures import disk_full, is_full, means_no_space, start_without
from spawner.git import GitFailedError, host
from spawner.reasons import RETRY, Reason, Remedy
from spawner.spec import RepositorySpec

_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|file write error")
_AUTH = re.compile(
    r"could not read (Username|Password)|Authentication failed|returned error: (401|403)|"
    r"Permission denied \(|HTTP Basic: Access denied"
)
_NOT_FOUND = re.compile(
    r"repository .* (not found|does not exist)|does not appear to be a git repository", re.IGNORECASE
)
_BROKEN_OFF = re.compile(
    r"early EOF|RPC failed|unexpected disconnect|hung up unexpectedly|transfer closed|"
    r"invalid index-pack output"
)
_UNREACHABLE = re.compile(
    r"Could not resolve|Failed to connect|Couldn't connect|Connection refused|timed out|"
    r"Connection reset|No route to host|Network is unreachable|returned error: 5\d\d|Empty reply|"
    r"SSL|TLS|certificate"
)


def why(error: GitFailedError | OSError, repository: RepositorySpec, work: Path) -> Reason:
    """The reason for an error of git, or of the system while git's folder was moved into place."""
    if isinstance(error, OSError):
        if means_no_space(error):
            return disk_full(work, str(error))
        return _reason(
            "clone_failed", f"{repository.folder} could not be cloned.", repository.folder, detail=str(error)
        )
    if _NO_SPACE.search(error.text) or is_full(work):
        return disk_full(work, error.last_line)
    return of_git(error, folder=repository.folder, url=repository.url)


def of_git(error: GitFailedError, *, folder: str, url: str) -> Reason:
    """The reason for an error of git about the repository at `url` that becomes `folder`."""
    server, text = host(url), error.text
    if error.silence is not None:
        sentence = f"{folder} could not be cloned: {server} was silent for {error.silence:.0f} s."
        return _reason("clone_unreachable", sentence, folder, detail=text)
    if _AUTH.search(text):
        sentence = f"{server} does not hand out {folder} without a login."
        hint = "It is private, or does not exist: some servers do not say which."
        return _reason("clone_auth_required", sentence, folder, hint=hint, detail=text)
    if _NOT_FOUND.search(text):
        sentence = f"There is no repository at {url}."
        hint = f"Check the URL of {folder} in the project."
        return _reason("clone_not_found", sentence, folder, hint=hint, detail=text)
    if _BROKEN_OFF.search(text):
        sentence = f"{folder} could not be cloned: the connection to {server} broke."
        return _reason("clone_interrupted", sentence, folder, detail=text)
    if _UNREACHABLE.search(text):
        sentence = f"{folder} could not be cloned: {server} does not answer."
        return _reason("clone_unreachable", sentence, folder, hint=_after_colon(error), detail=text)
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


def commit_missing(repository: RepositorySpec) -> Reason:
    """The frozen commit was taken out of the repository's history."""
    return _reason(
        "clone_commit_missing",
        f"Commit {repository.commit[:12]} no longer exists in {repository.folder}.",
        repository.folder,
        hint=f"The history of `{repository.ref}` was rewritten; a retry takes its present commit.",
    )


def _reason(code: str, sentence: str, folder: str, *, hint: str = "", detail: str = "") -> Reason:
    remedies = (RETRY, start_without(folder))
    return Reason(code=code, sentence=sentence, hint=hint, remedies=remedies, detail=detail)


def _after_colon(error: GitFailedError) -> str:
    """The verdict of git without its prefix."""
    return re.sub(r"^(fatal|error): ", "", error.last_line)
