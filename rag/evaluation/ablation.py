"""What each stage of the search is worth: the same questions with one of them left out in turn."""

from dataclasses import fields, replace

from rag.evaluation.dataset import Dataset
from rag.evaluation.measuring import Figures, Progress
from rag.evaluation.retrieval import Scores, ask
from rag.retrieval import Scope, meanings
from rag.stages import ALL

_NAMED = {"scores": "fusion by rank"}


def measure(dataset: Dataset, scope: Scope, progress: Progress) -> Figures:
    """The default, then the search without each stage; the time is without the question's embedding."""
    ways = {"default": ALL}
    for field in fields(ALL):
        ways[_NAMED.get(field.name, f"no {field.name.replace('_', ' ')}")] = replace(ALL, **{field.name: False})
    results = {name: Scores() for name in ways}
    for query_id, query in progress(dataset.queries.items()):
        [meaning] = meanings([query])
        for name, stages in ways.items():
            ask(query, scope, stages, "hybrid", results[name], dataset.relevant[query_id], meaning)
    return {name: scores.summary() for name, scores in results.items()}
