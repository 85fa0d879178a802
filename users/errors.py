"""Why somebody is not let in."""

from utils.errors import NotAuthenticated, PermissionDenied


class InvalidCredentials(NotAuthenticated):
    code = "invalid_credentials"
    title = "The log-in failed"


class InvalidToken(NotAuthenticated):
    code = "invalid_token"
    title = "The token is not valid"


class CsrfFailed(PermissionDenied):
    code = "csrf_failed"
    title = "The request does not come from our page"


class InvalidApiKey(NotAuthenticated):
    code = "invalid_api_key"
    title = "The API key is not valid"


class ScopeMissing(PermissionDenied):
    code = "scope_missing"
    title = "The API key is not for this"
