"""How models are asked for what decides: JSON that is checked."""

import logging
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from learning.tutoring.boundaries import tutors
from rag.generators.base import Passage, Prompt
from rag.structured import ReplyUnusable, Written, structured, structured_prompt

logger = logging.getLogger(__name__)
T = TypeVar("T", bound=BaseModel)


async def asked_for(
    schema: type[T], *, rule: str, said: str, passages: Sequence[Passage], timeout: float
) -> Written[T] | None:
    """A model's object; None where no model is configured, or it fails, or writes something else.

    ``said`` is what stands as the question.
    """
    chain = tutors()
    if chain is None:
        return None
    prompt = structured_prompt(schema, Prompt(said, passages, rule=rule))
    try:
        return await structured(schema, prompt, chain=chain, timeout=timeout)
    except ReplyUnusable as error:
        logger.warning("Tutoring does without a model for %s: %s", schema.__name__, error)
        return None
