"""The tokens of the style sheet: the contrast of every pair that is read or told apart (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import services.monitoring.dashboard

CSS = (Path(services.monitoring.dashboard.__file__).parent / "static" / "tokens.css").read_text()
LIGHT, DARK = CSS.split("@media (prefers-color-scheme: dark)")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "wash")),
    *((hue, ground) for hue in ("red", "blue", "amber", "violet") for ground in ("paper", f"{hue}-wash")),
    ("on-blue", "blue"),
    ("on-violet", "violet"),
]
MARKS = [
    *((mark, ground) for mark in ("edge", "done", "hatch", "amber-mark") for ground in ("paper", "wash")),
    ("red", "wash"),
    ("blue", "wash"),
]


def tokens(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", sheet))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_by_5_3_from_what_it_stands_on(scheme: str) -> None:
    found = tokens(scheme)
    assert round(min(contrast(found[ink], found[ground]) for ink, ground in TEXT), 1) >= 5.3


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_mark_stands_out_by_3_2_from_what_it_stands_on(scheme: str) -> None:
    found = tokens(scheme)
    assert min(contrast(found[mark], found[ground]) for mark, ground in MARKS) >= 3.2


def test_both_schemes_name_the_same_colours() -> None:
    assert tokens(LIGHT).keys() == tokens(DARK).keys()
