"""Illnesses that hold: opened by a suspicion, a sign or a confirmation, ended by what the rule says ends it."""

from collections.abc import Iterator
from datetime import date

from services.monitoring.rules.holds.happenings import Happening, happenings, withdrawn_suspicions
from services.monitoring.rules.holds.hold import Spell, Standing
from services.monitoring.rules.holds.kinds import Cause, Illness
from services.monitoring.rules.record import Record


def illness(opening: Illness, rule: str, record: Record, on: date) -> Iterator[Spell]:
    for cause in opening.causes:
        course = _Course(opening, cause)
        for one in happenings(cause, frozenset({rule, *cause.conditions}), record, on):
            course.take(one)
        yield from course.spells()
        for said in withdrawn_suspicions(cause, record, on, confirmed_only=opening.opens == "confirmed"):
            yield Spell(
                cause.conditions[0],
                said.first,
                (said.fact_id,),
                f"{cause.name}: what was stated on {said.first} was entered in error.",
                "withdrawn",
                record.day(said.voided_by or ""),
                said.voided_by,
            )


class _Course:
    """The course of one illness: what its hold is after each happening."""

    def __init__(self, opening: Illness, cause: Cause) -> None:
        self._opening = opening
        self._cause = cause
        self._done: list[Spell] = []
        self._opened: list[Happening] = []
        self._confirmed: Happening | None = None
        self._given_up: Happening | None = None
        self._note = ""

    def spells(self) -> list[Spell]:
        if not self._opened:
            return self._done
        standing: Standing = "discontinue" if self._given_up else "in_force"
        return [*self._done, self._spell(f"{self._cause.name} {self._history()}.", standing)]

    def take(self, one: Happening) -> None:  # noqa: PLR0912 (one branch per kind of happening)
        match one.what:
            case "suspected":
                if self._opened or self._opening.opens == "suspected":
                    self._opened.append(one)
            case "confirmed":
                self._opened.append(one)
                self._confirmed = one
                if self._opening.confirmed == "discontinue":
                    self._given_up = one
            case "evaluated":
                if self._opening.evaluated == "lifts" and self._confirmed is None:
                    self._close(one, "evaluated and not confirmed")
                elif self._opening.evaluated == "discontinue" and self._opened and self._given_up is None:
                    self._given_up = one
            case "excluded":
                if self._opening.excluded == "lifts" or one.cause is not None:
                    self._close(one, "excluded" if one.cause is None else f"excluded, it was {_plain(one.cause)}")
                elif self._opened:
                    self._note = f"; on {one.day} it was excluded, but what it was instead is not established"
            case "resolved":
                if self._opening.resolved == "lifts" and self._given_up is None:
                    self._close(one, "over")
            case "lifted":
                if self._given_up is None:
                    self._close(one, "the hold was lifted")

    def _close(self, one: Happening, how: str) -> None:
        if self._opened:
            sentence = f"{self._cause.name} {self._history()}; on {one.day}: {how}."
            self._done.append(self._spell(sentence, "lifted", one))
        self._opened, self._confirmed, self._given_up, self._note = [], None, None, ""

    def _spell(self, sentence: str, standing: Standing, closed: Happening | None = None) -> Spell:
        return Spell(
            self._cause.conditions[0],
            self._opened[0].day,
            tuple(one.fact_id for one in self._opened),
            sentence,
            standing,
            closed.day if closed else None,
            closed.fact_id if closed else None,
        )

    def _history(self) -> str:
        first = self._opened[0]
        said = f"{'suspected' if first.what == 'suspected' else 'confirmed'} on {first.day}"
        if first.sign:
            said += f" by {_plain(first.sign)}"
        if self._confirmed is not None and self._confirmed is not first:
            said += f", confirmed on {self._confirmed.day}"
        if self._given_up is not None and self._given_up is not self._confirmed:
            said += f", evaluated by {self._given_up.day} and no other cause established"
        return said + self._note


def _plain(slug: str) -> str:
    return slug.replace("-", " ")
