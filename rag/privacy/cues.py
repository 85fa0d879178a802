"""Words before a number that say what it is: the digits alone often may be anything."""

import re

_WINDOW = 40
_ENDS = re.compile(r"\n\s*\n|(?<!\bno)(?<!\bnr)(?<!\btel)(?<!\btlf)(?<!\bkto)(?<!\bnum)[.!?;]\s|\|", re.IGNORECASE)
"""Of a sentence or a cell; "no. 12" is one."""


def cue(*words: str) -> re.Pattern[str]:
    """Any of the words, whatever their case, not within a longer one; each may be a regular expression."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_GOODS = (
    *"orders? invoice receipt ticket parts? serial s/n sku isbn issn ean upc gtin asin model version build".split(),
    *"release article item product tracking shipment parcel batch lot commit revision hash checksum rfc doi".split(),
    *"imei imsi timestamp firmware driver patch kb cve licen[cs]e".split(),
    *"bestell\\w* rechnung\\w* artikel\\w* auftrag\\w* vorgang\\w* serien\\w* lieferung".split(),
    *"commande facture pedido factura ordine fattura bestelling factuur série serie colis envío".split(),
)
GOODS = cue(*_GOODS)
"""What is numbered and is no person's."""
OTHER_NUMBERS = cue(
    *_GOODS,
    *"page section chapter figure table line port mac ip gid pid case claim contract customer registration".split(),
    *"coordinates? latitude longitude offset address id ref(?:erence)? kundennummer vertrags\\w* référence".split(),
)
"""What else is numbered."""


def cued(text: str, start: int, wanted: re.Pattern[str]) -> bool:
    """Whether one of the words stands before the place and none of another kind of number comes after it."""
    before = _before(text, start)
    found, other = _last(wanted, before), _last(OTHER_NUMBERS, before)
    return found >= 0 and found >= other


def miscued(text: str, start: int, other: re.Pattern[str] = GOODS) -> bool:
    """Whether it is said to be the number of something else."""
    return _last(other, _before(text, start)) >= 0


def _before(text: str, start: int) -> str:
    """What is said just before, in the same sentence or cell."""
    return _ENDS.split(text[max(0, start - _WINDOW) : start])[-1]


def _last(words: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in words.finditer(text)), default=-1)
