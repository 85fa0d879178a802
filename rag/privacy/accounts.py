"""Numbers of bank accounts and of payment cards."""

import re
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.us import rtn

from rag.privacy.cues import cue, cued, miscued

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[A-Za-z0-9]){11,30}")
_SHORTEST_IBAN = 15
_NUMBER = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){5,19}(?![\w]|[.,-]\d)")
_CARD = re.compile(
    r"(?<![\w.,:/+-])(?:\d{4}([ \u00a0-])\d{4}\1\d{4}\1\d{1,7}"
    r"|\d{4}([ \u00a0-])\d{6}\2\d{4,5}|\d{14,19})(?![\w-]|[.,:]\d)"
)
# First digits and lengths by ISO/IEC 7812 as the schemes publish them; Visa's cards of 13 digits are no more.
_SCHEMES = (
    (re.compile(r"4"), (16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"30[0-5]|3[689]"), (14, 16)),
    (re.compile(r"6011|65|64[4-9]|62"), (16, 17, 18, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"50|5[6-9]|6[37]"), (16, 18, 19)),
)
_ACCOUNT = cue(
    r"account(?: (?:number|no|nr|#))?",
    r"acct\.?(?: no)?",
    *"konto\\w* kto(?:\\.|nr|-nr)? rekening\\w* cuenta conta conto compte clabe iban bsb rib".split(),
)
_ROUTING = cue("routing(?: (?:number|no))?", "aba", "rtn", "transit(?: number)?", "bankleitzahl", "blz")
_SORT_CODE = re.compile(r"(?<![\w-])\d{2}([- ])\d{2}\1\d{2}(?![\w-])|(?<![\w-])\d{6}(?![\w-])")
_SORT_CUE = cue("sort(?:ing)? ?code", "bsb")
# Accounts of people who use a product have numbers too: these belong to a bank.
_BANK = re.compile(
    r"bank|transfer|wire|iban|sort code|routing|direct debit|überweis|konto|virement|cuenta|payee|bsb", re.I
)


def bank_accounts(text: str) -> Iterator[tuple[int, int]]:
    """IBANs wherever they are; other account numbers where it is said that they are a bank's."""
    for match in _IBAN.finditer(text):
        end = _iban_end(match.group())
        if end:
            yield match.start(), match.start() + end
    if not _BANK.search(text):
        return
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        routing = cued(text, match.start(), _ROUTING) and (len(digits) == 8 or rtn.is_valid(digits))
        if routing or (6 <= len(digits) <= 20 and cued(text, match.start(), _ACCOUNT)):
            yield match.span()
    for match in _SORT_CODE.finditer(text):
        if cued(text, match.start(), _SORT_CUE):
            yield match.span()


def _iban_end(written: str) -> int:
    """Where the IBAN ends with which this begins; 0: it is none. Words may follow it without a gap that tells."""
    ends = [match.end() for match in re.finditer(r"[A-Za-z0-9](?![A-Za-z0-9])", written)]
    for end in reversed(ends):
        if end >= _SHORTEST_IBAN and _is_iban(written[:end].replace("\u00a0", "")):
            return end
    return 0


def _is_iban(written: str) -> bool:
    # Without the countries' own lists of banks, which fall behind.
    return bool(iban.is_valid(written, check_country=False))


def cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        scheme = any(first.match(digits) and len(digits) in lengths for first, lengths in _SCHEMES)
        grouped = digits != match.group()
        if scheme and luhn.is_valid(digits) and (grouped or not miscued(text, match.start())):
            yield match.span()
