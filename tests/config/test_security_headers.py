"""Every answer tells browsers what they may do with it: as little as its page needs."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from users.models import User

API = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
POLICY = "Content-Security-Policy"
OPEN = ["/", "/handbook/", "/api/docs/", "/api/redoc/", "/admin/login/"]
ANSWERS = [
    *OPEN,
    "/api/health/",
    "/api/schema/",
    "/api/auth/me/",
    "/api/nothing/",
    "/nothing",
    "/mcp",
    "/v1/models",
    "/static/utils/icon.svg",
    "/static/chat/widget/widget.js",
    "/api/chatbot/widget.js",
]


def directives(answer: Any) -> dict[str, str]:
    return {name: told for name, _, told in (part.partition(" ") for part in answer[POLICY].split("; "))}


@pytest.mark.parametrize("path", ANSWERS)
def test_nothing_is_answered_without_them(anonymous: APIClient, path: str) -> None:
    answer = anonymous.get(path)
    assert directives(answer)["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", [path for path in ANSWERS if path not in OPEN])
def test_what_is_no_page_may_load_nothing(anonymous: APIClient, path: str) -> None:
    assert anonymous.get(path)[POLICY] == API


def test_a_refused_host_is_answered_with_them_too(anonymous: APIClient) -> None:
    assert anonymous.get("/api/auth/me", HTTP_HOST="elsewhere.example")[POLICY] == API


@pytest.mark.parametrize("path", OPEN)
def test_a_page_runs_scripts_of_this_server_alone(anonymous: APIClient, path: str) -> None:
    told = directives(anonymous.get(path))
    scripts = told.get("script-src", told["default-src"]).split()
    assert "'self'" in scripts
    assert set(scripts) <= {"'self'", "'unsafe-eval'"}
    assert ("'unsafe-eval'" in scripts) == path.startswith("/admin/")
    assert (told["object-src"], told["base-uri"], told["form-action"]) == ("'none'", "'none'", "'self'")
    assert not any("*" in sources or "http" in sources for sources in told.values())


def test_the_admin_site_and_the_web_chat_have_policies_of_their_own(site: Client, editor: User) -> None:
    assert "'unsafe-eval'" in site.get("/admin/")[POLICY]
    assert "trusted-types 'none'" in site.get("/")[POLICY]


def test_a_website_that_may_use_the_chat_can_load_the_widget(anonymous: APIClient) -> None:
    for path in ("/api/chatbot/widget.js", "/static/chat/widget/widget.js"):
        answer = anonymous.get(path, headers={"Origin": "https://shop.example.org"})
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Cross-Origin-Resource-Policy" not in answer
