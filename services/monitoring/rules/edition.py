"""A dated edition of a protocol: what is required, how often, and what satisfies it. Every clinical number is data.

The shape is read strictly from protocols/ by services/monitoring/catalogue.py; nothing here knows a drug.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:  # its kinds are made of what stands here
    from services.monitoring.rules.infusion_rules import InfusionRules

Basis = Literal["seed", "label_us", "rems", "smpc_eu", "policy", "unconfirmed"]


# eq=False: an edition is compared and cached as the one object it is.
class Grid(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind", tag="grid"):
    """Fixed due dates counted from the anchor, each with its own window (clinical.md §2.1)."""

    every_months: int
    early_days: int  # a window opens so many days before its due date
    close_out_from_days: int  # an end so many days after the last due date gets a close-out slot


class Rolling(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind", tag="rolling"):
    """Due so many months after the last time it was done; one obligation at a time (R21)."""

    every_months: int
    opens_before_days: int


class Threshold(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """A final result below a number, or from a number on, in one of the units; exactly one of the two."""

    loinc: tuple[str, ...]
    units: tuple[str, ...]
    below: float | None = None
    at_least: float | None = None


class Once(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind", tag="once"):
    """Due so many days after any of the findings, each of which asks anew (clinical.md §1G); words: rules/acts.py.

    `values` are findings too; they date from the recording of the value or of its correction (R22).
    """

    due_days: int
    after: tuple[str, ...] = ()
    values: tuple[Threshold, ...] = ()


Timing = Grid | Rolling | Once


class Beside(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """Codes that count only beside another component of the same specimen: percentages with a leukocyte count."""

    loinc: tuple[str, ...]
    needs: str


class Component(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """One part of a requirement and every way to show it: a laboratory code, an exam, a form, an act.

    An act is a word of rules/acts.py.
    """

    name: str
    loinc: tuple[str, ...] = ()
    beside: Beside | None = None
    exam: Literal["skin", "hpv", "ecg", "mri"] | None = None
    form: Literal["patient-status", "baseline-lab", "infusion-checklist"] | None = None
    act: tuple[str, ...] = ()


class Insufficient(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """Codes that are often taken for the requirement but do not satisfy it, and the sentence that says why."""

    loinc: tuple[str, ...]
    why: str


class Part(Struct, frozen=True, eq=False, forbid_unknown_fields=True, rename={"part_id": "id"}):
    """A rule of the catalogue that another one carries out: whoever looks for it finds it there."""

    part_id: str
    title: str
    basis: Basis
    citation: str


class Requirement(
    Struct, frozen=True, eq=False, forbid_unknown_fields=True, rename={"components": "component", "parts": "part"}
):
    """One line of a protocol. `short` and `specimen` are for pages; `cadence_basis` where it differs from `basis`.

    `same_as` names the requirement whose components it shares, instead of writing them again.
    """

    id: str
    title: str
    short: str
    specimen: Literal["Blood", "Urine", "Visit"]
    severity: Literal["TASK", "WARN", "INFO"]
    basis: Basis
    citation: str
    profiles: tuple[str, ...]
    timing: Timing
    components: tuple[Component, ...] = ()
    same_as: str | None = None
    applies_to: Literal["everyone", "cervix"] = "everyone"
    cadence_basis: Basis | None = None
    insufficient: tuple[Insufficient, ...] = ()
    parts: tuple[Part, ...] = ()


class Courses(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """Infusions at most `gap_days` apart are one treatment course; an episode ends `episode_months` after its last."""

    gap_days: int
    episode_months: int


class Edition(Struct, frozen=True, eq=False):
    """The requirements of one profile, and the hash of the file they were read from."""

    name: str  # protocol@date
    protocol: str
    title: str
    profile: str
    sha256: str
    courses: Courses
    requirements: dict[str, Requirement]  # by id, in the file's order
    infusions: "InfusionRules"


@lru_cache(maxsize=256)
def components_by_code(requirement: Requirement) -> dict[str, tuple[Component, Beside | None]]:
    """LOINC code -> the component it speaks of, and what it must stand beside, if so."""
    return {code: (one, None) for one in requirement.components for code in one.loinc} | {
        code: (one, one.beside) for one in requirement.components if one.beside for code in one.beside.loinc
    }


@lru_cache(maxsize=256)
def reasons_by_code(requirement: Requirement) -> dict[str, str]:
    """LOINC code -> why it is not enough for this requirement."""
    return {code: one.why for one in requirement.insufficient for code in one.loinc}


@lru_cache(maxsize=256)
def component_names(requirement: Requirement) -> tuple[str, ...]:
    return tuple(one.name for one in requirement.components)


@lru_cache(maxsize=256)
def valued_codes(requirement: Requirement) -> frozenset[str]:
    """The LOINC codes whose value can be a finding."""
    values = requirement.timing.values if isinstance(requirement.timing, Once) else ()
    return frozenset(code for one in values for code in one.loinc)


@lru_cache(maxsize=64)
def requirements_by_code(edition: Edition) -> dict[str, tuple[str, ...]]:
    """LOINC code -> the requirements that it speaks of, whether it satisfies them or not."""
    found: dict[str, list[str]] = {}
    for requirement in edition.requirements.values():
        shown = components_by_code(requirement).keys() | reasons_by_code(requirement).keys()
        for code in shown | valued_codes(requirement):
            found.setdefault(code, []).append(requirement.id)
    return {code: tuple(names) for code, names in found.items()}


@lru_cache(maxsize=64)
def requirements_by_act(edition: Edition) -> dict[str, tuple[str, ...]]:
    """An exam, a form or a word of rules/acts.py -> the requirements that it speaks of, as evidence or as a finding."""
    found: dict[str, list[str]] = {}
    for requirement in edition.requirements.values():
        words = [act for part in requirement.components for act in (part.exam, part.form, *part.act) if act]
        asks = requirement.timing.after if isinstance(requirement.timing, Once) else ()
        for act in dict.fromkeys((*words, *asks)):
            found.setdefault(act, []).append(requirement.id)
    return {act: tuple(names) for act, names in found.items()}
