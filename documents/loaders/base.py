"""What every loader is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from documents.blocks import Block, LoadedDocument
from documents.errors import FileTooLarge

MAX_TEXT = 20_000_000
"""The most characters that are taken out of one file."""


class Loader(ABC):
    """Turns a file of one type into blocks. The type has been recognised by content before."""

    @abstractmethod
    def load(self, data: bytes, name: str) -> LoadedDocument:
        """``title`` is empty where the file has none. The texts need not be clean (documents/blocks.py cleans them).

        Raises documents.errors.LoadError. Any other exception means to the caller that the file is broken.
        """


def bounded(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks of a file that may name the same part again and again. Raises FileTooLarge."""
    kept, length = [], 0
    for block in blocks:
        kept.append(block)
        length += len(block.text)
        if length > MAX_TEXT:
            raise FileTooLarge("The file holds more text than one document may.")
    return tuple(kept)
