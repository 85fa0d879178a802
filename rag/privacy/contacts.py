"""E-mail addresses and phone numbers."""

import re
from collections.abc import Iterator

import phonenumbers

from rag.privacy.cues import OTHER_NUMBERS, cue, cued, miscued

_LOCAL = r"\w[\w!#$%&'*+?^~-]{0,63}(?:\.[\w!#$%&'*+?^~-]{1,63}){0,8}"  # what people use of what the standard allows
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_AT = r"(?:@|\s?[\[({]\s?(?:at|@)\s?[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?)"
_ADDRESS = re.compile(
    rf"(?<![\w.@/-])({_LOCAL}){_AT}(?:{_LABEL}{_DOT}){{1,8}}([^\W\d_]{{2,24}}|xn--[\w-]{{2,59}})(?![\w@-])", re.I
)
# What comes after the last dot of other things with an @: files, and units of systemd.
_FILES = frozenset(
    "png jpg jpeg gif svg webp ico css js ts mjs cjs json yaml yml md txt html xml zip tar gz whl pdf docx xlsx csv py "
    "service timer target socket mount path slice".split()
)

# Where a number without a country code is looked up: it counts if it is one in any of these.
_REGIONS = tuple("US GB DE FR ES IT NL BE AT CH PL PT SE DK NO FI IE IN AU NZ CA JP CN BR MX ZA SG CZ TR".split())
_NAMED = cue(
    *"tel tele?phone phone mobile fax hotline whatsapp sms handy mobilnummer rufnummer durchwahl telefon\\w*".split(),
    *"téléphon\\w* portable teléfono móvil celular telefono cellulare telefoon\\w* mobiel telefone telemóvel".split(),
    *"puhelin\\w* numer tlf телефон\\w* 電話 电话 手机 携帯".split(),
)
# Words with other meanings too: a bare number behind one of them may be anything.
_HINTED = cue(
    *"cell(?:phone)? call(?:ed|ing|s)? ring dial text(?:ed)? signal contact reach mobil\\w* anruf\\w* rückruf".split(),
    *"erreich\\w* appel\\w* joindre llam\\w* chiam\\w* bel(?:len)? ligar ligue zadzwo\\w* звон\\w*".split(),
)
_DIGITS = re.compile(
    r"(?<![\w.,:;/+#=§€$£@-])(?<!\d[ ])(?:\+ ?|\()?\+?\d(?:[ \u00a0./()\u2010-\u2015-]{0,3}\d){5,16}"
    r"(?:\s?(?:ext\.?|x|extension|durchwahl)\s?\d{1,5})?(?![\w@/%]|[.,:-]\d)",
    re.IGNORECASE,
)
# Shapes that few other numbers have: an area in brackets, a trunk zero and groups, three-three-four.
_SHAPES = re.compile(
    r"\(0?\d{2,5}\)[ /-]?\d{2,5}(?:[ .-]?\d{2,5}){1,3}"
    r"|(?:1[ .-])?\(?[2-9]\d{2}(?:\) ?|[-.])[2-9]\d{2}[-. ]\d{4}"
    r"|0[1-9]\d{1,4}[ /-]\d{5,8}|0[1-9]\d{0,4}(?:[ ./-]\d{2,4}){2,4}"
)
_DATE = re.compile(r"0?\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d{2}(?!\d)|(?:19|20)\d{2}[./ -]\d{2}[./ -]\d{2}(?!\d)")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    if "@" not in text and "at" not in text:
        return
    for match in _ADDRESS.finditer(text):
        remote = match[1].lower() == "git" and text[match.end() : match.end() + 1] in (":", "/")
        if match[2].lower() not in _FILES and not remote:
            yield match.span()


def phones(text: str) -> Iterator[tuple[int, int]]:
    for match in _DIGITS.finditer(text):
        written = match.group()
        if not _DATE.match(written) and _is_phone(text, match.start(), written):
            yield match.span()


def _is_phone(text: str, start: int, written: str) -> bool:
    digits = sum(character.isdigit() for character in written)
    grouped = not written.isdigit() or written.startswith("0")
    said = cued(text, start, _NAMED) or (grouped and cued(text, start, _HINTED))
    if "+" in written[:2] or (written.startswith("00") and digits > 9):
        number = "+" + written.lstrip("+0( ") if written.startswith("00") else written
        return _valid(number, None) or (said and 8 <= digits <= 15)
    if said:
        return digits >= 7 and any(_valid(written, region) for region in _REGIONS)
    if miscued(text, start, OTHER_NUMBERS) or not 9 <= digits <= 12:
        return False
    if _SHAPES.fullmatch(written):
        return any(_valid(written, region) for region in _REGIONS)
    # Without groups only a mobile number that begins with its trunk zero.
    return bool(re.fullmatch(r"0[1-9]\d{8,9}", written)) and any(_mobile(written, region) for region in _REGIONS)


def _valid(written: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, region))
    except phonenumbers.NumberParseException:
        return False


def _mobile(written: str, region: str) -> bool:
    if not _valid(written, region):
        return False
    kind = phonenumbers.number_type(phonenumbers.parse(written, region))
    return bool(kind == phonenumbers.PhoneNumberType.MOBILE)
