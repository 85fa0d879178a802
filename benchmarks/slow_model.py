"""A model for measurements: any number of answers at a time, 50 words each, at an even pace.

Speaks as much of Mistral's protocol as the product uses. ``python -m benchmarks.slow_model 2`` prints its address and
takes two seconds for each answer, of which the first word is sent at once.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tests.loopback.language import embedding

WORDS = 50
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%s\r\n\r\n"


def _chunk(content: str, reason: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return _framed(json.dumps({"id": "c", "model": "slow", "choices": [choice], **more}).encode())


def _framed(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


def _answer(body: dict[str, Any]) -> Iterator[bytes]:
    """The first words of the first passage, with its marker."""
    passage = body["messages"][-1]["content"].partition('number="1"')[2].partition("\n\n")[2].partition("\n</")[0]
    words = [word for word in passage.split() if word.isalpha()] or ["word"]
    for number in range(WORDS - 1):
        yield _chunk(f" {words[number % len(words)]}")
    yield _chunk(" [1].")


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            body = json.loads(await reader.readexactly(length))
            if "input" in body:
                _embed(writer, body)
                continue
            writer.write(_HEAD % (b"text/event-stream", b"Transfer-Encoding: chunked"))
            for chunk in _answer(body):
                writer.write(chunk)
                await asyncio.sleep(seconds / WORDS)
            usage = {"prompt_tokens": length // 4, "completion_tokens": WORDS}
            writer.write(_chunk("", "stop", usage=usage) + _framed(b"[DONE]") + b"0\r\n\r\n")
    writer.close()


def _embed(writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    data = [{"object": "embedding", "index": place, "embedding": embedding(text)} for place, text in enumerate(texts)]
    usage = {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1}
    reply = {"id": "e", "object": "list", "model": body["model"], "data": data, "usage": usage}
    content = json.dumps(reply).encode()
    writer.write(_HEAD % (b"application/json", b"Content-Length: %d" % len(content)) + content)


async def main(seconds: float) -> None:
    server = await asyncio.start_server(lambda r, w: _serve(r, w, seconds), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(float(sys.argv[1])))
