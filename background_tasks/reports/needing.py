"""What of a day somebody should look at, the worst first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from background_tasks.models import DailyReport

_SLOWER = 2
_SLOW_MS = 3000
_MORE_REFUSED = 0.1
_ENOUGH = 20
"""Answers from which on a share says something."""
Usual = Callable[..., float | None]


@dataclass(frozen=True, slots=True)
class Attention:
    text: str
    bad: bool = False
    """Something is broken; else it is only to be known."""


def needing_a_look(report: DailyReport, usual: Usual) -> Iterator[Attention]:
    counted, found = report.counted, report.found
    yield from _broken(counted, found)
    yield from _worse(counted, usual)
    yield from _stood_in(counted, found)
    if unknown := counted["cost"]["unknown"]:
        yield Attention(f"What these models cost is not known: {', '.join(unknown)}. Set MODEL_PRICES.")
    if not report.complete:
        yield Attention("Rows of this day may have been removed before they were counted: it tells what was left.")


def _broken(counted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Attention]:
    if failed := counted["answers"]["failed"]:
        codes = ", ".join(f"{code} {count:,}" for code, count in counted["failures"].items())
        yield Attention(f"{_things(failed, 'answer')} failed: {codes}.", bad=True)
    for job in counted["jobs"]:
        if job["failed"]:
            yield Attention(f"The job {job['job']} failed {_times(job['failed'])}.", bad=True)
    yield from _index(found["index"])
    if failed := counted["tools"]["failed"]:
        yield Attention(f"{_things(failed, 'call')} of tools failed.", bad=True)


def _index(index: Mapping[str, Any]) -> Iterator[Attention]:
    if index["check"] and index["check"]["left"]:
        yield Attention(f"The last check left {_things(index['check']['left'], 'fault')} in the indexes.", bad=True)
    for one in index["indexes"]:
        if one["count"] is None:
            yield Attention(f"The index {one['name']} could not be reached.", bad=True)
        elif one["lag"] is None:
            yield Attention(f"The index {one['name']} is to be built.", bad=True)
    if index["failed"]:
        yield Attention(f"{_things(index['failed'], 'version')} of documents could not be indexed.", bad=True)
    if index["quarantined"]:
        yield Attention(f"{_things(index['quarantined'], 'version')} of documents in quarantine.")


def _worse(counted: Mapping[str, Any], usual: Usual) -> Iterator[Attention]:
    p95, before = counted["response_ms"]["p95"], usual("response_ms", "p95")
    if p95 and before and p95 > max(_SLOW_MS, _SLOWER * before):
        yield Attention(f"Answers were slow: 95 of 100 within {p95 / 1000:.1f} s, usually {before / 1000:.1f} s.")
    answers = counted["answers"]
    refused, total = usual("answers", "refused"), usual("answers", "total")
    if answers["total"] >= _ENOUGH and refused is not None and total:
        share = answers["refused"] / answers["total"]
        if share > refused / total + _MORE_REFUSED:
            yield Attention(f"{share:.0%} of the answers were refusals, usually {refused / total:.0%}.")


def _stood_in(counted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Attention]:
    if counted["answers"]["unfinished"]:
        yield Attention(f"{_things(counted['answers']['unfinished'], 'answer')} had not ended when they were counted.")
    if found["main_model"] != "ExtractiveGenerator":
        quoted = sum(row["answers"] for row in counted["models"] if row["model"] == "extractive")
        if quoted:
            yield Attention(f"{_things(quoted, 'answer')} only quoted passages: no model could be reached.")
    if counted["searches_by_words"]:
        yield Attention(f"{_things(counted['searches_by_words'], 'question')} looked up by words alone.")


def _things(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
