"""A hint as server-sent events, in the form of the chat's (chat/sse.py)."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from typing import Any

from django.http import StreamingHttpResponse

from chat.sse import HEADERS, MEDIA_TYPE
from chat.streaming import HEARTBEAT_SECONDS
from learning.agents.serializers import HintSerializer
from learning.agents.services import Hinting, hint_events
from learning.models import Interaction
from rag.generators.base import Delta
from rag.generators.chain import Restart
from utils.problems import problem_of
from utils.representing import represented

logger = logging.getLogger(__name__)
EXAMPLE = """event: sources
data: {"sources": [{"video_id": 3, "start": 60.0, "end": 96.5, "text": "…"}]}

event: delta
data: {"text": "Think of"}

event: done
data: {"id": 12, "hint": "Think of …", "confidence": 0.8, …}
"""


def hint_stream(hinting: Hinting, headers: dict[str, str]) -> StreamingHttpResponse:
    return StreamingHttpResponse(_told(hinting), content_type=MEDIA_TYPE, headers={**HEADERS, **headers})


async def _told(hinting: Hinting) -> AsyncGenerator[bytes, None]:
    yield _event("sources", {"sources": hinting.sources})
    events = hint_events(hinting)
    waiting: asyncio.Task[Delta | Restart | Interaction] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait([waiting], timeout=HEARTBEAT_SECONDS)
            if not done:
                yield b": still here\n\n"
                continue
            event, waiting = waiting.result(), None
            match event:
                case Delta(text):
                    yield _event("delta", {"text": text})
                case Restart():
                    yield _event("restart", {})
                case Interaction():
                    yield _event("done", represented(HintSerializer, event))
                    return
    except Exception as error:
        logger.exception("The hint could not be given")
        yield _event("error", problem_of(error))
    finally:
        if waiting:
            waiting.cancel()
            await asyncio.wait([waiting])
        await events.aclose()


def _event(name: str, body: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
