"""A small website whose pages a test writes and changes; it answers conditional requests, and redirects."""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.loopback.server import LoopbackServer
from tests.loopback.wire import Failure, Reply, Request

CERTIFICATE = Path(__file__).with_name("site.pem")
"""Good for a hundred years, and for nothing but this; it holds its key, too."""


@dataclass
class SitePage:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Website(LoopbackServer):
    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, SitePage] = {}

    def put(
        self,
        path: str,
        text: str = "",
        *,
        links: tuple[str, ...] = (),
        head: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A page in HTML."""
        anchors = " ".join(f'<a href="{link}">to {link}</a>' for link in links)
        body = f"<!doctype html><html><head>{head}</head><body><main><p>{text}</p>{anchors}</main></body></html>"
        self.pages[path] = SitePage(body.encode(), headers={"Content-Type": "text/html", **(headers or {})})

    def put_raw(
        self, path: str, body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = SitePage(data, status, dict(headers or {}))

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.put_raw(path, "", status, {"Location": to})

    def sitemap(self, *paths: str, at: str = "/sitemap.xml") -> None:
        """A sitemap of these pages, named in robots.txt."""
        entries = "".join(f"<url><loc>{self.url}{path}</loc></url>" for path in paths)
        self.put_raw(at, f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>')
        self.put_raw("/robots.txt", f"Sitemap: {self.url}{at}")

    def speak_tls(self) -> None:
        """HTTPS, with a certificate for ``site.example`` that it has given itself."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    def asked(self, *, whole: bool = False) -> list[str]:
        """The paths that were asked for, robots.txt and sitemaps aside; ``whole``: those without a condition only."""
        return [
            request.path
            for request in self.requests
            if request.path != "/robots.txt"
            and "sitemap" not in request.path
            and not (whole and "if-none-match" in request.headers)
        ]

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        page = self.pages.get(f"{request.path}?{query}" if query else request.path)
        if page is None:
            return Reply(b"There is no such page.", 404, {"Content-Type": "text/plain"})
        etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
        headers = {"ETag": etag, **page.headers}
        if page.status == 200 and request.headers.get("if-none-match") == etag:
            return Reply(b"", 304, headers)
        return Reply(page.body, page.status, headers)
