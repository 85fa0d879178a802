"""What a reader of a source is: it lists the source's pages, and hands over those that have changed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

Keep = Callable[[], None]
"""Called again and again while a reader is at work; raises if the work is to stop."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells, without reading a page, whether it has changed. Only its own reader understands it."""

    fingerprint: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A page that is new, or may have changed. ``data`` is what it holds now."""

    uri: str
    file_name: str
    data: bytes
    mark: Mark
    title: str = ""
    """Empty: the one that the content itself has."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    uri: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A page that is not to be kept, and yet to be known: the reader wants to see it again the next time."""

    uri: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Failed:
    """A page that is there and could not be read now. What is known of it stays."""

    uri: str
    code: str
    detail: str


Page = Changed | Unchanged | Passed | Failed


@dataclass(frozen=True, slots=True)
class Place:
    """What is to be read. Not a model: a reader knows nothing of the database."""

    id: str
    location: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def most_pages(self) -> int:
        return int(self.options.get("max_pages", 1000))


class SourceReader(ABC):
    @abstractmethod
    def check(self, place: Place) -> None:
        """Raises SourceError if the place can be told to be wrong without reading it."""

    @abstractmethod
    def pages(self, place: Place, known: Mapping[str, Mark], keep: Keep) -> Generator[Page, None, None]:
        """Every page of the source, each address once.

        ``known`` are the pages that were there before, as their reader marked them. Once the iterator has ended, a
        page that it has not named is gone. Raises SourceError when it cannot name all of them.
        """
