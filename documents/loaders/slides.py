"""Slides, whichever program made them: each is a page under its title."""

from collections.abc import Iterable, Iterator, Sequence

from documents.blocks import Block


def first_title(blocks: Iterable[Block]) -> str:
    headings = (block for block in blocks if block.kind == "heading" and block.level == 1)
    return next((block.text for block in headings if block.text != f"Slide {block.page}"), "")


def slide_blocks(number: int, title: str, body: Sequence[Block], notes: str) -> Iterator[Block]:
    """A slide of any program, under its title or number; nothing where it has no text."""
    if title or notes or any(block.text.strip() for block in body):
        yield Block("heading", title or f"Slide {number}", level=1, page=number)
    yield from body
    if notes:
        yield Block("heading", "Speaker notes", level=2, page=number)
        yield Block("paragraph", notes, page=number)
