"""Why somebody is not let in."""

from utils.errors import InvalidInput, NotAuthenticated, PermissionDenied


class InvalidCredentials(NotAuthenticated):
    code = "invalid_credentials"
    title = "The log-in failed"


class EmailNotVerified(PermissionDenied):
    code = "email_not_verified"
    title = "The e-mail address is not verified"


class InvalidLink(InvalidInput):
    """Of a token that was mailed."""

    code = "invalid_link"
    title = "The link is not valid"

    def __init__(self) -> None:
        super().__init__("This link has expired, was used already, or a newer one was mailed.")


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
