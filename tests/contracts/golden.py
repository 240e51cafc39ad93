"""The golden examples and the committed schemas, for tests of both services."""

import json
from pathlib import Path
from typing import Any

V1 = Path(__file__).parents[2] / "shared" / "contracts" / "v1"
EXAMPLES = sorted(path.stem for path in (V1 / "examples").glob("*.json"))


def example(name: str) -> bytes:
    """A feed item as compact JSON in the order in which it was written."""
    return json.dumps(
        json.loads((V1 / "examples" / f"{name}.json").read_text()), separators=(",", ":"), ensure_ascii=False
    ).encode()


def schema(name: str) -> dict[str, Any]:
    """A committed JSON Schema."""
    loaded: dict[str, Any] = json.loads((V1 / "schemas" / f"{name}.json").read_text())
    return loaded
