"""Haystack behind Hayhooks: its hybrid retrieval and a chat generator, as its documentation puts them together.

The pipeline is in hayhooks_pipelines/ask/pipeline_wrapper.py. Documents are in memory, split by words by Haystack's
own splitter; two retrievers, joined by reciprocal rank fusion; three passages in the prompt. It knows no accounts,
saves nothing and checks no citations.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.load.environment import environment
from benchmarks.load.prepare import HANDBOOK
from benchmarks.peers_http.peer import Peer, free_port, started

_HERE = Path(__file__).parent


@contextmanager
def serving(model: str, home: Path, processes: int) -> Iterator[Peer]:
    python, port = environment("haystack", _HERE / "haystack.txt", hashes=False), free_port()
    settings = {
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "OPENAI_API_KEY": "key",
        "BENCHMARK_MODEL": f"{model}/v1",
        "BENCHMARK_PAGES": str(HANDBOOK),
        "HAYHOOKS_SHOW_TRACEBACKS": "true",
    }
    command = [str(python.parent / "hayhooks"), "run", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--pipelines-dir", str(_HERE / "hayhooks_pipelines"), "--workers", str(processes)]
    command += ["--without-monitoring", "--without-tracing"]
    with started(command, settings, home, (port, "/status")) as pid:

        def body(question: str, stream: bool) -> Mapping[str, Any]:
            return {"model": "ask", "stream": stream, "messages": [{"role": "user", "content": question}]}

        yield Peer(
            "Haystack 3.4.0 + Hayhooks 2.1.0",
            f"{processes} uvicorn process(es), in-memory store, BM25 and dense, RRF, 3 passages, nothing saved",
            psutil.Process(pid),
            f"http://127.0.0.1:{port}",
            "/v1/chat/completions",
            "",
            body,
            end=b'"finish_reason":"stop"',
        )
