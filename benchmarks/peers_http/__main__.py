"""Grounded beside its peers, over HTTP: python -m benchmarks.peers_http [--seconds 20] [--processes 1] [--only NAME]

Open WebUI, and Haystack behind Hayhooks, each in an environment of its own under var/ that the command makes (Open
WebUI brings PyTorch: gigabytes). All have the handbook, the same embedder and the same model on this machine, which
writes 50 words in a second, and are asked by the same client, one product after the other. Of each is measured:

- ten answers one after another: what is added to the model's own time, and the time to the first words;
- so many at once as fill it (``--at-once``): answers a second, failures, processor time of an answer, memory.

What a product does besides differs; its line of settings says what.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from benchmarks.load.prepare import questions
from benchmarks.load.product import model_serving
from benchmarks.peers_http import grounded, hayhooks, open_webui
from benchmarks.peers_http.peer import Peer
from benchmarks.serving import ROOT
from benchmarks.streams import Asked, ask

PEERS: dict[str, Callable[[str, Path, int], AbstractContextManager[Peer]]] = {
    "grounded": grounded.serving,
    "hayhooks": hayhooks.serving,
    "open-webui": open_webui.serving,
    "open-webui-as-shipped": partial(open_webui.serving, queries=True),
}
_MODEL_SECONDS = 1.0
_ALONE = 10
_WARM = 3


@dataclass(frozen=True, slots=True)
class Figures:
    added: float
    """Milliseconds over the model's own time, of JSON answers one after another; the median."""
    first: float
    """Milliseconds to the first words of a stream; the median."""
    rate: float
    """Answers a second when it is full."""
    slowest: float
    failed: int
    processor: float
    """Milliseconds of the processor for each answer."""
    memory: float
    """MB, all its processes, when it is full."""


class Client:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._questions, self._count = questions(), 0

    async def ask(self, *, stream: bool) -> Asked:
        peer = self._peer
        self._count += 1
        body = json.dumps(peer.body(self._questions[7 * self._count % len(self._questions)], stream)).encode()
        accept = peer.accept if stream else "application/json"
        mark, end = (peer.mark, peer.end) if stream else (peer.whole, peer.whole)
        headers = f"{peer.headers}Accept: {accept}\r\n"
        return await ask(peer.address, peer.path, headers, body, mark, end)

    async def figures(self, seconds: float, at_once: int) -> Figures:
        for stream in (True, False) * _WARM:
            warm = await self.ask(stream=stream)
            assert warm.complete, warm.said  # noqa: S101
            assert not stream or self._peer.sources in warm.said, warm.said  # noqa: S101
        alone = [await self.ask(stream=False) for _ in range(_ALONE)]
        firsts = [await self.ask(stream=True) for _ in range(_ALONE)]
        processes = [self._peer.process, *self._peer.process.children(recursive=True)]
        spent, began = _spent(processes), time.perf_counter()
        until = began + seconds

        async def user() -> list[Asked]:
            asked = []
            while time.perf_counter() < until:
                asked.append(await self.ask(stream=True))
            return asked

        full = [one for asked in await asyncio.gather(*(user() for _ in range(at_once))) for one in asked]
        took = time.perf_counter() - began
        return Figures(
            1000 * (statistics.median(one.whole for one in alone) - _MODEL_SECONDS),
            1000 * statistics.median(one.first for one in firsts),
            sum(one.complete for one in full) / took,
            max(one.whole for one in full),
            sum(not one.complete for one in [*alone, *firsts, *full]),
            1000 * (_spent(processes) - spent) / len(full),
            sum(process.memory_full_info().pss for process in processes) / 1e6,
        )


def _spent(processes: list[psutil.Process]) -> float:
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


def _told(found: dict[str, tuple[Peer, Figures]]) -> str:
    lines = [
        "| | added to the model's time, ms | first words, ms | answers a second | slowest, s | failed | "
        "processor an answer, ms | memory, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for peer, told in found.values():
        values = f"{told.added:.0f} | {told.first:.0f} | {told.rate:.1f} | {told.slowest:.1f} | {told.failed}"
        lines.append(f"| {peer.name} | {values} | {told.processor:.1f} | {told.memory:.0f} |")
    return "\n".join([*lines, "", *(f"- {peer.name}: {peer.settings}" for peer, _ in found.values())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--processes", type=int, default=1, help="Of each server.")
    parser.add_argument("--only", choices=PEERS, action="append")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "peers.md")
    options = parser.parse_args()
    found: dict[str, tuple[Peer, Figures]] = {}
    for name in options.only or PEERS:
        with model_serving(_MODEL_SECONDS) as (_, model), tempfile.TemporaryDirectory(prefix="peer-") as home:
            try:
                with PEERS[name](model, Path(home), options.processes) as peer:
                    found[name] = (peer, asyncio.run(Client(peer).figures(options.seconds, options.at_once)))
            except (RuntimeError, OSError) as error:  # the others are compared all the same
                print(f"{name} could not be measured: {error}", flush=True)  # noqa: T201
        print(_told(found), flush=True)  # noqa: T201
    options.out.write_text(_told(found) + "\n")


if __name__ == "__main__":
    main()
