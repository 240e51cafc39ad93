"""Asks the course service what the patients are called; nothing of the answer is kept or logged."""

import logging
from collections.abc import Sequence
from typing import Protocol

import httpx
import msgspec
from msgspec import Struct

from services.monitoring.dashboard.words import short_id

log = logging.getLogger(__name__)
_SECONDS = 2.0


class Directory(Protocol):
    """Who can say what the patients are called."""

    def labels(self, treatments: Sequence[str]) -> dict[str, str] | None:
        """Labels by treatment, without those that have none; None = no answer."""


class _Named(Struct, frozen=True):
    label: str | None = None


class _Answer(Struct, frozen=True):
    labels: dict[str, _Named]


_DECODER = msgspec.json.Decoder(_Answer)


class CourseDirectory:
    """The course service's own directory over HTTP (docs/contract.md §1.1)."""

    def __init__(self, course_url: str) -> None:
        self._address = f"{course_url.rstrip('/')}/v1/treatments/labels"
        self._client = httpx.Client(timeout=_SECONDS)

    def labels(self, treatments: Sequence[str]) -> dict[str, str] | None:
        if not treatments:
            return {}
        try:
            answer = self._client.post(self._address, json={"treatments": list(treatments)})
            answer.raise_for_status()
            named = _DECODER.decode(answer.content).labels
        except (httpx.HTTPError, msgspec.DecodeError):
            log.warning("the course service did not say what the patients are called")
            return None
        return {treatment: who.label for treatment, who in named.items() if who.label}

    def answers(self) -> bool:
        """Whether the course service takes facts at this moment."""
        try:
            return self._client.get(self._address.replace("/v1/treatments/labels", "/healthz")).is_success
        except httpx.HTTPError:
            return False


def name(treatment: str, labels: dict[str, str] | None) -> str:
    """The label, or the end of the opaque id where there is none."""
    return (labels or {}).get(treatment) or f"Patient {short_id(treatment)}"
