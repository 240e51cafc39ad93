"""A protocol as it is written: one TOML file, or a folder of them whose tables are read one after the other."""

import hashlib
import tomllib
from pathlib import Path

from msgspec import Struct

PROTOCOLS = Path(__file__).parent / "protocols"


class CatalogueError(Exception):
    """A protocol file can't be used; the message says which file and place, and what to write."""


class Written(Struct, frozen=True):
    """What the files say together; `origins` names, for each list of tables, the file of each of its entries."""

    name: str
    content: dict[str, object]
    origins: dict[str, list[str]]
    sha256: str

    def origin(self, key: str, index: int | None) -> str:
        """The file in which a top-level key, or one entry of a list, is written."""
        files = self.origins.get(key, [])
        return files[index] if index is not None and index < len(files) else files[0] if files else self.name


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
    content: dict[str, object] = {}
    origins: dict[str, list[str]] = {}
    digest = hashlib.sha256()
    for file in files:
        text = file.read_bytes()
        digest.update(text if len(files) == 1 else b"%s\0%d\0%s" % (file.name.encode(), len(text), text))
        for key, value in _parsed(file, text).items():
            so_far = content.get(key)
            if isinstance(value, list) and isinstance(value[0] if value else None, dict):
                origins.setdefault(key, []).extend([file.name] * len(value))
                content[key] = [*so_far, *value] if isinstance(so_far, list) else value
            elif key in content:
                other = origins[key][0]
                raise CatalogueError(f"{file.name}: {key} is written in {other} too. Keep one of them.")
            else:
                content[key], origins[key] = value, [file.name]
    return Written(f"{protocol}.toml" if len(files) == 1 else protocol, content, origins, digest.hexdigest())


def _in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _parsed(file: Path, written: bytes) -> dict[str, object]:
    try:
        return tomllib.loads(written.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise CatalogueError(f"{file.name} can't be read as TOML: {why}.") from why
