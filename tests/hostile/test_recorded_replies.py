"""Every recorded reply, spoilt in every way: a result, or an error of ours that says what it was.

By default a part of the ways; ``IBMQ_BACKEND_HOSTILE_REPLIES=N`` tries N for each dialect, and
prints what it found.
"""

from __future__ import annotations

import json
import os
import time
import traceback
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import pytest
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend.backoff import Backoff
from ibmq_backend.exceptions import (
    ApiProtocolError,
    ApiStatusError,
    IBMQBackendApiProtocolError,
    IBMQError,
)
from tests.hostile.mutations import CHANGES, SPOILS, Reply, spoilt
from tests.hostile.recordings import DEVICES, LOGINS, Service, recorded
from tests.secrets.session import actions

# Read now: every test runs without the variables of this package.
TRIED = int(os.environ.get("IBMQ_BACKEND_HOSTILE_REPLIES", "300"))
FIRST = int(os.environ.get("IBMQ_BACKEND_HOSTILE_FIRST", "0"))
JOB = {"classic": "0" * 24, "platform": "d2abc0q4t1vs70a2b3cg"}
LONGEST_MESSAGE = 6000  # a service may give a reason of 5000 characters
SECONDS = 20.0
"""Of a case on a busy machine; all of them take milliseconds."""

ABOUT_BACKENDS = frozenset({"listBackends", "getBackendConfiguration"})
DOCUMENTED = (IBMQError, QiskitBackendNotFoundError)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibmq_backend.api.exactly_once.LOOK_UP", Backoff(0.0, tries=2))
    monkeypatch.setattr("ibmq_backend.job.cancel.SETTLING_SECONDS", 0.1)


def everything(service: Service) -> dict[str, Callable[[], Any]]:
    provider = service.provider()
    provider.get_backend(DEVICES[service.dialect])
    job = JOB[service.dialect]
    return actions(provider, DEVICES[service.dialect], job, job)


@lru_cache
def asking(dialect: str) -> dict[str, list[tuple[str, bool]]]:
    """Which actions ask for an operation, of jobs that have ended or not."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for ended in (True, False):
        service = Service(dialect, ended)
        for name in everything(service):
            action = everything(service)[name]
            service.requests.clear()
            with suppress(*DOCUMENTED):
                action()
            for operation in dict.fromkeys(service.names()):
                found.setdefault(operation, []).append((name, ended))
    return found


def look_at(thing: Any) -> None:
    """Use what came out of it."""
    repr(thing)
    if hasattr(thing, "_repr_html_"):
        thing._repr_html_()
    for each in thing if isinstance(thing, list | tuple) else ():
        look_at(each)


def attempt(dialect: str, operation: str, bad: Reply, number: int) -> Any:
    """Do one of the things that ask for an operation, and get the bad reply."""
    askers = asking(dialect).get(operation, [("status", True)])
    name, ended = askers[number % len(askers)]
    service = Service(dialect, ended)
    if operation in LOGINS:
        service.replies[operation] = bad
        return service.account().instances()
    if operation in ABOUT_BACKENDS:  # read once and kept, so nothing may be known yet
        service.replies[operation] = bad
        return everything(service)[name]()
    action = everything(service)[name]
    service.replies[operation] = bad
    return action()


@pytest.mark.parametrize("dialect", DEVICES)
def test_a_spoilt_reply_gives_a_result_or_an_error_of_ours(dialect: str) -> None:
    replies = [
        (operation, reply)
        for operation, each in recorded(dialect).items()
        if operation in asking(dialect) or operation in LOGINS | ABOUT_BACKENDS
        for reply in each
    ]
    assert len({operation for operation, _ in replies}) >= 15
    bare: dict[str, str] = {}
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for number in range(FIRST, FIRST + TRIED):
        operation, reply = replies[number * 7 % len(replies)]
        way, bad = spoilt(reply, number)
        begun = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                look_at(attempt(dialect, operation, bad, number))
                outcomes["result"] += 1
            except DOCUMENTED as error:
                outcomes[type(error).__name__] += 1
                if len(str(error)) > LONGEST_MESSAGE:
                    bare[f"{number} {way} {operation}"] = f"{len(str(error))} characters"
                if isinstance(error, ApiProtocolError | ApiStatusError) and not error.operation:
                    bare[f"{number} {way} {operation}"] = f"no operation: {error!r}"
            except Exception as error:
                frames = traceback.extract_tb(error.__traceback__)
                place = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in frames[-4:]]
                bare[f"{number} {way} {operation}"] = f"{error!r:.200} {place}"
        slowest = max(slowest, (time.monotonic() - begun, f"{number} {way} {operation}"))
    print(f"{dialect}: {TRIED} tried, {len(bare)} bare, slowest {slowest}, {outcomes}")
    print(*(f"{case}: {what}" for case, what in bare.items()), sep="\n")
    assert bare == {}
    assert slowest[0] < SECONDS
    assert outcomes["result"] > TRIED / 20
    assert outcomes.total() - outcomes["result"] > TRIED / 20


@pytest.mark.parametrize("dialect", DEVICES)
def test_the_recordings_cover_what_is_asked(dialect: str) -> None:
    wanted = {
        "classic": {
            "listBackends",
            "getJob",
            "getJobStatus",
            "createJob",
            "getStoredObject result",
        },
        "platform": {"listBackends", "getJob", "createJob", "getJobResults", "getJobMetrics"},
    }
    assert wanted[dialect] <= asking(dialect).keys() | ABOUT_BACKENDS


def test_every_way_is_tried_and_tries_the_same_again() -> None:
    _, reply = max(
        ((len(each.body), each) for each in recorded("classic")["getJob"]), key=lambda pair: pair[0]
    )
    names = [spoilt(reply, number)[0] for number in range(60)]
    assert set(names) == {*CHANGES, *SPOILS}
    assert [spoilt(reply, n) for n in range(60)] == [spoilt(reply, n) for n in range(60)]
    assert all(spoilt(reply, number)[1] != reply for number in range(12, 40))


@pytest.mark.parametrize("value", ["1", [1.0], {"a": 1}, True, None])
@pytest.mark.parametrize("dialect", DEVICES)
def test_a_calibration_that_would_fill_the_memory_is_refused(dialect: str, value: Any) -> None:
    service = Service(dialect)
    document = json.loads(service.replies["getBackendProperties"].body)
    document["qubits"][0][0].update(unit="ns", value=value)
    properties = everything(service)["properties"]
    headers = {"content-type": "application/json"}
    service.replies["getBackendProperties"] = Reply(200, headers, json.dumps(document).encode())
    tracemalloc.start()
    try:
        with suppress(IBMQBackendApiProtocolError):
            found = properties()
            assert isinstance(found.t2(1), float)  # today's dialect leaves the entry out
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
