"""A source cannot lead the server to where only the server itself gets: its own machine and network."""

import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.sources.addresses import is_public
from tests.documents.sources.conftest import AddSource, uris
from tests.loopback.website import CERTIFICATE, Website

Sync = Callable[..., dict[str, Any]]


@pytest.fixture
def unlisted(sources: dict[str, Any]) -> Iterator[Website]:
    """A website on this machine, which the operator has not allowed."""
    with Website() as website:
        website.put("/", "Only for this machine")
        yield website


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A stand-in for the name service: for each name its answers, one after the other; the last one stays."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host not in known:
            return real(host, port, *args, **options)
        answers = known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for address in addresses for entry in real(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_of_the_public_web_is_told(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_what_is_of_the_public_web_is_told(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://0177.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://93.184.216.34:8443/",
        "http://user:password@example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://exa mple.org/",
        "//example.org/",
        "http://",
        "example.org",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["website", "git"])
def test_an_address_that_cannot_be_right_is_refused_when_the_source_is_made(
    sources: dict[str, Any], editor_client: APIClient, kind: str, location: str
) -> None:
    editor_client.post("/api/documents/collections/", {"name": "General", "slug": "general"})
    body = {"name": "A", "slug": "a", "kind": kind, "location": location, "collection": "general"}
    answer = editor_client.post("/api/documents/sources/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "address_refused")


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "0x7f000001", "127.1", "site.example"])
def test_a_name_of_this_machine_is_refused_when_it_is_to_be_read(
    unlisted: Website, names: dict[str, list[list[str]]], add: AddSource, sync: Sync, host: str
) -> None:
    names["site.example"] = [["127.0.0.1"]]
    add("website", unlisted.url.replace("127.0.0.1", host))
    assert sync()["error_code"] == "address_refused"
    assert unlisted.requests == []


@pytest.mark.parametrize(
    "addresses",
    [["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"], ["fe80::1%lo"], ["64:ff9b::7f00:1"]],
    ids=["public and loopback", "mapped", "link-local with a zone", "translated"],
)
def test_every_address_of_a_name_counts(
    unlisted: Website, names: dict[str, list[list[str]]], add: AddSource, sync: Sync, addresses: list[str]
) -> None:
    names["site.example"] = [addresses]
    add("website", "http://site.example/")
    assert sync()["error_code"] == "address_refused"


def test_a_name_is_not_looked_up_again_after_it_was_checked(
    unlisted: Website, sources: dict[str, Any], names: dict[str, list[list[str]]], add: AddSource, sync: Sync
) -> None:
    sources["ALLOWED_PRIVATE"] = ["::1/128"]  # stands for the public address that the check is to see
    names["site.example"] = [["::1"], ["127.0.0.1"]]
    add("website", unlisted.url.replace("127.0.0.1", "site.example"))
    assert sync()["error_code"] == "source_unavailable"
    assert len(names["site.example"]) == 1
    assert unlisted.requests == []
    assert sync()["error_code"] == "address_refused"
    assert unlisted.requests == []


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/", "http://[::1]:{port}/", "http://localhost:1/", "file:///etc/passwd"]
)
def test_a_redirect_to_a_forbidden_address_is_not_followed(
    site: Website, sources: dict[str, Any], add: AddSource, sync: Sync, target: str
) -> None:
    site.put("/", "Start", links=("/away",))
    site.redirect("/away", target.format(port=site.url.rpartition(":")[2]))
    add("website", site.url)
    sync()
    assert uris() == [f"{site.url}/"]


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml"])
def test_neither_robots_txt_nor_a_sitemap_leads_there(
    site: Website, sources: dict[str, Any], names: dict[str, list[list[str]]], add: AddSource, sync: Sync, path: str
) -> None:
    sources["ALLOWED_PRIVATE"] = ["site.example"]
    names["site.example"] = [["127.0.0.1"]]
    with Website() as hidden:
        hidden.sitemap("/")
        site.put("/", "Start")
        site.sitemap("/")
        site.put_raw("/robots.txt", f"Sitemap: {site.url.replace('127.0.0.1', 'site.example')}/sitemap.xml")
        site.redirect(path, f"{hidden.url}{path}")
        add("website", site.url.replace("127.0.0.1", "site.example"))
        assert sync()["error_code"] == "address_refused"
        assert hidden.requests == []


def test_a_host_that_the_operator_names_is_allowed(
    unlisted: Website, sources: dict[str, Any], names: dict[str, list[list[str]]], add: AddSource, sync: Sync
) -> None:
    sources["ALLOWED_PRIVATE"] = ["Site.example"]
    names["site.example"] = [["127.0.0.1"]]
    add("website", unlisted.url.replace("127.0.0.1", "site.example"))
    assert sync()["added"] == 1
    assert unlisted.requests[0].headers["host"] == unlisted.url.replace("127.0.0.1", "site.example")[len("http://") :]


@pytest.mark.parametrize(
    ("host", "trusted", "words"),
    [
        ("site.example", True, ""),
        ("site.example", False, "certificate"),
        ("other.example", True, "certificate"),
    ],
    ids=["trusted", "not trusted", "another's"],
)
def test_a_certificate_must_be_that_of_the_name_though_the_address_is_what_is_connected_to(
    unlisted: Website,
    sources: dict[str, Any],
    names: dict[str, list[list[str]]],
    add: AddSource,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    trusted: bool,
    words: str,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    unlisted.speak_tls()
    sources["ALLOWED_PRIVATE"] = [host]
    names[host] = [["127.0.0.1"]]
    add("website", unlisted.url.replace("http://127.0.0.1", f"https://{host}"))
    run = sync()
    assert (run["added"], words in run["error_detail"]) == (0 if words else 1, True)


def test_a_source_can_still_be_renamed_when_its_place_is_closed(
    folder: Path, sources: dict[str, Any], add: AddSource, editor_client: APIClient
) -> None:
    identity = add("folder", str(folder))["id"]
    sources["FOLDERS"] = []
    assert editor_client.patch(f"/api/documents/sources/{identity}/", {"name": "Closed"}).status_code == 200
