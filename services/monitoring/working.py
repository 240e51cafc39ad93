"""A thread that works until it is asked to stop, and whose silent end somebody can see."""

import threading
from abc import ABC, abstractmethod


class Working(ABC):
    """`name` is the thread's; a stop waits `patience` seconds for the work in hand."""

    def __init__(self, name: str, patience: float) -> None:
        self._stop = threading.Event()
        self._patience = patience
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    @abstractmethod
    def run(self) -> None:
        """Works until `_stop` is set."""

    @property
    def stopped_by_itself(self) -> bool:
        """Whether its thread ended without being asked to."""
        return self._thread.ident is not None and not self._thread.is_alive() and not self._stop.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(self._patience)
