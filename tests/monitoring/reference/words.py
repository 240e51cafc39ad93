"""What a fact says was found or done, in the words in which the protocol's files ask for it."""

from shared.contracts.v1 import conditions as c
from shared.contracts.v1 import facts as v1
from shared.contracts.v1.courses import CounsellingGiven
from shared.contracts.v1.history import ScreeningCompleted

KINDS: dict[type, str] = {
    c.ConditionSuspected: "suspected",
    c.ConditionConfirmed: "confirmed",
    c.ConditionExcluded: "excluded",
    c.EvaluationCompleted: "evaluated",
    c.TherapyStarted: "treated",
}


def words(data: v1.FactData) -> set[str]:
    """`sign:petechiae`, `suspected:itp`, `exam:skin`; none for what no requirement reads."""
    found = {f"sign:{sign}" for sign in getattr(data, "signs", None) or ()}
    if type(data) in KINDS:
        found.add(f"{KINDS[type(data)]}:{data.condition}")  # type: ignore[union-attr]
    elif isinstance(data, c.FindingRecorded):
        found.add(f"sign:{data.finding}")
    elif isinstance(data, c.ReviewPerformed):
        found |= {f"reviewed:{topic}" for topic in data.topics}
    elif isinstance(data, CounsellingGiven):
        found |= {f"counselled:{topic}" for topic in data.topics}
    elif isinstance(data, ScreeningCompleted):
        found.add(f"screened:{data.screening}:{data.result}")
    elif isinstance(data, v1.PregnancyRecorded):
        found.add("pregnancy:recorded")
    elif isinstance(data, v1.ExamPerformed):
        found.add(f"exam:{data.exam}")
    elif isinstance(data, v1.RemsFormSubmitted):
        found.add(f"form:{data.form}")
    return found
