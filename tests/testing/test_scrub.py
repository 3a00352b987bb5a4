"""Secrets become placeholders, one for each secret; everything else is unchanged."""

from __future__ import annotations

import json

import pytest

from ibmq_backend.testing.scrub import REPLY_HEADERS, REQUEST_HEADERS, Scrubber, pretty

HEX_64 = "0123456789abcdef" * 4
USER = "5ddc0000000000000000beef"


def document(scrubber: Scrubber, value: object) -> object:
    return json.loads(scrubber.body(json.dumps(value).encode()))


def test_equal_secrets_have_equal_placeholders_in_every_field() -> None:
    scrubber = Scrubber()
    login = document(scrubber, {"id": HEX_64, "ttl": 5, "userId": USER})
    assert login == {"id": "access-token-1", "ttl": 5, "userId": "user-id-1"}
    headers = scrubber.headers({"X-Access-Token": HEX_64, "Cookie": "a=b"}, REQUEST_HEADERS)
    assert headers == {"x-access-token": "access-token-1"}
    assert document(scrubber, [f"seen by {USER} with {HEX_64}"]) == [
        "seen by user-id-1 with access-token-1"
    ]
    assert document(scrubber, {"userId": "another"}) == {"userId": "user-id-2"}


def test_tokens_of_the_cloud_and_the_number_of_their_user() -> None:
    for refresh, clean in (("not_supported", "not_supported"), ("OKDSl-x_y", "access-token-2")):
        granted = {"access_token": "eyJx.y.z", "refresh_token": refresh, "ims_user_id": 12345678}
        assert document(Scrubber(), {**granted, "expires_in": 3600}) == {
            "access_token": "access-token-1",
            "refresh_token": clean,
            "ims_user_id": 0,
            "expires_in": 3600,
        }


def test_scrubbing_twice_changes_nothing() -> None:
    body = json.dumps(
        {
            "id": HEX_64,
            "ttl": 5,
            "userId": USER,
            "email": "ada@ibm.com",
            "apiToken": "t",
            "ip": {"ip": "10.1.2.3"},
            "url": f"https://storage/x?signature={HEX_64[::-1]}&expires=5",
        }
    ).encode()
    first = Scrubber()
    once = first.body(body)
    assert Scrubber().body(once.encode()) == once
    assert first.body(once.encode()) == once
    for secret in (HEX_64, USER, "ada@ibm.com", "10.1.2.3", HEX_64[::-1]):
        assert secret not in once


def test_replay_numbers_secrets_like_the_recording() -> None:
    recording = Scrubber(known={"api-token": ["the real one"]})
    replay = Scrubber(known={"api-token": ["api-token-1"]})
    for scrubber in (recording, replay):
        assert document(scrubber, {"apiToken": "a wrong one"}) == {"apiToken": "api-token-2"}
    assert document(recording, {"apiToken": "the real one"}) == {"apiToken": "api-token-1"}
    assert document(replay, {"apiToken": "api-token-1"}) == {"apiToken": "api-token-1"}


def test_personal_data_becomes_placeholders() -> None:
    scrubber = Scrubber()
    user = {
        "id": USER,
        "email": "ada@ibm.com",
        "username": "ada",
        "firstName": "Ada",
        "lastName": "",
        "urls": {"http": "https://real/api"},
    }
    assert document(scrubber, user) == {
        "id": "user-id-1",
        "email": "person-1@example.org",
        "username": "person-1",
        "firstName": "person-2",
        "lastName": "",
        "urls": {"http": "https://real/api"},
    }
    colleagues = {"users": {USER: {"name": "Ada", "email": "ada@ibm.com"}, "x1": {"name": "Bob"}}}
    assert document(scrubber, colleagues) == {
        "users": {
            "user-id-1": {"name": "person-2", "email": "person-1@example.org"},
            "user-id-2": {"name": "person-3"},
        }
    }


def test_jobs_keep_their_ids_and_names() -> None:
    job = {"id": USER, "name": "bell", "status": "QUEUED", "local": False, "backend": {"id": USER}}
    assert document(Scrubber(), job) == job


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            f"https://s/x?signature={HEX_64}&expires=1",
            "https://s/x?signature=signature-1&expires=1",
        ),
        (
            "https://s/x?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=beef",
            "https://s/x?X-Amz-Credential=signature-1&X-Amz-Signature=signature-2",
        ),
        ("https://s/x?access_token=abc", "https://s/x?access_token=signature-1"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer access-token-1"),
        ("eyJhbGciOi.eyJzdWIi.c2lnbg", "web-token-1"),
        (
            "crn:v1:bluemix:public:quantum-computing:us-east:a/9b:8c::",
            "crn:v1:bluemix:public:quantum-computing:us-east:a/account-1:instance-1::",
        ),
        ("crn:v1:bluemix:public:kms:us-east:a/9b:8c::", "crn-1"),
        ("grant_type=key&apikey=ab-c&x=1", "grant_type=key&apikey=api-token-1&x=1"),
        ("write to ada@ibm.com", "write to person-1@example.org"),
        (HEX_64 * 2, "credential-1"),
        ("0f" * 12 + " is a job", "0f" * 12 + " is a job"),
    ],
)
def test_text_that_looks_like_a_secret_is_replaced(text: str, clean: str) -> None:
    assert Scrubber().text(text) == clean


def test_origins_are_replaced_in_every_scheme() -> None:
    scrubber = Scrubber({"http://127.0.0.1:1234": "https://classic.test"})
    urls = {"http": "http://127.0.0.1:1234/api", "ws": "ws://127.0.0.1:1234/"}
    assert document(scrubber, urls) == {
        "http": "https://classic.test/api",
        "ws": "wss://classic.test/",
    }
    assert scrubber.url("http://127.0.0.1:1234/a?b=c d") == "https://classic.test/a?b=c%20d"
    assert scrubber.text("http://127.0.0.1:12345/") == "http://127.0.0.1:12345/"


def test_only_listed_headers_are_kept() -> None:
    reply = {
        "Content-Type": "application/json",
        "Set-Cookie": "session=1",
        "X-RateLimit-Reset": "9",
        "uber-trace-id": "a:b:0:1",
        "Retry-After": "2",
    }
    assert Scrubber().headers(reply, REPLY_HEADERS) == {
        "content-type": "application/json",
        "retry-after": "2",
        "uber-trace-id": "trace-1",
    }


def test_json_is_readable() -> None:
    value = {"pair": [0.5, -1.5e-07], "long": ["x" * 60, "µ" * 60], "none": None, "empty": {}}
    text = pretty(value)
    assert json.loads(text) == value
    assert text.splitlines()[1] == ' "pair": [0.5, -1.5e-07],'
    assert "µ" in text
    assert max(map(len, text.splitlines())) < 100
