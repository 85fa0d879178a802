"""Codes: those of an authenticator app, which follow from a secret and the time (RFC 6238), and recovery codes."""

import base64
import hashlib
import logging
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings

logger = logging.getLogger(__name__)
ISSUER = "Grounded"
STEP = 30
"""Seconds that a code is shown for."""
_DRIFT = 1
"""Steps by which the clocks may differ, either way."""
_DIGITS = 6
_RECOVERY_CODES = 10


def secret_make() -> bytes:
    return secrets.token_bytes(20)


def secret_text(secret: bytes) -> str:
    """As it is typed into an app that cannot scan."""
    return base64.b32encode(secret).decode()


def secret_uri(secret: bytes, account: str) -> str:
    """As it is scanned."""
    return _totp(secret).get_provisioning_uri(account, ISSUER)


def secret_seal(secret: bytes) -> str:
    return _cipher().encrypt(secret).decode()


def secret_open(sealed: str) -> bytes | None:
    """None if another SECRET_KEY has sealed it."""
    try:
        return _cipher().decrypt(sealed.encode())
    except InvalidToken:
        logger.warning("A second factor cannot be read: SECRET_KEY was another when it was set up.")
        return None


def step_of(secret: bytes, code: str, *, at: float, after: int) -> int | None:
    """The time step, later than ``after``, whose code this is."""
    now = int(at) // STEP
    totp = _totp(secret)
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if step > after and bytes_eq(totp.generate(step * STEP), code.encode()):
            return step
    return None


def recovery_codes_make() -> list[str]:
    """Each of 80 bits, so that a plain digest keeps it safe."""
    texts = (base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(_RECOVERY_CODES))
    return ["-".join(text[at : at + 4] for at in range(0, 16, 4)) for text in texts]


def recovery_digest(code: str) -> str:
    plain = "".join(filter(str.isalnum, code)).upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), STEP)  # noqa: S303 - what all the apps know


def _cipher() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"users.second_factor").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
