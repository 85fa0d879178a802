"""Errors as RFC 9457 problem details, whoever raised them: our services, REST framework, Django or a bug."""

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from utils import errors
from utils.outages import outage
from utils.request_id import current_request_id

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"

_UNEXPECTED = "An unexpected error occurred; it has been logged under the request id."
_TITLES = {
    400: "The request is not valid",
    401: "Who is asking is not known",
    403: "This is not allowed",
    404: "There is no such thing here",
    405: "This method is not supported here",
    406: "No such representation is available",
    413: "The request is too large",
    415: "This media type is not supported",
    429: "Too many requests",
    500: "Something went wrong",
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    title: str | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """The body of a problem. ``errors`` maps a field of the request to its messages."""
    body: dict[str, Any] = {
        "type": f"urn:grounded:error:{code}",
        "title": title or _TITLES.get(status, "The request failed"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
    }
    if errors:
        body["errors"] = {field: list(messages) for field, messages in errors.items()}
    return body


def problem_of(error: BaseException | None) -> dict[str, Any]:
    """The body of a problem that one of our services met; of a bug, one that says nothing of it."""
    error = outage(error) or error
    if not isinstance(error, errors.GroundedError):
        return problem(500, "internal_error", _UNEXPECTED)
    body = problem(error.status, error.code, error.detail, title=error.title, errors=error.errors)
    body.update(error.members)
    return body


def headers_of(error: errors.GroundedError) -> dict[str, str]:
    """The headers that an answer with this error has."""
    return {**error.headers, **_waiting(error.retry_after)}


def _waiting(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(max(1, int(seconds + 0.999)))}


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    """REST framework's hook: every expected error as a problem; an unexpected one goes on to handler500."""
    if isinstance(error, Http404):
        error = errors.NotFound("No object has this address.")
    elif isinstance(error, DjangoPermissionDenied):
        error = errors.PermissionDenied("You do not have permission to do this.")
    elif isinstance(error, RequestDataTooBig):
        error = errors.TooLarge("The request is larger than this server takes.")
    elif away := outage(error):
        logger.error("%s: %s", away.code, type(error).__name__)  # Django logs the request
        error = away
    if isinstance(error, errors.GroundedError):
        body = problem_of(error)
        headers = headers_of(error)
        challenge = None
    elif isinstance(error, exceptions.APIException):
        body = _from_rest_framework(error)
        headers = _waiting(getattr(error, "wait", None))
        challenge = getattr(error, "auth_header", None)
    else:
        return None
    set_rollback()
    response = Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)
    if not getattr(error, "logged", True):
        response._has_been_logged = True  # type: ignore[attr-defined] # Django's own mark
    if challenge or body["status"] == 401:
        response.setdefault("WWW-Authenticate", challenge or "Bearer")
    return response


def _from_rest_framework(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = _flatten(error.detail)
        first = next(iter(fields.values()), ["The request is not valid."])[0]
        return problem(400, "invalid", first if len(fields) == 1 else "Several fields are not valid.", errors=fields)
    if isinstance(error.detail, dict):  # only simplejwt puts a dictionary there
        detail = "The access token is malformed or has expired, or its account is not active."
        return problem(error.status_code, "invalid_token", detail)
    detail = str(error.detail)
    is_json = isinstance(error, exceptions.ParseError) and detail.startswith("JSON")  # the form parsers raise it too
    return problem(error.status_code, "invalid_json" if is_json else str(error.get_codes()), detail)


def _flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """``{"a": {"b": [..]}}`` → ``{"a.b": [..]}``; messages that belong to no field go under ``non_field_errors``."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found.update(_flatten(value, f"{path}.{key}" if path else str(key)))
        return found
    if isinstance(detail, list) and any(isinstance(item, Mapping) for item in detail):
        found = {}
        for position, item in enumerate(detail):
            found.update(_flatten(item, f"{path}.{position}" if path else str(position)))
        return found
    messages = detail if isinstance(detail, list) else [detail]
    return {path or "non_field_errors": [str(message) for message in messages]}


def too_large(request: HttpRequest) -> JsonResponse:
    return _respond(413, "too_large", "The request is larger than this server takes.")


def _respond(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return _respond(400, "bad_request", "The request could not be understood.")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return _respond(403, "permission_denied", "You do not have permission to do this.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return _respond(404, "not_found", "No page has this address.")


def server_error(request: HttpRequest) -> JsonResponse:
    """Of what was raised outside of REST framework, which is being handled here."""
    body = problem_of(sys.exc_info()[1])
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)
