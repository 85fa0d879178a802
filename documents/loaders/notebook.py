"""Jupyter notebooks: their texts, their code and what it printed."""

import json
from collections.abc import Iterator
from typing import Any

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.markdown import markdown_blocks

_OUTPUT = 5_000
"""Characters of what one cell printed."""


class NotebookLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        notebook = json.loads(decode(data))
        # Up to version 3 the cells were on worksheets.
        sheets = notebook.get("worksheets", [notebook])
        blocks = tuple(block for sheet in sheets for cell in sheet["cells"] for block in _blocks(cell))
        title = notebook.get("metadata", {}).get("title") or ""
        first = next((block.text for block in blocks if block.kind == "heading"), "")
        return LoadedDocument(str(title) or first, blocks)


def _blocks(cell: dict[str, Any]) -> Iterator[Block]:
    source = _text(cell.get("source", cell.get("input", "")))
    match cell.get("cell_type"):
        case "markdown":
            yield from markdown_blocks(source)
        case "heading":
            yield Block("heading", source, level=min(int(cell.get("level", 1)), 6))
        case "code":
            yield Block("code", source)
            for output in cell.get("outputs", []):
                yield Block("code", _printed(output)[:_OUTPUT])
        case _:
            yield Block("paragraph", source)


def _printed(output: dict[str, Any]) -> str:
    if output.get("output_type") in ("error", "pyerr"):
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    return _text(output.get("text") or output.get("data", {}).get("text/plain", ""))


def _text(lines: Any) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
