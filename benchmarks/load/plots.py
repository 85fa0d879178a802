"""Plots of a run, drawn in Locust's environment: python plots.py FOLDER."""

import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

_STEP = 5.0
_TIMES = ("chat, events", "chat, events: first words", "chat, JSON", "search", "history")
_PROCESSES = ("server", "streams", "worker", "database", "model", "load generator")


def main(folder: Path) -> None:
    drawn = json.loads((folder / "drawn.json").read_text())
    began, samples = drawn["began"], drawn["samples"]
    figure, (times, rates, busy, memory) = plt.subplots(4, 1, figsize=(9, 13), sharex=True, layout="constrained")
    for name in _TIMES:
        parts = defaultdict(list)
        for at, taken in drawn["taken"].get(name, []):
            parts[int((at - began) / _STEP)].append(taken)
        places = sorted(parts)
        seconds = [place * _STEP for place in places]
        times.plot(seconds, [sorted(parts[place])[int(0.95 * len(parts[place]))] for place in places], label=name)
        rates.plot(seconds, [len(parts[place]) / _STEP for place in places], label=name)
    times.set(title="p95 of each 5 s, ms", yscale="log")
    rates.set(title="a second")
    for name in _PROCESSES:
        series = [(one["at"] - began, one[f"{name}: processor"]) for one in samples if f"{name}: processor" in one]
        shares = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(series)]
        busy.plot([at for at, _ in series[1:]], shares, label=name)
        held = [(one["at"] - began, one[f"{name}: memory"]) for one in samples if f"{name}: memory" in one]
        memory.plot([at for at, _ in held], [value for _, value in held], label=name)
    busy.set(title="processors busy")
    memory.set(title="memory, MB", xlabel="seconds")
    for axes in (times, rates, busy, memory):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    figure.savefig(folder / "plots.svg")
    figure.savefig(folder / "plots.png", dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
