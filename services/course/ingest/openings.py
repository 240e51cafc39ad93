"""The bytes of `POST /v1/treatments` -> an Opening (docs/contract.md §1.1)."""

from services.course.domain.submission import Identifier, Opening
from services.course.ingest.bodies import OpeningBody
from shared.strict_json import decode


def read_opening(body: bytes, sender: str, traceparent: str | None) -> Opening:
    """Raises MalformedJson or InvalidJson."""
    posted = decode(body, OpeningBody)
    return Opening(
        sender=sender,
        identifier=Identifier(posted.identifier.system, posted.identifier.value),
        zone=posted.zone,
        protocol=posted.protocol,
        site=posted.site,
        sex=posted.sex,
        birth_date=posted.birth_date,
        label=posted.label,
        traceparent=traceparent,
    )
