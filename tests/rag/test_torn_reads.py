"""While versions are published and rolled back, a question meets one whole version or the other."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from documents.models import Question
from documents.selectors import collections_visible
from rag.retrieval import Mode, Scope, search
from tests.knowledge import hand_in, submit
from tests.thorough import times
from users.models import User

QUESTION = "Which rooms can be booked?"


def rooms(colour: str) -> str:
    """A text of several chunks, each of which says which version it is of."""
    return "# Rooms\n\n" + "\n\n".join(
        f"## Room {number}\n\nRoom {number} can be booked for a day. Its walls are {colour}, as all are this season."
        for number in range(6)
    )


@pytest.fixture
def document(editor_client: APIClient) -> str:
    """The address of a document with two versions of equally many chunks, the second one published."""
    made = submit(editor_client, "Rooms", rooms("red"))["documents"][0]
    address = f"/api/documents/{made['id']}/"
    hand_in(editor_client, address, rooms("blue"))
    return address


class Asker(threading.Thread):
    """Asks until it is told to stop, and notes what it met: the versions, and how many chunks."""

    def __init__(self, scope: Scope, mode: Mode) -> None:
        super().__init__()
        self.met: list[tuple[frozenset[int], int]] = []
        self.failure: Exception | None = None
        self._scope, self._mode, self._stopped, self._asked = scope, mode, threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                hits = search(query=QUESTION, scope=self._scope, top_k=20, mode=self._mode).hits
                self.met.append((frozenset(hit.chunk.version.number for hit in hits), len(hits)))
                self._asked.set()
        except Exception as error:
            self.failure = error
        finally:
            connection.close()

    def keep_up(self) -> None:
        """Wait until one more question has been answered."""
        self._asked.clear()
        assert self._asked.wait(30) or self.failure

    def stop(self) -> None:
        self._stopped.set()
        self.join()


@pytest.fixture
def askers(editor: User, document: str) -> Iterator[list[Asker]]:
    scope = Scope(frozenset(collections_visible(editor).values_list("pk", flat=True)))
    modes: tuple[Mode, ...] = ("hybrid", "lexical")
    threads = [Asker(scope, mode) for mode in modes]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("flips", "guarded"), [(times(200, everyday=40), False), (times(20, everyday=8), True)])
def test_no_question_meets_both_or_neither(
    editor_client: APIClient, document: str, askers: list[Asker], flips: int, guarded: bool
) -> None:
    if guarded:
        Question.objects.create(text="What is the boiling point of tungsten?", must_refuse=True)
    for flip in range(flips):
        answer = editor_client.post(f"{document}versions/{1 + flip % 2}/publish/")
        assert answer.status_code == 200, answer.content
        askers[flip % 2].keep_up()
    for asker in askers:
        asker.stop()
        assert asker.failure is None
        assert len(asker.met) >= flips / 2
        torn: list[Any] = [met for met in asker.met if len(met[0]) != 1]
        assert torn == []
        assert len({count for _, count in asker.met}) == 1
