"""What a protocol holds, counted: its rules by kind and by basis, and which of them each profile switches on."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from services.monitoring.protocol_file import ProtocolFile

OFF = "off"
"""In no profile: an example of a rule that a site may switch on."""


class Rule(Struct, frozen=True):
    """One rule of any kind; `group` is the word that the file writes in double brackets."""

    group: str
    kind: str
    id: str
    title: str
    basis: str
    profiles: tuple[str, ...]


class Contents(Struct, frozen=True):
    """`by_kind` and `by_basis`: how many rules each profile switches on, `off` for those that none does."""

    edition: str
    title: str
    sha256: str
    profiles: tuple[str, ...]
    default_profile: str
    examples: int
    by_kind: dict[str, dict[str, int]]
    by_basis: dict[str, dict[str, int]]
    on: dict[str, tuple[str, ...]]


def rules_of(file: ProtocolFile) -> Iterator[Rule]:
    """All of them, in the order of the kinds and of the files."""
    for one in file.requirements:
        yield Rule("requirement", _kind(one.timing), one.id, one.title, one.basis, one.profiles)
    for check in file.checks:
        yield Rule("check", _kind(check.look), check.id, check.title, check.basis, check.profiles)
    for hold in file.holds:
        opens = " or ".join(dict.fromkeys(map(_kind, hold.opens)))
        yield Rule("hold", opens, hold.id, hold.title, hold.basis, hold.profiles)
    for asked in file.prerequisites:
        yield Rule("prerequisite", _kind(asked.need), asked.id, asked.title, asked.basis, asked.profiles)
    for period in file.periods:
        yield Rule("period", _kind(period.asks), period.id, period.title, period.basis, period.profiles)


def contents(file: ProtocolFile, sha256: str) -> Contents:
    rules = list(rules_of(file))
    columns = (*file.profiles, OFF)
    return Contents(
        edition=file.edition,
        title=file.title,
        sha256=sha256,
        profiles=file.profiles,
        default_profile=file.default_profile,
        examples=len(file.examples) + len(file.scenes),
        by_kind=_counted([(f"{one.group}, {one.kind}", one) for one in rules], columns),
        by_basis=_counted([(one.basis, one) for one in rules], columns),
        on={column: tuple(dict.fromkeys(one.id for one in rules if column in _columns(one))) for column in columns},
    )


def table(title: str, rows: dict[str, dict[str, int]], columns: Sequence[str]) -> str:
    """The counts as text, a sum below them."""
    sums = {column: sum(row[column] for row in rows.values()) for column in columns}
    widest = max(len(title), *map(len, rows), len("in all"))
    head = _line(title, columns, widest)
    return head + "".join(
        _line(name, [str(row[column]) for column in columns], widest) for name, row in [*rows.items(), ("in all", sums)]
    )


def _line(name: str, cells: Sequence[str], widest: int) -> str:
    return f"  {name:<{widest}}" + "".join(f"  {cell:>5}" for cell in cells) + "\n"


def _counted(named: Sequence[tuple[str, Rule]], columns: Sequence[str]) -> dict[str, dict[str, int]]:
    counts = Counter((name, column) for name, one in named for column in _columns(one))
    return {name: {column: counts[name, column] for column in columns} for name, _ in named}


def _columns(one: Rule) -> tuple[str, ...]:
    return one.profiles or (OFF,)


def _kind(shape: Struct) -> str:
    return str(shape.__struct_config__.tag)
