"""Which addresses belong to a website that is a source."""

from pathlib import PurePosixPath
from urllib.parse import parse_qsl, urlencode

import httpx2

from documents.sources.addresses import url_check
from documents.sources.base import Place
from documents.sources.errors import AddressRefused
from documents.sources.patterns import is_wanted

# They say whence a visitor came, not what is shown.
_TRACKING = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid")


def normalise(address: str, base: httpx2.URL | None = None) -> httpx2.URL | None:
    """One form for the ways to write an address: no fragment, no tracking, small letters in the host.

    None for what leads to no page of the web.
    """
    try:
        url = base.join(address.strip()) if base else httpx2.URL(address.strip())
    except (httpx2.InvalidURL, ValueError):
        return None
    if url.scheme not in ("http", "https") or not url.host:
        return None
    url = url.copy_with(fragment=None)
    if url.query:
        pairs = parse_qsl(url.query.decode("ascii", "replace"), keep_blank_values=True)
        kept = [pair for pair in pairs if not pair[0].lower().startswith(_TRACKING)]
        if len(kept) < len(pairs):
            url = url.copy_with(query=urlencode(kept).encode() if kept else None)
    return url.copy_with(raw_path=url.raw_path)  # with its slash where there is nothing behind the host


class Scope:
    """The host of the start address, below its folder, narrowed by the editor's patterns."""

    def __init__(self, place: Place) -> None:
        """Raises AddressRefused for a start address that may not be asked for."""
        start = normalise(place.location)
        if start is None:
            raise AddressRefused("The address of a website begins with http:// or https://.")
        url_check(start)
        self.start = start
        self._options = place.options
        path = PurePosixPath(start.path)
        # `/docs` and `/docs/` hold what is below them, `/docs/index.html` what is beside it.
        self._folder = str(path.parent if path.suffix and not start.path.endswith("/") else path).rstrip("/") + "/"

    def widen(self) -> None:
        """The whole host: a sitemap's own address says nothing about where its pages are."""
        self._folder = "/"

    def is_inside(self, url: httpx2.URL) -> bool:
        same_host = url.host == self.start.host and (url.port or None) == (self.start.port or None)
        return same_host and f"{url.path.rstrip('/')}/".startswith(self._folder)

    def has(self, url: httpx2.URL) -> bool:
        path = url.path + (f"?{url.query.decode('ascii', 'replace')}" if url.query else "")
        return self.is_inside(url) and is_wanted(path, self._options)
