"""Calling tools for one answer: who may call what, with which arguments, and a row for each call."""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chat.models import Outcome, ToolCall
from chat.tools.base import Caller
from chat.tools.registry import tools_for
from rag.generators.base import Call
from rag.prompts import strings_mapped
from rag.tooling import Result
from utils.errors import GroundedError

logger = logging.getLogger(__name__)
_MOST_ARGUMENTS = 8_000
"""Characters of JSON. What is longer is not read."""
_NAME_LENGTH = 64
_DETAIL_LENGTH = 500


class CallerToolbox:
    """The tools of the caller's role. Every call leaves a row, also one that was refused."""

    def __init__(self, caller: Caller, answer_id: Any) -> None:
        self._caller = caller
        self._answer_id = answer_id
        self._tools = tools_for(caller.user)
        self._position = 0
        self.specs = [tool.spec for tool in self._tools.values()]

    def call(self, call: Call) -> Result:
        arguments = _read(call.arguments)
        row = ToolCall.objects.create(
            answer_id=self._answer_id,
            position=self._position,
            name=_plain(call.name)[:_NAME_LENGTH],
            arguments=arguments or {},
        )
        self._position += 1
        began = time.monotonic()
        row.outcome, result = self._run(call.name, arguments)
        row.duration_ms = round((time.monotonic() - began) * 1000)
        row.returned = len(result.record) + sum(len(source.text) for source in result.sources)
        row.detail = result.note[:_DETAIL_LENGTH]
        row.save(update_fields=["outcome", "duration_ms", "returned", "detail"])
        return result

    def _run(self, name: str, arguments: Mapping[str, Any] | None) -> tuple[Outcome, Result]:
        tool = self._tools.get(name)
        if tool is None:
            return Outcome.REFUSED, Result(note="There is no such function.")
        if arguments is None:
            return Outcome.INVALID, Result(note="The arguments are not a JSON object.")
        try:
            return Outcome.OK, tool.run(self._caller, arguments)
        except ValidationError as error:
            told = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
            return Outcome.INVALID, Result(note=f"The arguments are not valid. {'; '.join(told)}"[:_DETAIL_LENGTH])
        except GroundedError as error:
            return Outcome.FAILED, Result(note=error.detail)
        except Exception:  # an answer is not lost for want of a tool; the log has the cause
            logger.exception("The tool %s failed", name)
            return Outcome.FAILED, Result(note="The function failed.")


def _read(text: str) -> dict[str, Any] | None:
    """The arguments as the database can hold them; None for what is no object, or too long."""
    if len(text) > _MOST_ARGUMENTS:
        return None
    try:
        found = json.loads(text or "{}")
        json.dumps(found, allow_nan=False)  # neither NaN nor 1e400 is a number to a database
        return strings_mapped(found, _plain) if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        return None


def _plain(text: str) -> str:
    """Without what no text may hold: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
