"""One example for each body, shown in the OpenAPI document (docs/contract.md §1)."""

from typing import Any

TREATMENT = "0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41"
_IDENTIFIER = {"system": "urn:hospital:mrn", "value": "MRN-0042"}

BODIES: dict[str, Any] = {
    "OpeningBody": {
        "identifier": _IDENTIFIER,
        "protocol": "alemtuzumab-ms",
        "site": "neuro-1",
        "zone": "America/New_York",
        "sex": "female",
        "birth_date": "1988-04-02",
        "label": "A. Example",
    },
    "LookupBody": {"identifier": _IDENTIFIER},
    "LabelsBody": {"treatments": [TREATMENT]},
    "ClockBody": {"now": "2024-06-10T13:00:00Z"},
}

FACT: dict[str, Any] = {
    "type": "LabResultRecorded",
    "message_id": "lab-7781",
    "occurred_at": "2024-06-10T08:15:00-04:00",
    "source": "urn:hospital:lis",
    "author": "analyzer-3",
    "business_id": {"system": "urn:hospital:lis", "value": "S-1001", "version": 1},
    "data": {
        "specimen_id": "S-1001",
        "results": [
            {"code": "777-3", "value": 210, "unit": "10*3/uL", "status": "final"},
            {"code": "6690-2", "value": 6.1, "unit": "10*3/uL", "status": "final"},
        ],
    },
}

ITEM: dict[str, Any] = FACT | {"message_id": "lab-7782", "treatment": TREATMENT}
