"""What a website asks of programs that read it (RFC 9309)."""

import time

import httpx2
from protego import Protego

from documents.sources.base import Keep
from documents.sources.client import USER_AGENT, WebClient
from documents.sources.errors import SourceError, SourceUnavailable

LONGEST_DELAY = 10.0
"""Seconds between two requests, whatever a robots.txt asks for."""
_MOST_BYTES = 512_000
_NOTHING_ALLOWED = "User-agent: *\nDisallow: /"
_SLICE = 0.2


class Robots:
    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._rules: dict[httpx2.URL, Protego] = {}
        self._next = 0.0
        self._delay = 0.0

    def allow(self, url: httpx2.URL) -> bool:
        """Raises SourceError where the site fails to say what it allows: then nothing is allowed."""
        return self._of(url).can_fetch(str(url), USER_AGENT)

    def sitemaps(self, url: httpx2.URL) -> list[str]:
        return list(self._of(url).sitemaps)

    def wait(self, keep: Keep) -> None:
        """Let as much time pass since the last request as the site asks for."""
        while (left := self._next - time.monotonic()) > 0:
            keep()
            time.sleep(min(left, _SLICE))
        keep()
        self._next = time.monotonic() + self._delay

    def _of(self, url: httpx2.URL) -> Protego:
        address = url.copy_with(raw_path=b"/robots.txt")
        if address not in self._rules:
            try:
                text = self._read(address)
            except SourceError:
                if not self._rules:
                    raise
                text = _NOTHING_ALLOWED  # beside the start address, under another scheme: not worth the whole sync
            self._rules[address] = Protego.parse(text)
            delay = self._rules[address].crawl_delay(USER_AGENT) or 0.0
            self._delay = max(self._delay, min(float(delay), LONGEST_DELAY))
        return self._rules[address]

    def _read(self, address: httpx2.URL) -> str:
        answer = self._client.get(address, most_bytes=_MOST_BYTES)
        if answer.status >= 500 or answer.status == 429:
            raise SourceUnavailable(f"{address.host} answers with HTTP {answer.status} for its robots.txt.")
        # Any other status says that there is none.
        return answer.data.decode("utf-8-sig", "replace") if answer.status == 200 else ""
