"""A set of questions with known answers, in the layout of BEIR (Thakur et al. 2021)."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MOST_GROUPS = 500
_GROUP_LENGTH = 100


class DatasetError(Exception):
    """The folder does not hold a dataset that can be read; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Dataset:
    corpus: Mapping[str, tuple[str, str]]
    """Passage id → title, text."""
    queries: Mapping[str, str]
    """Those that have a relevant passage."""
    relevant: Mapping[str, Mapping[str, int]]
    """Query id → passage id → grade."""
    metadata: Mapping[str, Mapping[str, Any]]
    """Query id → what the set says of it beside its text; ``answers`` holds the gold strings, where there are any."""
    unanswerable: Mapping[str, str]
    """Queries that no passage answers, as the set says."""
    groups: Mapping[str, str]
    """Passage id → what it is a part of: an article, a product's manual. Without one, nothing answers its questions."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Questions of another set, which nothing here answers."""

    def groups_of(self, query: str) -> frozenset[str]:
        """The groups that hold what answers a query."""
        return frozenset(self.groups[passage] for passage in self.relevant[query] if passage in self.groups)


def dataset_read(directory: Path) -> Dataset:
    """Read ``corpus.jsonl``, ``queries.jsonl`` (also ``.gz``) and ``qrels/test.tsv``. Raises DatasetError."""
    relevant: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(directory / "qrels" / "test.tsv")):
        query, passage, grade = (*line.split("\t"), "", "", "")[:3]
        if number == 0 and not grade.strip().lstrip("-").isdecimal():
            continue  # the heading
        try:
            if int(grade) > 0:
                relevant.setdefault(query, {})[passage] = int(grade)
        except ValueError:
            raise DatasetError(f"qrels/test.tsv, line {number + 1}: a grade is missing.") from None
    rows = list(_rows(directory / "corpus.jsonl"))
    corpus = {row["_id"]: (row.get("title") or "", row["text"]) for row in rows}
    asked = {row["_id"]: row for row in _rows(directory / "queries.jsonl")}
    metadata = {key: row.get("metadata") or {} for key, row in asked.items()}
    queries = {key: row["text"] for key, row in asked.items() if key in relevant}
    unanswerable = {key: asked[key]["text"] for key, told in metadata.items() if told.get("answerable") is False}
    return Dataset(corpus, queries, relevant, metadata, unanswerable, _groups(rows))


def _groups(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By what the set says, else by title; none where that would be thousands."""
    groups = {row["_id"]: _group(row) for row in rows}
    return groups if len(set(groups.values())) <= _MOST_GROUPS else {}


def _group(row: Mapping[str, Any]) -> str:
    told = row.get("metadata") or {}
    return str(told.get("src") or told.get("article") or row.get("title") or "")[:_GROUP_LENGTH]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            row = json.loads(line)
            _ = row["_id"], row["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path.name}, line {number}: {error!r}") from error
        yield row


def _lines(path: Path) -> Iterator[str]:
    packed = path.with_name(f"{path.name}.gz")
    try:
        with path.open(encoding="utf-8") if path.exists() else gzip.open(packed, "rt", encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    yield line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path.name} cannot be read: {error}") from error
