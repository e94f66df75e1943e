"""The git reader: the only code of the service that talks to a repository's host.

It asks `git ls-remote` what a ref is. git runs without prompts, credentials or settings of this computer,
with one protocol allowed, no redirects, limits of time and output, and, unless private addresses are
allowed, only towards addresses that were looked at: they are handed to git, so DNS is asked once. It logs in
when the host asks for it and there is a git login.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass

from sessions_api.kit.addresses import PrivateAddressError, allowed_addresses
from sessions_api.kit.sealing import NoKey, Unopened
from sessions_api.repositories import ls_remote, refs, urls
from sessions_api.repositories.urls import Address, ReadingRules
from spawner.clone_failures import login_unopened, of_git, ref_missing
from spawner.failures import start_without
from spawner.git import GitFailedError
from spawner.reasons import RETRY, Reason
from spawner.spec import GitLogin

__all__ = ["ReadingRules", "RepositoryUnresolvedError", "Resolved", "resolve"]

SECONDS = 20.0
"""How long a repository's host may take."""

_SLOTS = asyncio.Semaphore(8)
_HTTPS_ONLY = "Git logins are sent over https only; write its address with https://."
_MEMBERS_ONLY = (
    "Git logins are used in projects that one is a member of; an owner of the project can add you."
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a ref is at this moment.

    Attributes:
        ref: as it was asked for; the default branch's name when none was.
        commit: 40 or 64 hexadecimal digits.
        branch: the branch, when it is one.
        default_branch: None where the host was not asked, or does not say.
    """

    ref: str
    commit: str
    branch: str | None
    default_branch: str | None


class RepositoryUnresolvedError(Exception):
    """A repository or its ref cannot be had now.

    Attributes:
        reason: what people are told.
        folder: the repository's folder.
    """

    def __init__(self, reason: Reason, folder: str) -> None:
        super().__init__(f"{reason.code}: {reason.sentence}")
        self.reason = reason
        self.folder = folder


async def resolve(
    url: str,
    ref: str | None,
    *,
    folder: str,
    rules: ReadingRules,
    login: Callable[[], GitLogin | None] = lambda: None,
    member: bool = True,
    seconds: float = SECONDS,
) -> Resolved:
    """The commit that `ref` (branch, tag, whole commit id; None: the default branch) is now.

    A commit id is taken as it is, without asking. `folder` names the repository in sentences; `login`
    decrypts what opens it, if anything does. Who is no `member` of its project is told that none would help.

    Raises:
        RepositoryUnresolvedError: with one of the codes of `spawner.clone_failures`, or `clone_moved`.
        Invalid: the URL or ref is one that git may not be given.
    """
    address = urls.parse(url, rules)
    if ref is not None and refs.is_commit(ref.lower()):
        return Resolved(ref, ref.lower(), None, None)
    wanted = None if ref is None or ref == "HEAD" else refs.check(ref)
    opened = _opened(login, folder, url)
    try:
        async with _SLOTS, asyncio.timeout(seconds):
            listed = await _listed(url, address, wanted, rules=rules, login=opened)
    except PrivateAddressError as error:
        raise RepositoryUnresolvedError(_private(address, folder), folder) from error
    except TimeoutError as error:
        silent = GitFailedError((), silence=seconds)
        raise RepositoryUnresolvedError(of_git(silent, folder=folder, url=url), folder) from error
    except ls_remote.MovedError as error:
        raise RepositoryUnresolvedError(_moved(error, folder), folder) from error
    except GitFailedError as error:
        reason = of_git(error, folder=folder, url=url, login=opened)
        if not rules.may_log_in(url):
            reason = _without_login(reason, _HTTPS_ONLY)
        elif not member:
            reason = _without_login(reason, _MEMBERS_ONLY)
        raise RepositoryUnresolvedError(reason, folder) from error
    return _chosen(listed, wanted, folder)


def _opened(login: Callable[[], GitLogin | None], folder: str, url: str) -> GitLogin | None:
    try:
        return login()
    except (NoKey, Unopened) as error:
        reason = login_unopened(error.detail, error.hint or "", folder=folder, url=url)
        raise RepositoryUnresolvedError(reason, folder) from error


async def _listed(
    url: str, address: Address, ref: str | None, *, rules: ReadingRules, login: GitLogin | None
) -> ls_remote.Listed:
    try:
        pins = await _pins(address, rules)
        return await ls_remote.read(url, address, ref, rules=rules, pins=pins, login=login)
    except socket.gaierror as error:
        raise GitFailedError((f"fatal: Could not resolve host: {address.host}",)) from error
    except TimeoutError:
        raise
    except OSError as error:
        raise GitFailedError((f"error: git cannot be started: {error}",)) from error


async def _pins(address: Address, rules: ReadingRules) -> tuple[str, ...]:
    """The addresses that git is held to; none where it may go anywhere."""
    if rules.private_addresses or address.scheme == "path":
        return ()
    port = address.port or ls_remote.SSH_PORT
    return await allowed_addresses(address.host, port)


def _chosen(listed: ls_remote.Listed, ref: str | None, folder: str) -> Resolved:
    default = listed.default_branch
    if ref is None:
        if listed.head is None:
            sentence = f"{folder} has no commit on its default branch."
            raise RepositoryUnresolvedError(ref_missing(sentence, folder=folder, default_branch=None), folder)
        return Resolved(default or "HEAD", listed.head, default, default)
    for full in ls_remote.full_names(ref):
        if commit := listed.commit(full):
            branch = full.removeprefix("refs/heads/") if full.startswith("refs/heads/") else None
            return Resolved(ref, commit, branch, default)
    sentence = f"Branch or tag `{ref}` does not exist in {folder}."
    raise RepositoryUnresolvedError(ref_missing(sentence, folder=folder, default_branch=default), folder)


def _private(address: Address, folder: str) -> Reason:
    return Reason(
        code="clone_unreachable",
        sentence=f"{folder} could not be cloned: {address.host} has an address that is not public.",
        hint="Repositories are read from public addresses only; an administrator can allow private ones.",
        remedies=(start_without(folder), RETRY),
    )


def _without_login(reason: Reason, hint: str) -> Reason:
    """A reason without the remedy that does not help, and with a hint that says why."""
    if reason.code != "clone_auth_required":
        return reason
    remedies = tuple(remedy for remedy in reason.remedies if remedy.action != "git_login")
    return reason.model_copy(update={"remedies": remedies, "hint": hint})


def _moved(error: ls_remote.MovedError, folder: str) -> Reason:
    where = f" to {error.url}" if error.url else ""
    return Reason(
        code="clone_moved",
        sentence=f"{folder} has moved{where}.",
        hint="Write the new address into the project's repositories.",
        remedies=(start_without(folder), RETRY),
        detail=error.text,
    )
