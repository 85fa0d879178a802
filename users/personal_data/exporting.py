"""Everything that is kept of a person, as one JSON file."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from users.audit import audit_record
from users.models import User
from users.personal_data.base import sections

_IN_MEMORY = 1 << 18


def account_export(*, user: User) -> IO[bytes]:
    """The file, open at its beginning, without a name: it is gone once it is closed.

    Row by row, so the memory it takes does not grow with the history; whole before the first byte is sent, so nobody
    is handed half of it.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - it is sent
    with transaction.atomic():
        for piece in written({"exported_at": timezone.now(), **_parts(user)}):
            file.write(piece.encode())
        audit_record(actor=user, action="account.export", object_type="account", object_id=str(user.pk), subject=user)
    file.seek(0)
    return file


def _parts(user: User) -> dict[str, Any]:
    return {name: value for section in sections() for name, value in section.export(user)}


def written(value: Any) -> Iterator[str]:
    """The JSON of a value in pieces; of an iterator, within mappings too, item by item."""
    if isinstance(value, Mapping):
        yield from _enclosed("{}", (_member(name, item) for name, item in value.items()))
    elif isinstance(value, Iterator | QuerySet):
        yield from _enclosed("[]", map(written, value))
    else:
        yield json.dumps(value, cls=JSONEncoder, ensure_ascii=False)


def _member(name: str, value: Any) -> Iterator[str]:
    yield f"{json.dumps(name, ensure_ascii=False)}: "
    yield from written(value)


def _enclosed(brackets: str, items: Iterator[Iterator[str]]) -> Iterator[str]:
    yield brackets[0]
    for number, item in enumerate(items):
        yield ",\n" if number else "\n"
        yield from item
    yield brackets[1]
