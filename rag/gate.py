"""What a change of the knowledge base would do to the golden questions."""

from collections.abc import Sequence

from documents import selectors
from documents.gate import Breakage, Gate, Preview
from documents.models import Version
from rag.boundaries import embedder
from rag.feed import followers
from rag.questions import judge
from rag.vectors import embedding_text, space_ensure, vectors_make, vectors_missing


class QuestionGate(Gate):
    def prepare(self, version: Version) -> None:
        """Make the vectors that a version lacks, as one does that was superseded before the embedder was changed."""
        model = embedder()
        if model is None:
            return
        space = space_ensure(model)
        texts = {
            bytes(chunk.embedding_hash): embedding_text(title=version.title, heading=chunk.heading, text=chunk.text)
            for chunk in version.chunks.all()
        }
        if missing := vectors_missing(space=space, hashes=texts):
            vectors_make(space=space, embedder=model, texts={key: texts[key] for key in missing})

    def broken(self, preview: Preview) -> Sequence[Breakage]:
        """Asks all questions of the changed state, and those that fail there of the present one too."""
        now = selectors.point()
        for follower in followers():
            if not follower.shared:
                follower.follow(now)  # the drafts of the preview among the rest
        failing = [v for v in judge(questions=list(selectors.questions_all()), preview=preview) if not v.passed]
        before = judge(questions=[verdict.question for verdict in failing])
        return [
            Breakage(after.question, after.reason) for after, then in zip(failing, before, strict=True) if then.passed
        ]
