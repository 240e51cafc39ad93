"""The bytes of one fact -> a Submission (docs/contract.md §1.2, §1.3)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.course.domain.submission import Identifier, Submission
from services.course.ingest.bodies import ItemBody
from shared.contracts.v1.facts import FactData
from shared.posted_facts import FactBody, check_fact, normal_data, normal_reference
from shared.problems import FieldError
from shared.strict_json import InvalidJson, check_depth, parse
from shared.texts import read_uuid

KEY_POINTER = "/header/Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request says beside its body: the sender, the key of its header, the trace."""

    sender: str
    key: str | None = None
    traceparent: str | None = None


def read_fact(body: bytes, treatment: UUID, envelope: Envelope) -> Submission:
    """One posted fact; raises MalformedJson or InvalidJson."""
    posted, data = _read(body, FactBody, "", envelope)
    return _submission(posted, data, body, envelope, treatment, None)


def read_item(body: bytes, index: int, envelope: Envelope) -> Submission:
    """One fact of many; its pointers start with its index. Raises MalformedJson or InvalidJson."""
    posted, data = _read(body, ItemBody, f"/{index}", envelope)
    treatment = read_uuid(posted.treatment) if posted.treatment is not None else None
    who = posted.identifier
    identifier = Identifier(who.system, who.value) if who is not None else None
    return _submission(posted, data, body, envelope, treatment, identifier)


def _read(body: bytes, kind: type[FactBody], base: str, envelope: Envelope) -> tuple[Any, FactData]:
    parsed = parse(body)
    value = parsed.value
    errors = [FieldError(base + error.pointer, error.message) for error in parsed.errors]
    data_kind = check_fact(value, kind, base, errors)
    if isinstance(value, dict):
        if kind is ItemBody and (value.get("treatment") is None) == (value.get("identifier") is None):
            errors.append(FieldError(f"{base}/treatment", "exactly one of treatment and identifier is required"))
        if envelope.key is not None and value.get("message_id") not in (None, envelope.key):
            errors.append(FieldError(KEY_POINTER, "must equal message_id where both are given"))
    if errors or data_kind is None:
        check_depth(body, parsed)
        raise InvalidJson(errors)
    return msgspec.convert(value, kind), msgspec.convert(value["data"], data_kind)


def _submission(
    posted: FactBody,
    data: FactData,
    body: bytes,
    envelope: Envelope,
    treatment: UUID | None,
    identifier: Identifier | None,
) -> Submission:
    return Submission(
        sender=envelope.sender,
        received=body,
        data=normal_data(data),
        source=posted.source,
        author=posted.author,
        treatment=treatment,
        identifier=identifier,
        key=posted.message_id if posted.message_id is not None else envelope.key,
        occurred_at=posted.occurred_at,
        occurred_on=posted.occurred_on,
        zone=posted.zone,
        issued_at=posted.issued_at,
        business_id=posted.business_id,
        corrects=normal_reference(posted.corrects),
        traceparent=envelope.traceparent,
    )
