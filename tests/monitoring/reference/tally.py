"""How often each standing, reason and requirement occurred: what never occurs is not proved."""

from collections import Counter
from typing import get_args

from services.monitoring.rules.answers import RollUpStanding, SlotStanding
from shared.contracts.v1.facts import FACTS
from tests.monitoring.reference.comparing import PROTOCOL, SLOT, Case, Flat

STANDINGS = get_args(SlotStanding)
LINES = get_args(RollUpStanding)
REASONS = ("death", "handed_over_overdue", "waiver")
BESIDES = ("partial", "on discovery", "close-out", "second episode", "second course")
REQUIREMENTS = tuple(one.id for one in PROTOCOL.requirements)
Tally = Counter[tuple[str, str]]


def count(case: Case, said: Flat) -> Tally:
    """What one answer of the model holds."""
    tally: Tally = Counter(("fact", fact.type) for fact in case.facts)
    for what, values in said.items():
        if what.startswith("line "):
            tally["line", values[0]] += 1
            tally["requirement", what.removeprefix("line ")] += 1
        elif "." in what:
            slot = dict(zip(SLOT, values, strict=True))
            requirement = what.split(".")[1]
            tally["slot", slot["standing"]] += 1
            tally[requirement, slot["standing"]] += 1
            tally["reason", slot["reason"]] += slot["reason"] is not None
            tally["beside", "partial"] += slot["partial"]
            tally["beside", "on discovery"] += slot["on_discovery"]
            tally["beside", "close-out"] += what.endswith(".close-out")
        else:
            tally["beside", what.replace("episode 2", "second episode").replace("course 2", "second course")] += 1
    return tally


def never(tally: Tally) -> list[str]:
    """What should have occurred and did not."""
    wanted = [("slot", one) for one in STANDINGS] + [("line", one) for one in LINES]
    wanted += [("reason", one) for one in REASONS] + [("beside", one) for one in BESIDES]
    wanted += [("requirement", one) for one in REQUIREMENTS] + [("fact", one) for one in FACTS]
    missing = [f"{kind} {one}" for kind, one in wanted if not tally[kind, one]]
    done = [one for one in REQUIREMENTS if not tally[one, "done"] + tally[one, "done_late"]]
    return missing + [f"{one} done" for one in done]


def table(tally: Tally) -> str:
    rows = [f"{'requirement':<12}{'lines':>9}" + "".join(f"{one.replace('_', ' ')[:10]:>11}" for one in STANDINGS)]
    for one in REQUIREMENTS:
        cells = "".join(f"{tally[one, standing]:>11,}" for standing in STANDINGS)
        rows.append(f"{one:<12}{tally['requirement', one]:>9,}{cells}")
    rows.append(f"{'all':<21}" + "".join(f"{tally['slot', one]:>11,}" for one in STANDINGS))
    for kind, names in (("line", LINES), ("reason", REASONS), ("beside", BESIDES)):
        rows.append(f"{kind}: " + ", ".join(f"{one} {tally[kind, one]:,}" for one in names))
    facts = sorted((tally["fact", one], one) for one in FACTS)
    rows.append(f"facts: {sum(number for number, _ in facts):,} of {len(facts)} types; the rarest is")
    rows[-1] += f" {facts[0][1]}, {facts[0][0]:,}"
    return "\n".join(rows)
