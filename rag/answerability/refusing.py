"""What is said besides the refusal itself: the documents that come closest, or the parts that were not found."""

from collections.abc import Sequence
from typing import Any

from rag.retrieval import Found, Mode

_MOST_TITLES = 3
_NEAR: dict[Mode, float] = {"hybrid": 0.28, "dense": 0.25, "lexical": 0.25}
"""Score from which a passage has something to do with the question."""


def closest(found: Found) -> dict[str, Any]:
    """What a refusal keeps, as an answer's metadata: all of it is from what the asker may see."""
    return {
        "confidence": round(found.confidence, 3),
        "best_score": round(found.hits[0].score, 4) if found.hits else 0.0,
        "closest": [{"document_id": key, "title": title} for key, title in _near(found).items()],
    }


def offer(found: Found) -> str:
    """A sentence with the titles of the closest documents; empty where none is near at all."""
    titles = [f"“{title}”" for title in dict.fromkeys(_near(found).values())]
    if not titles:
        return ""
    if len(titles) == 1:
        return f" The closest document is {titles[0]}."
    return f" The closest documents are: {', '.join(titles[:-1])} and {titles[-1]}."


def note_on_missing(missing: Sequence[str]) -> str:
    """A paragraph that says which parts of the question were not found."""
    quoted = " or ".join(f"“{' '.join(part.split())}”" for part in missing)
    return f"\n\nThe documents hold nothing on {quoted}." if missing else ""


def _near(found: Found) -> dict[str, str]:
    """Document → title, nearest first."""
    near: dict[str, str] = {}
    for hit in found.hits:
        version = hit.chunk.version
        if len(near) < _MOST_TITLES and hit.score >= _NEAR[found.mode] and version.title not in near.values():
            near[str(version.document_id)] = version.title
    return near
