"""What kind of answer a question asks for, and whether a text holds something of that kind.

Cues only: they add a little to words and meaning in common. The question words are those of the languages that the
product is most asked in; a question in another language has no cue.
"""

import re
from typing import Literal

Asked = Literal["number", "time", "person", "place", "reason", "way", "steps", "anything"]

# Words that stand by themselves, then, for scripts where nothing tells words apart, parts of them. The order counts:
# "how long" is not "how".
_WORDS: tuple[tuple[Asked, str, str], ...] = (
    (
        "time",
        r"when|(?:what|which)(?: \w+)? (?:year|years|date|century|decade|day|month|time|period|era)|wann|quand|"
        r"cu[aá]ndo|quando|wanneer|когда|πότε|când|ne zaman|khi nào",
        "متى|什么时候|什麼時候|何时|何時|哪一?年|いつ|何年|कब|เมื่อ(?:ไร|ใด|ไหร่)",
    ),
    (
        "number",
        r"how (?:many|much|long|old|far|high|tall|large|big|often|fast|wide|deep|heavy)|percentage|percent|number|"
        r"population|amount|wie ?viele?|combien|cu[aá]nt[oa]s?|quant[oiae]s?|hoeveel|сколько|πόσ\w+|câ[tț]i|câte|"
        r"kaç|bao nhiêu|mấy",
        "كم|多少|几个|幾個|多大|いくつ|いくら|कितन|กี่|เท่าไ",
    ),
    (
        "person",
        r"who|whom|whose|wer|wen|wem|wessen|qui|qui[eé]n(?:es)?|chi|quem|кто|кого|кем|ποι[οό]ς|cine|kim|ai",
        "谁|誰|だれ|कौन|किसने|ใคร",
    ),
    (
        "place",
        r"where|(?:what|which)(?: \w+)? (?:country|city|state|region|place|location|continent|town|area|river)|wo|"
        r"wohin|où|d[oó]nde|dove|onde|waar|где|куда|πού|unde|nerede|ở đâu",
        "أين|哪里|哪裡|在哪|どこ|कहा[ँं]|ที่ไหน",
    ),
    (
        "reason",
        r"why|what (?:\w+ ){0,3}(?:causes?|reasons?|purpose)|warum|wieso|pourquoi|por qu[eé]|perch[eé]|waarom|"
        r"почему|зачем|γιατί|de ce|neden|tại sao",
        "لماذا|为什么|為什麼|なぜ|क्यों|ทำไม",
    ),
    (
        "steps",
        r"how (?:do|does|can|could|should|would|to)|wie kann|comment faire|c[oó]mo (?:puedo|se)",
        "如何|怎么|怎麼",
    ),
    ("way", r"how|wie|comment|c[oó]mo|come|как|πώς|cum|nasıl", "كيف|どう|कैसे|อย่างไร"),
)
_QUESTIONS = [(kind, re.compile(rf"\b(?:{spaced})\b|{other}", re.IGNORECASE)) for kind, spaced, other in _WORDS]
_DIGITS = re.compile(r"\d[\d.,]*")
_NUMBER_WORDS = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundreds?|"
    r"thousands?|millions?|billions?|half|third|quarter|dozens?|percent|once|twice)\b|[%一二三四五六七八九十百千万萬億]",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"\b(?:1\d|20)\d\ds?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|\b\w*(?:centur|decade|siècle|siglo|jahrhundert)\w*|"
    r"[年月日]",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?<=[^\s.!?] )[^\W\d_a-z][\w’'-]+")
"""Words with a capital, but for the first of a sentence."""
_REASONS = re.compile(
    r"\b(?:because|due to|since|so that|in order to|as a result|owing to|caus\w+|reasons?|leads? to|led to|allow\w*|to "
    r"(?:prevent|avoid|make|keep|reduce|protect)|weil|denn|damit|parce que|afin|porque|para que|perché|poiché|omdat|"
    r"потому|чтобы|pentru că|çünkü|vì)\b|لأن|因为|因為|由于|由於|ため|から|क्योंकि|เพราะ",
    re.IGNORECASE,
)
_WAYS = re.compile(r"\b(?:by (?:\w+ly )?\w+ing|using|through|via|by means of)\b", re.IGNORECASE)


def asked(question: str) -> Asked:
    return next((kind for kind, words in _QUESTIONS if words.search(question)), "anything")


def fits(kind: Asked, question: str, text: str) -> float:
    """0 to 1: how far the text holds what is asked for, and the question does not."""
    match kind:
        case "number":
            return 1.0 if _new(_DIGITS, question, text) else 0.7 if _NUMBER_WORDS.search(text) else 0.0
        case "time":
            return 1.0 if _new(_DATES, question, text) else 0.5 if _new(_DIGITS, question, text) else 0.0
        case "person" | "place":
            return min(len(_new(_NAMES, question, text)), 3) / 3
        case "reason":
            return float(bool(_REASONS.search(text)))
        case "way":
            return float(bool(_WAYS.search(text)))
        case _:
            return 0.0


def _new(pattern: re.Pattern[str], question: str, text: str) -> set[str]:
    there = question.casefold()
    return {found.casefold() for found in pattern.findall(text) if found.casefold() not in there}
