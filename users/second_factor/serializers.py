"""The JSON of second factors."""

from typing import Any

from users.serializers import PasswordField
from utils import serializers

_CODE = "Six digits of the authenticator app."


class CodeField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, max_length=32, **kwargs)


class SecondFactorSerializer(serializers.Serializer[dict[str, Any]]):
    enabled = serializers.BooleanField()
    required = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Whether the account's role needs one."
    )
    recovery_codes_left = serializers.IntegerField()


class EnrolmentSerializer(serializers.Serializer[dict[str, str]]):
    secret = serializers.CharField(help_text="To be typed into the app. It is shown this once.")
    uri = serializers.CharField(help_text="`otpauth://…`, the same for programs.")
    qr = serializers.CharField(help_text="The same as a picture to be scanned: an SVG in a `data:` address.")


class ConfirmSerializer(serializers.Serializer[dict[str, str]]):
    code = CodeField(help_text=_CODE)


class RecoveryCodesSerializer(serializers.Serializer[dict[str, Any]]):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Each is good for one log-in. They are shown this once."
    )


class DisableSerializer(serializers.Serializer[dict[str, str]]):
    password = PasswordField(required=False, default="", allow_blank=True, help_text="Unless the account has none.")
    code = CodeField(help_text=f"{_CODE} Or a recovery code.")


class LoginCodeSerializer(serializers.Serializer[dict[str, str]]):
    challenge = serializers.CharField(max_length=512, help_text="Of the answer `second_factor_required`.")
    code = CodeField(help_text=f"{_CODE} Or a recovery code.")
