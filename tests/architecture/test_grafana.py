"""The dashboard and the alerts name only what the services give."""

import json
import re
from pathlib import Path

import pytest
import yaml

from services.cli import USAGE
from services.config import shown

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
SOURCES = "".join(path.read_text() for part in ("services", "shared") for path in (ROOT / part).rglob("*.py"))
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
COMMANDS = {line.split("  ")[1].rsplit(" FOLDER")[0] for line in USAGE.splitlines() if line.startswith("  ")}
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


def test_the_dashboard_is_json_and_every_alert_names_a_runbook_that_is_there() -> None:
    assert json.loads((GRAFANA / "dashboard.json").read_text())["panels"]
    groups = yaml.safe_load((GRAFANA / "alerts.yml").read_text())["groups"]
    runbooks = {rule["alert"]: rule["annotations"]["runbook"] for group in groups for rule in group["rules"]}
    assert all((ROOT / runbook).is_file() for runbook in runbooks.values())
    assert {path.name for path in RUNBOOKS} == {Path(runbook).name for runbook in runbooks.values()}


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.name)
def test_a_runbook_names_only_commands_metrics_alerts_settings_and_pages_that_are_there(runbook: Path) -> None:
    text = runbook.read_text()
    commands = set(re.findall(r"coursewatch ((?:[a-z]+ )?[a-z]+)", text))
    commands |= set(re.findall(r"docker compose run --rm --no-deps consumer ([a-z]+ [a-z]+)", text))
    assert commands <= COMMANDS
    assert named(text) <= GIVEN
    alerts = (GRAFANA / "alerts.yml").read_text()
    assert all(f"alert: {alert}\n" in alerts for alert in re.findall(r"Coursewatch[A-Z][A-Za-z]+", text))
    assert set(re.findall(r"COURSEWATCH_[A-Z_]+", text)) <= {setting.name for setting in shown({})}
    assert all((runbook.parent / page).is_file() for page in re.findall(r"\]\((.+?)\)", text))


def test_every_runbook_says_what_it_means_for_patients_and_how_it_ends_on_one_page() -> None:
    for path in RUNBOOKS:
        text = path.read_text()
        parts = re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE)
        assert parts == [
            "What you see.",
            "What it means for patients.",
            "What to do.",
            "How to know that it is over.",
        ], path.name
        assert len(text.splitlines()) < 50, path.name


def test_every_runbook_that_a_sentence_of_the_services_names_is_there() -> None:
    names = set(re.findall(r"docs/runbooks/[a-z-]+\.md", SOURCES))
    assert names
    assert all((ROOT / name).is_file() for name in names)
