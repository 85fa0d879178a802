"""The OpenAPI schema is valid, whole, and shown by pages that load nothing from elsewhere."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient


def test_it_validates_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)
    assert capsys.readouterr().err == ""


def test_every_operation_has_an_id_a_tag_a_summary_and_its_errors(api_description: dict[str, Any]) -> None:
    seen = set()
    for path, item in api_description["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["operationId"] not in seen, where
            seen.add(operation["operationId"])
            assert operation.get("tags"), where
            assert operation.get("summary"), where
            if {"jwtAuth": []} in operation.get("security", []):
                assert {"401", "403"} <= operation["responses"].keys(), where
            for status, response in operation["responses"].items():
                if status >= "400":
                    shapes = ["application/json"] if path.startswith("/v1/") else ["application/problem+json"]
                    if (path, status) == ("/mcp/", "400"):
                        shapes = ["application/json", "application/problem+json"]  # the protocol's own, and ours
                    assert list(response["content"]) == shapes, f"{where} {status}"


def test_it_says_what_an_api_key_opens(api_description: dict[str, Any]) -> None:
    operations = {op["operationId"]: op for item in api_description["paths"].values() for op in item.values()}
    opened = {name for name, operation in operations.items() if {"apiKey": []} in operation.get("security", [])}
    assert {"chat_messages_create", "openai_chat_completions", "search", "mcp_message"} <= opened
    assert opened.isdisjoint({"api_keys_create", "account_read", "index_create"})


@pytest.mark.parametrize("page", ["/api/docs/", "/api/redoc/"])
def test_the_pages_load_their_assets_from_this_server(anonymous: APIClient, page: str) -> None:
    html = anonymous.get(page).content.decode()
    assets = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert assets
    for asset in assets:
        assert asset.startswith("/static/"), asset
        answer = anonymous.get(asset)
        assert answer.status_code == 200, asset
        answer.close()
