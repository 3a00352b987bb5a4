"""Exact numbers of requests and of parses, equal for few and many devices and projects."""

from __future__ import annotations

import functools
import inspect
import io
from collections import Counter

import pytest
import websockets.sync.client
from qiskit import transpile

from ibmq_backend import (
    IBMQ,
    AccountProvider,
    IBMQBackend,
    IBMQBackendService,
    IBMQFactory,
    IBMQJob,
    job_monitor,
    least_busy,
)
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.exceptions import IBMQJobTimeoutError
from scripts._drift.wire import WireLines
from tests.support.counted_requests import CountedRequests
from tests.support.descriptions import ROOT
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices, make_service, placed_bell

FIVE = ("ibmq_vigo", "ibmq_ourense", "ibmq_16_melbourne", "ibmq_armonk", "ibmq_qasm_simulator")

LOGIN = {"loginWithToken": 1, "getCurrentUser": 1, "listHubs": 1}
SUBMISSION = {"createJob": 1, "putStoredObject": 1, "markJobDataUploaded": 1}
DOWNLOAD = {"getResultDownloadUrl": 1, "getStoredObject": 1, "markResultDownloaded": 1}
INPUT = {"getJobDownloadUrl": 1, "getStoredObject": 1}
WAIT = {"jobStatusStream": 1}
RESULT = dict(Counter(WAIT) + Counter(DOWNLOAD))
LEAST = dict.fromkeys(
    (
        *("loginWithToken", "getCurrentUser", "listHubs", "listBackends"),
        *("createJob", "putStoredObject", "markJobDataUploaded"),
        *("jobStatusStream", "getResultDownloadUrl", "getStoredObject"),
    ),
    1,
)
"""What the protocol needs from the login to the result of a job."""

COPIES_OF_A_JOB, COPIES_OF_A_CIRCUIT = 5, 3


def together(*parts):
    return dict(sum((Counter(part) for part in parts), Counter()))


class CountedClient:
    """A client of a service that counts its requests."""

    def __init__(self, service, engine, requests):
        self.service = service
        self.engine = engine
        self.requests = requests
        self.devices = len(service.service_state.catalog)
        self.qubits_5 = sum(
            device.num_qubits == 5 and not device.simulator
            for device in service.service_state.catalog
        )

    def log_in(self):
        return IBMQ.enable_account(self.service.api_token, self.service.url)

    def backend(self):
        return self.log_in().get_backend("ibmq_vigo")

    def finished(self, **options):
        job = self.backend().run(placed_bell(), **options)
        job.wait_for_final_state()
        return job

    def waiting(self):
        """A job that runs until the engine is released."""
        self.engine.hold()
        tasks = len(self.engine.tasks)
        job = self.backend().run(placed_bell())
        self.engine.wait_for_tasks(tasks + 1)
        return job

    def cost(self, call, copies=0):
        """Return the requests of one call, by operation.

        Each JSON document of a reply is parsed once, and nothing else but ``copies``: the parts of
        a submission that are turned into plain JSON values.
        """
        self.requests.take()
        documents, parses = self.requests.documents, self.requests.parses
        call()
        documents = self.requests.documents - documents
        assert self.requests.parses - parses == documents + copies
        return self.requests.take()


@pytest.fixture(scope="module", params=["few", "many"])
def running(request):
    """Five devices in one project, or all devices in nine projects."""
    engine = FakeEngine()
    if request.param == "few":
        catalog, projects = FewDevices(FIVE), []
    else:
        catalog = Catalog()
        projects = [Project(Instance("uni", "physics", f"p{n}")) for n in range(8)]
        assert len(catalog) > 50
    with make_service(catalog, engine, projects=projects) as service:
        yield service, engine


@pytest.fixture
def place(running, monkeypatch):
    service, engine = running
    yield CountedClient(service, engine, CountedRequests(monkeypatch))
    engine.release()


class CallsOfDocumentedMethods:
    """Checks that a documented method sends only what the ``Wire:`` line of its docstring names."""

    CLASSES = (AccountProvider, IBMQBackend, IBMQBackendService, IBMQFactory, IBMQJob)

    def __init__(self, monkeypatch, requests, sent):
        self._sent = sent
        self._requests = requests
        self._outermost = ""
        for cls in self.CLASSES:
            for name, value in vars(cls).items():
                if name.startswith("_"):
                    continue
                if inspect.isfunction(value):
                    monkeypatch.setattr(cls, name, self._checked(f"{cls.__name__}.{name}", value))
                elif isinstance(value, property):
                    read = self._checked(f"{cls.__name__}.{name}", value.fget)
                    monkeypatch.setattr(cls, name, property(read, value.fset, value.fdel))

    def _checked(self, name, function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            if self._outermost:
                return function(*args, **kwargs)
            self._outermost = name
            before = Counter(self._requests.seen)
            try:
                return function(*args, **kwargs)
            finally:
                self._outermost = ""
                sent = set(self._requests.seen - before)
                assert sent <= self._sent.get(name, set()), f"Wire line of {name}"

        return call


@pytest.fixture(scope="module")
def sent_operations():
    """The operations that each documented method sends, by its docstring."""
    return WireLines(ROOT).sent("classic")


@pytest.fixture(autouse=True)
def checked_calls(place, monkeypatch, sent_operations):
    return CallsOfDocumentedMethods(monkeypatch, place.requests, sent_operations)


# -- the documented program ------------------------------------------------------------------


def test_account_device_run_and_result_are_constant(place, monkeypatch):
    monkeypatch.setenv("QE_TOKEN", place.service.api_token)
    monkeypatch.setenv("QE_URL", place.service.url)

    def program():
        provider = IBMQ.load_account()
        backend = provider.get_backend("ibmq_vigo")
        backend.run(placed_bell()).result()

    cost = place.cost(program, COPIES_OF_A_JOB + COPIES_OF_A_CIRCUIT)
    assert cost == together(LOGIN, {"listBackends": 1}, SUBMISSION, RESULT)
    above_the_least = Counter(cost) - Counter(LEAST)
    assert above_the_least == {"markResultDownloaded": 1}
    projects = len(IBMQ.providers())
    print(
        f"\n{place.devices} devices, {projects} projects: {sum(cost.values())} requests, one of "
        f"them a stream: {cost}"
    )


def test_transpiling_for_a_device_sends_each_request_once(place):
    backend = place.backend()
    transpile(placed_bell(), basis_gates=["u3", "cx"])  # the first one reads Qiskit's plugins
    cost = place.cost(lambda: [transpile(placed_bell(), backend) for _ in range(3)])
    assert cost == {"getBackendProperties": 1, "getBackendDefaults": 1}


def test_logging_in_and_choosing_a_provider(place):
    assert place.cost(place.log_in) == LOGIN
    assert place.cost(lambda: IBMQ.get_provider(hub="ibm-q")) == {}
    assert place.cost(IBMQ.providers) == {}
    assert place.cost(IBMQ.active_account) == {}
    assert place.cost(IBMQ.disable_account) == {}


# -- backends ----------------------------------------------------------------------------------


def test_choosing_backends_by_configuration(place):
    provider = place.log_in()
    assert place.cost(provider.backends) == {"listBackends": 1}
    for ask in (
        provider.backends,
        lambda: provider.backends("ibmq_vigo"),
        lambda: provider.backends(n_qubits=5, simulator=False),
        lambda: provider.backends(min_num_qubits=2, input_allowed="job"),
        lambda: provider.backends(filters=lambda each: each.configuration().n_qubits > 1),
        lambda: provider.backends(no_such_field=1),
        lambda: provider.get_backend("ibmq_vigo"),
        lambda: provider.backends.ibmq_vigo,
        lambda: provider.backends.ibmq_vigo.configuration(),
    ):
        assert place.cost(ask) == {}


def test_choosing_backends_by_status_requests_only_the_remaining_ones(place):
    provider = place.log_in()
    provider.backends()
    every = place.cost(lambda: provider.backends(operational=True))
    assert every == {"getBackendStatus": place.devices}
    five = place.cost(lambda: provider.backends(operational=True, n_qubits=5, simulator=False))
    assert five == {"getBackendStatus": place.qubits_5}
    one = place.cost(lambda: provider.get_backend("ibmq_vigo", operational=True))
    assert one == {"getBackendStatus": 1}


def test_least_busy_requests_each_status_and_bookings_until_one_is_free(place):
    provider = place.log_in()
    candidates = [provider.get_backend(name) for name in FIVE]
    assert place.cost(lambda: least_busy(candidates)) == {
        "getBackendStatus": 5,
        "listBackendBookings": 1,
    }
    alone = place.cost(lambda: least_busy(candidates, reservation_lookahead=None))
    assert alone == {"getBackendStatus": 5}


def test_facts_of_a_backend(place):
    backend = place.backend()
    assert place.cost(backend.status) == {"getBackendStatus": 1}
    assert place.cost(backend.job_limit) == {"getJobsLimit": 1}
    assert place.cost(backend.remaining_jobs_count) == {"getJobsLimit": 1}
    assert place.cost(backend.reservations) == {"listBackendBookings": 1}
    assert place.cost(backend.provider().backend.my_reservations) == {"listMyBookings": 1}


def test_calibration_and_pulse_defaults_are_kept(place):
    backend = place.backend()
    assert place.cost(backend.properties) == {"getBackendProperties": 1}
    date = backend.properties().last_update_date
    assert place.cost(backend.properties) == {}
    assert place.cost(lambda: backend.properties(datetime=date)) == {"getBackendProperties": 1}
    assert place.cost(lambda: backend.properties(refresh=True)) == {"getBackendProperties": 1}
    assert place.cost(backend.defaults) == {"getBackendDefaults": 1}
    assert backend.defaults() is None
    assert place.cost(backend.defaults) == {}
    armonk = backend.provider().get_backend("ibmq_armonk")
    assert place.cost(armonk.defaults) == {"getBackendDefaults": 1}
    assert place.cost(armonk.defaults) == {}
    simulator = backend.provider().get_backend("ibmq_qasm_simulator")
    assert place.cost(simulator.properties) == {}


# -- jobs --------------------------------------------------------------------------------------


def test_running(place):
    backend = place.backend()
    circuit = placed_bell()
    circuit.id(1)
    for circuits in (1, 3):
        copies = COPIES_OF_A_JOB + circuits * COPIES_OF_A_CIRCUIT
        assert place.cost(lambda n=circuits: backend.run([circuit] * n), copies) == SUBMISSION


def test_the_states_of_many_jobs_are_one_request(place):
    backend = place.backend()
    ids = [backend.run(placed_bell(), job_tags=["many"]).job_id() for _ in range(8)]
    jobs = []
    cost = place.cost(
        lambda: jobs.extend(backend.jobs(limit=8, job_tags=["many"], descending=True))
    )
    assert [job.job_id() for job in jobs] == ids[::-1]
    assert cost == {"listJobStatuses": 1}


def test_listing_requests_pages_and_one_empty_page(place):
    backend = place.backend()
    backend.run(placed_bell(), job_tags=["only one"]).wait_for_final_state()
    one = {"job_tags": ["only one"]}
    provider = backend.provider()
    assert place.cost(lambda: backend.jobs(limit=1, **one)) == {"listJobStatuses": 1}
    assert place.cost(lambda: backend.jobs(limit=9, **one)) == {"listJobStatuses": 2}
    assert place.cost(lambda: provider.backend.jobs(limit=1)) == {"listJobStatuses": 1}
    assert place.cost(lambda: provider.backend.job_ids(limit=1)) == {"listJobs": 1}
    assert place.cost(lambda: backend.jobs(status="CANCELLED", job_tags=["nobody"])) == {
        "listJobStatuses": 1
    }
    assert place.cost(provider.get_backend("ibmq_ourense").active_jobs) == {"listJobStatuses": 1}


def test_retrieving(place):
    job = place.finished()
    backend = job.backend()
    assert place.cost(lambda: backend.retrieve_job(job.job_id())) == {"getJob": 1}
    service = backend.provider().backend
    assert place.cost(lambda: service.retrieve_job(job.job_id())) == {"getJob": 1}


def test_status_until_and_after_the_end(place):
    job = place.waiting()
    assert place.cost(job.status) == {"getJobStatus": 1}
    place.engine.release()
    other = job.backend().retrieve_job(job.job_id())
    other.wait_for_final_state()
    assert place.cost(job.status) == {"getJobStatus": 1}
    for ask in (job.status, job.done, job.running, job.cancelled, job.in_final_state):
        assert place.cost(ask) == {}


def test_queue_information(place):
    job = place.waiting()
    assert place.cost(job.queue_info) == {"getJobStatus": 1}
    assert place.cost(lambda: job.queue_position(refresh=True)) == {"getJobStatus": 1}
    assert place.cost(job.queue_position) == {}
    place.engine.release()
    job.wait_for_final_state()
    assert place.cost(job.queue_info) == {}


def test_results(place):
    job = place.waiting()
    place.engine.release()
    assert place.cost(job.result) == RESULT
    assert place.cost(job.result) == {}
    assert place.cost(lambda: job.result(refresh=True)) == DOWNLOAD
    retrieved = job.backend().retrieve_job(job.job_id())
    assert place.cost(retrieved.result) == DOWNLOAD
    listed = job.backend().jobs(limit=1)[0]
    assert place.cost(listed.result) == DOWNLOAD
    assert place.cost(lambda: listed.result().client_version) == {"getJob": 1}
    assert place.cost(lambda: listed.result().to_dict()) == {}


def test_reasons_of_failures(place):
    place.engine.partial = True
    try:
        job = place.finished()
    finally:
        place.engine.partial = False
    assert place.cost(job.error_message) == together({"getJob": 1}, DOWNLOAD)
    assert place.cost(job.error_message) == {}


def test_what_was_submitted(place):
    job = place.finished()
    for ask in (job.circuits, job.header, job.backend_options, job.qobj):
        assert place.cost(ask) == {}
    again = job.backend().retrieve_job(job.job_id())
    assert place.cost(again.circuits) == INPUT
    for ask in (again.circuits, again.header, again.backend_options, again.qobj):
        assert place.cost(ask) == {}


def test_facts_of_a_job(place):
    job = place.finished(job_name="n", job_tags=["t"])
    for ask in (
        job.job_id,
        job.name,
        job.tags,
        job.creation_date,
        job.share_level,
        job.backend,
    ):
        assert place.cost(ask) == {}
    assert place.cost(job.time_per_step) == {"getJob": 1}
    for ask in (
        job.time_per_step,
        job.scheduling_mode,
        lambda: job.client_version,
        lambda: job.experiment_id,
        lambda: getattr(job, "summary_data_", None),
    ):
        assert place.cost(ask) == {}
    listed = job.backend().jobs(limit=1)[0]
    assert place.cost(lambda: listed.client_version) == {"getJob": 1}
    assert place.cost(lambda: (listed.client_version, listed.experiment_id)) == {}
    assert place.cost(listed.time_per_step) == {}
    assert place.cost(job.properties) == {"getJobProperties": 1}
    assert place.cost(job.refresh) == {"getJob": 1}


def test_changing_a_job(place):
    job = place.waiting()
    assert place.cost(lambda: job.update_name("new")) == {"updateJob": 1}
    assert place.cost(lambda: job.update_tags(additional_tags=["new"])) == {"updateJob": 1}
    assert place.cost(job.cancel) == {"cancelJob": 1, "getJob": 1}


def test_monitoring_a_job_that_has_ended(place):
    job = place.finished()
    assert place.cost(lambda: job_monitor(job, output=io.StringIO())) == {}


def test_waiting_by_the_stream(place):
    job = place.waiting()
    place.engine.release()
    assert place.cost(job.wait_for_final_state) == WAIT
    assert place.cost(job.wait_for_final_state) == {}


def test_after_the_timeout_the_status_is_requested_once_more(place):
    job = place.waiting()

    def wait():
        with pytest.raises(IBMQJobTimeoutError, match=r"0\.5 seconds; it is still RUNNING"):
            job.wait_for_final_state(timeout=0.5)

    assert place.cost(wait) == {"jobStatusStream": 1, "getJobStatus": 1}


@pytest.mark.parametrize("wait", ["wait_for_final_state", "result"])
def test_without_the_stream_the_status_is_polled_silently(place, wait, monkeypatch, caplog):
    refused = []

    def refuse(*args, **kwargs):
        refused.append(args)
        raise ConnectionRefusedError("no websockets here")

    monkeypatch.setattr(websockets.sync.client, "connect", refuse)
    job = place.backend().run(placed_bell())
    other = job.backend().retrieve_job(job.job_id())
    other.wait_for_final_state()
    refused.clear()
    caplog.clear()
    expected = {"getJobStatus": 1}
    if wait == "result":
        expected = together(expected, DOWNLOAD)
    assert place.cost(getattr(job, wait)) == expected
    assert len(refused) == 1
    assert [record for record in caplog.records if record.levelname != "DEBUG"] == []
