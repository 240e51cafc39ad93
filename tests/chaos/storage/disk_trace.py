"""What a process asked of the disk, in order: strace's log -> operations on files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink"
OPTIONS = ("-y", "-xx", "-s", "100000", "-e", f"trace={CALLS}")


@dataclass(frozen=True)
class Create:
    name: str


@dataclass(frozen=True)
class Unlink:
    name: str


@dataclass(frozen=True)
class Write:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    name: str
    size: int


@dataclass(frozen=True)
class Sync:
    """Of a file's content, or (name "") of the folder: which files there are."""

    name: str


@dataclass(frozen=True)
class Acknowledge:
    """A line that the process wrote into its file `acks` when it had an answer."""

    line: str


Operation = Create | Unlink | Write | Truncate | Sync | Acknowledge

_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)")
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*?),? <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+|\?)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OF = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")
_NUMBER = re.compile(r", (\d+)$")


def operations(log: Path, folder: Path) -> list[Operation]:
    """Those on files of one folder. A call that overlaps another thread's counts where it ended."""
    found: list[Operation] = []
    known: set[str] = set()
    for name, arguments in _calls(log):
        found.extend(_operation(name, arguments, folder, known))
    return found


def _calls(log: Path) -> Iterator[tuple[str, str]]:
    begun: dict[str, str] = {}
    with log.open(encoding="ascii") as lines:
        for line in lines:
            if met := _UNFINISHED.match(line):
                begun[met[1]] = met[3]
            elif met := _RESUMED.match(line):
                if not met[4].startswith("-"):
                    yield met[2], begun.pop(met[1]) + met[3]
            elif (met := _LINE.match(line)) and not met[4].startswith("-"):
                yield met[2], met[3]


def _operation(call: str, arguments: str, folder: Path, known: set[str]) -> Iterable[Operation]:
    path = _text(_TEXT.search(arguments) if call in {"openat", "unlink"} else _OF.match(arguments))
    if path == str(folder) and call in {"fsync", "fdatasync"}:
        return [Sync("")]
    if Path(path).parent != folder or path.endswith((".lock", "-shm")):
        return []
    name = Path(path).name
    found: Operation | None = None
    match call:
        case "openat" if "O_CREAT" in arguments and name not in known:
            known.add(name)
            found = None if name == "acks" else Create(name)
        case "unlink":
            known.discard(name)
            found = Unlink(name)
        case "pwrite64":
            found = Write(name, _number(arguments), _data(arguments))
        case "write" if name == "acks":
            found = Acknowledge(_data(arguments).decode().strip())
        case "ftruncate":
            found = Truncate(name, _number(arguments))
        case "fsync" | "fdatasync":
            found = Sync(name)
    return [] if found is None else [found]


def _text(met: re.Match[str] | None) -> str:
    return "" if met is None else _bytes(met[1]).decode()


def _data(arguments: str) -> bytes:
    met = _TEXT.search(arguments)
    assert met is not None
    return _bytes(met[1])


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _number(arguments: str) -> int:
    met = _NUMBER.search(arguments)
    assert met is not None
    return int(met[1])
