"""What a kept answer saves: python -m benchmarks.caching [--rounds 5]

On the handbook, in a throw-away installation: ten questions answered anew and then from the cache, by this machine
alone and by a stand-in for Mistral that takes half a second to answer. With REDIS_URL against that server.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.scratch"
os.environ["MODEL_DIR"] = os.environ.get("MODEL_DIR", str(Path(__file__).parent.parent / "var" / "models"))
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="caching-")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test.utils import override_settings  # noqa: E402

from documents.models import Collection  # noqa: E402
from rag.answering import Done, answering  # noqa: E402
from rag.caching import cached  # noqa: E402
from rag.retrieval import Scope  # noqa: E402
from tests.loopback.mistral import LoopbackMistral  # noqa: E402
from tests.loopback.server import Failure  # noqa: E402
from utils.waiting import stepped  # noqa: E402

QUESTIONS = (
    "How do I index a PDF?",
    "How do I change the threshold?",
    "What is a collection?",
    "How do I make an account?",
    "How long do access tokens live?",
    "Can I use Pinecone?",
    "How do I roll back a version?",
    "What is a golden question?",
    "How are answers made?",
    "How do I check the indexes?",
)


def _milliseconds(question: str, scope: Scope, *, fresh: bool) -> float:
    started = time.perf_counter()
    *_, done = stepped(cached(answering, fresh=fresh)(question=question, history=[], scope=scope))
    taken = 1000 * (time.perf_counter() - started)
    assert isinstance(done, Done)  # noqa: S101
    assert bool(done.metadata.get("cached")) == (not fresh), question  # noqa: S101
    return taken


def _run(name: str, scope: Scope, rounds: int) -> None:
    asked = [question for _ in range(rounds) for question in QUESTIONS]
    pairs = [
        (_milliseconds(question, scope, fresh=True), _milliseconds(question, scope, fresh=False)) for question in asked
    ]
    for what, taken in zip(("anew", "from the cache"), map(sorted, zip(*pairs, strict=True)), strict=True):
        p95 = taken[int(0.95 * len(taken))]
        print(f"{name:12} {what:15} p50 {statistics.median(taken):7.1f} ms   p95 {p95:7.1f} ms")  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    _run("offline", scope, rounds)
    with LoopbackMistral() as mistral:
        mistral.behaviour = Failure("slow", seconds=0.5)
        online = {
            "GENERATORS": ["rag.generators.mistral.MistralGenerator", *settings.RAG["GENERATORS"]],
            "MISTRAL": {**settings.RAG["MISTRAL"], "api_key": mistral.key, "server_url": mistral.url},
        }
        with override_settings(RAG={**settings.RAG, **online}):
            _run("a model", scope, rounds)


if __name__ == "__main__":
    main()
