"""The two pages from the store to HTML: one read transaction each, then the names, then the template."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.responses import Response

from services.monitoring.dashboard.around import around
from services.monitoring.dashboard.asked import Asked, address, read
from services.monitoring.dashboard.cohort import Cohort, cohort
from services.monitoring.dashboard.frame import Frame, frame
from services.monitoring.dashboard.headline import (
    STANDING_WORDS,
    Empty,
    Numbers,
    empty,
    filters_in_words,
    headline,
    list_in_words,
)
from services.monitoring.dashboard.labels import Directory, name
from services.monitoring.dashboard.lines import Lines, lines_of
from services.monitoring.dashboard.marks import Mark, sign
from services.monitoring.dashboard.patient import patient
from services.monitoring.dashboard.record import ROWS
from services.monitoring.dashboard.rendering import page
from services.monitoring.dashboard.tense import are
from services.monitoring.dashboard.words import count, first_upper, short_id
from services.monitoring.reading.clocks import today
from services.monitoring.reading.export import write_csv
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import judge
from services.monitoring.reading.reader import Reader
from services.monitoring.reading.timeline import entries_on
from services.monitoring.reading.waiting import waiting
from services.monitoring.reading.zones import usual_zone
from services.monitoring.rules.answers import RollUpStanding
from shared.clock import ManualClock

_DAYS = (7, 14, 30)
_STANDINGS: tuple[RollUpStanding, ...] = ("overdue", "due", "upcoming", "declined", "suspended", "waived", "ended")
_LEGEND: tuple[Mark, ...] = ("done", "done_late", "due", "overdue", "overdue_partly", "missed", "not_monitored_here")
SOON: tuple[RollUpStanding, ...] = ("due", "upcoming")
_STREAM = "/v1/obligations/stream"

Given = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Pages:
    """Blocking: asks the store and the course service."""

    reader: Reader
    directory: Directory

    def worklist(self, given: Given) -> Response:
        """Raises Unasked."""
        library = self.reader.library
        now = library.clock.now()
        lines = lines_of(library.editions.values())
        with self.reader.snapshot() as connection:
            zone = usual_zone(connection)
            asked = read(given, zone)
            on = asked.on or today(now, zone)
            found = cohort(connection, library, lines, asked, on)
        filters = filters_in_words(asked, lines)
        back = "/" + asked.query(on=None, known_text="")
        seen = frame(
            asked,
            found.clocks,
            now,
            zone,
            _stream_of(asked),
            back,
            list_in_words(asked, lines),
            ticking=_ticks(library),
        )
        labels = self.directory.labels(list(found.patients))
        return page(
            "worklist.html",
            here="worklist",
            frame=seen,
            kept=_kept(asked),
            headline=headline(asked, found.found, found.of, seen.tense, on, doubt=bool(found.waiting or seen.behind)),
            subline=_subline(found, asked, filters, seen),
            asked=asked,
            cohort=found,
            waiting=len(found.waiting),
            empty=_empty(found, asked, lines, seen),
            empty_link=_empty_link(asked, found),
            lines=list(lines.values()),
            standings=_choices(asked),
            day_choices=sorted({*_DAYS, asked.min_days or _DAYS[0]}),
            names={treatment: name(treatment, labels) for treatment in found.patients},
            nameless=labels is None,
            legend=[sign(mark) for mark in _LEGEND],
            listed_overdue=asked.standing == ("overdue",),
            tier_link=lambda days: f"/{asked.query(whole=True)}#days-{days}",
            soon_query=asked.query(standing=SOON, due_before=found.soon_before, min_days=None, whole=False),
            why_query=lambda requirement: _why_query(asked, requirement),
        )

    def patient(self, treatment: str, given: Given) -> Response:
        """Raises Unasked, UnknownTreatment and UnknownProtocol."""
        library = self.reader.library
        now = library.clock.now()
        pairs = list(given)
        with self.reader.snapshot() as connection:
            zone = judge(connection, library, treatment, Asked().question).assessment.zone
            asked = read(pairs, zone)
            judged = judge(connection, library, treatment, asked.question)
            waits = treatment in waiting(connection)
        assessment = judged.assessment
        here = f"/treatments/{treatment}"
        stream = address(_STREAM, [("treatment", treatment)])
        seen = frame(asked, judged.clocks, now, zone, stream, here, ticking=_ticks(library))
        labels = self.directory.labels([treatment])
        called = name(treatment, labels)
        entries = entries_on(judged.facts, asked.on, judged.edition)
        lines = lines_of([judged.edition])
        shown = patient(assessment, judged.facts, entries, lines, called, seen.tense, asked.why, around(judged))
        rows = shown.recorded if asked.whole else shown.recorded[:ROWS]
        return page(
            "patient.html",
            here="patient",
            frame=seen,
            kept=[("why", asked.why)] if asked.why else [],
            treatment=treatment,
            short=short_id(treatment),
            asked=asked,
            patient=shown,
            waiting=waits,
            nameless=labels is None,
            legend=[sign(mark) for mark in shown.picture.legend] if shown.picture else [],
            edition=judged.clocks.edition,
            day_word="today" if seen.tense == "now" else "judged",
            facts_words=count(len(shown.recorded), "fact"),
            recorded=rows,
            more_recorded=len(shown.recorded) - len(rows),
            all_query=address("", [*_clock_pairs(asked), ("show", "all")]),
            exact_query=address("", _exact_clocks(asked)),
            json_query=address("", [("requirement", shown.opened or ""), *_exact_clocks(asked)]),
            why_query=lambda requirement: _why_query(asked, requirement),
        )

    def export(self, given: Given) -> Response:
        """The filtered list as CSV, whole. Raises Unasked."""
        with self.reader.snapshot() as connection:
            asked = read(given, usual_zone(connection))
        text = io.StringIO(newline="")
        with self.reader.whole_cohort(asked.filters, asked.question) as (_, rows):
            write_csv(rows, text)
        headers = {"Content-Disposition": 'attachment; filename="worklist.csv"', "Cache-Control": "no-store"}
        return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _stream_of(asked: Asked) -> str:
    named = [("site", site) for site in asked.site]
    return address(_STREAM, [*named, *(("requirement", requirement) for requirement in asked.requirement)])


def _kept(asked: Asked) -> list[tuple[str, str]]:
    """What the sheet of the two clocks must not lose: the filters."""
    return parse_qsl(asked.query(on=None, known_text="", whole=False).removeprefix("?"))


def _choices(asked: Asked) -> list[tuple[str, str, bool]]:
    """What the field offers: value, words, whether it is what was asked."""
    offered = dict.fromkeys((*((standing,) for standing in _STANDINGS), SOON, asked.standing))
    return [
        (
            ",".join(together),
            first_upper(" or ".join(STANDING_WORDS[one].lower() for one in together)),
            together == asked.standing,
        )
        for together in offered
    ]


def _clock_pairs(asked: Asked) -> list[tuple[str, str]]:
    return parse_qsl(asked.clocks_query().removeprefix("?"))


def _exact_clocks(asked: Asked) -> list[tuple[str, str]]:
    """Both clocks as the API reads them: a bare time becomes an instant."""
    pairs = [("on", asked.on.isoformat())] if asked.on else []
    return [*pairs, ("known_at", asked.known_at.isoformat())] if asked.known_at else pairs


def _why_query(asked: Asked, requirement: str) -> str:
    return address("", [*_clock_pairs(asked), ("why", requirement)])


def _ticks(library: Library) -> bool:
    return not isinstance(library.clock, ManualClock)


def _subline(found: Cohort, asked: Asked, filters: str, seen: Frame) -> str:
    if asked.filtered:
        words = filters if asked.site else first_upper(filters)
        many = f"{count(found.overdue, 'patient')} {are(seen.tense, found.overdue != 1)}"
        return f"{words}. Without these filters {many} overdue."
    return {
        "now": f"Judged on {seen.on_words}, with everything recorded up to {seen.through}.",
        "past": f"As it was known at {seen.band_known}." if asked.known_at else "As it is known now.",
        "ahead": "If nothing more were recorded until then.",
    }[seen.tense]


def _empty(found: Cohort, asked: Asked, lines: Lines, seen: Frame) -> Empty:
    judged = f"judged on {seen.on_words} with everything recorded up to {seen.through}."
    opened = found.clocks.known_through is not None
    numbers = Numbers(found.of, found.overdue, found.due_soon, len(found.waiting), seen.behind)
    return empty(asked, lines, numbers, judged, seen.tense, opened=opened)


def _empty_link(asked: Asked, found: Cohort) -> str:
    if asked.filtered:
        return "/" + asked.clocks_query()
    return "/" + asked.query(standing=SOON, due_before=found.soon_before)
