"""`manage.py follow_indexes`: a machine that serves and has no worker keeps its indexes up to date."""

import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from rag import followers
from tests.commands.test_rebuild_index import search
from tests.knowledge import HOURS, LOANS, submit


@pytest.fixture
def far_behind(editor_client: APIClient, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """More was published than a question takes in, and this machine has none of it."""
    submit(editor_client, "Loans", LOANS)
    submit(editor_client, "Opening hours", HOURS)
    monkeypatch.setattr(followers, "_INLINE_LIMIT", 1)
    shutil.rmtree(Path(settings.RAG["INDEX_DIR"]))
    settings.RAG = {**settings.RAG}
    assert search(editor_client) == []


@pytest.mark.usefixtures("far_behind")
def test_it_brings_them_up_to_date(editor_client: APIClient, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("follow_indexes")
    assert "lexical: 3 passages." in capsys.readouterr().out
    assert search(editor_client)
