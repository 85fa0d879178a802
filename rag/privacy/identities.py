"""Numbers that a state gives to a person, where they have a check digit or a form of their own.

The checks are those of python-stdnum. A number whose form many others share counts only behind a word that says what
it is.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from stdnum.au import tfn
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.il import idnr as teudat
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.us import ssn
from stdnum.za import idnr as za_id

from rag.privacy.cues import cue, cued, miscued


class Identity(NamedTuple):
    form: re.Pattern[str]
    check: Callable[[str], bool]
    words: re.Pattern[str] | None = None
    """Needed before it; None: the form says enough."""


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./+-])(?:{pattern})(?![\w/-]|[.,]\d)")


_DIGITS = re.compile(r"\d(?:[ .+/-]?[A-Z0-9]){4}")
"""Most texts hold nothing that could be one: they are not looked at thirty times."""


def _any(number: str) -> bool:
    return True


_SSN_CUE = cue("ssn", "social security(?: (?:number|no))?", "itin", "tax(?:payer)? id\\w*")
_NINO = r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"

IDENTITIES: tuple[Identity, ...] = (
    Identity(_form(r"\d{3}-\d{2}-\d{4}"), ssn.is_valid),
    Identity(_form(r"\d{3}[ -]?\d{2}[ -]?\d{4}"), ssn.is_valid, _SSN_CUE),
    Identity(_form(rf"{_NINO} \d{{2}} \d{{2}} \d{{2}} ?[A-D]"), _any),
    Identity(
        _form(rf"{_NINO} ?\d{{6}} ?[A-D]"), _any, cue("national insurance(?: (?:number|no))?", "nino", "ni number")
    ),
    Identity(_form(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), nhs.is_valid, cue("nhs(?: (?:number|no))?")),
    Identity(_form(r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"), nir.is_valid),
    Identity(_form(r"\d{8}-?[A-Z]"), dni.is_valid),
    Identity(_form(r"[XYZ]-?\d{7}-?[A-Z]"), nie.is_valid),
    Identity(_form(r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"), codicefiscale.is_valid),
    Identity(
        _form(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        idnr.is_valid,
        cue(r"steuer-?id\w*", r"steueridentifikation\w*", "idnr", "identifikationsnummer", "tax(?:payer)? id\\w*"),
    ),
    Identity(_form(r"\d{4}[ .]?\d{2}[ .]?\d{3}|\d{9}"), bsn.is_valid, cue("bsn", "burgerservicenummer", "sofi\\w*")),
    Identity(_form(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}"), nn.is_valid),
    Identity(_form(r"756\.?\d{4}\.?\d{4}\.?\d{2}"), ahv.is_valid),
    Identity(_form(r"\d{11}"), pesel.is_valid, cue("pesel")),
    Identity(_form(r"\d{6}(?:\d{2})?[-+]\d{4}"), personnummer.is_valid),
    Identity(_form(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]"), hetu.is_valid),
    Identity(_form(r"\d{6}[- ]?\d{4}"), cpr.is_valid, cue("cpr(?:-?(?:nummer|nr))?", "personnummer")),
    Identity(_form(r"\d{6} ?\d{5}"), fodselsnummer.is_valid, cue("fødselsnummer", "fodselsnummer", "personnummer")),
    Identity(_form(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), cpf.is_valid),
    Identity(_form(r"\d{11}"), cpf.is_valid, cue("cpf")),
    Identity(_form(r"\d{4} ?\d{4} ?\d{4}"), aadhaar.is_valid, cue("aadhaa?r(?: (?:number|no))?", "uidai")),
    Identity(
        _form(r"[A-Z]{5}\d{4}[A-Z]"), pan.is_valid, cue("pan(?: (?:number|no|card))?", "permanent account number")
    ),
    Identity(_form(r"\d{17}[\dX]"), ric.is_valid),
    Identity(_form(r"\d{6}-\d{7}"), rrn.is_valid),
    Identity(_form(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"), curp.is_valid),
    Identity(
        _form(r"\d{3}[- ]?\d{3}[- ]?\d{3}"), sin.is_valid, cue("sin", "social insurance(?: (?:number|no))?", "nas")
    ),
    Identity(_form(r"\d{3} ?\d{3} ?\d{3}"), tfn.is_valid, cue("tfn", "tax file(?: (?:number|no))?")),
    Identity(_form(r"\d{6} ?\d{4} ?\d{3}"), za_id.is_valid, cue("id(?: (?:number|no))?", "identity number")),
    Identity(_form(r"\d{6}/\d{3,4}"), rc.is_valid),
    Identity(_form(r"\d{13}"), cnp.is_valid, cue("cnp", "cod numeric personal")),
    Identity(_form(r"\d{11}"), tckimlik.is_valid, cue(r"t\.?c\.?(?: kimlik)?(?: no)?", "kimlik(?: no)?")),
    Identity(_form(r"\d{9}"), teudat.is_valid, cue("teudat zehut", "israeli id")),
    Identity(_form(r"\d{9}|\d{3} \d{3} \d{3}"), nif.is_valid, cue("nif", "contribuinte")),
    Identity(
        _form(r"(?=[A-Z]*\d)[A-Z0-9]{7,9}"),
        _any,
        cue(r"(?:passport|reisepass|passeport|pasaporte|passaporto|paspoort)\w*(?: (?:number|no|nr))?", "ausweis\\w*"),
    ),
)


def identities(text: str) -> Iterator[tuple[int, int]]:
    if not _DIGITS.search(text):
        return
    for form, check, words in IDENTITIES:
        if words and not words.search(text):
            continue
        for match in form.finditer(text):
            said = cued(text, match.start(), words) if words else not miscued(text, match.start())
            if said and check(match.group().replace(" ", "")):
                yield match.span()
