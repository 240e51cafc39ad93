"""Whether a page speaks of now, of the past or of a day to come, and the verbs that go with it."""

from datetime import date, datetime
from typing import Literal

Tense = Literal["past", "now", "ahead"]


def tense(on: date | None, known_at: datetime | date | None, today: date) -> Tense:
    """Past: another day's knowledge, or an earlier day; ahead: a later day with what is known now."""
    if known_at is not None or (on is not None and on < today):
        return "past"
    return "ahead" if on is not None and on > today else "now"


def are(when: Tense, many: bool) -> str:
    """ "are", "was", "will be"."""
    match when:
        case "past":
            return "were" if many else "was"
        case "now":
            return "are" if many else "is"
        case "ahead":
            return "will be"
