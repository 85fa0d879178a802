"""The boundary to whatever keeps archives."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_NAME = re.compile(r"backup-(\d{8}T\d{6}Z)\.tar\.gz(\.sealed)?")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Stored:
    """An archive that was written whole."""

    name: str
    size: int

    @property
    def made(self) -> datetime:
        match = _NAME.fullmatch(self.name)
        if match is None:
            raise ValueError(f"{self.name} is no name of an archive.")
        return datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)


def archive_name(made: datetime, *, sealed: bool) -> str:
    return f"backup-{made.astimezone(UTC).strftime(_TIME)}.tar.gz{'.sealed' if sealed else ''}"


def is_archive_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


class BackupStore(ABC):
    """Archives by name. One is there whole or not at all, whoever is killed meanwhile. Raises StoreUnavailable."""

    @abstractmethod
    def __str__(self) -> str:
        """Where that is, as people know it, without a secret."""

    @abstractmethod
    def list(self) -> Sequence[Stored]:
        """What there is, newest first; other things in the same place are passed over."""

    @abstractmethod
    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep an archive. Where ``chunks`` raises, that is raised, and nothing is kept."""

    @abstractmethod
    def read(self, name: str) -> Iterator[bytes]:
        """The archive from beginning to end, a part at a time."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """What is not there is deleted already."""

    @abstractmethod
    def tidy(self) -> None:
        """Remove what is left of writers that were killed. Nobody may be writing."""

    @abstractmethod
    def free(self) -> int | None:
        """Bytes that can still be written; None where nobody can tell."""
