"""What a model is asked for, and what of it is kept for a while for the same request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from pydantic import BaseModel, ValidationError

from rag.boundaries import writing_chain
from rag.generators.base import Finish, Prompt
from rag.prompts import digest
from rag.structured import Check, Written, structured, structured_prompt
from utils.remembering import key_of, recall, remember
from utils.waiting import at_once

M = TypeVar("M", bound=BaseModel)
EXTRACTIVE = "extractive"
"""In the place of a model's name where there was none."""


@dataclass(frozen=True, slots=True)
class Made(Generic[M]):
    value: M
    finish: Finish
    cached: bool = False


def made(schema: type[M], prompt: Prompt, *, check: Check[M], otherwise: Callable[[], M]) -> Made[M]:
    """What a model writes, now or for the same prompt before; what comes otherwise where no model can be reached.

    Raises ReplyUnusable where the model does not keep to the schema or the check.
    """
    prompt = structured_prompt(schema, prompt)
    key = kept_key(prompt)
    try:
        kept = recall([key]).get(key)
        if kept is not None:
            return Made(schema.model_validate(kept["value"]), Finish(kept["model"]), cached=True)
    except (ValidationError, LookupError, TypeError):
        pass  # it was kept by another version of this program
    written = _written(schema, prompt, check)
    if written is None:
        return Made(otherwise(), Finish(EXTRACTIVE))
    keep(key, {"value": written.value.model_dump(), "model": written.finish.model})
    return Made(written.value, written.finish)


def _written(schema: type[M], prompt: Prompt, check: Check[M]) -> Written[M] | None:
    chain = writing_chain()
    if chain is None:
        return None
    timeout = float(settings.RAG["PROVIDER_TIMEOUT"])
    return at_once(structured(schema, prompt, chain=chain, timeout=timeout, check=check))


def kept_key(prompt: Prompt) -> str:
    """Of all that a reply depends on. What was said in confidence is in the prompt, so nobody else has the same key."""
    models = (settings.RAG["GENERATORS"], settings.RAG["MISTRAL"]["chat_model"], settings.RAG["OPENAI"]["model"])
    return key_of("agent", digest(prompt), prompt.temperature, *models)


def keep(key: str, value: dict[str, Any]) -> None:
    remember({key: value}, seconds=settings.AGENTS["CACHE_SECONDS"])
