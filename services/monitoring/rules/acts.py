"""What a fact other than a laboratory result says was found or done, as words that a protocol can name.

A word is a kind and a slug of the sender's: `sign:petechiae`, `suspected:itp`, `treated:itp`, `screened:tb:positive`.
"""

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import conditions, courses, history
from shared.contracts.v1 import facts as v1

KINDS = {
    "sign": "a reaction, a finding, or a sign of a suspicion",
    "suspected": "a condition is suspected",
    "confirmed": "a condition is confirmed",
    "excluded": "a condition was evaluated and excluded",
    "resolved": "a condition is over",
    "evaluated": "a condition was evaluated",
    "treated": "the therapy of a condition was started",
    "reviewed": "the patient was asked or looked at for something",
    "screened": "a screening, with or without its result",
    "counselled": "the patient was told something",
    "attested": "somebody vouches for something",
    "enrolled": "takes part in a programme",
    "authorised": "a programme allows the next course",
    "started": "a prophylaxis was started",
    "examined": "an exam was performed",
    "pregnancy": "recorded or ended",
}
"""The kinds of words, and what each says."""


def acts_of(fact: Fact) -> tuple[str, ...]:  # noqa: PLR0911, PLR0912 (one line per kind of fact)
    """Every word that a fact carries; mostly none."""
    match fact.data:
        case v1.ReactionReported(signs=signs):
            return _each("sign", signs)
        case conditions.FindingRecorded(finding=finding):
            return (f"sign:{finding}",)
        case conditions.ConditionSuspected(condition=condition, signs=signs):
            return (f"suspected:{condition}", *_each("sign", signs or ()))
        case conditions.ConditionConfirmed(condition=condition):
            return (f"confirmed:{condition}",)
        case conditions.ConditionExcluded(condition=condition):
            return (f"excluded:{condition}",)
        case conditions.ConditionResolved(condition=condition):
            return (f"resolved:{condition}",)
        case conditions.EvaluationCompleted(condition=condition):
            return (f"evaluated:{condition}",)
        case conditions.TherapyCompleted():
            return ()
        case conditions.TherapyStarted(condition=condition):
            return (f"treated:{condition}",)
        case conditions.ReviewPerformed(topics=topics):
            return _each("reviewed", topics)
        case history.ScreeningCompleted(screening=screening, result=result):
            return (f"screened:{screening}", f"screened:{screening}:{result}")
        case courses.CounsellingGiven(topics=topics):
            return _each("counselled", topics)
        case courses.AttestationGiven(subject=subject):
            return (f"attested:{subject}",)
        case courses.EnrolmentRecorded(programme=programme, role=role):
            return (f"enrolled:{programme}:{role}",)
        case courses.AuthorisationRecorded(programme=programme):
            return (f"authorised:{programme}",)
        case v1.ProphylaxisStopped():
            return ()
        case v1.ProphylaxisStarted(kind=kind):
            return (f"started:{kind}",)
        case v1.ExamPerformed(exam=exam):
            return (f"examined:{exam}",)
        case v1.PregnancyRecorded():
            return ("pregnancy:recorded",)
        case v1.PregnancyEnded():
            return ("pregnancy:ended",)
        case _:
            return ()


def _each(kind: str, slugs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{kind}:{slug}" for slug in dict.fromkeys(slugs))
