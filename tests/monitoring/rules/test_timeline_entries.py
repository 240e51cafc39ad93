"""A treatment's timeline: every fact, what is believed of it, and by which fact that came."""

from datetime import datetime

import pytest

from services.monitoring.rules.answers import TimelineEntry
from services.monitoring.rules.summary import summary
from services.monitoring.rules.timeline import timeline
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from tests.scenario import CBC, EDITION, LIVER, Day, Scenario, named, treated


def entries(t: Scenario, known: str | None = None) -> dict[str, TimelineEntry]:
    until = t.known_at(known)
    facts = [fact for fact in t.facts if until is None or fact.recorded_at <= until]
    return {entry.fact_id: entry for entry in timeline(facts, EDITION)}


def believed(t: Scenario, fact: str, known: str | None = None) -> tuple[str, str | None]:
    entry = entries(t, known)[fact]
    return entry.state, entry.by


def test_an_untouched_fact_is_current() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")

    assert believed(t, cbc) == ("current", None)


def test_a_corrected_fact_names_the_next_statement() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    first = t.correct_lab(cbc, "2024-06-10", *CBC)
    second = t.correct_lab(cbc, "2024-06-10", *CBC)

    assert (believed(t, cbc), believed(t, first), believed(t, second)) == (
        ("corrected", first),
        ("corrected", second),
        ("current", None),
    )


def test_a_voided_fact_names_its_void_and_is_current_again_after_the_voids_void() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    void = t.void(cbc, known="2024-06-11")
    back = t.void(void, known="2024-06-12")

    assert believed(t, cbc, "2024-06-11") == ("voided", void)
    assert (believed(t, cbc), believed(t, void), believed(t, back)) == (
        ("current", None),
        ("voided", back),
        ("current", None),
    )


def test_a_fact_that_names_something_unknown_dangles_until_that_arrives() -> None:
    t = treated()
    early = t.cancel(named("R-1"), known="2024-06-09")
    cbc = t.lab("2024-06-10", *CBC, business=("R-1", None))

    assert believed(t, early, "2024-06-09") == ("dangling", None)
    assert believed(t, early) == ("current", None)
    assert believed(t, cbc) == ("corrected", early)


def test_entries_come_by_the_clinics_date_then_by_id() -> None:
    t = treated()
    t.cbc("2024-07-10", known="2024-07-10")
    t.cbc("2024-06-10", known="2024-07-11")
    t.cbc("2024-06-16T03:30:00+00:00", known="2024-07-12")
    t.lab("2024-06-10", *LIVER, known="2024-07-13")
    t.exam("skin", Day("2024-06"), known="2024-07-14")

    shown = timeline(t.facts, EDITION)
    assert [(str(entry.local_date), entry.fact_id) for entry in shown] == sorted(
        (str(entry.local_date), entry.fact_id) for entry in shown
    )
    dates = {entry.version: str(entry.local_date) for entry in shown}
    assert (dates[9], dates[11]) == ("2024-06-15", "2024-06-01")


def test_an_entry_carries_both_times_as_utc_and_a_date_as_written() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10T08:15:00-04:00", known="2024-06-10T13:02:11.532000+00:00")
    exam = t.exam("skin", Day("2024-06"), known="2024-07-14")

    shown = entries(t)
    assert (shown[cbc].occurred_at, shown[cbc].occurred_on) == ("2024-06-10T12:15:00.000000Z", None)
    assert shown[cbc].recorded_at == "2024-06-10T13:02:11.532000Z"
    assert (shown[exam].occurred_at, shown[exam].occurred_on) == (None, "2024-06")
    assert datetime.fromisoformat(shown[exam].recorded_at).tzinfo is not None


def test_repetition_adds_no_entry() -> None:
    t = treated()

    assert timeline([*t.facts, *t.facts], EDITION) == timeline(t.facts, EDITION)


def results(*codes: str, status: v1.ResultStatus = "final") -> v1.LabResultRecorded:
    return v1.LabResultRecorded("S-1", tuple(v1.Result(code, status) for code in codes))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (results("777-3", "6690-2", "718-7", "751-8", "731-0"), "CBC with differential, 5 results, all final"),
        (results("1742-6"), "ALT, 1 result, final"),
        (results("9999-9", "8888-8", status="preliminary"), "Laboratory results, 2 results, all preliminary"),
        (v1.InfusionAdministered(dose_mg=12), "Infusion, 12 mg"),
        (v1.InfusionAdministered(dose_mg=3.5, completed=False), "Infusion, 3.5 mg, not completed"),
        (v1.InfusionStopped(parts.Reference("x"), "secret", given_mg=3), "Infusion stopped after 3 mg"),
        (v1.InfusionStopped(parts.Reference("x"), "secret"), "Infusion stopped"),
        (v1.LabResultCancelled("secret"), "Cancelled by the laboratory"),
        (v1.LabResultCancelled("secret", codes=("1-8",)), "1 result cancelled by the laboratory"),
        (v1.LabResultCancelled("secret", codes=("1-8", "2-6")), "2 results cancelled by the laboratory"),
        (v1.ReactionReported(("petechiae", "fever"), severity="mild"), "Reaction: petechiae, fever, mild"),
        (v1.ExamPerformed("hpv"), "HPV screen"),
        (v1.DemographicsCorrected(sex="male", birth_date="1988-04-02"), "Demographics corrected: sex, birth date"),
        (v1.MonitoringDeclined(), "Monitoring declined: all"),
        (v1.MonitoringDeclined(("MON-07",)), "Monitoring declined: MON-07"),
        (v1.MonitoringResumed(), "Monitoring resumed: all"),
        (v1.ProphylaxisStarted("contraception"), "Contraception started"),
        (v1.ProphylaxisStopped("antiviral"), "Antiviral prophylaxis stopped"),
        (v1.ReactionReported(("rash",)), "Reaction: rash"),
        (v1.DemographicsCorrected(), "Demographics corrected"),
        (v1.ObligationAcknowledged("secret", requirement="MON-01"), "MON-01 acknowledged"),
        (v1.ObligationAcknowledged("secret", obligation_id="T.MON-01.e1.s1"), "One obligation acknowledged"),
        (v1.MonitoringResumed(("MON-01", "MON-02")), "Monitoring resumed: MON-01, MON-02"),
        (v1.ProphylaxisStarted("antiviral"), "Antiviral prophylaxis started"),
        (v1.ProphylaxisStopped("contraception"), "Contraception stopped"),
        (v1.ObligationWaived("secret", requirement="MON-01", until="2024-07-01"), "MON-01 waived through 2024-07-01"),
        (v1.ObligationWaived("secret", obligation_id="T.MON-01.e1.s1"), "One obligation waived"),
        (v1.RemsFormSubmitted("patient-status"), "REMS form: patient status"),
        (v1.DeathRecorded(), "Death recorded"),
    ],
)
def test_a_fact_is_told_in_one_sentence_without_free_text(data: v1.FactData, sentence: str) -> None:
    assert summary(data, EDITION) == sentence


def test_results_of_different_status_are_counted() -> None:
    mixed = v1.LabResultRecorded("S-1", (v1.Result("1742-6", "final"), v1.Result("1920-8", "cancelled")))

    assert summary(mixed, EDITION) == "ALT, AST, 2 results, 1 cancelled, 1 final"


def test_voids_that_form_a_ring_are_not_voided_since_a_ring_has_no_effect() -> None:
    t = treated()
    first = t.void(t.fact_id(len(t.facts) + 2))
    second = t.void(first)

    assert (believed(t, first), believed(t, second)) == (("current", None), ("current", None))


def test_a_void_that_names_only_itself_has_nothing_to_remove_and_dangles() -> None:
    t = treated()
    by_id = t.void(t.fact_id(len(t.facts) + 1))
    by_name = t.void(named("V-1"), business=("V-1", None))

    assert (believed(t, by_id), believed(t, by_name)) == (("dangling", None), ("dangling", None))


def test_a_correction_that_names_only_itself_dangles() -> None:
    t = treated()
    by_id = t.correct_lab(t.fact_id(len(t.facts) + 1), "2024-06-10", *CBC)
    by_name = t.correct_lab(named("R-1"), "2024-06-10", *CBC, business=("R-1", None))

    assert (believed(t, by_id), believed(t, by_name)) == (("dangling", None), ("dangling", None))


def test_without_an_edition_results_have_no_names() -> None:
    t = treated()
    t.lab("2024-06-10", "creatinine")

    assert timeline(t.facts)[-1].summary == "Laboratory results, 1 result, final"
