"""The JSON of accounts, tokens and API keys. What is valid the services decide; here are only shapes and sizes."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from users.authentication import session_id_of
from users.models import ApiKey, LoginSession, Scope, User
from users.tokens import TokenPair
from utils import serializers


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


class MailedTokenSerializer(serializers.Serializer[dict[str, str]]):
    token = serializers.CharField(
        max_length=128, help_text="From the link in the mail: what stands behind the last `/`."
    )


class AddressSerializer(serializers.Serializer[dict[str, str]]):
    email = serializers.EmailField(max_length=254)


class PasswordChangeSerializer(serializers.Serializer[dict[str, str]]):
    old_password = PasswordField()
    new_password = PasswordField(help_text=" ".join(password_validators_help_texts()))


class PasswordResetSerializer(MailedTokenSerializer):
    new_password = PasswordField(help_text=" ".join(password_validators_help_texts()))


class RefreshSerializer(serializers.Serializer[dict[str, str]]):
    refresh = serializers.CharField(max_length=4096)


class TokenPairSerializer(serializers.Serializer[TokenPair]):
    """Where ``AUTH_COOKIES`` is set, the refresh token is in a cookie and not here."""

    access = serializers.CharField(help_text="Goes into the header: `Authorization: Bearer <access>`.")
    refresh = serializers.CharField(
        required=False, help_text="Good for one exchange at `refresh/`. Absent where it travels in a cookie."
    )

    def to_representation(self, instance: TokenPair) -> dict[str, str]:
        body = {"access": instance.access}
        return body if settings.AUTH_COOKIES else {**body, "refresh": instance.refresh}


class LoginSessionSerializer(serializers.ModelSerializer[LoginSession]):
    current = serializers.SerializerMethodField(help_text="Whether the request's access token belongs to it.")

    class Meta:
        model = LoginSession
        fields = ("id", "device", "address", "created_at", "last_used_at", "expires_at", "current")
        read_only_fields = fields

    def get_current(self, session: LoginSession) -> bool:
        return session.pk == session_id_of(self.context["request"])


class AccountSerializer(serializers.ModelSerializer[User]):
    email = serializers.EmailField(source="address", read_only=True)

    class Meta:
        model = User
        fields = ("id", "username", "email", "role", "is_verified", "date_joined")
        read_only_fields = fields


class ProfileSerializer(AccountSerializer):
    new_email = serializers.EmailField(
        required=False, help_text="Awaits verification, and then becomes `email`. Only where there is one."
    )

    class Meta(AccountSerializer.Meta):
        fields = (*AccountSerializer.Meta.fields, "new_email")  # type: ignore[assignment]
        read_only_fields = AccountSerializer.Meta.fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        told = super().to_representation(instance)
        if not told["new_email"]:
            del told["new_email"]
        return told


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
