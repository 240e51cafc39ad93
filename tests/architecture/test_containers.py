"""What the containers may do, in the compose layout and on Kubernetes, and that the manifests are what they claim."""

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services.course import settings as course
from services.monitoring import settings as monitoring
from tests.real_parts.machine import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
FILES = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
MANIFESTS: list[dict[str, Any]] = [
    manifest for name in FILES for manifest in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))
]
DEPLOYMENTS = [manifest for manifest in MANIFESTS if manifest["kind"] == "Deployment"]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def named(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=named)
def test_a_manifest_is_what_the_schema_of_its_kind_says(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.37", strict=True)


def test_a_wrong_field_of_a_manifest_is_noticed() -> None:
    wrong = DEPLOYMENTS[0] | {"spec": DEPLOYMENTS[0]["spec"] | {"replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.37", strict=True)


def test_every_manifest_file_is_applied() -> None:
    assert {file.name for file in FOLDER.glob("*.yaml")} == {*FILES, "kustomization.yaml"}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_a_pod_is_as_restricted_as_the_pod_security_standard_asks(deployment: dict[str, Any]) -> None:
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all(set(volume) - {"name"} == {"emptyDir"} for volume in pod["volumes"])
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


def test_ports_and_settings_are_those_of_the_services() -> None:
    (config,) = [manifest["data"] for manifest in MANIFESTS if manifest["kind"] == "ConfigMap"]
    env = config | {
        "COURSEWATCH_COURSE_DB": "postgresql://u@db/course",
        "COURSEWATCH_MONITORING_DB": "postgresql://u@db/m",
    }
    one, other = course.from_environment(env), monitoring.from_environment(env)
    asked = {
        "course": one.port,
        "relay": one.relay_port,
        "monitoring": other.port,
        "consumer": other.consumer_port,
    }
    served = {
        deployment["metadata"]["name"]: deployment["spec"]["template"]["spec"]["containers"][0]["ports"][0][
            "containerPort"
        ]
        for deployment in DEPLOYMENTS
    }
    assert served == asked
    known = {setting.name for setting in (*course.SETTINGS, *monitoring.SETTINGS)}
    assert set(env) <= known


def test_a_disruption_leaves_one_of_each() -> None:
    kept = {manifest["metadata"]["name"] for manifest in MANIFESTS if manifest["kind"] == "PodDisruptionBudget"}
    assert kept == {deployment["metadata"]["name"] for deployment in DEPLOYMENTS}
    assert all(deployment["spec"]["replicas"] >= 2 for deployment in DEPLOYMENTS)


def test_no_file_holds_a_secret_and_every_image_has_a_tag() -> None:
    assert "Secret" not in {manifest["kind"] for manifest in MANIFESTS}
    for name in FILES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert "://coursewatch:" not in text
        assert all(re.search(r":[\w.-]+$", image) and not image.endswith(":latest") for image in images(text))
    assert all(":" in service["image"] for name, service in COMPOSE.items() if name in {"db", "kafka"})


def images(text: str) -> list[str]:
    return re.findall(r"^\s*image: (\S+)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", COMPOSE)
def test_a_service_of_the_compose_layout_runs_confined_and_tells_its_health(name: str) -> None:
    service = COMPOSE[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "healthcheck", "tmpfs"} <= set(service)
    assert service.get("user", "the image's") != "root"
