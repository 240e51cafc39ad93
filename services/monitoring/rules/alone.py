"""Whether a fact is about nothing that others are about, so that what was believed before still stands beside it."""

from collections.abc import Sequence

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import Void, name_in, name_of
from shared.contracts.v1.facts import DeathRecorded, InfusionStopped, LabResultCancelled, LabResultRecorded
from shared.contracts.v1.parts import Reference


def stands_alone(before: Sequence[Fact], new: Fact) -> bool:
    """Neither does it name another fact, nor does one name it, nor are the two about one thing."""
    if new.corrects is not None or isinstance(new.data, InfusionStopped | LabResultCancelled | DeathRecorded | Void):
        return False
    name = name_of(new)
    if name is not None and name in map(name_of, before):
        return False
    specimen = new.data.specimen_id if isinstance(new.data, LabResultRecorded) else None

    def meets(fact: Fact) -> bool:
        if isinstance(fact.data, LabResultCancelled) and specimen is not None and fact.data.specimen_id == specimen:
            return True
        return names(fact.corrects) or (isinstance(fact.data, InfusionStopped) and names(fact.data.infusion))

    def names(reference: Reference | None) -> bool:
        if reference is None:
            return False
        if reference.business_id is not None:
            return name == name_in(reference)
        return reference.fact_id == new.fact_id

    return not any(meets(fact) for fact in before)
