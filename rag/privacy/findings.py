"""Personal data and secrets in a text: what kind, and where."""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]


class Kind(StrEnum):
    """The values name placeholders: capital letters only."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CARD = "CARD"
    BANK = "BANK"
    ID = "ID"
    KEY = "KEY"
    PASSWORD = "PASSWORD"  # noqa: S105


SECRET = frozenset({Kind.CARD, Kind.BANK, Kind.ID, Kind.KEY, Kind.PASSWORD})
"""What nobody publishes, unlike an address or a phone number."""
EVERY = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Finding:
    start: int
    end: int
    kind: Kind


def find(text: str, kinds: Set[Kind] = EVERY) -> list[Finding]:
    """The findings in their order; none overlaps another. All kinds are looked for, those of ``kinds`` returned.

    What may be read in two ways is what the first of ``_FINDERS`` takes it for: a card's number is no phone's.
    """
    found: list[Finding] = []
    for kind, finder in _FINDERS:
        for start, end in finder(text):
            if not any(start < other.end and other.start < end for other in found):
                found.append(Finding(start, end, kind))
    return sorted((finding for finding in found if finding.kind in kinds), key=lambda finding: finding.start)


from rag.privacy import accounts, contacts, identities, keys  # noqa: E402

_FINDERS: Sequence[tuple[Kind, Finder]] = (
    (Kind.KEY, keys.keys),
    (Kind.PASSWORD, keys.passwords),
    (Kind.EMAIL, contacts.addresses),
    (Kind.BANK, accounts.bank_accounts),
    (Kind.CARD, accounts.cards),
    (Kind.ID, identities.identities),
    (Kind.PHONE, contacts.phones),
)
