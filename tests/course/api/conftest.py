"""A course service for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.course.api.course import Course


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    """On a manual clock that stands at 2024-05-14T14:00Z."""
    course = Course(tmp_path)
    yield course
    course.close()
