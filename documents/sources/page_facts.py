"""What a page says about itself: whether it wants to be kept, where its links lead, and what its address really is."""

import re
from dataclasses import dataclass
from itertools import islice

import httpx2
from lxml import etree, html

from documents.errors import LoadError
from documents.loaders.detection import detect
from documents.sources.client import USER_AGENT, Answer

_MOST_LINKS = 5000
_OURS = USER_AGENT.lower()
_LINK = re.compile(r'<([^>]*)>\s*;[^,<]*\brel="?canonical\b', re.IGNORECASE)
_AGENT = re.compile(r"\s*([\w-]+)\s*:\s*(.*)")
_WITH_VALUE = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")


@dataclass(slots=True)
class PageFacts:
    index: bool = True
    """May be kept."""
    follow: bool = True
    """Its links may be followed."""
    canonical: str = ""
    links: tuple[str, ...] = ()

    def obey(self, directives: str) -> None:
        words = {word.strip().lower() for word in directives.split(",")}
        self.index &= not words & {"noindex", "none"}
        self.follow &= not words & {"nofollow", "none"}


def facts(answer: Answer) -> PageFacts:
    """Of a page whose type is told by its content, as everywhere. What is not HTML has only its headers."""
    found = PageFacts()
    for header in answer.headers.get_list("x-robots-tag"):
        agent = _AGENT.match(header)
        if agent is None or agent[1].lower() in _WITH_VALUE:
            found.obey(header)
        elif agent[1].lower() == _OURS:
            found.obey(agent[2])
    for header in answer.headers.get_list("link"):
        if link := _LINK.search(header):
            found.canonical = _join(answer.url, link[1])
    try:
        is_html = detect(answer.data, answer.url.path) == "html" or "html" in answer.headers.get("content-type", "")
        if is_html:
            _read(html.document_fromstring(answer.data), answer.url, found)
    except (LoadError, etree.ParserError, ValueError):
        pass  # whether it can be read at all is for the loader to say
    return found


def _read(page: html.HtmlElement, base: httpx2.URL, found: PageFacts) -> None:
    for meta in page.iter("meta"):
        if (meta.get("name") or "").strip().lower() in ("robots", _OURS):
            found.obey(meta.get("content") or "")
    for element in page.iter("base"):
        if href := element.get("href"):
            base = httpx2.URL(_join(base, href) or str(base))
            break
    for link in page.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            found.canonical = _join(base, link.get("href"))
    hrefs = (
        _join(base, link.get("href"))
        for link in page.iter("a", "area")
        if link.get("href") and "nofollow" not in (link.get("rel") or "").lower().split()
    )
    found.links = tuple(islice(dict.fromkeys(href for href in hrefs if href), _MOST_LINKS))


def _join(base: httpx2.URL, address: str) -> str:
    try:
        return str(base.join(address.strip()))
    except (httpx2.InvalidURL, ValueError):
        return ""
