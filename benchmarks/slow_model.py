"""A model for measurements: any number of answers at a time, 50 words each, at an even pace.

Asked what a question means within its conversation, or what to search for, it repeats the question, at the same pace.

Speaks as much of Mistral's protocol as the product uses, and of OpenAI's as its peers do.
``python -m benchmarks.slow_model 2`` prints its address and takes two seconds for each answer, of which the first word
is sent at once.
"""

import asyncio
import json
import re
import sys
from contextlib import suppress
from typing import Any

from tests.loopback.language import embedding

WORDS = 50
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%s\r\n\r\n"


def _chunk(content: str, reason: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": reason}
    said = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "slow", "choices": [choice], **more}
    return _framed(json.dumps(said).encode())


def _framed(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


_REWRITES = "You rewrite the last question of a conversation"
_QUESTION = re.compile(r"<question-\w+>\n(.*?)\n</question-", re.DOTALL)
_SEARCHED = re.compile(r'"queries".*<chat_history>.*USER: (.*?)\n</chat_history>', re.DOTALL)
"""As Open WebUI asks."""


def _words(body: dict[str, Any]) -> list[str]:
    """The first words of the first passage, with its marker."""
    asked = body["messages"][-1]["content"]
    if body["messages"][0]["content"].startswith(_REWRITES) and (question := _QUESTION.search(asked)):
        return [f" {word}" for word in question[1].split()]
    if question := _SEARCHED.search(asked):
        return [f" {word}" for word in json.dumps({"queries": [question[1]]}).split()]
    passage = asked.partition('number="1"')[2].partition("\n\n")[2].partition("\n</")[0] if "number" in asked else asked
    words = [word for word in passage.split() if word.isalpha()] or ["word"]
    return [*(f" {words[number % len(words)]}" for number in range(WORDS - 1)), " [1]."]


def _whole(writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
    message = {"role": "assistant", "content": "".join(_words(body)).strip()}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": WORDS, "total_tokens": WORDS + 1}
    _send(
        writer,
        {"id": "c", "object": "chat.completion", "created": 0, "model": "slow", "choices": [choice], "usage": usage},
    )


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET"):
                _send(writer, {"object": "list", "data": [{"id": "slow", "object": "model", "owned_by": "slow"}]})
                continue
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            body = json.loads(await reader.readexactly(length))
            if "input" in body:
                _embed(writer, body)
                continue
            if not body.get("stream"):
                await asyncio.sleep(seconds * len(_words(body)) / WORDS)
                _whole(writer, body)
                continue
            writer.write(_HEAD % (b"text/event-stream", b"Transfer-Encoding: chunked"))
            for word in _words(body):
                writer.write(_chunk(word))
                await asyncio.sleep(seconds / WORDS)
            usage = {"prompt_tokens": length // 4, "completion_tokens": WORDS}
            writer.write(_chunk("", "stop", usage=usage) + _framed(b"[DONE]") + b"0\r\n\r\n")
    writer.close()


def _embed(writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    data = [{"object": "embedding", "index": place, "embedding": embedding(text)} for place, text in enumerate(texts)]
    usage = {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1}
    reply = {"id": "e", "object": "list", "model": body["model"], "data": data, "usage": usage}
    _send(writer, reply)


def _send(writer: asyncio.StreamWriter, reply: dict[str, Any]) -> None:
    content = json.dumps(reply).encode()
    writer.write(_HEAD % (b"application/json", b"Content-Length: %d" % len(content)) + content)


async def main(seconds: float) -> None:
    server = await asyncio.start_server(lambda r, w: _serve(r, w, seconds), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(float(sys.argv[1])))
