"""Numbers that are in the database and on the disk, told when they are asked for."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from background_tasks.jobs import JOBS
from background_tasks.models import State
from background_tasks.selectors import last_runs, last_successes
from documents import selectors as documents
from documents.leases import versions_pending
from rag.followers import followers
from users import selectors as users


def gauge(name: str, told: str, value: float | None = None, labels: Sequence[str] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"grounded_{name}", told, value=value, labels=labels or None)


def database_facts() -> list[Metric]:
    """A few queries, each by an index or on a small table."""
    return [*_queue(), *_mails(), *_indexes(), *_jobs()]


def _queue() -> Iterator[Metric]:
    pending = versions_pending()
    yield gauge("pending_versions", "Versions of documents that wait to be indexed, or are being.", pending.number)
    yield gauge("pending_oldest_seconds", "Since the oldest of them was handed in.", _since(pending.oldest))


def _mails() -> Iterator[Metric]:
    mails = users.mails_waiting()
    yield gauge("mails_waiting", "Mails that are to be sent.", mails.number)
    yield gauge("mails_oldest_seconds", "For how long one of them is overdue.", _since(mails.oldest))


def _indexes() -> Iterator[Metric]:
    now = documents.point()
    lag = gauge(
        "index_lag_revisions", "Revisions that an index is behind; all of them: it is to be built.", None, ["index"]
    )
    for follower in followers():
        behind = follower.lag(now)
        lag.add_metric([follower.name], now.revision if behind is None else behind)
    yield lag
    yield gauge("revision", "The present revision of what is published.", now.revision)


def _jobs() -> Iterator[Metric]:
    success = gauge("job_last_success_timestamp_seconds", "When a job was last done.", None, ["task"])
    start = gauge("job_last_start_timestamp_seconds", "When a job was last begun.", None, ["task"])
    failed = gauge("job_failed", "1 if the last run of a job that has ended failed.", None, ["task"])
    duration = gauge("job_duration_seconds", "How long its last run that has ended took.", None, ["task"])
    known = gauge("job_known", "The jobs there are.", None, ["task"])
    recent, done = last_runs([job.name for job in JOBS]), last_successes()
    for name, runs in recent.items():
        known.add_metric([name], 1)
        if at := done.get(name):
            success.add_metric([name], at.timestamp())
        if runs:
            start.add_metric([name], runs[0].started_at.timestamp())
        for run in runs:
            if run.ended_at:  # of a job one at most has not
                failed.add_metric([name], run.state == State.FAILED)
                duration.add_metric([name], (run.ended_at - run.started_at).total_seconds())
                break
    return iter((known, start, success, failed, duration))


def disk_facts() -> list[Metric]:
    try:
        usage = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return []
    return [
        gauge("data_free_bytes", "Room that is left where DATA_DIR lies.", usage.free),
        gauge("data_size_bytes", "All the room there.", usage.total),
    ]


def _since(moment: datetime | None) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0
