"""Errors as responses: one table of statuses, problem details (RFC 9457) for the API, error pages for the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from tracker.audit.signed_notes import NotTrusted
from tracker.model.deadline import OutOfTime
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
    OutOfTime: HTTPStatus.GATEWAY_TIMEOUT,
    DatasetErrors: HTTPStatus.INTERNAL_SERVER_ERROR,
    TrackerError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
HEADERS: Mapping[int, Mapping[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="tracker"'},
}
MAX_DETAIL_CHARS, MAX_PARAMETER_CHARS = 2000, 80
PROGRAM_PATHS = ("/api/", "/healthz", "/readyz", "/metrics")  # read by programs: their errors are no pages

ErrorPage = Callable[[int, str], str]  # HTML of a status and what is wrong


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(populate_by_name=True)

    parameter: str = Field(description="The offending parameter; in a body, a JSON pointer (RFC 6901).")
    where: str = Field(alias="in", description="The part of the request: query, path, header or body.")
    detail: str = Field(description="The mistake, and what was expected.")


class ProblemDetails(BaseModel):
    """An error, as problem details (RFC 9457)."""

    type: str = Field("about:blank", description="The kind of the problem: about:blank, the status says it all.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="The mistake, what was expected, and how to mend it.")
    instance: str = Field(description="The path of the request.")
    parameter: str | None = Field(None, description="The offending parameter, where it is one.")
    errors: list[Fault] = Field(default_factory=list, description="Every offending parameter.")


class ParameterError(Exception):
    """An error caused by one parameter of the request."""

    def __init__(self, parameter: str, where: str, error: TrackerError) -> None:
        super().__init__(str(error))
        self.fault = Fault(parameter=parameter, where=where, detail=str(error)[:MAX_DETAIL_CHARS])
        self.error = error


class BodyErrors(Exception):
    """A body with mistakes, each at a JSON pointer."""

    def __init__(self, status: HTTPStatus, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults))
        self.status, self.faults = status, faults


@contextmanager
def blaming(parameter: str, where: str = "query", only: type[TrackerError] = TrackerError) -> Iterator[None]:
    """Raise an error of the block as a ParameterError that names the parameter."""
    try:
        yield
    except only as error:
        raise ParameterError(parameter, where, error) from error


def status_of(error: TrackerError) -> HTTPStatus:
    """The HTTP status of an error of the program."""
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def problem(
    scope: Scope, status: int, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The response of an error: problem details, or an error page outside the API where the server has pages."""
    path, detail = scope["path"], detail[:MAX_DETAIL_CHARS]
    headers = {"Cache-Control": "no-store", **HEADERS.get(status, {}), **(headers or {})}
    error_page: ErrorPage | None = scope["app"].state.error_page if "app" in scope else None
    if error_page is not None and not path.startswith(PROGRAM_PATHS):
        return HTMLResponse(error_page(status, detail), status, headers)
    details = ProblemDetails(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=path[:MAX_DETAIL_CHARS],
        parameter=faults[0].parameter if len({fault.parameter for fault in faults}) == 1 else None,
        errors=list(faults),
    )
    return Response(details.model_dump_json(by_alias=True), status, headers, MEDIA_TYPE)


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: HTTPStatus, detail: str,
    headers: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Answer with an error from a middleware, before the request reaches its endpoint."""
    await problem(scope, status, detail, headers=headers)(scope, receive, send)


def add_handlers(app: FastAPI, error_page: ErrorPage | None) -> None:
    """Turn every exception into the response of an error."""
    app.state.error_page = error_page
    app.add_exception_handler(ParameterError, _on_parameter_error)
    app.add_exception_handler(BodyErrors, _on_body_errors)
    app.add_exception_handler(TrackerError, _on_tracker_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_bug)


def _on_parameter_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ParameterError)
    return problem(request.scope, status_of(error.error), error.fault.detail, [error.fault])


def _on_body_errors(request: Request, error: Exception) -> Response:
    assert isinstance(error, BodyErrors)
    return problem(request.scope, error.status, str(error), error.faults)


def _on_tracker_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TrackerError)
    detail = "the dataset has mistakes: see `tracker check`" if isinstance(error, DatasetErrors) else str(error)
    return problem(request.scope, status_of(error), detail)


def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    known = _known_parameters(request)
    faults = [_fault(mistake, known) for mistake in error.errors()]
    return problem(request.scope, HTTPStatus.BAD_REQUEST, "; ".join(fault.detail for fault in faults), faults)


def _known_parameters(request: Request) -> list[str]:
    route = request.scope.get("route")
    parameters = getattr(getattr(route, "dependant", None), "query_params", [])
    return list(dict.fromkeys(name for parameter in parameters for name in _names(parameter)))


def _names(parameter: Any) -> list[str]:
    """The names in a parameter; of a model, those of its fields."""
    model = parameter.field_info.annotation
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return [parameter.alias]


def _fault(mistake: Mapping[str, Any], known: Sequence[str]) -> Fault:
    where, *rest = map(str, mistake["loc"])
    parameter = (rest[0] if rest else where)[:MAX_PARAMETER_CHARS]
    message = mistake["msg"][:1].lower() + mistake["msg"][1:]
    if mistake["type"] == "extra_forbidden":
        near = get_close_matches(parameter, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the parameters are {', '.join(known)}"
        message = f"unknown parameter: {hint}"
    return Fault(parameter=parameter, where=where, detail=f"{parameter}: {message}"[:MAX_DETAIL_CHARS])


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail, path = error.detail, request.scope["path"]
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"there is nothing at {path}: /api/v1/docs lists the addresses of the API"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not allowed at {path}: /api/v1/docs lists what is"
    return problem(request.scope, error.status_code, detail, headers=error.headers)


def _on_bug(request: Request, _error: Exception) -> Response:
    detail = "internal error in the tracker: the server's log has the details"
    return problem(request.scope, HTTPStatus.INTERNAL_SERVER_ERROR, detail)
