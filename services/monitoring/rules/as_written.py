"""Dates and instants inside a fact: what no calendar holds says nothing, for a slip of a sender stops no answer."""

from datetime import date, datetime

from shared.texts import NotReadable, read_day, read_instant


def day_written(text: str | None) -> date | None:
    try:
        return read_day(text) if text else None
    except NotReadable:
        return None


def instant_written(text: str | None) -> datetime | None:
    try:
        return read_instant(text) if text else None
    except NotReadable:
        return None


def lasts(until: str | None, on: date) -> bool:
    """Through its last day; without one, or one that can't be read, for good."""
    last = day_written(until)
    return last is None or on <= last
