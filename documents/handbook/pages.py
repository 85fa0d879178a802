"""The pages of the handbook, in the order of their groups (documents/library/contents.toml)."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from django.urls import reverse

import documents
from documents.handbook.rendering import Heading, rendered
from documents.loaders.front_matter import front_matter

LIBRARY = Path(documents.__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    """Below the handbook's root, such as ``guide/configure``."""
    title: str
    summary: str
    """The first sentence of its first paragraph."""
    html: str
    headings: tuple[Heading, ...]

    @property
    def questions(self) -> list[Heading]:
        return [heading for heading in self.headings if heading.level == 2]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    pages: tuple[Page, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All pages. Read once a process: the files come with the code."""
    return tuple(Group(title, tuple(map(_page, paths))) for title, paths in _contents().items())


def pages() -> Iterator[Page]:
    return chain.from_iterable(group.pages for group in groups())


def page_find(path: str) -> Page | None:
    return _page(path) if any(path in paths for paths in _contents().values()) else None


def page_address(*, source_uri: str, title: str, heading: str) -> str:
    """Where a passage of the handbook can be read on this server, at its heading; empty for one of other documents.

    ``heading`` are the headings above it, joined as in a chunk. A document may have such a ``source_uri`` without being
    ours, so its title counts too.
    """
    found = re.fullmatch(r"library/(\w+/[\w-]+)\.md", source_uri)
    page = page_find(found[1]) if found else None
    if page is None or page.title != title:
        return ""
    last = heading.rpartition(" > ")[2]
    anchor = next((each.anchor for each in page.headings if each.text == last), "")
    address = reverse("handbook-page", args=[page.path])
    return f"{address}#{anchor}" if anchor else address


@cache
def _contents() -> Mapping[str, Sequence[str]]:
    """The paths of each group's pages."""
    contents = tomllib.loads((LIBRARY / "contents.toml").read_text(encoding="utf-8"))
    return {group["title"]: group["pages"] for group in contents["groups"]}


@cache
def _page(path: str) -> Page:
    title, source = front_matter((LIBRARY / f"{path}.md").read_text(encoding="utf-8"))
    html, headings = rendered(source)
    first = re.search(r"<p>(.+?)(?:(?<=[.?!])\s.*?)?</p>", html, re.DOTALL)
    summary = re.sub(r"<[^>]+>|:$", "", first[1]) if first else ""
    return Page(path, title, summary, html, headings)
