"""Cassettes of vcrpy that store no secrets and replay strictly.

vcrpy sees the requests of ``httpx``, keeps the interactions, and reads and writes the file. Added
here: secrets become placeholders, values that a program generates may differ between runs, every
interaction is replayed exactly once, and an error names the recorded request that is most similar.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import httpx
from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.stubs.httpx_stubs import vcr_handle_async_request, vcr_handle_request

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.daemon_threads import LateRequests
from ibmq_backend.testing import cassette_files, leaks
from ibmq_backend.testing.cassette_files import CassetteFile, CassetteProblem
from ibmq_backend.testing.differences import differences, nearest
from ibmq_backend.testing.scrub import REPLY_HEADERS, REQUEST_HEADERS, Scrubber
from ibmq_backend.testing.variables import Bindings, Numbering

_TRANSPORTS: Final = (
    (httpx.HTTPTransport, "handle_request", vcr_handle_request),
    (httpx.MockTransport, "handle_request", vcr_handle_request),
    (httpx.AsyncHTTPTransport, "handle_async_request", vcr_handle_async_request),
)


class CassetteMismatch(AssertionError):
    """A replay in which the program sent other requests than those recorded."""


class ServiceCassette(Cassette):
    """A cassette for requests that are sent with ``httpx``.

    Attributes:
        includes: returns whether requests to a URL belong to the cassette; others are sent as
            usual.
    """

    def __init__(self, path: Path, **options: Any) -> None:
        self.includes: Callable[[str], bool] = lambda _url: True
        super().__init__(
            path,
            serializer=cassette_files,
            before_record_request=lambda request: request if self.includes(request.uri) else None,
            **options,
        )

    @contextmanager
    def inserted(self) -> Iterator[None]:
        """Record or replay all requests in this context.

        Requests that do not belong to the cassette are handled as before, for example by a cassette
        of pytest-recording; ``vcr.use_cassette`` would send them to the network.
        """
        with ExitStack() as stack:
            # vcrpy logs whole requests and replies, with their secrets.
            stack.enter_context(patch.object(get_logger("vcr"), "propagate", False))
            for transport, name, handler in _TRANSPORTS:
                guarded = handler(self, getattr(transport, name), httpx)
                stack.enter_context(patch.object(transport, name, guarded))
            # The order of requests is recorded.
            stack.enter_context(patch.object(LateRequests, "send", LateRequests.send_now))
            yield


class RecordingCassette(ServiceCassette):
    """A cassette that is being recorded; :meth:`save` writes it.

    Args:
        path: the file.
        scrubber: replaces secrets.
        secrets: texts that must not be in the file, in addition to secrets in requests and replies.
    """

    def __init__(self, path: Path, scrubber: Scrubber, secrets: Iterable[str] = ()) -> None:
        super().__init__(
            path,
            record_mode=RecordMode.ALL,
            persister=CassetteFile(self._check),
            before_save_interaction=self._scrubbed,
        )
        self._scrubber = scrubber
        self._secrets = tuple(secrets)
        self._numbering = Numbering()
        self._sent: list[tuple[Request, dict[str, Any]]] = []

    def save(self, recorded: Mapping[str, Any] | None = None) -> None:
        """Write the file, if a request was sent. Call this only once.

        Args:
            recorded: where and with what it was recorded; stored as metadata.

        Raises:
            SecretFound: the text still contains a secret.
            CassetteProblem: a body is not text.
        """
        if recorded and len(self):
            self.get_metadata("recorded", dict(recorded))
        self._save()

    def _scrubbed(
        self, request: Request, response: dict[str, Any]
    ) -> tuple[Request, dict[str, Any]]:
        """Return an interaction without secrets, with numbers for generated values.

        vcrpy calls this in the order of recording: a reply may name the secret that the next
        request sends back.
        """
        scrubbed = scrub_request(request, self._scrubber)
        scrubbed.uri = self._numbering.request(scrubbed.uri)
        scrubbed.body = self._numbering.request(_text(scrubbed.body))
        with _text_only(self._scrubber, f"the reply to {request.method} {request.uri}"):
            response = decode_response(response)
            headers = {name: ", ".join(values) for name, values in response["headers"].items()}
            kept = self._scrubber.headers(headers, REPLY_HEADERS)
            body = self._scrubber.body(response["body"]["string"])
        self._sent.append((request, response))
        return scrubbed, {
            **response,
            "headers": {name: [value] for name, value in kept.items()},
            "body": {"string": self._numbering.reply(body)},
        }

    def _check(self, text: str) -> None:
        leaks.check(text, self._sent, self._secrets)


class ReplayedCassette(ServiceCassette):
    """A cassette that answers the requests of a program, each recorded interaction once.

    Load it with ``ReplayedCassette.load(path=..., ...)``.

    Args:
        path: the file.
        scrubber: replaces secrets in requests before they are compared.
        name: name of the file for messages.
        next_step: last sentence of messages: what to do.

    Attributes:
        problems: messages about requests that were not recorded.
    """

    def __init__(self, path: Path, scrubber: Scrubber, name: str, next_step: str) -> None:
        super().__init__(path, record_mode=RecordMode.NONE, persister=CassetteFile())
        self.problems: list[str] = []
        self._scrubber = scrubber
        self._name = name
        self._next_step = next_step
        self._bindings = Bindings()
        self._lock = threading.Lock()

    @property
    def recorded(self) -> Mapping[str, Any]:
        """Where and with what it was recorded; empty if that was not noted."""
        noted = self._metadata.get("recorded")
        return noted if isinstance(noted, dict) else {}

    def can_play_response_for(self, request: Request) -> bool:
        """Return whether a request belongs to the cassette, which then answers it alone."""
        return self.filter_request(request) is not None

    def play_response(self, request: Request) -> dict[str, Any]:
        """Return the reply of the first matching interaction that was not replayed yet.

        Raises:
            CassetteMismatch: there is no such interaction.
        """
        with self._lock:
            sent = scrub_request(request, self._scrubber)
            for index, (recorded, response) in enumerate(self.data):
                bindings = None if self.play_counts[index] else self._match(recorded, sent)
                if bindings is not None:
                    self._bindings = bindings
                    self.play_counts[index] += 1
                    body = bindings.reply(_text(response["body"]["string"]))
                    return {**response, "body": {"string": body.encode()}}
            self.problems.append(self._mismatch(sent))
        # One mismatch leads to others: the first explains them.
        raise CassetteMismatch(self.problems[0])

    def check_played(self, *, ordered: bool = True) -> None:
        """Check that the program sent all recorded requests.

        Args:
            ordered: whether the order is checked too.

        Raises:
            CassetteMismatch: requests are left over, or came in another order.
        """
        if self.problems:
            raise CassetteMismatch(self.problems[0])
        if not self.all_played:
            left = ", ".join(self._left_over())
            raise CassetteMismatch(
                f"{self._name}: recorded, but not requested: {left}. {self._next_step}"
            )
        order = list(self.play_counts)  # a counter keeps the order of insertion
        if ordered and order != sorted(order):
            shown = ", ".join(f"#{index + 1}" for index in order)
            raise CassetteMismatch(
                f"{self._name}: requested in another order than recorded: {shown}. "
                f"{self._next_step}"
            )

    def _left_over(self) -> Iterator[str]:
        """Yield a text for each request that is left over, one for all repetitions."""
        for _, group in groupby(range(len(self)), lambda index: _compared(*self.data[index])):
            repeated = list(group)
            left = [index for index in repeated if not self.play_counts[index]]
            if left:
                request, total = self.requests[left[0]], len(repeated)
                count = f" ({len(left)} of {total} times)" if total > 1 else ""
                yield f"#{left[0] + 1} {request.method} {request.path}{count}"

    def _match(self, recorded: Request, sent: Request) -> Bindings | None:
        if recorded.method != sent.method:
            return None
        urls = (recorded.uri, sent.uri)
        if self._bindings.fit([urls]) is None:
            return None
        return self._bindings.fit([urls, (_normalized(recorded.body), _normalized(sent.body))])

    def _mismatch(self, sent: Request) -> str:
        number = self.play_count + len(self.problems) + 1
        lines = [
            f"{self._name}: request #{number} of this program was not recorded:",
            f"  {sent.method} {sent.uri}",
            *self._comparison(sent),
            self._next_step,
        ]
        return "\n".join(lines)

    def _comparison(self, sent: Request) -> list[str]:
        if not len(self):
            return ["The cassette is empty."]
        played = [index for index in range(len(self)) if self.play_counts[index]]
        same = [index for index in played if self._match(self.requests[index], sent)]
        if same:
            times = f"{len(same)} times" if len(same) > 1 else "once"
            return [
                f"It is the same as recorded #{same[-1] + 1}, which was recorded {times} and has "
                "been replayed as often."
            ]
        ahead = [index for index in range(len(self)) if not self.play_counts[index]]
        candidates = ahead or played
        index = candidates[nearest(sent, [self.requests[index] for index in candidates])]
        recorded = self.requests[index]
        state = "not requested yet" if ahead else "replayed already"
        found = differences(recorded, sent) or ["an ID or token that stood for another one before"]
        return [
            f"Nearest recorded request is #{index + 1} ({state}):",
            f"  {recorded.method} {recorded.uri}",
            *(f"  - {line}" for line in found),
        ]


def scrub_request(request: Request, scrubber: Scrubber) -> Request:
    """Return a request without secrets, as it is stored and compared.

    Raises:
        CassetteProblem: the body is not text.
    """
    with _text_only(scrubber, f"the request {request.method} {request.uri}"):
        body = scrubber.body(request.body or b"")
    headers = scrubber.headers(request.headers, REQUEST_HEADERS)
    return Request(request.method, scrubber.url(request.uri), body, headers)


@contextmanager
def _text_only(scrubber: Scrubber, what: str) -> Iterator[None]:
    try:
        yield
    except (UnicodeDecodeError, OSError, EOFError, zlib.error):
        raise CassetteProblem(
            f"The body of {scrubber.text(what)} is not text. Cassettes can store text only."
        ) from None


def _text(body: bytes | None) -> str:
    return (body or b"").decode()


def _normalized(body: bytes | None) -> str:
    """Return a body as text; JSON with sorted fields."""
    text = _text(body)
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def _compared(request: Request, response: Mapping[str, Any]) -> tuple[Any, ...]:
    return request.method, request.uri, request.body, response
