"""What one fact says, as a sentence for a timeline: without free text, identifiers or values."""

from collections import Counter

from msgspec import UNSET

from services.monitoring.rules.edition import Edition, Once, components_by_code
from shared.contracts.v1 import conditions, courses, history
from shared.contracts.v1 import facts as v1


def summary(data: v1.FactData, edition: Edition | None) -> str:  # noqa: PLR0911, PLR0912, PLR0915 (one sentence per kind of fact)
    match data:
        case v1.TreatmentOpened():
            return "Treatment opened"
        case v1.DemographicsCorrected():
            named = [
                name for name in ("sex", "birth_date", "zone", "site", "cervix") if getattr(data, name) is not UNSET
            ]
            return (
                f"Demographics corrected: {', '.join(named).replace('_', ' ')}" if named else "Demographics corrected"
            )
        case v1.InfusionAdministered(dose_mg=dose, completed=completed):
            return f"Infusion, {dose:g} mg{'' if completed else ', not completed'}"
        case v1.InfusionStopped(given_mg=given):
            return "Infusion stopped" + (f" after {given:g} mg" if given is not None else "")
        case v1.InfusionVoided():
            return "Infusion voided"
        case v1.LabResultCorrected():
            return f"Correction: {_results(data, edition)}"
        case v1.LabResultRecorded():
            return _results(data, edition)
        case v1.LabResultCancelled(codes=codes):
            return (
                f"{counted(len(codes), 'result')} cancelled by the laboratory"
                if codes
                else "Cancelled by the laboratory"
            )
        case v1.ReactionReported(signs=signs, severity=severity):
            return f"Reaction: {', '.join(signs)}{f', {severity}' if severity else ''}"
        case v1.ReactionRetracted():
            return "Reaction retracted"
        case v1.ExamPerformed(exam=exam):
            return {"skin": "Skin exam", "hpv": "HPV screen", "ecg": "ECG", "mri": "MRI"}[exam]
        case v1.ProphylaxisStopped(kind=kind):
            return f"{kind.capitalize()} prophylaxis stopped" if kind == "antiviral" else "Contraception stopped"
        case v1.ProphylaxisStarted(kind=kind):
            return f"{kind.capitalize()} prophylaxis started" if kind == "antiviral" else "Contraception started"
        case v1.VaccineAdministered(cvx=cvx):
            return f"Vaccine, CVX {cvx}"
        case v1.PregnancyRecorded():
            return "Pregnancy recorded"
        case v1.PregnancyEnded():
            return "Pregnancy ended"
        case v1.DeathRecorded():
            return "Death recorded"
        case v1.MonitoringResumed(requirements=which):
            return f"Monitoring resumed: {', '.join(which) if which else 'all'}"
        case v1.MonitoringDeclined(requirements=which):
            return f"Monitoring declined: {', '.join(which) if which else 'all'}"
        case v1.CareTransferredOut():
            return "Care transferred out"
        case v1.CareTransferredIn():
            return "Care transferred in"
        case v1.RemsFormSubmitted(form=form):
            return f"REMS form: {form.replace('-', ' ')}"
        case v1.ObligationWaived(requirement=requirement, until=until):
            return f"{requirement or 'One obligation'} waived{f' through {until}' if until else ''}"
        case v1.ObligationAcknowledged(requirement=requirement):
            return f"{requirement or 'One obligation'} acknowledged"
        case v1.FactVoided():
            return "Fact voided"
        case conditions.ConditionSuspected(condition=condition):
            return f"Suspected: {_plain(condition)}"
        case conditions.ConditionConfirmed(condition=condition):
            return f"Confirmed: {_plain(condition)}"
        case conditions.ConditionExcluded(condition=condition, cause=cause):
            return f"Excluded: {_plain(condition)}" + (f", it was {_plain(cause)}" if cause else "")
        case conditions.ConditionResolved(condition=condition):
            return f"Resolved: {_plain(condition)}"
        case conditions.ConditionRetracted():
            return "Condition retracted"
        case conditions.FindingRecorded(finding=finding):
            return f"Finding: {_plain(finding)}"
        case conditions.EvaluationCompleted(condition=condition):
            return f"Evaluation completed: {_plain(condition)}"
        case conditions.ReviewPerformed(topics=topics):
            return f"Reviewed: {', '.join(map(_plain, topics))}"
        case conditions.TherapyCompleted(condition=condition):
            return f"Therapy completed: {_plain(condition)}"
        case conditions.TherapyStarted(condition=condition):
            return f"Therapy started: {_plain(condition)}"
        case conditions.HoldLifted(hold=hold):
            return f"Hold lifted: {_plain(hold)}"
        case conditions.HoldPlaced(hold=hold):
            return f"Hold placed: {_plain(hold)}"
        case conditions.RuleOverridden(rule=rule, until=until):
            return f"{rule} overridden" + (f" through {until}" if until else "")
        case courses.CoursePlanned(first_on=first_on):
            return f"Course planned from {first_on}"
        case courses.CourseForgone():
            return "Decided to give no further course"
        case courses.CounsellingGiven(topics=topics):
            return f"Counselling: {', '.join(map(_plain, topics))}"
        case courses.AttestationGiven(subject=subject):
            return f"Attested: {_plain(subject)}"
        case courses.EnrolmentRecorded(programme=programme, role=role):
            return f"Enrolled in {_plain(programme)}: {role}"
        case courses.AuthorisationRecorded(programme=programme):
            return f"Authorised by {_plain(programme)}"
        case courses.PremedicationGiven(kind=kind):
            return f"Premedication: {_plain(kind)}"
        case courses.DosePrepared():
            return "Dose prepared"
        case courses.ObservationCompleted():
            return "Observation completed"
        case history.PriorTreatmentRecorded(product=product):
            return f"Earlier treatment: {_plain(product)}"
        case history.MedicationStopped(group=group):
            return "Medicine stopped" + (f": {_plain(group)}" if group else "")
        case history.MedicationStarted(group=group):
            return "Medicine started" + (f": {_plain(group)}" if group else "")
        case history.ScreeningCompleted(screening=screening, result=result):
            return f"Screened for {_plain(screening)}: {_plain(result)}"
        case history.ChildbearingPotentialRecorded(potential=potential):
            return f"Childbearing potential: {potential}"


def _plain(slug: str) -> str:
    return slug.replace("-", " ")


def _results(data: v1.LabResultRecorded, edition: Edition | None) -> str:
    codes = {result.code for result in data.results if result.system == v1.LOINC}
    statuses = Counter(result.status for result in data.results)
    said = (
        f"all {next(iter(statuses))}"
        if len(statuses) == 1
        else ", ".join(f"{n} {s}" for s, n in sorted(statuses.items()))
    )
    count = counted(len(data.results), "result")
    return f"{_named(codes, edition)}, {count}, {said if len(data.results) > 1 else data.results[0].status}"


def _named(codes: set[str], edition: Edition | None) -> str:
    """The requirements that the codes speak of, whole ones by their title, others by the components shown."""
    names: list[str] = []
    for requirement in edition.requirements.values() if edition else ():
        if isinstance(requirement.timing, Once):
            continue  # it shares its components with what is measured again and again
        shown = dict.fromkeys(part.name for code, (part, _) in components_by_code(requirement).items() if code in codes)
        whole = len(shown) == len(requirement.components)
        names.extend([requirement.title] if whole else shown)
    return ", ".join(names) if names else "Laboratory results"


def counted(number: int, word: str) -> str:
    """`1 result`, `2 results`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
