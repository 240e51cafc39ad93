"""What a patient brings along that asks for a second thought: other medicines, screenings, earlier treatments."""

from collections.abc import Iterator
from datetime import date

from services.monitoring.rules.holds.hold import Spell
from services.monitoring.rules.holds.kinds import Medicine, Screened, TreatedBefore
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.history import MedicationStarted, MedicationStopped, PriorTreatmentRecorded, ScreeningCompleted


def medicine(opening: Medicine, record: Record, on: date) -> Iterator[Spell]:
    """Each until the next stop of the same product."""
    stops = record.of(MedicationStopped, on)
    for said in record.of(MedicationStarted, on):
        group = said.data.group
        if group not in opening.groups or group is None:
            continue
        stop = next((one for one in stops if one.data.product == said.data.product and _later(one, said)), None)
        sentence = f"A medicine ({group.replace('-', ' ')}) is taken since {said.first}."
        if stop is None:
            yield Spell(group, said.first, (said.fact_id,), sentence)
        else:
            sentence = f"A medicine ({group.replace('-', ' ')}) was taken from {said.first} to {stop.first}."
            yield Spell(group, said.first, (said.fact_id,), sentence, "lifted", stop.first, stop.fact_id)


def screened(opening: Screened, record: Record, on: date) -> Iterator[Spell]:
    for name in opening.screenings:
        results = [one for one in record.of(ScreeningCompleted, on) if one.data.screening == name]
        if results and results[-1].data.result in opening.results:
            last = results[-1]
            sentence = f"Screening for {name.replace('-', ' ')} on {last.first} was {last.data.result}."
            yield Spell(name, last.first, (last.fact_id,), sentence)


def treated_before(opening: TreatedBefore, record: Record, on: date) -> Iterator[Spell]:
    for said in record.of(PriorTreatmentRecorded, on):
        if said.data.product in opening.products:
            sentence = f"Treated with {said.data.product.replace('-', ' ')} before."
            yield Spell(said.data.product, said.first, (said.fact_id,), sentence)


def _later(stop: Said[MedicationStopped], start: Said[MedicationStarted]) -> bool:
    if stop.first != start.first:
        return stop.first > start.first
    if stop.instant is not None and start.instant is not None:
        return stop.instant > start.instant
    return True
