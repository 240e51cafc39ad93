"""What somebody did or signed before an infusion: screenings, attestations, premedication, counselling, enrolment."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from services.monitoring.rules.as_written import lasts
from services.monitoring.rules.readiness.asked import Asked, D, days, listed, plain
from services.monitoring.rules.readiness.kinds import (
    Attested,
    Counselled,
    Enrolled,
    Premedicated,
    Protected,
    Screening,
    Unvaccinated,
)
from services.monitoring.rules.readiness.line import Proof, Said
from services.monitoring.rules.record import Said as Recorded
from shared.contracts.v1.conditions import ConditionExcluded, ConditionResolved, TherapyCompleted
from shared.contracts.v1.courses import (
    AttestationGiven,
    AuthorisationRecorded,
    CounsellingGiven,
    EnrolmentRecorded,
    PremedicationGiven,
)
from shared.contracts.v1.facts import (
    PregnancyEnded,
    PregnancyRecorded,
    ProphylaxisStarted,
    ProphylaxisStopped,
    VaccineAdministered,
)
from shared.contracts.v1.history import ScreeningCompleted


def screening(need: Screening, asked: Asked) -> Said:
    done = [one for one in asked.before_start(ScreeningCompleted) if one.data.screening in need.screenings]
    if not done:
        return Said("not_met", f"No screening for {plain(need.screenings[0])} is recorded.")
    last = done[-1]
    said = f"Screened for {plain(need.screenings[0])} on {last.first}: {plain(last.data.result)}"
    if last.data.result in need.accept:
        return Said("met", f"{said}.", (_proof(last, last.data.result, True, "an accepted result"),))
    refused = _proof(last, last.data.result, False, "no accepted result")
    if last.data.result == "positive" and (over := _over(need.treated, last.first, asked)) is not None:
        proof = _proof(over, "treated or excluded", True, "after the screening")
        return Said("met", f"{said}; treated or excluded on {over.first}.", (refused, proof))
    if (vaccine := _vaccine(need, last.first, asked)) is not None:
        shows = f"vaccine, CVX {vaccine.data.cvx}"
        proof = _proof(vaccine, shows, True, f"at least {need.vaccine_weeks} weeks before")
        return Said("met", f"{said}; vaccinated on {vaccine.first}.", (refused, proof))
    return Said("not_met", f"{said}.", (refused,))


_Over = Recorded[TherapyCompleted] | Recorded[ConditionExcluded] | Recorded[ConditionResolved]


def _over(conditions: Sequence[str], since: date, asked: Asked) -> _Over | None:
    """What ended the illness that a screening found."""
    ended: list[_Over] = [
        *asked.before_start(TherapyCompleted),
        *asked.before_start(ConditionExcluded),
        *asked.before_start(ConditionResolved),
    ]
    return next((one for one in ended if one.data.condition in conditions and one.first >= since), None)


def _vaccine(need: Screening, since: date, asked: Asked) -> Recorded[VaccineAdministered] | None:
    latest = asked.plan.first_on - timedelta(weeks=need.vaccine_weeks)
    given = [
        one
        for one in asked.before_start(VaccineAdministered)
        if one.data.cvx.lstrip("0") in {code.lstrip("0") for code in need.vaccines} and since <= one.first <= latest
    ]
    return given[-1] if given else None


def attested(need: Attested, asked: Asked) -> Said:
    subject = plain(need.subjects[0])
    given = [one for one in asked.before_start(AttestationGiven) if one.data.subject in need.subjects]
    valid = [
        one
        for one in given
        if lasts(one.data.until, asked.plan.on) and (not need.same_day or one.first == asked.plan.on)
    ]
    if valid:
        proof = _proof(valid[-1], subject, True, "valid on the day")
        return Said("met", f"Attested on {valid[-1].first}: {subject}.", (proof,))
    proofs = tuple(_proof(one, subject, False, "not for this day") for one in given[-1:])
    for_when = f"for {asked.plan.on}" if need.same_day or given else "yet"
    return Said("not_met", f"Nobody attested {for_when}: {subject}.", proofs)


def premedicated(need: Premedicated, asked: Asked) -> Said:
    if need.first_days is not None and asked.plan.infusion > need.first_days:
        return Said("not_applicable", f"Asked for on the first {days(need.first_days)} of a course only.")
    given = [
        one
        for one in asked.before_start(PremedicationGiven)
        if one.data.kind in need.any_of and one.first == asked.plan.on
    ]
    if given:
        shows = plain(given[-1].data.kind)
        return Said("met", f"Given on the day: {shows}.", (_proof(given[-1], shows, True, "before the start"),))
    return Said("not_met", f"None given on {asked.plan.on} yet: {' or '.join(map(plain, need.any_of))}.")


def protected(need: Protected, asked: Asked) -> Said:
    if need.contradicted_by_pregnancy and (open_ := _pregnancy(asked)) is not None:
        sentence = f"A pregnancy is recorded since {open_.first}."
        return Said("not_met", sentence, (_proof(open_, "pregnancy", False, "not ended"),))
    name = plain(need.prophylaxis)
    stops = [one for one in asked.before_start(ProphylaxisStopped) if one.data.kind == need.prophylaxis]
    starts = [one for one in asked.before_start(ProphylaxisStarted) if one.data.kind == need.prophylaxis]
    if starts and not any(stop.first >= starts[-1].first and stop.version > starts[-1].version for stop in stops):
        proof = _proof(starts[-1], name, True, "started and not stopped")
        return Said("met", f"Started on {starts[-1].first}: {name}.", (proof,))
    told = [one for one in _since_last_course(CounsellingGiven, asked) if set(one.data.topics) & set(need.topics)]
    if told:
        proof = _proof(told[-1], "counselling", True, "for this course")
        return Said("met", f"Counselled on {told[-1].first}: {name}.", (proof,))
    return Said("not_met", f"Nothing recorded for this course: {name}.")


def _pregnancy(asked: Asked) -> Recorded[PregnancyRecorded] | None:
    begun = asked.before_start(PregnancyRecorded)
    ended = asked.before_start(PregnancyEnded)
    if not begun or any((one.first, one.version) > (begun[-1].first, begun[-1].version) for one in ended):
        return None
    return begun[-1]


def counselled(need: Counselled, asked: Asked) -> Said:
    told = _since_last_course(CounsellingGiven, asked)
    first = {topic: one for one in reversed(told) for topic in one.data.topics if topic in need.topics}
    missing = [topic for topic in need.topics if topic not in first]
    by_fact = {one.fact_id: one for one in first.values()}
    proofs = tuple(
        _proof(one, listed([topic for topic in one.data.topics if topic in need.topics]), True, "for this course")
        for one in by_fact.values()
    )
    if missing:
        return Said("not_met", f"Not told about yet: {listed(missing)}.", proofs)
    return Said("met", f"Told about all {len(need.topics)} topics for this course.", proofs)


def enrolled(need: Enrolled, asked: Asked) -> Said:
    found = [one for one in asked.before_start(EnrolmentRecorded) if one.data.programme == need.programme]
    valid = {one.data.role: one for one in found if lasts(one.data.until, asked.plan.on)}
    missing: list[str] = [role for role in need.roles if role not in valid]
    proofs = [_proof(one, role, True, "valid on the day") for role, one in valid.items() if role in need.roles]
    if need.authorised:
        allowed = [
            one
            for one in _since_last_course(AuthorisationRecorded, asked)
            if one.data.programme == need.programme and lasts(one.data.until, asked.plan.on)
        ]
        if allowed:
            proofs.append(_proof(allowed[-1], "authorisation", True, "for this course"))
        else:
            missing.append("authorisation of this course")
    name = plain(need.programme)
    if missing:
        return Said("not_met", f"Not recorded for {name}: {', '.join(missing)}.", tuple(proofs))
    return Said("met", f"All recorded for {name}.", tuple(proofs))


def unvaccinated(need: Unvaccinated, asked: Asked) -> Said:
    since = asked.plan.first_on - timedelta(weeks=need.weeks)
    given = [one for one in asked.before_start(VaccineAdministered) if since < one.first <= asked.plan.first_on]
    if given:
        last = given[-1]
        ahead = days((asked.plan.first_on - last.first).days)
        sentence = f"Vaccinated on {last.first}, {ahead} before the first infusion; at least {need.weeks} weeks."
        return Said("not_met", sentence, (_proof(last, f"vaccine, CVX {last.data.cvx}", False, "too late"),))
    return Said("met", f"No vaccine is recorded in the {need.weeks} weeks before {asked.plan.first_on}.")


def _since_last_course(kind: type[D], asked: Asked) -> list[Recorded[D]]:
    """What belongs to this course: after the last infusion of any earlier one."""
    last = asked.plan.last_before
    return [one for one in asked.before_start(kind) if last is None or one.first > last]


def _proof(one: Recorded[Any], shows: str, counts: bool, why: str) -> Proof:
    return Proof(one.fact_id, one.first, shows, counts, why)
