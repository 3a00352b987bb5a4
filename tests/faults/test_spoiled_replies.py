"""One spoiled reply to each operation of a documented program, in each of many ways.

By default the ways of today's outages are tried for each operation by itself, and all ways for all
operations in one run; with ``IBMQ_BACKEND_FAULT_SCHEDULES=1`` every way for each operation.
``pytest -s`` prints how many scenarios the program survives.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from qiskit.providers.jobstatus import JOB_FINAL_STATES

from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.credentials import Credentials
from ibmq_backend.exceptions import (
    IBMQBackendApiProtocolError,
    IBMQError,
    IBMQJobSubmissionUncertain,
)
from tests.faults.places import DEVICE, DIALECTS, QUICK, Place, a_place, circuit
from tests.faults.schedules import SCHEDULES

LOG_IN_PAGE = "<html><head><title>Please log in</title></head></html>"
PLAIN = {"Content-Type": "text/plain"}
WAYS: dict[str, dict[str, Any]] = {
    "HTML page": {"kind": "html", "status": 200, "handled": True},
    "empty body": {"kind": "wrong_json", "body": "", "handled": True},
    "captive portal": {"kind": "html", "status": 200, "body": LOG_IN_PAGE},
    "HTML page said to be JSON": {"kind": "wrong_json", "body": LOG_IN_PAGE, "handled": True},
    "blank body": {"kind": "wrong_json", "body": " \r\n", "handled": True},
    "half an object": {"kind": "wrong_json", "body": '{"id": "x", "re', "handled": True},
    "half a list": {"kind": "wrong_json", "body": '[{"id": 7}, ', "handled": True},
    "text": {"kind": "wrong_json", "body": "Try again.", "headers": PLAIN, "handled": True},
    "truncated": {"kind": "truncate"},
    "nothing but the head": {"kind": "truncate", "after_bytes": 0},
    "error page": {"kind": "html", "status": 502, "handled": True},
}
FRAMES: dict[str, dict[str, Any]] = {
    "HTML page": {"kind": "html", "status": 200},
    "empty body": {"kind": "wrong_json", "body": ""},
    "half an object": {"kind": "wrong_json", "body": '{"type": "job-st'},
    "truncated": {"kind": "truncate"},
    "error page": {"kind": "html", "status": 502},
}
"""The ways that mean something for the status stream, whose replies are frames."""

EACH = list(WAYS) if SCHEDULES else ["HTML page", "empty body"]
OPERATIONS = {"classic": 26, "platform": 15}
UNLIMITED = "premium-instance"  # name of an instance that takes any number of jobs a minute
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module", params=DIALECTS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with a_place(request.param) as place:
        yield place


def log_in(place: Place) -> tuple[Any, AccountProvider]:
    """Open an account as somebody does who knows no more than token and address."""
    service, dialect = place.service, place.dialect
    kind: Any = ClassicServiceClient
    arguments: tuple[Any, ...] = (service.url, service.api_token)
    if dialect == "platform":
        kind, arguments = PlatformServiceClient, (service.platform_url, service.api_key, UNLIMITED)
    account = kind(*arguments, settings=QUICK, sleep=place.slept.append)
    try:
        instance = account.instances()[0].id
    except BaseException:
        account.close()
        raise
    credentials = Credentials(arguments[1], arguments[0], instance=instance.crn)
    return account, AccountProvider(credentials, account.open(instance))


def program(place: Place, tag: str) -> dict[str, Any]:
    """Do what the documentation shows; gives what was learned on the way."""
    account, provider = log_in(place)
    try:
        backend = provider.get_backend(DEVICE[place.dialect])
        configuration, properties = backend.configuration(), backend.properties()
        told: dict[str, Any] = {
            "status": backend.status().operational,
            "qubits": configuration.n_qubits,
            "gates": len(properties.gates),
            "pulses": backend.defaults() is None,
        }
        if place.dialect == "classic":
            told["limit"] = backend.job_limit().maximum_jobs
            told["reserved"] = [backend.reservations(), provider.backends.my_reservations()]
        place.engine.hold()
        job = backend.run(circuit(), job_tags=[tag], job_name="first")
        told["ended at once"] = job.status() in JOB_FINAL_STATES
        place.engine.release()
        told["counts"] = job.result(timeout=60).get_counts()
        again = backend.retrieve_job(job.job_id())
        told["again"] = (again.status().name, again.result(timeout=60).get_counts())
        told["circuits"] = [each.name for each in again.circuits()]
        told["then"] = again.properties() is not None
        told["renamed"] = again.update_name("second")
        again.update_tags(additional_tags=["more"])
        told["found"] = [each.name() for each in backend.jobs(job_tags=[tag], limit=5)]
        listed = provider.backends.job_ids(job_tags=[tag], limit=5)
        told["listed"] = [each["id"] for each in listed] == [job.job_id()]
        place.engine.hold()
        told["cancelled"] = backend.run(circuit(), job_tags=[tag]).cancel()
    finally:
        place.engine.release()
        account.close()
    return told


@dataclass
class Outcome:
    """What came of the program.

    Attributes:
        told: what it learned.
        jobs: states of its jobs on the server.
        asked: operations in the order of their first call; may differ after a spoiled reply.
    """

    told: dict[str, Any]
    jobs: list[str]
    asked: list[str] = field(compare=False)


def under(place: Place, *script: dict[str, Any]) -> Outcome:
    """Run the program under a script."""
    tag = f"spoiled-{next(NUMBERS)}"
    place.service.faults.script(script)
    try:
        told = program(place, tag)
    finally:
        asked = dict.fromkeys(request.operation for request in place.service.faults.requests)
        place.service.faults.clear()
    return Outcome(told, sorted(place.jobs_with(tag).values()), list(asked))


@pytest.fixture(scope="module")
def healthy(place: Place) -> Outcome:
    """What comes of the program when nothing goes wrong."""
    outcome = under(place)
    assert len(outcome.asked) == OPERATIONS[place.dialect], outcome.asked
    assert outcome.jobs == ["CANCELLED", "COMPLETED"]
    return outcome


def spoiled(operation: str, way: str) -> dict[str, Any] | None:
    """The fault, ``None`` where this way spoils nothing of an operation."""
    if operation == "jobStatusStream":
        fault = FRAMES.get(way)
    elif (operation, way) in (("createJob", "captive portal"), ("getJobResults", "text")):
        fault = None  # see the tests of these two below
    else:
        fault = WAYS[way]
    return fault and {"operation": operation, "calls": 1, **fault}


@pytest.mark.parametrize("way", EACH)
def test_one_spoiled_reply_is_survived(place: Place, healthy: Outcome, way: str) -> None:
    lost: dict[str, object] = {}
    faults = [fault for name in healthy.asked if (fault := spoiled(name, way))]
    for fault in faults:
        try:
            outcome: object = under(place, fault)
        except IBMQError as error:
            outcome = error
        if outcome != healthy:
            lost[fault["operation"]] = outcome
    print(f"\n{place.dialect}, {way}: {len(faults) - len(lost)} of {len(faults)} survived")
    assert lost == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_spoiled_reply_of_every_operation_is_survived(
    place: Place, healthy: Outcome, way: str
) -> None:
    faults = [fault for name in healthy.asked if (fault := spoiled(name, way))]
    assert under(place, *faults) == healthy


def test_a_submission_is_not_repeated_for_a_page_that_says_nothing_of_it(place: Place) -> None:
    place.service.faults.script([{"operation": "createJob", "calls": 1, **WAYS["captive portal"]}])
    with pytest.raises(IBMQJobSubmissionUncertain):
        place.backend.run(circuit(), job_tags=["captive"])
    asked = [request.operation for request in place.service.faults.requests]
    place.service.faults.clear()
    assert asked.count("createJob") == 1
    assert place.jobs_with("captive") == {}


@pytest.mark.parametrize("way", ["HTML page", "empty body", "half an object"])
def test_nonsense_that_stays_is_an_error_in_the_end(place: Place, way: str) -> None:
    place.service.faults.script([{"operation": "getBackendStatus", **WAYS[way]}])
    with pytest.raises(IBMQBackendApiProtocolError):
        place.backend.status()
    assert len(place.service.faults.requests) == 6
    place.service.faults.clear()


def test_an_address_with_another_page_is_given_up_soon(place: Place) -> None:
    place.service.faults.script([{"operation": "*", **WAYS["captive portal"]}])
    with pytest.raises(IBMQError):
        log_in(place)
    assert len(place.service.faults.requests) == 2
    place.service.faults.clear()


def test_a_page_in_place_of_a_confirmation_confirms_nothing(place: Place) -> None:
    job = place.backend.run(circuit())
    portal = WAYS["captive portal"]
    place.service.faults.script(
        [{"operation": name, **portal} for name in ("putStoredObject", "replaceJobTags")]
    )
    if place.dialect == "classic":
        with pytest.raises(IBMQError, match="putStoredObject is an HTML page"):
            place.backend.run(circuit(), job_tags=["unsent"])
        assert place.jobs_with("unsent") == {}
    else:
        with pytest.raises(IBMQError, match="replaceJobTags is an HTML page"):
            job.update_tags(["new"])
        assert place.jobs_with("new") == {}
    place.service.faults.clear()
