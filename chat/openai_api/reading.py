"""What such a client sends: which of its messages is the question, which are history, and what cannot be done.

A parameter that asks for another kind of answer than there is (several, calls of functions, a JSON schema, sound) is
refused, since an answer without it would not be what was asked for. One that tunes a model, as ``temperature`` does,
or that nobody here knows, is ignored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.exchanges import HISTORY_TURNS
from chat.services import MOST_CHARACTERS
from rag.generators.base import Turn
from utils import serializers
from utils.errors import InvalidInput, NotFound
from utils.serializers import valid

MODEL = "grounded"
MOST_MESSAGES = 1000
_TURN_CHARACTERS = 8000
"""Of an earlier message; what is longer is cut."""
_ROLES = ["system", "developer", "user", "assistant", "tool", "function"]


@extend_schema_field(
    {
        "description": "A text, or parts of it.",
        "oneOf": [
            {"type": "string"},
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"type": {"type": "string", "enum": ["text"]}, "text": {"type": "string"}},
                    "required": ["type", "text"],
                },
            },
        ],
    }
)
class ContentField(serializers.Field[str, Any, Any, Any]):
    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str):
            return data
        parts = data if isinstance(data, list) else [None]
        texts: list[Any] = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
        if len(texts) < len(parts) or not all(isinstance(text, str) for text in texts):
            raise serializers.ValidationError("Only text can be read: a string, or parts of the type text.")
        return "\n".join(texts)


class ChatMessageSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=_ROLES)
    content = ContentField(required=False, allow_null=True)


class StreamOptionsSerializer(serializers.Serializer[Any]):
    include_usage = serializers.BooleanField(default=False)


class ChatCompletionSerializer(serializers.Serializer[Any]):
    model = serializers.CharField(help_text=f"`{MODEL}`.")
    messages = ChatMessageSerializer(many=True, allow_empty=False, help_text="The last is the question.")
    stream = serializers.BooleanField(default=False, allow_null=True)
    stream_options = StreamOptionsSerializer(required=False, allow_null=True)


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    question: str
    history: Sequence[Turn]
    stream: bool
    include_usage: bool


def request_read(body: Any) -> CompletionRequest:
    """Raises InvalidInput, ValidationError, NotFound for another model."""
    sent = valid(ChatCompletionSerializer(data=body))
    model_find(sent["model"])
    _refuse_what_cannot_be_done(body)
    *earlier, last = sent["messages"]
    options = sent.get("stream_options") or {}
    return CompletionRequest(
        question=_question(last, position=len(earlier)),
        history=_history(earlier),
        stream=bool(sent["stream"]),
        include_usage=options.get("include_usage", False),
    )


def model_find(name: str) -> str:
    """Raises NotFound: there is one model."""
    if name != MODEL:
        text = f"There is no model {name[:100]!r} here; the one there is is {MODEL!r}."
        raise NotFound(text, code="model_not_found", errors={"model": [text]})
    return name


def _refuse_what_cannot_be_done(body: Mapping[str, Any]) -> None:
    asked = {
        "n": body.get("n") not in (None, 1),
        "tools": bool(body.get("tools")),
        "functions": bool(body.get("functions")),
        "logprobs": bool(body.get("logprobs")),
        "audio": bool(body.get("audio")),
        "response_format": _kind(body.get("response_format")) not in (None, "text"),
        "modalities": body.get("modalities") not in (None, ["text"]),
    }
    for name in (name for name, refused in asked.items() if refused):
        text = f"{name!r} is not supported: there is one answer, in words, from the knowledge base."
        raise InvalidInput(text, code="unsupported_parameter", errors={name: [text]})


def _kind(response_format: Any) -> Any:
    return response_format.get("type") if isinstance(response_format, dict) else response_format


def _question(message: Mapping[str, Any], *, position: int) -> str:
    text = str(message.get("content") or "").strip()
    fault = ""
    if message["role"] != "user":
        fault = "The last message must be the user's question."
    elif not text:
        fault = "The question is empty."
    elif len(text) > MOST_CHARACTERS:
        fault = f"A question has at most {MOST_CHARACTERS:,} characters; this one has {len(text):,}."
    elif position >= MOST_MESSAGES:
        fault = f"A conversation has at most {MOST_MESSAGES:,} messages."
    if fault:
        raise InvalidInput(fault, errors={f"messages.{position}": [fault]})
    return text


def _history(earlier: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """The last turns of user and assistant. What a client has its own models told by the system is for those."""
    turns: list[Turn] = []
    for message in earlier:
        text = str(message.get("content") or "").strip()[:_TURN_CHARACTERS]
        if text and message["role"] == "user":
            turns.append(Turn("user", text))
        elif text and message["role"] == "assistant":
            turns.append(Turn("assistant", text))
    return turns[-HISTORY_TURNS:]
