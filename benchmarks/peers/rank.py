"""How the peers rank what :mod:`benchmarks.peers.export` wrote; runs in the peers' own environment."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np
import Stemmer
from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

CHUNKS = 50
DEPTH = 10
Rank = Callable[[str, Any], Iterable[int]]
"""A question and its vector → numbers of chunks, best first."""


def main(folder: Path) -> None:
    chunks = json.loads((folder / "chunks.json").read_text())
    queries = json.loads((folder / "queries.json").read_text())
    vectors, questions = np.load(folder / "vectors.npy"), np.load(folder / "questions.npy")
    texts = [chunk["text"] for chunk in chunks]
    peers = {**haystack(texts, vectors), "FAISS alone": plain_faiss(vectors), "bm25s alone": plain_bm25(texts)}
    for name, rank in peers.items():
        ranked, taken = {}, []
        for (key, query), vector in zip(queries.items(), questions, strict=True):
            began = time.process_time()
            numbers = list(rank(query, vector))
            taken.append(1000 * (time.process_time() - began))
            ranked[key] = list(dict.fromkeys(chunks[number]["passage"] for number in numbers))[:DEPTH]
        (folder / "ranked" / f"{name}.json").write_text(json.dumps(ranked))
        (folder / "taken" / f"{name}.json").write_text(json.dumps(taken))


def haystack(texts: Sequence[str], vectors: Any) -> dict[str, Rank]:
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        [
            Document(id=str(number), content=text, embedding=vector.tolist())
            for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
    )
    lexical = InMemoryBM25Retriever(store, top_k=CHUNKS)
    dense = InMemoryEmbeddingRetriever(store, top_k=CHUNKS)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    def bm25(query: str, vector: Any) -> list[Document]:
        return list(lexical.run(query=query)["documents"])

    def nearest(query: str, vector: Any) -> list[Document]:
        return list(dense.run(query_embedding=vector.tolist())["documents"])

    def fused(query: str, vector: Any) -> list[Document]:
        return list(joiner.run(documents=[bm25(query, vector), nearest(query, vector)])["documents"])

    return {
        "Haystack, RRF of both": lambda query, vector: (int(document.id) for document in fused(query, vector)),
        "Haystack, BM25": lambda query, vector: (int(document.id) for document in bm25(query, vector)),
        "Haystack, dense": lambda query, vector: (int(document.id) for document in nearest(query, vector)),
    }


def plain_faiss(vectors: Any) -> Rank:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return lambda query, vector: index.search(vector.reshape(1, -1), CHUNKS)[1][0].tolist()


def plain_bm25(texts: Sequence[str]) -> Rank:
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(texts), stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def rank(query: str, vector: Any) -> list[int]:
        asked = bm25s.tokenize([query], stopwords="en", stemmer=stemmer, show_progress=False)
        found: list[int] = index.retrieve(asked, k=min(CHUNKS, len(texts)), show_progress=False)[0][0].tolist()
        return found

    return rank


if __name__ == "__main__":
    main(Path(sys.argv[1]))
