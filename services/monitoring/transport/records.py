"""Kafka's records as they lie on the wire, also where a header's name is no UTF-8.

kafka-python 3.0 raises UnicodeDecodeError for such a name and then meets it at every poll: one record of a careless
producer would stop its partition for good. No name of ours is affected, so a replacement character loses nothing.
"""

from typing import Any

from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch


class _Forgiving(bytearray):
    """Bytes whose parts can always be read as text."""

    def __getitem__(self, place: Any) -> Any:
        part = super().__getitem__(place)
        return _Forgiving(part) if isinstance(place, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _Batch(DefaultRecordBatch):  # type: ignore[misc]  # kafka-python carries no types
    """Reads a record a second time, forgivingly, where the first time failed."""

    __slots__ = ()

    def _read_msg(self) -> Any:
        batch: Any = self  # whose fields kafka-python declares nowhere
        start, buffer = batch._pos, batch._buffer
        try:
            return super()._read_msg()
        except UnicodeDecodeError:
            batch._pos, batch._buffer = start, _Forgiving(buffer)
            try:
                return super()._read_msg()
            finally:
                batch._buffer = buffer


def tolerate_any_header() -> None:
    """For all consumers of this process."""
    memory_records.DefaultRecordBatch = _Batch
