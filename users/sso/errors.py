"""Why a log-in by the provider came to nothing. What the provider itself said is in the log only."""

from utils.errors import GroundedError


class SsoError(GroundedError):
    status = 403
    title = "The log-in failed"


class SsoStateInvalid(SsoError):
    code = "sso_state_invalid"


class SsoRefused(SsoError):
    code = "sso_refused"


class SsoTokenInvalid(SsoError):
    code = "sso_token_invalid"


class SsoEmailMissing(SsoError):
    code = "sso_email_missing"


class SsoAccountExists(SsoError):
    status = 409
    code = "sso_account_exists"


class SsoLinkBroken(SsoError):
    status = 409
    code = "sso_link_broken"


class SsoAccountInactive(SsoError):
    code = "sso_account_inactive"


class SsoCodeInvalid(SsoError):
    status = 401
    code = "sso_code_invalid"


class SsoUnavailable(SsoError):
    status = 503
    code = "sso_unavailable"


BY_CODE: dict[str, type[SsoError]] = {error.code: error for error in SsoError.__subclasses__()}
