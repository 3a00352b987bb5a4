"""Splitting, submission in the background, pacing, cancelling: against the real local service."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend import IBMQJobManager
from ibmq_backend.api.classic.calls import StorageCalls
from ibmq_backend.exceptions import (
    ApiConnectionError,
    IBMQBackendValueError,
    IBMQJobManagerInvalidStateError,
    IBMQJobManagerTimeoutError,
    IBMQManagedResultDataNotAvailable,
)
from ibmq_backend.managed import ManagedJob, ManagedJobSet, ManagedResults
from tests.support.job_sets import Requests, bits, numbered
from tests.support.static_html import rows


@pytest.fixture
def manager():
    return IBMQJobManager()


@pytest.fixture
def requests(monkeypatch):
    return Requests(monkeypatch)


def test_two_hundred_circuits_become_three_jobs_of_the_device(manager, backend):
    circuits = transpile(
        numbered(200), backend, initial_layout=[0, 1, 2], optimization_level=0, seed_transpiler=1
    )
    job_set = manager.run(circuits, backend, shots=60, memory=True)
    assert isinstance(job_set, ManagedJobSet)
    results = job_set.results(timeout=300)
    assert isinstance(results, ManagedResults)
    assert results.success
    assert results.backend_name == "ibmq_vigo"
    jobs = job_set.managed_jobs()
    assert all(isinstance(job, ManagedJob) for job in jobs)
    assert [(job.start_index, job.end_index) for job in jobs] == [(0, 74), (75, 149), (150, 199)]
    assert [len(qobj.experiments) for qobj in job_set.qobjs()] == [75, 75, 50]
    for number in range(200):
        counts = results.get_counts(number)
        assert sum(counts.values()) == 60
        assert max(counts, key=counts.get) == bits(number)
    assert len(results.get_memory(199)) == 60
    together = results.combine_results()
    assert [entry.header.name for entry in together.results] == [f"n{n}" for n in range(200)]
    assert together.get_counts("n180") == results.get_counts(180)
    assert job_set.statuses() == [JobStatus.DONE] * 3


def test_split_by_the_argument_when_it_is_smaller(manager, simulator):
    job_set = manager.run(numbered(5), simulator, max_experiments_per_job=2, shots=1)
    assert [job.end_index for job in job_set.managed_jobs()] == [1, 3, 4]
    assert [len(job.circuits()) for job in job_set.jobs()] == [2, 2, 1]
    assert manager.run(numbered(2), simulator, max_experiments_per_job=10**9, shots=1).jobs()


@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: (c,), lambda c: iter([c])])
def test_one_circuit_as_circuit_tuple_or_iterator(manager, simulator, wrap):
    job_set = manager.run(wrap(numbered(1, first=5)[0]), simulator, shots=7)
    assert len(job_set.managed_jobs()) == 1
    assert job_set.results().get_counts(0) == {bits(5): 7}


def test_later_changes_of_a_circuit_have_no_effect(manager, simulator, classic_state, monkeypatch):
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 0)
    circuit = QuantumCircuit(1, 1, name="before")
    circuit.measure(0, 0)
    job_set = manager.run([circuit], simulator, shots=3)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.name = "after"
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 5)
    results = job_set.results()
    assert results.get_counts("before") == {"0": 3}
    assert results.get_counts(circuit) == {"0": 3}


def test_parameters_are_bound_before_splitting(manager, simulator):
    angle = Parameter("angle")
    circuits = []
    for name in ("first", "second"):
        circuit = QuantumCircuit(1, 1, name=name)
        circuit.rx(angle, 0)
        circuit.measure(0, 0)
        circuits.append(circuit)
    binds = [{angle: 0.0}, {angle: 3.141592653589793}]
    job_set = manager.run(
        circuits, simulator, max_experiments_per_job=3, shots=4, parameter_binds=binds
    )
    results = job_set.results()
    assert [results.get_counts(index) for index in range(4)] == [{"0": 4}, {"1": 4}] * 2
    with pytest.warns(UserWarning, match="2 times in the job set \\(experiments 2, 3\\)"):
        assert results.get_counts(circuits[1]) == {"0": 4}


def test_paced_by_the_job_limit(
    manager, backend, device_bell, classic_state, held, monkeypatch, requests
):
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 2)
    with held("ibmq_vigo"):
        job_set = manager.run([device_bell] * 6, backend, max_experiments_per_job=1, shots=5)
        requests.wait_for("POST Jobs", 3)
        jobs = job_set.managed_jobs()
        assert all(job.wait_for_submission(60) for job in jobs[:2])
        assert [job.job is not None for job in jobs] == [True, True] + [False] * 4
        assert job_set.statuses()[2:] == [JobStatus.INITIALIZING] * 4
        assert [job.submission_over for job in jobs] == [True, True] + [False] * 4
        assert "not submitted yet" in job_set.report()
        with pytest.raises(IBMQJobManagerTimeoutError, match="within 0.1 seconds"):
            job_set.results(timeout=0.1)
        assert "IBMQJobLimit" not in str(job_set.managed_jobs()[2].submit_error)
    results = job_set.results(timeout=300)
    assert results.success
    assert all(sum(results.get_counts(index).values()) == 5 for index in range(6))
    created = [job.creation_date() for job in job_set.jobs()]
    assert created == sorted(created)
    assert len(backend.jobs(limit=None, job_tags=[f"ibmq_jobset_{job_set.job_set_id()}_"])) == 6
    assert requests.count("POST Jobs") <= 6 + 2 * 4  # no repeated requests for a free slot


@pytest.mark.parametrize("method", ["upload", "download"])
def test_data_of_several_jobs_is_on_its_way_at_a_time(manager, simulator, monkeypatch, method):
    together = threading.Barrier(4)
    send = getattr(StorageCalls, method)

    def together_with_others(*args, **kwargs):
        together.wait(60)
        return send(*args, **kwargs)

    monkeypatch.setattr(StorageCalls, method, together_with_others)
    job_set = manager.run(numbered(8), simulator, max_experiments_per_job=1, shots=1)
    results = job_set.results(timeout=300)
    assert [results.get_counts(number) for number in range(8)] == [
        {bits(number): 1} for number in range(8)
    ]
    listed = simulator.jobs(job_tags=[f"ibmq_jobset_{job_set.job_set_id()}_"], descending=False)
    assert [job.job_id() for job in listed] == [job.job_id() for job in job_set.jobs()]


def test_a_failed_upload_leaves_no_job_and_concerns_no_other(manager, simulator, monkeypatch):
    send, number = StorageCalls.upload, itertools.count()

    def fail_some(*args):
        if next(number) in (2, 4):
            raise ApiConnectionError("cut off", operation="putStoredObject")
        return send(*args)

    monkeypatch.setattr(StorageCalls, "upload", fail_some)
    job_set = manager.run(numbered(8), simulator, max_experiments_per_job=1, shots=1)
    job_set.results(timeout=300)
    submitted = [job for job in job_set.jobs() if job is not None]
    failed = [job for job in job_set.managed_jobs() if job.submit_error is not None]
    assert (len(submitted), len(failed)) == (6, 2)
    assert all("cut off" in str(job.submit_error) for job in failed)
    listed = simulator.jobs(job_tags=[f"ibmq_jobset_{job_set.job_set_id()}_"], descending=False)
    assert [job.job_id() for job in listed] == [job.job_id() for job in submitted]


def test_a_limit_without_a_job_to_wait_for_is_tried_again(
    manager, backend, device_bell, classic_state, monkeypatch, requests
):
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 0)
    job_set = manager.run(device_bell, backend, shots=5)
    requests.wait_for("POST Jobs", 3)
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 1)
    assert job_set.results(timeout=300).success


def test_a_job_that_cannot_be_submitted_does_not_affect_the_others(
    manager, simulator, monkeypatch, caplog
):
    run = simulator.run

    def fail_once(circuits, job_name, **options):
        if job_name.endswith("_1_"):
            raise IBMQBackendValueError("The second one is no good.")
        return run(circuits, job_name=job_name, **options)

    monkeypatch.setattr(simulator, "run", fail_once)
    job_set = manager.run(numbered(3), simulator, max_experiments_per_job=1, shots=2)
    assert [job is None for job in job_set.jobs()] == [False, True, False]
    failed = job_set.managed_jobs()[1]
    assert isinstance(failed.submit_error, IBMQBackendValueError)
    assert failed.status() is None
    assert failed.result() is None
    assert failed.cancel() is False
    assert "The second one is no good." in caplog.text
    assert "Job 1: The job could not be submitted" in job_set.error_messages()
    results = job_set.results()
    assert not results.success
    assert job_set.statuses() == [JobStatus.DONE, None, JobStatus.DONE]
    assert results.get_counts(2) == {bits(2): 2}
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="The second one is no good"):
        results.get_counts(1)
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="experiments 1 to 1"):
        results.combine_results()
    assert job_set.job(1) == (None, 0)
    assert job_set.qobjs()[1] is None
    report = job_set.report()
    assert "Not submitted: 1" in report
    assert "The second one is no good." in report


def test_no_job_at_all(manager, simulator, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("out of order")

    monkeypatch.setattr(simulator, "run", fail)
    job_set = manager.run(numbered(2), simulator, max_experiments_per_job=1, shots=1)
    assert job_set.jobs() == [None, None]
    assert "RuntimeError: out of order" in job_set.error_messages()
    assert not job_set.results().success
    with pytest.raises(IBMQJobManagerInvalidStateError, match="No job of job set"):
        job_set.update_tags(additional_tags=["x"])


def test_cancel_ends_submitted_jobs_and_submits_no_more(
    manager, backend, device_bell, classic_state, held, monkeypatch, requests
):
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 2)
    with held("ibmq_vigo"):
        job_set = manager.run([device_bell] * 4, backend, max_experiments_per_job=1, shots=5)
        requests.wait_for("POST Jobs", 3)
        job_set.cancel()
        assert job_set.statuses() == [JobStatus.CANCELLED] * 4
    assert [job is None for job in job_set.jobs()] == [False, False, True, True]
    assert requests.count("POST Jobs") == 3
    assert job_set.error_messages() is None
    results = job_set.results(timeout=60)
    assert not results.success
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="was cancelled"):
        results.get_counts(0)
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="cancelled before it was sub"):
        results.get_counts(3)
    assert "Cancelled jobs: 4" in job_set.report(detailed=False)


def test_cancel_of_a_finished_set_sends_no_request(manager, simulator, requests):
    job_set = manager.run(numbered(2), simulator, max_experiments_per_job=1, shots=1)
    job_set.results()
    requests.clear()
    job_set.cancel()
    assert requests.seen == []
    assert job_set.statuses() == [JobStatus.DONE] * 2


def test_the_states_of_many_jobs_are_one_request(manager, backend, device_bell, held, requests):
    with held("ibmq_vigo"):
        job_set = manager.run([device_bell] * 5, backend, max_experiments_per_job=1, shots=5)
        job_set.jobs()
        requests.clear()
        assert len(job_set.statuses()) == 5
        assert requests.seen == ["GET Jobs/status/v/1"]
        job_set.report(detailed=True)
        manager.report()
        assert requests.seen == ["GET Jobs/status/v/1"] * 3
    job_set.results()
    requests.clear()
    assert job_set.statuses() == [JobStatus.DONE] * 5
    assert job_set.results().success
    assert requests.seen == []


def test_results_of_ended_jobs_need_one_listing_and_the_downloads(manager, simulator, requests):
    job_set = manager.run(numbered(4), simulator, max_experiments_per_job=1, shots=1)
    for job in job_set.jobs():
        simulator.retrieve_job(job.job_id()).wait_for_final_state()
    requests.clear()
    assert job_set.results().success
    kinds = {seen.split("/")[-1] for seen in requests.seen}
    assert requests.seen.count("GET Jobs/status/v/1") == 1
    assert len(requests.seen) == 1 + 4 * 3, kinds  # URL, download, confirmation of the download


def test_timeout_covers_the_whole_set(manager, backend, device_bell, held):
    with held("ibmq_vigo"):
        job_set = manager.run([device_bell] * 3, backend, max_experiments_per_job=1, shots=5)
        job_set.jobs()  # all are submitted
        with pytest.raises(IBMQJobManagerTimeoutError, match="within 0.3 seconds; 3 of its"):
            job_set.results(timeout=0.3)
    assert job_set.results(timeout=300).success
    for wrong in (-1, "5", True, float("nan"), float("inf")):
        with pytest.raises(IBMQJobManagerInvalidStateError, match="a number of seconds, 0 or more"):
            job_set.results(timeout=wrong, refresh=True)


def test_sets_of_two_managers_and_threads_are_separate(simulator):
    first, second = IBMQJobManager(), IBMQJobManager()
    one = first.run(numbered(3), simulator, max_experiments_per_job=1, shots=1, name="one")
    two = second.run(numbered(3, first=3), simulator, max_experiments_per_job=1, shots=1)
    again = first.run(numbered(1), simulator, shots=1, name="one")
    assert [one.results().get_counts(i) for i in range(3)] == [{bits(i): 1} for i in range(3)]
    assert [two.results().get_counts(i) for i in range(3)] == [{bits(3 + i): 1} for i in range(3)]
    assert first.job_sets() == [one, again]
    assert first.job_sets(name="one") == [one, again]
    assert first.job_sets(name="two") == []
    assert second.job_sets() == [two]
    assert "Job sets: 2" in first.report()
    with pytest.raises(IBMQJobManagerInvalidStateError, match="already has jobs"):
        one.run([], simulator)


def test_run_options_reach_every_job(manager, simulator):
    job_set = manager.run(
        numbered(2),
        simulator,
        max_experiments_per_job=1,
        shots=3,
        memory=True,
        header={"who": "me"},
        experiment_id="series",
        seed_simulator=5,
    )
    for job in job_set.jobs():
        assert job.backend_options()["shots"] == 3
        assert job.backend_options()["seed_simulator"] == 5
        assert job.header()["who"] == "me"
        assert job.experiment_id == "series"
    assert job_set.results().get_memory(1) == [bits(1)] * 3


def test_one_set_from_several_threads(manager, simulator):
    job_set = manager.run(numbered(6), simulator, max_experiments_per_job=2, shots=2)

    def look(_):
        job_set.statuses()
        results = job_set.results(timeout=120)
        job_set.report()
        return [results.get_counts(number) for number in range(6)]

    with ThreadPoolExecutor(4) as threads:
        seen = list(threads.map(look, range(8)))
    assert seen == [[{bits(number): 2} for number in range(6)]] * 8


def test_a_set_in_a_notebook(manager, simulator, requests):
    job_set = manager.run(numbered(5), simulator, "<set>", max_experiments_per_job=2)
    job_set.results()
    requests.clear()
    shown = rows(job_set._repr_html_())
    assert requests.seen == []
    assert shown["id"] == [job_set.job_set_id()]
    ids = [job.job_id() for job in job_set.jobs()]
    table = [["0-1", ids[0], "DONE"], ["2-3", ids[1], "DONE"], ["4-4", ids[2], "DONE"]]
    assert [shown[str(index)] for index in range(3)] == table


def test_a_set_in_a_notebook_reads_the_states_once(manager, backend, device_bell, held, requests):
    with held("ibmq_vigo"):
        job_set = manager.run([device_bell] * 3, backend, max_experiments_per_job=1)
        job_set.jobs()
        requests.clear()
        shown = rows(job_set._repr_html_())
        assert len(requests.seen) == 1
        assert all("DONE" not in shown[str(index)] for index in range(3))
        job_set.cancel()


def test_a_job_of_a_set_that_was_not_submitted_in_a_notebook(manager, simulator, monkeypatch):
    def refuse(*args, **options):
        raise IBMQBackendValueError("Not <today>.")

    monkeypatch.setattr(simulator, "run", refuse)
    job_set = manager.run(numbered(1), simulator)
    job_set.jobs()
    assert rows(job_set._repr_html_())["0"][1:] == [
        "-",
        "The job could not be submitted. Not <today>.",
    ]
