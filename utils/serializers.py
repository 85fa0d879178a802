"""The serializers of REST framework, but that JSON's types are taken at their word: 7 is no text, "no" no boolean.

What comes in a form or in the query of an address has no types; there a field reads the text that it gets.
"""

from typing import Any, TypeVar

from django.db import models
from rest_framework import serializers as base
from rest_framework.fields import empty
from rest_framework.serializers import BaseSerializer as BaseSerializer
from rest_framework.serializers import DictField as DictField
from rest_framework.serializers import Field as Field
from rest_framework.serializers import FileField as FileField
from rest_framework.serializers import JSONField as JSONField
from rest_framework.serializers import ListField as ListField
from rest_framework.serializers import ListSerializer as ListSerializer
from rest_framework.serializers import PrimaryKeyRelatedField as PrimaryKeyRelatedField
from rest_framework.serializers import Serializer as Serializer
from rest_framework.serializers import SerializerMethodField as SerializerMethodField
from rest_framework.serializers import ValidationError as ValidationError
from rest_framework.utils.html import is_html_input

M = TypeVar("M", bound=models.Model)


def _typed(field: Field[Any, Any, Any, Any]) -> bool:
    return not is_html_input(getattr(field.root, "initial_data", None))


class _Given(Field[Any, Any, Any, Any]):
    def get_value(self, dictionary: Any) -> Any:
        """An empty word is a word; REST framework takes it for none given."""
        given = is_html_input(dictionary) and dictionary.get(self.field_name) == ""
        return "" if given else super().get_value(dictionary)


class CharField(_Given, base.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text


class EmailField(CharField, base.EmailField):
    pass


class SlugField(CharField, base.SlugField):
    pass


class URLField(CharField, base.URLField):
    pass


class UUIDField(_Given, base.UUIDField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class BooleanField(_Given, base.BooleanField):
    _WORDS = frozenset({"true", "false"})

    def to_internal_value(self, data: Any) -> Any:
        known = isinstance(data, bool) if _typed(self) else str(data).lower() in self._WORDS
        if not known and not (data is None and self.allow_null):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class IntegerField(_Given, base.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        whole = (isinstance(data, int) and not isinstance(data, bool)) or (
            isinstance(data, float) and data.is_integer()
        )
        if _typed(self) and not whole:
            self.fail("invalid")
        number: int = super().to_internal_value(data)
        return number


class FloatField(_Given, base.FloatField):
    def to_internal_value(self, data: Any) -> float:
        if _typed(self) and isinstance(data, bool | str):
            self.fail("invalid")
        number: float = super().to_internal_value(data)
        return number


class DecimalField(_Given, base.DecimalField):
    """Read from a number or a text, told as a text: a number in JSON may be rounded."""


class ChoiceField(_Given, base.ChoiceField):
    pass


class DateTimeField(_Given, base.DateTimeField):
    pass


class DateField(_Given, base.DateField):
    pass


class SlugRelatedField(base.SlugRelatedField[M]):
    def run_validation(self, data: Any = empty) -> Any:
        # REST framework takes an empty word for null, and looks for a number among the words.
        if _typed(self) and data not in (None, empty) and not (isinstance(data, str) and data):
            self.fail("invalid")
        return super().run_validation(data)


_MAPPING: "dict[type[models.Field[Any, Any]], type[Field[Any, Any, Any, Any]]]" = {
    models.CharField: CharField,
    models.TextField: CharField,
    models.EmailField: EmailField,
    models.SlugField: SlugField,
    models.URLField: URLField,
    models.UUIDField: UUIDField,
    models.BooleanField: BooleanField,
    models.FloatField: FloatField,
    models.DecimalField: DecimalField,
    **dict.fromkeys(
        (
            models.IntegerField,
            models.BigIntegerField,
            models.SmallIntegerField,
            models.PositiveIntegerField,
            models.PositiveSmallIntegerField,
            models.PositiveBigIntegerField,
        ),
        IntegerField,
    ),
}


class ModelSerializer(base.ModelSerializer[M]):
    serializer_field_mapping = {**base.ModelSerializer.serializer_field_mapping, **_MAPPING}


def valid(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    """The data of a request, once they are. Raises ValidationError."""
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data
