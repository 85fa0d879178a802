"""E-books (.epub): the chapters in the order in which they are read, each as the HTML page that it is."""

import posixpath
import re
from collections.abc import Iterator

from documents.blocks import Block, LoadedDocument
from documents.errors import BrokenFile, EncryptedFile
from documents.loaders.base import Loader, bounded
from documents.loaders.html import HtmlLoader
from documents.loaders.package import Element, Package, resolve

_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
# Fonts are made unreadable outside the book, which is no protection of its text.
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
# In XML any element may be closed where it is opened; to a reader of HTML <title/> would begin a title without end.
_CLOSED = re.compile(rb"<(?!(?:area|base|br|col|hr|img|input|link|meta|param|wbr)\b)([a-zA-Z][\w:-]*+)([^<>]*)/>")


class EpubLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        package = Package(data)
        _check_rights(package)
        root = package.xml("META-INF/container.xml").find("{*}rootfiles/{*}rootfile")
        if root is None:
            raise BrokenFile("The e-book does not say where its contents are.")
        part = root.get("full-path", "")
        book = package.xml(part)
        chapters = dict.fromkeys(_chapters(book, part))
        blocks = bounded(block for chapter in chapters for block in _blocks(package, chapter))
        title = book.findtext("{*}metadata//{*}title") or ""
        first = next((block.text for block in blocks if block.kind == "heading"), "")
        return LoadedDocument(title.strip() or first, blocks)


def _check_rights(package: Package) -> None:
    if "META-INF/encryption.xml" not in package:
        return
    methods = package.xml("META-INF/encryption.xml").iterfind("{*}EncryptedData/{*}EncryptionMethod")
    if any(method.get("Algorithm") not in _FONTS for method in methods):
        raise EncryptedFile("The e-book is protected: only the shop's own reader can open it.")


def _chapters(book: Element, part: str) -> Iterator[str]:
    """All that is read, but for the table of contents."""
    folder = posixpath.dirname(part)
    items = {item.get("id"): item for item in book.iterfind("{*}manifest/{*}item")}
    contents = {resolve(folder, r.get("href", "")) for r in book.iterfind("{*}guide/{*}reference[@type='toc']")}
    for reference in book.iterfind("{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _CHAPTERS or "nav" in item.get("properties", "").split():
            continue
        chapter = resolve(folder, item.get("href", ""))
        if chapter not in contents:
            yield chapter


def _blocks(package: Package, chapter: str) -> tuple[Block, ...]:
    if chapter not in package:
        raise BrokenFile("The e-book is incomplete: a chapter is missing.")
    return HtmlLoader().load(_CLOSED.sub(rb"<\1\2></\1>", package.read(chapter)), chapter).blocks
