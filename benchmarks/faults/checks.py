"""At the end: what was acknowledged is compared with the database and the API, and nothing is left half done."""

import time
from collections.abc import Iterable
from typing import Any

import psycopg

from benchmarks.faults.ledger import Ledger
from benchmarks.faults.load import Failed, Person
from benchmarks.faults.stack import POSTGRES, PROVIDER_SECONDS, Stack

SETTLED_WITHIN = PROVIDER_SECONDS + 60 + 30
"""An answer whose server was killed counts as interrupted a minute after a provider's time; some seconds are for idle
workers to come by."""
_STUCK = {
    "answers that nobody writes": "SELECT count(*) FROM chat_message WHERE status = 'streaming'",
    "versions that nobody indexes": (
        "SELECT count(*) FROM documents_version WHERE state IN"
        " ('queued', 'loading', 'splitting', 'embedding', 'publishing')"
    ),
    "job runs that nobody ends": (
        "SELECT count(*) FROM background_tasks_jobrun WHERE state IN ('asked', 'running')"
        " AND started_at < now() - interval '1 minute'"
    ),
}
_TWICE = {
    "questions": "SELECT content FROM chat_message WHERE sender_type = 'user' GROUP BY content HAVING count(*) > 1",
    "documents": "SELECT source_uri FROM documents_document GROUP BY source_uri HAVING count(*) > 1",
    "versions": "SELECT document_id FROM documents_version GROUP BY document_id HAVING count(*) > 1",
    "passages": "SELECT version_id FROM documents_chunk GROUP BY version_id, position HAVING count(*) > 1",
    "answers": "SELECT parent_id FROM chat_message WHERE sender_type = 'bot' GROUP BY parent_id HAVING count(*) > 1",
}
_SAMPLE = 60


def settled(most: float = SETTLED_WITHIN) -> dict[str, int]:
    """What is stuck after so many seconds, by kind; empty: nothing."""
    until = time.monotonic() + most
    while True:
        stuck = {name: number for name, query in _STUCK.items() if (number := int(_rows(query)[0][0]))}
        if not stuck or time.monotonic() > until:
            return stuck
        time.sleep(1)


def faults_found(stack: Stack, ledger: Ledger) -> list[str]:
    """One line for each thing that is not as it was acknowledged."""
    found = [f"stuck: {number} {name}" for name, number in settled().items()]
    found += [f"twice: {name} {row[0]}" for name, query in _TWICE.items() for row in _rows(query)]
    found += [*_accounts(ledger), *_messages(ledger), *_ratings(ledger), *_documents(ledger), *_over_http(ledger)]
    audit = stack.manage("verify_audit", check=False)
    if audit.returncode:
        found.append(f"the audit trail is not whole: {audit.stdout[-300:]}{audit.stderr[-300:]}")
    integrity = stack.manage("check_index", check=False)
    if integrity.returncode:
        found.append(f"the indexes do not agree: {integrity.stdout[-2000:]}{integrity.stderr[-300:]}")
    return found


def _rows(query: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(f"host=127.0.0.1 port={POSTGRES} user=postgres", autocommit=True) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def _accounts(ledger: Ledger) -> Iterable[str]:
    there = {row[0] for row in _rows("SELECT username FROM users_user")}
    return [f"lost: account {name}" for name in ledger.kept["account"] if name not in there]


def _messages(ledger: Ledger) -> Iterable[str]:
    there = {str(row[0]): row for row in _rows("SELECT id, content, status, sender_type FROM chat_message")}
    for key, told in ledger.kept["message"].items():
        question, answer = there.get(told["question"]), there.get(told["answer"])
        if not question or key not in question[1]:
            yield f"lost: question {key}"
        if not answer:
            yield f"lost: answer to {key}"
        elif (answer[1], answer[2]) != (told["content"], told["status"]):
            yield f"changed: answer to {key}: {told['status']} {told['content'][:60]!r}: {answer[2]} {answer[1][:60]!r}"
    for answer in ledger.kept["begun"]:
        if answer not in there:
            yield f"lost: answer {answer}, which had begun"


def _ratings(ledger: Ledger) -> Iterable[str]:
    there = {str(row[0]): row[1] for row in _rows("SELECT message_id, rating FROM chat_feedback")}
    kept = ledger.kept["feedback"].items()
    return [f"lost: rating {value} of {key}" for key, value in kept if there.get(key) != value]


def _documents(ledger: Ledger) -> Iterable[str]:
    there = {str(row[0]) for row in _rows("SELECT id FROM documents_document WHERE published_id IS NOT NULL")}
    all_of_them = {str(row[0]) for row in _rows("SELECT id FROM documents_document")}
    for source, key in ledger.kept["document"].items():
        if source in ledger.kept["removed"]:
            if key in all_of_them:
                yield f"back: {source}"
        elif source not in ledger.kept["going"] and key not in there:
            states = _rows("SELECT state, error_code, attempts FROM documents_version WHERE document_id = %s", key)
            yield f"lost: {source}, {states}"


def _over_http(ledger: Ledger) -> Iterable[str]:
    """Some of the answers, as their askers read them."""
    people: dict[str, Person] = {}
    for told in list(ledger.kept["message"].values())[:: max(1, len(ledger.kept["message"]) // _SAMPLE)]:
        person = people.setdefault(told["by"], Person(ledger, told["by"]))
        try:
            person.log_in()
            read = person.call("read", "GET", f"/api/chat/messages/{told['answer']}/", 200).json()
        except Failed as failed:
            yield f"not read: {told['answer']}: {failed}"
            continue
        if read["content"] != told["content"]:
            yield f"changed: {told['answer']}"
