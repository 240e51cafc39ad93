"""What surrounds the infusions on the patient's page: holds, deviations, protections, readiness, and their lanes."""

from datetime import date
from pathlib import Path

import pytest

from services.monitoring.dashboard.around import around
from services.monitoring.dashboard.axis import Axis
from services.monitoring.dashboard.held_lane import held_lane
from services.monitoring.dashboard.lines import lines_of
from services.monitoring.dashboard.patient import Patient, patient
from services.monitoring.dashboard.words import in_days
from services.monitoring.reading.clocks import Clocks
from services.monitoring.reading.one_treatment import Judged
from services.monitoring.reading.timeline import entries_on
from shared.contracts.v1 import conditions, courses
from shared.contracts.v1 import facts as v1
from tests.monitoring.dashboard.serving import Page, pages
from tests.scenario import EDITION, Scenario, treated

LINES = lines_of([EDITION])
CLOCKS = Clocks(None, None, None, EDITION.name, EDITION.sha256, "us", "k-1")


def shown(t: Scenario, on: str) -> Patient:
    judged = Judged(CLOCKS, EDITION, t.facts, t.assess(on))
    entries = entries_on(t.facts, date.fromisoformat(on))
    return patient(judged.assessment, t.facts, entries, LINES, "Patient 0042", "now", None, around(judged))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def monitored(t: Scenario, *days: str) -> Scenario:
    for day in days:
        t.cbc(day)
        t.lab(day, "creatinine", "urine RBC", "urine WBC", "ALT", "AST", "total bilirubin", "TSH")
    return t


def bleeding() -> Scenario:
    t = treated("2024-05-15", name="bleeding")
    t.record(v1.ReactionReported(("petechiae",), severity="severe"), "2024-06-03")
    t.cbc("2024-06-06")
    return t


def test_a_hold_is_a_bar_from_the_day_it_opened_to_today_and_a_line_below() -> None:
    found = shown(bleeding(), "2024-06-10")
    assert found.picture is not None
    assert found.picture.holds is not None
    (bar,) = found.picture.holds.wide.bars
    assert found.picture.wide.today is not None
    ends = float(bar.x[:-1]) + float(bar.width[:-1])
    assert ends == pytest.approx(float(found.picture.wide.today.x[:-1]), abs=0.6)
    assert bar.now
    assert plain(bar.title).endswith("3 Jun 2024 to today")
    assert found.picture.holds.sum == "Infusions held"
    (line,) = [one for one in found.held if one.rule == "HLD-10"]
    assert (line.word, line.tone, plain(line.since), line.whose) == (
        "No infusion", "missed", "3 Jun 2024", "site policy"
    )  # fmt: skip
    assert "2024-06-03" not in "".join(line.sentences)


def test_a_lifted_hold_keeps_its_bar_and_leaves_the_list() -> None:
    t = bleeding()
    t.record(conditions.EvaluationCompleted("itp"), "2024-06-08")
    found = shown(t, "2024-06-12")
    assert found.picture is not None
    assert found.picture.holds is not None
    (bar,) = found.picture.holds.wide.bars
    assert not bar.now
    assert plain(bar.title).endswith("3 Jun 2024 to 8 Jun 2024")
    assert [one for one in found.held if one.rule == "HLD-10"] == []


def test_what_is_suspended_from_view_says_so_and_bars_that_overlap_stand_below_each_other() -> None:
    t = treated("2024-05-15", name="held")
    t.record(conditions.HoldPlaced("surgery", "planned"), "2024-06-01")
    t.record(conditions.HoldPlaced("travel", "planned"), "2024-06-03")
    judged = Judged(CLOCKS, EDITION, t.facts, t.assess("2024-06-10"))
    holds = around(judged).holds
    placed = [one for one in holds if one.rule is None]
    lane = held_lane(Axis(date(2024, 5, 1), date(2024, 7, 1)), placed, date(2024, 6, 10))
    assert lane is not None
    assert [bar.y for bar in lane.bars] == [8, 19]
    assert lane.height == 37
    far = held_lane(Axis(date(2026, 5, 1), date(2026, 7, 1)), placed, date(2024, 6, 10))
    assert far is not None
    assert (far.bars, far.nothing) == ((), "None in this view")


def test_reactions_are_triangles_solid_where_serious_and_findings_are_diamonds() -> None:
    t = bleeding()
    t.record(v1.ReactionReported(("rash",), severity="mild"), "2024-06-04")
    t.record(conditions.FindingRecorded("suspicious-mri"), "2024-06-05")
    found = shown(t, "2024-06-10")
    assert found.picture is not None
    lane = found.picture.events[1]
    assert (lane.name, plain(lane.wide.sum)) == ("Reactions, findings", "2 reactions, 1 finding")
    assert [mark.mark for mark in lane.wide.marks] == ["reaction_serious", "reaction", "finding"]


def test_the_illness_that_is_treated_is_no_finding() -> None:
    t = treated("2024-05-15", name="diagnosed")
    t.record(conditions.ConditionConfirmed("rrms"), "2024-05-16")
    found = shown(t, "2024-06-10")
    assert found.picture is not None
    assert [lane.name for lane in found.picture.events] == ["Infusions"]


def test_what_findings_asked_for_is_one_lane_with_a_mark_for_each() -> None:
    t = bleeding()
    t.record(v1.ReactionReported(("jaundice",)), "2024-06-08")
    found = shown(t, "2024-06-20")
    assert found.picture is not None
    lane = found.picture.after_findings
    assert lane is not None
    assert [mark.mark for mark in lane.wide.marks] == ["done_late", "overdue", "overdue"]
    assert [mark.shift for mark in lane.wide.marks] == [0, 0, 11]
    assert (lane.sum, lane.tone) == ("1 done late, 2 overdue", "overdue")
    assert lane.wide.red is not None
    assert all(one.line.once is None for one in found.picture.lanes)


def test_deviations_of_one_rule_are_one_line_with_their_days() -> None:
    t = treated("2024-05-15", name="plain")
    found = shown(t, "2024-06-01")
    (steroid,) = [one for one in found.broken if one.rule == "BAS-13"]
    assert plain(steroid.when) == "3 days, 15 May 2024 to 17 May 2024"
    t = Scenario(name="short")
    for day in ("2024-02-26", "2024-02-27", "2024-02-29"):
        t.infusion(day)
    short = {one.rule: one for one in shown(t, "2024-03-10").broken}
    assert short["DOS-02"].note == "what is still to come may mend it"
    assert plain(short["DOS-08"].when) == "29 Feb 2024"


def test_what_would_have_stopped_a_planned_infusion_stands_first() -> None:
    t = treated("2024-05-15", name="early")
    t.infusion("2024-12-01")
    found = shown(t, "2025-01-10")
    assert found.broken[0].grave
    assert [one.grave for one in found.broken] == sorted((one.grave for one in found.broken), reverse=True)
    assert "DOS-05" in {one.rule for one in found.broken if one.grave}


def test_a_protection_with_a_gap_stands_before_those_without_and_watches_last() -> None:
    t = treated("2024-05-15", name="covered", sex="male")
    t.record(v1.ProphylaxisStarted("antiviral"), "2024-05-15")
    t.record(v1.ProphylaxisStopped("antiviral"), "2024-06-01")
    found = shown(t, "2024-06-05")
    first = found.running[0]
    assert (first.rule, first.covered) == ("PRX-01", False)
    assert plain(first.gap) == "1 Jun – 5 Jun"
    assert found.running[-1].covered is None
    assert len({one.rule for one in found.running}) == len(found.running)


def test_a_planned_infusion_is_go_or_no_go_in_one_line() -> None:
    t = monitored(treated("2024-05-15", name="planned"), "2025-06-20")
    t.record(courses.CoursePlanned("2025-07-01"), "2025-06-21")
    found = shown(t, "2025-06-25")
    assert found.ready is not None
    assert plain(found.ready.title) == "Planned infusion on Tue 1 Jul: course 2, infusion 1"
    assert found.ready.stopped
    assert plain(found.ready.answer).startswith("No-go. ")
    assert found.ready.lines[0].tone == "missed"
    assert "Complete" not in {one.word for one in found.ready.lines}
    assert "BAS-01" in {one.rule for one in found.ready.in_order}
    assert found.facts[-1].name == "Next infusion"


def test_nothing_is_shown_where_there_is_nothing(tmp_path: Path) -> None:
    nobody = Scenario(name="nobody", opened="2024-06-01")
    found = shown(nobody, "2024-07-01")
    assert (found.ready, found.held, found.broken, found.running) == (None, (), (), ())
    with pages(tmp_path, [nobody]) as web:
        page = Page(web.get(f"/treatments/{nobody.treatment}").text)
    assert {"holds", "deviations", "running", "ready"} & set(page.ids) == set()


def test_the_page_with_all_of_it_is_well_formed(tmp_path: Path) -> None:
    t = bleeding()
    t.record(courses.CoursePlanned("2025-06-20"), "2025-05-20")
    with pages(tmp_path, [t]) as web:
        answer = web.get(f"/treatments/{t.treatment}?why=TRG-01")
    page = Page(answer.text)
    assert (answer.status_code, page.problems) == (200, [])
    assert len(page.ids) == len(set(page.ids))
    assert {"holds", "deviations", "running", "ready"} <= set(page.ids)
    assert [a for _, a in page.elements if "style" in a] == []
    linked = {one["href"].removeprefix("#") for one in page.all("a") if one.get("href", "").startswith("#")}
    assert linked <= set(page.ids)


def test_dates_in_sentences_are_said_as_a_nurse_reads_them() -> None:
    assert plain(in_days("From 2024-05-06 to 2024-12-31, 2024-13-01.")) == "From 6 May 2024 to 31 Dec 2024, 2024-13-01."
