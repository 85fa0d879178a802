"""Mistral's REST protocol on 127.0.0.1, which is also what OpenAI-compatible servers speak.

By hand: ``python -m tests.loopback.mistral --port 9101``, then ``MISTRAL_API_KEY=loopback-key`` and
``MISTRAL_SERVER_URL=http://127.0.0.1:9101`` (or ``OPENAI_BASE_URL=http://127.0.0.1:9101/v1``) for the product.
"""

import hashlib
import json
import re
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from tests.loopback import language, obedience
from tests.loopback.server import EventStream, Failure, LoopbackServer, Reply, Request

MAX_INPUTS = 512
MAX_BATCH_TOKENS = 16_384
MAX_TEXT_TOKENS = 8_192
MODELS = ("mistral-embed", "mistral-small-latest")

_TOOL_CALL = re.compile(r"\bcall (\w+)\s*(\{.*\})?", re.DOTALL)


class LoopbackMistral(LoopbackServer):
    """A stand-in for api.mistral.ai: chat, embeddings, models, and failures on demand."""

    def __init__(self, port: int = 0, key: str = "loopback-key") -> None:
        super().__init__(port, key)
        self.scripted: deque[str] = deque()
        """Answers that the next chats give word for word, instead of the model's own."""
        self.calls: deque[list[tuple[str, str]]] = deque()
        """What the next chats with functions ask for: names and arguments, whatever was offered."""
        self.obedient = False
        """Whether it obeys any instruction that it can see (obedience.py)."""

    def reset(self) -> None:
        super().reset()
        self.scripted.clear()
        self.calls.clear()
        self.obedient = False

    def error_reply(self, status: int, detail: str) -> Reply:
        kind = {429: "rate_limited", 500: "internal_server_error"}.get(status, "invalid_request_error")
        return Reply({"object": "error", "message": detail, "type": kind, "param": None, "code": "3000"}, status)

    def answer(self, request: Request, failure: Failure | None) -> Reply | EventStream:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return Reply({"detail": f"Unauthorized: {request.headers.get('authorization')}"}, 401)
        match request.method, request.path:
            case "GET", "/v1/models":
                data = [{"id": model, "object": "model", "type": "base", "capabilities": {}} for model in MODELS]
                return Reply({"object": "list", "data": data})
            case "POST", "/v1/embeddings":
                return self._embeddings(request.json, failure)
            case "POST", "/v1/chat/completions":
                return self._chat(request.json)
        return Reply({"detail": "Not Found"}, 404)

    def _embeddings(self, body: dict[str, Any], failure: Failure | None) -> Reply:
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        counts = [_tokens(text) for text in texts]
        if not texts or not all(text.strip() for text in texts):
            error = {"type": "value_error", "loc": ["body", "input"], "msg": "Input must not be empty", "input": None}
            return Reply({"detail": [error]}, 422)
        if len(texts) > MAX_INPUTS:
            return self.error_reply(400, "Too many inputs in request, split into more batches.")
        if sum(counts) > MAX_BATCH_TOKENS or max(counts) > MAX_TEXT_TOKENS:
            return self.error_reply(400, "Too many tokens overall, split into more batches.")
        data: list[dict[str, Any]] = [
            {"object": "embedding", "index": index, "embedding": language.embedding(text)}
            for index, text in enumerate(texts)
        ]
        if failure and failure.kind == "wrong_count":
            data.pop()
        if failure and failure.kind == "wrong_length":
            data = [{**row, "embedding": row["embedding"][:-1]} for row in data]
        usage = {"prompt_tokens": sum(counts), "completion_tokens": 0, "total_tokens": sum(counts)}
        return Reply({"id": _id(body), "object": "list", "model": body["model"], "data": data, "usage": usage})

    def _chat(self, body: dict[str, Any]) -> Reply | EventStream:
        message, finish_reason = self._message(body)
        prompt = sum(_tokens(str(message.get("content"))) for message in body["messages"])
        completion = _tokens(message["content"] or json.dumps(message.get("tool_calls")))
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        head = {"id": _id(body), "created": int(time.time()), "model": body["model"]}
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": finish_reason}
            return Reply({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
        return _chunks({**head, "object": "chat.completion.chunk"}, message, finish_reason, usage, body)

    def _message(self, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        last = body["messages"][-1]
        call = _TOOL_CALL.search(_text(last)) if last["role"] == "user" else None
        names = {tool["function"]["name"] for tool in body.get("tools") or ()}
        if names and self.calls and body.get("tool_choice") != "none":
            return _asking(self.calls.popleft()), "tool_calls"
        if call and call[1] in names:
            return _asking([(call[1], call[2] or "{}")]), "tool_calls"
        if self.obedient and (call := _TOOL_CALL.search(obedience.obeyed(body["messages"]) or "")) and call[1] in names:
            return _asking([(call[1], call[2] or "{}")]), "tool_calls"
        question = language.question_in(_text(last)) if last["role"] == "user" else ""
        if question and "search_knowledge_base" in names and not self.scripted:
            return _asking([("search_knowledge_base", json.dumps({"query": question}))]), "tool_calls"
        if self.scripted:
            text = self.scripted.popleft()
        elif self.obedient and (deed := obedience.obeyed(body["messages"])):
            text = deed
        elif last["role"] == "tool":
            told = "\n".join(_text(message) for message in body["messages"] if message["role"] in ("user", "tool"))
            text = language.reply(told) if language.question_in(told) else _text(last)
        else:
            questions = [message for message in body["messages"] if message["role"] == "user"]
            text = language.reply(_text(questions[-1]) if questions else "")
        limit = body.get("max_tokens")
        if limit and _tokens(text) > limit:
            return {"role": "assistant", "content": text[: limit * 4]}, "length"
        return {"role": "assistant", "content": text}, "stop"


def _asking(calls: list[tuple[str, str]]) -> dict[str, Any]:
    asked = [
        {
            "id": _id([number, name, arguments])[-9:],
            "type": "function",
            "index": number,
            "function": {"name": name, "arguments": arguments},
        }
        for number, (name, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": "", "tool_calls": asked}


def _in_parts(calls: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As OpenAI streams them: first the names, then the arguments, piece by piece."""
    for call in calls:
        yield [{**call, "function": {**call["function"], "arguments": ""}}]
        arguments = call["function"]["arguments"]
        for piece in (arguments[: len(arguments) // 2], arguments[len(arguments) // 2 :]):
            yield [{"index": call["index"], "function": {"arguments": piece}}]


def _chunks(
    head: dict[str, Any], message: dict[str, Any], finish_reason: str, usage: dict[str, int], body: dict[str, Any]
) -> EventStream:
    """A word an event; the usage comes with the finish reason, or after it where OpenAI's option asks for that."""
    separate_usage = (body.get("stream_options") or {}).get("include_usage", False)

    def event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> str:
        return json.dumps({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more})

    def events() -> Iterator[str]:
        yield event({"role": "assistant", "content": ""})
        for word in re.findall(r"\s*\S+\s*$|\s*\S+", message["content"]):
            yield event({"content": word})
        if message.get("tool_calls"):
            for part in _in_parts(message["tool_calls"]) if separate_usage else [message["tool_calls"]]:
                yield event({"content": "", "tool_calls": part})
        if separate_usage:
            yield event({}, finish_reason)
            yield json.dumps({**head, "choices": [], "usage": usage})
        else:
            yield event({"content": ""}, finish_reason, usage=usage)
        yield "[DONE]"

    listed = list(events())
    return EventStream(listed, essential=len(listed) - (3 if separate_usage else 2))


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _tokens(text: str) -> int:
    return len(text) // 4 + 1


def _id(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


if __name__ == "__main__":
    LoopbackMistral.run()
