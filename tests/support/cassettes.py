"""Cassettes: recorded exchanges in readable files, replayed strictly.

vcrpy puts itself between httpx and the network and finds the exchange that fits a request. What a
file looks like, what is left out of it and what strict means is decided here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import vcr
import yaml
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request

from tests.support.exchanges import Exchange
from tests.support.scrub import REPLY_HEADERS, REQUEST_HEADERS, Scrubber

FOLDER: Final = Path(__file__).resolve().parents[1] / "cassettes"
ORIGIN: Final = "https://classic.test"
"""Where the recorded service is, as far as a cassette says."""

_VERSION: Final = 1
_MATCH_ON: Final = ("method", "uri", "body")


def read(path: Path) -> list[Exchange]:
    """The exchanges of a cassette, in order."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return [
        Exchange(
            method=entry["request"]["method"],
            url=entry["request"]["uri"],
            headers=_single(entry["request"]["headers"]),
            body=(entry["request"]["body"] or "").encode(),
            status=entry["response"]["status"]["code"],
            reply_headers=_single(entry["response"]["headers"]),
            reply_body=entry["response"]["body"]["string"].encode(),
        )
        for entry in document["interactions"]
    ]


class Recording:
    """What is recorded while :func:`recorded` is open; the text is there afterwards.

    Attributes:
        text: the cassette, empty when nothing was sent.
    """

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def recorded(scrubber: Scrubber) -> Iterator[Recording]:
    """Record every exchange that httpx makes.

    The program under test gets the replies as they came; only the text is scrubbed.
    """
    recording = Recording()

    class Memory:
        """Takes the cassette where vcrpy would write a file."""

        @staticmethod
        def load_cassette(_path: object, serializer: object) -> Any:
            raise vcr.persisters.filesystem.CassetteNotFoundError

        @staticmethod
        def save_cassette(_path: object, cassette: Mapping[str, Any], serializer: object) -> None:
            recording.text = _render(cassette, scrubber)

    recorder = _recorder(scrubber, Memory)
    with recorder.use_cassette("recording", record_mode=RecordMode.ALL):
        yield recording


@contextmanager
def replayed(path: Path, scrubber: Scrubber) -> Iterator[Cassette]:
    """Answer from a cassette, each exchange once; what it does not hold raises.

    See :func:`assert_played` for the rest of being strict.
    """
    if not path.exists():
        raise AssertionError(f"{shown(path)} is missing: run scripts/record -k {path.stem}")

    class File:
        """Reads the file of the cassette; there is nothing to write."""

        @staticmethod
        def load_cassette(name: str, serializer: object) -> Any:
            document = yaml.load(Path(name).read_text(encoding="utf-8"), Loader=_Loader)
            pairs = [(e["request"], e["response"]) for e in document["interactions"]]
            requests = [Request(r["method"], r["uri"], r["body"], r["headers"]) for r, _ in pairs]
            replies = [
                {**reply, "body": {"string": reply["body"]["string"].encode()}}
                for _, reply in pairs
            ]
            return requests, replies

        @staticmethod
        def save_cassette(name: str, cassette: Mapping[str, Any], serializer: object) -> None:
            raise AssertionError(f"{name} is only to be read")

    with _recorder(scrubber, File).use_cassette(str(path), record_mode=RecordMode.NONE) as cassette:
        yield cassette


def assert_played(cassette: Cassette, path: Path) -> None:
    """Check that a program asked for all that its cassette holds, in the recorded order."""
    played = [n for n, count in cassette.play_counts.items() if count]
    left = sorted(set(range(len(cassette))) - set(played))
    if left:
        names = [
            f"#{n + 1} {cassette.requests[n].method} {cassette.requests[n].path}" for n in left
        ]
        raise AssertionError(f"{shown(path)}: not asked for: {', '.join(names)}")
    if played != sorted(played):
        raise AssertionError(f"{shown(path)}: asked for in another order: {played}")


def _recorder(scrubber: Scrubber, persister: type) -> vcr.VCR:
    def scrubbed(request: Request) -> Request:
        return Request(
            request.method,
            scrubber.url(request.uri),
            scrubber.body(request.body or b""),
            scrubber.headers(_single(request.headers), REQUEST_HEADERS),
        )

    recorder = vcr.VCR(
        match_on=_MATCH_ON,
        before_record_request=scrubbed,
        decode_compressed_response=True,
        record_on_exception=False,
    )
    recorder.register_matcher("body", _same_body)
    recorder.register_persister(persister)
    return recorder


def _same_body(one: Request, other: Request) -> None:
    assert one.body == other.body or _meaning(one.body) == _meaning(other.body)


def _meaning(body: bytes | None) -> Any:
    try:
        return json.loads(body or b"")
    except ValueError:
        return body


def _render(cassette: Mapping[str, Any], scrubber: Scrubber) -> str:
    entries = []
    # The requests come first: a secret may be known by the request that sends it back.
    for request, response in zip(cassette["requests"], cassette["responses"], strict=True):
        headers = {name: ", ".join(values) for name, values in response["headers"].items()}
        entries.append(
            {
                "request": {
                    "method": request.method,
                    "uri": scrubber.url(request.uri),
                    "body": scrubber.body(request.body or b"") or None,
                    "headers": scrubber.headers(_single(request.headers), REQUEST_HEADERS),
                },
                "response": {
                    "status": dict(response["status"]),
                    "headers": {
                        name: [value]
                        for name, value in scrubber.headers(headers, REPLY_HEADERS).items()
                    },
                    "body": {"string": scrubber.body(response["body"]["string"])},
                },
            }
        )
    if not entries:
        return ""
    return yaml.dump(
        {"version": _VERSION, "interactions": entries},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
    )


class _Loader(yaml.CSafeLoader):
    """Reads quickly, and nothing but plain values."""


class _Dumper(yaml.CSafeDumper):
    """Writes long texts as blocks, so that bodies can be read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _single(headers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.lower(): value if isinstance(value, str) else ", ".join(value)
        for name, value in headers.items()
    }


def shown(path: Path) -> str:
    """The name of a cassette for messages and for the index."""
    return path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name
