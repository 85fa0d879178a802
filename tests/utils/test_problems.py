"""Every failure is answered as problem details, whoever noticed it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import AccessToken

from tests.conftest import client_of
from users.models import User
from utils.errors import Conflict, Unavailable
from utils.parsers import JSONParser


class Failing(APIView):
    """Fails as its address says."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser,)

    def get(self, request: Request, failure: str) -> Response:
        raise {
            "bug": RuntimeError("SELECT secret FROM vault"),
            "busy": Unavailable("The provider cannot be reached.", retry_after=1.2),
            "conflict": Conflict("It is published already.", code="already_published"),
            "forbidden": PermissionDenied(),
            "throttled": Throttled(wait=7),
            "nested": serializers.ValidationError({"items": [{}, {"name": ["Too long."]}], "size": "Too big."}),
        }[failure]

    def post(self, request: Request, failure: str) -> Response:
        return Response(request.data)


def outside_rest_framework(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("SELECT secret FROM vault")


urlpatterns = [
    path("plain/", outside_rest_framework),
    path("fail/<failure>/", Failing.as_view()),
    path("", include("config.urls")),
]
handler400 = "utils.problems.bad_request"
handler404 = "utils.problems.not_found"
handler500 = "utils.problems.server_error"
failing = pytest.mark.urls(__name__)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The body, once it is seen to be a whole problem of this status and code."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:grounded:error:{code}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer["X-Request-ID"]
    return body


@pytest.mark.parametrize("body", ["{", "\x00", '{"a": NaN}', b'{"username": "\xff"}', "1" * 5000])
def test_a_body_that_is_not_json_is_told_so(anonymous: APIClient, body: str | bytes) -> None:
    answer = anonymous.post("/api/auth/login/", body, content_type="application/json")
    problem(answer, 400, "invalid_json")


@pytest.mark.parametrize("body", ["[]", "3", "null", '"text"'])
def test_json_that_is_no_object_is_not_valid(anonymous: APIClient, body: str) -> None:
    problem(anonymous.post("/api/auth/login/", body, content_type="application/json"), 400, "invalid")


def test_a_missing_field_is_named(anonymous: APIClient) -> None:
    body = problem(anonymous.post("/api/auth/login/", {"username": "ada"}), 400, "invalid")
    assert list(body["errors"]) == ["password"]


@failing
def test_the_errors_of_nested_fields_are_named_by_their_path(anonymous: APIClient) -> None:
    body = problem(anonymous.get("/fail/nested/"), 400, "invalid")
    assert body["errors"] == {"items.1.name": ["Too long."], "size": ["Too big."]}


def test_a_method_that_is_not_supported_is_answered_with_those_that_are(anonymous: APIClient) -> None:
    answer = anonymous.get("/api/auth/login/")
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize("address", ["/api/nothing/", "/nothing", "/api/auth/login/x"])
def test_an_unknown_address_is_not_found(anonymous: APIClient, address: str) -> None:
    problem(anonymous.get(address), 404, "not_found")


def test_a_media_type_that_is_not_read_is_refused(anonymous: APIClient) -> None:
    answer = anonymous.post("/api/auth/login/", "<login/>", content_type="application/xml")
    problem(answer, 415, "unsupported_media_type")


def test_a_media_type_that_is_not_written_is_refused(anonymous: APIClient) -> None:
    problem(anonymous.get("/api/health/", HTTP_ACCEPT="image/png"), 406, "not_acceptable")


def test_without_a_token_the_caller_is_not_authenticated(anonymous: APIClient) -> None:
    answer = anonymous.get("/api/auth/me/")
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["x", "a.b.c", "a b", "ü.ü.ü", "e30.e30."])
def test_a_token_that_is_none_is_not_valid(anonymous: APIClient, token: str) -> None:
    answer = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {token}")
    problem(answer, 401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_is_not_valid(anonymous: APIClient, user: User) -> None:
    token = AccessToken.for_user(user)
    token.set_exp(lifetime=-timedelta(seconds=1))
    answer = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {token}")
    problem(answer, 401, "invalid_token")


@pytest.mark.parametrize("change", ["gone", "inactive"])
def test_a_token_of_an_account_that_is_no_more_is_not_valid(user: User, change: str) -> None:
    client = client_of(user)
    if change == "gone":
        user.delete()
    else:
        User.objects.update(is_active=False)
    problem(client.get("/api/auth/me/"), 401, "invalid_token")


def test_a_host_that_is_not_served_is_a_bad_request(anonymous: APIClient) -> None:
    problem(anonymous.get("/api/auth/me", HTTP_HOST="elsewhere.example"), 400, "bad_request")


@failing
def test_a_failure_of_ours_keeps_its_code_and_text(anonymous: APIClient) -> None:
    body = problem(anonymous.get("/fail/conflict/"), 409, "already_published")
    assert body["detail"] == "It is published already."


@failing
def test_what_django_forbids_is_forbidden(anonymous: APIClient) -> None:
    problem(anonymous.get("/fail/forbidden/"), 403, "permission_denied")


@failing
@pytest.mark.parametrize(
    ("failure", "status", "code", "wait"), [("busy", 503, "unavailable", "2"), ("throttled", 429, "throttled", "7")]
)
def test_whoever_must_wait_is_told_how_long(
    anonymous: APIClient, failure: str, status: int, code: str, wait: str
) -> None:
    answer = anonymous.get(f"/fail/{failure}/")
    problem(answer, status, code)
    assert answer["Retry-After"] == wait


@failing
@pytest.mark.parametrize("address", ["/fail/bug/", "/plain/"])
def test_a_bug_is_answered_without_a_word_of_it(address: str) -> None:
    answer = APIClient(raise_request_exception=False).get(address)
    problem(answer, 500, "internal_error")
    assert b"vault" not in answer.content
    assert b"Traceback" not in answer.content


@failing
def test_a_bug_is_logged_under_the_request_id(log: pytest.LogCaptureFixture) -> None:
    answer = APIClient(raise_request_exception=False).get("/plain/")
    [record] = [record for record in log.records if record.exc_info]
    assert vars(record)["request_id"] == answer["X-Request-ID"]


@failing
def test_a_body_above_the_limit_is_too_large(anonymous: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem(anonymous.post("/fail/none/", {"text": "x" * 100}), 413, "too_large")


@failing
def test_json_that_is_nested_too_deeply_is_refused(anonymous: APIClient) -> None:
    answer = anonymous.post("/fail/none/", "[" * 100_000, content_type="application/json")
    problem(answer, 400, "invalid_json")


@pytest.mark.parametrize("value", [r'"a\u0000b"', r'"\ud800"', "1e400", r'{"deep": ["\u0000"]}', r'{"\ud83d": 1}'])
def test_json_that_no_database_can_keep_is_refused(editor_client: APIClient, value: str) -> None:
    body = f'{{"title": "T", "content": "Text.", "metadata": {{"key": {value}}}}}'
    answer = editor_client.post("/api/rag/index/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("name", ["q", "category", "collection", "state"])
def test_a_filter_with_a_nul_is_only_a_filter(editor_client: APIClient, name: str) -> None:
    assert editor_client.get("/api/documents/", {name: "a\0b"}).status_code == 200
