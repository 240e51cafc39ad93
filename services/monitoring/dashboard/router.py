"""The addresses of the pages, and what they answer when a question can't be read or the store is down."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.monitoring.dashboard.asked import Unasked
from services.monitoring.dashboard.labels import CourseDirectory
from services.monitoring.dashboard.rendering import page, static
from services.monitoring.dashboard.rules_view import all_rules
from services.monitoring.dashboard.views import Given, Pages
from services.monitoring.reading.one_treatment import UnknownProtocol, UnknownTreatment
from services.monitoring.reading.reader import Reader
from shared.database import UNAVAILABLE
from shared.problems import not_found
from shared.telemetry import request_id
from shared.texts import NotReadable, read_uuid


def build(reader_of: Callable[[Request], Reader], course_url: str) -> APIRouter:
    """`reader_of` gives the running application's reader; `course_url` is where the names are asked."""
    router = APIRouter(include_in_schema=False)
    directory = CourseDirectory(course_url)

    async def answer(request: Request, view: Callable[[Pages, Given], Response]) -> Response:
        pages = Pages(reader_of(request), directory)
        given = request.query_params.multi_items()
        try:
            return await run_in_threadpool(view, pages, given)
        except Unasked as wrong:
            return _unreadable(wrong, request.url.path)
        except UnknownTreatment:
            return _unknown()
        except UnknownProtocol:
            return _no_edition()
        except UNAVAILABLE:
            return await run_in_threadpool(_store_down, directory)

    @router.get("/")
    async def worklist(request: Request) -> Response:
        """Who is overdue."""
        return await answer(request, Pages.worklist)

    @router.get("/worklist.csv")
    async def export(request: Request) -> Response:
        """The same list for a spreadsheet."""
        return await answer(request, Pages.export)

    @router.get("/treatments/{treatment}")
    async def patient(request: Request) -> Response:
        """One patient's whole course, and why."""
        try:
            treatment = str(read_uuid(request.path_params["treatment"]))
        except NotReadable:
            return _unknown()
        return await answer(request, lambda pages, given: pages.patient(treatment, given))

    @router.get("/rules")
    async def rules(request: Request) -> Response:
        """Every rule of the protocol, and which are switched on."""
        return await answer(request, lambda pages, given: all_rules(pages.reader, given))

    @router.get("/static/{name}")
    async def files(name: str) -> Response:
        """The style sheet and the script."""
        found = static(name)
        if found is None:
            raise not_found("file")
        return found

    return router


_FIELDS = {
    "on": "On (the day judged)",
    "known_at": "Known at",
    "standing": "Standing",
    "min_days_overdue": "Days overdue",
    "due_before": "Due before",
    "site": "Site",
    "requirement": "Requirement",
    "protocol": "Protocol",
    "chapter": "Chapter",
    "basis": "Whose rule",
    "switched": "Switched",
}


def _unreadable(wrong: Unasked, path: str) -> Response:
    text = f"{_FIELDS.get(wrong.field, wrong.field)} {wrong.message}. Nothing was changed."
    return _problem(422, "The question can't be read", "One field is wrong", text, path, "Start again")


def _unknown() -> Response:
    text = "Nothing is known of it here, or nothing was known yet at the time you asked about."
    return _problem(404, "There is no such patient here", "Not found", text, "/", "To the worklist")


def _no_edition() -> Response:
    text = "This service has no edition of the treatment's protocol. An operator must add its file and rebuild."
    return _problem(404, "This patient can't be judged", "The protocol is not known here", text, "/", "To the worklist")


def _store_down(directory: CourseDirectory) -> Response:
    kept = "facts keep arriving and are kept" if directory.answers() else "the course service does not answer either"
    text = f"Use the printed list of this morning; {kept}. Problem {request_id.get()}."
    what = "The monitoring database does not answer"
    return _problem(503, "The list cannot be shown", what, text, "", "Try again")


def _problem(status: int, title: str, what: str, text: str, way_out: str, way_word: str) -> Response:
    said = {"title": title, "what": what, "text": text, "way_out": way_out, "way_word": way_word}
    return page("problem.html", status, here="", frame=None, kept=[], **said)
