"""Second factors and their recovery codes."""

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """What an account's authenticator app has. It counts from the moment that a first code has proved it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = models.TextField(help_text="Encrypted (users/second_factor/codes.py).")
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0, help_text="The time step of the last code that was accepted.")


class RecoveryCode(models.Model):
    """Good for one log-in in the place of a code. Its row goes when it is used."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, help_text="SHA-256; the code has 80 bits.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_unique")]
