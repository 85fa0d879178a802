"""A worker syncs sources beside the indexing: a site that is slow keeps nobody's upload waiting."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from documents.models import Source
from tests.documents.sources.conftest import AddSource
from tests.knowledge import LOANS
from tests.loopback.website import Website

pytestmark = pytest.mark.django_db(transaction=True)

_WORKER = """
import json, pathlib, sys, threading, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.RAG["INDEX_DIR"] = pathlib.Path(sys.argv[2])
settings.MEDIA_ROOT = sys.argv[3]
settings.SOURCES = json.loads(sys.argv[4])
django.setup()
from django.core.management import call_command
from documents.models import Document, Source

def tell():
    while not Document.objects.filter(published__isnull=False).exists():
        time.sleep(0.02)
    print("published", flush=True)
    while not Source.objects.filter(state="failed").exists():
        time.sleep(0.02)
    print("failed", flush=True)

threading.Thread(target=tell, daemon=True).start()
call_command("run_worker", poll=0.05)
"""


def test_a_site_that_does_not_answer_does_not_keep_a_document_waiting(
    site: Website, sources: dict[str, Any], add: AddSource, editor_client: APIClient
) -> None:
    site.fail_next("hang")
    add("website", site.url, interval=60)
    editor_client.post("/api/rag/index/", {"title": "Loans", "content": LOANS})
    folders = [str(settings.RAG["INDEX_DIR"]), str(settings.MEDIA_ROOT), json.dumps(sources, default=str)]
    worker = subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(connection.settings_dict["NAME"]), *folders],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout
    assert worker.stdout.readline() == "published\n"
    assert Source.objects.get().state != "failed"
    site.stop()
    assert worker.stdout.readline() == "failed\n"
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=120)
    assert worker.returncode == 0
    assert Source.objects.get().error_code == "source_unavailable"
