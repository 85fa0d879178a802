"""What publishing a version would change for the questions that people ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from documents.gate import Preview
from rag.context import Source
from rag.questions import scope_of, sources_for
from rag.retrieval import meanings


class Asked(NamedTuple):
    """A question and the role of who asks it."""

    text: str
    asker: str
    kind: Literal["golden", "recent"]


@dataclass(frozen=True, slots=True)
class Effect:
    """A question whose answer would rest on other passages; none where it is, or would be, refused."""

    asked: Asked
    before: Sequence[Source]
    after: Sequence[Source]


def impact(*, questions: Sequence[Asked], preview: Preview) -> list[Effect]:
    """The questions that would get other passages, with those of now and then. Raises ProviderError.

    Passages of the previewed documents that say the same in both versions count as the same.
    """
    vectors = meanings([asked.text for asked in questions])
    scopes = {asker: scope_of(asker) for asker in {asked.asker for asked in questions}}
    effects = []
    for asked, meaning in zip(questions, vectors, strict=True):
        before = sources_for(asked.text, scopes[asked.asker], meaning, None)
        after = sources_for(asked.text, scopes[asked.asker], meaning, preview)
        if list(map(_said, before)) != list(map(_said, after)):
            effects.append(Effect(asked, before, after))
    return effects


def _said(source: Source) -> tuple[object, str]:
    return source.version.document_id, source.text
