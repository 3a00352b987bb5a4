from __future__ import annotations

import io
import logging

import pytest
from rich.pretty import pretty_repr

from ibmq_backend._secrets.redact import (
    get_logger,
    guard_foreign_loggers,
    is_clean,
    redact,
    register_secret,
)
from ibmq_backend._secrets.traceback_scrubbing import SecretText

API_TOKEN = "0123456789abcdef" * 8
ACCESS_TOKEN = "aZ3" * 21 + "q"
CLOUD_KEY = "Ab1-" * 11
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"login with {API_TOKEN} failed", API_TOKEN),
        (f"token {ACCESS_TOKEN}.", ACCESS_TOKEN),
        (f"key={CLOUD_KEY}", CLOUD_KEY),
        (f"({CLOUD_KEY})", CLOUD_KEY),
        (f"Authorization: Bearer {JWT}", JWT),
        (f"got {JWT} back", JWT),
        ('{"apiToken": "short-secret"}', "short-secret"),
        ("{'access_token': 'short-secret'}", "short-secret"),
        ("GET https://host/api/x?access_token=short-secret HTTP", "short-secret"),
        ("X-Access-Token: short-secret", "short-secret"),
        ("https://user:short-secret@proxy:8080/", "short-secret"),
        ("https://s3/b/o.json?X-Amz-Expires=9&X-Amz-Signature=0a1b2c", "0a1b2c"),
        ("https://s3/b/o.json?expires=17&signature=0a1b2c done", "0a1b2c"),
        ("crn:v1:bluemix:public:quantum-computing:us-east:a/0ff1ce:6b-7::", "0ff1ce"),
    ],
)
def test_formats_of_secrets_are_hidden(text, secret):
    assert secret in text
    hidden = redact(text)
    assert secret not in hidden
    assert "..." in hidden
    assert redact(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "404 Client Error: Not Found for url: https://host/api/Jobs/609100000000000000000001/v/1.",
        "Error code: 3458.",
        "submission ibmq-backend:5d5a0000-0000-4000-8000-00000000000a",
        "GET /Network/ibm-q/Groups/open/Projects/main/devices/v/1 -> 200 in 3 ms",
        "https://host/api?filter=1&limit=10",
    ],
)
def test_ordinary_text_is_unchanged(text):
    assert is_clean(text)


def test_registered_secrets_are_hidden_in_any_format():
    assert redact("open sesame-7b, please") == "open sesame-7b, please"
    register_secret("sesame-7b")
    assert redact("open sesame-7b, please") == "open ..., please"


def test_repetitions_of_a_secret_are_hidden_as_one():
    register_secret("abc123")
    assert redact("key abc123abc123!") == "key ...!"


def test_a_secret_that_contains_another_is_hidden_completely():
    register_secret("inner-7c")
    register_secret("outer-inner-7c-outer")
    assert redact("key outer-inner-7c-outer!") == "key ...!"


def test_short_words_are_not_hidden():
    register_secret("the")
    register_secret(None)
    assert redact("the job") == "the job"


@pytest.fixture
def written():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def test_log_records_and_their_tracebacks_are_redacted(written):
    logger = get_logger("ibmq_backend.test_of_redaction")
    try:
        raise ValueError(API_TOKEN)
    except ValueError:
        logger.exception("with %s", {"apiToken": ACCESS_TOKEN})
    text = written.getvalue()
    assert "ValueError" in text
    assert API_TOKEN not in text
    assert ACCESS_TOKEN not in text


def test_urls_that_the_http_library_logs_are_redacted(written):
    guard_foreign_loggers()
    logger = logging.getLogger("httpx")
    logger.warning("HTTP Request: GET %s", "https://s3/o.json?signature=canary1&expires=1")
    assert "canary1" not in written.getvalue()


def test_control_characters_in_log_records_are_escaped(written):
    log = get_logger("ibmq_backend.test")
    log.warning("backend %s", "a\x1b[2J\r\x9b\u202e")
    assert r"backend a\x1b[2J\r\x9b\u202e" in written.getvalue()


def test_no_part_of_a_secret_text_is_shown_by_rich():
    secret = SecretText("canary " * 20)
    assert pretty_repr(secret, max_string=80).startswith("'...'")
    assert "canary" not in repr([secret[0], secret[2:], *[secret[-1]]])
