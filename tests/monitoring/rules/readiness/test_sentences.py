"""Each line of readiness says in one sentence what is there or missing, with the facts that were looked at."""

import pytest

from services.monitoring.rules.readiness.line import Line
from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionResolved,
    RuleOverridden,
    TherapyCompleted,
)
from shared.contracts.v1.courses import (
    AttestationGiven,
    AuthorisationRecorded,
    CounsellingGiven,
    EnrolmentRecorded,
    PremedicationGiven,
)
from shared.contracts.v1.facts import (
    ObligationWaived,
    PregnancyEnded,
    PregnancyRecorded,
    ProphylaxisStarted,
    ProphylaxisStopped,
    VaccineAdministered,
)
from shared.contracts.v1.history import ChildbearingPotentialRecorded, PriorTreatmentRecorded, ScreeningCompleted
from tests.monitoring.rules.infusion_days import line, ready
from tests.scenario import Scenario

START = "2024-01-08T09:00:00-05:00"


def judged(*facts: tuple[object, str], rule: str) -> tuple[Scenario, Line]:
    t = Scenario()
    for fact, when in facts:
        t.record(fact, when)  # type: ignore[arg-type] # a fact
    return t, line(ready(t, "2024-01-08", START), rule)


Case = tuple[str, list[tuple[object, str]], str, str, list[tuple[bool, str]]]
CASES: list[Case] = [
    ("BAS-08", [], "not_met", "No screening for tuberculosis is recorded.", []),
    (
        "BAS-08",
        [(ScreeningCompleted("tuberculosis", "negative"), "2023-10-01")],
        "met",
        "Screened for tuberculosis on 2023-10-01: negative.",
        [(True, "an accepted result")],
    ),
    (
        "BAS-08",
        [(ScreeningCompleted("tb", "positive"), "2023-10-01"), (TherapyCompleted("tb"), "2023-12-01")],
        "met",
        "Screened for tuberculosis on 2023-10-01: positive; treated or excluded on 2023-12-01.",
        [(False, "no accepted result"), (True, "after the screening")],
    ),
    (
        "BAS-08",
        [(TherapyCompleted("tb"), "2023-09-30"), (ScreeningCompleted("tb", "positive"), "2023-10-01")],
        "not_met",
        "Screened for tuberculosis on 2023-10-01: positive.",
        [(False, "no accepted result")],
    ),
    (
        "BAS-08",
        [(ScreeningCompleted("tb", "indeterminate"), "2023-10-01"), (TherapyCompleted("tb"), "2023-12-01")],
        "not_met",
        "Screened for tuberculosis on 2023-10-01: indeterminate.",
        [(False, "no accepted result")],
    ),
    (
        "BAS-18",
        [(ScreeningCompleted("vzv", "negative"), "2023-10-01"), (VaccineAdministered("21"), "2023-11-01")],
        "met",
        "Screened for varicella zoster on 2023-10-01: negative; vaccinated on 2023-11-01.",
        [(False, "no accepted result"), (True, "at least 6 weeks before")],
    ),
    (
        "BAS-18",
        [(VaccineAdministered("21"), "2023-09-30"), (ScreeningCompleted("vzv", "negative"), "2023-10-01")],
        "not_met",
        "Screened for varicella zoster on 2023-10-01: negative.",
        [(False, "no accepted result")],
    ),
    (
        "BAS-18",
        [(ScreeningCompleted("vzv", "negative"), "2023-10-01"), (VaccineAdministered("37"), "2023-11-01")],
        "not_met",
        "Screened for varicella zoster on 2023-10-01: negative.",
        [(False, "no accepted result")],
    ),
    ("BAS-11", [], "not_met", "Nobody attested for 2024-01-08: no active infection.", []),
    (
        "BAS-11",
        [(AttestationGiven("no-active-infection"), "2024-01-07")],
        "not_met",
        "Nobody attested for 2024-01-08: no active infection.",
        [(False, "not for this day")],
    ),
    ("INF-01", [], "not_met", "Nobody attested yet: emergency equipment.", []),
    (
        "INF-01",
        [(AttestationGiven("equipment-for-reactions"), "2023-01-07")],
        "met",
        "Attested on 2023-01-07: emergency equipment.",
        [(True, "valid on the day")],
    ),
    (
        "INF-01",
        [(AttestationGiven("emergency-equipment", "2024-01-07"), "2023-01-07")],
        "not_met",
        "Nobody attested for 2024-01-08: emergency equipment.",
        [(False, "not for this day")],
    ),
    ("INF-03", [], "not_met", "None given on 2024-01-08 yet: corticosteroid or antihistamine or antipyretic.", []),
    (
        "INF-03",
        [(PremedicationGiven("antipyretic"), "2024-01-08T08:00:00-05:00")],
        "met",
        "Given on the day: antipyretic.",
        [(True, "before the start")],
    ),
    (
        "INF-03",
        [(PremedicationGiven("antipyretic"), "2024-01-07T08:00:00-05:00")],
        "not_met",
        "None given on 2024-01-08 yet: corticosteroid or antihistamine or antipyretic.",
        [],
    ),
    ("BAS-14", [], "not_met", "Nothing recorded for this course: antiviral.", []),
    (
        "BAS-14",
        [(ProphylaxisStarted("antiviral"), "2024-01-02")],
        "met",
        "Started on 2024-01-02: antiviral.",
        [(True, "started and not stopped")],
    ),
    (
        "BAS-14",
        [
            (ProphylaxisStarted("antiviral"), "2023-01-02"),
            (ProphylaxisStopped("antiviral"), "2023-03-02"),
            (ProphylaxisStarted("antiviral"), "2024-01-03"),
        ],
        "met",
        "Started on 2024-01-03: antiviral.",
        [(True, "started and not stopped")],
    ),
    (
        "BAS-14",
        [(ProphylaxisStarted("contraception"), "2024-01-02")],
        "not_met",
        "Nothing recorded for this course: antiviral.",
        [],
    ),
    (
        "BAS-15",
        [(CounsellingGiven(("contraception",)), "2024-01-02")],
        "met",
        "Counselled on 2024-01-02: contraception.",
        [(True, "for this course")],
    ),
    (
        "BAS-15",
        [(PregnancyEnded(), "2023-06-01"), (PregnancyRecorded(), "2023-12-01")],
        "not_met",
        "A pregnancy is recorded since 2023-12-01.",
        [(False, "not ended")],
    ),
    (
        "BAS-15",
        [
            (ChildbearingPotentialRecorded("no"), "2023-01-01"),
            (ChildbearingPotentialRecorded("unknown"), "2023-02-01"),
        ],
        "not_applicable",
        "No childbearing potential, recorded on 2023-01-01.",
        [],
    ),
    ("ELG-01", [], "unknown", "The illness that is treated is not recorded.", []),
    (
        "ELG-01",
        [(ConditionConfirmed("rrms"), "2020-06-01")],
        "met",
        "Confirmed on 2020-06-01: rrms.",
        [(True, "an illness that the medicine is for")],
    ),
    (
        "ELG-01",
        [(ConditionConfirmed("ppms"), "2020-06-01")],
        "not_met",
        "Confirmed on 2020-06-01: ppms, which the medicine is not for.",
        [(False, "not for this illness")],
    ),
    ("ELG-03", [], "met", "Not on record: clinically isolated syndrome.", []),
    (
        "ELG-03",
        [(ConditionConfirmed("clinically-isolated-syndrome"), "2020-06-01")],
        "not_met",
        "Confirmed on 2020-06-01: clinically isolated syndrome.",
        [(False, "not recommended")],
    ),
    (
        "ELG-03",
        [
            (ConditionConfirmed("clinically-isolated-syndrome"), "2020-06-01"),
            (ConditionResolved("clinically-isolated-syndrome"), "2021-06-01"),
        ],
        "met",
        "Not on record: clinically isolated syndrome.",
        [],
    ),
    ("ELG-02", [], "not_met", "0 other medicines tried before; at least 2.", []),
    (
        "ELG-02",
        [(PriorTreatmentRecorded("natalizumab"), "2020-06-01")],
        "not_met",
        "1 other medicine tried before; at least 2.",
        [(True, "tried before")],
    ),
    ("BAS-12", [], "not_met", "Not recorded: date of birth, illness, earlier treatments.", []),
    ("BAS-19", [], "met", "No vaccine is recorded in the 6 weeks before 2024-01-08.", []),
    (
        "BAS-19",
        [(VaccineAdministered("141"), "2024-01-07")],
        "not_met",
        "Vaccinated on 2024-01-07, 1 day before the first infusion; at least 6 weeks.",
        [(False, "too late")],
    ),
    (
        "BAS-17",
        [
            (EnrolmentRecorded("lemtrada-rems", "site"), "2023-12-01"),
            (EnrolmentRecorded("other", "patient"), "2023-12-01"),
        ],
        "not_met",
        "Not recorded for lemtrada rems: patient, prescriber, pharmacy, authorisation of this course.",
        [(True, "valid on the day")],
    ),
    (
        "BAS-17",
        [(AuthorisationRecorded("lemtrada-rems", "2024-01-07"), "2023-12-01")],
        "not_met",
        "Not recorded for lemtrada rems: patient, prescriber, site, pharmacy, authorisation of this course.",
        [],
    ),
    ("HLD-03", [], "unknown", "The date of birth is not recorded.", []),
    ("DOS-05", [], "not_applicable", "There is no earlier course.", []),
    ("DOS-08", [], "not_applicable", "It would be the first infusion of its course.", []),
    ("DOS-06", [], "met", "No other infusion is recorded on 2024-01-08.", []),
    ("DOS-02", [], "met", "It would be infusion 1 of 5 of course 1.", []),
    ("HLD-01", [], "met", "Nothing of it is in force.", []),
    (
        "BAS-08",
        [(RuleOverridden("BAS-08", "no time"), "2024-01-07")],
        "overridden",
        "No screening for tuberculosis is recorded; overridden on 2024-01-07.",
        [(True, "in force on the day")],
    ),
    (
        "BAS-08",
        [(ObligationWaived("no time", requirement="BAS-08", until="2024-01-08"), "2024-01-07")],
        "overridden",
        "No screening for tuberculosis is recorded; overridden on 2024-01-07.",
        [(True, "in force on the day")],
    ),
    (
        "BAS-08",
        [(ObligationWaived("no time", requirement="BAS-08", until="2024-01-07"), "2024-01-07")],
        "not_met",
        "No screening for tuberculosis is recorded.",
        [],
    ),
]


@pytest.mark.parametrize(("rule", "facts", "standing", "sentence", "evidence"), CASES)
def test_a_line_says_what_is_there_or_missing(
    rule: str, facts: list[tuple[object, str]], standing: str, sentence: str, evidence: list[tuple[bool, str]]
) -> None:
    t, found = judged(*facts, rule=rule)
    assert (found.standing, found.sentence) == (standing, sentence)
    assert [(one.counts, one.why) for one in found.evidence] == evidence
    assert {one.fact_id for one in found.evidence} <= {fact.fact_id for fact in t.facts[1:]}
