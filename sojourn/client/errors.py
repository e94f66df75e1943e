"""What the client raises: the API's problems (RFC 9457), and that nobody answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field.

    Attributes:
        field: dotted path in what was sent, or the parameter's name.
        value: a value that would do, where one can be proposed.
    """

    field: str
    detail: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """One of your own runs that holds what was asked for.

    Attributes:
        run: its id.
        session, project: their names.
        links: `run` shows it; `pause`, or `cancel` while it launches, gives back what it holds.
    """

    run: str
    session: str
    project: str
    cpus: float
    memory_gib: float
    gpus: int
    links: dict[str, str]


class SojournError(Exception):
    """Sojourn did not do what was asked.

    Attributes:
        code: stable word for programs (`folder_taken`).
        detail: one sentence that names the thing.
        hint: what to do about it; None when the sentence says it all.
        errors: what is wrong with single fields.
        links: addresses that help, by name (for instance `run`); paths of the installation.
        holders: what has to be given back first, when a limit is reached (`limit_reached`).
        status: HTTP status; None when there was no answer.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str = "error",
        hint: str | None = None,
        errors: tuple[FieldError, ...] = (),
        links: dict[str, str] | None = None,
        holders: tuple[Holder, ...] = (),
        status: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.errors = errors
        self.links = links or {}
        self.holders = holders
        self.status = status


# Named as the API names its problems (sessions_api.kit.errors), so that there is one word for each.


class Unauthenticated(SojournError):  # noqa: N818
    """The token is missing, or not known."""


class Forbidden(SojournError):  # noqa: N818
    """You see the thing but may not do this to it."""


class NotFound(SojournError):  # noqa: N818
    """It does not exist, or you may not see it: the two look the same."""


class Conflict(SojournError):  # noqa: N818
    """It cannot be done as things stand; `detail` says what stands in the way."""


class Stale(SojournError):  # noqa: N818
    """The thing was changed since it was read (its `etag` is no longer true)."""


class Invalid(SojournError):  # noqa: N818
    """A value cannot be accepted; `errors` says which."""


class NotRunning(SojournError):  # noqa: N818
    """Nothing answers at the address."""
