"""What a tool is: a typed function for roles, which any room may add by a line in the settings."""

from typing import Annotated

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pydantic import Field
from pytest_django import Settings
from rest_framework.test import APIClient

from chat.models import ToolCall
from chat.tools.base import Caller, tool
from chat.tools.registry import tools_all
from rag.tooling import MOST_CHARACTERS, Result
from users.models import Role, User
from users.services import role_assign

QUERY = "/api/chatbot/query/"
HERE = "tests.chat.test_tools"
GRADES = {"query": "What are my grades?"}


@tool(roles=frozenset({Role.EDITOR}), fits=lambda question: {"most": 2} if "grades" in question else None)
def my_grades(caller: Caller, most: Annotated[int, Field(ge=1, le=9, description="At most so many.")] = 3) -> Result:
    """List the user's own grades."""
    return Result(title="Grades", record=f"{caller.user.username} has {most} good grades.")


@tool(fits=lambda question: {})
def broken(caller: Caller) -> Result:
    """Fails."""
    raise RuntimeError("secret of the house")


@tool(fits=lambda question: {})
def endless(caller: Caller) -> Result:
    """Says too much."""
    return Result(title="Much", record="and so on " * MOST_CHARACTERS)


def offered(settings: Settings, *names: str) -> None:
    settings.CHAT = {**settings.CHAT, "TOOLS": [*(f"{HERE}.{name}" for name in names), *settings.CHAT["TOOLS"]]}


def test_the_schema_is_that_of_the_signature_without_the_caller() -> None:
    assert (my_grades.spec.name, my_grades.spec.description) == ("my_grades", "List the user's own grades.")
    most = {"default": 3, "description": "At most so many.", "maximum": 9, "minimum": 1, "title": "Most"}
    assert my_grades.spec.parameters == {
        "type": "object",
        "properties": {"most": {**most, "type": "integer"}},
        "additionalProperties": False,
    }


def test_a_tool_is_for_its_roles_only(client: APIClient, editor_client: APIClient, settings: Settings) -> None:
    offered(settings, "my_grades")
    hers = editor_client.post(QUERY, GRADES).json()
    assert hers["response"] == "edda has 2 good grades."
    assert hers["function_calls"] == [{"name": "my_grades", "args": {"most": 2}, "outcome": "ok"}]
    his = client.post(QUERY, GRADES).json()
    assert [call["name"] for call in his["function_calls"]] == ["search_knowledge_base"]


def test_a_tool_that_fails_costs_no_answer_and_tells_nothing(
    client: APIClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    offered(settings, "broken")
    body = client.post(QUERY, GRADES).json()
    assert body["response"].startswith("I don't have specific information")
    assert [call["outcome"] for call in body["function_calls"]] == ["failed"]
    assert "secret" not in ToolCall.objects.get().detail + str(body)
    assert "secret of the house" in caplog.text


def test_what_a_tool_returns_is_limited(client: APIClient, settings: Settings) -> None:
    offered(settings, "endless")
    body = client.post(QUERY, GRADES).json()
    assert 0 < len(body["response"]) <= MOST_CHARACTERS
    assert ToolCall.objects.get().returned > MOST_CHARACTERS


def test_what_is_no_tool_is_told_at_once(settings: Settings) -> None:
    offered(settings, "offered")
    with pytest.raises(ImproperlyConfigured):
        tools_all()
    offered(settings, "my_grades", "my_grades")
    with pytest.raises(ImproperlyConfigured):
        tools_all()


def test_a_function_of_another_form_is_no_tool() -> None:
    def for_nobody(most: int) -> Result:
        return Result()

    def without_a_type(caller: Caller, most) -> Result:  # type: ignore[no-untyped-def]
        return Result()

    def of_any_length(caller: Caller, *most: int) -> Result:
        return Result()

    for function in (for_nobody, without_a_type, of_any_length):
        with pytest.raises(TypeError):
            tool()(function)


def test_admins_read_which_tools_were_called_for_whom(client: APIClient, user: User) -> None:
    client.post(QUERY, {"query": "How long does a loan last?"})
    site = Client()
    site.force_login(role_assign(user=User.objects.create_user("root", "root@example.org"), role=Role.ADMIN))
    listed = site.get("/admin/chat/toolcall/", {"q": user.username})
    assert "search_knowledge_base" in listed.content.decode()
    call = ToolCall.objects.get()
    assert "How long does a loan last?" in site.get(f"/admin/chat/toolcall/{call.pk}/change/").content.decode()
    assert site.post(f"/admin/chat/toolcall/{call.pk}/delete/", {"post": "yes"}).status_code == 403
    session = call.answer.session
    assert site.post(f"/admin/chat/session/{session.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not ToolCall.objects.exists()
