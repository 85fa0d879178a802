"""What the web chat and the widget are made of, as a browser gets it."""

import gzip
import re
from urllib.parse import urljoin

import pytest
from django.test import Client

BUDGET = 40 * 1024


@pytest.fixture
def browser() -> Client:
    return Client()


def test_the_page_may_load_its_own_files_alone_and_make_no_html_of_text(browser: Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    policy = page["Content-Security-Policy"]
    assert {"default-src 'self'", "require-trusted-types-for 'script'"} <= set(policy.split("; "))
    assert "unsafe" not in policy
    text = page.content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", text)
    for address in re.findall(r'(?:href|src)="(/static[^"]+)"', text):
        assert browser.get(address).status_code == 200, address


def test_the_widget_is_small_and_may_be_loaded_by_any_page(browser: Client) -> None:
    tag = browser.get("/api/chatbot/widget.js")
    assert tag["Content-Type"].startswith("text/javascript")
    assert "max-age" in tag["Cache-Control"]
    pending = re.findall(r'"(/static[^"]+)"', tag.content.decode())
    files = {"": tag.content}
    while pending:
        address = pending.pop()
        if address in files:
            continue
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert answer["Access-Control-Allow-Origin"] == "*"
        files[address] = answer.content
        if "/vendor/" not in address:
            named = re.findall(r'"([\w./-]+\.(?:js|css))"', answer.content.decode())
            pending += [urljoin(address, name) for name in named]
    assert len(files) > 10
    assert sum(len(gzip.compress(content)) for content in files.values()) < BUDGET
