"""A stand-in for a cross-encoder server: the share of the question's words that a passage holds."""

from tests.loopback.language import words
from tests.loopback.server import Failure, LoopbackServer, Reply, Request


class LoopbackReranker(LoopbackServer):
    """``POST /v1/rerank`` in the shape of Cohere and Jina."""

    def __init__(self, port: int = 0, key: str = "loopback-key", prefers: str = "") -> None:
        """A passage that holds ``prefers`` comes first."""
        super().__init__(port, key)
        self._prefers = prefers

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return self.error_reply(401, "Unknown key.")
        if (request.method, request.path) != ("POST", "/v1/rerank"):
            return self.error_reply(404, "No such path.")
        question = set(words(request.json["query"]))
        scores = {
            place: len(question & set(words(text))) / (len(question) or 1)
            + bool(self._prefers and self._prefers in text)
            for place, text in enumerate(request.json["documents"])
        }
        best = sorted(scores, key=lambda place: -scores[place])[: request.json.get("top_n")]
        if failure and failure.kind == "wrong_count":
            best = best[1:]
        return Reply({"results": [{"index": place, "relevance_score": scores[place]} for place in best]})
