"""Answers as such a client reads them: whole, or in chunks while they are written."""

import json
import logging
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from chat.openai_api.errors import error_body
from chat.openai_api.reading import MODEL, CompletionRequest
from chat.stateless import Asked, asked_answer, asked_stream, cited
from rag.answering import Done
from rag.generators.base import Delta
from rag.generators.chain import Restart
from utils.problems import problem_of
from utils.waiting import apart

logger = logging.getLogger(__name__)
WITHDRAWN = "\n\n---\nThe text above is withdrawn. The answer is:\n\n"
"""Told instead of taking back what was streamed, which the protocol cannot do."""
_HEARTBEAT = b": still here\n\n"


def completion(asked: Asked) -> dict[str, Any]:
    done = asked_answer(asked)
    message = {"role": "assistant", "content": done.text, "refusal": None, **_extra(done)}
    return {
        **_head("chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(done),
    }


async def completion_stream(asked: Asked, wanted: CompletionRequest) -> AsyncGenerator[bytes, None]:
    """Chunks as server-sent events. The last with a choice has the citations; an error is told as one."""
    head = _head("chat.completion.chunk") | ({"usage": None} if wanted.include_usage else {})

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _data({**head, "choices": [choice]})

    def last(done: Done) -> bytes:
        whole = {"answer": done.text} if withdrawn else {}
        told = chunk({**_extra(done), **whole}, "stop")
        return told + (_data({**head, "choices": [], "usage": _usage(done)}) if wanted.include_usage else b"")

    shown = withdrawn = False
    yield chunk({"role": "assistant", "content": "", "refusal": None})
    try:
        async with aclosing(asked_stream(asked)) as events:
            async for event in events:
                match event:
                    case None:
                        yield _HEARTBEAT
                    case Delta(text):
                        shown = True
                        yield chunk({"content": text})
                    case Restart() if shown:
                        withdrawn = True
                        yield chunk({"content": WITHDRAWN})
                    case Done():
                        yield await apart(last, event)
    except Exception as error:
        logger.exception("An answer failed while it was streamed")
        yield _data(error_body(problem_of(error)))
        return
    yield b"data: [DONE]\n\n"


def _head(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _extra(done: Done) -> dict[str, Any]:
    """What the protocol has no place for. A client that does not know it passes over it."""
    return {"grounded": done.grounded, "citations": cited(done)}


def _usage(done: Done) -> dict[str, int]:
    prompt, written = done.prompt_tokens, done.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


def _data(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body, cls=JSONEncoder, ensure_ascii=False)}\n\n".encode()
