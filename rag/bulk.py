"""Many files indexed from the command line, with a progress bar and a summary."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from documents.errors import LoadError
from documents.loading import check
from documents.models import PENDING_STATES, Collection, Job, State
from documents.services import Submission, documents_submit
from rag.indexing import index_pending, leases_break, worker_name

_MOST_FILES, _MOST_BYTES = 256, 32_000_000
_POLL = 0.3


@dataclass
class Summary:
    """What came of it, counted in files."""

    indexed: int = 0
    unchanged: int = 0
    passages: int = 0
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    """Source, code and detail of each."""
    seconds: float = 0.0

    def show(self, console: Console) -> None:
        for source, code, detail in self.failed:
            console.print(f"[red]failed[/red] {source}: {detail} ({code})", highlight=False, soft_wrap=True)
        console.print(
            f"{self.indexed} indexed ({self.passages} passages), {self.unchanged} unchanged, "
            f"{len(self.failed)} failed, in {self.seconds:.1f} s",
            highlight=False,
        )


def index_all(*, submissions: Iterable[Submission], total: int, collection: Collection, console: Console) -> Summary:
    """Hand the files in, a part at a time, and work until each has ended; running workers take their share.

    A run that was cut short is taken up where it was: what is indexed is passed over, what was begun is finished.
    Raises ProviderError if the embedder cannot be reached.
    """
    summary, started, worker = Summary(), time.monotonic(), worker_name()
    leases_break()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Indexing", total=total)
        for part in _parts(submissions):
            readable = [submission for submission in part if _readable(submission, summary)]
            submitted = documents_submit(submissions=readable, collection=collection)
            summary.unchanged += len(readable) - submitted.new
            before = summary.indexed + summary.unchanged + len(summary.failed)
            while left := submitted.job.versions.filter(state__in=PENDING_STATES).count():
                progress.update(bar, completed=before + submitted.new - left)
                if not index_pending(worker=worker):
                    time.sleep(_POLL)  # another worker has the rest
            _count(submitted.job, summary)
            progress.update(bar, completed=summary.indexed + summary.unchanged + len(summary.failed))
    summary.seconds = time.monotonic() - started
    return summary


def _parts(submissions: Iterable[Submission]) -> Iterator[list[Submission]]:
    part: list[Submission] = []
    size = 0
    for submission in submissions:
        part.append(submission)
        size += len(submission.data)
        if len(part) == _MOST_FILES or size >= _MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _readable(submission: Submission, summary: Summary) -> bool:
    try:
        check(submission.data, submission.file_name)
    except LoadError as error:
        summary.failed.append((submission.source_uri, error.code, error.detail))
        return False
    return True


def _count(job: Job, summary: Summary) -> None:
    for version in job.versions.select_related("document").defer("text"):
        if version.state in (State.FAILED, State.QUARANTINED):
            summary.failed.append((version.document.source_uri, version.error_code, version.error_detail))
        else:
            summary.indexed += 1
            summary.passages += version.chunk_count
