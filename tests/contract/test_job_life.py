"""From the submission of a job to its result."""

from __future__ import annotations

from datetime import UTC

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiForbidden, ApiNotFound, ApiStatusError
from ibmq_backend.records import JobQuery, Submission
from tests.contract.targets import DEVICE, SIMULATOR, Target, Trait
from tests.support.builders import bell, flipped, impossible

STEPS = ["CREATING", "CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"]


def test_submission_creates_a_job(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    experiment = "experiment-1" if Trait.EXPERIMENTS in target.facts.traits else None
    record = account.submit(
        Submission(
            runner,
            bell(runner),
            target.tag(1),
            name="bell pair",
            tags=("course", "week 3"),
            experiment_id=experiment,
        )
    )
    assert record.job_id
    assert record.backend_name == runner
    assert (record.name, record.experiment_id) == ("bell pair", experiment)
    assert set(record.tags or ()) == {"course", "week 3", target.tag(1)}
    assert record.status in {"INITIALIZING", "VALIDATING", "QUEUED", "RUNNING", "DONE"}
    target.wait_for(account, record.job_id)
    (found,) = account.jobs(JobQuery(tags=(target.tag(1),)), limit=None)
    assert found.job_id == record.job_id
    document = account.job(record.job_id)
    assert (document.backend_name, document.name) == (runner, "bell pair")
    assert set(document.tags or ()) == set(record.tags or ())
    assert document.created is not None
    assert document.created.tzinfo is UTC
    assert document.client is not None
    assert "ibmq-backend" in document.client


@pytest.mark.live
def test_one_job_with_all_requests(target: Target, account: AccountClient) -> None:
    """Send all requests about one job, for services where jobs cost money."""
    facts, runner, tag = target.facts, target.facts.runner, target.tag(1)
    assert facts.entangler, f"{runner} has neither cx nor cz"
    qobj = bell(runner, shots=512, entangler=facts.entangler, pair=facts.pair)
    submission = Submission(runner, qobj, tag, name="one", tags=("course",))
    job_id = account.submit(submission).job_id
    target.wait_for(account, job_id)
    assert account.job_status(job_id).status == "DONE"
    document = account.job(job_id)
    assert (document.backend_name, document.name) == (runner, "one")
    assert set(document.tags or ()) == {"course", tag}
    assert document.created is not None
    result = account.job_result(job_id)
    (run,) = result["results"]
    counts = run["data"]["counts"]
    assert sum(counts.values()) == run["shots"] == 512
    assert counts["0x0"] + counts["0x3"] > 400
    written = account.job_input(job_id)
    assert [one["header"]["name"] for one in written["experiments"]] == ["bell"]
    properties = account.job_properties(job_id)
    assert properties is None or properties["backend_name"] == runner
    query = JobQuery(tags=(tag,))
    assert [one.job_id for one in account.jobs(query, limit=None)] == [job_id]
    assert [one.job_id for one in account.job_summaries(query, limit=1)] == [job_id]
    assert account.job_limit(runner).running_jobs == 0
    account.relabel(job_id, name="other", tags=[tag])
    assert (account.job(job_id).name, account.job(job_id).tags) == ("other", (tag,))
    assert account.cancel(job_id) is False
    account.delete(job_id)
    with pytest.raises(ApiNotFound):
        account.job(job_id)


def test_job_has_a_result(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    qobj = bell(runner, shots=512)
    job_id = account.submit(Submission(runner, qobj, target.tag(1))).job_id
    target.wait_for(account, job_id)
    status = account.job_status(job_id)
    assert (status.job_id, status.status, status.service_status) == (
        job_id,
        "DONE",
        target.facts.ended[0],
    )
    assert status.queue is None

    result = account.job_result(job_id)
    assert (result["job_id"], result["qobj_id"]) == (job_id, qobj["qobj_id"])
    assert result["backend_name"] == runner
    assert result["success"] is True
    (run,) = result["results"]
    header = qobj["experiments"][0]["header"]
    assert {name: run["header"][name] for name in header} == header
    if Trait.SIMULATOR in target.facts.traits:
        assert run["data"]["counts"].keys() == {"0x0", "0x3"}
    assert run["data"]["counts"]["0x0"] + run["data"]["counts"]["0x3"] > 400
    assert sum(run["data"]["counts"].values()) == run["shots"] == 512
    if Trait.SERVER_SIDE_CHECKS in target.facts.traits:
        assert account.job_input(job_id) == qobj
    assert account.job_result(job_id) == result  # reading does not delete it


def test_job_document_has_the_times_of_all_steps(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    submission = Submission(runner, flipped(runner), target.tag(1), name="flip")
    job_id = account.submit(submission).job_id
    target.wait_for(account, job_id)
    record = account.job(job_id)
    assert (record.job_id, record.status, record.name) == (job_id, "DONE", "flip")
    assert record.backend_name == runner
    assert record.error is None
    assert record.time_per_step is not None
    moments = record.time_per_step
    assert {"RUNNING", "COMPLETED"} <= moments.keys()
    if Trait.STEP_TIMES not in target.facts.traits:
        return
    assert record.run_mode == "fairshare"
    assert sorted(moments, key=lambda step: moments[step]) == STEPS
    assert moments["CREATING"] == record.created
    assert record.extra["summary_data"]["size"]["input"] > 0


def test_device_job_keeps_its_calibration(target: Target, account: AccountClient) -> None:
    device = target.facts.device
    job_id = account.submit(Submission(device, bell(device), target.tag(1))).job_id
    target.wait_for(account, job_id)
    properties = account.job_properties(job_id)
    assert properties is not None
    assert properties == account.properties(device)
    (run,) = account.job_result(job_id)["results"]
    counts = run["data"]["counts"]
    assert sum(counts.values()) == 1024
    assert counts["0x0"] + counts["0x3"] > 800
    assert len(counts) > 2  # a device has noise


@pytest.mark.needs(Trait.SERVER_SIDE_CHECKS)
def test_job_that_the_device_cannot_run_ends_in_an_error(
    target: Target, account: AccountClient
) -> None:
    job_id = account.submit(Submission(DEVICE, impossible(DEVICE), target.tag(1))).job_id
    target.wait_for(account, job_id)
    record = account.job(job_id)
    assert (record.status, record.service_status) == ("ERROR", "ERROR_VALIDATING_JOB")
    assert record.error is not None
    assert "teleport" in record.error.message
    assert record.error.code
    assert account.job_status(job_id).status == "ERROR"
    with pytest.raises(ApiStatusError) as caught:
        account.job_result(job_id)
    assert (caught.value.status_code, caught.value.code) == (400, 3211)


@pytest.mark.needs(Trait.SERVER_SIDE_CHECKS)
def test_job_for_an_unknown_device(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiNotFound) as caught:
        account.submit(Submission("ibmq_atlantis", bell("ibmq_atlantis"), target.tag(1)))
    assert (caught.value.operation, caught.value.code) == ("createJob", 2620)
    assert list(account.jobs(JobQuery(tags=(target.tag(1),)), limit=None)) == []


@pytest.mark.needs(Capability.JOB_LIMIT)
@pytest.mark.service(job_limits={DEVICE: 1})
def test_job_over_the_limit_is_refused(target: Target, account: AccountClient) -> None:
    target.pause(DEVICE)
    first = account.submit(Submission(DEVICE, flipped(DEVICE), target.tag(1))).job_id
    assert account.job_limit(DEVICE).running_jobs == 1
    with pytest.raises(ApiStatusError) as caught:
        account.submit(Submission(DEVICE, flipped(DEVICE), target.tag(2)))
    assert (caught.value.status_code, caught.value.code) == (400, 3458)
    assert caught.value.accepted is False
    assert account.cancel(first)
    assert account.job_limit(DEVICE).running_jobs == 0


@pytest.mark.needs(Trait.UPLOADS)
@pytest.mark.service(url_seconds=-1)
def test_failed_upload_leaves_no_job(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiForbidden) as caught:
        account.submit(Submission(SIMULATOR, flipped(SIMULATOR), target.tag(1)))
    assert caught.value.operation == "putStoredObject"
    assert list(account.jobs(JobQuery(tags=(target.tag(1),)), limit=None)) == []


@pytest.mark.needs(Capability.USAGE)
def test_job_counts_as_usage(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    before = account.usage()
    job_id = account.submit(Submission(runner, flipped(runner), target.tag(1))).job_id
    target.wait_for(account, job_id)
    after = account.usage()
    assert after.consumed_seconds > before.consumed_seconds == 0.0
    assert (after.limit_seconds, after.limit_reached) == (None, False)
    assert after.start is not None
    assert after.end is not None
    assert after.start < target.now <= after.end
