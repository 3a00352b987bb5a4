"""The fixture ``ibmq_cassette``: record the requests of a test once, then replay them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from vcr.request import Request

from ibmq_backend.testing.cassette_files import CassetteProblem
from ibmq_backend.testing.local_ibmq import fresh_session
from ibmq_backend.testing.recorded_account import (
    EMULATOR_URL,
    REPLAY_TOKEN,
    QuantumUrls,
    RecordedAccount,
    account_from_metadata,
    account_to_record,
    origin_of,
    replay_environment,
)
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.strict_cassette import RecordingCassette, ReplayedCassette

_NO_STREAM: Final = {"IBMQ_BACKEND_STREAM": "never"}
_MAX_SLEEP_SECONDS: Final = 0.001


@dataclass(frozen=True)
class IBMQCassette:
    """The cassette of a test.

    Attributes:
        path: the file.
        recording: whether it is being recorded; otherwise it is replayed.
        account: the account that the program logs in with; during a replay it has placeholders.
    """

    path: Path
    recording: bool
    account: RecordedAccount

    @property
    def url(self) -> str:
        """The login URL, for programs that name it."""
        return self.account.url

    @property
    def token(self) -> str:
        """The API token or API key, for programs that name it."""
        return self.account.token

    @property
    def instance(self) -> str | None:
        """The CRN or name of the instance; ``None`` on a classic service."""
        return self.account.instance


@dataclass(frozen=True)
class CassetteOptions:
    """The file of a cassette and the options of its test.

    Attributes:
        path: the file.
        name: the file as shown in messages.
        command: the command that records it.
        hosts: further hosts whose requests are recorded.
        ordered: whether the order of the requests is checked.
    """

    path: Path
    name: str
    command: str
    hosts: Sequence[str] = ()
    ordered: bool = True


class AccountRecording:
    """A recording of the requests of one account to quantum services.

    Args:
        account: the account.
        path: file of the cassette.
        hosts: further hosts whose requests are recorded.
        origins: the origin to store for each origin of a service.
    """

    def __init__(
        self,
        account: RecordedAccount,
        path: Path,
        hosts: Iterable[str] = (),
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self._account = account
        self._scrubber = Scrubber(origins, {"api-token": [account.token]})
        self._cassette = RecordingCassette(path, self._scrubber, [account.token])
        self._cassette.includes = QuantumUrls([account.url], hosts).__contains__

    def __len__(self) -> int:
        """Return the number of requests that were answered."""
        return len(self._cassette)

    def last(self) -> tuple[Request, int]:
        """Return the last request, without secrets, and the status of its reply."""
        request, response = self._cassette.data[-1]
        return request, response["status"]["code"]

    @contextmanager
    def active(self) -> Iterator[None]:
        """Record the requests in this context."""
        with patch.dict("os.environ", _NO_STREAM), self._cassette.inserted():
            yield

    def save(self) -> None:
        """Write the file. Call this only once.

        Raises:
            SecretFound: the file would contain a secret.
            CassetteProblem: a body is not text.
        """
        self._cassette.save(
            {
                "source": self._account.source,
                "date": datetime.now(UTC).date().isoformat(),
                "ibmq_backend": version("ibmq-backend"),
                **_api_version(self._cassette.requests),
                "account": self._account.metadata(self._scrubber),
            }
        )


def file_name(test: str) -> str:
    """Return the file name for the cassette of a test."""
    return re.sub(r"[^\w.,+=-]+", "-", test).strip("-") + ".yaml"


@contextmanager
def recording(
    options: CassetteOptions,
    start_emulator: Callable[[], tuple[str, str]],
    has_passed: Callable[[], bool],
) -> Iterator[IBMQCassette]:
    """Record the requests to quantum services; write the file if the test passes.

    Args:
        options: file and options.
        start_emulator: starts an emulator, for programs without an account; returns its URL and
            token.
        has_passed: returns whether the test has passed.

    Raises:
        SecretFound: the file would contain a secret.
        CassetteProblem: no request was sent to a quantum service.
    """
    account = account_to_record()
    origins: dict[str, str] = {}
    if account is None:
        url, token = start_emulator()
        account = RecordedAccount(url, token, "emulator")
        origins[origin_of(url)] = EMULATOR_URL
    requests = AccountRecording(account, options.path, options.hosts, origins)
    with ExitStack() as stack:
        if account.source == "live":
            stack.enter_context(fresh_session())
        stack.enter_context(requests.active())
        yield IBMQCassette(options.path, True, account)
    if not has_passed():
        return
    if not len(requests):
        raise CassetteProblem(
            f"{options.name}: this test sent no request to a quantum service, so there is nothing "
            "to record. Name a host of your own in the ini option ibmq_hosts."
        )
    requests.save()


@contextmanager
def replaying(
    options: CassetteOptions,
    home: Path,
    has_passed: Callable[[], bool],
    report: Callable[[str], None],
) -> Iterator[IBMQCassette]:
    """Replay a cassette strictly; no request reaches a quantum service.

    Args:
        options: file and options.
        home: home folder of the program, in place of the user's.
        has_passed: returns whether the test has passed.
        report: called with the first mismatch if the test has failed, because that may be why.

    Raises:
        CassetteProblem: the file is missing or cannot be read.
        CassetteMismatch: the program sent other requests than those recorded.
    """
    if not options.path.exists():
        raise CassetteProblem(
            f"{options.name} is missing. Record it with `{options.command}`: with the account that "
            "IBMQ.load_account() finds or, if there is none, with the emulator."
        )
    try:
        cassette = ReplayedCassette.load(
            path=options.path,
            scrubber=Scrubber(known={"api-token": [REPLAY_TOKEN]}),
            name=options.name,
            next_step=f"If this change is intended, record again: {options.command}",
        )
        account = account_from_metadata(cassette.recorded.get("account") or {})
        urls = [account.url, EMULATOR_URL, *(request.uri for request in cassette.requests)]
        quantum_urls = QuantumUrls(urls, options.hosts)
    except (AttributeError, TypeError, ValueError) as error:
        raise CassetteProblem(
            f"{options.name} is damaged: its metadata or a URL is wrong ({error}). "
            f"Record it again: {options.command}"
        ) from None
    cassette.includes = quantum_urls.__contains__
    with ExitStack() as stack:
        stack.enter_context(replay_environment(account, home))
        stack.enter_context(patch.dict("os.environ", _NO_STREAM))
        stack.enter_context(fresh_session())
        stack.enter_context(_short_sleeps())
        stack.enter_context(cassette.inserted())
        yield IBMQCassette(options.path, False, account)
    if has_passed():
        cassette.check_played(ordered=options.ordered)
    elif cassette.problems:
        report(cassette.problems[0])


@contextmanager
def _short_sleeps() -> Iterator[None]:
    """Shorten ``time.sleep``: the replies of a replay do not depend on time."""
    sleep = time.sleep

    def short_sleep(seconds: float) -> None:
        sleep(min(seconds, _MAX_SLEEP_SECONDS))

    with patch.object(time, "sleep", short_sleep):
        yield


def _api_version(requests: Iterable[Request]) -> dict[str, Any]:
    found = {request.headers.get("ibm-api-version", "") for request in requests} - {""}
    return {"api_version": ", ".join(sorted(found))} if found else {}
