"""The curriculum and the models in use, each built once a process."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from learning.tutoring.curriculum.base import Curriculum
from rag.generators.chain import GeneratorChain


@cache
def curriculum() -> Curriculum:
    """Where topics come from and completions go to."""
    made: Curriculum = import_string(settings.TUTORING["CURRICULUM"]).from_settings(settings.TUTORING)
    return made


@cache
def tutors() -> GeneratorChain | None:
    """The language models that tutor, examine and judge, in the order in which they are asked; None where there are
    none. Their circuit breakers are their own."""
    made = [import_string(path).from_settings(settings.RAG) for path in settings.RAG["GENERATORS"]]
    writing = [generator for generator in made if generator.writes]
    return GeneratorChain(writing) if writing else None


def _rebuild(*, setting: str, **_: Any) -> None:
    if setting in ("RAG", "TUTORING"):
        curriculum.cache_clear()
        tutors.cache_clear()


setting_changed.connect(_rebuild)
