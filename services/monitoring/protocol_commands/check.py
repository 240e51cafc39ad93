"""`coursewatch protocol check`: reads a protocol as the service would and runs its worked examples."""

import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from services.monitoring.catalogue import read
from services.monitoring.protocol_commands.contents import OFF, Contents, contents, table
from services.monitoring.protocol_commands.worked import work
from services.monitoring.protocol_file import ProtocolFile
from services.monitoring.rules.summary import counted
from services.monitoring.written import CatalogueError, Written, read_path


class Checked(Struct, frozen=True):
    """A protocol that can be read, and where its examples are not what its rules say."""

    written: Written
    file: ProtocolFile
    run: int
    wrong: tuple[str, ...]


def checked(path: Path) -> Checked:
    """Raises CatalogueError with every mistake that keeps it from being read."""
    written = read_path(path)
    file = read(written)
    done = work(written, file, file.protocol)
    return Checked(written, file, done.run, written.in_order(done.wrong))


def check(path: Path, *, as_json: bool) -> int:
    """0 = fine; 1 = not, and standard output says why."""
    try:
        found = checked(path)
    except CatalogueError as wrong:
        return _refused(wrong.sentences, as_json=as_json)
    held = contents(found.file, found.written.sha256)
    if as_json:
        said = {"fine": not found.wrong, "mistakes": found.wrong, "contents": held}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")
        return 1 if found.wrong else 0
    if found.wrong:
        _list(found.wrong)
        _say(
            f"{counted(len(found.wrong), 'place')} of the worked examples, of which there are {found.run}, "
            "no longer hold. Where the rule was meant to change, write what it says now; else mend the rule."
        )
        return 1
    _tell(held, found.run)
    return 0


def _refused(sentences: tuple[str, ...], *, as_json: bool) -> int:
    if as_json:
        said = {"fine": False, "mistakes": sentences, "contents": None}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")
        return 1
    _list(sentences)
    _say(f"{counted(len(sentences), 'mistake')}. Mend them and check again; nothing is in force of it.")
    return 1


def _tell(held: Contents, run: int) -> None:
    columns = (*held.profiles, OFF)
    _say(f"{held.edition} is fine: {held.title}.")
    _say(f"Its {counted(run, 'worked example')} hold. sha256 {held.sha256}")
    _say(f"Profiles: {', '.join(held.profiles)}; where none is set, {held.default_profile}.")
    sys.stdout.write("\n" + table("rules by kind", held.by_kind, columns))
    sys.stdout.write("\n" + table("rules by basis", held.by_basis, columns) + "\n")
    everywhere = [one for one in held.on[held.default_profile] if all(one in held.on[name] for name in held.profiles)]
    _say(f"Switched on in every profile: {_ids(everywhere)}.")
    for name in held.profiles:
        _say(f"Besides, in {name}: {_ids([one for one in held.on[name] if one not in everywhere])}.")
    if held.on[OFF]:
        _say(f"Written, and in no profile: {_ids(held.on[OFF])}.")


def _ids(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names) or "none"


def _list(sentences: tuple[str, ...]) -> None:
    for one in sentences:
        _say(one)
    sys.stdout.write("\n")


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
