"""The replies of both versions of the platform's API."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.records import JobQuery, Submission
from tests.contract.targets import Target
from tests.support.builders import bell

pytestmark = pytest.mark.lacks(Capability.QUEUE_INFO)


def check_job(target: Target, account: AccountClient) -> None:
    """Check a device, a job, its list, document and result: they are equal in all versions."""
    runner = target.facts.runner
    backends = {backend.name: backend for backend in account.backends()}
    assert tuple(backends) == target.facts.devices
    assert backends[runner].configuration["n_qubits"] == target.facts.qubits
    status = account.status(runner)
    assert (status.operational, status.pending_jobs) == (True, 0)
    submission = Submission(
        runner, bell(runner, shots=128), target.tag(1), name="bell", tags=("course",)
    )
    job_id = account.submit(submission).job_id
    target.wait_for(account, job_id)
    (listed,) = account.jobs(JobQuery(backend_name=runner), limit=None)
    document = account.job(job_id)
    for record in (listed, document):
        assert (record.job_id, record.status) == (job_id, "DONE")
        assert (record.backend_name, record.name) == (runner, "bell")
        assert set(record.tags or ()) == {"course", target.tag(1)}
        assert record.created is not None
    assert document.time_per_step is not None
    assert {"RUNNING", "COMPLETED"} <= document.time_per_step.keys()
    result = account.job_result(job_id)
    (run,) = result["results"]
    assert sum(run["data"]["counts"].values()) == run["shots"] == 128
    account.relabel(job_id, tags=["changed"])
    assert set(account.job(job_id).tags or ()) == {"changed"}
    account.delete(job_id)
    assert list(account.jobs(JobQuery(), limit=None)) == []


@pytest.mark.api_version("2025-05-01")
def test_job_in_api_version_2025(target: Target, account: AccountClient) -> None:
    check_job(target, account)


@pytest.mark.api_version("2026-04-15")
def test_job_in_api_version_2026(target: Target, account: AccountClient) -> None:
    check_job(target, account)
