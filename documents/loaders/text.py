"""Plain text."""

import re

from documents.blocks import Block, LoadedDocument, normalise
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.sentences import ITEM

_BLANK_LINES = re.compile(r"\n{2,}")
_UNDERLINE = re.compile(r"([=\-~^*#+_.])\1{2,}")
_ITEM = re.compile(ITEM)
_TITLE_LENGTH = 100


class TextLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        blocks = text_blocks(decode(data))
        if len(blocks) > 1 and _is_title(blocks[0].text):
            blocks[0] = Block("heading", blocks[0].text, level=1)
        title = blocks[0].text if blocks[0].kind == "heading" else ""
        return LoadedDocument(title, tuple(blocks))


def text_blocks(text: str) -> list[Block]:
    levels: dict[str, int] = {}
    return [_block(paragraph, levels) for paragraph in _BLANK_LINES.split(normalise(text).strip("\n"))]


def _block(paragraph: str, levels: dict[str, int]) -> Block:
    """``levels``: the characters headings were underlined with so far, the first one is of the highest level."""
    lines = paragraph.split("\n")
    if len(lines) == 2 and (underline := _UNDERLINE.fullmatch(lines[1])):
        level = levels.setdefault(underline[1], len(levels) + 1)
        return Block("heading", lines[0], level=min(level, 6))
    is_list = all(_ITEM.match(line) or (position and line[:1].isspace()) for position, line in enumerate(lines))
    return Block("list" if is_list else "paragraph", paragraph)


def _is_title(line: str) -> bool:
    return (
        len(line) <= _TITLE_LENGTH
        and "\n" not in line
        and line[-1:] not in {*".,;:!?。！？"}
        and any(map(str.isalpha, line))
    )
