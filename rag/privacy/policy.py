"""What is masked in which text."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

from documents.models import Masking
from rag.privacy.findings import EVERY, SECRET, Kind, find
from rag.privacy.masking import Mask

_KINDS = {Masking.OFF: frozenset[Kind](), Masking.SECRETS: SECRET, Masking.ALL: EVERY}
_WORDS = {
    Kind.EMAIL: "e-mail address",
    Kind.PHONE: "phone number",
    Kind.CARD: "card number",
    Kind.BANK: "bank account number",
    Kind.ID: "identity number",
    Kind.KEY: "secret key",
    Kind.PASSWORD: "password",
}
_noted: ContextVar[Mask | None] = ContextVar("noted", default=None)


def passage_kinds(masking: str) -> frozenset[Kind]:
    """What is masked in passages of a collection with this policy."""
    return _KINDS[Masking(masking)]


def question_kinds() -> frozenset[Kind]:
    """What is masked in whatever people write."""
    return EVERY if settings.RAG["MASK_QUESTIONS"] else frozenset()


def worded(text: str, kinds: frozenset[Kind]) -> str:
    """The text with words for what is masked, as it is embedded: a vector has nothing to be put back into."""
    if not kinds:
        return text
    for finding in reversed(find(text, kinds)):
        text = text[: finding.start] + _WORDS[finding.kind] + text[finding.end :]
    return text


def question_worded(text: str) -> str:
    """A question as it is embedded by a provider."""
    noted = _noted.get()
    if noted:
        text = noted.hide(text, _WORDS)
    return worded(text, question_kinds())


@contextmanager
def noting(texts: Sequence[str]) -> Iterator[None]:
    """Within, no question leaves with what these texts show to be private.

    A search may ask for parts of a conversation in which the word that told what a value is has been left out.
    """
    mask = Mask(texts)
    for text in texts:
        mask.note(text, question_kinds())
    token = _noted.set(mask)
    try:
        yield
    finally:
        _noted.reset(token)
