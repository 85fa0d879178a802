"""The admin site's log-in: by a password or by the provider, and then by a code, where the account has a second factor.

Between the two steps the site's session holds the challenge, and nobody is logged in.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from users.admin_login import LimitedForm, admin_login
from users.editor_pages import editor_of, render_page
from users.models import User
from users.second_factor.errors import SecondFactorRequired
from users.second_factor.log_in import challenge_answer, needs_second_factor, second_factor_demand
from users.second_factor.services import second_factor_reset
from utils.errors import GroundedError

_KEY = "second_factor"
_MISSING = "Your role needs a second factor. Log in to the chat first, which helps you to set one up."
_NOT_STAFF = "Your account is not one of an editor or an admin."


class LogInForm(LimitedForm):
    """Raises SecondFactorRequired when the password is right and a code is to follow."""

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        second_factor_demand(user)
        if needs_second_factor(user):
            raise ValidationError(_MISSING, code="second_factor")


@never_cache
def site_log_in(request: HttpRequest) -> HttpResponse:
    """In the place of the site's own, which it goes through."""
    try:
        return admin_login(request, {"sso_name": settings.OIDC["NAME"] if settings.OIDC["ISSUER"] else ""})
    except SecondFactorRequired as demand:
        return _code_asked(request, demand)


def site_enter(request: HttpRequest, user: User, *, trusted: bool) -> HttpResponse:
    """Log in somebody whom the provider has told; ``trusted`` if a second factor was its business."""
    try:
        if not trusted:
            second_factor_demand(user)
    except SecondFactorRequired as demand:
        return _code_asked(request, demand)
    refused = _NOT_STAFF if not user.is_staff else _MISSING if not trusted and needs_second_factor(user) else ""
    if refused:
        messages.error(request, refused)
        return HttpResponseRedirect(reverse("admin:login"))
    return _entered(request, user, reverse("admin:index"))


@never_cache
def site_code(request: HttpRequest) -> HttpResponse:
    """The second step."""
    pending: dict[str, str] | None = request.session.get(_KEY)
    if pending is None:
        return HttpResponseRedirect(reverse("admin:login"))
    error = ""
    if request.method == "POST":
        try:
            user = challenge_answer(challenge=pending["challenge"], code=request.POST.get("code", "")[:32])
        except GroundedError as problem:
            error = problem.detail
        else:
            del request.session[_KEY]
            return _entered(request, user, pending["next"])
    return render_page(request, "users/site_code.html", title="Second factor", error=error)


def _code_asked(request: HttpRequest, demand: SecondFactorRequired) -> HttpResponse:
    told = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure())
    request.session[_KEY] = {
        "challenge": demand.members["challenge"],
        "next": told if is_ours else reverse("admin:index"),
    }
    return HttpResponseRedirect(reverse("admin-second-factor"))


def _entered(request: HttpRequest, user: User, address: str) -> HttpResponse:
    if not user.is_staff:  # the site would ask for another log-in, on and on
        messages.error(request, _NOT_STAFF)
        return HttpResponseRedirect(reverse("admin:login"))
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(address)


@admin.action(description="Reset the second factor of the selected accounts", permissions=["change"])
def second_factors_reset(site: Any, request: HttpRequest, users: QuerySet[User]) -> None:
    reset = [user.username for user in users if second_factor_reset(user=user, actor=editor_of(request))]
    messages.success(request, f"Without a second factor now: {', '.join(reset) or 'none that had one'}.")


def admin_site_guard() -> None:
    """Call once, when the site's pages are registered."""
    site: Any = admin.site
    site.login_template = "users/site_log_in.html"
