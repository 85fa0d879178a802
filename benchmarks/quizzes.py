"""Quizzes without a model on passages as if they were narrated: python -m benchmarks.quizzes PATH --segments 300

PATH is a folder in BEIR's layout whose passages have the titles of their articles (``corpus.jsonl`` or ``.gz``). Each
article becomes the transcript of a video, in cues of a few seconds, and each passage one of its parts. A quiz is valid
if it keeps to the schema that a model's reply is held to, its right option stands in the part, no wrong one does, and
the sentence filled with a wrong one is not said there. ``--show`` prints so many, to be read.
"""

import argparse
import gzip
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.scratch"
    os.environ["MODEL_DIR"] = os.environ.get("MODEL_DIR", str(Path(__file__).parent.parent / "var" / "models"))
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="quizzes-")

    import django

    django.setup()

from django.core.management import call_command

from documents.loaders.subtitles import Cue, cue_text, paragraphs
from documents.models import Version
from documents.sentences import sentences
from learning.agents.errors import NoQuiz
from learning.agents.material import given
from learning.agents.quizzes import QuizReply, quiz_made
from learning.agents.voice import Voice
from learning.models import Course, Difficulty, Length, Module, Personality, Topic, Transcript, Video
from learning.transcripts.timeline import rows_of

_WORDS_A_CUE, _SECONDS_A_WORD = 9, 0.4


def narrated(title: str, passages: Sequence[str]) -> tuple[Transcript, list[tuple[float, float]]]:
    """The transcript, and from when to when each passage is said, in seconds."""
    cues: list[Cue] = []
    times = []
    clock = 0.0
    for passage in passages:
        began = clock
        for first, last in sentences(passage):
            words = cue_text(passage[first:last]).split()
            for number in range(0, len(words), _WORDS_A_CUE):
                part = words[number : number + _WORDS_A_CUE]
                ends = clock + len(part) * _SECONDS_A_WORD
                cues.append(Cue(round(clock * 1000), round(ends * 1000), " ".join(part)))
                clock = ends
        times.append((began, clock))
    text = "\n\n".join(" ".join(cue.text for cue in part) for part in paragraphs(cues))
    course = Course(title=title)
    topic = Topic(module=Module(course=course, title=title), title=title)
    video = Video(pk=1, topic=topic, title=title)
    return Transcript(video=video, version=Version(text=text), segments=rows_of(cues)), times


def quiz_of(transcript: Transcript, times: Sequence[tuple[float, float]], number: int) -> QuizReply | None:
    """None where there is nothing to ask."""
    start, end = times[number]
    parts = given(transcript, [{"start": start + 0.01, "end": end - 0.01}])
    voice = Voice(Personality.FRIENDLY, Length.MEDIUM, "")
    try:
        return quiz_made(
            video=transcript.video, parts=parts, transcript=transcript, level=Difficulty.MEDIUM, voice=voice, without=()
        ).value
    except NoQuiz:
        return None


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("path", type=Path)
    asked.add_argument("--segments", type=int, default=300)
    asked.add_argument("--show", type=int, default=0)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    call_command("migrate", verbosity=0)
    articles = defaultdict[str, list[str]](list)
    for row in _rows(given.path):
        if row.get("title"):
            articles[row["title"]].append(row["text"])
    places = [(title, number) for title, texts in articles.items() for number in range(len(texts))]
    random.Random(given.seed).shuffle(places)  # noqa: S311
    transcripts = {title: narrated(title, articles[title]) for title, _ in places[: given.segments]}
    faults = Counter[str]()
    began = time.perf_counter()
    for count, (title, number) in enumerate(places[: given.segments]):
        made = quiz_of(*transcripts[title], number)
        if made is None:
            faults["no quiz"] += 1
        else:
            said = _faults(made, articles[title][number])
            faults.update(said or ["valid"])
            if said:
                sys.stdout.write(f"{said} {_shown(made)}\n    {articles[title][number]}\n")
        if count < given.show:
            sys.stdout.write(f"[{title}] {_shown(made) if made else 'no quiz'}\n")
    took = (time.perf_counter() - began) / given.segments * 1000
    sys.stdout.write(f"{given.segments} segments: {dict(faults)}; {took:.0f} ms each\n")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    plain, packed = path / "corpus.jsonl", path / "corpus.jsonl.gz"
    with gzip.open(packed, "rt") if packed.exists() else plain.open() as lines:
        yield from map(json.loads, lines)


def _faults(quiz: QuizReply, part: str) -> list[str]:
    part = " ".join(part.split())
    QuizReply.model_validate(quiz.model_dump(), strict=True)
    wrong = list(quiz.options)
    right = wrong.pop(quiz.correctAnswer)
    found = [] if _holds(part, right) else ["right option not in the part"]
    for option in wrong:
        if _holds(part, option):
            found.append("wrong option in the part")
        if _plain(quiz.quote.replace(right, option)) in _plain(part):
            found.append("filled with a wrong option it is said")
    if len(set(map(_plain, quiz.options))) < 4:
        found.append("options that are the same")
    return found


def _holds(text: str, term: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _shown(quiz: QuizReply) -> str:
    options = [f"*{option}" if n == quiz.correctAnswer else option for n, option in enumerate(quiz.options)]
    return f"{quiz.question} {' | '.join(options)}"


if __name__ == "__main__":
    main()
