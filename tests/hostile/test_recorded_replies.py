"""Mutated replies give a result or a documented error that names the operation.

``IBMQ_BACKEND_HOSTILE_REPLIES=N`` tries N mutations for each dialect instead of 300 and prints a
summary.
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
from tests.hostile.mutations import DOCUMENT_MUTATIONS, REPLY_MUTATIONS, Reply, mutated
from tests.hostile.recordings import DEVICES, LOGINS, Service, recorded
from tests.secrets.session import actions

# Read on import: the tests run without the variables of this package.
CASES = int(os.environ.get("IBMQ_BACKEND_HOSTILE_REPLIES", "300"))
FIRST_CASE = int(os.environ.get("IBMQ_BACKEND_HOSTILE_FIRST", "0"))
JOB = {"classic": "0" * 24, "platform": "d2abc0q4t1vs70a2b3cg"}
MAX_MESSAGE_CHARACTERS = 6000  # the reason of a service may have 5000
MAX_CASE_SECONDS = 20.0
"""Every case takes milliseconds, but the machine may be busy."""

ABOUT_BACKENDS = frozenset({"listBackends", "getBackendConfiguration"})
DOCUMENTED = (IBMQError, QiskitBackendNotFoundError)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibmq_backend.api.exactly_once.LOOK_UP", Backoff(0.0, tries=2))
    monkeypatch.setattr("ibmq_backend.job.cancel.MAX_CANCEL_WAIT_SECONDS", 0.1)


def all_actions(service: Service) -> dict[str, Callable[[], Any]]:
    provider = service.provider()
    provider.get_backend(DEVICES[service.dialect])
    job = JOB[service.dialect]
    return actions(provider, DEVICES[service.dialect], job, job)


@lru_cache
def actions_by_operation(dialect: str) -> dict[str, list[tuple[str, bool]]]:
    """Return the actions that send each operation, with whether the jobs have ended."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for ended in (True, False):
        service = Service(dialect, ended)
        for name in all_actions(service):
            action = all_actions(service)[name]
            service.requests.clear()
            with suppress(*DOCUMENTED):
                action()
            for operation in dict.fromkeys(service.names()):
                found.setdefault(operation, []).append((name, ended))
    return found


def inspect(thing: Any) -> None:
    """Read a result as a user would."""
    repr(thing)
    if hasattr(thing, "_repr_html_"):
        thing._repr_html_()
    for each in thing if isinstance(thing, list | tuple) else ():
        inspect(each)


def attempt(dialect: str, operation: str, bad: Reply, number: int) -> Any:
    """Run one of the actions that send an operation, and reply with the bad reply."""
    candidates = actions_by_operation(dialect).get(operation, [("status", True)])
    name, ended = candidates[number % len(candidates)]
    service = Service(dialect, ended)
    if operation in LOGINS:
        service.replies[operation] = bad
        return service.account().instances()
    if operation in ABOUT_BACKENDS:  # the client keeps these, so it must not have asked yet
        service.replies[operation] = bad
        return all_actions(service)[name]()
    action = all_actions(service)[name]
    service.replies[operation] = bad
    return action()


@pytest.mark.parametrize("dialect", DEVICES)
def test_a_corrupted_reply_gives_a_result_or_a_documented_error(dialect: str) -> None:
    replies = [
        (operation, reply)
        for operation, each in recorded(dialect).items()
        if operation in actions_by_operation(dialect) or operation in LOGINS | ABOUT_BACKENDS
        for reply in each
    ]
    assert len({operation for operation, _ in replies}) >= 15
    problems: dict[str, str] = {}
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for number in range(FIRST_CASE, FIRST_CASE + CASES):
        operation, reply = replies[number * 7 % len(replies)]
        mutation, bad = mutated(reply, number)
        begun = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                inspect(attempt(dialect, operation, bad, number))
                outcomes["result"] += 1
            except DOCUMENTED as error:
                outcomes[type(error).__name__] += 1
                if len(str(error)) > MAX_MESSAGE_CHARACTERS:
                    problems[f"{number} {mutation} {operation}"] = f"{len(str(error))} characters"
                if isinstance(error, ApiProtocolError | ApiStatusError) and not error.operation:
                    problems[f"{number} {mutation} {operation}"] = f"no operation: {error!r}"
            except Exception as error:
                frames = traceback.extract_tb(error.__traceback__)
                place = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in frames[-4:]]
                problems[f"{number} {mutation} {operation}"] = f"{error!r:.200} {place}"
        slowest = max(slowest, (time.monotonic() - begun, f"{number} {mutation} {operation}"))
    print(f"{dialect}: {CASES} tried, {len(problems)} problems, slowest {slowest}, {outcomes}")
    print(*(f"{case}: {what}" for case, what in problems.items()), sep="\n")
    assert problems == {}
    assert slowest[0] < MAX_CASE_SECONDS
    assert outcomes["result"] > CASES / 20
    assert outcomes.total() - outcomes["result"] > CASES / 20


@pytest.mark.parametrize("dialect", DEVICES)
def test_the_recordings_cover_the_operations_of_the_client(dialect: str) -> None:
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
    assert wanted[dialect] <= actions_by_operation(dialect).keys() | ABOUT_BACKENDS


def test_every_mutation_is_applied_and_repeatable() -> None:
    _, reply = max(
        ((len(each.body), each) for each in recorded("classic")["getJob"]), key=lambda pair: pair[0]
    )
    names = [mutated(reply, number)[0] for number in range(60)]
    assert set(names) == {*DOCUMENT_MUTATIONS, *REPLY_MUTATIONS}
    assert [mutated(reply, n) for n in range(60)] == [mutated(reply, n) for n in range(60)]
    assert all(mutated(reply, number)[1] != reply for number in range(12, 40))


@pytest.mark.parametrize("value", ["1", [1.0], {"a": 1}, True, None])
@pytest.mark.parametrize("dialect", DEVICES)
def test_a_calibration_with_values_of_wrong_types_does_not_fill_the_memory(
    dialect: str, value: Any
) -> None:
    service = Service(dialect)
    document = json.loads(service.replies["getBackendProperties"].body)
    document["qubits"][0][0].update(unit="ns", value=value)
    properties = all_actions(service)["properties"]
    headers = {"content-type": "application/json"}
    service.replies["getBackendProperties"] = Reply(200, headers, json.dumps(document).encode())
    tracemalloc.start()
    try:
        with suppress(IBMQBackendApiProtocolError):
            found = properties()
            assert isinstance(found.t2(1), float)  # the platform leaves the entry out
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
