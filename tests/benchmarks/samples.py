"""The fact that the benchmarks of the course service post: a blood count with five results (docs/contract.md §1.2)."""

import json

RESULTS = (
    ("777-3", 210, "10*3/uL"),
    ("6690-2", 6.1, "10*3/uL"),
    ("718-7", 13.2, "g/dL"),
    ("751-8", 3.9, "10*3/uL"),
    ("731-0", 1.4, "10*3/uL"),
)


def blood_count(number: str = "{number}", **more: object) -> str:
    """Its JSON; what a laboratory's system sends, with a name and a key of its own."""
    results = [{"code": code, "value": value, "unit": unit, "status": "final"} for code, value, unit in RESULTS]
    fact = {
        "type": "LabResultRecorded",
        "message_id": f"lab-{number}",
        "occurred_at": "2024-06-10T08:15:00-04:00",
        "source": "urn:hospital:lis",
        "author": "analyzer-3",
        "data": {"specimen_id": "S-1001", "results": results},
    }
    return json.dumps({**more, **fact})


def lines(first: int, count: int, targets: list[str]) -> bytes:
    """As many as NDJSON, spread over the targets."""
    whose, named, rest = blood_count("<number>", treatment="<target>").replace("<target>", "<number>").split("<number>")
    numbers = range(first, first + count)
    return "\n".join([f"{whose}{targets[n % len(targets)]}{named}{n:016d}{rest}" for n in numbers]).encode()
