"""Device time: what is left, what a job may take, and how seldom the service is asked."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from qiskit import QuantumCircuit, transpile

from ibmq_backend import IBMQ, IBMQJobManager
from ibmq_backend.api.sampler import budget as budget_module
from ibmq_backend.api.sampler.budget import READ_AGAIN_SECONDS, Budget
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import (
    OPEN_PLAN,
    PREMIUM_PLAN,
    ServiceInstance,
)
from ibmq_backend.emulator.service_state import DeviceState, Settings
from ibmq_backend.exceptions import ApiNotSupported, IBMQBackendApiError

DEVICE = "ibm_perth"
FREE = replace(OPEN_PLAN, creations_per_minute=None, pending_jobs=None)
INSTANCES = {
    each.name: each
    for each in (
        ServiceInstance("open", FREE),
        ServiceInstance("promoted", replace(FREE, usage_seconds=10_800)),
        ServiceInstance("spent", replace(FREE, usage_seconds=0)),
        ServiceInstance("paid", PREMIUM_PLAN),
        ServiceInstance("capped", PREMIUM_PLAN, usage_limit_seconds=5),
    )
}


def flip():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


@pytest.fixture(scope="module")
def service(engine):
    settings = Settings(seed=4)
    with LocalService(
        settings=settings, instances=tuple(INSTANCES.values()), engine=engine, faults=[]
    ) as running:
        yield running


@pytest.fixture
def enter(service):
    """Log in with an instance, whose plan is known only if it is given by its name."""

    def log_in(name, *, by="crn"):
        instance = INSTANCES[name].crn if by == "crn" else name
        return IBMQ.enable_account(service.api_key, service.platform_url, instance=instance)

    return log_in


@pytest.fixture
def held(service):
    """Keep the jobs of the device in the queue."""
    service.service_state.set_device_state(DEVICE, DeviceState(status="internal"))
    yield
    service.service_state.set_device_state(DEVICE, DeviceState())


@pytest.fixture
def unreadable_usage(service):
    service.faults.script([{"operation": "getUsage", "kind": "status", "status": 403}])
    yield
    service.faults.clear()


def lines(caplog):
    return [each.getMessage() for each in caplog.records if each.name == budget_module.__name__]


# -- the longest time of a job ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "by", "circuits", "shots", "cost"),
    [
        ("open", "crn", 1, 1, 65),
        ("open", "name", 1, 1, 65),
        ("open", "crn", 1, 20_000, 75),
        ("open", "crn", 40, 100_000, 600),
        ("promoted", "name", 1, 1, 65),
        ("promoted", "name", 40, 100_000, 600),
        ("promoted", "crn", 1, 1, None),
        ("paid", "crn", 1, 1, None),
        ("paid", "name", 1, 1, None),
        ("capped", "name", 1, 1, None),
    ],
)
@pytest.mark.filterwarnings("ignore:The instance .* device time left:UserWarning")
def test_a_job_of_an_open_plan_has_a_longest_time(enter, held, name, by, circuits, shots, cost):
    backend = enter(name, by=by).get_backend(DEVICE)
    job = backend.run([flip()] * circuits, shots=shots)
    assert getattr(job, "cost_", None) == cost
    plan = INSTANCES[name].plan.max_execution_seconds
    assert backend.retrieve_job(job.job_id()).cost_ == (cost or plan)
    job.cancel()


def test_the_longest_time_is_chosen_by_the_user(enter, held):
    backend = enter("open").get_backend(DEVICE)
    job = backend.run(flip(), max_execution_time=7)
    assert backend.retrieve_job(job.job_id()).cost_ == 7


def test_each_job_states_its_longest_time_and_the_session_once(enter, held, caplog):
    caplog.set_level(logging.INFO, "ibmq_backend")
    backend = enter("open").get_backend(DEVICE)
    backend.run(flip(), shots=1)
    backend.run(flip(), shots=1, max_execution_time=7)
    backend.run(flip(), shots=1)
    times = ("65 s", "7 s", "65 s")
    assert lines(caplog) == [
        f"The job may take {each} on the device; estimated: 2.0 s." for each in times
    ]
    notices = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert notices == [
        "On the open plan, run() limits the time of each job on the device, now to 65 s; "
        "run(..., max_execution_time=SECONDS) chooses it."
    ]


# -- what is left ----------------------------------------------------------------------------------


def test_the_usage_of_a_provider(enter):
    provider = enter("open")
    before = provider.usage()
    assert before.limit_seconds == 600
    provider.get_backend(DEVICE).run(flip(), shots=100).result()
    after = provider.usage()
    assert after.consumed_seconds > before.consumed_seconds
    assert after.remaining_seconds == 600 - after.consumed_seconds
    assert after.end - after.start == timedelta(days=28)
    assert after.end.utcoffset() == datetime.now(UTC).astimezone().utcoffset()
    assert not after.limit_reached


def test_a_paid_instance_has_no_limit(enter):
    usage = enter("paid").usage()
    assert (usage.limit_seconds, usage.remaining_seconds) == (None, None)


def test_elsewhere_device_time_is_not_counted(provider):
    with pytest.raises(ApiNotSupported, match="does not count time on devices"):
        provider.usage()


def test_a_job_that_may_need_more_than_is_left_is_announced(enter, held, caplog):
    caplog.set_level(logging.INFO, "ibmq_backend")
    backend = enter("capped").get_backend(DEVICE)
    text = r"'.*' has 5 s of device time left, and this job may need 28 s"
    with pytest.warns(UserWarning, match=text) as warned:
        backend.run(flip(), shots=100_000)
    assert [each.filename for each in warned] == [__file__]
    backend.run(flip(), shots=100_000)  # not announced again
    assert sum("this job may need" in each for each in lines(caplog)) == 2
    backend.run(flip(), shots=100_000, max_execution_time=4)  # cannot need more than is left


def test_a_used_up_instance_is_announced_before_the_service_refuses(enter):
    backend = enter("spent").get_backend(DEVICE)
    with (
        pytest.warns(UserWarning, match="has 0 s of device time left"),
        pytest.raises(IBMQBackendApiError, match="4317"),
    ):
        backend.run(flip())


def test_usage_that_cannot_be_read_stops_no_job(enter, held, unreadable_usage, caplog, asked):
    caplog.set_level(logging.INFO, "ibmq_backend")
    for by, cost in (("crn", None), ("name", 65)):
        backend = enter("open", by=by).get_backend(DEVICE)
        jobs = [backend.run(flip(), shots=1) for _ in range(2)]
        assert [getattr(job, "cost_", None) for job in jobs] == [cost, cost]
        IBMQ.disable_account()
    assert sum("usage of the instance is not known" in each for each in lines(caplog)) == 2
    assert asked.count("getUsage") == 2


# -- how often the service is asked ----------------------------------------------------------------


def test_usage_is_read_again_when_it_is_old_or_not_enough(enter, asked):
    now = [0.0]
    client = enter("open")._api_client

    def read():
        usage = client.usage()
        budget.remember(usage)
        return usage

    budget = Budget(client.instance, read, clock=lambda: now[0])
    reads = []

    def submit(seconds):
        budget.plan(None, seconds)
        reads.append(asked.count("getUsage"))

    for seconds in (100, 100, 100, 100):
        submit(seconds)
    assert reads == [1, 1, 1, 1]
    submit(300)  # 200 s are left by our own estimates, but nothing has run
    submit(10)
    assert reads[4:] == [2, 2]
    now[0] = READ_AGAIN_SECONDS + 1
    submit(10)
    submit(10)
    assert reads[6:] == [3, 3]


def test_reading_the_usage_counts_for_the_next_job(enter, held, asked):
    provider = enter("open")
    provider.usage()
    provider.get_backend(DEVICE).run(flip())
    assert asked.count("getUsage") == 1


def test_the_jobs_of_a_job_manager_read_it_once(enter, held, asked):
    backend = enter("open").get_backend(DEVICE)
    jobs = IBMQJobManager().run([flip()] * 3, backend, max_experiments_per_job=1, shots=1)
    assert [job.cost_ for job in jobs.jobs()] == [65, 65, 65]
    assert asked.count("getUsage") == 1


def test_requests_from_the_account_to_the_counts(enter, asked):
    backend = enter("open").get_backend(DEVICE)
    expected = {
        "exchangeToken": 1,
        "listBackends": 1,
        "getBackendConfiguration": 1,
        "getBackendProperties": 1,
        "getUsage": 1,
        "createJob": 1,
        "getJobMetrics": 1,
        "getJobResults": 1,
    }
    for _ in range(2):
        backend.run(transpile(flip(), backend), shots=10).result()
        assert {name: n for name, n in Counter(asked).items() if name != "getJob"} == expected
        asked.clear()
        expected = {"createJob": 1, "getJobMetrics": 1, "getJobResults": 1}
