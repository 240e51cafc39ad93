"""The one line of a (treatment, requirement): where its trailing run of unsatisfied slots leaves it (R17–R19)."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from services.monitoring.rules.answers import Applicability, Counts, RollUp, RollUpStanding, Slot, State
from services.monitoring.rules.circumstances import Circumstances
from services.monitoring.rules.edition import Requirement

SATISFIED = frozenset({"done", "done_late"})
UNSATISFIED = frozenset({"missed", "declined", "due", "overdue", "upcoming"})
COUNTED = ("done", "done_late", "missed", "not_monitored_here", "declined")
WITHOUT_DATES = frozenset({"not_applicable", "cancelled", "suspended", "waived", "ended", "complete"})


class Owed(Struct, frozen=True):
    """The first unsatisfied slot after the last satisfied one, opened or not."""

    opens_on: date
    due_on: date
    on_discovery: bool


class Run(Struct, frozen=True):
    """What the slots of a requirement come to: what is owed, the slot that can still be closed, the counts."""

    owed: Owed | None
    named: Slot | None
    counts: Counts
    last: Slot | None  # of those looked at

    def state(  # noqa: PLR0911 (R18 is one list, read from the top)
        self, applicability: Applicability, around: Circumstances, closes_on: date | None, on: date
    ) -> State:
        """What no date decides; with `open` the dates decide (see Span)."""
        if applicability == "not_applicable":
            return "not_applicable"
        if around.dead(on):
            return "cancelled"
        if around.absent_since(on) is not None:
            return "suspended"
        if around.waived_whole(on):
            return "waived"
        closed = closes_on is not None and closes_on < on
        if not closed and self.owed is None and self.last is not None and self.last.standing == "waived":
            return "waived"
        if around.refused(on):
            return "declined"
        return "open" if self.owed or closed else "complete"


def run_of(slots: Iterable[Slot], newest: int, on: date, owed: Owed | None, counts: Counts) -> Run:
    """Walk the slots by due date, after closed ones that left `owed` and `counts` behind.

    Only slots of the newest episode are counted. The walk ends at the first unsatisfied slot that is not open yet:
    nothing after it can hold evidence.
    """
    tally = {name: getattr(counts, name) for name in COUNTED}
    named: Slot | None = None
    waiting: dict[str, Slot] = {}  # the first suspended and the first waived one that can still be closed
    last: Slot | None = None
    for slot in slots:
        standing = slot.standing
        last = slot
        if slot.episode == newest and standing in tally:
            tally[standing] += 1
        if standing in SATISFIED:
            owed = named = None
            waiting.clear()
        elif standing in UNSATISFIED:
            owed = owed or Owed(slot.opens_on, slot.due_on, slot.overdue_on_discovery)
            named = named or (slot if slot.closes_on is None or slot.closes_on >= on else None)
            if slot.opens_on > on:
                break
        elif standing in {"suspended", "waived"} and (slot.closes_on is None or slot.closes_on >= on):
            waiting.setdefault(standing, slot)
    return Run(owed, named or waiting.get("suspended") or waiting.get("waived"), Counts(**tally), last)


def standing_of(
    state: State, opens_on: date | None, due_on: date | None, closes_on: date | None, on: date
) -> RollUpStanding:
    """The standing as a comparison of dates with `on`, in the order of R18."""
    if state not in {"open", "declined", "complete"}:
        return state  # type: ignore[return-value]  # the others are standings as they are
    if closes_on is not None and closes_on < on:
        return "ended"
    if state != "open":
        return "declined" if state == "declined" else "complete"
    if due_on is not None and due_on < on:
        return "overdue"
    return "due" if opens_on is not None and opens_on <= on else "upcoming"


def line(
    requirement: Requirement,
    treatment: str,
    site: str,
    on: date,
    applicability: Applicability,
    state: State,
    run: Run,
    closes_on: date | None,
) -> RollUp:
    """The roll-up of a run."""
    owed, named = run.owed, run.named
    due_on = owed.due_on if owed else None
    found = standing_of(state, owed.opens_on if owed else None, due_on, closes_on, on)
    if found in WITHOUT_DATES:
        due_on = None
    if found == "cancelled":
        named = None  # a waiver may have closed a yearly obligation before the death
    late = due_on is not None and due_on < on and found in {"overdue", "declined"}
    return RollUp(
        treatment=treatment,
        site=site,
        on=on,
        requirement=requirement.id,
        title=requirement.title,
        severity=requirement.severity,
        basis=requirement.basis,
        standing=found,
        due_on=due_on,
        days_overdue=(on - due_on).days if late and due_on else 0,
        applicability=applicability,
        partial=named.partial if named else False,
        missing=named.missing if named else (),
        overdue_on_discovery=bool(late and owed and owed.on_discovery),
        obligation_id=named.obligation_id if named else None,
        slot_opens_on=named.opens_on if named else None,
        slot_due_on=named.due_on if named else None,
        slot_closes_on=named.closes_on if named else None,
        counts=run.counts,
    )
