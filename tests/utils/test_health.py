"""Anybody may ask whether the server is alive."""

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient


@pytest.mark.parametrize("address", ["/api/health/", "/api/health"])
def test_the_server_says_that_it_is_alive(anonymous: APIClient, address: str) -> None:
    answer = anonymous.get(address)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_no_database_is_asked(anonymous: APIClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        anonymous.get("/api/health/")


def test_a_stale_token_does_not_matter(anonymous: APIClient) -> None:
    assert anonymous.get("/api/health/", HTTP_AUTHORIZATION="Bearer stale").status_code == 200
