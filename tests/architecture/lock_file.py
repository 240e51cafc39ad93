"""Holds the lock files to pyproject.toml: every dependency pinned with hashes, and no address of an index."""

import re
import sys
import tomllib

from tests.real_parts.machine import ROOT

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==([^ ;\\]+)")


def complaints(lock: str, wanted: set[str]) -> list[str]:
    """What is wrong with the lock file, one sentence each."""
    entries = re.split(r"\n(?=\S)", lock.replace("\\\n", " ").strip())
    found = []
    pinned = set()
    for entry in entries:
        pin = PIN.match(entry)
        if pin is None:
            found.append(f"not a pinned requirement: {entry[:60]}")
            continue
        pinned.add(_canonical(pin[1]))
        if "--hash=sha256:" not in entry:
            found.append(f"{pin[1]} has no hash")
    if "://" in lock or "--index" in lock or "--find-links" in lock:
        found.append("the lock file names an address; requirements come from the machine's own index")
    found += [f"{name} is in pyproject.toml and not in the lock file" for name in sorted(wanted - pinned)]
    return found


def declared(*extras: str) -> set[str]:
    """The canonical names of the dependencies in pyproject.toml, with those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return {_canonical(match[0]) for lines in lists for line in lines if (match := NAME.match(line))}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    runtime = ("course", "monitoring", "kafka")
    everything = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    image = (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8")
    wrong = [f"requirements.lock: {sentence}" for sentence in complaints(everything, declared(*runtime, "dev"))]
    wrong += [f"deploy/requirements.lock: {sentence}" for sentence in complaints(image, declared(*runtime))]
    if not set(image.splitlines()) <= set(everything.splitlines()):
        wrong.append("deploy/requirements.lock: it differs from requirements.lock; run `make lock`")
    sys.stderr.writelines(f"{sentence}\n" for sentence in wrong)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
