"""What the fixture ``ibmq_cassette`` does: record once, replay from then on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from ibmq_backend.testing import cassette_files
from ibmq_backend.testing.cassette_files import CassetteProblem
from ibmq_backend.testing.exchanges import Exchange
from ibmq_backend.testing.interception import intercepted
from ibmq_backend.testing.local_place import fresh_session
from ibmq_backend.testing.recorded_account import (
    STAND_IN,
    QuantumHosts,
    RecordedAccount,
    account_of,
    account_to_record,
    origin_of,
    replay_environment,
)
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.tape import Player, Recorder

MODES: Final = ("none", "missing", "rewrite")
_STREAM_VARIABLE: Final = "IBMQ_BACKEND_STREAM"
_LONGEST_SLEEP: Final = 0.001


@dataclass(frozen=True)
class IBMQCassette:
    """The recording of a test.

    Attributes:
        path: the file.
        recording: whether it is being made; else it is replayed.
        account: where the program logs in; when it is replayed, with stand-ins.
    """

    path: Path
    recording: bool
    account: RecordedAccount

    @property
    def url(self) -> str:
        """Address for programs that log in by themselves."""
        return self.account.url

    @property
    def token(self) -> str:
        """Token for programs that log in by themselves."""
        return self.account.token

    @property
    def instance(self) -> str | None:
        """CRN or name of the instance, for programs that name it; ``None`` on a classic service."""
        return self.account.instance


@dataclass(frozen=True)
class Place:
    """Where the cassette of a test is, and how it comes about.

    Attributes:
        path: the file.
        name: the file as it is told to people.
        command: makes or renews it.
        hosts: further hosts whose traffic belongs to it.
        ordered: whether a program has to ask in the recorded order.
    """

    path: Path
    name: str
    command: str
    hosts: Sequence[str] = ()
    ordered: bool = True


def file_name(test: str) -> str:
    """The name of the cassette of a test: its own, without what file systems refuse."""
    return re.sub(r"[^\w.,+=-]+", "-", test).strip("-") + ".yaml"


@contextmanager
def recording(
    place: Place, emulator_url: Callable[[], tuple[str, str]], passed: Callable[[], bool]
) -> Iterator[IBMQCassette]:
    """Record what the program sends to quantum services; kept when its test passes.

    Args:
        place: of the cassette.
        emulator_url: starts an emulator for a program without an account; its address and token.
        passed: whether the test has passed.

    Raises:
        SecretFound: a secret would be in the file.
        CassetteProblem: nothing was sent.
    """
    account = account_to_record()
    origins: dict[str, str] = {}
    if account is None:
        url, token = emulator_url()
        account = RecordedAccount(url, token, "emulator")
        origins[origin_of(url)] = STAND_IN
    known = {"api-token": [account.token]}
    scrubber = Scrubber(origins, known)
    recorder = Recorder(scrubber)
    with ExitStack() as stack:
        stack.enter_context(patch.dict("os.environ", {_STREAM_VARIABLE: "never"}))
        if account.source == "live":
            stack.enter_context(fresh_session())
        stack.enter_context(intercepted(recorder, QuantumHosts([account.url], place.hosts)))
        yield IBMQCassette(place.path, True, account)
    if not passed():
        return
    exchanges = recorder.scrubbed()
    if not exchanges:
        raise CassetteProblem(
            f"{place.name}: this test sent nothing to a quantum service, so there is nothing to "
            "record. A host of your own has to be named in the ini option ibmq_hosts."
        )
    noted = {
        "source": account.source,
        "date": datetime.now(UTC).date().isoformat(),
        "ibmq_backend": version("ibmq-backend"),
        **_api_version(exchanges),
        "account": account.noted(scrubber),
    }
    text = recorder.text(noted, [account.token])
    place.path.parent.mkdir(parents=True, exist_ok=True)
    place.path.write_text(text, encoding="utf-8")


@contextmanager
def replaying(
    place: Place, home: Path, passed: Callable[[], bool], tell: Callable[[str], None]
) -> Iterator[IBMQCassette]:
    """Answer from the cassette, strictly; nothing reaches a quantum service.

    Args:
        place: of the cassette.
        home: folder to stand for the user's own.
        passed: whether the test has passed.
        tell: told what was asked for in vain when the test failed, which may be the reason.

    Raises:
        CassetteProblem: there is no cassette, or it cannot be read.
        CassetteMismatch: the program asks for something else than was recorded.
    """
    if not place.path.exists():
        raise CassetteProblem(
            f"{place.name} is missing. Record it with `{place.command}`: with the account that "
            "IBMQ.load_account() finds, or, without one, with the emulator."
        )
    cassette = cassette_files.read(place.path)
    account = account_of(cassette.recorded.get("account") or {})
    scrubber = Scrubber(known={"api-token": [account.token]})
    next_step = f"If the program was meant to change, record anew: {place.command}"
    player = Player(cassette.exchanges, scrubber, place.name, next_step)
    with ExitStack() as stack:
        stack.enter_context(replay_environment(account, home))
        stack.enter_context(patch.dict("os.environ", {_STREAM_VARIABLE: "never"}))
        stack.enter_context(fresh_session())
        stack.enter_context(_without_waiting())
        stack.enter_context(intercepted(player, QuantumHosts([account.url, STAND_IN], place.hosts)))
        yield IBMQCassette(place.path, False, account)
    if passed():
        player.check_played(ordered=place.ordered)
    elif player.problems:
        tell(player.problems[0])


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Nothing changes while a recording is played, so nothing has to be waited for."""
    really = time.sleep

    def sleep(seconds: float) -> None:
        really(min(seconds, _LONGEST_SLEEP))

    with patch.object(time, "sleep", sleep):
        yield


def _api_version(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    found = {exchange.headers.get("ibm-api-version", "") for exchange in exchanges} - {""}
    return {"api_version": ", ".join(sorted(found))} if found else {}
