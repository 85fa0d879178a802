"""JSON and lines of JSON: what is in them, as names and values."""

import json
from collections.abc import Iterator
from typing import Any

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.rendering import list_text, table_blocks

_HEADINGS = 3
"""So many levels of names become headings; what lies deeper is told by its path."""


class JsonLoader(Loader):
    def load(self, data: bytes, name: str) -> LoadedDocument:
        value = _parse(decode(data))
        title = (
            next((value[key] for key in ("title", "name") if isinstance(value.get(key), str)), "")
            if isinstance(value, dict)
            else ""
        )
        return LoadedDocument(title, tuple(_blocks(value, "", 1)))


def _parse(source: str) -> Any:
    try:
        return json.loads(source)
    except ValueError:
        lines = [line for line in source.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [json.loads(line) for line in lines]


def _blocks(value: Any, path: str, level: int) -> Iterator[Block]:
    if _is_table(value):
        columns = list(dict.fromkeys(key for row in value for key in row))
        yield from table_blocks([columns, *([_scalar(row.get(key)) for key in columns] for row in value)])
        return
    if not isinstance(value, dict):
        yield from _listed(_lines(value, path))
        return
    plain = {key: inner for key, inner in value.items() if not _is_large(inner)}
    yield from _listed(_lines(plain, path))
    for key, inner in value.items():
        if key in plain:
            continue
        if level <= _HEADINGS:
            yield Block("heading", key, level=level)
            yield from _blocks(inner, "", level + 1)
        else:
            yield from _blocks(inner, _joined(path, key), level)


def _listed(lines: Iterator[tuple[str, str]]) -> Iterator[Block]:
    """A block for each entry of a list, so that it is not torn apart where it need not be."""
    entry, items = "", list[str]()
    for path, value in lines:
        start = path[: path.find("]") + 1]
        if start != entry and items:
            yield Block("list", list_text(items))
            items = []
        entry = start
        items.append(f"{path}: {value}" if path else value)
    if items:
        yield Block("list", list_text(items))


def _lines(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _lines(inner, _joined(path, key))
        case list() if any(isinstance(inner, dict | list) for inner in value):
            for position, inner in enumerate(value, 1):
                yield from _lines(inner, f"{path}[{position}]")
        case list():
            if text := ", ".join(filter(None, map(_scalar, value))):
                yield path, text
        case _:
            if text := _scalar(value):
                yield path, text


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(row, dict) and not any(map(_is_container, row.values())) for row in value)
    )


def _is_large(value: Any) -> bool:
    """Worth a heading of its own: more than a name or two, or a plain list."""
    if isinstance(value, list):
        return any(map(_is_container, value))
    return isinstance(value, dict) and len(value) > 1


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list)


def _scalar(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value.strip()
        case _:
            return json.dumps(value)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
