"""What to tell about an image that a registry does not hand out, whoever pulled it."""

from __future__ import annotations

from spawner.images import host_and_rest, short
from spawner.reasons import REGISTRY_LOGIN, Reason

MAYBE_PRIVATE = "It is private, or does not exist: some registries do not say which."
GONE = "It was deleted there, or never pushed."


def denied(image: str) -> str:
    """That the registry wants a login for an image."""
    host, rest = host_and_rest(image)
    return f"Registry {host} does not hand out {rest} without a login."


def not_found(image: str) -> str:
    """That the registry has no such image."""
    host, rest = host_and_rest(image)
    return f"Registry {host} has no {rest}."


def not_pulled(image: str) -> str:
    """That the registry did not answer."""
    host, _ = host_and_rest(image)
    return f"{short(image)} could not be pulled: registry {host} does not answer."


def about_login(reason: Reason, image: str, *, logs_in: bool) -> Reason:
    """A denial with what a person can do about the login; `logs_in`: it was pulled with one of the run's."""
    host, rest = host_and_rest(image)
    label = "Change the registry login" if logs_in else REGISTRY_LOGIN.label
    login = REGISTRY_LOGIN.model_copy(update={"label": label, "host": host})
    told = reason.model_copy(update={"remedies": (login, *reason.remedies)})
    if not logs_in:
        return told
    sentence = f"Registry {host} does not hand out {rest} to the registry login that it was pulled with."
    hint = "The password or token is wrong or has expired, or may not read this repository."
    return told.model_copy(update={"sentence": sentence, "hint": hint})
