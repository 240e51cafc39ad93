"""The dashboard and the alerts name only what the services give."""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
SOURCES = "".join(path.read_text() for part in ("services", "shared") for path in (ROOT / part).rglob("*.py"))
GIVEN = set(re.findall(r'"(coursewatch_[a-z_]+)"', SOURCES))


def named(text: str) -> set[str]:
    """Metrics as Prometheus queries name them, without what its client adds to a counter's or a histogram's name."""
    return {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in re.findall(r"coursewatch_[a-z_]+", text)}


@pytest.mark.parametrize("file", ["dashboard.json", "alerts.yml"])
def test_every_metric_that_is_asked_for_is_given(file: str) -> None:
    asked = named((GRAFANA / file).read_text())
    assert asked
    assert asked <= GIVEN
    assert not named("rate(coursewatch_metric_of_tomorrow_total[5m])") <= GIVEN


def test_the_dashboard_is_json_and_every_runbook_that_an_alert_names_is_there() -> None:
    assert json.loads((GRAFANA / "dashboard.json").read_text())["panels"]
    groups = yaml.safe_load((GRAFANA / "alerts.yml").read_text())["groups"]
    runbooks = [rule["annotations"].get("runbook") for group in groups for rule in group["rules"]]
    assert all((ROOT / runbook).is_file() for runbook in runbooks if runbook)
    assert any(runbooks)


def test_every_runbook_that_a_sentence_of_the_services_names_is_there() -> None:
    names = set(re.findall(r"docs/runbooks/[a-z-]+\.md", SOURCES))
    assert names
    assert all((ROOT / name).is_file() for name in names)
