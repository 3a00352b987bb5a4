"""The job manager: sets of jobs."""

from __future__ import annotations

from typing import Any

import pytest
from circuits import bell, constant, share, transpiled
from qiskit.providers.ibmq import IBMQJobManager
from qiskit.providers.ibmq.managed import IBMQJobManagerUnknownJobSet
from qiskit.providers.jobstatus import JobStatus

UNKNOWN_SET = "01234567890123456789012345678901-01234567890123456"


def run_values(simulator: Any, name: str) -> tuple[IBMQJobManager, list[Any], Any]:
    """Run ten circuits in four jobs; return the manager, the circuits and the job set."""
    manager = IBMQJobManager()
    circuits = [constant(value, 4, f"value {value}") for value in range(10)]
    options = {"max_experiments_per_job": 3, "job_tags": ["managed"], "shots": 50}
    return manager, circuits, manager.run(circuits, simulator, name=name, **options)


def test_results_of_a_set_come_in_order_and_by_name(simulator: Any) -> None:
    manager, circuits, jobs = run_values(simulator, "first set")
    results = jobs.results()
    assert results.success
    assert len(jobs.jobs()) == 4
    for value, circuit in enumerate(circuits):
        for key in (value, circuit.name, circuit):
            assert dict(results.get_counts(key)) == {format(value, "04b"): 50}
    assert len(results.combine_results().results) == 10
    assert set(jobs.statuses()) == {JobStatus.DONE}
    assert jobs.error_messages() is None
    assert jobs.job("value 7")[1] == 1  # the index of the circuit in its job
    assert "first set" in manager.report()


def test_a_set_is_retrieved_with_its_changed_name_and_tags(provider: Any, simulator: Any) -> None:
    _, _, jobs = run_values(simulator, "second set")
    jobs.results()
    assert sorted(jobs.update_tags(additional_tags=["again"])) == ["again", "managed"]
    jobs.update_name("renamed set")
    again = IBMQJobManager().retrieve_job_set(jobs.job_set_id(), provider)
    assert (again.name(), sorted(again.tags())) == ("renamed set", ["again", "managed"])
    assert dict(again.results().get_counts(9)) == {"1001": 50}


def test_an_unknown_set_is_refused(provider: Any) -> None:
    with pytest.raises(IBMQJobManagerUnknownJobSet):
        IBMQJobManager().retrieve_job_set(UNKNOWN_SET, provider)


def test_a_set_may_have_more_jobs_than_the_device_takes_at_a_time(device: Any) -> None:
    circuits = transpiled([bell(f"bell {number}") for number in range(8)], device)
    jobs = IBMQJobManager().run(circuits, device, max_experiments_per_job=1, shots=500)
    results = jobs.results()
    assert len(jobs.jobs()) == 8
    for circuit in circuits:
        assert share(results.get_counts(circuit.name), "00", "11") > 0.8


def test_a_failed_job_leaves_the_results_of_the_others(device: Any) -> None:
    circuits = [transpiled(bell("good"), device), bell("bad")]
    jobs = IBMQJobManager().run(circuits, device, max_experiments_per_job=1, shots=100)
    results = jobs.results()
    assert not results.success
    assert jobs.statuses() == [JobStatus.DONE, JobStatus.ERROR]
    assert "Instruction h" in jobs.error_messages()
    assert sum(results.get_counts("good").values()) == 100
