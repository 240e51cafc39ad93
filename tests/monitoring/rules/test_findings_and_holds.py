"""A finding that holds the next infusion also asks for something, under every name that it is known by."""

from services.monitoring.rules.edition import Once
from services.monitoring.rules.holds.kinds import Illness
from tests.scenario import EDITION

# What holds an infusion without asking for a test or a visit: infections, malignancies, contraindications.
ONLY_HELD = {"HLD-01", "HLD-12", "HLD-18", "HLD-19", "HLD-20", "HLD-21"}
ILLNESSES = [
    (hold.id, cause)
    for hold in EDITION.infusions.holds
    if hold.id not in ONLY_HELD
    for opening in hold.opens
    if isinstance(opening, Illness)
    for cause in opening.causes
]
ASKING = {word for one in EDITION.requirements.values() if isinstance(one.timing, Once) for word in one.timing.after}


def test_every_sign_that_holds_also_asks() -> None:
    silent = {(rule, sign) for rule, cause in ILLNESSES for sign in cause.signs if f"sign:{sign}" not in ASKING}
    assert silent == set()


def test_every_name_of_an_illness_that_holds_also_asks() -> None:
    silent = {
        (rule, name)
        for rule, cause in ILLNESSES
        for name in cause.conditions
        if ASKING.isdisjoint({f"suspected:{name}", f"confirmed:{name}"})
    }
    assert silent == set()


def test_there_are_illnesses_of_every_rule_that_holds_for_one() -> None:
    assert {rule for rule, _ in ILLNESSES} >= {f"HLD-{number:02}" for number in (2, 4, 5, 6, 7, 8, 9, 10, 11)}
