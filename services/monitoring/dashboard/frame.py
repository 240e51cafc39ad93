"""What every page says of itself: when it was judged, what was known, which edition, and whether it is the past."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.monitoring.dashboard.asked import Asked
from services.monitoring.dashboard.tense import Tense, tense
from services.monitoring.dashboard.words import full_day, full_weekday, moment
from services.monitoring.reading.clocks import Clocks

LATE = timedelta(minutes=2)
"""The log promises its readers the present at least every half minute; older than this is behind."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`stream` is empty where nothing is live; `since` the time of day the page was made; `band` is for not-now;
    `through`: everything recorded up to then is counted; `behind` says it again where that is too long ago for now.
    """

    tense: Tense
    zone: str
    on: date
    on_words: str
    on_field: str
    known_field: str
    since: str
    clock: str
    band: str
    band_on: str
    band_known: str
    back: str
    footer: str
    through: str
    behind: str
    stream: str
    position: str
    printed: str


def frame(
    asked: Asked,
    clocks: Clocks,
    now: datetime,
    zone: str,
    stream: str,
    back: str,
    filters: str = "",
    *,
    ticking: bool = True,
) -> Frame:
    """`now` is aware; `zone` the page's; `stream` and `back` are addresses; `filters` in words, for the paper.

    `ticking`: the clock runs by itself, so that the log promises its readers the present.
    """
    local = now.astimezone(ZoneInfo(zone))
    on = asked.on or local.date()
    when = tense(asked.on, asked.known_at, local.date())
    known = _known(asked, clocks, zone)
    return Frame(
        tense=when,
        zone=zone,
        on=on,
        on_words=full_weekday(on),
        on_field=on.isoformat(),
        known_field=asked.known_text,
        since=f"{local:%H:%M}",
        clock=f"{local:%H:%M:%S}",
        band={"past": "You are looking at the past", "now": "", "ahead": "You are looking ahead"}[when],
        band_on=full_weekday(on),
        band_known=known,
        back=back,
        footer=_footer(on, known, clocks),
        through=_through(clocks, local, zone),
        behind=_behind(clocks, local, zone) if when == "now" and ticking else "",
        stream=stream if when == "now" else "",
        position=clocks.stream_position,
        printed=_printed(local, zone, filters, when, on, known),
    )


def _known(asked: Asked, clocks: Clocks, zone: str) -> str:
    if isinstance(asked.known_at, datetime):
        return moment(asked.known_at, zone)
    if asked.known_at is not None:
        return f"{full_weekday(asked.known_at)}, 23:59"
    through = clocks.known_through
    return "nothing recorded yet" if through is None else moment(datetime.fromisoformat(through), zone, seconds=True)


def _through(clocks: Clocks, local: datetime, zone: str) -> str:
    """Up to when everything recorded is counted: the time alone where that is today."""
    if clocks.known_through is None:
        return "now"
    through = datetime.fromisoformat(clocks.known_through).astimezone(local.tzinfo)
    return f"{through:%H:%M}" if through.date() == local.date() else moment(through, zone)


def _behind(clocks: Clocks, local: datetime, zone: str) -> str:
    if clocks.known_through is None or local - datetime.fromisoformat(clocks.known_through) <= LATE:
        return ""
    return moment(datetime.fromisoformat(clocks.known_through), zone)


def _footer(on: date, known: str, clocks: Clocks) -> str:
    parts = (
        f"Protocol {clocks.edition}, profile {clocks.profile}",
        f"judged on {full_day(on)}",
        f"known at {known}",
        f"position {clocks.stream_position}",
    )
    return " · ".join(parts)


def _printed(local: datetime, zone: str, filters: str, when: Tense, on: date, known: str) -> str:
    clocks = "judged and known now" if when == "now" else f"judged on {full_day(on)}, known at {known}"
    said = [f"Printed {full_weekday(local.date())}, {local:%H:%M} {zone}", filters, clocks]
    return " · ".join(part for part in said if part)
