"""The numbers of several processes are told together, whatever becomes of the processes."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import mmap_key
from pytest_django import Settings

from utils import metric_files, metrics

_COUNTER = """
import sys
import django
from django.conf import settings
django.setup()
from pathlib import Path
settings.METRICS_DIR = Path(sys.argv[1])
from utils import metrics
from utils.metric_files import process_register
process_register(sys.argv[2])
for line in sys.stdin:
    metrics.retries.labels("store", "pinecone").inc(int(line))
    metrics.stages.labels("dense").observe(0.02)
    metrics.streams_open.labels("api/chat").inc()
    print("done", flush=True)
"""


class Counting:
    """A process of its own that counts what it is told."""

    def __init__(self, folder: Path, role: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _COUNTER, str(folder), role],
            cwd=django_settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def count(self, number: int) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.METRICS_DIR = tmp_path / "numbers"
    yield settings.METRICS_DIR
    metric_files._leave()


def value(found: list[Metric], name: str, **labels: str) -> float | None:
    """The sum, whatever other labels there are; None where there is nothing of it."""
    values = [
        sample.value
        for metric in found
        for sample in metric.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(values) if values else None


RETRIES = "grounded_provider_retries_total"


def test_two_processes_and_this_one_add_up_and_a_killed_one_stays_counted(folder: Path) -> None:
    one, two = Counting(folder, "one"), Counting(folder, "two")
    try:
        one.count(3)
        two.count(4)
        metrics.retries.labels("store", "pinecone").inc()
        found, roles = metric_files.collected(folder)
        assert value(found, RETRIES) == 8
        assert value(found, "grounded_retrieval_stage_seconds_count", stage="dense") == 2
        assert value(found, "grounded_http_streams_open") == 2
        assert (roles["one"], roles["two"]) == (1, 1)
        one.kill()
        found, roles = metric_files.collected(folder)
        assert value(found, RETRIES) == 8
        assert value(found, "grounded_retrieval_stage_seconds_count", stage="dense") == 2
        assert value(found, "grounded_retrieval_stage_seconds_bucket", stage="dense", le="+Inf") == 2
        assert value(found, "grounded_http_streams_open") == 1
        assert "one" not in roles
        assert not list(folder.glob("*.one.process"))
        two.count(1)
        assert value(metric_files.collected(folder)[0], RETRIES) == 9
    finally:
        one.kill()
        two.kill()


def died(folder: Path, number: float) -> None:
    """This process counts, and is gone as if it had been killed; it comes back as another."""
    metrics.retries.labels("store", "pinecone").inc(number)
    metric_files._leave()


def test_files_do_not_grow_in_number_with_restarts(folder: Path) -> None:
    for _ in range(20):
        died(folder, 1)
    found, roles = metric_files.collected(folder)
    assert value(found, RETRIES) == 20
    assert roles == {}
    assert {path.name for path in folder.iterdir()} <= {"counter_past.db", "histogram_past.db", "lock"}


@pytest.mark.parametrize("step", range(1, 12))
def test_whoever_is_killed_while_adding_up_loses_and_doubles_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    died(folder, 5)
    metric_files.collected(folder)
    died(folder, 2)
    steps = 0

    class Killed(BaseException):
        pass

    def counted(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == step:
                raise Killed
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patched:
        for name in ("replace", "unlink", "write_text"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        with suppress(Killed):
            metric_files.collected(folder)
    assert value(metric_files.collected(folder)[0], RETRIES) == 7
    assert value(metric_files.collected(folder)[0], RETRIES) == 7


def test_a_plan_that_did_not_reach_the_disk_and_empty_files_do_no_harm(folder: Path) -> None:
    died(folder, 5)
    (folder / "plan.json").write_text("")
    (folder / "counter_torn.db").touch()
    assert value(metric_files.collected(folder)[0], RETRIES) == 5


def test_where_nothing_can_be_written_nothing_fails(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_files, "_given_up", False)
    (tmp_path / "file").touch()
    settings.METRICS_DIR = tmp_path / "file" / "numbers"
    metrics.retries.labels("store", "pinecone").inc()
    metrics.retries.labels("store", "never seen before").inc()
    assert metric_files.collected(settings.METRICS_DIR) == ([], {})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes, where this machine lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("no file system can be mounted")
    yield place
    metric_files._leave()
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_kills_nobody(settings: Settings, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_files, "_given_up", False)
    settings.METRICS_DIR = small_disk / "numbers"
    dead = Counting(settings.METRICS_DIR, "one")
    try:
        dead.count(3)
    finally:
        dead.kill()
    metrics.retries.labels("store", "pinecone").inc(4)
    with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    assert value(metric_files.collected(settings.METRICS_DIR)[0], RETRIES) == 7  # nobody had room to add them up
    assert metric_files._process
    counters = metric_files._process.file("counter")
    with suppress(OSError):
        for number in itertools.count():
            metric_files._put(counters, mmap_key("filler", "filler_total", ["number"], [str(number)], ""), 1.0)
    metrics.retries.labels("store", "one more").inc()
    assert metric_files._given_up
    (small_disk / "filler").unlink()
    assert value(metric_files.collected(settings.METRICS_DIR)[0], RETRIES, provider="pinecone") == 7


def test_a_process_after_a_fork_counts_for_itself(folder: Path) -> None:
    metrics.retries.labels("store", "pinecone").inc()
    child = os.fork()
    if not child:
        metrics.retries.labels("store", "pinecone").inc(2)
        os._exit(0)
    os.waitpid(child, 0)
    assert value(metric_files.collected(folder)[0], RETRIES) == 3
