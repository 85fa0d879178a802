"""What a run is told as: Markdown, and plots that Locust's environment draws (benchmarks/load/plots.py)."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

from benchmarks.load.environment import locust
from benchmarks.load.running import Result

KINDS = ("server", "streams", "worker", "scheduler", "database", "model", "load generator")


def markdown(result: Result, title: str, verdict: list[str]) -> str:
    load = result.load
    lines = [
        f"# {title}",
        "",
        f"{load.profile}: {load.users} users who pause {load.pause[0]:g} to {load.pause[1]:g} s, {load.seconds:g} s, "
        f"of which the first {load.ramp:g} s are not measured. "
        f"{result.requests} requests, {result.rate:.1f} a second, {len(result.errors)} errors. "
        f"{os.cpu_count()} processors, load of the machine {os.getloadavg()[0]:.1f}.",
        "",
        *(f"- {line}" for line in verdict),
        "",
        "| request | count | p50 ms | p95 ms | p99 ms | most |",
        "|---|---|---|---|---|---|",
    ]
    for name in sorted(result.taken):
        values = " | ".join(f"{result.at(name, share):.0f}" for share in (0.5, 0.95, 0.99, 1))
        lines.append(f"| {name} | {len(result.measured(name))} | {values} |")
    lines += ["", "| process | processors busy | memory at most, MB | files at most | threads at most |"]
    lines += ["|---|---|---|---|---|"]
    for name in KINDS:
        if result.watch.series(f"{name}: processor"):
            most = " | ".join(f"{result.watch.most(f'{name}: {what}'):.0f}" for what in ("memory", "files", "threads"))
            lines.append(f"| {name} | {result.processor(name):.2f} | {most} |")
    lines += ["", f"Connections to PostgreSQL at most {result.watch.most('database: connections'):.0f}."]
    if result.errors:
        lines += ["", "Errors:", ""]
        lines += [f"- {count} × {name}: {said[:300]}" for (name, said), count in Counter(result.errors).most_common(10)]
    return "\n".join(lines) + "\n"


def write(result: Result, folder: Path, title: str, verdict: list[str]) -> None:
    told = markdown(result, title, verdict)
    (folder / "report.md").write_text(told)
    drawn = {"began": result.began, "taken": result.taken, "samples": result.watch.samples}
    (folder / "drawn.json").write_text(json.dumps(drawn))
    plots = Path(__file__).with_name("plots.py")
    subprocess.run([str(locust()), str(plots), str(folder)], check=True)  # noqa: S603
    print(told + f"\nPlots, Locust's own report and all samples are in {folder}.")  # noqa: T201
