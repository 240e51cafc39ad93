"""The tests that the eventsourcing library ships for recorders hold for ours, on both stores."""

import threading
from unittest import TestCase

import pytest
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from services.course.persistence.recorder import LogAggregateRecorder, LogRecorder
from shared.database import Database


class _Aggregate(AggregateRecorderTestCase):
    recorder = LogAggregateRecorder


class _Application(ApplicationRecorderTestCase):
    recorder = LogRecorder


class _NonInterleaving(NonInterleavingNotificationIDsBaseCase):
    recorder = LogRecorder


CASES = [
    pytest.param(case, name, id=f"{case.__name__[1:]}-{name}")
    for case in (_Aggregate, _Application, _NonInterleaving)
    for name in dir(case)
    if name.startswith(("test", "optional_test"))
]


@pytest.mark.parametrize("case, name", CASES)
def test_the_library_finds_that_our_recorder_conforms(database: Database, case: type[TestCase], name: str) -> None:
    class OnThisStore(case):  # type: ignore[misc, valid-type]
        def create_recorder(self) -> LogAggregateRecorder:
            return case.recorder(database)  # type: ignore[attr-defined, no-any-return]

    before = set(threading.enumerate())
    getattr(OnThisStore(name), name)()
    for reader in set(threading.enumerate()) - before:  # the library leaves its readers behind
        reader.join()
