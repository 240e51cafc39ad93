"""The rulebook is that of the edition in force: what was activated is what a clinician reads."""

from pathlib import Path

import pytest

from services.monitoring.reading.one_treatment import UnknownProtocol
from tests.monitoring.editions.service import NEW, OLD, Service, activate


def test_it_follows_an_activation(service: Service, mine: Path) -> None:
    before = service.reader.rulebook("alemtuzumab-ms")
    assert before.edition == OLD
    activate(service, mine)
    after = service.reader.rulebook("alemtuzumab-ms")
    assert after.edition == NEW
    assert after.edition_sha256 == service.reader.library.editions["alemtuzumab-ms"].sha256
    how = {book.edition: {rule.id: rule.how for rule in book.rules}["MON-04"] for book in (before, after)}
    assert how[OLD] != how[NEW]


def test_a_protocol_that_nobody_knows_has_none(service: Service) -> None:
    with pytest.raises(UnknownProtocol):
        service.reader.rulebook("nothing")
