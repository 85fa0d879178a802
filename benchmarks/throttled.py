"""The product with REST framework's own throttle in the place of its limits of log-ins, for benchmarks.logins."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from config.asgi import application as application
from users.views import LoginView


class ByAddress(SimpleRateThrottle):
    scope = "login-address"
    rate = "5/minute"

    def get_cache_key(self, request: Request, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ByAccount(ByAddress):
    scope = "login-account"

    def get_cache_key(self, request: Request, view: object) -> str:
        body: Any = request.data
        return self.cache_format % {"scope": self.scope, "ident": body["username"]}


LoginView.throttle_classes = (ByAddress, ByAccount)  # type: ignore[assignment]
