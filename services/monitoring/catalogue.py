"""Reads a protocol into an edition: strictly, so that a slip of the pen is a sentence and not a silent default."""

from pathlib import Path

import msgspec
from msgspec import structs

from services.monitoring.agreeing import disagreements
from services.monitoring.mistakes import mistakes_in
from services.monitoring.protocol_file import Example, ProtocolFile
from services.monitoring.rules.edition import Edition, Requirement
from services.monitoring.rules.infusion_rules import InfusionRules
from services.monitoring.rules.scenes import Scene
from services.monitoring.written import PROTOCOLS, CatalogueError, Written, read_written

__all__ = ["PROTOCOLS", "Example", "edition_of", "examples", "load", "read", "scenes"]


def load(protocol: str = "alemtuzumab-ms", profile: str | None = None, folder: Path = PROTOCOLS) -> Edition:
    """The edition of a protocol for one profile (None = the file's default). Raises CatalogueError."""
    written = read_written(protocol, folder)
    return edition_of(written, read(written), protocol, profile)


def examples(protocol: str = "alemtuzumab-ms", folder: Path = PROTOCOLS) -> tuple[Example, ...]:
    """The worked examples of a protocol file. Raises CatalogueError."""
    return read(read_written(protocol, folder)).examples


def scenes(protocol: str = "alemtuzumab-ms", folder: Path = PROTOCOLS) -> tuple[Scene, ...]:
    """The worked examples of infusion days of a protocol. Raises CatalogueError."""
    return read(read_written(protocol, folder)).scenes


def read(written: Written) -> ProtocolFile:
    """What is written, in its shape. Raises CatalogueError with a sentence for each mistake, in the files' order."""
    try:
        file = msgspec.convert(written.content, ProtocolFile)
    except msgspec.ValidationError as why:
        found = mistakes_in(written.content, ProtocolFile) or [((), str(why))]
        raise CatalogueError(*written.in_order(found)) from why
    if found := list(disagreements(file)):
        raise CatalogueError(*written.in_order(found))
    return file


def edition_of(written: Written, file: ProtocolFile, protocol: str, profile: str | None = None) -> Edition:
    """What is in force of it for one profile (None = the file's default). Raises CatalogueError."""
    chosen = file.default_profile if profile is None else profile
    if chosen not in file.profiles:
        raise CatalogueError(
            f"{written.name} has no profile of that name. "
            f"Set COURSEWATCH_PROFILE to one of: {', '.join(file.profiles)}."
        )
    return Edition(
        name=file.edition,
        protocol=protocol,
        title=file.title,
        profile=chosen,
        sha256=written.sha256,
        courses=file.courses,
        requirements={one.id: _whole(one, file) for one in file.requirements if chosen in one.profiles},
        infusions=InfusionRules(
            checks=tuple(one for one in file.checks if chosen in one.profiles),
            holds=tuple(one for one in file.holds if chosen in one.profiles),
            prerequisites=tuple(one for one in file.prerequisites if chosen in one.profiles),
            periods=tuple(one for one in file.periods if chosen in one.profiles),
        ),
    )


def _whole(one: Requirement, file: ProtocolFile) -> Requirement:
    """With the components of the requirement that it shares them with."""
    if one.same_as is None:
        return one
    other = next(other for other in file.requirements if other.id == one.same_as)
    return structs.replace(one, components=other.components, insufficient=other.insufficient)
