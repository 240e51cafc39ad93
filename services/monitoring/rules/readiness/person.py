"""Who is to be infused: the illness, what was tried before, the age, what the record must say of a person."""

from services.monitoring.rules.durations import years_old
from services.monitoring.rules.readiness.asked import Asked, plain
from services.monitoring.rules.readiness.kinds import Diagnosed, Known, TriedBefore, Without, YoungerThan
from services.monitoring.rules.readiness.line import Proof, Said
from services.monitoring.rules.record import Said as Recorded
from shared.contracts.v1.conditions import ConditionConfirmed, ConditionExcluded, ConditionResolved
from shared.contracts.v1.history import PriorTreatmentRecorded


def diagnosed(need: Diagnosed, asked: Asked) -> Said:
    others = _confirmed(need.not_for, asked)
    if others:
        sentence = (
            f"Confirmed on {others[-1].first}: {plain(others[-1].data.condition)}, which the medicine is not for."
        )
        return Said("not_met", sentence, (_proof(others[-1], False, "not for this illness"),))
    found = _confirmed(need.conditions, asked)
    if found:
        sentence = f"Confirmed on {found[-1].first}: {plain(found[-1].data.condition)}."
        return Said("met", sentence, (_proof(found[-1], True, "an illness that the medicine is for"),))
    return Said("unknown", "The illness that is treated is not recorded.")


def without(need: Without, asked: Asked) -> Said:
    found = _confirmed(need.conditions, asked)
    if found:
        sentence = f"Confirmed on {found[-1].first}: {plain(found[-1].data.condition)}."
        return Said("not_met", sentence, (_proof(found[-1], False, "not recommended"),))
    return Said("met", f"Not on record: {' or '.join(map(plain, need.conditions[:1]))}.")


def tried_before(need: TriedBefore, asked: Asked) -> Said:
    first: dict[str, Recorded[PriorTreatmentRecorded]] = {}
    for one in asked.before_start(PriorTreatmentRecorded):
        if one.data.product not in need.not_counting:
            first.setdefault(one.data.product, one)
    proofs = tuple(Proof(one.fact_id, one.first, plain(name), True, "tried before") for name, one in first.items())
    said = f"{len(first)} other medicine{'' if len(first) == 1 else 's'} tried before; at least {need.at_least}."
    return Said("met" if len(first) >= need.at_least else "not_met", said, proofs)


def known(need: Known, asked: Asked) -> Said:
    missing = [
        name
        for name, there in (
            ("date of birth", asked.story.record.belief.who.birth_date is not None),
            ("illness", bool(_confirmed(need.conditions, asked))),
            ("earlier treatments", bool(asked.before_start(PriorTreatmentRecorded))),
        )
        if not there
    ]
    if missing:
        return Said("not_met", f"Not recorded: {', '.join(missing)}.")
    return Said("met", "Date of birth, illness and earlier treatments are recorded.")


def younger_than(need: YoungerThan, asked: Asked) -> Said:
    born = asked.story.record.belief.who.birth_date
    if born is None:
        return Said("unknown", "The date of birth is not recorded.")
    years = years_old(born, asked.plan.on)
    return Said(
        "met" if years < need.years else "not_met", f"{years} years old on {asked.plan.on}; studied below {need.years}."
    )


def _confirmed(conditions: tuple[str, ...], asked: Asked) -> list[Recorded[ConditionConfirmed]]:
    """Those that still stand: not excluded nor over since."""
    over: list[Recorded[ConditionExcluded] | Recorded[ConditionResolved]] = [
        *asked.before_start(ConditionExcluded),
        *asked.before_start(ConditionResolved),
    ]
    ended = [(one.data.condition, one.first, one.version) for one in over]
    return [
        one
        for one in asked.before_start(ConditionConfirmed)
        if one.data.condition in conditions
        and not any(
            name == one.data.condition and (day, version) > (one.first, one.version) for name, day, version in ended
        )
    ]


def _proof(one: Recorded[ConditionConfirmed], counts: bool, why: str) -> Proof:
    return Proof(one.fact_id, one.first, plain(one.data.condition), counts, why)
