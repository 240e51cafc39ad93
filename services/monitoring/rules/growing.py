"""A list that grows at its end without being copied."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Growing(Sequence[T], Generic[T]):
    """Never changes; what it grew from goes on to hold what it held. The items are shared by all that grew from one."""

    __slots__ = ("_count", "_shared")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._shared = list(items)
        self._count = len(self._shared)

    def with_one(self, item: T) -> "Growing[T]":
        """With one more at the end; copied only if something else was put there already."""
        grown: Growing[T] = Growing.__new__(Growing)
        grown._shared = self._shared if len(self._shared) == self._count else self._shared[: self._count]
        grown._shared.append(item)
        grown._count = self._count + 1
        return grown

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return self._shared[: self._count][place]
        return self._shared[range(self._count)[place]]

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return islice(self._shared, self._count)
