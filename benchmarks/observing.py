"""What it costs to measure and to log: python -m benchmarks.observing [--requests 1500] [--rounds 5]

Two servers run side by side, one of which measures nothing and logs no requests (benchmarks/unmeasured.py), and are
asked in turn, by four connections. Then one observation, one line and one scrape by themselves.
"""

import argparse
import http.client
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.serving import Serving, served

_CONNECTIONS = 4


def rate(server: Serving, path: str, requests: int, token: str) -> tuple[float, float]:
    """Requests a second, and milliseconds of the server's processor time for each."""

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(requests // _CONNECTIONS):
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status  # noqa: S101
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(_CONNECTIONS)]
    began, spent = time.perf_counter(), _processor_time(server)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = (_processor_time(server) - spent) / requests
    return requests / (time.perf_counter() - began), used * 1000


def _processor_time(server: Serving) -> float:
    times = psutil.Process(server.process.pid).cpu_times()
    return float(times.user + times.system)


def each(call: Callable[[], object], times: int) -> float:
    """Microseconds."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times * 1e6


def _log_in(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"username": "grace", "password": os.environ["ACCOUNT_PASSWORD"]})
    connection.request("POST", "/api/auth/login/", body, {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["access"]
    return token


def side_by_side(requests: int, rounds: int) -> None:
    log = {"LOG_FORMAT": "json"}
    with served(**log) as measured, served("benchmarks.unmeasured:application", **log) as bare:
        token = _log_in(measured.port)
        for path, share, who in (("/api/health/", 1, ""), ("/api/rag/search/?q=How+do+I+index+a+PDF", 10, token)):
            found: dict[str, list[tuple[float, float]]] = {"measured": [], "unmeasured": []}
            for _ in range(rounds + 1):
                for name, server in (("measured", measured), ("unmeasured", bare)):
                    found[name].append(rate(server, path, requests // share, who))
            for name, rounds_of in found.items():
                rates, used = (statistics.median(values) for values in zip(*rounds_of[1:], strict=True))
                print(f"{path.split('?')[0]:18} {name:10} {rates:5.0f}/s, {used:.2f} ms of the processor")  # noqa: T201


def by_themselves() -> None:
    import logging

    from background_tasks.monitoring.exposition import exposition
    from utils import metrics
    from utils.access import Access

    one = metrics.requests.labels("api/health", "GET", "200")
    print(f"an observation     {each(lambda: one.observe(0.02), 100_000):.1f} µs")  # noqa: T201
    labelled = each(lambda: metrics.requests.labels("api/health", "GET", 200).observe(0.02), 100_000)
    print(f"with its labels    {labelled:.1f} µs")  # noqa: T201
    from rag.timing import timed

    def stage() -> None:
        with timed("dense"):
            pass

    print(f"a stage            {each(stage, 100_000):.1f} µs")  # noqa: T201
    handler = logging.getLogger().handlers[0]
    with open(os.devnull, "w") as nowhere:
        handler.setStream(nowhere)  # type: ignore[attr-defined]
        print(f"a request's line   {each(lambda: Access('GET').ended({'dense': 0.001}), 20_000):.1f} µs")  # noqa: T201
    for number in range(200):
        metrics.requests.labels(f"route/{number}", "GET", 200).observe(0.02)
    exposition("")
    milliseconds = each(lambda: exposition(""), 20) / 1000
    print(f"a scrape           {milliseconds:.0f} ms, of {len(exposition('')[0]) // 1024} KiB")  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    models = Path(__file__).parent.parent / "var" / "models"
    os.environ.setdefault("MODEL_DIR", str(models))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.scratch",
        "DATA_DIR": tempfile.mkdtemp(prefix="observing-"),
        "ACCOUNT_PASSWORD": "not for any real account",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("populate_documents", verbosity=0)
    call_command("create_account", "grace", "grace@example.org", verbosity=0)
    side_by_side(options.requests, options.rounds)
    by_themselves()


if __name__ == "__main__":
    main()
