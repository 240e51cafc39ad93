"""Every error of a service as one RFC 9457 problem that never echoes what was sent, and the request id on every answer.

`install(app)` replaces FastAPI's default answers to 404, 405, 422 and 500 (its 422 echoes the value received).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import request_id, trace_of, traceparent

log = logging.getLogger(__name__)
TYPE_PREFIX = "urn:coursewatch:problem:"
MAX_ERRORS = 20  # enough to mend a request by; a hostile one could have millions
REQUEST_ID = "Coursewatch-Request-Id"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field; `pointer` is a JSON pointer (`/data/dose_mg`, `/query/on`, `/path/treatment`)."""

    pointer: str
    message: str


class Problem(Exception):
    """A refusal to be answered: `status`, the type's suffix, a title, a sentence that says what to do.

    Of the wrong fields the first MAX_ERRORS are named.
    """

    def __init__(
        self,
        status: int,
        suffix: str,
        title: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.suffix = suffix
        self.title = title
        self.detail = detail
        self.errors = tuple(errors[:MAX_ERRORS])
        self.headers = dict(headers or {})
        self.extra = extra

    def body(self) -> dict[str, object]:
        """The problem's members, less the request id (which the answer as a whole carries)."""
        members: dict[str, object] = {
            "type": TYPE_PREFIX + self.suffix,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            members["errors"] = self.errors
        return members | self.extra


def response(problem: Problem) -> Response:
    """The problem as an HTTP answer."""
    body = problem.body() | {"request_id": request_id.get()}
    return Response(msgspec.json.encode(body), problem.status, problem.headers, media_type="application/problem+json")


def problem_schema() -> dict[str, Any]:
    """The JSON Schema of a problem; some have members of their own beside these."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": {"type": "string", "pattern": f"^{TYPE_PREFIX}"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
            "request_id": {"type": "string"},
        },
    }


def not_found(what: str) -> Problem:
    """404 for a thing that is not here; `what` is like "treatment"."""
    return Problem(404, "not-found", "Not found", f"There is no such {what} here. Check the address.")


def try_again() -> Problem:
    """503: the store is down or overloaded and nothing was stored."""
    detail = "The store does not answer. Nothing was stored; send the same request again."
    return Problem(503, "try-again", "Try again", detail, headers={"Retry-After": "1"})


def internal_error() -> Problem:
    """500: something that was not foreseen."""
    detail = "This is our mistake, not yours. Send the same request again; if it stays, report the request id."
    return Problem(500, "internal-error", "Internal error", detail)


def invalid_query(errors: Sequence[FieldError]) -> Problem:
    """422 for query parameters, pointers `/query/…` or `/path/…`."""
    return Problem(422, "invalid-query", "The question can't be read", wrong_fields(len(errors)), errors)


def wrong_fields(count: int) -> str:
    """The sentence that opens a refusal for `count` wrong fields of a question."""
    return (
        "1 field is wrong. Mend it and ask again."
        if count == 1
        else f"{count} fields are wrong. Mend them and ask again."
    )


def install(app: FastAPI) -> None:
    """Adds the problem handlers and the request id to the application."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, error: Problem) -> Response:
        return response(error)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            return response(_wrong_method(request))
        return response(_from_http(error))

    @app.exception_handler(RequestValidationError)
    async def on_validation(_: Request, error: RequestValidationError) -> Response:
        message = "can't be read as what this field must be"
        return response(invalid_query([FieldError(_pointer(item["loc"]), message) for item in error.errors()]))

    app.add_middleware(RequestIdMiddleware)


def _from_http(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return not_found("address")
    return Problem(error.status_code, "http", "The request was refused", "See the status code.", headers=error.headers)


def _wrong_method(request: Request) -> Problem:
    """405 that names every method of the address; Starlette names those of the first route that fits."""
    routes = request.app.router.routes
    taken = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    detail = "This address does not take this method; the header Allow names those it takes."
    return Problem(405, "method-not-allowed", "Method not allowed", detail, headers={"Allow": ", ".join(taken)})


def _pointer(location: Sequence[object]) -> str:
    return "/" + "/".join(str(part) for part in location)


class RequestIdMiddleware:
    """Gives every answer its id, takes the trace along, and turns an unforeseen exception into a 500 problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = uuid4().hex
        request_id.set(name)
        traceparent.set(trace_of(Headers(scope=scope).getlist("traceparent")))
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[REQUEST_ID] = name
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            log.info("the client hung up before its request was read")
        except Exception:  # the last resort: whatever was not foreseen is logged without its text and answered as 500
            log.exception("unforeseen exception")
            if started:
                raise
            await response(internal_error())(scope, receive, send_with_id)
