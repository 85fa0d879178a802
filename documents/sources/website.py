"""A website: the pages that its sitemaps name, else those that its links lead to from the start address."""

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import httpx2

from documents.sources import sitemaps
from documents.sources.base import Changed, Failed, Keep, Mark, Page, Passed, Place, SourceReader, Unchanged
from documents.sources.client import Answer, WebClient
from documents.sources.errors import (
    RobotsRefused,
    SourceError,
    SourceLimit,
    SourceNotFound,
    SourceUnavailable,
)
from documents.sources.page_facts import PageFacts, facts
from documents.sources.robots import Robots
from documents.sources.scope import Scope, normalise

MAX_SECONDS = 4 * 3600.0
MAX_BYTES = 2_000_000_000
_MOST_MAPS = 500
_MOST_LISTED = 500_000
_MOST_QUEUED = 50
"""So many pages may wait to be asked for, for each one that is wanted."""
_MOST_FAILURES = 10
"""So many pages one after the other are not delivered: then the site is taken to be down."""
_GONE = (404, 410)
_OVERLOADED = (408, 425, 429)
_ENDINGS = {"text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md", "application/pdf": ".pdf"}


class WebsiteReader(SourceReader):
    def check(self, place: Place) -> None:
        Scope(place)

    def pages(self, place: Place, known: Mapping[str, Mark], keep: Keep) -> Generator[Page, None, None]:
        with WebClient() as client:
            yield from _Visit(place, known, keep, client).pages()


class _Visit:
    """One sync of a site."""

    def __init__(self, place: Place, known: Mapping[str, Mark], keep: Keep, client: WebClient) -> None:
        self._place, self._known, self._keep, self._client = place, known, keep, client
        self._scope = Scope(place)
        self._robots = Robots(client)
        self._named: set[str] = set()
        """Pages that were handed over."""
        self._asked: set[str] = set()
        """Pages that were put into the queue, or met by a redirect."""
        self._queue: deque[httpx2.URL] = deque()
        self._crawls = False
        self._failures = 0
        self._bytes = 0
        self._end = time.monotonic() + MAX_SECONDS

    def pages(self) -> Iterator[Page]:
        start = self._scope.start
        if not self._robots.allow(start):
            raise RobotsRefused(f"The robots.txt of {start.host} does not let Grounded read this address.")
        listed = self._listed()
        # Links are read from changed pages only. What the others led to is known already, and is asked again: a page is
        # gone when the site says so.
        self._crawls = not listed
        self._enqueue(listed or [str(start), *self._known])
        while self._queue:
            url = self._queue.popleft()
            if str(url) not in self._named:
                yield from self._visit(url)

    def _enqueue(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            url = self._wanted(address)
            if url is not None:
                self._asked.add(str(url))
                self._queue.append(url)
        if len(self._queue) > _MOST_QUEUED * self._place.most_pages:
            raise SourceLimit("The site has links without end.")

    def _wanted(self, address: str) -> httpx2.URL | None:
        """The page at an address, unless it was asked for already or is not to be asked for."""
        url = normalise(address)
        if url is None or str(url) in self._asked or str(url) in self._named:
            return None
        is_start = self._crawls and url == self._scope.start
        return url if is_start or (self._scope.has(url) and self._robots.allow(url)) else None

    def _visit(self, url: httpx2.URL) -> Iterator[Page]:
        is_start = self._crawls and url == self._scope.start
        try:
            answer = self._get(url)
            self._failures = 0
        except SourceError as error:
            self._failures += isinstance(error, SourceUnavailable)
            if self._failures >= _MOST_FAILURES or is_start or time.monotonic() > self._end:
                raise
            yield from self._hand_over(Failed(str(url), error.code, error.detail))
            return
        if is_start and answer.status not in (200, 304):
            raise SourceNotFound(f"The start address leads to no page of the source but to {answer.url}.")
        yield from self._judge(answer)
        if self._crawls and answer.status not in _GONE:
            # It redirects, or is not to be kept. It may do otherwise one day, while nothing that links to it changes.
            yield from self._hand_over(Passed(str(url), Mark()))

    def _get(self, url: httpx2.URL) -> Answer:
        """Raises SourceError where the page is neither there nor gone."""
        self._wait()
        answer = self._client.get(url, headers=self._conditions, follow=self._follows)
        self._bytes += len(answer.data)
        if answer.status in _OVERLOADED or answer.status >= 500:
            raise SourceUnavailable(f"The site answers with HTTP {answer.status}.")
        if answer.status >= 400 and answer.status not in _GONE:
            raise SourceError(f"The site answers with HTTP {answer.status}.")
        return answer

    def _wait(self) -> None:
        self._robots.wait(self._keep)
        if time.monotonic() > self._end:
            raise SourceLimit(f"The site could not be read within {MAX_SECONDS / 3600:.0f} hours.")

    def _conditions(self, url: httpx2.URL) -> dict[str, str]:
        mark = self._known.get(str(url), Mark())
        asked = {"If-None-Match": mark.etag, "If-Modified-Since": mark.last_modified}
        return {name: value for name, value in asked.items() if value}

    def _follows(self, url: httpx2.URL) -> bool:
        return self._scope.is_inside(url) and self._robots.allow(url)

    def _judge(self, answer: Answer) -> Iterator[Page]:
        url, uri = answer.url, str(answer.url)
        if uri in self._named or not self._scope.is_inside(url):
            return
        self._asked.add(uri)
        if answer.status == 304:
            yield from self._hand_over(Unchanged(uri))
        elif answer.status == 200:
            about = facts(answer)
            if self._crawls and about.follow:
                self._enqueue(about.links)
            if about.index and self._scope.has(url):
                yield from self._hand_over(self._changed(answer, about))

    def _changed(self, answer: Answer, about: PageFacts) -> Changed:
        canonical, headers = normalise(about.canonical), answer.headers
        if canonical and canonical != answer.url and self._scope.has(canonical) and self._robots.allow(canonical):
            # The marks are those of this address: the other one is asked for without a condition.
            return Changed(str(canonical), _file_name(canonical, headers), answer.data, Mark())
        mark = Mark(etag=headers.get("etag", "")[:500], last_modified=headers.get("last-modified", "")[:100])
        return Changed(str(answer.url), _file_name(answer.url, headers), answer.data, mark)

    def _hand_over(self, page: Page) -> Iterator[Page]:
        if page.uri in self._named:
            return
        self._named.add(page.uri)
        if len(self._named) > self._place.most_pages:
            raise SourceLimit(f"The site holds more than {self._place.most_pages} pages that are wanted.")
        if self._bytes > MAX_BYTES:
            raise SourceLimit(f"The site's pages hold more than {MAX_BYTES // 1_000_000} MB.")
        yield page

    def _listed(self) -> list[str]:
        """The pages that sitemaps name. Raises SourceError where one of them cannot be had: pages would be missed."""
        start = self._scope.start
        if self._place.options.get("follow_links"):
            return []
        if start.path.endswith((".xml", ".gz")):
            self._scope.widen()
            return self._pages_of([str(start)])
        return [page for page in self._pages_of(self._robots.sitemaps(start)) if self._is_ours(page)]

    def _is_ours(self, address: str) -> bool:
        url = normalise(address)
        return url is not None and self._scope.is_inside(url)

    def _pages_of(self, maps: Iterable[str]) -> list[str]:
        pages: dict[str, None] = {}
        waiting, seen = deque(maps), set[str]()
        while waiting:
            url = normalise(waiting.popleft())
            if url is None or str(url) in seen:
                continue
            seen.add(str(url))
            if len(seen) > _MOST_MAPS:
                raise SourceLimit(f"The site has more than {_MOST_MAPS} sitemaps.")
            self._wait()
            answer = self._client.get(url, most_bytes=sitemaps.MOST_BYTES)
            if answer.status in _GONE and url != self._scope.start:
                continue
            if answer.status != 200:
                raise SourceUnavailable(f"The site answers with HTTP {answer.status} for its sitemap {url}.")
            found = sitemaps.parse(answer.data)
            waiting.extend(found.maps)
            pages.update(dict.fromkeys(found.pages))
            if len(pages) > _MOST_LISTED:
                raise SourceLimit(f"The site's sitemaps name more than {_MOST_LISTED} pages.")
        return list(pages)


def _file_name(url: httpx2.URL, headers: httpx2.Headers) -> str:
    """What the content is called: told by the address, its ending by the server where the address has none."""
    name = PurePosixPath(url.path).name or "index"
    ending = _ENDINGS.get(headers.get("content-type", "").partition(";")[0].strip().lower(), "")
    has_ending = PurePosixPath(name).suffix.lower() in (*_ENDINGS.values(), ".htm", ".xhtml", ".markdown", ".docx")
    return (name if has_ending else name + ending)[-200:]
