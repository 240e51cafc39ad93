"""A protocol as it is written: one TOML file, or a folder of them whose tables are read one after the other."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from services.monitoring.toml_lines import Path as Steps
from services.monitoring.toml_lines import lines_of

PROTOCOLS = Path(__file__).parent / "protocols"


class CatalogueError(Exception):
    """A protocol can't be used; each sentence says which file, line and place, what stands there and what to write."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Written(Struct, frozen=True):
    """What the files say together; `origins` names, for each list of tables, the file of each of its entries."""

    name: str
    content: dict[str, object]
    origins: dict[str, list[str]]
    sha256: str
    texts: dict[str, str]  # by file name, in the order in which they were read

    def origin(self, key: str, index: int | None) -> str:
        """The file in which a top-level key, or one entry of a list, is written."""
        files = self.origins.get(key, [])
        return files[index] if index is not None and index < len(files) else files[0] if files else self.name

    def where(self, steps: Steps) -> tuple[str, int]:
        """File and line of a place, or of the nearest thing around it that is written; line 1 of what is nowhere."""
        index = steps[1] if len(steps) > 1 and isinstance(steps[1], int) else None
        file = self.origin(str(steps[0]), index) if steps else next(iter(self.texts), self.name)
        if index is not None:  # entries of earlier files come before
            index = self.origins[str(steps[0])][:index].count(file)
            steps = (steps[0], index, *steps[2:])
        lines = _lines(self.texts.get(file, ""))
        while steps and steps not in lines:
            steps = steps[:-1]
        return file, lines.get(steps, 1)

    def told(self, steps: Steps, sentence: str) -> str:
        """A sentence about a place, after the file, the line and the place in the file's own words."""
        file, line = self.where(steps)
        end = "" if sentence.endswith((".", "?")) else "."
        return f"{', '.join((file, f'line {line}', *self._names(steps)))}: {sentence}{end}"

    def in_order(self, said: Iterable[tuple[Steps, str]]) -> tuple[str, ...]:
        """Sentences about places, as a reader meets them in the files."""
        files = list(self.texts)

        def place(one: tuple[Steps, str]) -> tuple[int, int]:
            file, line = self.where(one[0])
            return files.index(file) if file in files else 0, line

        return tuple(self.told(*one) for one in sorted(said, key=place))

    def _names(self, steps: Steps) -> Iterable[str]:
        here: object = self.content
        for step in steps:
            if isinstance(step, int):
                here = here[step] if isinstance(here, list) and step < len(here) else None
                name = _name(here)
                if name or isinstance(here, dict):
                    yield name or f"entry {step + 1}"
            else:
                here = here.get(step) if isinstance(here, dict) else None
                if not (isinstance(here, list) and here and isinstance(here[0], dict)):
                    yield step


def protocol_names(folder: Path = PROTOCOLS) -> list[str]:
    """Every protocol that the folder holds, in order."""
    return sorted({one.stem for one in folder.iterdir() if one.suffix == ".toml" or (one.is_dir() and any(_in(one)))})


def read_written(protocol: str, folder: Path = PROTOCOLS) -> Written:
    """The files of a protocol, merged; their hash is over the names and bytes of all. Raises CatalogueError."""
    whole = folder / protocol
    files = _in(whole) if whole.is_dir() else [folder / f"{protocol}.toml"]
    if not files or not files[0].is_file():
        known = ", ".join(protocol_names(folder)) or "none"
        raise CatalogueError(f"There is no protocol file {protocol}.toml. Known protocols: {known}.")
    return merged(protocol, {file.name: file.read_bytes() for file in files})


def read_path(path: Path) -> Written:
    """The same of one file or one folder anywhere. Raises CatalogueError."""
    if path.is_dir() and not _in(path):
        raise CatalogueError(f"The folder {path} holds no .toml file. Name the folder of a protocol, or its one file.")
    if not path.exists():
        raise CatalogueError(f"There is no file or folder {path}. Name the folder of a protocol, or its one file.")
    if path.is_dir():
        return read_written(path.resolve().name, path.resolve().parent)
    return merged(path.stem, {path.name: path.read_bytes()})


def merged(protocol: str, files: Mapping[str, bytes]) -> Written:
    """The same from the bytes of each file, by its name and in the order of the names. Raises CatalogueError."""
    content: dict[str, object] = {}
    origins: dict[str, list[str]] = {}
    digest = hashlib.sha256()
    texts: dict[str, str] = {}
    wrong: list[str] = []
    for name, written in sorted(files.items()):
        digest.update(written if len(files) == 1 else b"%s\0%d\0%s" % (name.encode(), len(written), written))
        try:
            texts[name], parsed = _parsed(name, written)
        except CatalogueError as why:
            wrong += why.sentences
            continue
        for key, value in parsed.items():
            so_far = content.get(key)
            if isinstance(value, list) and isinstance(value[0] if value else None, dict):
                origins.setdefault(key, []).extend([name] * len(value))
                content[key] = [*so_far, *value] if isinstance(so_far, list) else value
            elif key in content:
                line = _lines(texts[name]).get((key,), 1)
                wrong.append(f"{name}, line {line}: {key} is written in {origins[key][0]} too. Keep one of them.")
            else:
                content[key], origins[key] = value, [name]
    if wrong:
        raise CatalogueError(*wrong)
    whole = f"{protocol}.toml" if len(files) == 1 else protocol
    return Written(whole, content, origins, digest.hexdigest(), texts)


_lines = cache(lines_of)


def _in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _name(entry: object) -> str | None:
    """What an entry of a list calls itself."""
    said = entry if isinstance(entry, dict) else {}
    keys = ("id", "name", "why", "obligation", "rule", "type", "kind")
    return next((str(said[key]) for key in keys if said.get(key)), None)


_PLACE = re.compile(r" ?\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_HINTS = {
    "Cannot overwrite a value": "a key is written twice in one table. Keep one of them",
    "Cannot declare": "a table is written twice. Keep one of them, or write it in double brackets: [[requirement]]",
    "Expected '=' after a key": "an = is missing after the key, or a text stands without its quotation marks",
    "Invalid value": "a value is missing or is none. Write texts in quotation marks, numbers and dates without",
    "Illegal character '\\n'": "a quotation mark is missing at the end of a text",
    "Unterminated string": "a quotation mark is missing at the end of a text",
    "Unclosed array": "a list is not closed. Write ] at its end, and a comma between its entries",
    "Unclosed inline table": "a table is not closed. Write } at its end, and a comma between its entries",
    "Expected newline or end of document after a statement": "something stands behind the value. Remove it, "
    "write # before a remark, and a text with one quotation mark at each end",
    "Expected ']'": "the name of a table is not closed. Write ] or ]] at its end",
    "Trailing comma": "a comma stands before the closing }. Remove it",
}


def _parsed(file: str, written: bytes) -> tuple[str, dict[str, object]]:
    try:
        text = written.decode()
        return text, tomllib.loads(text)
    except UnicodeDecodeError as why:
        line = written[: why.start].count(b"\n") + 1
        raise CatalogueError(f"{file}, line {line}: can't be read as TOML: not UTF-8. Save the file as UTF-8.") from why
    except tomllib.TOMLDecodeError as why:
        said = str(why)
        found = _PLACE.search(said)
        line = int(found["line"]) if found and found["line"] else max(1, written.count(b"\n"))
        words = _PLACE.sub("", said)
        hint = next((hint for start, hint in _HINTS.items() if words.startswith(start)), words)
        raise CatalogueError(f"{file}, line {line}: can't be read as TOML: {hint}.") from why
