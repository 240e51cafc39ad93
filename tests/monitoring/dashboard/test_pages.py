"""The pages as a browser gets them: the numbers of the API, well-formed, escaped, without inline style or script."""

import csv
import io
import logging
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked
from tests.monitoring.dashboard.serving import Page, directory, pages
from tests.scenario import Scenario, treated

COHORT = people()
LABELS = {one.treatment: f"Patient <{one.name}> & co" for one in COHORT}
NEGLECTED = next(one.treatment for one in COHORT if one.name == "neglected")
QUERIES = ["", "?site=south", "?requirement=MON-01", "?standing=due", "?min_days_overdue=30", "?on=2024-09-08"]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with directory(LABELS) as course, pages(tmp_path_factory.mktemp("pages"), COHORT, course) as asked:
        yield asked


def page(web: Asked, address: str, status: int = 200) -> Page:
    answer = web.get(address)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


ADDRESSES = ["/", "/?show=all", "/?on=2024-09-08&known_at=2024-08-01", "/?on=2026-01-01", "/?site=nowhere"] + [
    f"/treatments/{one.treatment}{query}"
    for one in COHORT
    for query in ("", "?why=MON-01", "?why=MON-06&show=all", "?on=2024-09-08&why=MON-05")
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_well_formed_and_has_one_headline(web: Asked, address: str) -> None:
    found = page(web, address)
    assert found.problems == []
    assert len(found.all("h1")) == 1
    assert len(found.ids) == len(set(found.ids))
    assert found.all("html") == [{"lang": "en"}]


@pytest.mark.parametrize("address", ["/", f"/treatments/{NEGLECTED}?why=MON-01", "/treatments/nobody", "/?on=x"])
def test_no_page_carries_style_or_script_of_its_own_and_the_policy_forbids_both(web: Asked, address: str) -> None:
    answer = web.get(address)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:"
    )
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    found = Page(answer.text)
    assert found.all("style") == []
    assert all("src" in script for script in found.all("script"))
    assert [a for _, a in found.elements if "style" in a or any(name.startswith("on") for name in a)] == []


def test_an_opened_why_names_whose_rule_it_is_where_it_stands_and_the_same_as_data(web: Asked) -> None:
    answer = web.get(f"/treatments/{NEGLECTED}?why=MON-05&on=2024-06-18")
    assert '"/rules#MON-05">MON-05</a>, monograph, rhythm: site policy. Monograph L155' in answer.text
    assert "Protocol alemtuzumab-ms@" in answer.text
    links = [a["href"] for a in Page(answer.text).all("a") if "/explanation" in (a.get("href") or "")]
    assert links == [f"/v1/obligations/{NEGLECTED}.MON-05.e1.s1/explanation?on=2024-06-18"]
    explained = web.get(links[0]).json()
    assert (explained["on"], explained["obligation"]["standing"]) == ("2024-06-18", "overdue")


@pytest.mark.parametrize("query", QUERIES)
def test_headline_groups_totals_and_export_are_the_numbers_of_the_summary(web: Asked, query: str) -> None:
    asked = query or "?"
    standing = "" if "standing" in asked else "&standing=overdue"
    summary = web.get(f"/v1/obligations/summary{asked}{standing}").json()
    found = page(web, f"/{asked}&show=all")
    number = re.search(r"(\d+|None|none) of", found.text("h1"))
    assert number is not None
    assert number[1].lower().replace("none", "0") == str(summary["treatments"])
    assert sum(map(int, re.findall(r"\d+", _counts(found)))) == summary["treatments"]
    patients = [row["data-treatment"] for row in found.all("tr") if "data-treatment" in row]
    assert len(patients) == len(set(patients)) == summary["treatments"]
    exported = list(csv.DictReader(io.StringIO(web.get(f"/worklist.csv{asked}").text)))
    assert len(exported) == summary["total"]
    assert {row["treatment"] for row in exported} == set(patients)


def _counts(found: Page) -> str:
    return re.sub(r"[^0-9 ]", " ", found.text("caption").replace("Overdue patients by days", ""))


def test_the_patient_page_has_as_many_marks_as_the_api_has_slots(web: Asked) -> None:
    slots = web.get(f"/v1/treatments/{NEGLECTED}/obligations").json()["obligations"]
    owed = {row["requirement"] for row in web.get(f"/v1/treatments/{NEGLECTED}").json()["obligations"]}
    html = web.get(f"/treatments/{NEGLECTED}").text
    wide = "".join(re.findall(r'<svg class="wide" height="26".*?</svg>', html, re.DOTALL))
    assert wide.count('class="mark"') == len([slot for slot in slots if slot["requirement"] in owed])
    assert wide.count('data-standing="missed"') == len([slot for slot in slots if slot["standing"] == "missed"])


def test_names_are_escaped_and_stand_in_no_address_title_or_log(web: Asked, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [web.get("/?show=all"), web.get(f"/treatments/{NEGLECTED}?why=MON-01")]
    for answer in answers:
        assert "Patient &lt;neglected&gt; &amp; co" in answer.text
        found = Page(answer.text)
        assert "neglected" not in found.text("title")
        linked = [a.get("href", "") + a.get("action", "") for _, a in found.elements]
        assert not any("neglected" in address for address in linked)
    assert "neglected" not in caplog.text


def test_without_the_course_service_the_list_stands_with_the_ends_of_the_ids(tmp_path: Path) -> None:
    with pages(tmp_path, [treated("2024-05-15", name="lonely")]) as web:
        found = page(web, "/")
        assert "Names are not shown" in found.text("h2")
        treatment = found.all("tr")[1]["data-treatment"]
        assert f"Patient {treatment[-6:]}" in found.text("a")


def test_the_past_is_unmissable_and_not_live(web: Asked) -> None:
    past = page(web, "/?on=2024-09-08&known_at=2024-08-01&site=south")
    assert {"class": "in-past"} in past.all("body")
    assert "You are looking at the past" in past.text("h2")
    assert past.text("h1").startswith("On 8 Sep 2024, ")
    assert not any("data-stream" in a for _, a in past.elements)
    assert "/?site=south" in [a.get("href") for a in past.all("a")]
    now = page(web, "/?site=south")
    assert any(a.get("data-stream") == "/v1/obligations/stream?site=south" for _, a in now.elements)
    assert "class" not in now.all("body")[0]


def test_the_news_begin_where_the_list_was_made(web: Asked) -> None:
    position = web.get("/v1/obligations").json()["clocks"]["stream_position"]
    bar = next(a for _, a in page(web, "/").elements if "data-stream" in a)
    assert bar["data-position"] == position


def test_the_footer_proves_the_screen(web: Asked) -> None:
    said = page(web, "/").text("footer").replace("\u00a0", " ")
    assert "Protocol alemtuzumab-ms@2024-01, profile us · judged on 1 Jun 2025 · known at " in said
    assert "position " in said


def test_an_empty_store_says_that_nothing_was_recorded(tmp_path: Path) -> None:
    with pages(tmp_path, []) as web:
        found = page(web, "/")
        assert "No treatments yet" in found.text("h2")
        assert "Nothing has arrived here so far." in found.text("p")


def test_a_filter_that_finds_nobody_leads_back(web: Asked) -> None:
    found = page(web, "/?site=nowhere")
    assert "No overdue patient matches" in found.text("h2")
    assert "Clear filters" in found.text("a")


def test_a_patient_without_infusion_owes_nothing(web: Asked) -> None:
    nobody = next(one.treatment for one in COHORT if one.name == "nobody")
    found = page(web, f"/treatments/{nobody}")
    assert "no infusion yet, so nothing is owed" in found.text("h1")


@pytest.mark.parametrize(
    ("address", "status", "headline"),
    [
        ("/treatments/nobody", 404, "There is no such patient here"),
        ("/treatments/0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41", 404, "There is no such patient here"),
        (f"/treatments/{NEGLECTED}?known_at=2019-01-01", 404, "There is no such patient here"),
        ("/?on=5/3/2026", 422, "The question can't be read"),
        (f"/treatments/{NEGLECTED}?known_at=x", 422, "The question can't be read"),
    ],
)
def test_a_question_without_an_answer_says_what_to_do(web: Asked, address: str, status: int, headline: str) -> None:
    found = page(web, address, status)
    assert found.problems == []
    assert found.text("h1") == headline
    assert "5/3/2026" not in found.text("main")


def test_a_struck_fact_names_its_correction_and_the_correction_names_it(tmp_path: Path) -> None:
    t = Scenario(name="struck")
    t.course("2024-05-15", days=4)
    wrong = t.infusion("2024-05-19")
    t.void_infusion(wrong, known="2024-05-30")
    with pages(tmp_path, [t]) as web:
        found = page(web, f"/treatments/{t.treatment}?show=all")
    assert found.all("s") == [{"class": "struck"}]
    assert "voided by v7" in found.text("small")
    assert "corrects v6" in found.text("small")


def test_style_and_script_are_served_and_nothing_beside_them(web: Asked) -> None:
    for name, kind in (("coursewatch.css", "text/css"), ("live.js", "text/javascript")):
        assert web.get(f"/static/{name}").headers["content-type"].startswith(kind)
    assert web.get("/static/router.py").status_code == 404
    assert web.get("/static/..%2Frouter.py").status_code == 404


def test_a_patient_of_whom_a_fact_is_missing_is_said_to_be_judged_by_what_came_before(tmp_path: Path) -> None:
    t = treated("2024-05-15", name="gap")
    t.cbc("2024-06-14")
    t.cbc("2024-07-14")
    t.facts.remove(t.facts[6])
    with pages(tmp_path, [t, treated("2024-05-15", name="whole")]) as web:
        listed = page(web, "/")
        alone = page(web, f"/treatments/{t.treatment}")
    assert "Facts of 1 patient wait" in listed.text("h2")
    assert listed.text("th").count("Facts wait: may be old") == 1
    assert "Facts of this patient wait" in alone.text("h2")


def test_no_fact_is_missing_where_none_waits(web: Asked) -> None:
    assert "wait" not in page(web, "/?show=all").text("h2")


def test_a_store_that_is_down_says_what_to_do_and_claims_nothing_it_does_not_know(tmp_path: Path) -> None:
    with pages(tmp_path, [treated("2024-05-15", name="down")]) as web:
        broken = sqlite3.connect(tmp_path / "monitoring.sqlite")
        broken.execute("DROP TABLE roll_up_span")
        broken.commit()
        broken.close()
        found = page(web, "/", 503)
    assert found.problems == []
    assert found.text("h1") == "The list cannot be shown"
    assert "The monitoring database does not answer" in found.text("h2")
    assert "the course service does not answer either" in found.text("p")
