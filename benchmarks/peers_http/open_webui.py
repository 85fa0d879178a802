"""Open WebUI with the handbook as a knowledge base, the way its API is documented.

It is given what makes it fast: no query generation (a second call of the model before each answer) unless it is to be
as it ships, no tags, titles or follow-ups (its API makes none without a chat), an embedder on this machine, no
telemetry. What it does not do here is saving the conversation: its API leaves that to the client. Its own defaults
otherwise: Chroma, chunks of 1,000, three of them in a prompt.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.load.environment import environment
from benchmarks.peers_http.peer import Peer, call, free_port, pages, started

_REQUIREMENTS = Path(__file__).with_name("open-webui.txt")
_BOUND = "a-line-that-no-page-holds"


@contextmanager
def serving(model: str, home: Path, processes: int, *, queries: bool = False) -> Iterator[Peer]:
    """With ``queries`` as it ships: the model is asked what to search for, and then for the answer."""
    python, port = environment("open-webui", _REQUIREMENTS, hashes=False), free_port()
    settings = {
        "DATA_DIR": str(home / "data"),
        "WEBUI_SECRET_KEY": "a key of nothing but this run",
        "OPENAI_API_BASE_URL": f"{model}/v1",
        "OPENAI_API_KEY": "key",
        "ENABLE_OLLAMA_API": "False",
        "RAG_EMBEDDING_ENGINE": "openai",
        "RAG_OPENAI_API_BASE_URL": f"{model}/v1",
        "RAG_OPENAI_API_KEY": "key",
        "RAG_EMBEDDING_MODEL": "slow",
        "ENABLE_RETRIEVAL_QUERY_GENERATION": str(queries),
        "OFFLINE_MODE": "True",
        "HF_HUB_OFFLINE": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "DO_NOT_TRACK": "true",
        "SCARF_NO_ANALYTICS": "true",
        "UVICORN_WORKERS": str(processes),
    }
    command = [str(python.parent / "open-webui"), "serve", "--host", "127.0.0.1", "--port", str(port)]
    with started(command, settings, home, (port, "/health")) as pid:
        token, knowledge = _set_up(port)

        def body(question: str, stream: bool) -> Mapping[str, Any]:
            asked = [{"role": "user", "content": question}]
            files = [{"type": "collection", "id": knowledge}]
            return {"model": "slow", "stream": stream, "messages": asked, "files": files}

        yield Peer(
            f"Open WebUI 0.12.4{', as it ships' if queries else ''}",
            f"{processes} uvicorn process(es), SQLite, Chroma, 3 chunks, nothing saved, "
            f"query generation {'on' if queries else 'off'}",
            psutil.Process(pid),
            f"http://127.0.0.1:{port}",
            "/api/chat/completions",
            f"Authorization: Bearer {token}\r\n",
            body,
            sources=b'"document":["',
        )


def _set_up(port: int) -> tuple[str, str]:
    """The first account, who is the admin, and a knowledge base with the handbook."""
    account = {"name": "asker", "email": "asker@example.org", "password": "not for any real account 1"}
    token = _done(*call(port, "POST", "/api/v1/auths/signup", account))["token"]
    who = {"Authorization": f"Bearer {token}"}
    about = {"name": "Handbook", "description": "The handbook"}
    knowledge = _done(*call(port, "POST", "/api/v1/knowledge/create", about, **who))["id"]
    for page in pages():
        head = f'--{_BOUND}\r\nContent-Disposition: form-data; name="file"; filename="{page.name}"\r\n'
        form = (
            f"{head}Content-Type: text/markdown\r\n\r\n".encode() + page.read_bytes() + f"\r\n--{_BOUND}--\r\n".encode()
        )
        kind = {"Content_Type": f"multipart/form-data; boundary={_BOUND}", **who}
        there = "/api/v1/files/?process=true&process_in_background=false"
        file = _done(*call(port, "POST", there, form, **kind))["id"]
        _done(*call(port, "POST", f"/api/v1/knowledge/{knowledge}/file/add", {"file_id": file}, **who))
    return token, knowledge


def _done(status: int, said: Any) -> Any:
    if status >= 400:
        raise RuntimeError(f"{status}: {said}")
    return said
