"""Which replies are malformed."""

from __future__ import annotations

import gc
import json
import weakref

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend._http import malformed
from ibmq_backend._http.client import build_client
from ibmq_backend._http.json_text import read_json
from ibmq_backend._http.malformed import ReceivedResponse, is_malformed
from ibmq_backend._http.operations import Content, Operation
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from tests.support.http_faults import faulty_server, json_reply, reply

JSON, TEXT, NOTHING = Content.JSON, Content.TEXT, Content.NOTHING
PAGE = b"<!DOCTYPE html><html><head><title>Busy</title></head></html>"

BODIES = {
    PAGE: {JSON, TEXT, NOTHING},
    b"\n  <HTML><p>Please log in.": {JSON, TEXT, NOTHING},
    b"\xef\xbb\xbf<html>": {JSON, TEXT, NOTHING},
    b"": {JSON, TEXT},
    b" \r\n\t": {JSON, TEXT},
    b'{"id": ': {JSON, TEXT},
    b'{"id": "<html>"': {JSON, TEXT},
    b'[{"id": 7}, ': {JSON, TEXT},
    b"Traceback (most recent call last)": {JSON},
    b"<frozen importlib>": {JSON},
    b"\xff\xfe\x00": {JSON},
    b'{"id": 7}\n': set(),
    b" []": set(),
    b"null": set(),
    b"17": set(),
    b'"text"': set(),
    b"[NaN]": set(),
    b'{"page": "<!doctype html>"}': set(),
    b"9" * 5000: set(),  # more digits than Python reads, but complete
    b"[" * 100_000 + b"]" * 100_000: set(),
}


@pytest.mark.parametrize("promised", Content)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
def test_the_expected_content_decides_what_is_malformed(body, promised):
    is_none = promised in BODIES[body]
    for kind in (httpx.Response, ReceivedResponse):
        for type_ in ("application/json", "text/html", "text/plain; charset=no-such"):
            response = kind(200, content=body, headers={"content-type": type_})
            assert is_malformed(response, promised) is is_none


@pytest.mark.parametrize("status", [204, 205, 302, 400, 404, 429, 500, 503])
@pytest.mark.parametrize("promised", Content)
def test_only_replies_with_expected_content_can_be_malformed(status, promised):
    assert not is_malformed(httpx.Response(status, content=b""), promised)
    assert not is_malformed(httpx.Response(status), promised)


@pytest.mark.slow
@given(document=st.recursive(st.none() | st.integers() | st.text(), st.lists), cut=st.integers(1))
def test_truncated_lists_and_objects_are_malformed(document, cut):
    body = json.dumps([document]).encode()
    assert not is_malformed(httpx.Response(200, content=body), JSON)
    assert is_malformed(httpx.Response(200, content=body[: -(cut % len(body)) or -1]), JSON)


def test_a_document_is_parsed_once_and_may_be_changed(monkeypatch):
    parsed = []
    monkeypatch.setattr(malformed, "read_json", lambda text: parsed.append(1) or read_json(text))
    response = ReceivedResponse(200, content=b'{"a": []}')
    assert not is_malformed(response, JSON)
    first = response.json()
    assert len(parsed) == 1
    first["a"].append(7)
    assert response.json() == {"a": []}
    assert response.json(parse_int=str) == {"a": []}


# -- over a real socket ----------------------------------------------------------------------------

QUICK = NetworkSettings(trust_env=False, retry=RetryPolicy(attempts=3, first_delay=0.0))
HTML = reply("200 OK", PAGE, "Content-Type: text/html")
EMPTY = reply("200 OK")
HALF = json_reply(b'{"id": ')


def ask(server, method="GET", *, safe=True, content=JSON, expected=True):
    operation = Operation("one", method, "/x", retry_safe=safe, content=content)
    with build_client(
        QUICK, base_url=server.url, operation_of=lambda _: operation, expected=expected
    ) as client:
        return client.request(method, "/x")


def test_a_reply_is_freed_without_the_garbage_collector():
    gc.disable()
    try:
        with faulty_server([json_reply(b'{"id": 7}')]) as server:
            received = weakref.ref(ask(server))
            assert received() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("act", [HTML, EMPTY, HALF], ids=["page", "empty", "half"])
def test_a_safe_request_is_repeated(act):
    with faulty_server([act, act, json_reply(b'{"id": 7}')]) as server:
        assert ask(server).json() == {"id": 7}
    assert len(server.requests) == 3


@pytest.mark.parametrize("act", [HTML, EMPTY, HALF], ids=["page", "empty", "half"])
def test_a_request_that_creates_something_is_not_repeated(act):
    with faulty_server([act, json_reply(b'{"id": 7}')]) as server:
        assert ask(server, "POST", safe=False).status_code == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize(("expected", "attempts"), [(True, 3), (False, 2)])
def test_a_reply_that_stays_malformed_is_returned(expected, attempts):
    with faulty_server([HTML]) as server:
        assert ask(server, expected=expected).content == PAGE
    assert len(server.requests) == attempts


@pytest.mark.parametrize(
    ("act", "content"),
    [
        (reply("204 No Content"), JSON),
        (reply("204 No Content"), TEXT),
        (EMPTY, NOTHING),
        (reply("200 OK", b"a line of a log", "Content-Type: text/plain"), TEXT),
        (reply("200 OK", b"<?xml version='1.0'?><Stored/>"), NOTHING),
    ],
)
def test_a_reply_without_expected_content_is_returned_at_once(act, content):
    with faulty_server([act]) as server:
        ask(server, content=content)
    assert len(server.requests) == 1
