"""The JSON of accounts, tokens and API keys. What is valid the services decide; here are only shapes and sizes."""

from typing import Any

from django.contrib.auth.password_validation import password_validators_help_texts
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from users.models import ApiKey, Scope, User
from users.tokens import TokenPair


@extend_schema_field(OpenApiTypes.EMAIL)
class AddressField(serializers.CharField):
    """An e-mail address, judged by the service together with the other fields."""


class PasswordField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            write_only=True, trim_whitespace=False, max_length=256, style={"input_type": "password"}, **kwargs
        )


class RegisterSerializer(serializers.Serializer[dict[str, str]]):
    username = serializers.CharField(max_length=150, help_text="Letters, digits and . + - _")
    email = AddressField(max_length=254)
    password = PasswordField(help_text=" ".join(password_validators_help_texts()))


class LoginSerializer(serializers.Serializer[dict[str, str]]):
    """One of user name and e-mail address, in any case, and the password."""

    username = serializers.CharField(max_length=254, required=False, allow_blank=True)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    password = PasswordField()

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        login = attrs.get("username") or attrs.get("email")
        if not login:
            raise serializers.ValidationError({"username": ["Give the user name or the e-mail address."]})
        return {"login": login, "password": attrs["password"]}


class RefreshSerializer(serializers.Serializer[dict[str, str]]):
    refresh = serializers.CharField(max_length=4096)


class TokenPairSerializer(serializers.Serializer[TokenPair]):
    access = serializers.CharField(help_text="Goes into the header: `Authorization: Bearer <access>`.")
    refresh = serializers.CharField(help_text="Good for one exchange at `refresh/`.")


class AccountSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "email", "role", "is_verified", "date_joined")
        read_only_fields = fields


class AccountUpdateSerializer(serializers.Serializer[dict[str, str]]):
    username = serializers.CharField(max_length=150, required=False)
    email = AddressField(max_length=254, required=False)


class AccountEraseSerializer(serializers.Serializer[dict[str, str]]):
    password = PasswordField()


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False, help_text="What it opens."
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Null: never.")

    class Meta:
        model = ApiKey
        fields = ("id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at")
        read_only_fields = ("id", "prefix", "created_at", "last_used_at")


class ApiKeyMadeSerializer(ApiKeySerializer):
    key = serializers.CharField(read_only=True, help_text="The key itself. It is shown this once.")

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")  # type: ignore[assignment]
