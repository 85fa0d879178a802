"""The admin site's log-in, limited as that of the API."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from unfold.forms import AuthenticationForm

from users.limits import login_take
from utils.errors import GroundedError
from utils.problems import headers_of


class LimitedForm(AuthenticationForm):  # type: ignore[misc] # the theme has no types
    refused: GroundedError | None = None

    def clean(self) -> dict[str, Any]:
        try:
            login_take(request=self.request, login=self.cleaned_data.get("username", ""))
        except GroundedError as error:
            self.refused = error
            raise ValidationError(error.detail, code=error.code) from None
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def admin_login(request: HttpRequest, context: dict[str, Any] | None = None) -> HttpResponse:
    """The theme's page, with the status of what the form says."""
    page = admin.site.login(request, context)
    refused = getattr((getattr(page, "context_data", None) or {}).get("form"), "refused", None)
    if refused:
        page.status_code = refused.status
        for name, value in headers_of(refused).items():
            page[name] = value
    return page
