"""Results by experiment, partial results, names, tags and reports of job sets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
from qiskit import QuantumCircuit
from qiskit.providers.basicaer import BasicAer
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend import IBMQJobManager
from ibmq_backend.exceptions import (
    IBMQJobInvalidStateError,
    IBMQJobManagerError,
    IBMQJobManagerInvalidStateError,
    IBMQJobManagerJobNotFound,
    IBMQManagedResultDataNotAvailable,
)
from ibmq_backend.managed import ManagedJob, ManagedResults
from ibmq_backend.managed.managed_job import Outcome
from ibmq_backend.managed.set_calls import MAX_DOWNLOADS, read_outcomes
from tests.support.job_sets import bits, numbered


@pytest.fixture
def manager():
    return IBMQJobManager()


@pytest.fixture
def job_set(manager, simulator):
    return manager.run(
        numbered(5), simulator, name="five", max_experiments_per_job=2, job_tags=["a"], shots=3
    )


def test_experiments_by_index_name_and_object(manager, simulator):
    circuits = numbered(5)
    job_set = manager.run(circuits, simulator, max_experiments_per_job=2, shots=3, memory=True)
    jobs = job_set.jobs()
    assert job_set.job(3) == (jobs[1], 1)
    assert job_set.job("n4") == (jobs[2], 0)
    assert job_set.job(circuits[2]) == (jobs[1], 0)
    results = job_set.results()
    for number in range(5):
        for experiment in (number, f"n{number}", circuits[number], circuits[number].copy()):
            assert results.get_counts(experiment) == {bits(number): 3}
    assert results.get_memory(4) == [bits(4)] * 3
    assert results.data(4)["counts"] == {"0x4": 3}
    for unknown in (5, -1, "n5", True, 1.5, None, numbered(1, first=9)[0]):
        with pytest.raises(IBMQJobManagerJobNotFound):
            results.get_counts(unknown)
        with pytest.raises(IBMQJobManagerJobNotFound):
            job_set.job(unknown)
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="no such data"):
        results.get_statevector(0)


def test_circuits_of_the_same_name_are_found_by_object(manager, simulator):
    circuits = numbered(3)
    for circuit in circuits:
        circuit.name = "same"
    results = manager.run(circuits, simulator, max_experiments_per_job=1, shots=1).results()
    assert [results.get_counts(circuit) for circuit in circuits] == [{bits(n): 1} for n in range(3)]
    with pytest.warns(UserWarning, match="'same' occurs 3 times.*The first one is used"):
        assert results.get_counts("same") == {bits(0): 1}


def test_statevector_and_unitary():
    circuit = QuantumCircuit(1, name="plus")
    circuit.h(0)
    for kind, read, first in (
        ("statevector_simulator", "get_statevector", 0.707),
        ("unitary_simulator", "get_unitary", [0.707, 0.707]),
    ):
        result = BasicAer.get_backend(kind).run(circuit).result()
        results = ManagedResults(kind, [ManagedJob(0, 0, 0, [circuit])], [Outcome(result)])
        for experiment in (0, "plus", circuit):
            state = numpy.asarray(getattr(results, read)(experiment, decimals=3))
            assert state[0] == pytest.approx(first)


def test_one_failing_circuit(manager, simulator):
    good, bad = numbered(1, first=1)[0], QuantumCircuit(1, 1, name="bad")
    bad.unitary([[0, 1], [1, 0]], [0])
    bad.measure(0, 0)
    other = numbered(1, first=2)[0]
    job_set = manager.run(
        [good, bad, other], simulator, max_experiments_per_job=2, shots=4, method="stabilizer"
    )
    assert "Job 0: The following experiments failed:\nExperiment 1" in job_set.error_messages()
    results = job_set.results()
    assert job_set.statuses() == [JobStatus.ERROR, JobStatus.DONE]
    assert not results.success
    assert results.get_counts(other) == {bits(2): 4}
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="Experiment 1: "):
        results.get_counts(good)
    partial = job_set.results(partial=True)
    assert not partial.success
    assert partial.get_counts(good) == {bits(1): 4}
    assert partial.get_counts(other) == {bits(2): 4}
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="Experiment 1 of the job set fail"):
        partial.get_counts("bad")
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="cannot be combined"):
        partial.combine_results()
    report = job_set.report()
    assert "Failed jobs: 1" in report
    assert "error: The following experiments failed" in report


def test_results_are_kept_until_refreshed(job_set):
    results = job_set.results()
    assert job_set.results() is results
    assert job_set.results(partial=True) is results
    fresh = job_set.results(refresh=True)
    assert fresh is not results
    assert fresh.get_counts(4) == results.get_counts(4)


def test_a_combined_result_may_be_changed(job_set):
    results = job_set.results()
    combined = results.combine_results()
    combined.results.clear()
    assert len(results.combine_results().results) == 5


def test_report(job_set, manager):
    job_set.results()
    report = job_set.report()
    assert report.startswith(f"Job set name: five\n          ID: {job_set.job_set_id()}\n")
    assert "tags: a\n" in report
    assert "Total jobs: 3" in report
    assert "Successful jobs: 3" in report
    assert "experiments: 2-3, job index: 1" in report
    assert all(job.job_id() in report for job in job_set.jobs())
    assert "status: job has successfully run" in report
    assert "Detail report" not in job_set.report(detailed=False)
    assert report in manager.report()
    assert job_set.report(detailed=False) in manager.report(detailed=False)
    assert "five" in repr(job_set)
    assert "experiments 2 to 3, DONE" in repr(job_set.managed_jobs()[1])
    assert "3 of 3 jobs on ibmq_qasm_simulator" in repr(job_set.results())


def test_names_and_tags_on_the_wire(job_set, simulator):
    tag = f"ibmq_jobset_{job_set.job_set_id()}_"
    assert [job.name() for job in job_set.jobs()] == ["five_0_", "five_1_", "five_2_"]
    assert all(job.tags() == ["a", tag] for job in job_set.jobs())
    assert job_set.job_set_id().endswith("-3")
    assert job_set.update_name("six") == "six"
    assert job_set.name() == "six"
    assert job_set.tags() == ["a"]
    assert job_set.update_tags(additional_tags=iter(["b"])) == ["a", "b"]
    assert job_set.update_tags(replacement_tags=["c", "d"]) == ["c", "d"]
    assert job_set.update_tags(removal_tags=["c", tag]) == ["d"] == job_set.tags()
    job_set.tags().append("not kept")
    assert job_set.tags() == ["d"]
    found = simulator.jobs(job_tags=[tag], descending=False)
    assert [job.name() for job in found] == ["six_0_", "six_1_", "six_2_"]
    assert all(sorted(job.tags()) == ["d", tag] for job in found)
    assert job_set.update_tags(replacement_tags=[]) == []
    with pytest.raises(IBMQJobInvalidStateError, match="nothing to change"):
        job_set.update_tags()
    with pytest.raises(IBMQJobInvalidStateError, match="removal_tags must be a list"):
        job_set.update_tags(removal_tags="d")
    for wrong in (5, "", None):
        with pytest.raises(IBMQJobManagerInvalidStateError, match="name of a job set"):
            job_set.update_name(wrong)


def test_the_error_of_an_incomplete_change_names_the_jobs(job_set, simulator):
    job_set.jobs()[1]._api_client.delete(job_set.jobs()[1].job_id())
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        with pytest.raises(IBMQJobManagerError, match="could not be renamed: 1") as caught:
            job_set.update_name("other")
    assert caught.value.status_code == 404
    assert [job_set.jobs()[number].name() for number in (0, 2)] == ["other_0_", "other_2_"]


def test_default_name_is_the_time_in_utc(manager, simulator):
    from datetime import UTC, datetime, timedelta

    job_set = manager.run(numbered(1), simulator, shots=1)
    made = datetime.fromisoformat(job_set.name()).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)


def test_the_timeout_includes_the_time_in_which_other_results_are_read():
    seconds, begun = [10.0], threading.Barrier(MAX_DOWNLOADS + 1)
    given = {}

    class Ended:
        unfinished_job = None

        def __init__(self, number):
            self.number = number

        def outcome(self, timeout, partial, refresh):
            given[self.number] = timeout
            if self.number < MAX_DOWNLOADS:
                begun.wait(60)
                begun.wait(60)
            return Outcome(None, str(self.number))

    def let_time_pass():
        begun.wait(60)
        seconds[0] = 1.0
        begun.wait(60)

    with ThreadPoolExecutor() as pool:
        passed = pool.submit(let_time_pass)
        jobs = [Ended(number) for number in range(MAX_DOWNLOADS + 1)]
        outcomes = read_outcomes(jobs, lambda: seconds[0], False, False, lambda: None, lambda: None)
        passed.result()
    assert [int(each.reason) for each in outcomes] == [each.number for each in jobs]
    assert [given[each.number] for each in jobs] == [10.0] * MAX_DOWNLOADS + [1.0]
