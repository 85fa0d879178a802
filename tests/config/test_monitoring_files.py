"""The dashboard and the alerts in deploy/ name metrics that there are, in expressions that can be read."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from django.conf import settings

from background_tasks.monitoring.exposition import _database, _processes
from background_tasks.monitoring.facts import database_facts, disk_facts
from utils import metrics

DEPLOY = Path(settings.BASE_DIR) / "deploy"
RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "grounded.json").read_text())
PAGE = Path(settings.BASE_DIR) / "documents" / "library" / "guide" / "monitor.md"
_SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")


@cache
def exported() -> dict[str, set[str]]:
    """Name of each metric → names of its series."""
    metrics.retries.labels("store", "pinecone")  # so that a process is there
    told = [*metrics.REGISTRY.collect(), *database_facts(), *disk_facts(), *_database(), *_processes()]
    return {metric.name: {metric.name + suffix for suffix in _SUFFIXES[metric.type]} for metric in told}


@pytest.mark.parametrize(("name", "expression"), list(expressions()))
def test_an_expression_can_be_read_and_names_what_there_is(name: str, expression: str) -> None:
    promql_parser.parse(expression)
    series = set[str]().union(*exported().values()) | {"grounded_processes"}
    named = set(re.findall(r"\bgrounded_\w+", expression))
    assert named <= series, f"{name}: {named - series}"
    assert named or "up{" in expression


def test_each_panel_has_a_place_of_its_own() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


def test_each_alert_says_what_it_is_about_and_the_handbook_what_to_do() -> None:
    page = PAGE.read_text()
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert f"`{rule['alert']}`" in page


def test_the_handbook_lists_every_metric_and_no_other() -> None:
    listed = set(re.findall(r"`(grounded_\w+)`", PAGE.read_text()))
    there = {name if name in series or len(series) > 1 else series.pop() for name, series in exported().items()}
    assert listed == there | {"grounded_processes"}
