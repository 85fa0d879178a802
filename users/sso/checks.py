"""System checks of single sign-on and of who needs a second factor."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from users.models import Role
from users.sso.addresses import is_safe


@register(Tags.security)
def single_sign_on(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    oidc = settings.OIDC
    if not oidc["ISSUER"]:
        return []
    wrong = [
        (not is_safe(oidc["ISSUER"]), "OIDC_ISSUER is not on HTTPS.", "Set it to the provider's https:// address."),
        (not oidc["CLIENT_ID"], "OIDC_CLIENT_ID is not set.", "Register Grounded at the provider, and set its id."),
        ("openid" not in oidc["SCOPES"].split(), "OIDC_SCOPES is without openid.", "Add openid to it."),
        (
            bool(oidc["ROLES"]) != bool(oidc["ROLE_CLAIM"]),
            "OIDC_ROLE_CLAIM and OIDC_ROLES are of use together only.",
            "Set both, or none. With the claim alone everybody would become a user.",
        ),
        (
            not all(value and role in Role.values for value, role in oidc["ROLES"].items()),
            "OIDC_ROLES names something that is no role.",
            f"Write value=role, with commas between; the roles are {', '.join(Role.values)}.",
        ),
    ]
    found = [(number, text, hint) for number, (is_wrong, text, hint) in enumerate(wrong, 10) if is_wrong]
    return [Error(text, hint=hint, id=f"users.E{number:03}") for number, text, hint in found]


@register(Tags.security)
def second_factor_roles(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if set(settings.REQUIRE_SECOND_FACTOR_ROLES) <= set(Role.values):
        return []
    hint = f"The roles are {', '.join(Role.values)}."
    return [Error("REQUIRE_SECOND_FACTOR_ROLES names something that is no role.", hint=hint, id="users.E020")]
