"""Processes tell each other that there is something new, and a word that is lost costs nothing but time."""

import threading
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from shared.news import Listening, Telling

PATIENCE = 20.0


class Ears:
    def __init__(self) -> None:
        self._words = threading.Semaphore(0)

    def hear(self) -> None:
        self._words.release()

    def heard(self) -> bool:
        return self._words.acquire(timeout=PATIENCE)

    def forget(self) -> None:
        while self._words.acquire(timeout=0.3):
            pass


def test_a_word_is_heard_and_many_at_once_are_told_by_few(postgres_url: str) -> None:
    telling, ears = Telling(postgres_url, "coursewatch_test"), Ears()
    with Listening(postgres_url, "coursewatch_test", ears.hear):
        assert ears.heard()  # it begins to listen
        telling.tell()
        assert ears.heard()
        for _ in range(1000):
            telling.tell()
        assert ears.heard()
    telling.close()


def test_both_go_on_after_the_server_has_ended_their_sessions(postgres_url: str) -> None:
    telling, ears = Telling(postgres_url, "coursewatch_test"), Ears()
    with Listening(postgres_url, "coursewatch_test", ears.hear):
        telling.tell()
        assert ears.heard()
        ears.forget()
        _end_all_sessions(postgres_url)
        assert ears.heard()  # it listens again
        ears.forget()
        until = time.monotonic() + PATIENCE
        told = False
        while not told and time.monotonic() < until:
            telling.tell()
            told = ears._words.acquire(timeout=0.5)
        assert told
    telling.close()


def test_on_sqlite_nobody_is_told(tmp_path: Path) -> None:
    ears = Ears()
    telling = Telling(f"sqlite:///{tmp_path}/a.db", "coursewatch_test")
    with Listening(f"sqlite:///{tmp_path}/a.db", "coursewatch_test", ears.hear):
        telling.tell()
    telling.close()
    assert not ears._words.acquire(blocking=False)


def _end_all_sessions(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        connection.execute(text(f"{ended} and datname = current_database()"))
    engine.dispose()
