"""Kinds of holds as a protocol writes them: what opens one, and what ends it."""

from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis


class Kind(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind"):
    """What opens a hold."""


class Cause(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """An illness under all the slugs that senders use for it, and the signs that count as a suspicion of it."""

    name: str
    conditions: tuple[str, ...]
    signs: tuple[str, ...] = ()


class Illness(Kind, frozen=True, eq=False, tag="illness"):
    """A suspicion, a sign or a confirmation opens; every cause is a hold of its own.

    `evaluated`: what a finished evaluation does of itself, unless the illness was confirmed; `discontinue` = no other
    cause was established, the treatment is given up. `excluded` may ask for the name of what it was instead.
    """

    causes: tuple[Cause, ...]
    opens: Literal["suspected", "confirmed"] = "suspected"
    confirmed: Literal["stays", "discontinue"] = "stays"
    evaluated: Literal["stays", "lifts", "discontinue"] = "stays"
    excluded: Literal["lifts", "lifts-with-cause"] = "lifts"
    resolved: Literal["lifts", "stays"] = "lifts"


class Medicine(Kind, frozen=True, eq=False, tag="medicine"):
    """Another medicine of one of these groups is being taken."""

    groups: tuple[str, ...]


class Screened(Kind, frozen=True, eq=False, tag="screened"):
    """The last screening of any of these names had one of these results."""

    screenings: tuple[str, ...]
    results: tuple[Literal["negative", "positive", "indeterminate", "not-needed"], ...]


class TreatedBefore(Kind, frozen=True, eq=False, tag="treated-before"):
    """One of these medicines was given earlier."""

    products: tuple[str, ...]


class Unmonitored(Kind, frozen=True, eq=False, tag="unmonitored"):
    """Any of these requirements is overdue: a warning from one day on, a hold from a later one or while declined."""

    requirements: tuple[str, ...]
    warn_from_day: int
    hold_from_day: int


Opening = Illness | Medicine | Screened | TreatedBefore | Unmonitored


class HoldRule(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """One rule that stops infusions (severity BLOCK, HOLD) or warns of them (WARN, INFO)."""

    id: str
    title: str
    severity: Severity
    basis: Basis
    citation: str
    profiles: tuple[str, ...]
    opens: tuple[Opening, ...]
