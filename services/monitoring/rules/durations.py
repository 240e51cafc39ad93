"""Elapsed time on instants, never on wall clocks, and how it is said; and waits that never end too early."""

from datetime import UTC, date, datetime, timedelta

from services.monitoring.rules.calendar import add_months, day_after


def elapsed(start: datetime, end: datetime) -> timedelta:
    """What passed between two aware instants, whatever zones they were written in and whatever the clocks did."""
    return end.astimezone(UTC) - start.astimezone(UTC)


def later(instant: datetime, length: timedelta) -> datetime:
    """So much elapsed time after an aware instant."""
    return instant.astimezone(UTC) + length


def in_words(length: timedelta) -> str:
    """`3 h 50 min`, `2 h`, `8 h 30 s`."""
    seconds = round(abs(length).total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    said = [f"{amount} {unit}" for amount, unit in ((hours, "h"), (minutes, "min"), (seconds % 60, "s")) if amount]
    return " ".join(said) or "0 min"


def minutes(length: timedelta) -> int | float:
    """Whole where it is whole."""
    found = round(length.total_seconds() / 60, 2)
    return int(found) if found.is_integer() else found


def months_after(day: date, months: int) -> date:
    """The first day on which so many whole months have passed: rolls forward where the day does not exist (§2.1)."""
    reached = add_months(day, months)
    return reached if reached.day == day.day else day_after(reached)


def years_old(born: date, on: date) -> int:
    """Full years lived; a birthday that the year does not have is the day after."""
    years = on.year - born.year
    return years if months_after(born, 12 * years) <= on else years - 1
