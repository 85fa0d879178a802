"""Writes what Grounded made of a dataset, and how it ranks, for :mod:`benchmarks.peers`; runs in the scratch space."""

import json
import sys
import time
from pathlib import Path

import django
import numpy as np

django.setup()

from documents.models import Chunk, Collection  # noqa: E402 - after the set-up
from rag.boundaries import embedder  # noqa: E402
from rag.evaluation.dataset import dataset_read  # noqa: E402
from rag.evaluation.retrieval import DEPTH  # noqa: E402
from rag.retrieval import Scope, meanings, search  # noqa: E402
from rag.vectors import embedding_text, space_find, vectors_get  # noqa: E402

CHUNKS = 50


def main(dataset_dir: Path, folder: Path, most: int) -> None:
    dataset = dataset_read(dataset_dir)
    queries = dict(list(dataset.queries.items())[:: max(1, len(dataset.queries) // most) if most else 1])
    model = embedder()
    space = space_find(model) if model else None
    if space is None:
        sys.exit("There is no embedder: nothing to compare with.")
    chunks = list(
        Chunk.objects.filter(version__published_in__isnull=False).select_related("version__document").order_by("pk")
    )
    hashes = [bytes(chunk.embedding_hash) for chunk in chunks]
    vectors = vectors_get(space=space, hashes=hashes)
    np.save(folder / "vectors.npy", np.stack([vectors[key] for key in hashes]))
    rows = [
        {
            "passage": chunk.version.document.source_uri,
            "text": embedding_text(title=chunk.version.title, heading=chunk.heading, text=chunk.text),
        }
        for chunk in chunks
    ]
    (folder / "chunks.json").write_text(json.dumps(rows))
    (folder / "queries.json").write_text(json.dumps(queries))
    asked = meanings(list(queries.values()))
    np.save(folder / "questions.npy", np.stack([meaning.vector for meaning in asked if meaning]))
    scope = Scope(frozenset(Collection.objects.values_list("pk", flat=True)))
    ranked, taken = {}, []
    for (key, query), meaning in zip(queries.items(), asked, strict=True):
        began = time.process_time()
        found = search(query=query, scope=scope, top_k=CHUNKS, meaning=meaning)
        taken.append(1000 * (time.process_time() - began))
        ranked[key] = list(dict.fromkeys(hit.chunk.version.document.source_uri for hit in found.hits))[:DEPTH]
    (folder / "ranked").mkdir()
    (folder / "taken").mkdir()
    (folder / "taken" / "Grounded.json").write_text(json.dumps(taken))
    (folder / "ranked" / "Grounded.json").write_text(json.dumps(ranked))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
