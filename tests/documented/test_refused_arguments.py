"""Invalid arguments raise an error that names them, in every state of the object."""

import numpy as np
import pytest
from qiskit_aer.noise import noise_model

from ibmq_backend import IBMQ
from ibmq_backend._compat.noise_models import adapt_noise_model
from ibmq_backend.exceptions import (
    IBMQBackendError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
    IBMQProviderError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.records import JobRecord


@pytest.fixture
def finished(backend) -> IBMQJob:
    record = JobRecord(job_id="1", status="DONE", service_status="COMPLETED")
    return IBMQJob(backend, backend._api_client, record)


@pytest.fixture
def waiting(backend) -> IBMQJob:
    record = JobRecord(job_id="1", status="QUEUED", service_status="QUEUED")
    return IBMQJob(backend, backend._api_client, record)


@pytest.mark.parametrize("timeout", ["a", "5", [5], True, float("nan"), {}])
def test_an_invalid_timeout(finished, waiting, timeout):
    for job in (finished, waiting):
        with pytest.raises(IBMQJobInvalidStateError, match="timeout must be a number of seconds"):
            job.wait_for_final_state(timeout=timeout)
        with pytest.raises(IBMQJobInvalidStateError, match="timeout must be a number of seconds"):
            job.result(timeout=timeout)


@pytest.mark.parametrize("timeout", [0, 0.0, 1e9, np.float64(3)])
def test_a_timeout_of_a_job_that_has_ended(finished, timeout):
    assert finished.wait_for_final_state(timeout=timeout) is None


def test_no_time_at_all(backend, held, device_bell):
    with held("ibmq_vigo"):
        job = backend.run(device_bell, shots=10)
        with pytest.raises(IBMQJobTimeoutError):
            job.wait_for_final_state(timeout=0)
        job.cancel()


@pytest.mark.parametrize("part", ["hub", "group", "project", "instance"])
@pytest.mark.parametrize("value", [5, ["h"], object()])
def test_provider_arguments_that_are_not_text(provider, part, value):
    with pytest.raises(IBMQProviderError, match=f"{part} must be text, not {type(value).__name__}"):
        IBMQ.get_provider(**{part: value})


def test_the_noise_of_a_simulator(simulator):
    adapt_noise_model(noise_model)  # as programs with the old imports have it
    with pytest.raises(IBMQBackendError, match="ibmq_qasm_simulator has no calibration.*a device"):
        noise_model.NoiseModel.from_backend(simulator)


def test_tags_are_changed_in_the_documented_order(backend, device_bell):
    job = backend.run(device_bell, shots=10, job_tags=["old"])
    new = job.update_tags(["kept", "both"], ["added", "both"], ["both"])
    assert new == ["kept", "added"]
    assert backend.retrieve_job(job.job_id()).tags() == ["kept", "added"]
