"""Sets found again by their id: in another manager, another process, and with jobs missing."""

import re
import subprocess
import sys
import textwrap

import pytest
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend import IBMQ, IBMQJobManager
from ibmq_backend.exceptions import (
    IBMQBackendValueError,
    IBMQJobManagerInvalidStateError,
    IBMQJobManagerUnknownJobSet,
    IBMQManagedResultDataNotAvailable,
)
from tests.support.job_sets import Requests, bits, numbered


def a_set(simulator, count=5, **options):
    options = {"name": "kept", "max_experiments_per_job": 2, "shots": 2, **options}
    job_set = IBMQJobManager().run(numbered(count), simulator, **options)
    assert None not in job_set.jobs()
    return job_set


def test_by_another_manager(provider, simulator, monkeypatch):
    requests = Requests(monkeypatch)
    made = a_set(simulator, job_tags=["a"])
    made.results()
    requests.clear()
    manager = IBMQJobManager()
    found = manager.retrieve_job_set(made.job_set_id(), provider)
    assert requests.count("GET Jobs/status/v/1") == 2  # a page of jobs, and an empty page
    assert len(requests.seen) == 2 + 2  # the first and the last job are asked for their size
    assert found.name() == "kept"
    assert found.tags() == ["a"]
    assert found.job_set_id() == made.job_set_id()
    assert [(job.start_index, job.end_index) for job in found.managed_jobs()] == [
        (0, 1),
        (2, 3),
        (4, 4),
    ]
    assert [job.job_id() for job in found.jobs()] == [job.job_id() for job in made.jobs()]
    assert found.job("n3")[1] == 1
    results = found.results()
    assert results.success
    assert results.backend_name == "ibmq_qasm_simulator"
    assert [results.get_counts(f"n{number}") for number in range(5)] == [
        {bits(number): 2} for number in range(5)
    ]
    assert found.qobjs()[2].to_dict() == made.qobjs()[2].to_dict()
    assert manager.job_sets() == [found]
    requests.clear()
    assert manager.retrieve_job_set(f"ibmq_jobset_{made.job_set_id()}_", provider) is found
    assert requests.seen == []


def test_refresh_sees_what_others_changed(provider, simulator):
    manager = IBMQJobManager()
    made = a_set(simulator)
    found = manager.retrieve_job_set(made.job_set_id(), provider)
    made.update_name("changed")
    made.update_tags(additional_tags=["new"])
    assert manager.retrieve_job_set(made.job_set_id(), provider).name() == "kept"
    assert manager.retrieve_job_set(made.job_set_id(), provider, refresh=True) is found
    assert found.name() == "changed"
    assert found.tags() == ["new"]
    assert found.results().get_counts("n4") == {bits(4): 2}


def test_names_of_experiments_of_a_set_whose_results_were_not_read(provider, simulator):
    made = a_set(simulator)
    found = IBMQJobManager().retrieve_job_set(made.job_set_id(), provider)
    assert found.job("n2")[0].job_id() == made.jobs()[1].job_id()
    assert found.job(numbered(5)[4])[1] == 0


def test_unknown_sets(provider):
    manager = IBMQJobManager()
    with pytest.raises(IBMQJobManagerUnknownJobSet, match="no jobs of job set 'nonsense'"):
        manager.retrieve_job_set("nonsense", provider)
    for wrong in (5, "", None):
        with pytest.raises(IBMQJobManagerInvalidStateError, match="job_set_id must be text"):
            manager.retrieve_job_set(wrong, provider)
    with pytest.raises(IBMQJobManagerInvalidStateError, match="must be a provider"):
        manager.retrieve_job_set("nonsense", "ibm-q")
    assert manager.job_sets() == []


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_missing_jobs_are_reported(provider, simulator, gone):
    made = a_set(simulator)
    made.results()
    job = made.jobs()[gone]
    job._api_client.delete(job.job_id())
    manager = IBMQJobManager()
    with pytest.warns(UserWarning, match=f"has only 2 of 3 jobs .* Jobs {gone} are missing"):
        found = manager.retrieve_job_set(made.job_set_id(), provider)
    missing = found.managed_jobs()[gone]
    assert missing.job is None
    assert "never submitted, or was deleted" in str(missing.submit_error)
    assert found.statuses()[gone] is None
    results = found.results()
    assert not results.success
    for number in range(5):
        if number // 2 == gone:
            with pytest.raises(IBMQManagedResultDataNotAvailable, match="never submitted"):
                results.get_counts(number)
        else:
            assert results.get_counts(number) == {bits(number): 2}


def test_a_set_whose_first_jobs_are_missing(provider, simulator):
    made = a_set(simulator)
    for job in made.jobs()[:2]:
        job._api_client.delete(job.job_id())
    with pytest.raises(IBMQJobManagerInvalidStateError, match="Only the last of 3 jobs"):
        IBMQJobManager().retrieve_job_set(made.job_set_id(), provider)


def test_a_failed_submission_is_reported_after_retrieval(provider, simulator, monkeypatch):
    run = simulator.run

    def fail_once(circuits, job_name, **options):
        if job_name.endswith("_2_"):
            raise IBMQBackendValueError("no good")
        return run(circuits, job_name=job_name, **options)

    monkeypatch.setattr(simulator, "run", fail_once)
    manager = IBMQJobManager()
    made = manager.run(numbered(3), simulator, max_experiments_per_job=1, shots=2)
    assert made.jobs()[2] is None
    assert manager.retrieve_job_set(made.job_set_id(), provider, refresh=True) is made
    assert str(made.managed_jobs()[2].submit_error) == "'no good'"
    with pytest.warns(UserWarning, match="has only 2 of 3 jobs"):
        IBMQJobManager().retrieve_job_set(made.job_set_id(), provider)


def test_jobs_that_are_not_a_set(provider, simulator, backend, device_bell):
    made = a_set(simulator)
    tag = f"ibmq_jobset_{made.job_set_id()}_"
    for name, target, circuits, text in (
        ("stray", simulator, numbered(1), "does not end with a number"),
        ("kept_1_", simulator, numbered(1), "are both number 1"),
        ("kept_3_", backend, device_bell, "more than one backend"),
    ):
        stray = target.run(circuits, shots=1, job_name=name, job_tags=[tag])
        with pytest.raises(IBMQJobManagerInvalidStateError, match=text):
            IBMQJobManager().retrieve_job_set(made.job_set_id(), provider)
        stray._api_client.delete(stray.job_id())
    assert IBMQJobManager().retrieve_job_set(made.job_set_id(), provider).name() == "kept"


def test_a_set_of_the_original_client(provider, simulator):
    """Its ids end with digits of the time, which say nothing of the number of jobs."""
    set_id = "0123456789abcdef0123456789abcdef-16201234567891234"
    for number in range(2):
        simulator.run(
            numbered(2, first=2 * number),
            shots=1,
            job_name=f"old_name_{number}_",
            job_tags=["mine", f"ibmq_jobset_{set_id}_"],
        )
    found = IBMQJobManager().retrieve_job_set(set_id, provider)
    assert found.name() == "old_name"
    assert found.tags() == ["mine"]
    assert [found.results().get_counts(i) for i in range(4)] == [{bits(i): 1} for i in range(4)]


PROGRAM = """
    import atexit, os, sys
    from ibmq_backend import IBMQ, IBMQJobManager
    from ibmq_backend.account import local
    from ibmq_backend.emulator.service_state import DeviceState
    from tests.support.job_sets import numbered

    def tell():
        print([job.job is not None for job in job_set.managed_jobs()], flush=True)

    atexit.register(tell)
    provider = IBMQ.enable_local(store=sys.argv[1], seed=3)
    service = local.start(store=sys.argv[1], seed=3)
    if sys.argv[2] != "room":
        internal = DeviceState(status="internal")
        service.service_state.set_device_state("ibmq_qasm_simulator", internal)
        service.dialects.classic.state.job_limit = lambda account, device: 2
    backend = provider.get_backend("ibmq_qasm_simulator")
    job_set = IBMQJobManager().run(
        numbered(5), backend, name="long", max_experiments_per_job=2, shots=2
    )
    print(job_set.job_set_id(), flush=True)
    if sys.argv[2] == "crash":
        while [status.name for status in job_set.statuses()[:2]] != ["QUEUED", "QUEUED"]:
            pass
        os._exit(9)
    if sys.argv[2] == "full":
        while not job_set._submitter._limit_reached:
            job_set.statuses()
"""


def run_program(tmp_path, how):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path / "jobs.sqlite"), how],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_by_a_new_process_after_a_crash(tmp_path):
    done = run_program(tmp_path, "crash")
    assert done.returncode == 9, done.stderr
    set_id = done.stdout.split()[0]
    assert re.fullmatch(r"[0-9a-f]{32}-3", set_id)
    provider = IBMQ.enable_local(store=str(tmp_path / "jobs.sqlite"), seed=3)
    with pytest.warns(UserWarning, match="has only 2 of 3 jobs .* Jobs 2 are missing"):
        found = IBMQJobManager().retrieve_job_set(set_id, provider)
    assert found.name() == "long"
    results = found.results(timeout=120)
    assert found.statuses() == [JobStatus.DONE, JobStatus.DONE, None]
    assert [results.get_counts(number) for number in range(4)] == [
        {bits(number): 2} for number in range(4)
    ]
    with pytest.raises(IBMQManagedResultDataNotAvailable, match="never submitted"):
        results.get_counts(4)


def test_a_program_that_ends_early_still_submits_up_to_the_limit(tmp_path):
    done = run_program(tmp_path, "room")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "[True, True, True]"
    assert "exits before" not in done.stderr


def test_a_program_does_not_hang_on_the_job_limit_at_its_end(tmp_path):
    done = run_program(tmp_path, "full")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "[True, True, False]"
    assert "The program exits before 1 jobs of a job set were submitted" in done.stderr
