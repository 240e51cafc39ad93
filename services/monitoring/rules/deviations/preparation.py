"""How a dose was made and given: diluted, in what and how much, by which way, from which vial.

No text of a sender is repeated: a route, a lot and a serial number are compared, not told.
"""

from collections import defaultdict
from collections.abc import Iterator

from services.monitoring.rules.deviations.found import Found, Quantity, whole
from services.monitoring.rules.deviations.kinds import Preparation, Route
from services.monitoring.rules.deviations.story import Given, Story
from services.monitoring.rules.durations import elapsed, in_words
from services.monitoring.rules.record import Said
from shared.contracts.v1.courses import DosePrepared


def diluted(story: Story) -> Iterator[Found]:
    for one in story.timed():
        at, facts = story.diluted_at(one)
        if at is None and not story.preparations(one):
            yield Found("not_diluted", one.first, (one.fact_id,), "No dilution is recorded.", course=one.course)
        elif at is not None and one.start is not None and at > one.start:
            sentence = f"Diluted {in_words(elapsed(one.start, at))} after the infusion began; before it required."
            yield Found("diluted_after_start", one.first, (one.fact_id, *facts), sentence, course=one.course)


def preparation(look: Preparation, story: Story) -> Iterator[Found]:
    for one in story.timed():
        for made in story.preparations(one):
            yield from _preparation(look, one, made)


def _preparation(look: Preparation, one: Given, made: Said[DosePrepared]) -> Iterator[Found]:
    facts = (one.fact_id, made.fact_id)
    for name, measured, required in (
        ("volume", made.data.volume_ml, look.volume_ml),
        ("bag", made.data.bag_ml, look.bag_ml),
    ):
        if measured is not None and measured != required:
            sentence = f"{_NAMES[name]}: {whole(measured)} mL; {whole(required)} mL required."
            numbers = (Quantity(name, whole(measured), "exactly", whole(required), "mL"),)
            yield Found(name, one.first, facts, sentence, numbers, one.course)
    if made.data.diluent not in look.diluents:
        allowed = " or ".join(look.diluents)
        numbers = (Quantity("diluent", made.data.diluent, "one_of", allowed, "slug"),)
        sentence = f"Diluted in {made.data.diluent}; {allowed} required."
        yield Found("diluent", one.first, facts, sentence, numbers, one.course)


_NAMES = {"volume": "Volume of the medicine", "bag": "Size of the bag"}


def route(look: Route, story: Story) -> Iterator[Found]:
    allowed = {_plain(way) for way in look.allowed}
    for one in story.timed():
        if one.data.route is not None and _plain(one.data.route) not in allowed:
            numbers = (Quantity("route", None, "one_of", look.allowed[0], "text"),)
            sentence = f"Another way of giving is recorded; {look.allowed[0]} required."
            yield Found("route", one.first, (one.fact_id,), sentence, numbers, one.course)


def _plain(way: str) -> str:
    return way.strip().lower().replace("_", " ").replace("-", " ")


def vial_once(story: Story) -> Iterator[Found]:
    doses: defaultdict[tuple[str, str], list[tuple[Said[DosePrepared], Given | None]]] = defaultdict(list)
    infusions = {made.fact_id: one for one in story.infusions for made in story.preparations(one)}
    for made in story.record.of(DosePrepared, story.on):
        if made.data.lot is not None and made.data.serial is not None:
            doses[(made.data.lot, made.data.serial)].append((made, infusions.get(made.fact_id)))
    for together in doses.values():
        if len(together) > 1:
            last, infusion = together[-1]
            yield Found(
                "vial_reused",
                last.first,
                tuple(made.fact_id for made, _ in together),
                f"The vial of one lot and serial number made {len(together)} doses; at most 1.",
                (Quantity("doses from one vial", len(together), "at_most", 1, "1"),),
                infusion.course if infusion else None,
            )


def lot_recorded(story: Story) -> Iterator[Found]:
    for one in story.timed():
        if one.data.lot is None and not any(made.data.lot for made in story.preparations(one)):
            yield Found("no_lot", one.first, (one.fact_id,), "The lot is not recorded.", course=one.course)
