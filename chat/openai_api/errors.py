"""Errors below ``/v1/``, in the shape that clients of OpenAI read. Everywhere else they are problem details."""

import logging
from collections.abc import Mapping
from typing import Any

from rest_framework.response import Response
from rest_framework.views import set_rollback

from utils.problems import exception_handler, problem_of

logger = logging.getLogger(__name__)
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def error_body(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A problem's body in this shape. ``param`` is the first field at fault, ``code`` the problem's."""
    status = problem["status"]
    fields = problem.get("errors") or {}
    param = next(iter(fields), None)
    message = problem["detail"]
    if len(fields) > 1:
        message = " ".join(f"{field}: {' '.join(messages)}" for field, messages in fields.items())
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": problem["code"]}}


def openai_exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """REST framework's hook. A bug is logged, and told here too, so that nothing of another shape gets out."""
    told = exception_handler(error, context)
    if not isinstance(told, Response):
        set_rollback()
        logger.error("A request failed", exc_info=error)
        told = Response(problem_of(error), status=500)
    problem = told.data
    told.data = error_body(problem)
    told.content_type = "application/json"
    if problem["code"] == "token_budget_exhausted":
        told["x-should-retry"] = "false"  # the official clients would try again at once
    return told
