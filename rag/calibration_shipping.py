"""The weights that are shipped: fitted to the questions of several datasets, each counting the same."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from django.conf import settings

from rag.answerability import judging
from rag.answerability.features import NAMES
from rag.answerability.model import Array, Model, fit
from rag.evaluation.abstention import rates
from rag.retrieval import Mode

COUNTS = {"answerable": 1000.0, "removed": 700.0, "other domain": 300.0}
"""What the questions of each kind count together, in each dataset."""
_STRENGTH = 3.0

Rows = Mapping[str, Array]
"""Kind → features of its questions."""


def ship(datasets: Sequence[Path]) -> dict[str, Any]:
    """Fit to these datasets, each with the next one's questions as those of another domain, and write it down."""
    told = {mode: {} for mode in get_args(Mode)}  # type: dict[str, dict[str, Rows]]
    for place, dataset in enumerate(datasets):
        for mode, rows in _rows(dataset, datasets[(place + 1) % len(datasets)]).items():
            told[mode][dataset.name] = rows
    fitted = {mode: shipped(list(sets.values())) for mode, sets in told.items()}
    made = {
        "ranking": judging.fingerprint(),
        "weights": {mode: model.kept() for mode, model in fitted.items()},
        "rates": {mode: _told(fitted[mode], sets) for mode, sets in told.items()},
        "transfer": {mode: _transfer(sets) for mode, sets in told.items()},
    }
    judging.SHIPPED.write_text(json.dumps(made, indent=2) + "\n")
    return made


def shipped(sets: Sequence[Rows]) -> Model:
    """The threshold lies where, in the mean of the sets, the wanted share of what is answerable is refused."""
    features, answerable, importance = [], [], []
    for rows in sets:
        for kind, count in COUNTS.items():
            if kind in rows:
                features.append(rows[kind])
                answerable.append(np.full(len(rows[kind]), float(kind == "answerable")))
                importance.append(np.full(len(rows[kind]), count / len(rows[kind])))
    model = fit(
        np.concatenate(features), np.concatenate(answerable), importance=np.concatenate(importance), strength=_STRENGTH
    )
    share = settings.RAG["FALSE_REFUSALS"]
    return model.shifted(float(np.mean([np.quantile(model.logits(rows["answerable"]), share) for rows in sets])))


def _rows(dataset: Path, other: Path) -> dict[str, Rows]:
    """Mode → kind → features, asked in the scratch installation of the dataset."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "evaluate", str(dataset), "--others", str(other)]
    done = subprocess.run(  # noqa: S603 - ourselves
        [*command, "--measure", "features", "--json"], stdout=subprocess.PIPE, check=True
    )
    rows: dict[str, dict[str, list[list[float]]]] = {mode: {} for mode in get_args(Mode)}
    for column, figures in json.loads(done.stdout)["features"].items():
        kind, mode, _ = column.split("/")
        rows[mode].setdefault(kind, []).append([figures[name] for name in NAMES])
    return {mode: {kind: np.array(found) for kind, found in kinds.items()} for mode, kinds in rows.items()}


def _told(model: Model, sets: Mapping[str, Rows]) -> dict[str, dict[str, dict[str, float]]]:
    """Set → kind → figures; 0 is the logit of the threshold."""
    return {
        name: {
            kind: rates(list(model.logits(rows["answerable"])), list(model.logits(others)), threshold=0.0)
            for kind, others in rows.items()
            if kind != "answerable"
        }
        for name, rows in sets.items()
    }


def _transfer(sets: Mapping[str, Rows]) -> dict[str, dict[str, dict[str, float]]]:
    """The figures on each set of what is fitted to the others."""
    return {
        name: _told(shipped([others for other, others in sets.items() if other != name]), {name: rows})[name]
        for name, rows in sets.items()
        if len(sets) > 1
    }
