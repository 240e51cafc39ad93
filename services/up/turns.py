"""Turns that some demo patients take, as the ward tells them: kind of fact, day, hour and data."""

from datetime import date, timedelta
from typing import Any

Turn = tuple[str, date, int, dict[str, Any]]


def fever(on: date) -> list[Turn]:
    """The infusion of the day is not given; a day later the infection is over, and the course goes on."""
    return [
        ("ReactionReported", on, 9, {"signs": ["fever"], "severity": "severe", "action": "stopped"}),
        ("ConditionSuspected", on, 10, {"condition": "active-infection", "signs": ["fever"]}),
        ("ConditionResolved", on + timedelta(days=1), 7, {"condition": "active-infection"}),
    ]


def bleeding(on: date) -> list[Turn]:
    """Petechiae; nothing is found in the days after."""
    return [
        ("ReactionReported", on, 9, {"signs": ["petechiae"], "severity": "mild", "action": "none"}),
        ("EvaluationCompleted", on + timedelta(days=4), 9, {"condition": "itp"}),
    ]


def thrombocytopenia(on: date) -> list[Turn]:
    """Suspected, confirmed and treated: no infusion until a prescriber decides."""
    return [
        ("ConditionSuspected", on, 8, {"condition": "itp", "signs": ["easy-bruising"]}),
        ("ConditionConfirmed", on + timedelta(days=1), 9, {"condition": "itp"}),
        ("TherapyStarted", on + timedelta(days=2), 9, {"condition": "itp", "product": "prednisolone"}),
    ]


def plan(on: date, first: date) -> list[Turn]:
    """A course and nearly everything that it asks for: the programme has not authorised it yet."""
    planned = {"first_on": first.isoformat(), "infusions": 3}
    return [("CoursePlanned", on, 9, planned), *((kind, on, 9, data) for kind, data in (*_HISTORY, *_BEFOREHAND))]


_PROGRAMME = "lemtrada-rems"
_TOPICS = (
    "infusion-reactions", "stroke-symptoms", "dissection-symptoms", "long-term-monitoring", "bleeding-symptoms",
    "listeria", "contraception", "breastfeeding", "live-vaccines", "thyroid-in-pregnancy", "benefit-and-risk",
    "self-examination",
)  # fmt: skip
_HISTORY: list[tuple[str, dict[str, Any]]] = [
    ("ConditionConfirmed", {"condition": "relapsing-remitting-multiple-sclerosis"}),
    *(("EnrolmentRecorded", {"programme": _PROGRAMME, "role": role}) for role in ("prescriber", "site", "pharmacy")),
    ("EnrolmentRecorded", {"programme": _PROGRAMME, "role": "patient"}),
]
_BEFOREHAND: list[tuple[str, dict[str, Any]]] = [
    ("CounsellingGiven", {"topics": list(_TOPICS)}),
    ("AttestationGiven", {"subject": "emergency-equipment"}),
    ("RemsFormSubmitted", {"form": "baseline-lab"}),
]
