"""What a topic is taught from: what the curriculum says of it, and the knowledge base."""

from django.conf import settings

from learning.tutoring.curriculum.base import Snapshot
from rag.answerability.parts import search_parts
from rag.context import assemble, passages
from rag.generators.base import Passage
from rag.questions import scope_of
from rag.retrieval import Scope
from users.models import User

_TOP_K = 4


def material_of(snapshot: Snapshot, user: User) -> list[Passage]:
    """The topic itself first, then passages of the course's own collection; where it has none, of all that the learner
    may see, if that fits. What the learner may no longer see is left out."""
    plan = snapshot.plan
    aims = "\n".join(f"- {aim}" for aim in plan.learning_objectives)
    said = "\n\n".join(filter(None, (plan.description, f"Learning objectives:\n\n{aims}" if aims else "")))
    topic = Passage(1, plan.topic_title, "", said, 1.0)
    visible = scope_of(user).collections
    scope = Scope(visible & {plan.collection} if plan.collection else visible)
    query = " ".join((plan.topic_title, *plan.learning_objectives))[:500]
    found = search_parts(question=query, scope=scope, top_k=_TOP_K).found
    # The course's own material is about its topics; whatever else is there need not be.
    if not found.hits or not (plan.collection or found.answerable):
        return [topic]
    sources = assemble(found.hits, budget=settings.RAG["CONTEXT_TOKENS"])
    return [topic, *(_renumbered(passage) for passage in passages(sources))]


def _renumbered(passage: Passage) -> Passage:
    return Passage(
        passage.marker + 1, passage.title, passage.heading, passage.text, passage.score, masking=passage.masking
    )
