"""What the application holds while it runs; its lifespan makes it, every route asks for it."""

from dataclasses import dataclass

from starlette.requests import Request

from services.monitoring.api.background import Background
from services.monitoring.api.event_stream import STALL
from services.monitoring.api.listener import KEEP_ALIVE
from services.monitoring.api.tail import Tail
from services.monitoring.reading.reader import Reader
from services.monitoring.settings import Settings
from shared.clock import Clock
from shared.database import Database
from shared.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between signs of life on a stream, and those that a listener may take for one frame."""

    keep_alive: float = KEEP_ALIVE
    stall: float = STALL


@dataclass(frozen=True, slots=True)
class State:
    settings: Settings
    database: Database
    reader: Reader
    clock: Clock
    tail: Tail
    background: Background
    metrics: Metrics
    pace: Pace


def state(request: Request) -> State:
    """The running application's state."""
    found: State = request.app.state.running
    return found
