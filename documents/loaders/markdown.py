"""Markdown (CommonMark with tables and strikethrough), as plain text: without the marks of its syntax."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.front_matter import front_matter
from documents.loaders.html import html_blocks
from documents.loaders.rendering import list_text, pipe_table


class MarkdownLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        title, source = front_matter(decode(data).replace("\r\n", "\n"))
        blocks = tuple(markdown_blocks(source))
        headings = sorted((block for block in blocks if block.kind == "heading"), key=lambda block: block.level)
        return LoadedDocument(title or (headings[0].text if headings else ""), blocks)


def markdown_blocks(source: str) -> Iterator[Block]:
    # What is nested more deeply than this is left out by the parser.
    parser = MarkdownIt("commonmark", {"maxNesting": 60}).enable(["table", "strikethrough"])
    return _blocks(SyntaxTreeNode(parser.parse(source)))


def _blocks(parent: SyntaxTreeNode) -> Iterator[Block]:
    for node in parent.children:
        match node.type:
            case "heading":
                yield Block("heading", _inline(node), level=int(node.tag[1]))
            case "paragraph":
                yield Block("paragraph", _inline(node))
            case "bullet_list":
                yield Block("list", list_text(map(_item, node.children)))
            case "ordered_list":
                yield Block("list", list_text(map(_item, node.children), first=int(node.attrs.get("start", 1))))
            case "fence" | "code_block":
                yield Block("code", node.content)
            case "table":
                yield Block("table", pipe_table([_inline(cell) for cell in row.children] for row in _rows(node)))
            case "html_block":
                yield from html_blocks(node.content)
            case _:
                yield from _blocks(node)


def _item(node: SyntaxTreeNode) -> str:
    return "\n".join(block.text for block in _blocks(node))


def _rows(table: SyntaxTreeNode) -> Iterator[SyntaxTreeNode]:
    for part in table.children:
        yield from part.children


def _inline(parent: SyntaxTreeNode) -> str:
    return "".join(map(_text, parent.children))


def _text(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "text_special" | "code_inline":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline":
            return "\n" if node.content.lower().startswith("<br") else ""
        case _:
            return _inline(node)
