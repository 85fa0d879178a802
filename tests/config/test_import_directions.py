"""Rooms import one way, as the contracts in pyproject.toml say."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once


def test_no_room_imports_one_above_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_one_module_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(settings.BASE_DIR))
        for room in ("config", "users", "documents", "rag", "chat", "learning", "background_tasks", "utils")
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    # The entry points name the settings module; evaluate hands its environment on to itself, the sandbox parts of it.
    assert readers == {
        "config/env.py",
        "config/asgi.py",
        "config/wsgi.py",
        "documents/sandbox.py",
        "rag/evaluation/scratch.py",
    }
