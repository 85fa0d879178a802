"""The files in deploy/ and beside it can be read by those they are for, and say the same things."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from config import gunicorn
from config.env import BASE_DIR
from config.example import example

DEPLOY = BASE_DIR / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
MANIFESTS = [
    manifest
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for manifest in yaml.safe_load_all(path.read_text())
]
KUBERNETES = "1.34"
OURS = ("migrate", "web", "worker", "scheduler")
COMMANDS = {"worker": "manage.py run_worker", "scheduler": "manage.py run_scheduler", "migrate": "manage.py migrate"}


def compose() -> dict[str, Any]:
    """As it is with the names that somebody sets."""
    text = re.sub(
        r"(?<!\$)\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}",
        lambda found: found[2] or "set",
        (BASE_DIR / "compose.yaml").read_text(),
    )
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def pods() -> dict[str, dict[str, Any]]:
    templates = {m["metadata"]["name"]: m["spec"]["template"] for m in MANIFESTS if "template" in m.get("spec", {})}
    return {name.removeprefix("grounded-"): template["spec"] for name, template in templates.items()}


def unit(name: str) -> str:
    return (DEPLOY / "systemd" / name).read_text()


def test_the_example_of_the_environment_is_what_the_settings_say() -> None:
    assert (BASE_DIR / ".env.example").read_text() == example(), "python -m config.example > .env.example"


def test_the_dockerfile_has_no_known_mistake() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "--failure-threshold", "warning", "Dockerfile"], cwd=BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_compose_reads_its_file() -> None:
    services = PyCompose.from_yaml(yaml.safe_dump(compose())).service_names()
    assert set(services) == {*OURS, "nginx", "postgres", "redis"}


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_a_container_can_do_no_more_than_it_must(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert not any("PASSWORD" in key and not key.endswith("_FILE") for key in service.get("environment", ()))


def test_every_secret_of_compose_is_made(tmp_path: Path) -> None:
    script = shutil.copy(DEPLOY / "make_secrets.py", tmp_path)
    for _ in range(2):
        subprocess.run([sys.executable, script], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    named = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert set(made) == named
    assert made["postgres_password"] in made["database_url"]
    assert len(set(made.values())) == len(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda found: f"{found['kind']}-{found['metadata']['name']}")
def test_kubernetes_takes_a_manifest(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_every_manifest_is_named() -> None:
    named = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    there = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert there - {*named} == {"kustomization.yaml", "autoscaling.yaml"}
    assert {*named} <= there


@pytest.mark.parametrize("name", sorted(pods()))
def test_a_pod_can_do_no_more_than_it_must(name: str) -> None:
    pod = pods()[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_systemd_reads_its_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if not program:
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("systemd-analyze is required: apt-get install systemd")
        pytest.skip("systemd-analyze is not installed")
    units = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(DEPLOY / "systemd", units)
    for name in ("bin/kill", "opt/grounded/current/.venv/bin/python"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    for name in ("sysinit", "basic", "shutdown", "network-online", "multi-user", "sockets"):
        (units / f"{name}.target").write_text("[Unit]\n")
    names = [path.name.replace("@.", "@1.") for path in UNITS]
    done = subprocess.run([program, "verify", f"--root={tmp_path}", "--man=no", *names], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_a_service_can_do_no_more_than_it_must(path: Path) -> None:
    text = path.read_text()
    for line in ("User=grounded", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in text


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_way_runs_the_same_command(name: str) -> None:
    services = {"worker": "grounded-worker@.service"}
    ways = (
        unit(services.get(name, f"grounded-{name}.service")),
        " ".join(compose()["services"][name]["command"]),
        " ".join(pods()[name]["containers"][0]["command"]),
    )
    assert all(COMMANDS[name] in way for way in ways)


def test_whoever_ends_the_server_waits_for_its_answers() -> None:
    limit = re.search(r"^TimeoutStopSec=(\d+)$", unit("grounded-web.service"), re.MULTILINE)
    assert limit
    assert int(limit[1]) > gunicorn.graceful_timeout
    assert int(compose()["services"]["web"]["stop_grace_period"].removesuffix("s")) > gunicorn.graceful_timeout
    pod = pods()["web"]
    before = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > before + gunicorn.graceful_timeout


def test_the_proxy_leaves_a_connection_before_the_server_does() -> None:
    kept = re.search(r"keepalive_timeout (\d+)s;", (DEPLOY / "nginx" / "grounded.conf").read_text())
    assert kept
    assert int(kept[1]) < gunicorn.keepalive
