"""Made-up facts of made-up treatments, each naming its message in `source`, so that it is known again anywhere."""

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta

SOURCE = "urn:chaos:"
CONTENT = ("type", "occurred_at", "source", "author", "data")
_FIRST_DAY = datetime(2023, 1, 9, 9, tzinfo=UTC)
_COUNTS = {"777-3": "10*3/uL", "6690-2": "10*3/uL", "718-7": "g/dL", "751-8": "10*3/uL", "731-0": "10*3/uL"}
_INFUSIONS = 5

Fact = dict[str, object]


def opening(name: str) -> Fact:
    """The body that opens a treatment."""
    identifier = {"system": "urn:chaos:patient", "value": name}
    return {"identifier": identifier, "zone": "Europe/Berlin", "sex": "female", "birth_date": "1988-04-02"}


def fact(message: str, number: int, draw: random.Random) -> Fact:
    """The `number`th fact of a treatment, 0 being the first infusion. Nothing is left to a default of the service."""
    kind, data, day = _what(message, number, draw)
    at = _FIRST_DAY + timedelta(days=day, seconds=draw.randrange(3600))
    return {
        "type": kind,
        "message_id": message,
        "occurred_at": at.isoformat(timespec="seconds"),
        "source": SOURCE + message,
        "author": f"chaos-{draw.randrange(9)}",
        "data": data,
    }


def content_hash(one: dict[str, object]) -> str:
    """SHA-256 of what must come back unchanged, whether it was sent so or read so."""
    text = json.dumps({name: one[name] for name in CONTENT}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _what(message: str, number: int, draw: random.Random) -> tuple[str, Fact, int]:
    if number < _INFUSIONS:
        return "InfusionAdministered", {"dose_mg": 12}, number
    day = _INFUSIONS + (number - _INFUSIONS) * 6 % 1200
    match draw.randrange(20):
        case 0:
            return "ExamPerformed", {"exam": "skin"}, day
        case 1:
            return "ReactionReported", {"signs": ["rash"], "severity": "mild"}, day
        case _:
            results = [
                {
                    "code": code,
                    "system": "http://loinc.org",
                    "value": draw.randrange(10, 4000) / 10 + 0.05,
                    "unit": unit,
                    "status": "final",
                }
                for code, unit in _COUNTS.items()
            ]
            return "LabResultRecorded", {"specimen_id": message, "results": results}, day
