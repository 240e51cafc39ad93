"""The rules about infusions are read strictly too, and a slip in them is a sentence that says what to write."""

import shutil
from pathlib import Path

import pytest

from services.monitoring import catalogue
from services.monitoring.written import PROTOCOLS, CatalogueError

PROTOCOL = "alemtuzumab-ms"


def spoiled(folder: Path, old: str, new: str) -> str:
    """What is said of the protocol after a change in the first file that holds the words."""
    shutil.copytree(PROTOCOLS / PROTOCOL, folder / PROTOCOL)
    file = next(one for one in sorted((folder / PROTOCOL).iterdir()) if old in one.read_text())
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(CatalogueError) as raised:
        catalogue.load(PROTOCOL, folder=folder)
    return str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "dose", mg = 12', 'kind = "dosage", mg = 12', '"dosage" is no kind of this'),
        ('kind = "dose", mg = 12', 'kind = "dose", mg = "12 mg"', "Write a number"),
        ('kind = "dose", mg = 12', 'kind = "dose"', "mg is missing"),
        ('kind = "dose", mg = 12', 'kind = "dose", mg = 0', "0 is too small. Write more than 0"),
        ("first = 2, last = 2", "first = 2, last = 1", "1 is before first. Write 2 or more"),
        ("at_least = 17, warned_below = 18", "at_least = 17, warned_below = 12", "below at_least. Write 17 or more"),
        ('diluents = ["sodium-chloride-0-9", "dextrose-5"]', "diluents = []", "it is empty. Write at least one"),
        ('severity = "BLOCK"', 'severity = "STOP"', '"STOP" is none of the words for it'),
        ('id = "DOS-02"', 'id = "DOS-01"', "DOS-01 is written twice for"),
        ('id = "HLD-02"', 'id = "HLD-01"', "HLD-01 is written twice for"),
        ('conditions = ["active-infection", "infection"]', "conditions = []", "it is empty. Write at least one"),
        ('confirmed = "discontinue"', 'confirmed = "stop"', '"stop" is none of the words for it'),
        ("warn_from_day = 1, hold_from_day = 14", "warn_from_day = 14, hold_from_day = 1", "Write 14 or more"),
        (
            'requirements = ["MON-01", "MON-02"',
            'requirements = ["MON-01", "MON-20"',
            '"MON-20" is no requirement of its',
        ),
        ('same_as = "MON-06"', 'same_as = "MON-10"', '"MON-10" names no requirement of its profiles'),
        ("from_course = 3", "from_course = 3\nthrough_course = 2", "2 is before from_course. Write 3 or more"),
        ("within_days = 30", "within_days = -1", "-1 is too small. Write 0 or more"),
    ],
)
def test_a_slip_is_named_with_what_to_write_instead(tmp_path: Path, old: str, new: str, said: str) -> None:
    message = spoiled(tmp_path, old, new)
    assert said in message
    assert "line " in message
