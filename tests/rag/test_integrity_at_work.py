"""A check beside a worker: what changes meanwhile is no fault. And the daily checks."""

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from documents.models import Chunk, Document
from documents.publishing import document_delete
from rag.boundaries import lexical_index
from rag.integrity.checking import index_check, nightly_check, shared_check
from rag.models import IndexCheck
from tests.knowledge import HOURS, LOANS, submit

NIGHT = datetime(2026, 11, 21, 2, 30, tzinfo=ZoneInfo("UTC"))


@pytest.mark.django_db(transaction=True)
def test_what_is_published_and_deleted_during_a_check_is_no_fault(editor_client: APIClient) -> None:
    submit(editor_client, "Hours", HOURS)
    stop = threading.Event()
    faults: list[object] = []
    checks = 0

    def keep_checking() -> None:
        nonlocal checks
        while not stop.is_set():
            faults.extend((row.index, row.report) for row in index_check(repair=False, settle=0) if row.faults)
            checks += 1
        connection.close()

    thread = threading.Thread(target=keep_checking)
    thread.start()
    try:
        for number in range(8):
            submit(editor_client, f"Loans {number % 3}", LOANS.replace("seven", f"{number + 10}"))
            if number % 2:
                document_delete(document=Document.objects.get(title=f"Loans {number % 3}"))
    finally:
        stop.set()
        thread.join()
    assert checks > 2
    assert faults == []


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)


def test_the_nightly_check_mends_and_is_made_once_a_night(library: None, night: None) -> None:
    lexical_index().delete([Chunk.objects.values_list("pk", flat=True)[0]])
    rows = nightly_check()
    assert [(row.index, row.repaired) for row in rows if row.counts] == [("lexical", 1)]
    assert nightly_check() == []
    assert lexical_index().count() == Chunk.objects.count()


def test_what_all_machines_share_is_checked_once_for_a_slot_and_ended_where_it_was_left(library: None) -> None:
    IndexCheck.objects.create(index="files", claim=f"{NIGHT.isoformat()} files", ended=NIGHT)
    IndexCheck.objects.create(index="passages", claim=f"{NIGHT.isoformat()} passages")  # its process was killed
    assert shared_check(slot=NIGHT, stopped=lambda: True) == []
    assert [row.index for row in shared_check(slot=NIGHT, stopped=lambda: False)] == ["passages", "vectors"]
    assert shared_check(slot=NIGHT, stopped=lambda: False) == []
    assert len(shared_check(slot=NIGHT.replace(day=22), stopped=lambda: False)) == 3


def test_by_day_and_after_a_check_by_hand_there_is_no_nightly_one(
    library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT.replace(hour=14))
    assert nightly_check() == []
    index_check(repair=False)
    monkeypatch.setattr(timezone, "now", lambda: NIGHT.replace(day=22))
    assert nightly_check() == []
    monkeypatch.setattr(timezone, "now", lambda: NIGHT.replace(day=23))
    assert [row.index.partition("-")[0] for row in nightly_check()] == ["lexical", "vectors"]
