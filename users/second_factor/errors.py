"""What can be wrong with a second factor."""

from utils.errors import Conflict, NotAuthenticated, PermissionDenied


class SecondFactorRequired(NotAuthenticated):
    """``challenge`` is among the problem's members."""

    code = "second_factor_required"
    title = "A second factor is needed"


class ChallengeInvalid(NotAuthenticated):
    code = "challenge_invalid"
    title = "The log-in has to begin again"


class SecondFactorInvalid(PermissionDenied):
    """403 and no 401, which would have clients renew their tokens and try the code once more."""

    code = "second_factor_invalid"
    title = "The code is not valid"


class EnrolmentRequired(PermissionDenied):
    code = "second_factor_enrolment_required"
    title = "A second factor has to be set up first"


class SecondFactorEnabled(Conflict):
    code = "second_factor_enabled"
    title = "There is a second factor already"


class SecondFactorMissing(Conflict):
    code = "second_factor_missing"
    title = "There is no second factor"
