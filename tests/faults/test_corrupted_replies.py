"""A documented program survives a corrupted reply to each of its operations.

By default one kind of corruption is tried for each operation, and each kind for all operations in
one run; with ``IBMQ_BACKEND_FAULT_SCHEDULES=1`` each kind for each operation. ``pytest -s``
prints how many scenarios the program survives.
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
from tests.faults.faulty_target import (
    DEVICE,
    DIALECTS,
    PATIENT,
    FaultyTarget,
    circuit,
    faulty_target,
)
from tests.faults.schedules import SCHEDULES

LOG_IN_PAGE = "<html><head><title>Please log in</title></head></html>"
PLAIN = {"Content-Type": "text/plain"}
CORRUPTIONS: dict[str, dict[str, Any]] = {
    "HTML page": {"kind": "html", "status": 200, "handled": True},
    "empty body": {"kind": "wrong_json", "body": "", "handled": True},
    "captive portal": {"kind": "html", "status": 200, "body": LOG_IN_PAGE},
    "HTML page labelled as JSON": {"kind": "wrong_json", "body": LOG_IN_PAGE, "handled": True},
    "blank body": {"kind": "wrong_json", "body": " \r\n", "handled": True},
    "half an object": {"kind": "wrong_json", "body": '{"id": "x", "re', "handled": True},
    "half a list": {"kind": "wrong_json", "body": '[{"id": 7}, ', "handled": True},
    "text": {"kind": "wrong_json", "body": "Try again.", "headers": PLAIN, "handled": True},
    "truncated": {"kind": "truncate"},
    "headers without body": {"kind": "truncate", "after_bytes": 0},
    "error page": {"kind": "html", "status": 502, "handled": True},
}
FRAME_CORRUPTIONS: dict[str, dict[str, Any]] = {
    "HTML page": {"kind": "html", "status": 200},
    "empty body": {"kind": "wrong_json", "body": ""},
    "half an object": {"kind": "wrong_json", "body": '{"type": "job-st'},
    "truncated": {"kind": "truncate"},
    "error page": {"kind": "html", "status": 502},
}
"""The kinds that apply to the status stream, whose replies are frames."""

EACH = list(CORRUPTIONS) if SCHEDULES else ["HTML page"]
OPERATIONS = {"classic": 25, "platform": 15}
UNLIMITED = "premium-instance"  # an instance without a limit of jobs a minute
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module", params=DIALECTS)
def target(request: pytest.FixtureRequest) -> Iterator[FaultyTarget]:
    with faulty_target(request.param) as target:
        yield target


def log_in(target: FaultyTarget) -> tuple[Any, AccountProvider]:
    """Log in with a token and a URL."""
    service, dialect = target.service, target.dialect
    kind: Any = ClassicServiceClient
    arguments: tuple[Any, ...] = (service.url, service.api_token)
    if dialect == "platform":
        kind, arguments = PlatformServiceClient, (service.platform_url, service.api_key, UNLIMITED)
    account = kind(*arguments, settings=PATIENT, sleep=target.slept.append)
    try:
        instance = account.instances()[0].id
    except BaseException:
        account.close()
        raise
    credentials = Credentials(arguments[1], arguments[0], instance=instance.crn)
    return account, AccountProvider(credentials, account.open(instance))


def program(target: FaultyTarget, tag: str) -> dict[str, Any]:
    """Run a documented program and return the values that it read."""
    account, provider = log_in(target)
    try:
        backend = provider.get_backend(DEVICE[target.dialect])
        configuration, properties = backend.configuration(), backend.properties()
        values: dict[str, Any] = {
            "status": backend.status().operational,
            "qubits": configuration.n_qubits,
            "gates": len(properties.gates),
            "pulses": backend.defaults() is None,
        }
        if target.dialect == "classic":
            values["limit"] = backend.job_limit().maximum_jobs
            values["reserved"] = [backend.reservations(), provider.backends.my_reservations()]
        target.engine.hold()
        job = backend.run(circuit(), job_tags=[tag], job_name="first")
        values["ended at once"] = job.status() in JOB_FINAL_STATES
        target.engine.release()
        values["counts"] = job.result(timeout=60).get_counts()
        again = backend.retrieve_job(job.job_id())
        values["again"] = (again.status().name, again.result(timeout=60).get_counts())
        values["circuits"] = [each.name for each in again.circuits()]
        values["then"] = again.properties() is not None
        values["renamed"] = again.update_name("second")
        again.update_tags(additional_tags=["more"])
        values["found"] = [each.name() for each in backend.jobs(job_tags=[tag], limit=5)]
        listed = provider.backends.job_ids(job_tags=[tag], limit=5)
        values["listed"] = [each["id"] for each in listed] == [job.job_id()]
        target.engine.hold()
        values["cancelled"] = backend.run(circuit(), job_tags=[tag]).cancel()
    finally:
        target.engine.release()
        account.close()
    return values


@dataclass
class Outcome:
    """The outcome of the program.

    Attributes:
        values: what it read.
        jobs: the status of each of its jobs on the server.
        asked: operations in the order of their first call; not compared.
    """

    values: dict[str, Any]
    jobs: list[str]
    asked: list[str] = field(compare=False)


def run_with_faults(target: FaultyTarget, *script: dict[str, Any]) -> Outcome:
    """Run the program under a script."""
    tag = f"corrupted-{next(NUMBERS)}"
    target.service.faults.script(script)
    try:
        values = program(target, tag)
    finally:
        asked = dict.fromkeys(request.operation for request in target.service.faults.requests)
        target.service.faults.clear()
    return Outcome(values, sorted(target.jobs_with(tag).values()), list(asked))


@pytest.fixture(scope="module")
def healthy(target: FaultyTarget) -> Outcome:
    """Return the outcome without faults."""
    outcome = run_with_faults(target)
    assert len(outcome.asked) == OPERATIONS[target.dialect], outcome.asked
    assert outcome.jobs == ["CANCELLED", "COMPLETED"]
    return outcome


def corrupt(operation: str, corruption: str) -> dict[str, Any] | None:
    """Return a fault for an operation, ``None`` if this kind does not apply to it."""
    if operation == "jobStatusStream":
        fault = FRAME_CORRUPTIONS.get(corruption)
    elif (operation, corruption) in (("createJob", "captive portal"), ("getJobResults", "text")):
        fault = None  # tested separately below
    else:
        fault = CORRUPTIONS[corruption]
    return fault and {"operation": operation, "calls": 1, **fault}


@pytest.mark.parametrize("corruption", EACH)
def test_the_program_survives_one_corrupted_reply(
    target: FaultyTarget, healthy: Outcome, corruption: str
) -> None:
    failed: dict[str, object] = {}
    faults = [fault for name in healthy.asked if (fault := corrupt(name, corruption))]
    for fault in faults:
        try:
            outcome: object = run_with_faults(target, fault)
        except IBMQError as error:
            outcome = error
        if outcome != healthy:
            failed[fault["operation"]] = outcome
    print(
        f"\n{target.dialect}, {corruption}: {len(faults) - len(failed)} of {len(faults)} survived"
    )
    assert failed == {}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_the_program_survives_a_corrupted_reply_to_every_operation(
    target: FaultyTarget, healthy: Outcome, corruption: str
) -> None:
    faults = [fault for name in healthy.asked if (fault := corrupt(name, corruption))]
    assert run_with_faults(target, *faults) == healthy


def test_a_submission_answered_with_an_html_page_is_not_repeated(target: FaultyTarget) -> None:
    target.service.faults.script(
        [{"operation": "createJob", "calls": 1, **CORRUPTIONS["captive portal"]}]
    )
    with pytest.raises(IBMQJobSubmissionUncertain):
        target.backend.run(circuit(), job_tags=["captive"])
    asked = [request.operation for request in target.service.faults.requests]
    target.service.faults.clear()
    assert asked.count("createJob") == 1
    assert target.jobs_with("captive") == {}


@pytest.mark.parametrize("corruption", ["HTML page", "empty body", "half an object"])
def test_replies_that_stay_corrupted_raise_an_error(target: FaultyTarget, corruption: str) -> None:
    target.service.faults.script([{"operation": "getBackendStatus", **CORRUPTIONS[corruption]}])
    with pytest.raises(IBMQBackendApiProtocolError):
        target.backend.status()
    assert len(target.service.faults.requests) == 6
    target.service.faults.clear()


def test_login_through_a_captive_portal_fails_soon(target: FaultyTarget) -> None:
    target.service.faults.script([{"operation": "*", **CORRUPTIONS["captive portal"]}])
    with pytest.raises(IBMQError):
        log_in(target)
    assert len(target.service.faults.requests) == 2
    target.service.faults.clear()


def test_an_html_page_is_not_a_confirmation(target: FaultyTarget) -> None:
    job = target.backend.run(circuit())
    portal = CORRUPTIONS["captive portal"]
    target.service.faults.script(
        [{"operation": name, **portal} for name in ("putStoredObject", "replaceJobTags")]
    )
    if target.dialect == "classic":
        with pytest.raises(IBMQError, match="putStoredObject is an HTML page"):
            target.backend.run(circuit(), job_tags=["unsent"])
        assert target.jobs_with("unsent") == {}
    else:
        with pytest.raises(IBMQError, match="replaceJobTags is an HTML page"):
            job.update_tags(["new"])
        assert target.jobs_with("new") == {}
    target.service.faults.clear()
