"""Whether everything works: each part of the product is used once, from the outside, until it does."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.faults.ledger import Ledger
from benchmarks.faults.load import QUESTIONS, TOPICS, Failed, Person

_EVERY = 0.2
_SLOW = 12.0
"""Seconds after which the ledger gets a line of what is found instead."""


def recovery(ledger: Ledger, most: float) -> dict[str, float]:
    """After how many seconds each part worked; infinity: not within ``most``."""
    probes: dict[str, Callable[[], object]] = {
        "ready": lambda: _ready(ledger),
        "log in": lambda: _logged_in(ledger, "prober"),
        "chat": lambda: _answered(ledger, streamed=False),
        "stream": lambda: _answered(ledger, streamed=True),
        "index": lambda: _indexed(ledger, most),
        "job": lambda: _job_run(ledger, most),
    }
    began = time.monotonic()

    def until_it_works(probe: Callable[[], object]) -> float:
        while time.monotonic() - began < most:
            try:
                probe()
            except Failed:
                time.sleep(_EVERY)
            else:
                return time.monotonic() - began
        return float("inf")

    with ThreadPoolExecutor(len(probes)) as pool:
        found = {name: pool.submit(until_it_works, probe) for name, probe in probes.items()}
        return {name: took.result() for name, took in found.items()}


def _ready(ledger: Ledger) -> None:
    Person(ledger, "prober").call("ready", "GET", "/api/ready/", 200)


def _logged_in(ledger: Ledger, name: str) -> Person:
    person = Person(ledger, name)
    person.log_in()
    return person


def _answered(ledger: Ledger, *, streamed: bool) -> None:
    person, key = _logged_in(ledger, "prober"), uuid.uuid4().hex
    answer = person.stream(QUESTIONS[0], key) if streamed else person.ask(QUESTIONS[1], key)
    if answer["status"] != "complete":
        raise Failed(answer["status"])


def _indexed(ledger: Ledger, most: float) -> None:
    editor, name = _logged_in(ledger, "editor"), f"probe-{uuid.uuid4().hex[:12]}"
    word = uuid.uuid4().hex
    text = f"{TOPICS['garden']} The password of the shed is {word}."
    key = editor.upload(name, text)
    began = time.monotonic()
    told = False
    while time.monotonic() - began < most:
        # Once accepted it is not handed in again: it has to come by itself.
        try:
            found = editor.call("search", "GET", "/api/rag/search/", 200, params={"q": f"password shed {word}"}).json()
            if any(hit["document_id"] == key and word in hit["text"] for hit in found["results"]):
                return
            if not told and time.monotonic() - began > _SLOW:
                told = True
                hits = [(hit["title"], round(hit["score"], 2)) for hit in found["results"]]
                versions = editor.call("versions", "GET", f"/api/documents/{key}/versions/", 200).json()
                states = [row.get("state") for row in versions.get("results", versions)]
                ledger.acknowledged("slow", name, [found["mode"], hits, states])
        except Failed:
            editor.log_in()
        time.sleep(_EVERY)
    raise Failed("not indexed")


def _job_run(ledger: Ledger, most: float) -> None:
    admin = _logged_in(ledger, "admin")
    run = admin.call("job", "POST", "/api/jobs/tokens/run/", 202).json()["id"]
    until = time.monotonic() + most
    while time.monotonic() < until:
        try:
            jobs = admin.call("job", "GET", "/api/jobs/", 200, params={"page_size": 100}).json()
            rows = jobs["results"] if isinstance(jobs, dict) else jobs
            runs = next(job["last_runs"] for job in rows if job["name"] == "tokens")
            # Where a clock was a day ahead there are later runs than this one: then it is enough that none is open.
            known = [row for row in runs if row["id"] == run]
            if all(row["state"] == "done" for row in known or runs):
                return
        except Failed:
            admin.log_in()
        time.sleep(_EVERY)
    raise Failed("no run")
