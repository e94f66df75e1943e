"""Errors as problem+json (RFC 9457): every one has a code, a sentence and, where there is one, a remedy."""

from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from sessions_api.kit.complaints import place, sentence


class FieldError(BaseModel):
    """What is wrong with one field.

    Attributes:
        field: dotted path in the body, or the parameter's name.
        value: a value that would do, where one can be proposed.
    """

    field: str
    detail: str
    value: str | None = None


class Holder(BaseModel):
    """One of the viewer's own runs that holds what was asked for.

    Attributes:
        run: its id.
        session, project: their names.
        memory_gib: memory in GiB.
        links: `run` shows it; `pause`, or `cancel` while it launches, gives back what it holds when it is
            posted to, below `/api/v1` too.
    """

    run: str
    session: str
    project: str
    cpus: float
    memory_gib: float
    gpus: int
    links: dict[str, str]


class ProblemBody(BaseModel):
    """The body of every error."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    errors: list[FieldError] = []
    links: dict[str, str] = {}
    holders: list[Holder] = []


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """An error that the caller can understand and mend.

    Attributes:
        status: HTTP status.
        code: stable word for programs.
        detail: one sentence that names the thing.
        hint: what to do about it.
        links: addresses that help, by name (for instance `session`).
        holders: what has to be given back first.
    """

    status = HTTPStatus.BAD_REQUEST
    code = "bad_request"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        errors: list[FieldError] | None = None,
        links: dict[str, str] | None = None,
        holders: list[Holder] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.hint = hint
        self.errors = errors or []
        self.links = links or {}
        self.holders = holders or []

    def body(self) -> ProblemBody:
        """The problem as JSON says it."""
        return ProblemBody(
            type=f"urn:sojourn:problem:{self.code}",
            title=self.status.phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            hint=self.hint,
            errors=self.errors,
            links=self.links,
            holders=self.holders,
        )


class NotFound(Problem):
    """It does not exist, or the viewer may not see it: the two look the same."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class Forbidden(Problem):
    """The viewer sees the thing but may not do this to it."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class Unauthenticated(Problem):
    """Nobody is logged in."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"


class Conflict(Problem):
    """It cannot be done as things stand; `detail` says what stands in the way."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class Gone(Problem):
    """It was there, and its time is over."""

    status = HTTPStatus.GONE
    code = "gone"


class Stale(Problem):
    """The thing was changed by somebody else since the caller read it."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "stale"


class Unavailable(Problem):
    """Something that Sojourn needs does not answer now."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"


class Invalid(Problem):
    """One field, or more, cannot be accepted."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"

    @classmethod
    def field(
        cls, field: str, detail: str, *, value: str | None = None, code: str | None = None
    ) -> "Invalid":
        """The error of a single field; `value` is a value that would do."""
        return cls(detail, code=code, errors=[FieldError(field=field, detail=detail, value=value)])


_PLACES = frozenset({"body", "query", "path", "header"})


def field_errors(error: RequestValidationError) -> list[FieldError]:
    """FastAPI's complaints, as fields with sentences."""
    return [FieldError(field=_field(item), detail=sentence(item)) for item in error.errors()]


def _field(item: ErrorDetails) -> str:
    if item["type"] == "json_invalid":
        return ""  # its location is a position in the body
    # The first part says where in the request; a field may be called `path` too.
    return place(item["loc"][item["loc"][0] in _PLACES :])


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The problem as an HTTP answer."""
    return JSONResponse(
        problem.body().model_dump(exclude_none=True),
        status_code=problem.status,
        headers=headers,
        media_type="application/problem+json",
    )


def as_problem(error: Exception) -> Problem:
    """Any error the frameworks raise, as a problem."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        errors = field_errors(error)
        first = errors[0]
        return Invalid(f"{first.field}: {first.detail}" if first.field else first.detail, errors=errors)
    if isinstance(error, HTTPException):
        problem = Problem(str(error.detail), code=HTTPStatus(error.status_code).name.lower())
        problem.status = HTTPStatus(error.status_code)
        return problem
    problem = Problem(
        "Something went wrong inside Sojourn.",
        code="internal",
        hint="Try again; the service's log says what it was.",
    )
    problem.status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that a route answers with."""
    return {
        int(problem.status): {"model": ProblemBody, "description": (problem.__doc__ or "").splitlines()[0]}
        for problem in problems
    }
