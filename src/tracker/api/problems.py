"""What becomes of errors: problem details (RFC 9457), and one table of statuses."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from tracker.audit.signed_notes import NotTrusted
from tracker.model.errors import (
    BadRequest,
    Conflict,
    DatasetErrors,
    Forbidden,
    NewerStore,
    NotAuthentic,
    TrackerError,
    UnknownAnnouncement,
    UnknownDraft,
    UnknownSubject,
)
from tracker.store.drafts import KeyReused
from tracker.store.errors import StoreBusy, StoreUnavailable

MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[type[TrackerError], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    UnknownSubject: HTTPStatus.NOT_FOUND,
    UnknownAnnouncement: HTTPStatus.NOT_FOUND,
    UnknownDraft: HTTPStatus.NOT_FOUND,
    NotAuthentic: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
    NotTrusted: HTTPStatus.CONFLICT,
    StoreBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    NewerStore: HTTPStatus.SERVICE_UNAVAILABLE,
    DatasetErrors: HTTPStatus.INTERNAL_SERVER_ERROR,
    TrackerError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
HEADERS: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="tracker"'},
}
LONGEST = 2000  # of a detail, in characters


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(populate_by_name=True)

    parameter: str = Field(description="The offending parameter; in a body, a JSON pointer (RFC 6901).")
    where: str = Field(alias="in", description="Where it stands: query, path, header or body.")
    detail: str = Field(description="What is wrong with it, and what was expected.")


class ProblemDetails(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field("about:blank", description="The kind of the problem: about:blank, the status says it all.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, what was expected, how to mend it.")
    instance: str = Field(description="The path that was asked.")
    parameter: str | None = Field(None, description="The offending parameter, where it is one.")
    errors: list[Fault] = Field(default_factory=list, description="Every offending parameter.")


class Blamed(Exception):
    """An error that one parameter of the request is to blame for."""

    def __init__(self, parameter: str, where: str, error: TrackerError) -> None:
        super().__init__(str(error))
        self.fault = Fault(parameter=parameter, where=where, detail=str(error)[:LONGEST])
        self.error = error


class Faulty(Exception):
    """A body with mistakes, each at a JSON pointer."""

    def __init__(self, status: HTTPStatus, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{each.parameter}: {each.detail}" for each in faults))
        self.status, self.faults = status, faults


@contextmanager
def blaming(parameter: str, where: str = "query", only: type[TrackerError] = TrackerError) -> Iterator[None]:
    """Say which parameter an error comes from."""
    try:
        yield
    except only as error:
        raise Blamed(parameter, where, error) from error


def status_of(error: TrackerError) -> HTTPStatus:
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def problem(
    status: int, detail: str, instance: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that tells of a problem."""
    details = ProblemDetails(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail[:LONGEST],
        instance=instance[:LONGEST],
        parameter=faults[0].parameter if len({fault.parameter for fault in faults}) == 1 else None,
        errors=list(faults),
    )
    content = details.model_dump_json(by_alias=True)
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let every error end as problem details."""
    app.add_exception_handler(Blamed, _blamed)
    app.add_exception_handler(Faulty, _faulty)
    app.add_exception_handler(TrackerError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _blamed(request: Request, error: Exception) -> Response:
    assert isinstance(error, Blamed)
    return problem(status_of(error.error), error.fault.detail, request.url.path, [error.fault])


def _faulty(request: Request, error: Exception) -> Response:
    assert isinstance(error, Faulty)
    return problem(error.status, str(error), request.url.path, error.faults)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, TrackerError)
    status = status_of(error)
    detail = "the dataset has mistakes: see `tracker check`" if isinstance(error, DatasetErrors) else str(error)
    return problem(status, detail, request.url.path, headers=HEADERS.get(status))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    known = _known_parameters(request)
    faults = [_fault(each, known) for each in error.errors()]
    return problem(HTTPStatus.BAD_REQUEST, "; ".join(each.detail for each in faults), request.url.path, faults)


def _known_parameters(request: Request) -> list[str]:
    route = request.scope.get("route")
    fields = [field for each in getattr(getattr(route, "dependant", None), "query_params", []) for field in _of(each)]
    return list(dict.fromkeys(fields))


def _of(parameter: Any) -> list[str]:
    """The names in a parameter; of a model those of its fields."""
    model = parameter.field_info.annotation
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return [parameter.alias]


def _fault(error: Mapping[str, Any], known: Sequence[str]) -> Fault:
    where, *rest = map(str, error["loc"])
    parameter = rest[0] if rest else where
    message = error["msg"][:1].lower() + error["msg"][1:]
    if error["type"] == "extra_forbidden":
        near = get_close_matches(parameter, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
        message = f"there is no such parameter: {hint}"
    return Fault(parameter=parameter[:80], where=where, detail=f"{parameter[:80]}: {message}"[:LONGEST])


ALLOWED = "/api/v1/docs lists what is"


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"there is nothing at {request.url.path}: /api/v1/docs lists what there is"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not for {request.url.path}: {ALLOWED}"
    return problem(error.status_code, detail, request.url.path, headers=error.headers)


def _unexpected(request: Request, _error: Exception) -> Response:
    detail = "this is a mistake in the tracker, not in your request: its log says more"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request.url.path)
