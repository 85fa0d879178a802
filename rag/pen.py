"""An answer while a generator writes it: what may be shown of it, and what the check makes of it in the end."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from django.conf import settings

from documents.blocks import normalise
from rag.boundaries import generator_chain
from rag.citations.checking import Checked, check
from rag.citations.markers import MarkerFilter, filtered
from rag.citations.places import stored
from rag.context import Source
from rag.generators.base import Call, Delta, Finish, Prompt
from rag.generators.chain import Restart
from rag.outgoing import Outgoing, addresses
from rag.prompts import REFUSAL
from rag.timing import timed


@dataclass(frozen=True, slots=True)
class Draft:
    """What a generator has written, as it was shown, and what the check makes of it."""

    shown: str
    checked: Checked
    sources: Mapping[int, Source]
    finish: Finish

    def after(self, first: Finish) -> "Draft":
        """With the tokens of the try before."""
        finish = Finish(
            self.finish.model,
            first.prompt_tokens + self.finish.prompt_tokens,
            first.completion_tokens + self.finish.completion_tokens,
        )
        return replace(self, finish=finish)


class Pen:
    """Has an answer written, and checks it. No delta holds a marker that names no source."""

    def __init__(
        self,
        prompt: Prompt,
        sources: Mapping[int, Source],
        *,
        records: Mapping[int, Source] | None = None,
        timeout: float | None = None,
    ) -> None:
        """``records`` support an answer as ``sources`` do, but are no documents, so none of them is cited."""
        self.prompt = prompt
        self.calls: list[Call] = []
        """What the generator wants to have called; empty where it has answered."""
        self.finish = Finish(model="none")
        self._sources = sources
        self._records = records or {}
        self._timeout = settings.RAG["PROVIDER_TIMEOUT"] if timeout is None else timeout
        self._allowed = addresses(source.text for source in [*sources.values(), *self._records.values()])
        self._begin()

    def _begin(self) -> None:
        self.calls.clear()
        self._shown: list[str] = []
        self._written: list[str] = []
        self._keep = MarkerFilter(self._sources)
        self._outgoing = Outgoing(self._allowed)

    async def write(self) -> AsyncGenerator[Delta | Restart, None]:
        async with aclosing(generator_chain().stream(self.prompt, timeout=self._timeout)) as events:
            async for event in events:
                match event:
                    case Restart():
                        self._begin()
                        yield event
                        continue
                    case Call():
                        self.calls.append(event)
                        continue
                    case Finish():
                        self.finish, piece = event, self._outgoing.rest()
                    case Delta(text):
                        piece = self._outgoing.take(text)
                self._written.append(piece)
                for delta in self._told(self._keep.feed(piece)):
                    yield delta
        for delta in self._told(self._keep.close()):
            yield delta

    def _told(self, text: str) -> Iterator[Delta]:
        if text:
            self._shown.append(text)
            yield Delta(text)

    @property
    def shown(self) -> str:
        return "".join(self._shown)

    def draft(self) -> Draft:
        # Asked at the end: a document may have gone while the answer was written.
        there = stored(self._sources)
        text = normalise("".join(self._written)).strip()
        refused = not text or text.replace("’", "'").lower().startswith(REFUSAL.lower())
        if refused:
            checked = Checked(text)
        else:
            with timed("checking"):
                checked = check(text, {**there, **self._records}, remove=settings.RAG["UNSUPPORTED"] == "remove")
            checked = _of_documents(checked, there) if self._records else checked
        return Draft(self.shown, checked, there, self.finish)


def _of_documents(checked: Checked, documents: Mapping[int, Source]) -> Checked:
    """An answer that rests on records too: these leave no markers, and what asks or greets needs no passage."""
    text = filtered(checked.text, documents).strip()
    moved = text != checked.text
    return Checked(
        text,
        tuple(marker for marker in checked.markers if marker in documents),
        bool(text),
        [replace(one, start=None, end=None) if moved else one for one in checked.unsupported],
    )
