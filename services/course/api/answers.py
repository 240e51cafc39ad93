"""What the ledger said -> what the sender is told, alone or as one line of many (docs/contract.md §1.2, §1.3)."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from starlette.responses import Response

from services.course.application import Named
from services.course.domain.outcome import Conflict, Opened, Outcome, Quarantined, Reason, Stored
from shared.contracts.v1.feed import FeedItem
from shared.problems import Problem, response
from shared.texts import write_instant


class OpenedAnswer(Struct, frozen=True):
    """`differs` names the fields in which a later call disagreed with the opening that stands."""

    treatment: UUID
    fact_id: UUID
    version: int
    position: int
    recorded_at: str
    differs: tuple[str, ...]


class FactAnswer(Struct, frozen=True):
    """The place of a committed fact in the log; `receipt` is reserved."""

    fact_id: UUID
    treatment: UUID
    version: int
    position: int
    recorded_at: str
    receipt: None = None


class KeptAnswer(Struct, frozen=True):
    """A message that is kept until it can be applied."""

    quarantine_id: UUID
    reason: Reason
    detail: str


class Treatments(Struct, frozen=True):
    treatments: list[UUID]


class Labels(Struct, frozen=True):
    labels: dict[str, Named]


class FactPage(Struct, frozen=True):
    """A treatment's facts by version."""

    events: list[FeedItem]
    next_after_version: int


class QuarantineLine(Struct, frozen=True):
    """What is told of a quarantined message; what was in it stays inside."""

    quarantine_id: UUID
    reason: str
    sender: str
    received_at: str
    sha256: str
    resolved: bool


class QuarantinePage(Struct, frozen=True):
    items: list[QuarantineLine]
    next_after: int


class Alive(Struct, frozen=True):
    alive: bool


class Ready(Struct, frozen=True):
    """`checks`: what readiness depends on, and how it is."""

    ready: bool
    checks: dict[str, str]
    clock: str


_WHY = {
    "unknown-treatment": "Nobody has opened this treatment yet, or the identifier has several. The message is kept; "
    "it is driven again when the treatment is opened or by POST /v1/quarantine/{id}/redrive. Of several name one: "
    "send the message anew with `treatment` and a key of its own.",
    "in-the-future": "It happened more than 24 hours after now. The message is kept. Correct it and send it anew with "
    "a key of its own, or drive it again by POST /v1/quarantine/{id}/redrive when its time has come.",
}


def json_answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Anything msgspec can write, as JSON."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def opened(answer: Opened) -> Response:
    """201 for the first call, 200 for later ones."""
    body = OpenedAnswer(
        treatment=answer.treatment,
        fact_id=answer.fact_id,
        version=answer.version,
        position=answer.position,
        recorded_at=write_instant(answer.recorded_at),
        differs=answer.differs,
    )
    return json_answer(body, 201 if answer.created else 200)


def single(outcome: Outcome) -> Response:
    """The answer to one posted or re-driven fact."""
    match outcome:
        case Stored():
            body = FactAnswer(
                fact_id=outcome.fact_id,
                treatment=outcome.treatment,
                version=outcome.version,
                position=outcome.position,
                recorded_at=write_instant(outcome.recorded_at),
            )
            location = f"/v1/treatments/{outcome.treatment}/events/{outcome.version}"
            return json_answer(body, 200 if outcome.replayed else 201, _replayed(outcome) | {"Location": location})
        case Quarantined():
            return json_answer(_kept(outcome), 202, _replayed(outcome))
        case Conflict():
            return response(conflict(outcome))


def line(index: int, outcome: Outcome) -> dict[str, Any]:
    """The result of one item of many."""
    match outcome:
        case Stored():
            answer: dict[str, Any] = {"index": index, "status": 200 if outcome.replayed else 201}
            if outcome.replayed:
                answer["replayed"] = True
            return answer | {
                "fact_id": outcome.fact_id,
                "treatment": outcome.treatment,
                "version": outcome.version,
                "position": outcome.position,
            }
        case Quarantined():
            replayed = {"replayed": True} if outcome.replayed else {}
            return {"index": index, "status": 202} | replayed | msgspec.structs.asdict(_kept(outcome))
        case Conflict():
            return problem_line(index, conflict(outcome))


def problem_line(index: int, problem: Problem) -> dict[str, Any]:
    """The result of an item that was not stored."""
    return {"index": index, "status": problem.status, "problem": problem.body()}


def conflict(outcome: Conflict) -> Problem:
    """409: the key stands for another fact."""
    detail = (
        "This key was used before for other content, which stays. The difference is recorded. "
        "To correct a fact post a new one with `corrects` and its own key."
    )
    return Problem(
        409,
        "idempotency-conflict",
        "The key was used for other content",
        detail,
        fact_id=outcome.fact_id,
        conflict_id=outcome.conflict_id,
    )


def _replayed(outcome: Stored | Quarantined) -> dict[str, str]:
    return {"Idempotent-Replayed": "true"} if outcome.replayed else {}


def _kept(outcome: Quarantined) -> KeptAnswer:
    return KeptAnswer(outcome.quarantine_id, outcome.reason, _WHY[outcome.reason])
