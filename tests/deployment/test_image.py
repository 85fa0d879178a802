"""The image's own steps make what serves, from what .dockerignore leaves, and nothing in it is written afterwards."""

import os
import signal
from pathlib import Path

import pytest

from tests.deployment.image import Image, instructions, packed
from tests.deployment.machine import free_port
from tests.serving import soon

pytestmark = pytest.mark.once  # what it serves keeps its data in a file of its own
KEYS = {
    "SECRET_KEY": "Vq3-one-key-of-a-test-7Tz_that-guards-nothing-8Wm_and-is-long-enough-2Kd",
    "JWT_SIGNING_KEY": "Hb5-another-key-of-a-test-4Rx_that-signs-nothing-9Pn_and-is-long-too-6Lf",
    "ALLOWED_HOSTS": "site.example",
    "GUNICORN_CMD_ARGS": "",
    "WEB_CONCURRENCY": "1",
}


def test_only_what_runs_is_packed() -> None:
    tops = {path.parts[0] for path in packed()}
    assert not tops & {"tests", "benchmarks", "docs", "var", ".git", ".env", ".venv"}
    assert {"manage.py", "config", "documents"} <= tops
    assert not [path for path in packed() if path.parts[:2] == ("deploy", "secrets")]


def test_no_secret_is_in_a_step() -> None:
    assert not [rest for word, rest in instructions() if word in ("ENV", "ARG") and ("KEY" in rest or "PASSW" in rest)]


@pytest.mark.skipif(os.name != "posix", reason="gunicorn")
def test_the_image_serves_and_says_so_and_writes_nothing_into_itself(tmp_path: Path) -> None:
    image = Image(tmp_path, port=free_port())
    assert image.user == "10001:10001"
    before = files(image.app)
    assert any("staticfiles.json" in str(path) for path in before)
    assert any(path.suffix == ".onnx" for path in before)
    image.environment |= KEYS
    assert image.run(image.healthy).wait() == 1  # nothing answers yet
    server = image.run(image.command)
    try:
        soon(lambda: image.run(image.healthy).wait() == 0, seconds=60)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
    assert files(image.app) == before


def files(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*") if path.is_file()}
