"""What surrounds the infusions of one patient, by the same rules as the API: holds, deviations, periods, readiness."""

from dataclasses import dataclass

from services.monitoring.reading.infusions import story_of
from services.monitoring.reading.one_treatment import Judged
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.found import Deviation
from services.monitoring.rules.holds.find import holds
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.periods.find import periods
from services.monitoring.rules.periods.period import PeriodView
from services.monitoring.rules.readiness.judge import readiness
from services.monitoring.rules.readiness.kinds import Diagnosed
from services.monitoring.rules.readiness.line import Readiness


@dataclass(frozen=True, slots=True)
class Around:
    """`readiness` is None where no infusion is planned; `diagnoses` are the illnesses that the treatment is for."""

    holds: tuple[Hold, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    periods: tuple[PeriodView, ...] = ()
    readiness: Readiness | None = None
    diagnoses: frozenset[str] = frozenset()


def around(judged: Judged) -> Around:
    edition, found = judged.edition, judged.assessment
    story = story_of(judged)
    ready = readiness(edition.infusions, edition.requirements, story, found.roll_ups)
    return Around(
        holds=holds(edition.infusions.holds, story.record, found.roll_ups, found.on),
        deviations=deviations(edition.infusions, edition.requirements, story),
        periods=periods(edition.infusions.periods, story),
        readiness=ready if ready.plan.source == "planned" else None,
        diagnoses=frozenset(
            slug
            for rule in edition.infusions.prerequisites
            if isinstance(rule.need, Diagnosed)
            for slug in (*rule.need.conditions, *rule.need.not_for)
        ),
    )
