"""What every loader is."""

from abc import ABC, abstractmethod

from documents.blocks import LoadedDocument

MAX_TEXT = 20_000_000
"""The most characters that are taken out of one file."""


class Loader(ABC):
    """Turns a file of one type into blocks. The type has been recognised by content before."""

    @abstractmethod
    def load(self, data: bytes, name: str) -> LoadedDocument:
        """``title`` is empty where the file has none. The texts need not be clean (documents/blocks.py cleans them).

        Raises documents.errors.LoadError. Any other exception means to the caller that the file is broken.
        """
