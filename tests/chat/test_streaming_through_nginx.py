"""The proxy's configuration that is shipped, in a real nginx: a stream passes as it is written, and leaving ends it."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from chat.models import Message, Status
from tests.chat.test_streaming import ANSWER, QUESTION
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.website import CERTIFICATE
from tests.serving import SSE, soon

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("library"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def answers(number: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", number)) == 0


@pytest.fixture
def nginx(port: int, tmp_path: Path) -> Iterator[int]:
    """The port of an nginx with the configuration that is shipped, but for names, ports and certificate."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if not program:
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("nginx is required: apt-get install nginx-light")
        pytest.skip("nginx is not installed")
    outside = free_port()
    shipped = (django_settings.BASE_DIR / "deploy" / "nginx" / "grounded.conf").read_text()
    for written, here in {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{port};",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl;": f"listen 127.0.0.1:{outside} ssl;",
        "chat.example.org;": "localhost;",
        "/etc/letsencrypt/live/chat.example.org/fullchain.pem": str(CERTIFICATE),
        "/etc/letsencrypt/live/chat.example.org/privkey.pem": str(CERTIFICATE),
    }.items():
        assert written in shipped
        shipped = shipped.replace(written, here)
    places = "".join(f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;"
        f"events {{}} http {{ access_log off; {places} {shipped} }}"
    )
    process = subprocess.Popen([program, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    try:
        soon(lambda: answers(outside))
        yield outside
    finally:
        process.terminate()
        process.wait()


def test_a_stream_passes_as_it_is_written_and_ends_with_its_listener(
    client: APIClient,
    mistral: LoopbackMistral,
    nginx: int,
) -> None:
    mistral.scripted.append(ANSWER)
    mistral.fail_next("drip", seconds=0.1)
    trusted = ssl.create_default_context(cafile=str(CERTIFICATE))
    trusted.check_hostname = False  # it is made out to another name
    outside = http.client.HTTPSConnection("127.0.0.1", nginx, timeout=20, context=trusted)
    headers = {"Accept": SSE, "Content-Type": "application/json", "Host": "localhost"}
    headers["Authorization"] = client._credentials["HTTP_AUTHORIZATION"]  # type: ignore[attr-defined]
    outside.request("POST", "/api/chat/messages/", json.dumps({"content": QUESTION}), headers)
    response = outside.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"] == SSE
    deltas = 0
    for line in response:
        deltas += line.startswith(b"event: delta")
        if deltas == 3:
            break
    assert mistral.open_streams == 1  # what came was told while the model goes on
    response.close()
    outside.close()
    assert mistral.wait_for_streams(0, timeout=1)
    soon(lambda: Message.objects.filter(status=Status.STOPPED).exists(), seconds=1)
