"""How near two terms are in meaning, where a model on this machine knows their language."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rag.boundaries import embedder
from rag.errors import ProviderError


class Kinship:
    """Remembers the vectors of one quiz. Nothing leaves this machine for it."""

    def __init__(self, language: str) -> None:
        model = embedder()
        knows = model is not None and model.local and (model.languages is None or language in model.languages)
        self._model = model if knows else None
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}

    def __call__(self, term: str, others: Sequence[str]) -> Mapping[str, float] | None:
        """The cosine of each; None where nothing knows."""
        if self._model is None:
            return None
        new = [text for text in dict.fromkeys([term, *others]) if text not in self._vectors]
        try:
            self._vectors |= zip(new, self._model.embed(new, "document"), strict=True)
        except ProviderError:
            return None
        own = self._vectors[term]
        return {text: float(own @ self._vectors[text]) for text in others}
