"""Headers by which a browser keeps a page from doing what it has no need to do.

The rest of them is Django's own (SecurityMiddleware): no guessing of types, no referrer to others, no windows shared
with others, and HSTS in production.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class SecurityHeadersMiddleware:
    """Before all that may answer, static files and refused hosts included. What a view has set stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._policies = {path: "; ".join(told) for path, told in settings.CONTENT_SECURITY_POLICIES.items()}
        self._always = {
            "Permissions-Policy": ", ".join(settings.PERMISSIONS_POLICY),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy(request.path_info))
        for name, value in self._always.items():
            response.headers.setdefault(name, value)
        response["Cross-Origin-Opener-Policy"] = "same-origin"  # the page of Swagger would do without
        return response

    def _policy(self, path: str) -> str:
        return next(policy for beginning, policy in self._policies.items() if path.startswith(beginning))
