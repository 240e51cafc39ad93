"""Blocks of whole numbers: how an index finds the intervals that cover a point.

A block is an aligned stretch of 2**n numbers, known by one number of its own. Every interval has the smallest block
that holds it whole; whatever covers a point has one of the few blocks around that point.
"""

from typing import Final

DAYS: Final = 22
"""2**22 days are more than the calendar has."""
INSTANTS: Final = 58
"""2**58 microseconds are more than 9,000 years."""
_WITHOUT = 0  # of an interval from before 0 to after it: no aligned block holds it


def block(first: int, last: int) -> int:
    """The smallest block that holds both."""
    if first < 0 <= last:
        return _WITHOUT
    width = (first ^ last).bit_length()
    return _numbered(last, width)


def blocks_around(point: int, widest: int) -> list[int]:
    """Every block up to 2**widest that holds the point."""
    return [_WITHOUT, *(_numbered(point, width) for width in range(widest + 1))]


def _numbered(point: int, width: int) -> int:
    """No two blocks of any width share a number."""
    return (point >> width) * 2 + 1 << width
