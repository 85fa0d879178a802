"""In production the server starts with proper keys and host names or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import BASE_DIR

pytestmark = pytest.mark.once

# Fixed, so that the tests have the same names in every process.
GOOD = {
    "SECRET_KEY": "Vq3-one-key-of-a-test-7Tz_that-guards-nothing-8Wm_and-is-long-enough-2Kd",
    "JWT_SIGNING_KEY": "Hb5-another-key-of-a-test-4Rx_that-signs-nothing-9Pn_and-is-long-too-6Lf",
    "ALLOWED_HOSTS": "example.org,www.example.org",
    "EMAIL_URL": "smtp://mailer:secret%2Fword@mail.example.org",
    "PUBLIC_URL": "https://www.example.org",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def check(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` with these variables and no others."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.production"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_say() -> None:
    done = check(GOOD)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_keys_may_be_given_as_files(tmp_path: Path) -> None:
    variables = {name: GOOD[name] for name in ("ALLOWED_HOSTS", "EMAIL_URL", "PUBLIC_URL", "REDIS_URL")}
    for name in ("SECRET_KEY", "JWT_SIGNING_KEY"):
        (tmp_path / name).write_text(GOOD[name] + "\n")
        variables[f"{name}_FILE"] = str(tmp_path / name)
    done = check(variables)
    assert done.returncode == 0, done.stderr


def test_the_settings_file_may_name_such_files_too(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(GOOD["SECRET_KEY"])
    (tmp_path / "env").write_text(f"SECRET_KEY_FILE={tmp_path / 'key'}\n")
    done = check(GOOD | {"SECRET_KEY": "", "ENV_FILE": str(tmp_path / "env")})
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_not_there_is_named() -> None:
    done = check(GOOD | {"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere/key"})
    assert done.returncode == 1
    assert "SECRET_KEY_FILE names a file that cannot be read" in done.stderr


def test_without_a_mail_server_and_a_public_address_it_is_said_what_to_set() -> None:
    done = check({name: value for name, value in GOOD.items() if name not in ("EMAIL_URL", "PUBLIC_URL")})
    assert done.returncode == 1
    assert "(users.W001) There is no mail server, so nobody can verify an address" in done.stderr
    assert "Set EMAIL_URL" in done.stderr
    assert "(users.W002) It is not known where people reach the server" in done.stderr
    assert "Set PUBLIC_URL" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", "x7Gh2"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-Zc8-a-key-as-the-template-makes-it-3Gj_never-meant-for-use-5Yh"),
        ("JWT_SIGNING_KEY", "Xs2-quite-short-7Bv"),
        ("JWT_SIGNING_KEY", "a" * 60),
        ("JWT_SIGNING_KEY", GOOD["SECRET_KEY"]),
        ("JWT_PREVIOUS_KEYS", "Xs2-quite-short-7Bv"),
        ("ALLOWED_HOSTS", " , "),
    ],
)
def test_a_weak_value_is_refused_with_the_name_of_its_variable(variable: str, value: str) -> None:
    refused(GOOD | {variable: value}, variable)


def test_limits_that_each_process_counts_for_itself_are_told() -> None:
    done = check(GOOD | {"REDIS_URL": ""})
    assert done.returncode == 1
    assert "utils.W001" in done.stderr
    assert "Set REDIS_URL, or run one server process." in done.stderr


@pytest.mark.skipif((BASE_DIR / ".env").exists(), reason="The file .env fills in what is missing.")
@pytest.mark.parametrize("variable", ["SECRET_KEY", "JWT_SIGNING_KEY", "ALLOWED_HOSTS"])
def test_a_missing_value_is_refused_with_the_name_of_its_variable(variable: str) -> None:
    refused({name: value for name, value in GOOD.items() if name != variable}, variable)


def test_browsers_are_told_to_come_by_tls_alone_and_a_proxy_on_this_machine_is_believed() -> None:
    code = (
        "from django.conf import settings as s\n"
        "print(s.SECURE_HSTS_SECONDS, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, *map(str, s.TRUSTED_PROXIES))"
    )
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.production"} | GOOD
    told = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True)
    assert told.stdout.split() == ["31536000", "True", "True", "127.0.0.1/32", "::1/128"]


def refused(variables: dict[str, str], variable: str) -> None:
    done = check(variables)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"Misconfigured: Set {variable} to ")
    assert not any(value in line for value in variables.values() if value)
