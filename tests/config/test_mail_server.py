"""EMAIL_URL names the mail server."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings.mail import Server, server_of

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 587, "", "", starttls=True, tls=False)),
        ("smtps://mail.example.org", Server("mail.example.org", 465, "", "", starttls=False, tls=True)),
        ("smtp+plain://127.0.0.1:2525", Server("127.0.0.1", 2525, "", "", starttls=False, tls=False)),
        (
            "smtp://ada%40example.org:a%2Fb%3Ac@mail.example.org:25",
            Server("mail.example.org", 25, "ada@example.org", "a/b:c", starttls=True, tls=False),
        ),
    ],
)
def test_it_says_where_by_which_account_and_how_encrypted(url: str, server: Server) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port", "x:y"])
def test_what_names_none_is_refused_with_the_name_of_the_variable(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL: write smtp://"):
        server_of(url)
