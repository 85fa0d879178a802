"""What is masked in which text."""

from django.conf import settings

from documents.models import Masking
from rag.privacy.findings import EVERY, SECRET, Kind, find

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
