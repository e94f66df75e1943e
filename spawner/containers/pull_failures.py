"""Why an image could not be pulled onto this computer, read from what podman and docker say."""

from __future__ import annotations

import re

from spawner import pull_reasons
from spawner.images import (
    DENIED,
    NO_ANSWER,
    NO_SPACE,
    NOT_FOUND,
    PLATFORM,
    UNTRUSTED,
    host_and_rest,
    short,
    why_silent,
)
from spawner.reasons import RETRY, Reason, Remedy

CHOOSE = Remedy(action="choose_environment", label="Choose another environment")


def pull_failed(image: str, said: str, *, logs_in: bool) -> Reason:
    """What a failed pull comes to.

    Args:
        image: its name.
        said: the last lines of the engine.
        logs_in: whether it was pulled with a login of the run.
    """
    told = next(told for pattern, told in _TOLD if pattern.search(said))
    reason = told(image, said)
    if reason.code == "image_denied":
        reason = pull_reasons.about_login(reason, image, logs_in=logs_in)
    return reason.model_copy(update={"detail": said})


def other_platform(image: str, platform: str, ours: str) -> Reason:
    """An image that was pulled and cannot run here."""
    return Reason(
        code="image_platform",
        sentence=f"{short(image)} is made for {platform}, and this computer is {ours}.",
        remedies=(CHOOSE, RETRY),
    )


def not_for_this_computer(image: str, said: str) -> Reason:
    """An image for other processors, as is seen when it is pulled or started."""
    sentence = f"{short(image)} is not made for the processors of this computer."
    return Reason(code="image_platform", sentence=sentence, remedies=(CHOOSE, RETRY), detail=said)


def _no_space(image: str, _said: str) -> Reason:
    return Reason(
        code="disk_full",
        sentence=f"{short(image)} does not fit on this computer: its disk is full.",
        hint="Delete images that are not needed, then retry.",
        remedies=(RETRY,),
    )


def _untrusted(image: str, _said: str) -> Reason:
    host, _ = host_and_rest(image)
    return Reason(
        code="registry_untrusted",
        sentence=f"{short(image)} was not pulled: registry {host} has no certificate that is trusted here.",
        hint="Tell podman or docker of this computer about the registry's certificate.",
        remedies=(RETRY, CHOOSE),
    )


def _denied(image: str, _said: str) -> Reason:
    return Reason(
        code="image_denied",
        sentence=pull_reasons.denied(image),
        hint=pull_reasons.MAYBE_PRIVATE,
        remedies=(CHOOSE, RETRY),
    )


def _no_answer(image: str, said: str) -> Reason:
    why = why_silent(said)
    return Reason(
        code="registry_unreachable",
        sentence=pull_reasons.not_pulled(image),
        hint=f"{why[:1].upper()}{why[1:]}." if why else "",
        remedies=(RETRY, CHOOSE),
    )


def _not_found(image: str, _said: str) -> Reason:
    return Reason(
        code="image_not_found",
        sentence=pull_reasons.not_found(image),
        hint=pull_reasons.GONE,
        remedies=(CHOOSE, RETRY),
    )


def _otherwise(image: str, _said: str) -> Reason:
    sentence = f"{short(image)} could not be pulled."
    return Reason(code="image_pull_failed", sentence=sentence, remedies=(RETRY, CHOOSE))


_TOLD = (
    (PLATFORM, not_for_this_computer),
    (NO_SPACE, _no_space),
    (UNTRUSTED, _untrusted),
    (DENIED, _denied),
    (NO_ANSWER, _no_answer),
    (NOT_FOUND, _not_found),
    (re.compile(""), _otherwise),
)
