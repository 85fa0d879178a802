"""Why somebody is not let in."""

from utils.errors import NotAuthenticated


class InvalidCredentials(NotAuthenticated):
    code = "invalid_credentials"
    title = "The log-in failed"


class InvalidToken(NotAuthenticated):
    code = "invalid_token"
    title = "The token is not valid"
