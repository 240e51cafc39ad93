"""The page of all rules: chapters, filters without script, whose rule each is, and what is switched on."""

import re
from collections.abc import Iterator

import pytest

from services.monitoring.dashboard.asked import Unasked
from services.monitoring.dashboard.rules import Row, asked_protocol, read_chosen, rules_page
from tests.monitoring.api.serving import Asked
from tests.monitoring.dashboard.serving import Page, pages
from tests.monitoring.rulebook.books import book

BOOK = book()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with pages(tmp_path_factory.mktemp("rules"), []) as asked:
        yield asked


def rows(*query: tuple[str, str]) -> list[Row]:
    shown = rules_page(BOOK, read_chosen(query, BOOK))
    return [row for chapter in shown.chapters for row in chapter.rows]


@pytest.mark.parametrize("query", ["", "?chapter=TRG", "?basis=policy&switched=on", "?chapter=END&basis=rems"])
def test_the_page_is_well_formed_and_has_one_headline_and_unique_ids(web: Asked, query: str) -> None:
    answer = web.get(f"/rules{query}")
    found = Page(answer.text)
    assert (answer.status_code, found.problems) == (200, [])
    assert len(found.all("h1")) == 1
    assert len(found.ids) == len(set(found.ids))
    assert found.all("style") == []
    assert all("src" in script for script in found.all("script"))


def test_every_page_leads_to_the_rules(web: Asked) -> None:
    links = [one.get("href") for one in Page(web.get("/").text).all("a")]
    assert links.count("/rules") == 2, "once at the top, once in the footer"


def test_every_rule_of_the_book_has_a_row_that_can_be_linked_to(web: Asked) -> None:
    whole = BOOK
    ids = set(Page(web.get("/rules").text).ids)
    named = {rule.id for rule in whole.rules}
    named |= {one.id for chapter in whole.chapters for one in chapter.carried}
    named |= {one.id for chapter in whole.chapters for one in chapter.asides}
    assert named <= ids


def test_the_headline_counts_what_is_on_or_what_the_filters_find() -> None:
    whole = BOOK
    plain = rules_page(whole, read_chosen([], BOOK))
    assert plain.headline == f"{sum(rule.on for rule in whole.rules)}\u00a0rules are on in profile us"
    chosen = rules_page(whole, read_chosen([("chapter", "TRG"), ("basis", "label_us")], BOOK))
    assert re.fullmatch("\\d+\u00a0rules?: Findings, US label", chosen.headline)
    none = rules_page(whole, read_chosen([("chapter", "END"), ("switched", "off")], BOOK))
    assert none.headline == "No rule: After the end of monitoring, switched off"


def test_policy_is_never_dressed_as_another_source() -> None:
    found = {row.anchor: row for row in rows()}
    assert (found["MON-05"].whose, found["MON-05"].rhythm) == ("monograph", "site policy")
    assert found["HLD-04"].whose == "site policy"
    assert (found["MON-01"].whose, found["MON-01"].rhythm) == ("monograph", "")


def test_a_rule_that_is_off_says_where_it_is_on() -> None:
    off = rows(("switched", "off"))
    assert off
    assert all(row.on is False and row.elsewhere for row in off)
    assert {row.elsewhere for row in off if row.whose == "unconfirmed"} == {"in no profile"}
    assert all(row.on and not row.elsewhere for row in rows(("switched", "on")))


def test_a_filter_by_source_finds_rules_and_rhythms_of_it() -> None:
    found = rows(("basis", "policy"))
    assert all("site policy" in {row.whose, row.rhythm} for row in found)
    assert {"HLD-04", "MON-05", "CNS-04"} <= {row.id for row in found}


def test_what_another_rule_carries_out_leads_there_and_what_is_no_software_says_why() -> None:
    found = {row.id: row for row in rows()}
    assert found["CNS-01"].by == "BAS-16"
    assert found["MON-11"].on is None
    assert found["MON-11"].how


def test_a_rule_written_twice_has_two_places() -> None:
    assert [row.anchor for row in rows(("chapter", "PRX")) if row.id == "PRX-01"] == ["PRX-01", "PRX-01-2", "PRX-01-3"]


@pytest.mark.parametrize("field", ["protocol", "chapter", "basis", "switched"])
def test_a_filter_that_can_not_be_read_is_named(web: Asked, field: str) -> None:
    read = read_chosen if field != "protocol" else lambda query, _: asked_protocol(query, ["alemtuzumab-ms"])
    with pytest.raises(Unasked, match="must be one of"):
        read([(field, "secret")], BOOK)
    answer = web.get(f"/rules?{field}=secret")
    assert (answer.status_code, "secret" in answer.text) == (422, False)
