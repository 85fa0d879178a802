"""How the OpenAPI schema describes access tokens, and API keys: what they open beside those, and nothing else."""

from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from users.authentication import scopes_of
from utils.openapi import DESCRIPTIONS


class AccessTokenScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "users.authentication.AccessTokenAuthentication"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    # A text: the class is loaded by REST framework, which must come first.
    target_class = "users.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "gk_…"}

    def get_security_requirement(self, auto_schema: Any) -> Any:
        return {self.name: []} if scopes_of(auto_schema.path) else None


def keys_refused(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Spectacular's hook: an operation for users answers 403 to a key without the scope."""
    for path in result["paths"].values():
        for operation in path.values():
            if {"jwtAuth": []} in operation.get("security", ()) and "401" in operation["responses"]:
                refused = {**operation["responses"]["401"], "description": DESCRIPTIONS[403]}
                operation["responses"].setdefault("403", refused)
    return result
