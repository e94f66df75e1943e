"""What answers mean that are not the thing asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sessions_api.registry import reasons
from sessions_api.registry.documents import Document, UnreadableError
from sessions_api.registry.fetch import Answer, FetchError
from sessions_api.registry.reasons import RegistryError
from sessions_api.registry.references import Reference

TOO_MANY = 429
_TROUBLE = 500
_MOST_ERRORS = 100
_CODE = re.compile(r"[A-Z][A-Z_]{0,60}")


def failure(reference: Reference, error: FetchError, seconds: float) -> RegistryError:
    """What it means that an answer could not be had within `seconds`."""
    match error.code:
        case "unreachable" | "address_refused":
            return reasons.unreachable(reference)
        case "insecure":
            return reasons.insecure(reference)
        case "too_slow":
            return reasons.too_slow(reference, seconds)
        case "too_large":
            return reasons.manifest_broken(reference, "something of it is larger than it may be")
        case "too_many_redirects":
            return reasons.broken(reference, "sends on and on, from one address to the next")
        case "bad_answer":
            return reasons.broken(reference, "does not answer as HTTP has it, or breaks off")


def refused_for_now(reference: Reference, answer: Answer) -> RegistryError | None:
    """What it means if the same question may be answered later."""
    if answer.status == TOO_MANY:
        return reasons.rate_limited(reference, _seconds(answer.headers.get("retry-after", "")))
    return reasons.in_trouble(reference, answer.status) if answer.status >= _TROUBLE else None


async def error_codes(answer: Answer) -> frozenset[str]:
    """The codes of a registry's refusal (OCI distribution spec 1.1, "Error Codes"); none if it is no such.

    Raises:
        FetchError: it could not be read.
    """
    try:
        document = Document.read(await answer.read())
        errors = document.documents("errors", most=_MOST_ERRORS)
        return frozenset(code for error in errors if _CODE.fullmatch(code := error.text("code")))
    except UnreadableError:
        return frozenset()
    except FetchError as error:
        if error.code != "too_large":
            raise
        return frozenset()


def _seconds(retry_after: str) -> float | None:
    """`Retry-After`, in seconds or as a date (RFC 9110, 10.2.3)."""
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)
