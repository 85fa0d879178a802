"""One run of Locust against a product, and what came of it."""

import json
import os
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load.environment import locust
from benchmarks.load.product import Product
from benchmarks.load.watching import Watch

_USERS = Path(__file__).with_name("users.py")


@dataclass(frozen=True, slots=True)
class Load:
    profile: str
    users: int
    seconds: float
    ramp: float = 20.0
    """Seconds within which they come; what is measured begins after it, but errors always count."""
    pause: tuple[float, float] = (1.0, 5.0)
    """Seconds, from and to, between an answer and the next question, search or look at the history."""


@dataclass(slots=True)
class Result:
    load: Load
    began: float
    watch: Watch
    taken: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """For each kind of request: when it ended, and its milliseconds."""
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Kind, and what was said."""

    def at(self, name: str, share: float) -> float:
        values = sorted(value for _, value in self.measured(name))
        return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")

    def measured(self, name: str) -> list[tuple[float, float]]:
        return [one for one in self.taken.get(name, []) if one[0] >= self.began + self.load.ramp]

    def processor(self, name: str) -> float:
        """Processors that it kept busy while it was measured."""
        series = [one for one in self.watch.series(f"{name}: processor") if one[0] >= self.began + self.load.ramp]
        if len(series) < 2:
            return float("nan")
        return (series[-1][1] - series[0][1]) / (series[-1][0] - series[0][0])

    @property
    def requests(self) -> int:
        return sum(len(self.measured(name)) for name in self.taken if "words" not in name)

    @property
    def rate(self) -> float:
        return self.requests / max(1.0, self.load.seconds - self.load.ramp)


def run(product: Product, load: Load, folder: Path, *, sampled: float = 5.0) -> Result:
    """The report of Locust itself, its log and all samples are left in the folder."""
    python = locust()
    folder.mkdir(parents=True, exist_ok=True)
    samples, questions = folder / "samples.jsonl", folder / "questions.json"
    samples.unlink(missing_ok=True)
    questions.write_text(json.dumps(product.questions))
    environment = {
        "PATH": os.environ["PATH"],
        "ACCOUNT_PASSWORD": product.environment["ACCOUNT_PASSWORD"],
        "LOAD_SERVER": product.host,
        "LOAD_STREAMS": product.streams,
        "LOAD_QUESTIONS": str(questions),
        "LOAD_SAMPLES": str(samples),
        "LOAD_PROFILE": load.profile,
        "LOAD_USERS": str(load.users),
        "LOAD_SECONDS": str(load.seconds),
        "LOAD_RAMP": str(load.ramp),
        "LOAD_PAUSE": "{} {}".format(*load.pause),
    }
    command = [str(python), "-m", "locust", "-f", str(_USERS), "--headless", "--only-summary", "--stop-timeout", "30"]
    command += ["--html", str(folder / "locust.html"), "--logfile", str(folder / "locust.log")]
    began = time.time()
    with (
        Watch(product, sampled) as watch,
        (folder / "locust.txt").open("w") as told,
        subprocess.Popen(command, env=environment, stdout=told, stderr=told) as process,  # noqa: S603 - ourselves
    ):
        watch.add("load generator", process.pid)
        try:
            process.wait(load.seconds + 120)
        finally:
            process.terminate()
    return _read(Result(load, began, watch), samples)


def _read(result: Result, samples: Path) -> Result:
    for line in samples.read_text().splitlines():
        at, name, milliseconds, failure = json.loads(line)
        if failure:
            result.errors.append((name, failure))
        else:
            result.taken[name].append((at, milliseconds))
    return result
