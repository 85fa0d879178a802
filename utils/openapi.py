"""How operations describe their errors in the OpenAPI schema."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from utils import serializers
from utils.limits import AddressLimit


class ProblemSerializer(serializers.Serializer[dict[str, Any]]):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="A name of the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable and machine-readable.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="Field to messages."
    )
    request_id = serializers.CharField()


DESCRIPTIONS = {
    400: "The request is not valid.",
    401: "A token or password is missing or not valid.",
    403: "The caller's role, or the API key's scope, does not allow this.",
    404: "No such object, or one of somebody else's.",
    409: "It does not fit the present state.",
    413: "The request is too large.",
    415: "The body's media type is not supported.",
    422: "The file cannot be read, or the Idempotency-Key was sent with another request.",
    429: "A limit is reached; Retry-After says when to come back.",
    502: "The language model has twice answered with something that cannot be used.",
    503: "A service that this needs cannot be reached.",
    507: "The disk of the server is full; nothing was kept.",
}


class EventSerializer(serializers.Serializer[Any]):
    """One server-sent event."""

    event = serializers.CharField(required=False)
    data = serializers.CharField(help_text="JSON, its form by the event.")  # type: ignore[assignment]


COUNTED = {"type": "integer", "minimum": 1}
"""The schema of a parameter that is counted from 1."""


def problems(*statuses: int) -> dict[Any, OpenApiResponse]:
    """The error responses of an operation, for ``extend_schema(responses={200: …, **problems(400, 401)})``."""
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, DESCRIPTIONS[status])
        for status in statuses
    }


def pages_refused(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Spectacular's hook: a list in pages answers 400 to a size that is none."""
    for path in result["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            paged = any(parameter["name"] == "page_size" for parameter in operation.get("parameters", ()))
            if paged and "400" not in responses:
                responses["400"] = {**responses["404"], "description": DESCRIPTIONS[400]}
    return result


class Schema(AutoSchema):
    """Says of an operation with a limit that it may be refused for it."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation and operation["responses"]:
            for limit in self.view.throttle_classes:
                if issubclass(limit, AddressLimit) and self.method in limit.methods:
                    for status in (429, 503) if limit.closed else (429,):
                        problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
                            ProblemSerializer, str(status), ["application/problem+json"]
                        )
                        operation["responses"].setdefault(str(status), problem | {"description": DESCRIPTIONS[status]})
        return operation
