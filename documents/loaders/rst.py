"""reStructuredText, as plain text: without the marks of its syntax."""

import re
from collections.abc import Iterator

from docutils import nodes
from docutils.core import publish_doctree

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.rendering import list_text, pipe_table

# No file or address is read that the text names, nothing is passed through, no configuration of the machine counts.
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "syntax_highlight": "none",
    "report_level": 5,
    "halt_level": 5,
    "line_length_limit": 10_000_000,
    "warning_stream": False,
}
_UNREAD = (nodes.system_message, nodes.comment, nodes.target, nodes.substitution_definition, nodes.Invisible)
# A role that only another program knows, as :ref:`the page <label>`.
_ROLE = re.compile(r":[\w:+.-]+:`([^`<]*?)\s*(?:<([^`>]*)>)?`")


class RstLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        source = decode(data).lstrip("\ufeff")
        tree = publish_doctree(source, settings_overrides=_SETTINGS)
        blocks = tuple(_blocks(tree, 0))
        return LoadedDocument(next((block.text for block in blocks if block.kind == "heading"), ""), blocks)


def _blocks(parent: nodes.Element, level: int) -> Iterator[Block]:
    for node in parent.children:
        if isinstance(node, _UNREAD) or not isinstance(node, nodes.Element):
            continue
        block = _block(node, level)
        if block:
            yield block
        else:
            yield from _blocks(node, level + isinstance(node, nodes.section))


def _block(node: nodes.Element, level: int) -> Block | None:
    match node:
        case nodes.title():
            return Block("heading", _text(node), level=min(max(level, 1), 6))
        case nodes.rubric() | nodes.subtitle():
            return Block("heading", _text(node), level=min(level + 1, 6))
        case nodes.literal_block() | nodes.doctest_block() | nodes.math_block():
            return Block("code", node.astext())
        case nodes.bullet_list() | nodes.option_list():
            return Block("list", list_text(map(_joined, node.children)))
        case nodes.enumerated_list():
            return Block("list", list_text(map(_joined, node.children), first=int(node.get("start", 1))))
        case nodes.definition_list() | nodes.field_list():
            return Block("list", list_text(map(_definition, node.children)))
        case nodes.table():
            rows = [[_joined(cell) for cell in row.children] for row in node.findall(nodes.row)]
            return Block("table", pipe_table(rows))
        case nodes.TextElement():
            return Block("paragraph", _text(node))
    return None


def _joined(node: nodes.Node) -> str:
    return "\n".join(block.text for block in _blocks(node, 0)) if isinstance(node, nodes.Element) else ""


def _definition(node: nodes.Node) -> str:
    name, *rest = _joined(node).split("\n")
    return "\n".join([f"{name}:" if rest else name, *rest])


def _text(node: nodes.Element) -> str:
    return _ROLE.sub(lambda role: role[1] or role[2] or "", node.astext())
