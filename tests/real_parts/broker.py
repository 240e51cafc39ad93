"""A real, throw-away Apache Kafka (KRaft, one node) on loopback, from Maven Central and this machine's Java."""

import fcntl
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.real_parts.machine import BUILD, MissingPartError, answers, free_port, start, wait_until

HOME = BUILD / "kafka"
POM = Path(__file__).parent / "kafka" / "pom.xml"
LOGGING = Path(__file__).parent / "kafka" / "log4j2.properties"
CLASS_ARCHIVE = HOME / "classes.jsa"
# The class archive holds only for the same collector and the same class path, in the same order.
JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={LOGGING}"]

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# A killed broker is refused on its way back until its old session has run out: 9 s unless set.
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
"""


def prepare() -> None:
    """Fetches Kafka once and writes the class archive that halves every later start."""
    HOME.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        if not (HOME / ".complete").exists():
            _fetch()
            (HOME / ".complete").touch()
        if not CLASS_ARCHIVE.exists():
            _write_class_archive()


def _fetch() -> None:
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise MissingPartError(
                f"Kafka is missing: `{program}` was not found. Install Java 17 or later and Maven (Debian: "
                "apt install openjdk-17-jre-headless maven), start a Docker engine, or set COURSEWATCH_TEST_KAFKA."
            )
    shutil.rmtree(HOME / "libs", ignore_errors=True)
    command = ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", f"-Dlibs={HOME / 'libs'}"]
    fetched = subprocess.run(command, capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise MissingPartError(
            "Kafka is missing: Maven could not fetch it. Check the way to Maven Central, start a Docker engine, "
            f"or set COURSEWATCH_TEST_KAFKA.\n{fetched.stdout[-1500:]}"
        )


def _write_class_archive() -> None:
    unfinished = CLASS_ARCHIVE.with_suffix(".unfinished")
    broker = KafkaBroker()
    try:
        broker.start("-Xlog:cds=off", "-Xlog:cds+dynamic=off", f"-XX:ArchiveClassesAtExit={unfinished}")
        broker.stop()
        unfinished.rename(CLASS_ARCHIVE)
    finally:
        broker.close()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (HOME / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class KafkaBroker:
    """One broker that is its own controller; every start is of an empty cluster unless it was only killed.

    `host` is where it listens, `within` a command that runs it elsewhere (`ip netns exec …`), `settings` more
    lines for its properties.
    """

    def __init__(self, host: str = "127.0.0.1", within: Sequence[str] = (), settings: str = "") -> None:
        self._host, self._within = host, list(within)
        self._folder = Path(tempfile.mkdtemp(prefix="kafka-", dir="/tmp"))
        self._data, self._log = self._folder / "data", self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self._settings = self._folder / "server.properties"
        self._settings.write_text(
            PROPERTIES.format(host=host, port=self.port, controller_port=free_port(), data=self._data) + settings,
            encoding="utf-8",
        )
        self.wipe()

    @property
    def bootstrap(self) -> str:
        return f"{self._host}:{self.port}"

    def wipe(self) -> None:
        """Makes an empty cluster: formatted once a build folder, then copied."""
        template = HOME / "formatted"
        if not template.exists():
            arguments = ["format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", str(self._settings)]
            command = self._java("kafka.tools.StorageTool", *arguments)
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            if made.returncode:
                raise RuntimeError(made.stdout + made.stderr)
            shutil.copytree(self._data, template)
        shutil.rmtree(self._data, ignore_errors=True)
        shutil.copytree(template, self._data)

    def start(self, *jvm: str) -> "KafkaBroker":
        process = self.launch(*jvm)
        # The port opens last of all.
        wait_until(lambda: answers(self.port, self._host), process, self._log)
        return self

    def launch(self, *jvm: str) -> subprocess.Popen[bytes]:
        """Starts it and does not wait until it serves."""
        command = self._java("kafka.Kafka", str(self._settings), jvm=jvm)
        self._process = start([*self._within, *command], self._log, signal.SIGKILL)
        return self._process

    def kill(self) -> float:
        """kill -9; when it was sent, on the monotonic clock."""
        at = time.monotonic()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        return at

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _java(self, *arguments: str, jvm: tuple[str, ...] = ()) -> list[str]:
        jars = ":".join(str(jar) for jar in sorted((HOME / "libs").glob("*.jar")))
        archive = [f"-XX:SharedArchiveFile={CLASS_ARCHIVE}"] if CLASS_ARCHIVE.exists() and not jvm else []
        return ["java", *JVM, *archive, *jvm, "-cp", jars, *arguments]


if __name__ == "__main__":
    prepare()
