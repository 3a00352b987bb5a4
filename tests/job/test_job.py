"""Every documented method of IBMQJob, against the real local service."""

import io
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from qiskit import QuantumCircuit
from qiskit.providers.jobstatus import JobStatus
from qiskit.qobj import QasmQobj
from qiskit.tools.events.pubsub import Subscriber

from ibmq_backend import IBMQJob, job_monitor
from ibmq_backend.exceptions import (
    IBMQJobApiError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
)


@pytest.fixture
def done(backend, device_bell):
    job = backend.run(device_bell, shots=200, job_name="done one", job_tags=["x"])
    job.wait_for_final_state()
    return job


def test_life_of_a_job(backend, device_bell):
    before = datetime.now(UTC) - timedelta(seconds=1)
    job = backend.run(device_bell, shots=100)
    result = job.result()
    assert isinstance(job, IBMQJob)
    assert job.status() is JobStatus.DONE
    assert job.done()
    assert job.in_final_state()
    assert not job.running()
    assert not job.cancelled()
    assert job.backend() is backend
    assert result.job_id == job.job_id()
    assert result.success
    assert result.date.utcoffset() == datetime.now().astimezone().utcoffset()
    assert job.result() is result
    assert job.result(refresh=True) is not result
    steps = job.time_per_step()
    assert list(steps) == sorted(steps, key=steps.__getitem__)
    assert {"CREATING", "CREATED", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"} <= set(steps)
    assert all(before < at < datetime.now(UTC) + timedelta(seconds=1) for at in steps.values())
    assert job.creation_date() == steps["CREATING"]
    assert job.scheduling_mode() == "fairshare"
    assert "ibmq-backend" in job.client_version or job.client_version
    assert job.share_level() == "none"
    assert job.error_message() is None
    assert job.properties().last_update_date == backend.properties().last_update_date


def test_result_says_that_it_is_emulated(done):
    text = str(done.result().to_dict())
    assert "emulated" in text
    assert "2021-01-20" in text
    assert "seed" in text


def test_submitted_input_can_be_read(backend, done, device_bell):
    again = backend.retrieve_job(done.job_id())
    assert again.circuits() == [device_bell]
    assert again.circuits()[0].metadata == {"why": "test"}
    assert isinstance(again.qobj(), QasmQobj)
    assert again.qobj().to_dict() == done.qobj().to_dict()
    assert again.backend_options()["shots"] == 200
    assert again.header()["backend_name"] == "ibmq_vigo"


def test_other_fields_are_attributes(done):
    assert done.summary_data_["success"] is True
    with pytest.raises(AttributeError, match="no_such_"):
        done.no_such_


def test_queue(backend, device_bell, held):
    with held("ibmq_vigo"):
        first = backend.run(device_bell, shots=10)
        second = backend.run(device_bell, shots=10)
        _until(second, JobStatus.QUEUED)
        assert second.queue_position(refresh=True) == 2
        info = second.queue_info()
        assert info.position == 2
        assert info.estimated_start_time > datetime.now(UTC) - timedelta(seconds=10)
        assert "queue position: 2" in info.format()
        with pytest.raises(
            IBMQJobTimeoutError, match="did not end within 0.2 seconds; it is still QUEUED"
        ):
            second.wait_for_final_state(timeout=0.2)
        with pytest.raises(IBMQJobTimeoutError):
            second.result(timeout=0.1)
    assert first.result().success
    assert second.result().success
    assert second.queue_info() is None
    assert second.queue_position() is None


def _until(job, status):
    for _ in range(10_000):
        if job.status() is status:
            return
    raise AssertionError(f"{job.status()} instead of {status}")


def test_cancel_a_queued_and_an_ended_job(backend, device_bell, held, done):
    with held("ibmq_vigo"):
        job = backend.run(device_bell, shots=10)
        _until(job, JobStatus.QUEUED)
        assert job.cancel() is True
    assert job.status() is JobStatus.CANCELLED
    assert job.cancelled()
    with pytest.raises(IBMQJobInvalidStateError, match="was cancelled"):
        job.result()
    assert job.error_message() is None
    assert done.cancel() is False
    assert done.status() is JobStatus.DONE


def test_names_and_tags(backend, done):
    assert done.update_name("renamed") == "renamed"
    assert done.update_tags(replacement_tags=["a", "ibmq_jobset_1"]) == ["a", "ibmq_jobset_1"]
    assert done.update_tags(additional_tags=["b"]) == ["a", "ibmq_jobset_1", "b"]
    assert done.update_tags(removal_tags=["a", "ibmq_jobset_1"]) == ["ibmq_jobset_1", "b"]
    again = backend.retrieve_job(done.job_id())
    assert again.name() == "renamed"
    assert sorted(again.tags()) == ["b", "ibmq_jobset_1"]
    assert done.update_tags(replacement_tags=[]) == ["ibmq_jobset_1"]
    with pytest.raises(IBMQJobInvalidStateError, match="nothing to change"):
        done.update_tags()
    with pytest.raises(IBMQJobInvalidStateError, match="additional_tags"):
        done.update_tags(additional_tags="c")
    with pytest.raises(IBMQJobInvalidStateError, match="must be text"):
        done.update_name(5)
    with pytest.raises(IBMQJobInvalidStateError, match="cannot be submitted twice"):
        done.submit()


def test_tags_do_not_show_the_submission_tag(backend, done):
    listed = backend.jobs(job_tags=["x"], limit=1)[0]
    assert listed.tags() == done.tags() == ["x"]
    assert len(listed._record.tags) == 2


def test_callback_sees_the_states(backend, device_bell, held):
    seen = []
    with ExitStack() as queue:
        queue.enter_context(held("ibmq_vigo"))
        job = backend.run(device_bell, shots=10)

        def see(job_id, status, job, queue_info):
            seen.append((job_id, status))
            if status is JobStatus.QUEUED:
                queue.close()

        job.wait_for_final_state(timeout=60, callback=see)
    assert (job.job_id(), JobStatus.QUEUED) in seen
    assert job.done()


def test_partial_results_of_a_failed_job(simulator):
    good = QuantumCircuit(1, 1, name="good")
    good.measure(0, 0)
    bad = QuantumCircuit(1, 1, name="bad")
    bad.unitary([[0, 1], [1, 0]], [0])
    bad.measure(0, 0)
    job = simulator.run([good, bad], shots=10, method="stabilizer")
    assert "Experiment 1" in job.error_message()
    with pytest.raises(IBMQJobFailureError, match="Experiment 1"):
        job.result()
    assert job.result(partial=True).get_counts("good") == {"0": 10}


def test_monitor_prints_until_the_end(done):
    out = io.StringIO()
    job_monitor(done, output=out)
    assert out.getvalue().strip().endswith("Job Status: job has successfully run")


def test_control_characters_in_the_monitor_are_escaped(simulator):
    """The name of the circuit is in the error text of the service."""
    circuit = QuantumCircuit(1, 1, name="bad\x1b[2J\u202e")
    circuit.unitary([[0, 1], [1, 0]], [0])
    circuit.measure(0, 0)
    out = io.StringIO()
    job_monitor(simulator.run(circuit, shots=10, method="stabilizer"), output=out)
    assert r"bad\x1b[2J\u202e" in out.getvalue()
    assert not set("\x1b\u202e") & set(out.getvalue())


def test_start_is_published(backend, device_bell):
    class Listener(Subscriber):
        def __init__(self):
            super().__init__()
            self.jobs = []
            self.subscribe("ibmq.job.start", self.take)

        def take(self, job):
            self.jobs.append(job)

    listener = Listener()
    try:
        job = backend.run(device_bell, shots=5)
    finally:
        listener.clear()
    assert listener.jobs == [job]


def test_other_services_have_no_log(done):
    with pytest.raises(IBMQJobApiError, match=r"no logs\. Call job\.error_message"):
        done.logs()


def test_repr_and_card_name_the_service(done):
    assert repr(done).startswith(f"<IBMQJob('{done.job_id()}', DONE) on ibmq_vigo from IBMQ(hub=")
    assert "emulated locally" in repr(done)
    assert "emulated locally" in done._repr_html_()
    assert "<script" not in done._repr_html_()
