"""Errors of the platform for invalid input: IBM's code and text, the trace id, a hint.

Every case counts its requests: the first request that can reveal the mistake is refused, and no
request follows.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import httpx
import pytest
from qiskit import QuantumCircuit
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend import IBMQ
from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import (
    ACCOUNT_ID,
    OPEN_PLAN,
    PAYGO_PLAN,
    PREMIUM_PLAN,
    ServiceInstance,
)
from ibmq_backend.emulator.service_state import DeviceState, Settings
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiForbidden,
    ApiNotFound,
    ApiStatusError,
    IBMQAccountError,
    IBMQAccountValueError,
    IBMQBackendApiError,
    IBMQBackendError,
    IBMQBackendJobLimitError,
    IBMQBackendValueError,
    IBMQJobApiError,
    IBMQJobFailureError,
    find_api_error,
)

ADA, BOB, EVE = "A" * 44, "B" * 44, "E" * 44
DEVICE = "ibm_sherbrooke"
UNLIMITED = replace(OPEN_PLAN, creations_per_minute=None)
INSTANCES = {
    each.name: each
    for each in (
        ServiceInstance("main", PREMIUM_PLAN, users=("ada", "bob")),
        ServiceInstance("frankfurt", PAYGO_PLAN, "eu-de", users=("ada",)),
        ServiceInstance("bobs", PREMIUM_PLAN, users=("bob",)),
        ServiceInstance("few", replace(UNLIMITED, pending_jobs=1), users=("ada",)),
        ServiceInstance("spent", replace(UNLIMITED, usage_seconds=0), users=("ada",)),
        ServiceInstance("capped", PREMIUM_PLAN, users=("ada",), usage_limit_seconds=0),
        ServiceInstance("small", PREMIUM_PLAN, users=("ada",), devices=("ibm_perth",)),
        ServiceInstance("open", replace(OPEN_PLAN, usage_seconds=None), users=("ada",)),
    )
}
CRN = {name: each.crn for name, each in INSTANCES.items()}
USERS = [User("ada", ADA), User("bob", BOB), User("eve", EVE)]


@pytest.fixture(scope="module")
def service(engine):
    with LocalService(
        settings=Settings(seed=5, open_mode=False),
        instances=tuple(INSTANCES.values()),
        users=USERS,
        engine=engine,
    ) as running:
        yield running


@pytest.fixture
def enter(service):
    """Log in with an instance."""

    def log_in(instance, key=ADA):
        return IBMQ.enable_account(key, service.platform_url, instance=instance)

    return log_in


@pytest.fixture
def held(service):
    service.service_state.set_device_state(DEVICE, DeviceState(status="internal"))
    yield
    service.service_state.set_device_state(DEVICE, DeviceState())


def flip(width=1, name="flip"):
    circuit = QuantumCircuit(width, 1, name=name)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def root(error):
    return error if getattr(error, "code", None) else find_api_error(error) or error


def check(caught, code, *texts):
    """Check that the message contains code, trace id and the texts, but no secret."""
    message, cause = str(caught.value), root(caught.value)
    if code is not None:
        assert cause.code == code
        assert str(code) in message
    assert cause.trace_id
    assert cause.trace_id in message
    for text in texts:
        assert text in message
    for secret in (ADA, BOB, EVE, ACCOUNT_ID):
        assert secret not in message


# -- accounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("instance", [CRN["main"], "main", None])
def test_a_wrong_key(service, asked, instance):
    more = {"channel": "ibm_quantum_platform"} if instance is None else {"instance": instance}
    with pytest.raises(ApiAuthError) as caught:
        IBMQ.enable_account("x" * 44, service.platform_url, **more)
    check(caught, "BXNIM0415E", "API key could not be found", "iam/apikeys", "save_account")
    assert asked == ["exchangeToken"]
    assert IBMQ.active_account() is None


@pytest.mark.parametrize(
    "crn",
    [
        "crn:v1:nonsense",
        CRN["main"].replace("quantum-computing", "cloud-object-storage"),
        CRN["main"].removesuffix("::"),
    ],
)
def test_a_crn_of_another_service_is_not_sent(enter, asked, crn):
    with pytest.raises(IBMQAccountValueError, match="quantum.cloud.ibm.com/instances"):
        enter(crn)
    assert asked == []


@pytest.mark.parametrize(
    ("crn", "error", "code", "text"),
    [
        (CRN["main"][:-8] + "000000::", ApiNotFound, 1279, "does not exist in this region"),
        (CRN["main"].replace("us-east", "eu-de"), ApiNotFound, 1279, "in this region"),
        (CRN["frankfurt"].replace("eu-de", "us-east"), ApiNotFound, 1279, "its region is right"),
        (CRN["main"].replace("us-east", "jp-tok"), ApiNotFound, 1279, "its region is right"),
        (CRN["bobs"], ApiForbidden, None, "does not allow this"),
        (CRN["main"].replace(ACCOUNT_ID, "f" * 32), ApiForbidden, None, "does not allow this"),
    ],
    ids=["unknown", "elsewhere", "not here", "no region", "somebody else's", "another account's"],
)
def test_a_crn_of_another_account(enter, asked, crn, error, code, text):
    provider = enter(crn)
    asked.clear()
    with pytest.raises(error) as caught:
        provider.get_backend(DEVICE)
    check(caught, code, text)
    assert asked == ["listBackends"]


def test_no_instance_at_all(enter, asked):
    with pytest.raises(IBMQAccountError, match=r"no instance.*Create one at https"):
        enter("anything", EVE)
    assert asked == ["exchangeToken", "searchInstances"]


def test_no_instance_of_this_name(enter, asked):
    with pytest.raises(IBMQAccountError, match=r"'mine'\. It has: .*'main' \(plan premium"):
        enter("mine")
    assert asked.count("searchInstances") == 1


# -- plans and limits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [("spent", 4317, "IBMQ.providers()"), ("capped", None, "Raise the limit")],
)
def test_a_plan_that_is_used_up(enter, asked, name, code, text):
    backend = enter(CRN[name]).get_backend(DEVICE)
    asked.clear()
    with (
        pytest.warns(UserWarning, match="has 0 s of device time left"),
        pytest.raises(IBMQBackendApiError) as caught,
    ):
        backend.run(flip())
    check(caught, code, text, "usage")
    assert asked == ["getUsage", "createJob"]


def test_too_many_unfinished_jobs(enter, asked, held):
    backend = enter(CRN["few"]).get_backend(DEVICE)
    first = backend.run(flip(), shots=1)
    asked.clear()
    with pytest.raises(IBMQBackendJobLimitError) as caught:
        backend.run(flip(), shots=1)
    check(caught, 3458, "backend.active_jobs()")
    assert asked == ["createJob"]
    assert first.cancel()


def test_a_sixth_job_within_a_minute_waits(monkeypatch, engine):
    """A refused submission is repeated after a pause; each job is created once."""
    clock, here, sleep = ManualClock(), threading.get_ident(), time.sleep
    slept = []

    def sleeping(seconds):
        if threading.get_ident() != here:
            sleep(seconds)
        else:
            slept.append(seconds)
            clock.advance(seconds)

    instance = ServiceInstance("open", replace(OPEN_PLAN, pending_jobs=None))
    with LocalService(clock=clock, instances=[instance], engine=engine) as service:
        monkeypatch.setattr(time, "sleep", sleeping)
        provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=instance.crn)
        backend = provider.get_backend("ibm_perth")
        jobs = [backend.run(flip(), shots=1) for _ in range(6)]
        assert 50 < sum(slept) < 130
        assert len({job.job_id() for job in jobs}) == 6
        assert len(provider.backend.jobs(limit=None)) == 6
        IBMQ.disable_account()
        monkeypatch.undo()


# -- devices and circuits -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instance", "name", "text"),
    [
        ("main", "ibm_sherbroke", "Nearest: ibm_sherbrooke"),
        ("small", DEVICE, r"has it: IBMQ\.get_provider\(instance='\w+'\)"),
    ],
)
def test_an_unknown_device(enter, asked, instance, name, text):
    provider = enter(CRN[instance])
    asked.clear()
    with pytest.raises(QiskitBackendNotFoundError, match=text):
        provider.get_backend(name)
    assert set(asked) == {"listBackends", "searchInstances", "getCatalogEntry"}


def circuit_of(name, qubits, *places, width=3):
    circuit = QuantumCircuit(width, 1, name="mine")
    circuit.x(0)
    getattr(circuit, name)(*places)
    return circuit


@pytest.mark.parametrize(
    ("circuits", "options", "texts"),
    [
        (circuit_of("h", 3, 1), {}, ["Circuit 0 ('mine'), instruction 1: 'h' on qubit 1"]),
        (circuit_of("ecr", 3, 0, 2), {}, ["'ecr' on qubits [0, 2]", "nearby it has", "transpile"]),
        (circuit_of("ecr", 3, 0, 1), {}, ["only on [1, 0]"]),
        ([flip(), circuit_of("cx", 3, 0, 1)], {}, ["Circuit 1 ('mine')", "'cx' on qubits [0, 1]"]),
        (flip(128), {}, ["Circuit 0 ('flip') has 128 qubits", "has 127"]),
        (flip(), {"shots": 100_001}, ["100001 shots", "1 to 100000"]),
        (flip(), {"shots": 0}, ["0 shots"]),
        ([flip()] * 101, {"shots": 100_000}, ["10100000 executions", "at most 10000000"]),
        ("OPENQASM 2.0;\nqreg q[1];", {}, ["'str' cannot be run", "from_qasm_str"]),
        (["OPENQASM 3.0;\nx $0;"], {}, ["Item 0", "qasm3.loads"]),
    ],
    ids=[
        *("instruction", "pair", "direction", "second circuit", "width", "shots", "no shots"),
        *("executions", "OpenQASM 2 text", "OpenQASM 3 text"),
    ],
)
def test_invalid_jobs_are_not_sent(enter, asked, circuits, options, texts):
    backend = enter(CRN["main"]).get_backend(DEVICE)
    asked.clear()
    with pytest.raises(IBMQBackendValueError) as caught:
        backend.run(circuits, **options)
    for text in texts:
        assert text in str(caught.value)
    assert asked == []


# -- jobs -----------------------------------------------------------------------------------------


def post(service, program, params, **more):
    """Create a job like another client and return its id."""
    token = httpx.post(
        f"{service.url}/identity/token",
        data={"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": ADA},
    ).json()["access_token"]
    reply = httpx.post(
        f"{service.platform_url}/v1/jobs",
        headers={"Authorization": f"Bearer {token}", "Service-CRN": CRN["main"]},
        json={"program_id": program, "backend": DEVICE, "params": params, **more},
    )
    return reply.json()["id"]


def sampler_params(text):
    return {"version": 2, "support_qiskit": False, "pubs": [[text, None, 10]]}


FLIP_3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[1] c;\nx $0;\nc[0] = measure $0;\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [("OPENQASM 2.0;\nqreg q[1];", 1506), (FLIP_3.replace("x $0", "h $0"), 1517)],
    ids=["OpenQASM 2", "not ISA"],
)
def test_accepted_jobs_that_fail_later(service, enter, asked, text, code):
    """Jobs of another client are accepted and fail later."""
    job_id = post(service, "sampler", sampler_params(text))
    job = enter(CRN["main"]).get_backend(DEVICE).retrieve_job(job_id)
    job.wait_for_final_state(timeout=120)
    asked.clear()
    with pytest.raises(IBMQJobFailureError) as caught:
        job.result()
    assert asked == ["getJob", "getJobMetrics"]  # the reason
    assert f"Error code: {code}" in str(caught.value)
    assert str(code) in job.error_message()
    assert str(code) in job.logs()


def test_an_unfinished_job_is_not_deleted(enter, asked, held):
    backend = enter(CRN["main"]).get_backend(DEVICE)
    job = backend.run(flip())
    jobs = backend.provider().backend
    asked.clear()
    with pytest.raises(IBMQBackendError, match=rf"{job.job_id()} has not ended.*cancel\(\)"):
        jobs.delete_job(job.job_id())
    assert asked == ["getJob"]
    job.cancel()
    jobs.delete_job(job.job_id())
    with pytest.raises(IBMQBackendApiError, match="1291"):
        jobs.delete_job(job.job_id())
    with pytest.raises(IBMQJobApiError, match="1291"):
        job.logs()


def test_a_deleted_job(enter, asked):
    provider = enter(CRN["main"])
    backend = provider.get_backend(DEVICE)
    job = backend.run(flip(), shots=5)
    job.wait_for_final_state(timeout=120)
    job._api_client.delete(job.job_id())
    for call, operation in (
        (lambda: backend.retrieve_job(job.job_id()), "getJob"),
        (job.result, "getJobResults"),
        (lambda: job.update_tags(additional_tags=["late"]), "getJob"),
    ):
        asked.clear()
        with pytest.raises((IBMQBackendApiError, IBMQJobApiError)) as caught:
            call()
        check(caught, 1291, "Check the id", "IBMQ.providers()")
        assert asked == [operation]


def test_a_job_of_another_device_or_instance(enter, asked):
    provider = enter(CRN["main"])
    job = provider.get_backend(DEVICE).run(flip(), shots=5)
    other = provider.get_backend("ibm_perth")
    asked.clear()
    with pytest.raises(IBMQBackendError, match=f"was submitted to {DEVICE}"):
        other.retrieve_job(job.job_id())
    assert asked[0] == "getJob"
    assert "createJob" not in asked


def test_a_private_job_returns_its_result_once(service, enter, asked):
    job_id = post(service, "sampler", sampler_params(FLIP_3), private=True)
    backend = enter(CRN["main"]).get_backend(DEVICE)
    assert sum(backend.retrieve_job(job_id).result(timeout=120).get_counts().values()) == 10
    job = backend.retrieve_job(job_id)
    job.wait_for_final_state(timeout=120)
    asked.clear()
    with pytest.raises(IBMQJobApiError) as caught:
        job.result()
    check(caught, None, "private job can be read only once")
    assert asked[-1] == "getJobResults"
    assert asked.count("getJobResults") == 1
    asked.clear()
    with pytest.raises(IBMQJobApiError, match="it never does for private jobs"):
        job.circuits()
    assert asked == ["getJob"]


def test_results_requested_too_early(enter, asked, held):
    backend = enter(CRN["main"]).get_backend(DEVICE)
    job = backend.run(flip(), shots=5)
    asked.clear()
    with pytest.raises(ApiStatusError) as caught:
        job._api_client.job_result(job.job_id())
    check(caught, 1234, "job.wait_for_final_state()")
    assert asked == ["getJobResults"]
    assert job.cancel()
