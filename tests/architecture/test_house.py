"""What holds for the whole repository and no linter says."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from services.course import settings as course
from services.monitoring import settings as monitoring
from services.up import settings as up
from tests.architecture.lock_file import complaints, main
from tests.real_parts.machine import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
PURE = [ROOT / name for name in TRACKED if re.match(r"services/(course/domain|monitoring/rules)/.*\.py$", name)]
# Put together, so that this file does not find itself.
INDEXES = re.compile("pypi" + r"\.org|python" + r"hosted\.org|repo1?\.maven" + r"\.|--(extra-)?index" + "-url")
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter"}


def test_no_file_names_a_package_index() -> None:
    named = [name for name in TRACKED if INDEXES.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))]
    assert named == []


def test_the_lock_files_are_whole() -> None:
    assert main() == 0


@pytest.mark.parametrize(
    ("lock", "complaint"),
    [
        ("one==1.0\n", "one has no hash"),
        ("one>=1.0 --hash=sha256:00\n", "not a pinned requirement: one>=1.0 --hash=sha256:00"),
        ("two==1 --hash=sha256:00\n", "one is in pyproject.toml and not in the lock file"),
        ("one==1 @ https://somewhere --hash=sha256:00\n", "the lock file names an address"),
    ],
)
def test_a_broken_lock_file_is_told(lock: str, complaint: str) -> None:
    assert any(found.startswith(complaint) for found in complaints(lock, {"one"}))


@pytest.mark.parametrize("file", PURE, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_cores_read_no_clock(file: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCKS]


def test_nothing_listens_beyond_this_machine_unless_told() -> None:
    hosts = {
        course.from_environment({}).host,
        monitoring.from_environment({}).host,
        up.read({}, patients=None, seed=1).host,
    }
    assert hosts == {"127.0.0.1"}


def test_the_compose_layout_publishes_on_loopback_and_holds_no_secret() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    passwords = re.findall(r"(?:PASSWORD: |://\w+:)(\S+?)[?@]", text)
    assert passwords
    assert set(passwords) == {"${POSTGRES_PASSWORD:"}
    assert ".env" in {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
