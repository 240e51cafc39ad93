"""A pharmacist's copy of the shipped protocol, with words changed in it."""

import shutil
from pathlib import Path

from services.monitoring.written import PROTOCOLS

PROTOCOL = "alemtuzumab-ms"


class Copy:
    """A folder with the shipped files; each change is made in the one file that holds the words first."""

    def __init__(self, folder: Path, name: str = "mine") -> None:
        self.path = folder / name
        shutil.copytree(PROTOCOLS / PROTOCOL, self.path)

    def change(self, old: str, new: str, file: str = "monitoring.toml") -> int:
        """Answers the line on which the change begins."""
        place = self.path / file
        text = place.read_text()
        assert old in text
        place.write_text(text.replace(old, new, 1))
        return text[: text.index(old)].count("\n") + 1
