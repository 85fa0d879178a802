"""What leaves in an answer: no image from elsewhere, and no address but those that the cited passages hold.

An address can carry out what a model has read, as soon as it is shown (an image) or followed (a link).
"""

import re
from collections.abc import Iterable

REMOVED = "(address removed)"
_TEXT = r"\[(?P<{0}>(?:[^\[\]\n]|\[[^\[\]\n]{{0,100}}\]){{0,300}})\]"
_DESTINATION = r"\(\s*<?(?P<{0}>(?:[^()\s<>]|\([^()\s]{{0,200}}\)){{0,2000}})>?(?:\s[^)\n]{{0,300}})?\)"
_IMAGE = re.compile("!" + _TEXT.format("alt") + r"(?:\([^)\n]{0,2500}\)?|\[[^\]\n]{0,200}\])")
_HTML_IMAGE = re.compile(
    r"<(?:img|image|picture|source|iframe|object|embed|video|audio|svg|link|script|style)\b[^>]{0,3000}>?", re.I
)
_LINK = re.compile(_TEXT.format("text") + _DESTINATION.format("to"))
_DEFINITION = re.compile(r"(?m)^[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]*\S.*$")
_ANCHOR = re.compile(
    r"<a\b[^<>]{0,2000}?href\s*=\s*[\"']?(?P<to>[^\"'>\s]{0,2000})[^<>]{0,500}>(?P<text>[^<]{0,500})(?:</a\s*>)?", re.I
)
_BARE = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}:(?://|\\\\)|\bwww\.|\b(?:data|javascript|mailto|vbscript):(?=\S)"
    r"|(?<![\w:/.])//(?=[\w-]+\.)|\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}/\S{0,200}\?)[^\s<>\"'`)\]]*",
    re.I,
)
_ENDS = ".,;:!?*_…"
_OPENS = re.compile(r"!?\[|<[a-zA-Z!/]?")
_LONGEST_HELD = 3000
_NO_ADDRESS = re.compile(r"(?:[^!-~\s]|(?:[A-Za-z0-9]+|\[\d{1,3}\]|[,;])(?=[^!-~\s]))*")
"""Writing without spaces: an address begins with the letters of ASCII, and goes on with a sign of it."""
_FIRST_WORD = re.compile(r"\s*(?!https?|www|ftp|mailto|data|javascript|vbscript|file)[A-Za-z]+", re.I)


def addresses(texts: Iterable[str]) -> frozenset[str]:
    """The addresses that the texts hold, of links as they are written and of bare ones."""
    found: set[str] = set()
    for text in texts:
        found.update(match["to"] for match in _LINK.finditer(text))
        found.update(match["to"] for match in _ANCHOR.finditer(text))
        found.update(match.group().rstrip(_ENDS) for match in _BARE.finditer(text))
    return frozenset(found)


def checked(text: str, allowed: frozenset[str]) -> str:
    """The text without images, and with links and addresses only where they are allowed, word for word."""
    text = _IMAGE.sub(lambda match: match["alt"], text)
    text = _HTML_IMAGE.sub("", text)
    text = _ANCHOR.sub(lambda match: match.group() if _may(match["to"], allowed) else match["text"], text)
    text = _LINK.sub(lambda match: match.group() if _may(match["to"], allowed) else match["text"], text)
    text = _DEFINITION.sub(lambda match: match.group() if _known(match.group(), allowed) else "", text)
    return _BARE.sub(lambda match: _bare(match.group(), allowed), text)


def _may(address: str, allowed: frozenset[str]) -> bool:
    # What a browser would run is no address, whoever wrote it.
    return address in allowed and not re.match(r"\s*(?:javascript|data|vbscript):", address, re.I)


def _known(definition: str, allowed: frozenset[str]) -> bool:
    target = definition.partition("]:")[2].split()[0].strip("<>")
    return _may(target, allowed)


def _bare(found: str, allowed: frozenset[str]) -> str:
    address = found.rstrip(_ENDS)
    return found if _may(address, allowed) else REMOVED + found[len(address) :]


class Outgoing:
    """Checks an answer while it is written. What could be the beginning of an address waits for its end.

    But for the first word, so that nobody waits for two: should it turn out to begin an address, the rest is removed.
    """

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._held = ""
        self._begun = False
        self._ahead = ""
        """The beginning of what is held, where it has left already."""

    def take(self, text: str) -> str:
        """The next piece in, what may leave out."""
        self._held += text
        if not self._begun and self._held.strip():
            self._begun = True
            if _FIRST_WORD.fullmatch(self._held):
                self._ahead = self._held
                return self._ahead
        return self._leave(_safe(self._held))

    def rest(self) -> str:
        return self._leave(len(self._held))

    def _leave(self, cut: int) -> str:
        if cut < len(self._ahead):
            return ""
        leaving, self._held = self._held[:cut], self._held[cut:]
        ahead, self._ahead = self._ahead, ""
        return checked(leaving, self._allowed).removeprefix(ahead)


def _safe(text: str) -> int:
    """Up to where the text can be judged: to a space that lies in no link or tag that has begun and not ended, and on
    over writing that has no spaces.
    """
    cut = max(text.rfind(" "), text.rfind("\n")) + 1
    if harmless := _NO_ADDRESS.match(text, cut):
        cut = harmless.end()
    for match in _OPENS.finditer(text):
        if match.start() >= cut:
            break
        if _end(text, match) > cut and len(text) - match.start() < _LONGEST_HELD:  # one that never ends is none
            return match.start()
    return cut


def _end(text: str, match: re.Match[str]) -> int:
    """Where a link, an image or a tag ends that begins here; beyond the text where that has yet to come."""
    beyond = len(text) + 1

    def after(sign: str, start: int) -> int:
        found = text.find(sign, start)
        return found + 1 if found >= 0 else beyond

    if match.group().startswith("<"):
        return match.end() if match.group() == "<" else after(">", match.end())
    close = after("]", match.end())
    if close >= len(text):
        return min(close, after("\n", match.end())) if close > len(text) else beyond
    return after(")", close) if text[close] == "(" else close
