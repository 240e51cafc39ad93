"""Which requirements a new fact can change, and from which date on: what keeps a projection's work small."""

from collections.abc import Iterable

from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.touched import Touched
from services.monitoring.rules.treatment import Treatment


def affected(edition: Edition, facts_before: Iterable[Fact], new: Fact) -> Touched:
    """The requirements that `new` can change, each with the first `on` that may change (None = any).

    A fact that changes nothing gives {}.
    """
    return Treatment(edition, facts_before).with_fact(new).touched
