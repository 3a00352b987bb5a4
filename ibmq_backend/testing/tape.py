"""A recording being made, and one being played: strict, in the order of the program.

The files are those of vcrpy, the player is not: it knows which values a program makes up anew,
counts what is repeated, and says how a request differs from the nearest one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ibmq_backend.testing import cassette_files, leaks
from ibmq_backend.testing.differences import differences, nearest
from ibmq_backend.testing.exchanges import Answer, Exchange, Question, joined
from ibmq_backend.testing.scrub import REPLY_HEADERS, REQUEST_HEADERS, Scrubber
from ibmq_backend.testing.variables import Bindings, Numbering

_TRACE: Final = "uber-trace-id"

Send = Callable[[], Answer]
"""Really sends the request and returns what came back."""


class CassetteMismatch(AssertionError):
    """A replay that is not what was recorded; says how it differs from what is nearest."""


def scrubbed_question(question: Question, scrubber: Scrubber) -> Question:
    """A request without secrets, as it is stored and compared.

    Raises:
        CassetteProblem: its body is no text.
    """
    return Question(
        question.method,
        scrubber.url(question.url),
        scrubber.headers(question.headers, REQUEST_HEADERS),
        _scrubbed_body(question.body, scrubber, f"the request {question}").encode(),
    )


def _scrubbed_body(body: bytes, scrubber: Scrubber, what: str) -> str:
    try:
        return scrubber.body(body)
    except UnicodeDecodeError:
        raise cassette_files.CassetteProblem(
            f"The body of {scrubber.text(what)} is no text; a cassette holds nothing else."
        ) from None


class Recorder:
    """Collects what is sent; the program gets the replies as they came.

    Args:
        scrubber: takes the secrets out.

    Attributes:
        exchanges: as they went over the wire, with their secrets.
    """

    def __init__(self, scrubber: Scrubber) -> None:
        self.exchanges: list[Exchange] = []
        self._scrubber = scrubber
        self._lock = threading.Lock()

    def answer(self, question: Question, send: Send) -> Answer:
        """Send a request and note it with its reply."""
        answer = send()
        with self._lock:
            self.exchanges.append(joined(question, answer))
        return answer

    def scrubbed(self) -> list[Exchange]:
        """What was collected, without secrets; the same thing several times in a row as one."""
        numbering = Numbering()
        found: list[Exchange] = []
        # In order: a secret may be known by the request that sends it back.
        for exchange in self.exchanges:
            question = scrubbed_question(exchange.question, self._scrubber)
            clean = Exchange(
                question.method,
                numbering.request(question.url),
                question.headers,
                numbering.request(question.body.decode()).encode(),
                exchange.status,
                self._scrubber.headers(exchange.reply_headers, REPLY_HEADERS),
                numbering.reply(self._reply_body(exchange)).encode(),
            )
            if found and _is_same(found[-1], clean):
                found[-1] = replace(found[-1], times=found[-1].times + 1)
            else:
                found.append(clean)
        return found

    def _reply_body(self, exchange: Exchange) -> str:
        what = f"the reply to {exchange.question}"
        return _scrubbed_body(exchange.reply_body, self._scrubber, what)

    def text(self, recorded: Mapping[str, Any] | None = None, secrets: Iterable[str] = ()) -> str:
        """The cassette; empty when nothing was sent.

        Args:
            recorded: where and with what it was recorded.
            secrets: texts that must not be in it, beside those seen on the wire.

        Raises:
            SecretFound: a secret would be in it.
        """
        text = cassette_files.render(self.scrubbed(), recorded)
        leaks.check(text, self.exchanges, secrets)
        return text


class Player:
    """Answers from a recording, each exchange as often as it was recorded.

    Args:
        exchanges: the recording.
        scrubber: takes the secrets out of what is asked.
        name: of the cassette, for messages.
        next_step: how to record it anew, for messages.

    Attributes:
        problems: what was asked for in vain; a program may have caught the errors.
    """

    def __init__(
        self, exchanges: Sequence[Exchange], scrubber: Scrubber, name: str, next_step: str
    ) -> None:
        self.problems: list[str] = []
        self._exchanges = exchanges
        self._scrubber = scrubber
        self._name = name
        self._next_step = next_step
        self._left = [exchange.times for exchange in exchanges]
        self._order: list[int] = []
        self._bindings = Bindings()
        self._lock = threading.Lock()

    def answer(self, question: Question, send: Send) -> Answer:  # noqa: ARG002
        """The recorded reply to a request.

        Raises:
            CassetteMismatch: no recorded request fits that was not answered already.
        """
        with self._lock:
            asked = scrubbed_question(question, self._scrubber)
            for place, exchange in enumerate(self._exchanges):
                bindings = self._fitting(exchange, asked) if self._left[place] else None
                if bindings is not None:
                    self._bindings = bindings
                    self._left[place] -= 1
                    self._order.append(place)
                    body = bindings.reply(exchange.reply_body.decode())
                    return Answer(exchange.status, exchange.reply_headers, body.encode())
            self.problems.append(self._refusal(asked))
        # What a program does about a mismatch leads to others: the first tells the reason.
        raise CassetteMismatch(self.problems[0])

    def check_played(self, *, ordered: bool = True) -> None:
        """Check that a program asked for all that was recorded.

        Args:
            ordered: whether also in the recorded order.

        Raises:
            CassetteMismatch: says what was left over, or what came at another time.
        """
        if self.problems:
            raise CassetteMismatch(self.problems[0])
        left = [self._shown(place) for place, count in enumerate(self._left) if count]
        if left:
            raise CassetteMismatch(
                f"{self._name}: not asked for: {', '.join(left)}. {self._next_step}"
            )
        if ordered and self._order != sorted(self._order):
            order = ", ".join(f"#{place + 1}" for place in self._order)
            raise CassetteMismatch(
                f"{self._name}: asked for in another order than recorded: {order}. "
                f"{self._next_step}"
            )

    def _shown(self, place: int) -> str:
        exchange, left = self._exchanges[place], self._left[place]
        often = f" ({left} of {exchange.times} times)" if left < exchange.times else ""
        return f"#{place + 1} {exchange.method} {_path(exchange.url)}{often}"

    def _fitting(self, exchange: Exchange, asked: Question) -> Bindings | None:
        if exchange.method != asked.method:
            return None
        addresses = (exchange.url, asked.url)
        if self._bindings.fit([addresses]) is None:
            return None
        return self._bindings.fit([addresses, (_meaning(exchange.body), _meaning(asked.body))])

    def _refusal(self, asked: Question) -> str:
        lines = [
            f"{self._name}: request #{len(self._order) + len(self.problems) + 1} of this program "
            f"was not recorded:",
            f"  {asked}",
        ]
        ahead = [place for place, count in enumerate(self._left) if count]
        played = [place for place, count in enumerate(self._left) if not count]
        repeated = [place for place in played if self._fitting(self._exchanges[place], asked)]
        if repeated:
            exchange = self._exchanges[repeated[-1]]
            often = f"{exchange.times} times" if exchange.times > 1 else "once"
            lines.append(
                f"Recorded #{repeated[-1] + 1} is the same request; it was recorded {often} and "
                "has been answered as often."
            )
        elif not self._exchanges:
            lines.append("Nothing was recorded.")
        else:
            places = ahead or played
            recorded = [self._exchanges[place].question for place in places]
            place = nearest(asked, recorded)
            assert place is not None
            near = recorded[place]
            state = "not asked for yet" if ahead else "answered already"
            lines.append(f"Nearest is recorded #{places[place] + 1} ({state}):")
            lines.append(f"  {near}")
            lines += [f"  - {line}" for line in differences(near, asked)] or [
                "  - ids or tokens that meant something else before"
            ]
        return "\n".join([*lines, self._next_step])


def _meaning(body: bytes) -> str:
    """A body in one spelling: JSON in whichever order its fields were written."""
    text = body.decode()
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def _is_same(one: Exchange, other: Exchange) -> bool:
    return (
        one.method == other.method == "GET"
        and (one.url, one.body, one.status) == (other.url, other.body, other.status)
        and one.reply_body == other.reply_body
        and _without_trace(one) == _without_trace(other)
    )


def _without_trace(exchange: Exchange) -> str:
    return json.dumps({**exchange.reply_headers, _TRACE: ""}, sort_keys=True)


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
