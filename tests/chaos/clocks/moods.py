"""What the clocks of a server may say, one after another over one log: wrong, jumping, backwards, in any zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Mood:
    """The clock begins `at` and runs at `rate`; `server` and `database` are time zones.

    `turn`: where a calendar or a zone turns soon after `at`. `jumps`: it is set anew before every fact. `behind`: it
    says less than the log has seen already.
    """

    name: str
    at: datetime
    server: str = "UTC"
    database: str = "UTC"
    rate: float = 1.0
    turn: datetime | None = None
    jumps: bool = False
    behind: bool = False


def _over(name: str, turn: datetime, server: str, database: str) -> Mood:
    return Mood(name, turn - timedelta(seconds=2), server, database, turn=turn)


def _utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


LEAP = _over("into the leap day", _utc(2028, 2, 29), "America/Los_Angeles", "Asia/Tokyo")
BACK = Mood("right again", NOW, "America/New_York", "Pacific/Chatham", behind=True)

FULL = (
    Mood("30 days slow", NOW - MONTH, "Pacific/Kiritimati", "America/St_Johns"),
    Mood("right", NOW),
    Mood("30 days fast", NOW + MONTH, "Pacific/Pago_Pago", "Pacific/Chatham"),
    _over("over the hour that Berlin leaves out", _utc(2027, 3, 28, 1), "Europe/Berlin", "Europe/Berlin"),
    _over("over the hour that New York has twice", _utc(2027, 11, 7, 6), "America/New_York", "America/New_York"),
    LEAP,
    _over("out of the leap day", _utc(2028, 3, 1), "Asia/Kathmandu", "UTC"),
    _over("over Lord Howe's half hour", _utc(2028, 4, 1, 15), "Australia/Lord_Howe", "Australia/Lord_Howe"),
    Mood("running backwards", NOW + MONTH, "Pacific/Kiritimati", "Asia/Tokyo", rate=-3600.0, behind=True),
    Mood("jumping", NOW, "UTC", "America/Los_Angeles", jumps=True, behind=True),
    Mood("standing still", NOW, "Europe/Berlin", rate=0.0, behind=True),
    BACK,
)
SHORT = (LEAP, BACK)
SHORTEST = (LEAP,)
