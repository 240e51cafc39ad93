"""An infusion of a demo patient as the ward records it, and when it is over."""

from datetime import datetime, timedelta
from typing import Any


def infusion(starts: datetime, lot: str) -> dict[str, Any]:
    """A dose that was diluted an hour before and given over a little more than four hours."""
    return {
        "dose_mg": 12,
        "diluted_at": (starts - timedelta(hours=1)).isoformat(timespec="seconds"),
        "ended_at": ends(starts).isoformat(timespec="seconds"),
        "route": "intravenous infusion",
        "lot": lot,
    }


def ends(starts: datetime) -> datetime:
    """When the last of it was given."""
    return starts + timedelta(hours=4, minutes=10)
