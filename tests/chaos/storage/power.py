"""A disk whose power may fail: what may stand on it at a moment, given what was asked of it and what it had confirmed.

Nothing is assumed of a drive but that it keeps what was synchronised: of everything else any sectors may be written
and any not, in any order, and one in the middle of being written may hold anything. A file that was made or removed
may be there or not until its folder is synchronised.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import eq, gt, ne

from tests.chaos.storage.disk_trace import Acknowledge, Create, Operation, Sync, Truncate, Unlink, Write

SECTOR = 512
Image = dict[str, bytes]
Piece = Write | Truncate


@dataclass
class File:
    """`safe` is on the disk for good; `pieces` were written since and may be, each by itself."""

    safe: bytearray = field(default_factory=bytearray)
    pieces: list[Piece] = field(default_factory=list)


Entry = tuple[str, File | None]
"""A name in the folder and whose it became; None: it was removed."""


@dataclass
class Disk:
    """`names` is the folder as the process sees it, `kept` as it is for good, `entries` leads from one to the other."""

    names: dict[str, File] = field(default_factory=dict)
    kept: dict[str, File] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def does(self, operation: Operation) -> None:
        match operation:
            case Create(name):
                self.names[name] = File()
                self.entries.append((name, self.names[name]))
            case Unlink(name):
                del self.names[name]
                self.entries.append((name, None))
            case Write(name, _, _):
                self.names[name].pieces += sectors(operation)
            case Truncate(name, _):
                self.names[name].pieces.append(operation)
            case Sync(""):
                self.kept = dict(self.names)
                self.entries.clear()
            case Sync(name):
                for piece in self.names[name].pieces:
                    _put(self.names[name].safe, piece)
                self.names[name].pieces.clear()
            case Acknowledge():
                pass

    def images(self, rng: random.Random, at_random: int, structured: int) -> Iterator[Image]:
        """What may be found after the power fails now, as many as asked for of each kind."""
        count = sum(len(file.pieces) for file in self._files())
        for chosen in _choices(count, rng, at_random, structured):
            torn = rng.randrange(count) if count and rng.random() < 0.3 else None
            yield self._image(chosen, torn, rng)

    def _files(self) -> list[File]:
        """Every file that may be there, oldest first; none twice."""
        every = [*self.kept.values(), *(file for _, file in self.entries if file is not None)]
        return list({id(file): file for file in every}.values())

    def _image(self, chosen: Callable[[int], bool], torn: int | None, rng: random.Random) -> Image:
        found: dict[int, bytearray] = {}
        number = 0
        for file in self._files():
            content = found[id(file)] = bytearray(file.safe)
            for piece in file.pieces:
                if number == torn and isinstance(piece, Write):
                    _put(content, Write(piece.name, piece.offset, _half_written(piece.data, rng)))
                elif chosen(number):
                    _put(content, piece)
                number += 1
        names = dict(self.kept)
        for name, file in self.entries[: rng.choice((0, len(self.entries), rng.randint(0, len(self.entries))))]:
            if file is None:
                names.pop(name, None)
            else:
                names[name] = file
        return {name: bytes(found[id(file)]) for name, file in names.items()}


def sectors(write: Write) -> list[Piece]:
    """A write cut where a drive may cut it."""
    pieces: list[Piece] = []
    start = write.offset
    end = write.offset + len(write.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        pieces.append(Write(write.name, start, write.data[start - write.offset : stop - write.offset]))
        start = stop
    return pieces


def _choices(count: int, rng: random.Random, at_random: int, structured: int) -> Iterator[Callable[[int], bool]]:
    """Which of the pieces are written: none, all, all up to one, all but one, one alone, and any."""
    yield lambda _: False
    yield lambda _: True
    marks: Iterable[int] = range(count) if count <= structured else sorted(rng.sample(range(count), structured))
    for mark in marks:
        yield partial(gt, mark)
        yield partial(ne, mark)
        yield partial(eq, mark)
    for _ in range(at_random if count > 1 else 0):
        share = rng.choice((0.05, 0.5, 0.95))
        yield {number for number in range(count) if rng.random() < share}.__contains__


def _half_written(data: bytes, rng: random.Random) -> bytes:
    """A sector in which the power failed: a beginning and then zeroes, or noise."""
    kept = rng.randrange(len(data))
    rest = len(data) - kept
    return data[:kept] + (bytes(rest) if rng.random() < 0.5 else rng.randbytes(rest))


def _put(content: bytearray, piece: Piece) -> None:
    if isinstance(piece, Truncate):
        del content[piece.size :]
        content.extend(bytes(piece.size - len(content)))
        return
    content.extend(bytes(max(0, piece.offset - len(content))))
    content[piece.offset : piece.offset + len(piece.data)] = piece.data
