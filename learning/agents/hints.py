"""A hint for whoever is stuck at a moment of a video: towards the answer, not the answer."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from django.conf import settings

from documents.sentences import sentences
from learning.agents.cloze.making import GAP
from learning.agents.cloze.terms import read, stems_of
from learning.agents.material import Part, clock, passages
from learning.agents.voice import Voice
from learning.models import Difficulty, Personality, Video
from rag.boundaries import writing_chain
from rag.citations.markers import MarkerFilter
from rag.generators.base import Delta, Finish, Prompt
from rag.generators.chain import Restart
from rag.lexical.languages import language_of
from rag.outgoing import Outgoing, addresses
from rag.structured import DATA

LONGEST = 2_000
"""Characters."""
_RULE = """You give a hint to a learner who watches a video and is stuck.
- The passages are what is said in the video around that moment. Use only what they say.
- Lead the learner to the answer without giving it away: remind, point to what was said, ask. {level}
- At most {words} words, plain text, no greeting, no numbers of passages."""
_LEVELS = {
    Difficulty.EASY: "The learner is a beginner: be concrete, take one small step.",
    Difficulty.MEDIUM: "The learner knows the basics.",
    Difficulty.HARD: "The learner is advanced: a short pointer will do.",
}
_OPENINGS = {
    Personality.FRIENDLY: "You are nearly there.",
    Personality.PROFESSIONAL: "",
    Personality.PEER: "I would listen to that bit again.",
}


def hint_prompt(*, video: Video, parts: Sequence[Part], at: float, level: Difficulty, voice: Voice) -> Prompt:
    rule = _RULE.format(level=_LEVELS[level], words=voice.words) + voice.rule() + DATA
    asked = f"The learner is stuck at {clock(at)} in the video “{video.title}”."
    return Prompt(asked, passages(video, parts), rule=rule, temperature=voice.temperature)


async def hint_written(prompt: Prompt) -> AsyncGenerator[Delta | Restart | Finish, None]:
    """What a model writes, without addresses that are not in the passages; nothing where no model is configured.

    Raises ProviderError.
    """
    chain = writing_chain()
    if chain is None:
        return
    allowed = addresses(passage.text for passage in prompt.passages)
    outgoing, markers, length = Outgoing(allowed), MarkerFilter({}), 0
    timeout = float(settings.RAG["PROVIDER_TIMEOUT"])
    async with aclosing(chain.stream(prompt, timeout=timeout)) as events:
        async for event in events:
            match event:
                case Restart():
                    outgoing, markers, length = Outgoing(allowed), MarkerFilter({}), 0
                    yield event
                case Delta(text):
                    if length < LONGEST and (told := markers.feed(outgoing.take(text))):
                        length += len(told)
                        yield Delta(told)
                case Finish():
                    if length < LONGEST and (told := markers.feed(outgoing.rest()) + markers.close()):
                        yield Delta(told)
                    yield event


def hint_confidence(hint: str, parts: Sequence[Part]) -> float:
    """The share of the hint's words that say something and that are said in the video, too: 0 to 1."""
    text = " ".join(part.text for part in parts)
    language = language_of(text)
    said = stems_of(hint, language)
    return round(len(said & stems_of(text, language)) / len(said), 2) if said else 0.0


def hint_extracted(parts: Sequence[Part], *, at: float, level: Difficulty, voice: Voice) -> str:
    """Without a model: the sentence that says most of what is said around the moment, with its heart left out.

    A beginner is shown the sentence before it, too, whole.
    """
    told = [(part, part.text[first:last]) for part in parts for first, last in sentences(part.text)]
    language = language_of(" ".join(text for _, text in told))
    own = read([text for _, text in told], language)
    common = Counter(stem for sentence in own for stem in sentence.stems)
    best = max(range(len(own)), key=lambda n: (_worth(own[n].stems, own[n].words, common), -n))
    part, text = told[best]
    terms = [term for term in own[best].terms if term.kind in ("name", "term", "acronym", "number", "percent", "year")]
    if terms:
        hidden = max(terms, key=lambda term: (common[next(iter(stems_of(term.text, language)), "")], -term.start))
        text = text[: hidden.start] + GAP + text[hidden.end :]
    else:
        text = " ".join(text.split()[: max(3, len(text.split()) // 2)]) + " …"
    if level == Difficulty.EASY and best and len(told[best - 1][1].split()) <= 40:
        text = f"{told[best - 1][1]} {text}"
    moment = clock(at if part.start is None else part.start)
    ask = "What belongs in the gap, and why?" if GAP in text else "How does it go on?"
    opening = _OPENINGS[voice.personality]
    return f"{opening} Think of what is said from {moment} on: “{text}” {ask}".strip()[:LONGEST]


def _worth(stems: frozenset[str], words: int, common: Counter[str]) -> float:
    """How much of what the others say a sentence says; a very short or long one less."""
    fit = 1.0 if 7 <= words <= 35 else 0.4
    return fit * sum(common[stem] for stem in stems) / (5 + len(stems))
