"""A page's Markdown as HTML. It is our own text; HTML in it would be shown as it was typed all the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# A page's link to another page: nowhere else, and not up out of the handbook's folders.
_PAGE = re.compile(r"(?!\w+:)([\w./-]+)\.md(#.*)?")
_SCROLLS = 'tabindex="0" role="region"'
_TITLE = re.compile(r"\A\s*# .*\n")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    """Without the marks of its syntax, as it stands in the headings of passages."""
    anchor: str
    """As GitHub makes it, so that links between the files hold there too."""


def rendered(source: str) -> tuple[str, tuple[Heading, ...]]:
    """The HTML and its headings, of all that comes after the title. Links between pages end in ``.html``."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(_TITLE.sub("", source, count=1))
    headings = tuple(_headings(tokens))
    for token in tokens:
        for part in token.children or ():
            if part.type == "link_open":
                part.attrs["href"] = _PAGE.sub(r"\1.html\2", str(part.attrs["href"]))
    return _Renderer().render(tokens, parser.options, {}), headings


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Each heading; its tag gets the anchor as its id."""
    seen: dict[str, int] = {}
    for tag, inline in pairwise(tokens):
        if tag.type != "heading_open":
            continue
        text = "".join(part.content for part in inline.children or () if part.type in ("text", "code_inline"))
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        seen[anchor] = seen.get(anchor, -1) + 1
        anchor += f"-{seen[anchor]}" if seen[anchor] else ""
        tag.attrs["id"] = anchor
        yield Heading(int(tag.tag[1]), text, anchor)


class _Renderer(RendererHTML):
    """What may be wider than a phone scrolls by itself, and takes the keys for that."""

    def table_open(self, *_: Any) -> str:
        return f'<div class="wide" {_SCROLLS} aria-label="Table"><table>\n'

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"

    def fence(self, *block: Any) -> str:
        return super().fence(*block).replace("<pre>", f'<pre {_SCROLLS} aria-label="Example">', 1)
