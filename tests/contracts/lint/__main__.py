"""python -m tests.contracts.lint: Spectral on both OpenAPI documents, the AsyncAPI parser on deploy/asyncapi.yaml.

Both are Node programs, of the versions in package-lock.json; they are fetched once into build/contracts.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from services.course.api.app import create_app as course
from services.course.settings import from_environment as course_settings
from services.monitoring.api.app import create_app as monitoring
from services.monitoring.settings import from_environment as monitoring_settings

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FETCHED = ROOT / "build" / "contracts"


def main() -> int:
    if not (shutil.which("node") and shutil.which("npm")):
        sys.stderr.write("The linters of the contracts are Node programs: install Node 18 or later, with npm.\n")
        return 2
    _fetch()
    codes = [_openapi(name, document) for name, document in documents().items()]
    script = ["node", HERE / "asyncapi.mjs", ROOT / "deploy" / "asyncapi.yaml", FETCHED / "package.json"]
    codes.append(subprocess.run(script, check=False).returncode)
    sys.stdout.write("The contracts are clean.\n" if not any(codes) else "The contracts are not clean.\n")
    return max(codes)


def documents() -> dict[str, str]:
    """Both OpenAPI documents with every route, as JSON."""
    env = {"COURSEWATCH_CLOCK": "manual", "COURSEWATCH_DATA": tempfile.gettempdir()}
    applications = {"course": course(course_settings(env)), "monitoring": monitoring(monitoring_settings(env))}
    return {name: json.dumps(application.openapi(), indent=1) for name, application in applications.items()}


def _fetch() -> None:
    wanted = (HERE / "package-lock.json").read_bytes()
    done = FETCHED / "node_modules" / ".complete"
    if done.exists() and done.read_bytes() == wanted:
        return
    FETCHED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, FETCHED / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(["npm", "ci", *quiet], cwd=FETCHED, check=True)
    done.write_bytes(wanted)


def _openapi(name: str, document: str) -> int:
    file = FETCHED / f"{name}.json"
    file.write_text(document, encoding="utf-8")
    spectral = FETCHED / "node_modules" / ".bin" / "spectral"
    how = ["--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint"]
    return subprocess.run([spectral, "lint", *how, file], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
