"""Every rule that was read out of the monograph, the label and the REMS is accounted for: 138 ids, each once."""

import re
from pathlib import Path

from services.monitoring.rulebook.counting import ids, table
from tests.monitoring.rulebook.books import book

# Prefix -> how many; the ids run from 01 without a gap.
CATALOGUE = {
    "ELG": 3, "HLD": 22, "BAS": 22, "DOS": 9, "PRP": 6, "INF": 6, "POST": 4, "PRX": 4, "MON": 11, "END": 2,
    "TRG": 21, "CNS": 12, "REM": 14, "SAF": 2,
}  # fmt: skip
IDS = frozenset(f"{prefix}-{number:02}" for prefix, last in CATALOGUE.items() for number in range(1, last + 1))
README = Path(__file__).parents[3] / "README.md"


def test_there_are_138_of_them() -> None:
    assert len(IDS) == 138


def test_each_id_is_a_rule_or_part_of_one_or_is_not_software() -> None:
    rules, carried, asides = ids(book())
    assert IDS - (rules | carried | asides) == set()
    more = (rules | carried | asides) - IDS
    # The second half of TRG-03 (treat what was confirmed), and examples that a site may switch on.
    assert {one for one in more if not one.startswith("POL-")} == {"TRG-03b"}


def test_no_id_has_two_places() -> None:
    rules, carried, asides = ids(book())
    assert len(rules) + len(carried) + len(asides) == len(rules | carried | asides)


def test_at_most_25_are_not_software_and_each_says_why() -> None:
    told = [one for chapter in book().chapters for one in chapter.asides]
    assert 0 < len(told) <= 25
    assert all(len(one.why) > 20 and one.why.endswith(".") for one in told)


def test_what_is_carried_out_by_another_rule_names_one_that_is_there() -> None:
    found = book()
    rules = {rule.id for rule in found.rules}
    carried = [one for chapter in found.chapters for one in chapter.carried]
    assert carried
    assert {one.by for one in carried} <= rules


def test_the_counts_in_the_readme_are_those_of_the_protocol() -> None:
    said = README.read_text(encoding="utf-8")
    assert table(book()) in said, f"Write this table into README.md:\n{table(book())}"
    rules, carried, asides = ids(book())
    numbers = re.search(r"(\d+) are rules of their own, (\d+) are carried out by another, (\d+) are not software", said)
    assert numbers is not None
    assert list(map(int, numbers.groups())) == [len(rules & IDS), len(carried), len(asides)]


def test_examples_of_site_policy_are_off_until_a_site_switches_them_on() -> None:
    examples = [rule for rule in book().rules if rule.id.startswith("POL-")]
    assert {rule.basis for rule in examples} <= {"policy"}
    assert all(rule.profiles == () for rule in examples)


def test_what_is_not_confirmed_is_on_in_no_profile() -> None:
    unconfirmed = [rule for rule in book().rules if rule.basis == "unconfirmed"]
    assert unconfirmed
    assert all(rule.profiles == () and not rule.on for rule in unconfirmed)
