"""All numbers of this machine, in Prometheus's format."""

import logging
import time
from collections.abc import Callable, Iterable

from django.conf import settings
from filelock import Timeout
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from background_tasks.monitoring.facts import database_facts, disk_facts, gauge
from utils.deadline import Asked
from utils.metric_files import collected

logger = logging.getLogger(__name__)
_SECONDS, _KEPT = 2.0, 10.0
"""A scrape waits so long for the database, and does not ask it again for so long."""
DATABASE = Asked(database_facts, seconds=_SECONDS, kept=_KEPT)


class _Collected(Collector):
    def __init__(self, told: Callable[[], Iterable[Metric]]) -> None:
        self.collect = told  # type: ignore[method-assign]

    def collect(self) -> Iterable[Metric]:
        raise NotImplementedError


def exposition(accept: str) -> tuple[bytes, str]:
    """The text and its content type. What cannot be had in time is left out, and said to be."""
    registry = CollectorRegistry(auto_describe=False)
    found = [*_processes(), *disk_facts(), *_database()]
    registry.register(_Collected(lambda: found))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _processes() -> list[Metric]:
    try:
        metrics, roles = collected(settings.METRICS_DIR)
    except (OSError, Timeout) as error:
        logger.warning("The numbers of processes cannot be read: %s", type(error).__name__)
        return []
    alive = gauge("processes", "Processes of this machine that live, by what they do.", None, ["role"])
    for role, count in roles.items():
        alive.add_metric([role], count)
    return [*metrics, alive]


def _database() -> list[Metric]:
    began = time.perf_counter()
    try:
        facts, up = DATABASE.result(), 1
    except Exception as error:  # whatever it is, the other numbers are told
        logger.warning("The database does not tell its numbers: %s", type(error).__name__)
        facts, up = [], 0
    asked = gauge(
        "database_asked_seconds", "How long this scrape waited for the database.", time.perf_counter() - began
    )
    return [
        *facts,
        asked,
        gauge("database_up", "0: the database did not answer in time, and its numbers are left out.", up),
    ]
