"""What a page was asked: the filters of its form and the two clocks, read from the address and written back into it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from services.monitoring.reading.clocks import Question, read_known_at
from services.monitoring.reading.filters import STANDINGS, Filters
from services.monitoring.rules.answers import RollUpStanding
from shared.texts import NotReadable, read_day

T = TypeVar("T")
MOST_DAYS = 100_000
_LONGEST = 256


class Unasked(Exception):
    """A question that can't be read: the field and what to write instead, without the value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Asked:
    """`known_text` is the second clock as it was written; `whole` shows every row of a group or a record."""

    site: tuple[str, ...] = ()
    requirement: tuple[str, ...] = ()
    standing: tuple[RollUpStanding, ...] = ("overdue",)
    min_days: int | None = None
    due_before: date | None = None
    on: date | None = None
    known_at: datetime | date | None = None
    known_text: str = ""
    whole: bool = False
    why: str | None = None

    @property
    def question(self) -> Question:
        return Question(self.on, self.known_at)

    @property
    def filters(self) -> Filters:
        before = None if self.due_before is None else self.due_before.toordinal()
        return Filters(
            standing=self.standing,
            requirement=self.requirement,
            site=self.site,
            due_before=before,
            min_days_overdue=self.min_days,
        )

    @property
    def filtered(self) -> bool:
        return bool(self.site or self.requirement or self.min_days or self.due_before) or self.standing != ("overdue",)

    def clocks_query(self) -> str:
        """Both clocks as the end of an address ("?on=2026-05-03"), empty when they are now."""
        return address("", self._clocks())

    def query(self, **changes: object) -> str:
        """This question, changed, as the end of an address; "" is this page without any filter."""
        asked = replace(self, **changes)  # type: ignore[arg-type] # the names are those of the fields
        pairs = [("site", site) for site in asked.site]
        pairs += [("requirement", requirement) for requirement in asked.requirement]
        if asked.standing != ("overdue",):
            pairs += [("standing", standing) for standing in asked.standing]
        if asked.min_days:
            pairs.append(("min_days_overdue", str(asked.min_days)))
        if asked.due_before:
            pairs.append(("due_before", asked.due_before.isoformat()))
        pairs += asked._clocks()
        if asked.whole:
            pairs.append(("show", "all"))
        return address("", pairs)

    def _clocks(self) -> list[tuple[str, str]]:
        pairs = [("on", self.on.isoformat())] if self.on else []
        return [*pairs, ("known_at", self.known_text)] if self.known_text else pairs


def address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A path with its query, if it has one."""
    query = urlencode(list(pairs))
    return f"{path}?{query}" if query else path


def read(given: Iterable[tuple[str, str]], zone: str) -> Asked:
    """Reads a page's query; an empty field asks for nothing. `zone` is that of a bare time. Raises Unasked."""
    values: dict[str, list[str]] = {}
    for name, text in given:
        if text.strip():
            values.setdefault(name, []).append(text.strip())
    known_text = _last(values, "known_at") or ""
    return Asked(
        site=_texts(values, "site"),
        requirement=_texts(values, "requirement"),
        standing=_standings(values.get("standing", [])),
        min_days=_read(values, "min_days_overdue", _days),
        due_before=_read(values, "due_before", read_day),
        on=_read(values, "on", read_day),
        known_at=_read(values, "known_at", lambda text: known_at(text, zone)),
        known_text=known_text,
        whole=_last(values, "show") == "all",
        why=_last(values, "why"),
    )


def known_at(text: str, zone: str) -> datetime | date:
    """A date, an instant, or "2026-05-12 08:10": that minute to its end, local to the zone. Raises NotReadable."""
    day, _, clock = text.partition(" ")
    if not clock:
        return read_known_at(text)
    try:
        minute = datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007 -- a time of day; its zone is added below
    except ValueError:
        raise NotReadable("must be a date like 2026-05-12, or a date and a time like 2026-05-12 08:10") from None
    local = datetime.combine(read_day(day), minute, ZoneInfo(zone))
    return local + timedelta(seconds=59, microseconds=999_999)


def _last(values: Mapping[str, list[str]], name: str) -> str | None:
    return values[name][-1] if name in values else None


def _texts(values: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(values.get(name, [])))
    if any("\0" in text or len(text) > _LONGEST for text in found):
        raise Unasked(name, f"must be at most {_LONGEST} characters without NUL")
    return found


def _standings(given: list[str]) -> tuple[RollUpStanding, ...]:
    known: dict[str, RollUpStanding] = {standing: standing for standing in STANDINGS}
    named = [text for several in given for text in several.split(",")]
    if any(text not in known for text in named):
        raise Unasked("standing", "must be one of " + ", ".join(STANDINGS))
    return tuple(dict.fromkeys(known[text] for text in named)) or ("overdue",)


def _read(values: Mapping[str, list[str]], name: str, reader: Callable[[str], T]) -> T | None:
    text = _last(values, name)
    if text is None:
        return None
    try:
        return reader(text)
    except NotReadable as wrong:
        raise Unasked(name, str(wrong)) from None


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= MOST_DAYS):
        raise NotReadable(f"must be a whole number from 0 to {MOST_DAYS}")
    return int(text)
