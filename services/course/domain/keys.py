"""Idempotency: what a message's content is, and which key it is known by (docs/contract.md §1.2)."""

from hashlib import sha256
from uuid import UUID

import msgspec

from services.course.domain.submission import Submission

_canonical = msgspec.json.Encoder(order="sorted")


def content(submission: Submission, treatment: UUID | None) -> bytes:
    """The treatment and the fact as canonical JSON (sorted keys, no spaces), without the key and the trace.

    `treatment` is the resolved one; while an identifier is unknown the identifier itself stands in its place.
    """
    fact = {
        "type": submission.type,
        "data": submission.data,
        "occurred_at": submission.occurred_at,
        "occurred_on": submission.occurred_on,
        "zone": submission.zone,
        "issued_at": submission.issued_at,
        "source": submission.source,
        "author": submission.author,
        "business_id": submission.business_id,
        "corrects": submission.corrects,
    }
    whose = {"identifier": submission.identifier} if treatment is None else {"treatment": treatment}
    return _canonical.encode({**whose, "fact": fact})


def content_hash(submission: Submission, treatment: UUID | None) -> bytes:
    """SHA-256 of the content, 32 bytes."""
    return sha256(content(submission, treatment)).digest()


def message_key(submission: Submission, content_hash: bytes) -> bytes:
    """The first that is present: the sender's key, the business id, the content's hash; 32 bytes.

    It is hashed with its kind, so that a message_id can't meet a business id, and so that any length fits an index.
    """
    kind: tuple[object, ...]
    if submission.key is not None:
        kind = ("key", submission.key)
    elif (named := submission.business_id) is not None:
        kind = ("business", named.system, named.value, named.version)
    else:
        kind = ("content", content_hash.hex())
    return sha256(_canonical.encode(kind)).digest()
