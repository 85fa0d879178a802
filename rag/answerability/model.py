"""A logistic model of few features: small enough to be read, and to be fitted to a few hundred questions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.answerability.features import NAMES

Array = npt.NDArray[np.float64]
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Model:
    weights: Array
    """One for each of NAMES."""
    bias: float

    @classmethod
    def read(cls, kept: Mapping[str, float]) -> "Model":
        """From what :meth:`kept` wrote."""
        return cls(np.array([kept.get(name, 0.0) for name in NAMES]), kept["bias"])

    def kept(self) -> dict[str, float]:
        """Name of a feature → weight, and the bias."""
        return {name: round(float(w), 4) for name, w in zip(NAMES, self.weights, strict=True)} | {
            "bias": round(float(self.bias), 4)
        }

    def logits(self, rows: Array) -> Array:
        """Of questions, a row of features each; 0 is where the threshold of 0.5 lies."""
        return np.asarray(rows @ self.weights + self.bias)

    def confidence(self, row: Array) -> float:
        return float(1 / (1 + np.exp(-np.clip(self.logits(row), -30, 30))))

    def shifted(self, logit: float) -> "Model":
        """The same with its threshold at what was ``logit``."""
        return Model(self.weights, self.bias - logit)


def fit(
    rows: Array, answerable: Array, *, importance: Array, prior: Model | None = None, strength: float = 1.0
) -> Model:
    """The most probable model for the questions, by Newton's method.

    ``answerable`` holds 1 or 0 for each row, ``importance`` what it counts. The weights, on the scale of standard
    deviations, are drawn towards the prior's, or zero, as by ``strength`` questions.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    towards = np.zeros(scaled.shape[1])
    if prior:
        towards[0], towards[1:] = prior.bias + prior.weights @ mean, prior.weights * spread
    pull = np.full(scaled.shape[1], strength)
    pull[0] = 1e-3  # where the threshold lies is for the questions to say
    found = towards.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ found, -30, 30)))
        slope = scaled.T @ (importance * (chance - answerable)) + pull * (found - towards)
        bend = (scaled * (importance * chance * (1 - chance))[:, None]).T @ scaled + np.diag(pull)
        found = found - np.linalg.solve(bend, slope)
    weights = found[1:] / spread
    return Model(weights, float(found[0] - weights @ mean))
