"""Recording and strict replay on top of vcrpy."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
import vcr
from vcr.request import Request

from ibmq_backend.testing.cassette_files import CassetteProblem
from ibmq_backend.testing.leaks import SecretFound
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.strict_cassette import (
    CassetteMismatch,
    RecordingCassette,
    ReplayedCassette,
)
from tests.support.fake_service import FakeService

Interaction = tuple[Request, Any]
ONE, TWO = ("11111111-2222-4333-8444-555555555555", "21111111-2222-4333-8444-555555555555")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


def request(path: str, body: object = None, method: str = "GET") -> Request:
    text = b"" if body is None else json.dumps(body).encode()
    return Request(method, f"https://service{path}", text, {"content-type": "application/json"})


def response(body: object, **headers: str) -> dict[str, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {
        "status": {"code": 200, "message": "OK"},
        "headers": {"content-type": ["application/json"], **{n: [v] for n, v in headers.items()}},
        "body": {"string": content},
    }


def recording(path: Path, *interactions: Interaction, secrets: tuple[str, ...] = ()) -> Any:
    cassette = RecordingCassette(path, Scrubber(), secrets)
    for one, reply in interactions:
        cassette.append(
            one, reply if isinstance(reply, dict) and "status" in reply else response(reply)
        )
    return cassette


def replayed(path: Path, *interactions: Interaction) -> ReplayedCassette:
    recording(path, *interactions).save()
    return ReplayedCassette.load(
        path=path, scrubber=Scrubber(), name="cassette.yaml", next_step="Record it again."
    )


def play(cassette: ReplayedCassette, one: Request) -> Any:
    return json.loads(cassette.play_response(one)["body"]["string"])


# -- files ----------------------------------------------------------------------------------------


def test_repeated_replies_are_one_entry_with_aliases(path: Path) -> None:
    status = request("/status")
    interactions = [
        (status, response(answer, **{"uber-trace-id": f"trace:{number}"}))
        for number, answer in enumerate(["QUEUED", "QUEUED", "QUEUED", "DONE"])
    ]
    cassette = replayed(path, *interactions)
    assert [json.loads(one["body"]["string"]) for one in cassette.responses] == [
        *["QUEUED"] * 3,
        "DONE",
    ]
    text = path.read_text(encoding="utf-8")
    assert text.count("- *id001\n") == 2
    assert text.count("QUEUED") == 1


def test_requests_with_an_effect_are_never_aliases(path: Path) -> None:
    create = request("/Jobs", {}, "POST")
    replayed(path, (create, "a"), (create, "a"))
    assert "*id" not in path.read_text(encoding="utf-8")


def test_files_keep_what_was_recorded(path: Path) -> None:
    create = request("/Jobs", {"a": "x " * 100}, "POST")
    cassette = recording(path, (create, {"b": ["µ"] * 60}))
    cassette.save({"source": "live"})
    loaded = replayed(path.with_name("other.yaml"), (create, {"b": ["µ"] * 60}))
    assert loaded.recorded == {}
    loaded = ReplayedCassette.load(path=path, scrubber=Scrubber(), name="", next_step="")
    assert loaded.recorded == {"source": "live"}
    assert loaded.requests[0].body == json.dumps({"a": "x " * 100}, indent=1).encode()
    assert json.loads(loaded.responses[0]["body"]["string"]) == {"b": ["µ"] * 60}
    assert "string: |-" in path.read_text(encoding="utf-8")


def test_cassettes_of_earlier_versions(path: Path) -> None:
    path.write_text(
        dedent("""
            version: 1
            recorded: {source: live}
            interactions:
            - request: {method: GET, uri: https://service/a, body: null, headers: {}}
              response:
                status: {code: 200, message: OK}
                headers: {content-type: [application/json]}
                body: {string: "1"}
              times: 3
        """)
    )
    loaded = ReplayedCassette.load(path=path, scrubber=Scrubber(), name="", next_step="")
    assert loaded.recorded == {"source": "live"}
    assert [play(loaded, request("/a")) for _ in range(3)] == [1, 1, 1]
    loaded.check_played()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[application/json]", "[7]", "wrong at request/headers/content-type"),
        ("body: ''", "body: ''\n    extra: 1", "is damaged: .*'extra'. Record"),
    ],
)
def test_damaged_cassettes(path: Path, before: str, after: str, message: str) -> None:
    recording(path, (request("/a"), 1)).save()
    text = path.read_text().replace("\n      - application/json", " [application/json]")
    assert before in text
    path.write_text(text.replace(before, after))
    with pytest.raises(CassetteProblem, match=message):
        ReplayedCassette.load(path=path, scrubber=Scrubber(), name="", next_step="")


def test_folder_in_place_of_a_cassette(tmp_path: Path) -> None:
    with pytest.raises(CassetteProblem, match="cannot be read: Is a directory"):
        ReplayedCassette.load(path=tmp_path, scrubber=Scrubber(), name="", next_step="")


def test_text_that_utf8_cannot_express_is_recorded(path: Path) -> None:
    body = b'{"a": "\\ud800 \xc3\xbc"}'
    cassette = replayed(path, (request("/a"), response(body)))
    assert play(cassette, request("/a")) == {"a": "\ud800 ü"}


def test_redirections_are_replayed(path: Path) -> None:
    moved = response(b"", location="https://service/there?sig=abcdef12345")
    cassette = replayed(path, (request("/here"), moved))
    headers = cassette.play_response(request("/here"))["headers"]
    assert headers["location"] == ["https://service/there?sig=signature-1"]


def test_program_gets_the_replies_as_they_are(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def answer(_: httpx.Request) -> httpx.Response:
        packed = gzip.compress(b'{"userId": "5ddc0000000000000000beef"}')
        headers = {"content-encoding": "gzip", "set-cookie": "secret=1"}
        return httpx.Response(200, content=packed, headers=headers)

    cassette = recording(path)
    with cassette.inserted(), httpx.Client(transport=httpx.MockTransport(answer)) as client:
        reply = client.get("https://service/user")
    assert reply.json() == {"userId": "5ddc0000000000000000beef"}
    assert reply.headers["set-cookie"] == "secret=1"
    assert "secret=1" not in caplog.text
    assert not path.exists()
    cassette.save()
    text = path.read_text(encoding="utf-8")
    assert '{"userId": "user-id-1"}' in text
    assert "gzip" not in text
    assert "secret=1" not in text


def test_nothing_is_written_without_requests(path: Path) -> None:
    recording(path).save({"source": "live"})
    assert not path.exists()


def test_secret_prevents_the_file(path: Path) -> None:
    login = request("/login", {"apiToken": "t" * 20, "note": "µ\n" * 3}, "POST")
    recording(path, (login, {"id": "t" * 24, "ttl": 1})).save()
    assert "t" * 20 not in path.read_text(encoding="utf-8")
    path.unlink()
    cassette = recording(path, (request("/", {"note": "plain words"}), 1), secrets=("plain words",))
    with pytest.raises(SecretFound, match="a secret of the account"):
        cassette.save()
    assert not path.exists()


def test_numbers_in_base64_are_not_changed(path: Path) -> None:
    value = {"__type__": "ndarray", "__value__": "aB3" * 40}
    assert play(replayed(path, (request("/results"), value)), request("/results")) == value


@pytest.mark.parametrize("side", ["request", "reply"])
def test_bodies_that_are_not_text_are_named(path: Path, side: str) -> None:
    binary = b"\xff\xfe"
    one = Request("PUT", "https://s/x?signature=abc", binary if side == "request" else b"", {})
    with pytest.raises(CassetteProblem, match=f"{side}.*signature-1 is not text"):
        recording(path, (one, response(binary))).save()
    broken = response(zlib.compress(b"1")[:3], **{"content-encoding": "gzip"})
    with pytest.raises(CassetteProblem, match="the reply to GET .* is not text"):
        recording(path, (request("/"), broken)).save()


# -- replay ---------------------------------------------------------------------------------------


def test_every_repetition_is_replayed_once(path: Path) -> None:
    status = request("/status")
    cassette = replayed(path, (status, "QUEUED"), (status, "QUEUED"), (status, "DONE"))
    assert play(cassette, status) == "QUEUED"
    with pytest.raises(CassetteMismatch, match=r"#2 GET /status \(1 of 2 times\), #3 GET /status"):
        cassette.check_played()
    assert [play(cassette, status) for _ in range(2)] == ["QUEUED", "DONE"]
    cassette.check_played()
    with pytest.raises(CassetteMismatch, match="same as recorded #3, which was recorded 3 times"):
        cassette.play_response(status)
    with pytest.raises(CassetteMismatch, match="#4 of this program was not recorded"):
        cassette.check_played()


def test_generated_values_may_differ(path: Path) -> None:
    made = [
        request("/Jobs", {"id": name, "circuit": f"circuit-{number}"}, "POST")
        for number, name in enumerate([ONE, TWO])
    ]
    cassette = replayed(path, (made[0], {"id": ONE, "server": "a"}))
    assert play(cassette, made[1]) == {"id": TWO, "server": "a"}
    cassette.check_played()


def test_mixed_up_ids_are_explained(path: Path) -> None:
    cassette = replayed(path, (request(f"/a/{ONE}"), 1), (request(f"/b/{ONE}"), 2))
    play(cassette, request(f"/a/{TWO}"))
    with pytest.raises(CassetteMismatch, match="an ID or token that stood for another one before"):
        cassette.play_response(request(f"/b/{ONE}"))


def test_empty_cassette(path: Path) -> None:
    path.write_text("version: 1\ninteractions: []\n", encoding="utf-8")
    cassette = ReplayedCassette.load(
        path=path, scrubber=Scrubber(), name="cassette.yaml", next_step="Record it again."
    )
    with pytest.raises(CassetteMismatch, match=r"The cassette is empty.\nRecord it again."):
        cassette.play_response(request("/a"))


def test_order_is_checked_unless_threads_send(path: Path) -> None:
    requests = [request(f"/{number}") for number in range(8)]
    cassette = replayed(path, *((one, number) for number, one in enumerate(requests)))
    threads = [
        threading.Thread(target=cassette.play_response, args=(one,)) for one in reversed(requests)
    ]
    for thread in threads:
        thread.start()
        thread.join()
    cassette.check_played(ordered=False)
    with pytest.raises(CassetteMismatch, match="another order than recorded: #8, #7"):
        cassette.check_played()


# -- httpx and vcrpy ------------------------------------------------------------------------------


def test_other_urls_reach_the_service(path: Path) -> None:
    service = FakeService({"own": True})
    cassette = replayed(path, (request("/a"), 1))
    cassette.includes = lambda url: url.startswith("https://service/")
    with cassette.inserted(), httpx.Client(transport=service.transport) as client:
        assert client.get("https://service/a").json() == 1
        assert client.get("https://other/a").json() == {"own": True}
    assert len(service.requests) == 1
    assert len(cassette) == 1
    cassette.check_played()


def test_asynchronous_clients_are_replayed(path: Path) -> None:
    cassette = replayed(path, (request("/a"), {"b": 2}))

    async def program() -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.get("https://service/a")).json()

    with cassette.inserted():
        assert asyncio.run(program()) == {"b": 2}


def test_cassette_of_vcrpy_around_ours_gets_the_other_requests(path: Path, tmp_path: Path) -> None:
    service = FakeService({"own": True})
    cassette = replayed(path, (request("/a"), 1))
    cassette.includes = lambda url: url.startswith("https://service/")
    outer = vcr.use_cassette(tmp_path / "outer.yaml")
    with outer as other, cassette.inserted(), httpx.Client(transport=service.transport) as client:
        client.get("https://service/a")
        client.get("https://other/a")
    assert [one.uri for one in other.requests] == ["https://other/a"]


PLAIN = """
import sys
import httpx, vcr

matchers = ["method", "uri", "body"]
with vcr.use_cassette(sys.argv[1], record_mode="none", match_on=matchers) as cassette:
    with httpx.Client(base_url="https://service") as client:
        made = client.post("/Jobs", json={"a": 1})
        assert made.json() == {"id": "job", "list": [1.5, None, "x " * 100]}, made.text
        assert made.headers["content-type"] == "application/json"
        replies = [client.get("/Jobs/job?fields=status").json() for _ in range(4)]
        assert replies == ["QUEUED"] * 3 + ["DONE"], replies
    assert cassette.all_played
assert not [name for name in sys.modules if name.startswith("ibmq_backend")]
"""


def test_plain_vcrpy_replays_the_file(path: Path) -> None:
    create = request("/Jobs", {"a": 1}, "POST")
    status = request("/Jobs/job?fields=status")
    recording(
        path,
        (create, {"id": "job", "list": [1.5, None, "x " * 100]}),
        *((status, answer) for answer in ["QUEUED", "QUEUED", "QUEUED", "DONE"]),
    ).save({"source": "live"})
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
