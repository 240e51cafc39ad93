"""Where in a TOML text each key and each entry is written, which tomllib does not tell.

The text must be one that tomllib has read: nothing is checked here, only found.
"""

import re
from bisect import bisect_right

Path = tuple[str | int, ...]
"""Keys and numbers of entries, from the top: ("requirement", 3, "timing", "every_months")."""

_GAP = re.compile(r"(?:\s|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?', re.DOTALL),
    re.compile(r"'''.*?'''(?:'{1,2}(?!'))?", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
)


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) on which each key, each table and each entry of a list begins."""
    return _Finder(text).found


class _Finder:
    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._breaks = [place.start() for place in re.finditer("\n", text)]
        self._entries: dict[Path, int] = {}  # of lists of tables
        self._document()

    def _document(self) -> None:
        here: Path = ()
        while self._next():
            if self._takes("[["):
                begin, keys = self._at, self._keys()
                whole = (*self._table(keys[:-1]), keys[-1])
                self._entries[whole] = self._entries.get(whole, -1) + 1
                here = (*whole, self._entries[whole])
                self._note(whole, begin)
                self._note(here, begin)
                self._takes("]]")
            elif self._takes("["):
                begin = self._at
                here = self._table(self._keys())
                self._note(here, begin)
                self._takes("]")
            else:
                self._pair(here)

    def _table(self, keys: list[str]) -> Path:
        """Within the last entry of every list of tables on the way."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._entries:
                path = (*path, self._entries[path])
        return path

    def _pair(self, table: Path) -> None:
        self._next()
        begin = self._at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, begin)
        self._takes("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._takes("["):
            number = 0
            while not self._takes("]"):
                self._next()
                self._note((*path, number), self._at)
                self._value((*path, number))
                self._takes(",")
                number += 1
        elif self._takes("{"):
            while not self._takes("}"):
                self._pair(path)
                self._takes(",")
        else:
            self._next()
            self._pass(*_STRINGS, _SCALAR)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._next()
            word = self._pass(*_STRINGS, _BARE)
            keys.append(word.strip("\"'"))
            if not self._takes("."):
                return keys

    def _next(self) -> bool:
        """Moves to what is neither space nor comment; False at the end."""
        self._pass(_GAP)
        return self._at < len(self._text)

    def _takes(self, sign: str) -> bool:
        if not self._next():
            return True  # tomllib has read it: an end is where it should be
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _pass(self, *patterns: re.Pattern[str]) -> str:
        for pattern in patterns:
            if found := pattern.match(self._text, self._at):
                self._at = found.end()
                return found[0]
        raise ValueError(f"not TOML after {self._at} characters")

    def _note(self, path: Path, begin: int) -> None:
        self.found.setdefault(path, bisect_right(self._breaks, begin - 1) + 1)
