"""How a rule works, in one sentence made from its kind and its numbers."""

import pytest

from services.monitoring.rulebook.book import CHAPTERS, chapter_of
from services.monitoring.rulebook.entry import KINDS
from services.monitoring.rulebook.requirements import how
from services.monitoring.rulebook.words import Glossary, counted, first_upper, listed, shortened
from services.monitoring.rules.edition import Courses, Once, Requirement
from tests.monitoring.rulebook.books import book, entries


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("MON-01", ("Monthly from the first infusion on, until 48 months after the last one; each window opens 7 days "
         "before its due date.")),
        ("MON-04", ("Every 3 months from the first infusion on, until 48 months after the last one; each window opens "
         "14 days before its due date.")),
        ("MON-07", ("For patients with a cervix, and where it is not known: 12 months after the last one done, else "
         "after the first infusion; it opens 30 days before it is due and stays open until done.")),
        ("DOS-01", "Each infusion gives 12 mg."),
        ("DOS-02", "Course 1 has 5 infusions, 60 mg in all; a short one is settled 15 days after its last."),
        ("DOS-05", "At least 12 months from the last infusion of any earlier course to the first of the next."),
        ("INF-02", "At least 4 hours from start to end, pauses included; not judged where it stopped."),
        ("PRP-03", ("1.2 mL in a bag of 100 mL: sodium chloride 0.9 or dextrose 5; what was not recorded is not "
         "judged.")),
        ("HLD-01", ("No infusion from the first suspicion on, until it is excluded, it is over or a clinician lifts "
         "it.")),
        ("HLD-04", "No infusion once it is confirmed, until it is excluded or a clinician lifts it."),
        ("HLD-06", ("No infusion from the first suspicion or sign on, until it is excluded and another cause is named, "
         "it is over or a clinician lifts it; confirmed or evaluated without another cause, the treatment is given "
         "up.")),
        ("HLD-12", "A warning from the first suspicion on, until it is excluded or a clinician lifts it."),
        ("HLD-22", ("A warning from day 1 overdue on, no infusion from day 14 on or while it is declined: any of "
         "MON-01, MON-02, MON-03, MON-04 or MON-05.")),
        ("BAS-01", ("Before each course: platelets, leukocytes, hemoglobin, neutrophils and lymphocytes, within 30 "
         "days before its first infusion.")),
        ("BAS-08", ("Before the first course: the last screening for tuberculosis was negative or not needed, or the "
         "illness was treated to its end, excluded or is over.")),
        ("BAS-11", "Before each infusion: on the day itself somebody vouches: no active infection."),
        ("BAS-17", ("Before each course: patient, prescriber, site and pharmacy are enrolled in lemtrada REMS, and it "
         "authorised this course; no override helps.")),
        ("POST-02", "Watched until 48 hours after each infusion."),
        ("PRX-01", ("Without a gap from the first infusion of each course until 2 months after its last, or until a "
         "CD4 count per µL of at least 200 if that is later.")),
        ("PRX-02", ("For patients who may bear children: without a gap from the first infusion of each course until 4 "
         "months after its last.")),
        ("PRX-03", "Watched from each course on, without an end."),
    ],
)  # fmt: skip
def test_a_rule_says_how_it_works(rule: str, sentence: str) -> None:
    assert [one.how for one in entries(rule)] == [sentence]


@pytest.mark.parametrize("profile", ["seed", "us", "eu"])
def test_every_rule_has_one_sentence_that_names_no_slug_of_the_file(profile: str) -> None:
    for rule in book(profile).rules:
        assert rule.how.endswith("."), rule.id
        assert rule.how[:1].isupper() or rule.how[:1].isdigit(), rule.id
        assert ":" not in rule.how.replace(": ", ""), rule.id
        assert "{" not in rule.how + rule.title
        assert rule.citation
        assert rule.kind in KINDS


def test_a_rule_that_differs_between_profiles_is_on_once_in_each() -> None:
    assert [one.basis for one in entries("BAS-01", "us")] == ["rems"]
    assert [one.basis for one in entries("BAS-01", "eu")] == ["seed"]
    assert len([one for one in book().rules if one.id == "BAS-01"]) == 2


def test_the_rhythm_says_whose_it_is_where_it_is_anothers() -> None:
    (liver,) = entries("MON-05")
    assert (liver.basis, liver.cadence_basis) == ("seed", "policy")


@pytest.mark.parametrize(
    ("after", "due_days", "sentence"),
    [
        (("sign:petechiae",), 0, "Due the same day after petechiae."),
        (("pregnancy:recorded",), 3, "Due within 3 days after recorded pregnancy."),
        (("suspected:x", "sign:a"), 1, "Due within 1 day after each of these: a or suspected x."),
        (tuple(f"sign:{one}" for one in "abcdefg"), 0, "Due the same day after each of these: a, b, c, d or 3 more."),
    ],
)
def test_what_a_finding_asks_for_names_the_signs_first(after: tuple[str, ...], due_days: int, sentence: str) -> None:
    asked = Requirement(
        id="TRG-99",
        title="T",
        short="T",
        specimen="Blood",
        severity="TASK",
        basis="seed",
        citation="C",
        profiles=(),
        timing=Once(after=after, due_days=due_days),
    )
    assert how(asked, Courses(15, 48), Glossary([])) == sentence


def test_a_value_that_asks_for_something_is_named_by_what_is_measured() -> None:
    low, *_ = [rule for rule in book().rules if rule.id == "POL-01"]
    assert low.how == "Due the same day after platelets below 100 10*3/uL."


def test_long_lists_stand_beside_the_sentence() -> None:
    (count,) = entries("TRG-01")
    said = {one.name: one.text for one in count.details}
    assert said["Asked for by"].startswith("Easy bruising, petechiae")
    assert "suspected ITP" in said["Asked for by"]
    assert said["Done with"] == "Platelets, leukocytes, hemoglobin, neutrophils and lymphocytes"
    (evaluation,) = entries("TRG-06")
    assert "HLH evaluated, excluded or confirmed" in evaluation.details[-1].text
    (clotting,) = entries("TRG-10")
    assert {one.name: one.text for one in clotting.details}["Done with"] == "aPTT"


def test_chapters_stand_in_the_order_of_the_book_and_hold_their_ids() -> None:
    found = book()
    assert [chapter.key for chapter in found.chapters] == list(CHAPTERS)
    for chapter in found.chapters:
        named = [one.id for one in chapter.rules] + [one.id for one in chapter.carried]
        named += [one.id for one in chapter.asides]
        assert {chapter_of(one) for one in named} == {chapter.key}
        assert [one.id for one in chapter.rules] == sorted(one.id for one in chapter.rules)


def test_an_id_like_no_other_has_a_chapter_too() -> None:
    assert (chapter_of("XYZ-01"), chapter_of("MON-01")) == ("", "MON")


def test_words_are_said_as_the_protocol_writes_them() -> None:
    said = Glossary(["Evaluation for HLH", "Carrier of hepatitis B"])
    assert said.plain("suspected-hlh") == "suspected HLH"
    assert said.plain("hepatitis-b") == "hepatitis B"
    assert said.plain("sodium-chloride-0-9") == "sodium chloride 0.9"
    assert said.act("sign:easy-bruising") == "easy bruising"
    assert said.act("suspected:hlh") == "suspected HLH"
    assert said.act("screened:tb:positive") == "positive screening for tb"
    assert said.act("screened:tb") == "screening for tb"
    assert said.act("pregnancy:ended") == "ended pregnancy"
    assert (
        said.acts(["evaluated:hlh", "excluded:hlh", "reviewed:skin"]) == "HLH evaluated or excluded; skin asked about"
    )


def test_lists_and_numbers_are_said_plainly() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert shortened(list("abcde")) == "a, b, c, d or e"
    assert shortened(list("abcdef")) == "a, b, c, d or 2 more"
    assert (counted(1, "day"), counted(1.5, "hour"), counted(0, "day")) == ("1 day", "1.5 hours", "0 days")
    assert (first_upper("skin"), first_upper("aPTT"), first_upper("")) == ("Skin", "aPTT", "")
