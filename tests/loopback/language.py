"""What the loopback services have for a language model: words in common, and nothing random."""

import json
import math
import re
from collections import Counter
from typing import Any
from zlib import crc32

import numpy as np
import Stemmer

from rag.prompts import REFUSAL

DIMENSIONS = 1024
MAX_SENTENCES = 3
FITS = 0.3
"""The share of the question's words, by weight, that a passage must hold to be used."""

_stemmer = Stemmer.Stemmer("english")
_PASSAGE = re.compile(
    r'<passage(-\w+)? number="(\d+)"([^>]*)>\n(?:Title: ([^\n]*)\n(?:[^\n]+\n)?\n)?(.*?)\n</passage\1>', re.DOTALL
)
_QUESTION = re.compile(r"<question(-\w+)>\n(.*?)\n</question\1>", re.DOTALL)
_STOP_WORDS = """
    a about after all also am an and any are as at be because been before but by can could did do does for from get
    had has have he her his how i if in into is it its just me my no not of on one or our out s she should so some t
    than that the their them then there these they this those to up us was we were what when where which while who
    whom why will with would you your
"""
_stop_words = frozenset(re.findall(r"\w+", _STOP_WORDS))


def words(text: str) -> list[str]:
    """Stems, stop words left out."""
    stems: list[str] = _stemmer.stemWords([w for w in re.findall(r"\w+", text.lower()) if w not in _stop_words])
    return stems


def reply(message: str) -> str:
    """A judgement of the claims in ``message`` where it is JSON that holds some, else an answer to its question."""
    if message.startswith('{"passages"'):
        asked = json.loads(message)
        return json.dumps({"supported": [_supported(asked["passages"], claim) for claim in asked["claims"]]})
    return answer(message)


def _supported(passages: list[str], claim: dict[str, Any]) -> bool:
    held = set(words(" ".join(passages[place] for place in claim["passages"])))
    wanted = words(claim["text"])
    negated = re.search(r"\bnot?\b", claim["text"]) is not None
    return sum(word in held for word in wanted) >= FITS * len(wanted) and negated == any(
        re.search(r"\bnot\b", passages[place]) is not None for place in claim["passages"]
    )


def question_in(message: str) -> str:
    """The question that a prompt of the product holds; empty where it holds none."""
    asked = _QUESTION.search(message)
    return asked[2] if asked else ""


def answer(message: str) -> str:
    """One to three sentences of the passages in ``message``, those nearest to its question, each with its ``[N]``."""
    passages = [(int(found[2]), found[3] + (found[4] or ""), found[5]) for found in _PASSAGE.finditer(message)]
    asked = _QUESTION.search(message)
    question = set(words(asked[2] if asked else message.rpartition("Question:")[2]))
    spread = Counter(word for _, title, text in passages for word in set(words(f"{title} {text}")))
    weights = {word: math.log(1 + (len(passages) + 1) / (1 + spread[word])) for word in question}

    def share(text: str) -> float:
        return sum(weights[word] for word in question & set(words(text))) / sum(weights.values())

    ranked: list[tuple[float, int, str]] = []
    for number, title, text in passages:
        if question and share(f"{title} {text}") >= FITS:
            sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip()]
            ranked += [(share(sentence), number, sentence) for sentence in sentences]
    if not ranked:
        return f"{REFUSAL}."
    ranked.sort(key=lambda entry: -entry[0])
    best = ranked[0][0]
    chosen = [entry for entry in ranked[:MAX_SENTENCES] if entry[0] >= best * 0.6]
    return " ".join(f"{sentence} [{number}]" for _, number, sentence in chosen)


def embedding(text: str) -> list[float]:
    """Stems and character trigrams hashed into a unit vector, so that texts with words in common are near."""
    stems = words(text)
    features = Counter({f"w:{stem}": 3 * count for stem, count in Counter(stems).items()})
    features.update(f"t:{stem[start : start + 3]}" for stem in stems for start in range(max(1, len(stem) - 2)))
    features["start of text"] = 1  # so that no text is nothing
    vector = np.zeros(DIMENSIONS)
    for feature, count in features.items():
        code = crc32(feature.encode())
        vector[code % DIMENSIONS] += (1 + math.log(count)) * (1 if code >> 31 else -1)
    rounded: list[float] = np.round(vector / max(float(np.linalg.norm(vector)), 1e-9), 6).tolist()
    return rounded
