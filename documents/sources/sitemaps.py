"""Sitemaps (sitemaps.org): the pages that a website names itself, as XML or plain text, packed or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from documents.sources.client import unzipped
from documents.sources.errors import SourceBroken

MOST_BYTES = 50_000_000
"""Of one sitemap, unpacked: the limit of the protocol itself."""
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Sitemap:
    pages: list[str]
    maps: list[str]
    """Further sitemaps, where this one is an index."""


def parse(data: bytes) -> Sitemap:
    """Raises SourceBroken."""
    data = _unpacked(data)
    if not data.lstrip(_BOM + b" \t\r\n").startswith(b"<"):
        lines = (line.strip() for line in data.decode("utf-8-sig", "replace").splitlines())
        return Sitemap([line for line in lines if line.startswith(("http://", "https://"))], [])
    pages: list[str] = []
    maps: list[str] = []
    for parent, text in _locations(data):
        (maps if parent == "sitemap" else pages).append(text)
    return Sitemap(pages, maps)


def _unpacked(data: bytes) -> bytes:
    return b"".join(unzipped([data], MOST_BYTES)) if data.startswith(_GZIP) else data


def _root(data: bytes) -> str:
    for _, element in _events(data, ("start",)):
        return str(etree.QName(element).localname)
    return ""


def _locations(data: bytes) -> Iterator[tuple[str, str]]:
    """What each ``loc`` stands in, and what it says."""
    if _root(data) not in ("urlset", "sitemapindex"):
        raise SourceBroken("The sitemap is an XML file of another kind.")
    for _, element in _events(data, ("end",)):
        parent = element.getparent()
        name = etree.QName(element).localname
        if name == "loc" and parent is not None and element.text:
            where = etree.QName(parent).localname
            if where in ("url", "sitemap"):
                yield where, element.text.strip()
        elif name in ("url", "sitemap"):
            element.clear()


def _events(data: bytes, events: tuple[str, ...]) -> Iterator[tuple[str, "etree._Element"]]:
    try:
        yield from etree.iterparse(
            BytesIO(data),
            events=events,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_pis=True,
            remove_comments=True,
            tag="{*}*",
        )
    except etree.XMLSyntaxError:
        raise SourceBroken("The sitemap is damaged: it cannot be read as XML.") from None
