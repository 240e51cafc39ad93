"""From a request to its answer: the treatment of the path, the version to wait for, the thread to read in."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from services.monitoring.api.parameters import MIN_VERSION, REQUIREMENT, TREATMENT
from services.monitoring.api.query import Parameter, Query, wrong
from services.monitoring.api.state import state
from services.monitoring.reading.one_treatment import UnknownProtocol, UnknownTreatment
from services.monitoring.reading.reader import Reader
from shared.problems import FieldError, Problem, invalid_query, not_found
from shared.texts import NotReadable, read_uuid

T = TypeVar("T")
PATIENCE: Final = 2.0  # seconds that min_version is waited for (docs/contract.md §3.1)
_LOOK_AGAIN: Final = 0.05  # seconds


def path_treatment(request: Request) -> str:
    """The treatment of the path; 422 if it is no UUID."""
    try:
        return str(read_uuid(request.path_params["treatment"]))
    except NotReadable as unreadable:
        raise invalid_query([FieldError("/path/treatment", str(unreadable))]) from None


async def asked_of_one(request: Request, parameters: Sequence[Parameter[Any]]) -> tuple[str, Query]:
    """The treatment of the path and what is asked of it, once the version to wait for is there."""
    treatment = path_treatment(request)
    query = Query(request, parameters)
    await wait_for_version(request, query, (treatment,))
    return treatment, query


async def ask(request: Request, read: Callable[[Reader], T]) -> T:
    """Runs a reading in a thread; an unknown treatment becomes a 404."""
    try:
        return await run_in_threadpool(read, state(request).reader)
    except UnknownTreatment:
        raise not_found("treatment") from None
    except UnknownProtocol:
        detail = "This service has no edition of the treatment's protocol. Add its file to protocols/ and rebuild."
        raise Problem(404, "not-found", "Not found", detail) from None


async def wait_for_version(request: Request, query: Query, treatments: tuple[str, ...]) -> None:
    """Read your own write: waits until `min_version` of each treatment is projected; 503 after two seconds."""
    version = query.one(MIN_VERSION)
    if version is None:
        return
    if not treatments:
        raise wrong(MIN_VERSION, f"needs {TREATMENT.name} to say whose version it is")
    reader = state(request).reader
    try:
        async with asyncio.timeout(PATIENCE):
            for treatment in treatments:
                while await run_in_threadpool(reader.version, treatment) < version:
                    await asyncio.sleep(_LOOK_AGAIN)
    except TimeoutError:
        detail = "That version of the treatment has not arrived here yet. Ask again in a moment."
        raise Problem(503, "not-yet-projected", "Not yet projected", detail, headers={"Retry-After": "1"}) from None


def known_requirements(request: Request, query: Query) -> tuple[str, ...]:
    """Those asked for; 422 for one that no edition knows, lest a slip of the pen read as "nobody is overdue"."""
    asked = query.many(REQUIREMENT)
    known = state(request).reader.library.requirements
    if not set(asked) <= set(known):
        raise wrong(REQUIREMENT, "must be one of " + ", ".join(known))
    return asked
