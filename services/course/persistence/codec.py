"""The seam between the JSON of a fact and the bytes of its row: the place where encryption can come in."""

from typing import Protocol
from uuid import UUID


class Codec(Protocol):
    """Seals and opens the state of one row; a cipher must bind all three names, or two rows could be swapped."""

    def seal(self, plain: bytes, treatment: UUID, version: int, fact_id: UUID) -> bytes: ...

    def open(self, sealed: bytes, treatment: UUID, version: int, fact_id: UUID) -> bytes: ...


class PlainCodec:
    """Stores the JSON as it is."""

    def seal(self, plain: bytes, treatment: UUID, version: int, fact_id: UUID) -> bytes:  # noqa: ARG002 -- the seam binds them; plain JSON needs none
        return plain

    def open(self, sealed: bytes, treatment: UUID, version: int, fact_id: UUID) -> bytes:  # noqa: ARG002 -- the seam binds them; plain JSON needs none
        return sealed
