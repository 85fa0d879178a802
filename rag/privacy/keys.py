"""Keys, tokens and passwords.

The shapes of keys are those that their issuers document, as detect-secrets and gitleaks collect them.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

_B64 = r"[A-Za-z0-9+/=]"
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*"
    rf"(?:[\w-]+: [^\n]*\s+)*(?:{_B64}{{16,}}(?:\s|\\n)*)+(?:{_B64}{{1,15}}(?:\s|\\n)*)?"
    r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?"
)
_SHAPED = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*(?:\.[\w-]+){0,2}"  # JWT and JWE
    r"|(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"  # AWS
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{40,}|gl(?:pat|ptt|dt|rt|soat|cbt)-[\w-]{20,}"
    r"|xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{20,}"  # Slack
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,}"  # Stripe
    r"|AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"  # Google
    r"|sk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9][\w-]{18,}"  # OpenAI, Anthropic and others
    r"|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|pcsk_\w{30,}|r8_[A-Za-z0-9]{30,}|nvapi-[\w-]{40,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|xkeysib-[0-9a-f]{40,}[\w-]*|(?:AC|SK)[0-9a-f]{32}"
    r"|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}|dckr_pat_[\w-]{20,}|do[oprt]_v1_[0-9a-f]{40,}|dapi[0-9a-f]{32}"
    r"|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|sq0(?:atp|csp)-[\w-]{20,}|lin_api_[A-Za-z0-9]{30,}|ntn_[A-Za-z0-9]{30,}"
    r"|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|hv[sb]\.[\w-]{24,}|age-secret-key-1[a-z0-9]{50,}"
    r"|\d{8,10}:AA[\w-]{33}"  # Telegram
    r")(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_HOOK = re.compile(r"https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/([\w/-]{20,})")
_HEADER = re.compile(r"\b(?:bearer|basic|x-api-key:|api-key:)\s+([A-Za-z0-9._~+/-]{12,}={0,2})", re.IGNORECASE)
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|tokens?|api[ _-]?key|access[ _-]?key|account[ _-]?key|auth[ _-]?key|"
    r"signing[ _-]?key|encryption[ _-]?key|client[ _-]?secret|license[ _-]?key|recovery[ _-]?code|passwort|kennwort|"
    r"mot de passe|contraseña|clave|senha|palavra-passe|wachtwoord|hasło|lösenord|adgangskode|passord|parola|пароль"
)
_PASSWORD_NAMES = re.compile(
    r"pass(?!port)|pwd|kennwort|contra|clave|senha|palavra|wachtwoord|hasło|lösenord|adgangs|parola|пароль", re.I
)
_ASSIGNED = re.compile(
    rf"(?:\b|_)({_NAMES})[\"'`]?\s*(?:(?::=|=>|==|[:=])|\b(?:is|was|ist|lautet|est|es|è|é|is:|wynosi)\b:?)\s*[\"'`]?"
    r"([^\s\"'`<>,;|]{6,200})",
    re.IGNORECASE,
)
_PIN = re.compile(r"\bpin(?:[ -]?(?:code|nummer|number))?\s*(?:[:=]|is|ist|est|es)\s*(\d{4,8})\b", re.IGNORECASE)
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]*:([^\s/@\"'<>]+)@[\w\[.-]", re.IGNORECASE)
_RANDOM = re.compile(r"(?<![\w/+.=%&?@#-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w/+%@(.-])")
_WORDS = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_INVENTED = re.compile(
    r"your|example|sample|dummy|placeholder|change.?me|redacted|insert|replace|x{3,}|\*{2,}|\.{3}|…|^[\[({$%<-]|\$\{|"
    r"\{\{|^(?:password|passwd|pass|pwd|secret|token|key|user|none|null|true|false|undefined|admin|root|test)\W*$",
    re.IGNORECASE,
)
_LEAST_ENTROPY = 4.0
"""Bits for a character; 24 random ones of base64 have 4.3 on average, English words 3.5."""


def keys(text: str) -> Iterator[tuple[int, int]]:
    for match in _PRIVATE_KEY.finditer(text):
        yield match.span()
    for match in _SHAPED.finditer(text):
        if not _INVENTED.search(match.group()) and len(set(match.group())) > 8:
            yield match.span()
    for pattern in (_HOOK, _HEADER):
        for match in pattern.finditer(text):
            if _varied(match[1]):
                yield match.span(1)
    yield from _assigned(text, passwords=False)
    for match in _RANDOM.finditer(text):
        if _random(match.group()):
            yield match.span()


def passwords(text: str) -> Iterator[tuple[int, int]]:
    for match in _IN_URL.finditer(text):
        if not _INVENTED.search(match[1]):
            yield match.span(1)
    yield from _assigned(text, passwords=True)
    for match in _PIN.finditer(text):
        yield match.span(1)


def _assigned(text: str, *, passwords: bool) -> Iterator[tuple[int, int]]:
    for match in _ASSIGNED.finditer(text):
        if bool(_PASSWORD_NAMES.match(match[1])) == passwords:
            value = match[2].rstrip(".:?)]}")
            if _varied(value) and not re.search(
                r"[()\[\]{}]|^\W*[a-z_]+(?:\.[a-z_]\w*)+$|://|^[/~.]|^[a-z]+[-_][a-z]+$", value
            ):
                yield match.start(2), match.start(2) + len(value)


def _varied(value: str) -> bool:
    """Whether it may be a secret that somebody has: no word, no name of a variable, nothing that stands for one."""
    if len(value) < 6 or _INVENTED.search(value):
        return False
    classes = [any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit)]
    symbols = any(not character.isalnum() and character not in "_-./" for character in value)
    return (
        (classes[2] and sum(classes) + symbols > 1)
        or (symbols and sum(classes) > 1)
        or (classes[2] and len(value) > 11)
    )


def _random(value: str) -> bool:
    """Whether it looks drawn by lot: three kinds of characters, few letters that make words, high entropy."""
    if _INVENTED.search(value) or not all(any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit)):
        return False
    worded = sum(len(word) for word in _WORDS.findall(value))
    return worded / len(value) < 0.45 and _entropy(value) >= _LEAST_ENTROPY


def _entropy(value: str) -> float:
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
