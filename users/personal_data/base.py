"""What each room keeps of a person: how it is handed out, and how it is erased.

A room above this one names its sections in the setting PERSONAL_DATA. A test walks all models: one that hangs on the
account and is in no section fails it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

from users.models import User

Part = tuple[str, Any]
"""Name and value, ready for JSON. An iterator becomes a list that is written as it comes, however long it is."""


class PersonalData(ABC):
    models: ClassVar[frozenset[str]] = frozenset()
    """The labels of the models whose rows about a person this hands out and erases: ``chat.Session``."""

    @abstractmethod
    def export(self, user: User) -> Iterable[Part]:
        """All of it that is the user's own, without secrets."""

    @abstractmethod
    def erase(self, user: User) -> None:
        """Remove it, or take the user out of it, within the transaction that removes the account. May come twice."""

    def erase_outside(self) -> None:  # noqa: B027 - most keep nothing there
        """After that has been committed: empty what is outside the database and may hold something of it."""


def sections() -> Iterator[PersonalData]:
    for path in settings.PERSONAL_DATA:
        yield import_string(path)()
