"""Who somebody is at a provider, and log-ins by one that are under way."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class ExternalIdentity(models.Model):
    """An account's name at a provider. It never changes there, unlike user names and addresses."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    password_mark = models.CharField(
        max_length=64, help_text="SHA-256 of the account's password hash when the identity was last proved to be its."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_unique"),
            models.UniqueConstraint(fields=["user", "issuer"], name="external_identity_one_an_issuer"),
        ]
        verbose_name_plural = "external identities"

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class SignOn(models.Model):
    """A provider has told who somebody is; their browser may fetch the tokens, once, with the code it was given."""

    state = models.CharField(max_length=64, unique=True, help_text="SHA-256; so that a log-in is finished once.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the code.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    used = models.BooleanField(default=False)
