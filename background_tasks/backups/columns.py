"""The columns of a table, and how their values are told in an archive: the same whichever database they are from.

A row is one line of JSON, an array in the order of its columns. Times are ISO 8601 in UTC with all their digits,
numbers of fixed digits are texts, bytes are base64, JSON is a text with sorted keys; that keeps a NULL apart from
JSON's own null.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

Convert = Callable[[Any], Any]

_KINDS = {
    "integer": "AutoField BigAutoField BigIntegerField IntegerField PositiveBigIntegerField PositiveIntegerField "
    "PositiveSmallIntegerField SmallIntegerField",
    "boolean": "BooleanField",
    "float": "FloatField",
    "decimal": "DecimalField",
    "text": "CharField FileField SlugField TextField",
    "time": "DateTimeField",
    "date": "DateField",
    "uuid": "UUIDField",
    "bytes": "BinaryField",
    "json": "JSONField",
}
_KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: str

    @classmethod
    def of(cls, field: "models.Field[Any, Any]") -> "Column":
        """Raises KeyError for a field of a kind that no archive knows."""
        target: Any = field
        while target.remote_field:
            target = target.target_field
        return cls(str(field.column), _KIND[target.get_internal_type()])


def teller(columns: Sequence[Column], vendor: str) -> Callable[[Sequence[Any]], bytes]:
    """Makes the line of a row as the database's cursor gives it, without the line's end."""
    special = [(place, tell) for place, column in enumerate(columns) if (tell := _TELL[vendor].get(column.kind))]
    encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode

    def line(row: Sequence[Any]) -> bytes:
        values = list(row)
        for place, tell in special:
            if values[place] is not None:
                values[place] = tell(values[place])
        return encode(values).encode("ascii")

    return line


def taker(columns: Sequence[Column], vendor: str) -> Callable[[bytes], list[Any]]:
    """Makes the row that a database takes of a line."""
    special = [(place, take) for place, column in enumerate(columns) if (take := _TAKE[vendor].get(column.kind))]

    def row(line: bytes) -> list[Any]:
        values: list[Any] = json.loads(line)
        for place, take in special:
            if values[place] is not None:
                values[place] = take(values[place])
        return values

    return row


_sorted_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _number(text: str) -> float:
    """As PostgreSQL gives it back: it has no negative zero, and writes large numbers out."""
    value = float(text)
    return int(value) if abs(value) >= 1e16 and value.is_integer() else value + 0.0


def _json(text: str) -> str:
    return text if text in ("{}", "[]") else _sorted_json(json.loads(text, parse_float=_number))


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decimal(value: Decimal | float) -> str:
    """Without zeros at the end: PostgreSQL gives as many as the column has, SQLite the number."""
    return format(Decimal(str(value)).normalize(), "f")


def _with_dashes(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_TELL: dict[str, dict[str, Convert]] = {
    "postgresql": {"time": str, "date": str, "uuid": str, "bytes": _bytes, "json": _json, "decimal": _decimal},
    # Times are kept there without their zone, which is UTC, and UUIDs as 32 digits.
    "sqlite": {
        "time": "{}+00:00".format,
        "date": str,
        "uuid": _with_dashes,
        "bytes": _bytes,
        "json": _json,
        "decimal": _decimal,
    },
}
_TAKE: dict[str, dict[str, Convert]] = {
    "postgresql": {"bytes": base64.b64decode},
    "sqlite": {
        "time": lambda text: text.removesuffix("+00:00"),
        "uuid": lambda text: text.replace("-", ""),
        "bytes": base64.b64decode,
    },
}
