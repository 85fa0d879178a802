"""What a change of the knowledge base would do to the golden questions."""

from collections.abc import Sequence

from documents import selectors
from documents.gate import Breakage, Gate, Preview
from documents.models import Version
from rag.followers import follow_all
from rag.indexing import vectors_complete
from rag.privacy.reembedding import versions_refresh
from rag.questions import judge


class QuestionGate(Gate):
    def prepare(self, version: Version) -> None:
        """Make the vectors that a version lacks, as one does that was superseded before the embedder was changed."""
        vectors_complete(versions=[version.pk])
        while versions_refresh(versions=[version.pk]) is None:  # as an older policy of its collection had it
            pass

    def broken(self, preview: Preview) -> Sequence[Breakage]:
        """Asks all questions of the changed state, and those that fail there of the present one too."""
        follow_all(shared=False)  # the drafts of the preview among the rest
        failing = [v for v in judge(questions=list(selectors.questions_all()), preview=preview) if not v.passed]
        before = judge(questions=[verdict.question for verdict in failing])
        return [
            Breakage(after.question, after.reason) for after, then in zip(failing, before, strict=True) if then.passed
        ]
