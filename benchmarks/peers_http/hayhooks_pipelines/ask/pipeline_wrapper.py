# mypy: disable-error-code="misc, no-any-return"
"""A pipeline for Hayhooks; runs in Haystack's own environment, so nothing of the product is imported here."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from hayhooks import BasePipelineWrapper, async_streaming_generator, get_last_user_message
from haystack import Document, Pipeline
from haystack.components.builders import ChatPromptBuilder
from haystack.components.embedders import OpenAIDocumentEmbedder, OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore

_PROMPT = """Answer the question from the passages, and name the passage.
{% for document in documents %}
<passage number="{{ loop.index }}">
{{ document.content }}
</passage>
{% endfor %}
Question: {{ question }}"""


class PipelineWrapper(BasePipelineWrapper):
    def setup(self) -> None:
        model = {"api_base_url": os.environ["BENCHMARK_MODEL"], "model": "slow"}
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        read = [
            Document(content=page.read_text(), meta={"page": page.name})
            for page in sorted(Path(os.environ["BENCHMARK_PAGES"]).rglob("*.md"))
        ]
        splitter = DocumentSplitter(split_by="word", split_length=200, split_overlap=20)
        store.write_documents(
            OpenAIDocumentEmbedder(progress_bar=False, **model).run(splitter.run(read)["documents"])["documents"]
        )
        self.pipeline = Pipeline()
        self.pipeline.add_component("embedder", OpenAITextEmbedder(**model))
        self.pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=10))
        self.pipeline.add_component("bm25", InMemoryBM25Retriever(store, top_k=10))
        self.pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=3))
        prompt = ChatPromptBuilder([ChatMessage.from_user(_PROMPT)], required_variables="*")
        self.pipeline.add_component("prompt", prompt)
        self.pipeline.add_component("llm", OpenAIChatGenerator(**model))
        self.pipeline.connect("embedder.embedding", "dense.query_embedding")
        self.pipeline.connect("dense.documents", "joiner.documents")
        self.pipeline.connect("bm25.documents", "joiner.documents")
        self.pipeline.connect("joiner.documents", "prompt.documents")
        self.pipeline.connect("prompt.prompt", "llm.messages")

    async def run_chat_completion_async(
        self, model: str, messages: list[dict[str, Any]], body: dict[str, Any]
    ) -> str | AsyncGenerator[Any, None]:
        question = get_last_user_message(messages)
        asked = {"embedder": {"text": question}, "bm25": {"query": question}, "prompt": {"question": question}}
        if body.get("stream"):
            return async_streaming_generator(pipeline=self.pipeline, pipeline_run_args=asked)
        found = await self.pipeline.run_async(asked)
        said: str = found["llm"]["replies"][0].text
        return said
