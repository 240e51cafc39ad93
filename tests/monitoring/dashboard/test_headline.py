"""The first line is the answer, and an empty list says which kind of nothing it is."""

from datetime import date

import pytest

from services.monitoring.dashboard.asked import Asked, Unasked, read
from services.monitoring.dashboard.headline import Numbers, empty, headline
from services.monitoring.dashboard.lines import lines_of
from services.monitoring.dashboard.patient import headline as patient_headline
from services.monitoring.dashboard.patient import subline
from services.monitoring.dashboard.tense import tense
from tests.scenario import EDITION, treated

LINES = lines_of([EDITION])
DAY = date(2026, 5, 12)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("asked", "found", "of", "when", "says"),
    [
        (Asked(), 41, 312, "now", "41 of 312 patients are overdue"),
        (Asked(), 1, 312, "now", "1 of 312 patients is overdue"),
        (Asked(), 1, 1, "now", "1 of 1 patient is overdue"),
        (Asked(), 0, 312, "now", "None of 312 patients is overdue"),
        (Asked(min_days=14), 19, 312, "now", "19 of 312 patients are overdue 14 days or more"),
        (Asked(standing=("due",)), 58, 312, "now", "58 of 312 patients are due"),
        (Asked(), 38, 309, "past", "On 12 May 2026, 38 of 309 patients were overdue"),
        (Asked(), 0, 309, "past", "On 12 May 2026, none of 309 patients was overdue"),
        (Asked(), 38, 1309, "ahead", "On 12 May 2026, 38 of 1,309 patients will be overdue"),
    ],
)
def test_the_headline_of_the_list(asked: Asked, found: int, of: int, when: str, says: str) -> None:
    assert plain(headline(asked, found, of, when, DAY)) == says  # type: ignore[arg-type]


def test_nobody_is_overdue_says_what_was_counted() -> None:
    found = empty(
        Asked(),
        LINES,
        Numbers(312, 0, 58),
        "judged on Tue 12 May 2026 with everything recorded up to 08:10.",
        "now",
        opened=True,
    )
    assert found.title == "Nobody is overdue"
    assert plain(found.text) == "312 patients, judged on Tue 12 May 2026 with everything recorded up to 08:10."
    assert plain(found.link) == "58 patients are due within 7 days"


def test_nobody_is_overdue_is_not_said_flatly_while_facts_wait() -> None:
    found = empty(Asked(), LINES, Numbers(312, 0, 58, waiting=3), "", "now", opened=True)
    assert found.title == "Nobody is overdue, as far as we know"
    assert plain(found.text) == (
        "Facts of 3 patients wait for one that is missing, so results and findings may not be counted yet."
    )


def test_nobody_is_overdue_is_not_said_flatly_while_the_log_is_still_read() -> None:
    found = empty(Asked(), LINES, Numbers(312, 0, 58, behind="11 May, 18:00"), "", "now", opened=True)
    assert found.title == "Nobody is overdue, as far as we know"
    assert plain(found.text) == (
        "Only what was recorded up to 11 May, 18:00 is counted so far, so results and findings may be missing."
    )


def test_in_doubt_the_first_line_is_not_flat_either() -> None:
    said = [headline(Asked(), 0, 312, "now", date(2026, 5, 12), doubt=doubt) for doubt in (True, False)]
    assert [plain(one) for one in said] == [
        "None of 312 patients is overdue, as far as we know",
        "None of 312 patients is overdue",
    ]


def test_a_filter_that_finds_nobody_says_how_many_are_overdue_without_it() -> None:
    asked = Asked(site=("Harbour",), requirement=("MON-07",), min_days=30)
    found = empty(asked, LINES, Numbers(96, 41, 3), "", "now", opened=True)
    assert found.title == "No overdue patient matches"
    assert plain(found.text) == "Harbour, HPV screen, 30 days or more. Without these filters 41 patients are overdue."
    assert found.link == "Clear filters"


def test_an_empty_log_is_not_praised_as_nobody_overdue() -> None:
    found = empty(Asked(), LINES, Numbers(0, 0, 0), "", "now", opened=False)
    assert found.title == "No treatments yet"
    assert found.text == "The first recorded infusion opens one. Nothing has arrived here so far."


def test_the_headline_of_a_patient_counts_items_and_the_oldest() -> None:
    t = treated("2024-05-15", name="late")
    judged = t.assess("2024-07-20")
    overdue = [row for row in judged.roll_ups if row.standing == "overdue"]
    assert plain(patient_headline("Patient 0042", judged, overdue, "now")) == (
        "Patient 0042: 4 items overdue, the oldest 35 days"
    )
    assert subline(overdue, LINES) == "One blood draw and one urine sample close all four."
    assert plain(patient_headline("Patient 0042", judged, overdue[:1], "past")) == (
        "On 20 Jul 2024, Patient 0042: 1 item overdue for 35 days"
    )
    assert subline(overdue[:1], LINES) == "One blood draw closes it."


def test_now_is_not_the_past_although_today_was_asked_by_name() -> None:
    assert tense(DAY, None, DAY) == "now"
    assert tense(date(2026, 5, 11), None, DAY) == "past"
    assert tense(date(2026, 5, 13), None, DAY) == "ahead"
    assert tense(DAY, DAY, DAY) == "past"


def test_a_bare_minute_is_known_to_its_end_in_the_zone_of_the_page() -> None:
    asked = read([("known_at", "2026-05-03 08:10"), ("site", ""), ("on", "2026-05-03")], "America/New_York")
    assert str(asked.known_at) == "2026-05-03 08:10:59.999999-04:00"
    assert (asked.site, asked.standing) == ((), ("overdue",))
    assert asked.query() == "?on=2026-05-03&known_at=2026-05-03+08%3A10"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("on", "5/3/2026"),
        ("on", "2026-02-30"),
        ("known_at", "2026-05-03 8"),
        ("standing", "x"),
        ("min_days_overdue", "-1"),
    ],
)
def test_what_can_not_be_read_is_named_and_not_repeated(name: str, text: str) -> None:
    with pytest.raises(Unasked) as refused:
        read([(name, text)], "UTC")
    assert refused.value.field == name
    assert text not in refused.value.message.split()
