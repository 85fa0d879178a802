"""What makes a sentence suspicious: words of certain meanings near each other.

A pattern is a regular expression in which ``{name}`` is a word of that class (vocabulary.py) and ``~N`` a gap of up to
N characters. A rule is tried only on sentences that hold a word of each class it names, so most sentences cost nothing.
Weights add up, the heaviest of each category: 1 is enough to set a version aside.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from documents.screening.vocabulary import BITS, SIGNS, expression

RULES: tuple[tuple[str, float, str], ...] = (
    (
        "address",
        1.0,
        r"(?:if|when|as) (?:you are|you're|an?y?) ?~12{ai}~25(?:{you}|\bread|\bsees?\b|evaluat|screen|process|summar|,)",
    ),
    ("address", 0.9, r"(?:if|as) (?:you are|you're)~25(?:language|automated|large|ai|screening) {machine}"),
    (
        "address",
        0.9,
        r"{note}s?\W{1,3}(?:to|for|an|pour|para|per|voor|fur)?\W{0,2}(?:the |any |all |every |our )?{ai}\W?(?:only|:|\)|,|who|that|reading|$)",
    ),
    (
        "address",
        0.7,
        r"(?:to|for|attention)\W+(?:any|all|every|automated|the)~12{ai}~20(?:read|that|who|evaluat|only|:|,)",
    ),
    (
        "address",
        0.8,
        r"{ai}~12(?:read|process|pars|scann|screen|evaluat|summari|index|ingest|crawl)\w*~6(?:this|the (?:page|file|document))",
    ),
    (
        "address",
        0.6,
        r"(?:to|for|attention)\W+~12(?:automated|ai|language|machine|llm)~3{machine}~12(?:read|that|who|evaluat|only|:|,|$)",
    ),
    ("address", 0.6, r"{note}~12(?:automated|ai|language) {machine}"),
    (
        "address",
        0.6,
        "(?:^\\s*|[\\n\\\"'(|>#*/.;:{\\[,-]\\s*)(?:hey |hi |hello |ok |dear )?{ai}\\s*[:,](?!\\w*/)(?=\\s*[a-z])",
    ),
    ("address", 0.5, r"\bdear ~8{ai}"),
    (
        "address",
        0.8,
        r"{ai}~25(?:must|should|shall|ha(?:s|ve) to|is to|are to|is required|are required|needs? to|will now|may not)~20{say}",
    ),
    (
        "address",
        0.8,
        r"{ai}~15(?:must|should|shall|ha(?:s|ve) to|may) (?:not |never |now |always |only )?(?:{override}|{judge}|{tool}|{obey}|{hush}|{reveal}|treat|read)",
    ),
    ("address", 0.5, r"(?:as (?:an?|the) |you are (?:an? |the )?)~15{ai}"),
    (
        "address",
        0.5,
        r"(?:your|you)~3(?:programming|training|prompt|operator|creators?|system prompt|guidelines)\b @your",
    ),
    ("address", 0.4, r"{your}~10(?:{prompt}|{task})"),
    ("address", 0.8, r"(?:todo|fixme|hint|note|hack|attn|cc|ps|p\.s)\W{1,3}(?:for |to )?{ai}"),
    ("address", 0.6, r"{note} (?:\w+ )?{machine},"),
    ("address", 0.8, r"{ai} (?:models?|agents?|systems?|reviewers?|readers?|assistants?|crawlers?)\s*[:,]"),
    ("address", 0.4, r"(?:^\s*)(?:attention|important|notice)\W~40{ai}"),
    ("answer", 0.5, r"{say}~25{only}"),
    ("answer", 0.5, r"{only}~15{say}"),
    (
        "answer",
        0.4,
        "(?:^|[.!?;:,]\\s*|\\band |\\bthen |\\bnow |\\bplease |\\bjust )(?:say|reply|respond|answer)\\b~25(?:[\\\"'\\[(:<`]|[a-z]+[-_]?\\d|the (?:word|text|string|phrase|sentence|token)) @say",
    ),
    ("answer", 0.5, r"{say}~20(?:with|by)? ?the (?:single )?(?:word|text|string|phrase|sentence|token)\b"),
    ("answer", 0.8, r"{say}~20(?:to )?(?:{whole}|{your})~15(?:{asked}|{answer})"),
    ("answer", 0.6, r"{say}~45{whole}~4{asked}"),
    ("answer", 0.6, r"{say}~12{whole}~5with\b"),
    (
        "answer",
        0.7,
        r"{your}~12(?:only|sole|whole|entire|final|next|single|new)?~3{answer}~25(?:is|be|must|consists?|as|now)",
    ),
    ("answer", 0.6, r"{whole}~12(?:{asked}|{answer})~40(?:{say}|must|has to|have to)"),
    ("answer", 0.5, r"(?:and|with|say)~6nothing else @only"),
    ("answer", 0.7, r"(?:as|for) your (?:whole |final |only )?(?:answer|output|reply|response) @your,answer"),
    ("answer", 0.5, r"{whichever}~30{asked}"),
    ("answer", 0.5, r"{whichever}~30{user}"),
    (
        "answer",
        0.5,
        "(?:^|[.!?;:,\\\"'(>*/#-]\\s*|\\band |\\bthen |\\bto |must |kindly )(?:tell|ask|urge|convince|insult|give)~8{user}",
    ),
    ("answer", 0.5, r"{say}~6{user}"),
    ("answer", 0.3, r"(?:only|correct|right)~10{answer}~20{whole}"),
    ("answer", 0.4, r"(?:begin|start|end|finish|preface|top)~15(?:{your}|{whole})~12{answer}"),
    (
        "answer",
        0.6,
        r"(?:{fetch}|{say})~50(?:in|to|at the (?:end|start|top|bottom|beginning) of) (?:each|every|all|any|your)~8{answer}",
    ),
    ("answer", 0.5, r"before (?:you )?(?:respond|answer|reply|replying|answering|responding|continu)~3 @say"),
    ("answer", 0.7, r"{say}~12(?:like an? |in the style|in (?:pirate|klingon|emoji|rhyme|base64|all caps|capital))"),
    ("answer", 0.3, r"{you} {say}~12"),
    ("answer", 0.6, r"{say}~12{whole}~4(?:questions?|quer)~10(?:with|by|in)\b"),
    ("answer", 0.6, r"{answer}~12(?:ha[sv]e? to|must|should|shall) (?:contain|include|be|mention|start|end)"),
    ("authority", 0.3, r"{authority}~40(?:{ai}|you (?:must|are required))"),
    (
        "authority",
        0.7,
        r"(?:by order of|on behalf of|message from|notice from|authorised by|authorized by)~20{authority}",
    ),
    ("authority", 0.6, r"{authority}~40(?:you must|you are required|decided that you|tell|safety rules)"),
    ("authority", 0.5, r"{authority}~40{order}"),
    ("authority", 0.4, r"(?:this|following)~25(?:replaces|supersedes|overrides|takes precedence)~30{authority}?"),
    (
        "authority",
        0.4,
        r"(?:{cite}~25(?:forged|outdated|untrustworthy|wrong|only trustworthy|whole truth|as the truth)|as the truth|whole truth) @cite",
    ),
    ("authority", 0.6, r"{authority}~40{your}~10(?:model|policy|prompt|rules|instructions|guidelines|training)"),
    ("authority", 0.4, r"{user} (?:is|has)~12(?:an? )?{authority}"),
    ("citing", 0.8, r"(?:always|only|must|alone)~15{cite}~15(?:this|\[\d|it as)|{cite}~12(?:as|with) \[\d"),
    ("citing", 0.4, r"(?:ignore|disregard|other|base)~20{cite}~20(?:forged|alone|only|instead|passages)? @cite"),
    ("citing", 0.6, r"(?:do not|don't|never|instead of)~12(?:use|cite|consult|rely|read)~20{cite}"),
    ("command", 0.3, r"{you}~3(?:must|are required to|have to|shall|are to)\b"),
    ("command", 0.4, r"(?:must|has to|have to) (?:now |always |only )?{say}"),
    ("command", 0.4, r"{obey}~15(?:instead|it out|them\W|it says|the result|the instruction)"),
    ("command", 0.4, r"{you}~3(?:must|have to) (?:only |always )?{say}"),
    ("denial", 0.8, r"{say}~15(?:that )?you ~12(?:{not}|no)~8{know}"),
    ("denial", 0.4, r"{say}~30(?:{not}|no|any)~8{know}"),
    ("denial", 0.8, r"(?:^|[.;,!]\s*|\band )(?:refuse|decline)~12(?:answer|all|any|every) @banned"),
    ("denial", 0.4, r"don't have specific information|have no information @know"),
    (
        "denial",
        0.6,
        r"{say}~30(?:{user}~8)?that~20(?:closed|shut down|out of service|unavailable|switched off|insolvent|bankrupt)",
    ),
    ("denial", 0.8, r"{whole}~6{answer}~20(?:apology|refusal|nothing)"),
    ("disclosure", 1.0, r"{reveal}~50(?:system|hidden|initial|secret|original|internal)~5{prompt}"),
    ("disclosure", 0.9, r"{reveal}~30{your}~20(?:{prompt}|configuration|{order})"),
    ("disclosure", 0.8, r"{reveal}~40{order}~25(?:you (?:were|have been|must|got|received|follow)|{prior})"),
    (
        "disclosure",
        0.8,
        r"{reveal}~15(?:everything|all|text|words?|anything) (?:that (?:is|stands) )?(?:above|before|so far)",
    ),
    ("disclosure", 0.8, r"what (?:were|was|are|have)~5you~3(?:told|given|instructed|been) @told"),
    ("disclosure", 0.9, r"{reveal}~30{system}~8{order}"),
    ("disclosure", 0.6, r"{reveal}~15(?:its|the|her|his)~6(?:system prompt|hidden \w+|configuration)"),
    ("disclosure", 0.6, r"{reveal}~20{haul}~20(?:you|your|system|context|memory)"),
    (
        "disclosure",
        0.8,
        r"{reveal}~30(?:exact|full|verbatim|complete|literal)~12(?:text|wording|contents?|copy)~30(?:{prompt}|{order})",
    ),
    ("invention", 0.5, r"{invent}~30(?:figure|answer|number|fact|plausible)"),
    ("invention", 0.5, r"make (?:it|something|one|them|things) up @say"),
    ("label", 0.5, r"(?:hidden|secret|new|injected|updated|real|actual) {order}"),
    (
        "obedience",
        0.8,
        r"(?:comply|obey|follow)~15(?:anything|everything|whatever|what it says|with any|with all|unconditionally) @obey",
    ),
    ("obedience", 0.4, r"(?:then|must|and|you) (?:comply|obey)\b @obey"),
    ("override", 1.0, r"{override}~45{prior}~30{order}"),
    ("override", 1.0, r"{override}~30{order}~30{prior}"),
    ("override", 1.0, r"{prior}~45{order}~30{override}"),
    ("override", 0.8, r"{override}~30(?:{your}|{whole})~30{order}"),
    ("override", 0.8, r"{whole}~30{order}~30{override}"),
    ("override", 0.8, r"{override}~12{system}~12{order}"),
    ("override", 0.8, r"{system}~12{order}~12{override}"),
    ("override", 0.4, r"{override}~20{order}"),
    ("override", 0.4, r"{order}~20{override}"),
    ("override", 0.9, r"{override}~25{whole}~30{told}"),
    ("override", 0.7, r"{override}~25{whole}~40{prior}"),
    ("override", 0.8, r"(?:do not|don't|no longer|stop|never|not)~12{obey}~40(?:{prior}~20)?(?:{order}|text you)"),
    ("override", 0.8, r"(?:pay no attention|set aside|no longer appl|stop (?:reading|following|summari))~60{order}"),
    ("override", 0.8, r"{order}~40(?:pay no attention|set aside|no longer appl)|{prompt}~40no longer appl @prompt"),
    (
        "override",
        0.7,
        r"{order}~30(?:no longer|are (?:off|void|lifted|suspended|cancelled|null)|is void|changed|have been replaced)",
    ),
    ("override", 0.5, r"(?:new|updated|additional|real|following|system)\W+(?:system |task )?{order}\s*(?:for~30)?:"),
    ("override", 0.4, r"{override}~15(?:this|that|it|the) ~10(?:page|question|request|table|passages?|dataset|user)"),
    ("override", 0.8, r"(?:obey|follow) (?:these|this)(?: text| instead| line|:) @obey"),
    ("override", 0.8, r"\b(?:system|prompt|priority|admin)[ _-](?:override|overwrite)\b @override"),
    ("override", 0.8, r"{not}~25{obey}~30{order}"),
    ("override", 0.7, r"{obey}~30{order}~25(?:no longer|{not})"),
    ("override", 0.8, r"{order}~30(?:disabled|deactivated|cancelled|canceled|revoked|suspended|hereby|replaced by)"),
    ("persona", 0.6, r"{fromnow}~25(?:{you}|{ai}|{say}|{whole}|{your})"),
    ("persona", 0.4, r"{you}~5(?:are|play|be|become|act|will)~20{persona}"),
    ("persona", 0.8, r"(?:you are|you're|become)~6now~3(?:an?|the|in|called|named|free|no longer)\b @you"),
    ("persona", 0.8, r"you are~5now~3[a-z]+(?:bot|gpt|, an?)\b @you"),
    (
        "persona",
        0.6,
        r"(?:act|pretend|imagine|roleplay|behave|speak)~3(?:as|to be|you(?:'re| are)|that you)~40(?:{ai}|{you}|{persona}|without|who|no ) @persona",
    ),
    ("persona", 0.8, r"(?:stay in|break|in that|leave)\W+(?:character|role)\b @persona"),
    ("persona", 0.8, r"\b(?:god|dan|jailbreak|unrestricted|evil)~3{mode}"),
    (
        "persona",
        0.4,
        r"(?:enter|switch|activate|enable|in|now)~12(?:developer|debug|maintenance|admin|root|sudo)~3{mode}",
    ),
    ("persona", 0.4, r"{persona}~40{persona}~60{ai}"),
    (
        "persona",
        0.8,
        r"you (?:will )?(?:play|take) the (?:part|role)|you act as|game~40you~20(?:act|play) @persona,you",
    ),
    ("persona", 0.8, r"(?:ai|assistant|model|bot)~25(?:no|without|free of|ignores)~8{limits}"),
    ("persona", 0.5, r"(?:ignores|has no|without|free of)~8{limits}"),
    ("persona", 0.8, r"(?:unfiltered|unrestricted|uncensored)~25{ai}"),
    ("persona", 0.7, r"simulate~20(?:terminal|console|shell|model|assistant) @persona"),
    ("persona", 0.8, r"(?:rest|remainder) of (?:this|the|our) {haul}"),
    ("persona", 0.7, r"{your}~4(?:real|true|new|actual|only|sole) (?:name|identity|{task})"),
    ("persona", 0.3, r"(?:each|every|all)~8(?:user~8)?{load}~3(?:is|are|as) ~3a?"),
    ("persona", 0.8, r"you(?:'re| are) no longer~25{ai}"),
    ("persona", 0.5, r"you are (?:\w+, an?|called|named|known as) \w+ @you"),
    ("praise", 0.5, r"{judge}~40{best}"),
    ("praise", 0.4, r"(?:recommend|rate|rank)~12(?:this|acme|it|us|to hire|him|her)\b @judge"),
    ("praise", 0.6, r"{say}~25(?:flawless|best vendor|is excellent|trustworthy|perfectly safe)"),
    ("praise", 0.5, r"(?:give|write|leave)~12{best}~8review"),
    ("riddle", 0.6, r"{decode}~40(?:{obey}|do what|carry)"),
    ("riddle", 0.4, r"(?:{obey}|run|{say})~40{decode}"),
    ("riddle", 0.5, r"{join}~45{obey}"),
    ("riddle", 0.6, r"{ai}~30{join}"),
    ("riddle", 0.6, r"{order}~10{join}"),
    ("riddle", 0.6, r"{join}~15(?:orders|instructions)"),
    ("suppression", 0.6, r"(?:{not}|may not|not allowed to|under no circumstances)~25{banned}"),
    ("suppression", 0.8, r"{banned}~12(?:are|is)~3{banned}"),
    ("suppression", 0.7, r"{not}~8{hush}~12(?:this|these|the (?:text|sentence|rule|note|user)|it\b)"),
    ("suppression", 0.5, r"(?:keep|hide)~12(?:{order}|this|rule)~25(?:yourself|secret|from the user) @hush"),
    ("suppression", 0.5, r"{not}~8{say}~25(?:lack|missing|cannot help|can't help|{know})"),
    ("suppression", 0.7, r"(?:do not|don't|never)~4(?:tell|inform|warn|alert)~8{user}"),
    ("suppression", 0.6, r"under no circumstances~12{say}"),
    ("suppression", 0.6, r"{banned}~8(?:to )?{say}"),
    ("theft", 0.9, r"{fetch}~45{haul}~60{address}"),
    (
        "theft",
        0.8,
        r"{fetch}~20(?:user's|user ha|visitor's|customer's|{load})~60{address}~20(?:{answer}|display|show|render|attacker|evil)",
    ),
    ("theft", 0.8, r"{fetch}~12(?:this|the)?~12(?:image|link|url)~20{answer}"),
    ("theft", 0.9, r"{fetch}~30{haul}~40(?:to|into|an|a) ~8(?:[\w.+-]+@|http)"),
    ("theft", 0.8, r"(?:ask|tell|urge)~8{user}~40{haul}"),
    (
        "theft",
        0.9,
        r"{fetch}~12(?:the |all |every )?(?:user's|visitor's|customer's)~40(?:to|into)~12(?:[\w.+-]+@|http) @user",
    ),
    ("theft", 0.8, r"(?:enter|type|give|confirm)~8(?:the|their|your)~5{haul}~20(?:there|http|here|to continue)"),
    ("theft", 0.6, r"(?:tell|send|direct|recommend)~12{user}~25{address}"),
    ("theft", 0.5, r"(?:curl|wget)~5{address}~60(?:\|\s*(?:ba)?sh)"),
    ("theft", 0.9, r"{fetch}~30(?:user|visitor|customer|reader)s?'~60{address} @fetch,address"),
    ("tone", 0.4, r"{not}~25{caveat}"),
    (
        "tool",
        0.3,
        r"(?:call|invoke|execute|run|use)\b~12(?:function|tool|[a-z]+_[a-z_]+)~12(?:\{|with|argument|function|[a-z]+_[a-z]+) @tool",
    ),
    ("tool", 0.5, r"(?:call|invoke|run|use)\b~20{tool}~60(?:before you|and then tell|now\b|without ask)"),
    ("tool", 0.3, r"(?:call|invoke|execute|run|use)~8(?:the )?(?:function|tool)\b~40(?:with|argument|amount|to) @tool"),
    ("tool", 0.3, r"(?:call|invoke|execute|run|use) \w+_\W?\w+~4(?:\{|with|\() @tool"),
    ("trigger", 0.8, r"{when}~3(?:asked|being asked|summari[sz]ing)\b~60{say}"),
    ("trigger", 1.0, r"{when}~3(?:you are|you're|you get) (?:asked|summari)~60{say}"),
    (
        "trigger",
        0.9,
        r"{when}~3(?:you(?:'re| are)?|(?:the|a|any) (?:user|reader|visitor|question|query|message)s?|any(?:one|body)|some(?:one|body)|users|they|it is)~25{asked}~80{say}",
    ),
    ("trigger", 0.8, r"(?:as soon as|upon|for later|next time)~60(?:{asked}|{user})~60{say}"),
    ("trigger", 0.8, r"{when}~15{user}~20{asked}~60{say}"),
    (
        "trigger",
        0.6,
        r"{say}~40{when}~3(?:asked|(?:you(?:'re| are)?|(?:the|a|any) (?:user|reader|visitor|question|query|message)s?|any(?:one|body)|some(?:one|body)|users|they|it is)~12{asked})",
    ),
)


class Rule(NamedTuple):
    category: str
    weight: float
    pattern: re.Pattern[str]
    needed: int
    """Bits of the classes that a sentence must have."""


def _rule(category: str, weight: float, pattern: str) -> Rule:
    pattern, _, named = pattern.partition(" @")
    classes = named.split(",") if named else _required(pattern)
    needed = sum({BITS[name] for name in classes})
    assert needed, pattern  # noqa: S101 - else it would be tried on every sentence
    pattern = re.sub(r"(?<!\\)( |\\s[*+]|\^)(?![?*+{])", rf"\1{SIGNS}", pattern)
    pattern = re.sub(r"~(\d+)", lambda gap: rf"[^\x00]{{0,{gap[1]}}}?{SIGNS}", pattern)
    pattern = re.sub(r"\{([a-z]+)\}", lambda name: expression(name[1]), pattern)
    return Rule(category, weight, re.compile(pattern), needed)


def _required(pattern: str) -> list[str]:
    """The classes outside of all groups: those within may be one of several."""
    while pattern != (shorter := re.sub(r"\((?:[^()\\]|\\.)*\)", "", pattern)):
        pattern = shorter
    return re.findall(r"\{(\w+)\}", pattern)


_RULES = tuple(_rule(*rule) for rule in RULES)


@lru_cache(maxsize=50_000)
def rules_for(classes: int) -> tuple[Rule, ...]:
    """The rules that a sentence with words of these classes may fulfil, the heaviest of a category first."""
    fitting = [rule for rule in _RULES if rule.needed & classes == rule.needed]
    return tuple(sorted(fitting, key=lambda rule: (rule.category, -rule.weight)))
