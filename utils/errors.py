"""What can go wrong, as one small tree.

Services raise these; :mod:`utils.problems` turns them into problem details, commands print their text. ``code`` is
stable and listed in the handbook (documents/library/guide/errors.md); ``detail`` is for a person to read and never
holds a secret, an SQL text or a provider's raw reply.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class GroundedError(Exception):
    """Base of every expected failure. ``status`` is the HTTP status that it becomes."""

    status = 500
    code = "internal_error"
    title = "Something went wrong"
    logged = True
    """Whether Django writes each answer with it into the log."""

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: float | None = None,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """``members`` are further members of the problem's body, which the handbook describes under the code."""
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.errors = errors
        self.retry_after = retry_after
        self.members = members or {}
        self.headers = headers or {}


class InvalidInput(GroundedError):
    status = 400
    code = "invalid"
    title = "The request is not valid"


class NotAuthenticated(GroundedError):
    status = 401
    code = "not_authenticated"
    title = "Who is asking is not known"


class PermissionDenied(GroundedError):
    status = 403
    code = "permission_denied"
    title = "This is not allowed"


class NotFound(GroundedError):
    status = 404
    code = "not_found"
    title = "There is no such thing here"


class Conflict(GroundedError):
    status = 409
    code = "conflict"
    title = "This does not fit the present state"


class TooLarge(GroundedError):
    status = 413
    code = "too_large"
    title = "The request is too large"


class LimitReached(GroundedError):
    status = 429
    code = "rate_limited"
    title = "Too many requests"


class Unavailable(GroundedError):
    status = 503
    code = "unavailable"
    title = "This cannot be served now"


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"


class StorageFull(GroundedError):
    status = 507
    code = "storage_full"
    title = "There is no room for this"
