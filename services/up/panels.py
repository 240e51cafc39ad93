"""The laboratory panels that demo patients have drawn, with values that look ordinary. Codes: LOINC; units: UCUM."""

from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Analyte:
    """One code of a panel; values are drawn from `low` to `high`."""

    code: str
    unit: str
    low: float
    high: float
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    analytes: tuple[Analyte, ...]

    def results(self, random: Random) -> list[dict[str, Any]]:
        """One final result for each analyte."""
        return [
            {
                "code": analyte.code,
                "value": round(random.uniform(analyte.low, analyte.high), analyte.digits),
                "unit": analyte.unit,
                "status": "final",
            }
            for analyte in self.analytes
        ]


def without_last(panel: Panel) -> Panel:
    """The panel as a laboratory sends it when one analyte could not be measured."""
    return Panel(panel.name, panel.analytes[:-1] or panel.analytes)


BLOOD_COUNT = Panel(
    "blood",
    (
        Analyte("777-3", "10*3/uL", 160, 340, 0),
        Analyte("6690-2", "10*3/uL", 3.6, 8.9),
        Analyte("718-7", "g/dL", 11.9, 15.6),
        Analyte("751-8", "10*3/uL", 2.0, 5.8),
        Analyte("731-0", "10*3/uL", 0.3, 1.9),
    ),
)
URINE = Panel("urine", (Analyte("13945-1", "/[HPF]", 0, 3, 0), Analyte("5821-4", "/[HPF]", 0, 4, 0)))
SERUM = Panel(
    "serum",
    (
        Analyte("2160-0", "mg/dL", 0.6, 1.1, 2),
        Analyte("1742-6", "U/L", 9, 41, 0),
        Analyte("1920-8", "U/L", 11, 38, 0),
        Analyte("1975-2", "mg/dL", 0.3, 1.0),
    ),
)
THYROID = Panel("thyroid", (Analyte("3016-3", "m[IU]/L", 0.6, 3.9, 2),))
URINE_PROTEIN = Panel("protein", (Analyte("2890-2", "mg/g", 40, 140, 0),))
HELPER_CELLS = Panel("cd4", (Analyte("24467-3", "/uL", 210, 420, 0),))
MONTHLY = (BLOOD_COUNT, SERUM, URINE)
