"""Files that are ZIP archives of XML parts: Office Open XML, OpenDocument, EPUB."""

import posixpath
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from documents.loaders.archive_safety import open_archive

NO_TITLES = frozenset(
    [
        "PowerPoint Presentation",
        "PowerPoint-Präsentation",
        "Présentation PowerPoint",
        "Presentación de PowerPoint",
        "Presentazione standard di PowerPoint",
        "No Slide Title",
        "Slide 1",
        "Word Document",
        "Untitled",
    ]
)
"""What programs call a document of which nobody said how it is called."""

Element = Any
"""lxml's elements. Loaders match local names, ``{*}p``, because the strict variants have other namespaces."""


class Relation(NamedTuple):
    kind: str
    """The last word of its type, such as ``slide``."""
    target: str


class Package:
    def __init__(self, data: bytes) -> None:
        self._archive = open_archive(data)
        self._names = set(self._archive.namelist())

    def __contains__(self, part: str) -> bool:
        return part in self._names

    def parts(self) -> list[str]:
        return self._archive.namelist()

    def read(self, part: str) -> bytes:
        """Raises KeyError where there is no such part."""
        return self._archive.read(part)

    def xml(self, part: str) -> Element:
        return parse_xml(self.read(part))

    def relations(self, part: str) -> dict[str, Relation]:
        """By id, what an Office part refers to within the package."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self:
            return {}
        return {
            str(found.get("Id")): Relation(
                found.get("Type", "").rpartition("/")[2], resolve(folder, found.get("Target", ""))
            )
            for found in self.xml(path).iterchildren("{*}Relationship")
            if found.get("TargetMode") != "External"
        }

    def related(self, part: str, kind: str) -> str | None:
        """The first part of that kind which exists."""
        targets = (relation.target for relation in self.relations(part).values() if relation.kind == kind)
        return next((target for target in targets if target in self), None)

    def title(self, part: str | None, path: str) -> str:
        """That in the properties, where somebody gave it one. Properties that are damaged cost no text."""
        if part is None or part not in self:
            return ""
        with suppress(etree.XMLSyntaxError):
            title = (self.xml(part).findtext(path) or "").strip()
            return "" if title in NO_TITLES else title
        return ""

    def office_title(self) -> str:
        return self.title(self.related("", "core-properties"), "{*}title")


def parse_xml(data: bytes) -> Element:
    """Entities are not expanded, nothing is fetched, and libxml2's limits on depth and size hold."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(data, parser)


def resolve(folder: str, target: str) -> str:
    """A part's name from a reference to it that stands in a part of ``folder``."""
    target = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
