"""The two layouts of the product as processes: embedded on SQLite, and Kafka with PostgreSQL."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import create_engine, make_url, text

from tests.end_to_end.processes import Process, clean_environment
from tests.real_parts.fixtures import wipe_kafka
from tests.real_parts.machine import free_port


class River:
    """A running layout on a manual clock; `course_url` and `monitoring_url` are where the outside meets it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course_port, self.monitoring_port = free_port(), free_port()
        self.course_url = f"http://127.0.0.1:{self.course_port}"
        self.monitoring_url = f"http://127.0.0.1:{self.monitoring_port}"
        self.processes: list[Process] = []
        self.env = {
            "COURSEWATCH_DATA": str(folder),
            "COURSEWATCH_CLOCK": "manual",
            "COURSEWATCH_COURSE_PORT": str(self.course_port),
            "COURSEWATCH_MONITORING_PORT": str(self.monitoring_port),
            "COURSEWATCH_COURSE_URL": self.course_url,
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a process beside the layout runs with."""
        return clean_environment() | self.env

    def start(self) -> None:
        for words in self.parts():
            self.processes.append(self.run(words))
        for process in self.processes:
            self._wait(process)

    def run(self, words: str, **env: str) -> Process:
        log = self.folder / f"{words.replace(' ', '-')}.log"
        return Process(words, {**self.env, **env}, log)

    def stop(self) -> None:
        """Ends every process; none may need force or end badly."""
        codes = {process.words: process.stop() for process in reversed(self.processes)}
        self.processes.clear()
        assert not any(codes.values()), codes

    def set_clock(self, now: datetime | str) -> None:
        """The course service first, then the monitoring service, as the contract asks."""
        instant = now if isinstance(now, str) else now.isoformat()
        for url in (self.course_url, self.monitoring_url):
            httpx.put(f"{url}/v1/clock", json={"now": instant}, timeout=60).raise_for_status()

    def wipe(self) -> None:
        """Throws away everything that the log can bring back."""
        raise NotImplementedError

    def parts(self) -> list[str]:
        raise NotImplementedError

    def _wait(self, process: Process) -> None:
        if process.words == "course api":
            process.wait_until_ready(self.course_url)
        elif process.words == "monitoring api":
            process.wait_until_ready(self.monitoring_url)


class Embedded(River):
    """What `coursewatch up` starts: two processes, SQLite, the feed."""

    def parts(self) -> list[str]:
        return ["course api", "monitoring api"]

    def wipe(self) -> None:
        for file in self.folder.glob("monitoring.*"):
            if file.suffix != ".log":
                file.unlink()


class Broker(River):
    """What docker-compose.yml starts: course api, relay, consumer, monitoring api on PostgreSQL and Kafka."""

    def __init__(self, folder: Path, bootstrap: str, new_database: Callable[[], str]) -> None:
        super().__init__(folder)
        self.bootstrap = bootstrap
        self.course_db, self.monitoring_db = new_database(), new_database()
        self.env |= {
            "COURSEWATCH_KAFKA": bootstrap,
            "COURSEWATCH_RELAY_PORT": str(free_port()),
            "COURSEWATCH_CONSUMER_PORT": str(free_port()),
            "COURSEWATCH_COURSE_DB": self.course_db,
            "COURSEWATCH_MONITORING_DB": self.monitoring_db,
        }

    def parts(self) -> list[str]:
        return ["course api", "course relay", "monitoring consume", "monitoring api"]

    def wipe(self) -> None:
        wipe_kafka(self.bootstrap)
        url = make_url(self.monitoring_db)
        engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'drop database "{url.database}" with (force)'))
            connection.execute(text(f'create database "{url.database}"'))
        engine.dispose()
