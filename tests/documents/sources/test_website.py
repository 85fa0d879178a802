"""A website is a source: by its sitemaps, or by its links, and as its owner wants it read."""

import gzip
import time
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Document, Source, Version
from documents.sources import website as website_module
from tests.documents.sources.conftest import AddSource, counts
from tests.loopback.website import Website

Sync = Callable[..., dict[str, Any]]


def paths(site: Website) -> list[str]:
    return sorted(uri.removeprefix(site.url) for uri in Document.objects.values_list("source_uri", flat=True))


@pytest.fixture
def linked(site: Website) -> Website:
    site.put("/", "Start", links=("/a", "/b/"))
    site.put("/a", "Page A", links=("/", "/a#part"))
    site.put("/b/", "Page B", links=("c", "https://elsewhere.example/", "mailto:someone@example.org"))
    site.put("/b/c", "Page C")
    return site


class TestBySitemap:
    def test_it_gives_the_pages_that_its_sitemap_names(
        self, site: Website, add: AddSource, sync: Sync, editor_client: APIClient
    ) -> None:
        site.put("/loans", "A reader may borrow up to seven books at a time.", head="<title>Loans</title>")
        site.put("/hours", "The library is open from nine to six.", head="<title>Hours</title>")
        site.put("/unlisted", "Not in the sitemap.")
        site.sitemap("/loans", "/hours", "/missing")
        add("website", site.url)
        assert counts(sync(index=True)) == {"added": 2}
        found = editor_client.get("/api/rag/search/", {"q": "How many books may a reader borrow?"}).json()["results"]
        assert (found[0]["title"], found[0]["source_uri"]) == ("Loans", f"{site.url}/loans")

    def test_unchanged_pages_are_not_sent_again(self, site: Website, add: AddSource, sync: Sync) -> None:
        site.put("/a", "Page A")
        site.put("/b", "Page B")
        site.sitemap("/a", "/b")
        add("website", site.url)
        sync()
        site.requests.clear()
        site.put("/b", "Page B, changed")
        assert counts(sync()) == {"changed": 1, "unchanged": 1}
        assert {request.path: "if-none-match" in request.headers for request in site.requests}["/a"]
        assert Version.objects.count() == 3

    def test_a_page_that_has_left_the_sitemap_is_retired(self, site: Website, add: AddSource, sync: Sync) -> None:
        site.put("/a", "Page A")
        site.put("/b", "Page B")
        site.sitemap("/a", "/b")
        add("website", site.url)
        sync()
        site.sitemap("/a")
        assert counts(sync()) == {"unchanged": 1, "removed": 1}
        assert paths(site) == ["/a"]

    def test_indexes_of_sitemaps_packed_ones_and_plain_texts_are_read(
        self, site: Website, add: AddSource, sync: Sync
    ) -> None:
        for name in "abc":
            site.put(f"/{name}", f"Page {name}")
        site.sitemap("/a", at="/sitemap-1.xml")
        site.put_raw("/sitemap-2.xml.gz", gzip.compress(site.pages["/sitemap-1.xml"].body.replace(b"/a<", b"/b<")))
        site.put_raw("/sitemap-3.txt", f"{site.url}/c\n")
        maps = "".join(f"<sitemap><loc>{site.url}/sitemap-{n}</loc></sitemap>" for n in ("1.xml", "2.xml.gz", "3.txt"))
        site.put_raw("/sitemap.xml", f"<sitemapindex>{maps}</sitemapindex>")
        add("website", f"{site.url}/sitemap.xml")
        assert counts(sync()) == {"added": 3}

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"<urlset><url><loc>http://x", 200, "source_broken"),
            (b"<html><body>Please log in</body></html>", 200, "source_broken"),
            (b"", 503, "source_unavailable"),
            (b"\x1f\x8b not packed", 200, "source_unavailable"),
        ],
        ids=["cut off", "of another kind", "failing", "not packed"],
    )
    def test_a_sitemap_that_cannot_be_read_removes_nothing(
        self, site: Website, add: AddSource, sync: Sync, body: bytes, status: int, code: str
    ) -> None:
        site.put("/a", "Page A")
        site.sitemap("/a")
        add("website", site.url)
        sync()
        site.put_raw("/sitemap.xml", body, status)
        assert sync()["error_code"] == code
        assert paths(site) == ["/a"]

    def test_a_sitemap_cannot_make_the_server_read_its_files(self, site: Website, add: AddSource, sync: Sync) -> None:
        site.put("/a", "Page A")
        entity = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        urls = f"<urlset><url><loc>{site.url}/a</loc></url><url><loc>{site.url}/&x;</loc></url></urlset>"
        site.put_raw("/sitemap.xml", entity + urls)
        add("website", f"{site.url}/sitemap.xml")
        sync()
        assert set(site.asked()) <= {"/a", "/"}

    def test_a_sitemap_of_endless_zeros_is_refused(self, site: Website, add: AddSource, sync: Sync) -> None:
        site.put_raw("/sitemap.xml.gz", gzip.compress(bytes(60_000_000)))
        add("website", f"{site.url}/sitemap.xml.gz")
        assert sync()["error_code"] == "source_limit"


class TestByLinks:
    def test_it_gives_the_pages_that_links_lead_to(self, linked: Website, add: AddSource, sync: Sync) -> None:
        add("website", linked.url)
        assert counts(sync()) == {"added": 4}
        assert paths(linked) == ["/", "/a", "/b/", "/b/c"]

    def test_it_keeps_to_the_folder_of_its_start(self, linked: Website, add: AddSource, sync: Sync) -> None:
        linked.put("/b/c", "Page C", links=("/a", "/b-side", "/b/d"))
        linked.put("/b/d", "Page D")
        linked.put("/b-side", "Beside")
        add("website", f"{linked.url}/b/")
        sync()
        assert paths(linked) == ["/b/", "/b/c", "/b/d"]

    def test_unchanged_pages_need_not_be_sent_to_be_kept(self, linked: Website, add: AddSource, sync: Sync) -> None:
        add("website", linked.url)
        sync()
        linked.requests.clear()
        linked.put("/b/", "Page B", links=("c", "new"))
        linked.put("/b/new", "New")
        assert counts(sync()) == {"added": 1, "changed": 1, "unchanged": 3}
        assert sorted(linked.asked(whole=True)) == ["/b/new"]

    def test_a_page_is_gone_when_the_site_says_so(self, linked: Website, add: AddSource, sync: Sync) -> None:
        add("website", linked.url)
        sync()
        del linked.pages["/a"]
        linked.put_raw("/b/c", "", 410)
        assert counts(sync()) == {"unchanged": 2, "removed": 2}
        assert paths(linked) == ["/", "/b/"]

    def test_a_page_that_fails_is_not_gone(self, linked: Website, add: AddSource, sync: Sync) -> None:
        add("website", linked.url)
        sync()
        linked.put_raw("/b/", "", 500)
        run = sync()
        assert counts(run) == {"unchanged": 3, "failed": 1}
        assert run["failures"][0]["uri"] == f"{linked.url}/b/"
        assert len(paths(linked)) == 4

    def test_a_page_that_failed_at_first_is_asked_for_again(self, linked: Website, add: AddSource, sync: Sync) -> None:
        b = linked.pages["/b/"]
        linked.put_raw("/b/", "", 500)
        add("website", linked.url)
        assert counts(sync()) == {"added": 2, "failed": 1}
        linked.pages["/b/"] = b
        assert counts(sync()) == {"added": 2, "unchanged": 2}

    def test_a_site_that_is_down_removes_nothing(self, linked: Website, add: AddSource, sync: Sync) -> None:
        add("website", linked.url)
        sync()
        linked.stop()
        assert sync()["error_code"] == "source_unavailable"
        assert len(paths(linked)) == 4

    def test_more_pages_than_wanted_are_an_error_that_keeps_those_that_were_read(
        self, linked: Website, add: AddSource, sync: Sync, editor_client: APIClient
    ) -> None:
        identity = add("website", linked.url, options={"max_pages": 2})["id"]
        assert sync()["error_code"] == "source_limit"
        assert len(paths(linked)) == 2
        editor_client.patch(f"/api/documents/sources/{identity}/", {"options": {"max_pages": 10}})
        assert counts(sync()) == {"added": 2, "unchanged": 2}

    def test_one_page_under_many_addresses_is_one_document(self, site: Website, add: AddSource, sync: Sync) -> None:
        site.put("/", "Start", links=("/a", "/a#x", "/a?utm_source=mail", "/x/../a", "/old", "/print", "/paper"))
        site.put("/a", "Page A")
        site.redirect("/old", "/a")
        site.put("/print", "Page A", head='<link rel="canonical" href="/a">')
        site.put("/paper", "Page A, on paper", headers={"Link": f'<{site.url}/a>; rel="canonical"'})
        add("website", site.url)
        sync()
        assert paths(site) == ["/", "/a"]
        sync()
        assert paths(site) == ["/", "/a"]
        assert Version.objects.count() == 2

    def test_patterns_say_which_pages_are_asked_for(self, linked: Website, add: AddSource, sync: Sync) -> None:
        add("website", linked.url, options={"exclude": ["b/*"]})
        sync()
        assert paths(linked) == ["/", "/a"]
        assert "/b/" not in linked.asked()


class TestItsOwnersWishes:
    def test_robots_txt_is_respected(self, linked: Website, add: AddSource, sync: Sync) -> None:
        linked.put_raw("/robots.txt", "User-agent: *\nDisallow: /a\n\nUser-agent: Grounded\nDisallow: /b/\n")
        add("website", linked.url)
        sync()
        assert paths(linked) == ["/", "/a"]
        assert "/b/" not in linked.asked()
        assert {"Grounded" in request.headers["user-agent"] for request in linked.requests} == {True}

    def test_a_start_that_robots_txt_forbids_is_an_error(self, linked: Website, add: AddSource, sync: Sync) -> None:
        linked.put_raw("/robots.txt", "User-agent: *\nDisallow: /\n")
        add("website", linked.url)
        assert sync()["error_code"] == "robots_refused"
        assert linked.asked() == []

    def test_a_robots_txt_that_fails_forbids_everything(self, linked: Website, add: AddSource, sync: Sync) -> None:
        linked.put_raw("/robots.txt", "", 500)
        add("website", linked.url)
        assert sync()["error_code"] == "source_unavailable"
        assert linked.asked() == []

    def test_the_delay_that_it_asks_for_is_kept(
        self, linked: Website, add: AddSource, sync: Sync, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("documents.sources.robots.LONGEST_DELAY", 0.05)
        linked.put_raw("/robots.txt", "User-agent: *\nCrawl-delay: 86400\n")
        add("website", linked.url)
        started = time.monotonic()
        assert counts(sync()) == {"added": 4}
        assert time.monotonic() - started > 3 * 0.05

    @pytest.mark.parametrize(
        ("head", "header"),
        [
            ('<meta name="robots" content="noindex">', ""),
            ('<meta name="Grounded" content="none">', ""),
            ("", "noindex, nofollow"),
            ("", "grounded: noindex"),
        ],
        ids=["meta", "meta for us", "header", "header for us"],
    )
    def test_a_page_that_is_not_to_be_indexed_is_not(
        self, linked: Website, add: AddSource, sync: Sync, head: str, header: str
    ) -> None:
        add("website", linked.url)
        sync()
        linked.put("/a", "Page A", head=head, headers={"X-Robots-Tag": header} if header else {})
        assert counts(sync()) == {"unchanged": 3, "removed": 1, "skipped": 1}
        assert "/a" not in paths(linked)
        linked.put("/a", "Page A")
        sync()
        assert "/a" in paths(linked)

    @pytest.mark.parametrize(
        "page",
        [
            {"head": '<meta name="robots" content="nofollow">', "links": ("c",)},
            {"headers": {"X-Robots-Tag": "nofollow"}, "links": ("c",)},
        ],
        ids=["meta", "header"],
    )
    def test_links_that_are_not_to_be_followed_are_not(
        self, linked: Website, add: AddSource, sync: Sync, page: dict[str, Any]
    ) -> None:
        linked.put("/b/", "Page B", **page)
        add("website", linked.url)
        sync()
        assert paths(linked) == ["/", "/a", "/b/"]

    def test_another_crawlers_header_is_not_for_us(self, linked: Website, add: AddSource, sync: Sync) -> None:
        linked.put("/a", "Page A", headers={"X-Robots-Tag": "googlebot: noindex"})
        add("website", linked.url)
        sync()
        assert "/a" in paths(linked)


class TestBounds:
    def test_a_page_that_is_too_large_fails_by_itself(self, linked: Website, add: AddSource, sync: Sync) -> None:
        linked.put_raw("/a", gzip.compress(bytes(21_000_000)), headers={"Content-Encoding": "gzip"})
        linked.put_raw("/b/c", b" " * 21_000_000)
        add("website", linked.url)
        run = sync()
        assert counts(run) == {"added": 2, "failed": 2}
        assert {failure["code"] for failure in run["failures"]} == {"source_limit"}

    def test_a_page_that_drips_is_given_up(
        self, linked: Website, add: AddSource, sync: Sync, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("documents.sources.client.PAGE_SECONDS", 0.3)
        add("website", linked.url)
        linked.fail_next("drip", seconds=0.05, times=2)
        assert sync()["error_code"] == "source_unavailable"

    def test_a_sync_ends_however_slow_the_site_is(
        self, linked: Website, add: AddSource, sync: Sync, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(website_module, "MAX_SECONDS", 0)
        add("website", linked.url)
        assert sync()["error_code"] == "source_limit"

    def test_a_site_whose_pages_all_fail_is_given_up_soon(self, site: Website, add: AddSource, sync: Sync) -> None:
        site.sitemap(*(f"/{number}" for number in range(50)))
        for number in range(50):
            site.put_raw(f"/{number}", "", 502)
        add("website", site.url)
        assert sync()["error_code"] == "source_unavailable"
        assert len(site.asked()) == 10


def test_pages_that_are_forbidden_do_not_end_the_sync(linked: Website, add: AddSource, sync: Sync) -> None:
    linked.put("/", "Start", links=(*(f"/members/{number}" for number in range(20)), "/a"))
    for number in range(20):
        linked.put_raw(f"/members/{number}", "Log in first.", 403)
    add("website", linked.url)
    assert counts(sync()) == {"added": 2, "failed": 20}


def test_links_without_end_are_an_error(linked: Website, add: AddSource, sync: Sync) -> None:
    linked.put("/", "Start", links=tuple(f"/{number}" for number in range(200)))
    add("website", linked.url, options={"max_pages": 3})
    assert sync()["error_code"] == "source_limit"
    assert linked.asked() == ["/"]


def test_a_start_that_leads_away_from_the_source_is_an_error(site: Website, add: AddSource, sync: Sync) -> None:
    site.redirect("/docs/", "/elsewhere/")
    site.put("/elsewhere/", "Elsewhere")
    add("website", f"{site.url}/docs/")
    run = sync()
    assert (run["error_code"], f"{site.url}/elsewhere/" in run["error_detail"]) == ("source_not_found", True)


def test_everything_is_read_once_a_week_whatever_the_marks_say(linked: Website, add: AddSource, sync: Sync) -> None:
    add("website", linked.url)
    sync()
    linked.requests.clear()
    Source.objects.update(last_read_whole_at="2020-01-01T00:00:00Z")
    assert counts(sync()) == {"unchanged": 4}
    assert len(linked.asked(whole=True)) == 4


def test_files_of_other_types_are_told_by_their_content(site: Website, add: AddSource, sync: Sync) -> None:
    site.put("/", "Start", links=("/notes", "/picture"))
    site.put_raw("/notes", "# Notes\n\nSome notes.", headers={"Content-Type": "text/markdown; charset=utf-8"})
    site.put_raw("/picture", b"\x89PNG\r\n\x1a\n\0\0", headers={"Content-Type": "text/html"})
    add("website", site.url)
    assert counts(sync(index=True)) == {"added": 2, "skipped": 1}
    assert Document.objects.filter(title="Notes").exists()
