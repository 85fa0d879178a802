"""A person of whom there is a row in every model that hangs on accounts, and where in the product they are met."""

import itertools
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.utils import timezone

from users.audit import audit_record
from users.models import AuditEntry, User

_numbers = itertools.count(1)


def hangs_on_accounts() -> set[type[models.Model]]:
    """The models that have a relation to the account, and those whose rows go with rows of such a model."""
    found: set[type[models.Model]] = {User}
    while True:
        more = {model for model in apps.get_models(include_auto_created=True) if _hangs_on(model, found)}
        if more <= found:
            return found
        found |= more


def _hangs_on(model: type[models.Model], known: set[type[models.Model]]) -> bool:
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey):
            continue
        target = field.related_model
        if target is User or (target in known and field.remote_field.on_delete is models.CASCADE and _is_own(target)):
            return True
    return False


def _is_own(model: Any) -> bool:
    """Whether its rows go with the account, and what hangs on them does, too."""
    if model is User:
        return True
    return any(
        isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.CASCADE
        and (field.related_model is User or (field.related_model is not model and _is_own(field.related_model)))
        for field in model._meta.get_fields()
    )


class Filling:
    """Makes rows of whatever model, with a text that is met nowhere else in each field that takes one."""

    def __init__(self, user: User) -> None:
        self.rows: dict[type[models.Model], models.Model] = {User: user}
        self.texts: dict[type[models.Model], list[str]] = {}

    def fill(self, model: type[models.Model]) -> models.Model:
        if model not in self.rows:
            self.rows[model] = self._entry() if model is AuditEntry else self._make(model)
        return self.rows[model]

    def _entry(self) -> AuditEntry:
        user = self.rows[User]
        assert isinstance(user, User)
        text = self._text(AuditEntry, 60)
        return audit_record(
            actor=user, action="x.made", object_type="x", object_id=text, detail={"of": user.username}, subject=user
        )

    def _make(self, model: type[models.Model]) -> models.Model:
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            given = field.has_default() and not isinstance(field, models.JSONField)
            if isinstance(field, models.AutoField) or given:
                continue
            if isinstance(field, models.ForeignKey):
                target = field.related_model
                ours = target is User
                if ours or not field.null:
                    values[field.name] = self.fill(target)
            elif (value := self._value(model, field)) is not None:
                values[field.name] = value
        return model._default_manager.create(**values)

    def _value(self, model: type[models.Model], field: Any) -> Any:
        if field.choices:
            return field.choices[0][0]
        number = next(_numbers)
        if isinstance(field, models.CharField | models.TextField):
            return self._text(model, field.max_length or 1000)
        if isinstance(field, models.JSONField):
            return {"said": self._text(model, 1000)}
        if isinstance(field, models.DateTimeField):
            return timezone.now() + timedelta(days=1)
        if isinstance(field, models.DateField):
            return date(2001, 1, 1) + timedelta(days=number)
        if isinstance(field, models.FloatField | models.IntegerField):
            most = [one.limit_value for one in field.validators if isinstance(one, MaxValueValidator)]
            return min([number, *most])
        if isinstance(field, models.UUIDField):
            return uuid4()
        return b"\0" * 32 if isinstance(field, models.BinaryField) else None

    def _text(self, model: type[models.Model], most: int) -> str:
        text = f"met{next(_numbers)}nowhere"[:most]
        self.texts.setdefault(model, []).append(text)
        return text


def everywhere() -> Iterator[tuple[str, str]]:
    """Every place that something may be kept in, and what it holds."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", _told(value)
    for folder in {Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT), Path(settings.RAG["INDEX_DIR"])}:
        for path in folder.rglob("*"):
            if path.is_file() and "sqlite3" not in path.name:
                yield str(path), f"{path.name} {path.read_bytes().decode(errors='replace')}"
    client = cache._cache.get_client(None)  # type: ignore[attr-defined]
    for key in client.scan_iter(match=cache.make_key("*")):
        kind = client.type(key)
        value = client.get(key) if kind == b"string" else client.zrange(key, 0, -1)
        yield f"Redis {key.decode()}", _told(value)


def _told(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return json.dumps(value, default=str, ensure_ascii=False)
