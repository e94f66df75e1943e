"""Why an image could not be read from its registry, in words; with every code there is.

Nothing that a registry says of a failure is repeated, save its codes: careless ones repeat passwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sessions_api.registry.platforms import Platform
from sessions_api.registry.references import Reference
from spawner.reasons import REGISTRY_LOGIN, RETRY, Reason, Remedy


@dataclass(frozen=True)
class Code:
    """One code.

    Attributes:
        code: what programs know it by.
        means: when it is told, for the documentation.
        remedies: its buttons; the first one leads.
    """

    code: str
    means: str
    remedies: tuple[Remedy, ...] = ()


_CODES = (
    Code("image_not_found", "The registry has no such repository, or no such tag or digest in it."),
    Code(
        "image_login_required",
        "The registry does not hand the image out without a login.",
        (REGISTRY_LOGIN,),
    ),
    Code(
        "image_login_refused",
        "The registry does not hand the image out to the login that was given, or kept for it.",
        (REGISTRY_LOGIN.model_copy(update={"label": "Change the registry login"}),),
    ),
    Code("image_wrong_platform", "The image is not built for any of the wanted processors."),
    Code("image_elsewhere", "A layer of the image is not in the registry, or is encrypted."),
    Code("not_an_image", "There is something under this name, but it is no container image."),
    Code("manifest_too_old", "The image is in Docker's first format, which nodes no longer run."),
    Code("manifest_broken", "What describes the image cannot be read, or is not what its digest says."),
    Code(
        "registry_unreachable",
        "The registry, or where it sends on to, could not be reached, or may not be.",
        (RETRY,),
    ),
    Code("registry_insecure", "The way to the registry is not https that can be trusted.", (RETRY,)),
    Code("registry_rate_limited", "The registry has been asked too often.", (RETRY,)),
    Code("registry_broken", "The registry answered what is no registry's answer.", (RETRY,)),
    Code("registry_too_slow", "The registry began to answer and did not end in time.", (RETRY,)),
)
_BY_CODE = {code.code: code for code in _CODES}
_DAY = 24 * 60 * 60.0


def codes() -> tuple[Code, ...]:
    """All codes, for the documentation."""
    return _CODES


class RegistryError(Exception):
    """An image could not be read from its registry.

    Attributes:
        reason: what people are told.
        retry_after: seconds before which it is useless to ask this registry again; None: it did not say.
    """

    def __init__(self, reason: Reason, *, retry_after: float | None = None) -> None:
        super().__init__(f"{reason.code}: {reason.sentence}")
        self.reason = reason
        self.retry_after = retry_after


def refusal(
    code: str, sentence: str, hint: str = "", *, retry_after: float | None = None, host: str | None = None
) -> RegistryError:
    """An error with one of the codes, and its buttons; `host` is where those lead that are about a login."""
    remedies = tuple(
        remedy.model_copy(update={"host": host}) if remedy.action == "registry_login" else remedy
        for remedy in _BY_CODE[code].remedies
    )
    reason = Reason(code=code, sentence=sentence, hint=hint, remedies=remedies)
    return RegistryError(reason, retry_after=retry_after)


def short(digest: str) -> str:
    """As much of a digest as people compare."""
    algorithm, _, digits = digest.partition(":")
    return f"{algorithm}:{digits[:12]}…"


def name_of(reference: Reference) -> str:
    """An image in a sentence that names its registry."""
    if reference.digest:
        return f"{reference.repository}@{short(reference.digest)}"
    return f"{reference.repository}:{reference.tag}"


def no_repository(reference: Reference) -> RegistryError:
    """The registry knows no such repository."""
    return refusal(
        "image_not_found",
        f"The registry {reference.host} has no repository {reference.repository}.",
        "Check how it is written; it may also be private, which some registries do not say.",
    )


def no_version(reference: Reference) -> RegistryError:
    """The repository has no such tag or digest."""
    if reference.digest:
        what, hint = f"no image {short(reference.digest)}", "It was deleted there, or never pushed."
    else:
        what, hint = f"no tag {reference.tag}", "Check how it is written; tags are case-sensitive."
    sentence = f"The repository {reference.repository} of the registry {reference.host} has {what}."
    return refusal("image_not_found", sentence, hint)


def no_image(reference: Reference) -> RegistryError:
    """The registry has no such image, and does not say whether it is for want of a repository or of a tag."""
    version = "digest" if reference.digest else "tag"
    return refusal(
        "image_not_found",
        f"The registry {reference.host} has no image {name_of(reference)}.",
        f"Either the repository or the {version} is not there: check how both are written. It may also be "
        "private, which some registries do not say.",
    )


def no_blob(reference: Reference, digest: str) -> RegistryError:
    """A part of the image is gone."""
    return refusal(
        "image_not_found",
        f"The registry {reference.host} has lost a part of {name_of(reference)}: {short(digest)}.",
        "Whoever pushed the image can push it again.",
    )


def login_required(reference: Reference) -> RegistryError:
    """Nobody is let in without a login."""
    return refusal(
        "image_login_required",
        f"The registry {reference.host} does not hand out {name_of(reference)} without a login.",
        "Add a login for this registry. If the image is meant to be public, check how its name is written: "
        "some registries ask for a login where there is nothing.",
        host=reference.host,
    )


def login_refused(reference: Reference, username: str) -> RegistryError:
    """A login did not help."""
    return refusal(
        "image_login_refused",
        f"The registry {reference.host} does not hand out {name_of(reference)} to {username}.",
        "The password or token is wrong or has expired, or may not read this repository.",
        host=reference.host,
    )


def unreachable(reference: Reference) -> RegistryError:
    """One text, whether there is nothing or nothing that may be talked to."""
    return refusal(
        "registry_unreachable",
        f"The registry {reference.host}, or an address that it sends on to, cannot be reached from here.",
        "Check its name, or ask an administrator whether Sojourn may talk to it.",
    )


def insecure(reference: Reference) -> RegistryError:
    """It speaks http, or has a certificate that nobody vouches for."""
    return refusal(
        "registry_insecure",
        f"The registry {reference.host}, or an address that it sends on to, has no https to be trusted.",
        "Its certificate is unknown here or for another name, or it speaks http; an administrator can allow "
        "either.",
    )


def too_slow(reference: Reference, seconds: float) -> RegistryError:
    """It began to answer and did not end."""
    return refusal(
        "registry_too_slow",
        f"The registry {reference.host} did not send its whole answer within {seconds:g} s.",
        "Try again later.",
    )


def rate_limited(reference: Reference, retry_after: float | None) -> RegistryError:
    """It wants to be asked less often."""
    wait = min(retry_after, _DAY) if retry_after and retry_after >= 1 else None
    when = "later" if wait is None else f"in {_duration(wait)}"
    return refusal(
        "registry_rate_limited",
        f"The registry {reference.host} was asked too often and answers again {when}.",
        "Some registries allow more with a login.",
        retry_after=wait,
    )


def broken(reference: Reference, what: str) -> RegistryError:
    """It answered what no registry answers; `what` completes "The registry X …"."""
    return refusal(
        "registry_broken",
        f"The registry {reference.host} {what}.",
        "Check that it is a registry; if it is, whoever runs it can tell more.",
    )


def no_registry(reference: Reference) -> RegistryError:
    """It is something else, such as a web site."""
    return refusal(
        "registry_broken",
        f"{reference.host} does not answer as registries do.",
        "Check that the image's name begins with a registry's name.",
    )


def in_trouble(reference: Reference, status: int) -> RegistryError:
    """It says that it cannot."""
    return refusal(
        "registry_broken",
        f"The registry {reference.host} has trouble of its own: it answered with status {status}.",
        "Try again later.",
    )


def manifest_broken(reference: Reference, what: str) -> RegistryError:
    """What describes the image cannot be used; `what` completes "cannot be read: …"."""
    return refusal(
        "manifest_broken",
        f"What the registry {reference.host} has as {name_of(reference)} cannot be read: {what}.",
        "Whoever pushed the image can push it again.",
    )


def wrong_platform(
    reference: Reference, built: Iterable[Platform], wanted: Sequence[Platform]
) -> RegistryError:
    """It is not built for what it would run on."""
    has = _listed(sorted({str(platform) for platform in built})) or "no platform that is named"
    wants = _listed([str(platform) for platform in wanted], last="or")
    return refusal(
        "image_wrong_platform",
        f"{name_of(reference)} is built for {has}, not for {wants}.",
        "Choose another image, or have it built for both and pushed as one.",
    )


def _listed(names: Sequence[str], last: str = "and") -> str:
    few = [*names[:8], f"{len(names) - 8} more"] if len(names) > 9 else list(names)  # noqa: PLR2004
    return f" {last} ".join(filter(None, (", ".join(few[:-1]), *few[-1:])))


def _duration(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 60 * 60 else f"{seconds / 3600:.0f} h"
