"""A submission creates one job, whatever fails in any step."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibmq_backend.api.classic.mapping import Created
from ibmq_backend.api.classic.submit import submit
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConnectionError,
    ApiError,
    ApiProtocolError,
    ApiServerError,
    ApiStatusError,
    ApiTimeoutError,
    IBMQJobSubmissionUncertain,
    find_api_error,
)
from ibmq_backend.records import JobRecord, Submission

SUBMISSION = Submission("ibmq_vigo", {"qobj_id": "q", "experiments": []}, "tag-1")


def lost():
    return ApiTimeoutError("lost")


def refused():
    return ApiConnectionError("not reached", accepted=False)


def status(code, error_code=None):
    cls = {401: ApiAuthError}.get(code, ApiServerError if code >= 500 else ApiStatusError)
    return cls(f"status {code}", status_code=code, code=error_code, accepted=code >= 500)


FAULTS = {
    "not sent": (refused, False),
    "lost before": (lost, False),
    "lost after": (lost, True),
    "500 before": (lambda: status(500), False),
    "500 after": (lambda: status(500), True),
    "503 before": (lambda: status(503), False),
    "524 before": (lambda: status(524), False),
    "524 after": (lambda: status(524), True),
    "401 before": (lambda: status(401), False),
    "401 after": (lambda: status(401), True),
    "login refused": (
        lambda: ApiAuthError("no", status_code=401, operation="loginWithToken", accepted=False),
        False,
    ),
    "400 before": (lambda: status(400, 3458), False),
    "garbage before": (lambda: ApiProtocolError("HTML"), False),
    "garbage after": (lambda: ApiProtocolError("HTML"), True),
    "interrupt before": (KeyboardInterrupt, False),
    "interrupt after": (KeyboardInterrupt, True),
}


class ScriptedService:
    """A service with jobs and, for each step, a list of faults, one per call."""

    def __init__(self, **faults):
        self.jobs: dict[str, dict] = {}
        self.stored: dict[str, bytes] = {}
        self.faults = {step: list(names) for step, names in faults.items()}
        self.calls: list[str] = []
        self.slept: list[float] = []
        self.largest = None

    def _step(self, name, act):
        self.calls.append(name)
        todo = self.faults.get(name)
        fault = todo.pop(0) if todo else None
        if fault is None:
            return act()
        error, happens = FAULTS[fault]
        if happens:
            act()
        raise error()

    def _record(self, job_id):
        job = self.jobs.get(job_id)
        if job is None:
            raise ApiStatusError("Job not found.", status_code=404, code=3250, accepted=False)
        status_names = {"CREATING": "INITIALIZING", "CREATED": "INITIALIZING"}
        return JobRecord(job_id, status_names.get(job["status"], job["status"]), job["status"])

    def create(self, submission):
        def act():
            job_id = f"job-{len(self.jobs)}"
            self.jobs[job_id] = {"status": "CREATING", "tag": submission.submission_id}
            return Created(job_id, f"url-{job_id}", self.largest)

        return self._step("create", act)

    def find(self, submission_id):
        def act():
            found = [i for i, job in self.jobs.items() if job["tag"] == submission_id]
            return self._record(found[0]) if found else None

        return self._step("find", act)

    def upload_url(self, job_id):
        return self._step("upload_url", lambda: f"fresh-url-{job_id}")

    def upload(self, url, data):
        return self._step("upload", lambda: self.stored.update({url.rpartition("url-")[2]: data}))

    def mark_uploaded(self, job_id):
        def act():
            assert job_id in self.stored
            self.jobs[job_id]["status"] = "CREATED"
            return self._record(job_id)

        return self._step("mark_uploaded", act)

    def job_status(self, job_id):
        return self._step("job_status", lambda: self._record(job_id))

    def cancel(self, job_id):
        def act():
            self.jobs[job_id]["status"] = "CANCELLED"
            return True

        return self._step("cancel", act)

    def delete(self, job_id):
        return self._step("delete", lambda: self.jobs[job_id].update(deleted=True))

    def submit(self, submission=SUBMISSION):
        return submit(self, submission, sleep=self.slept.append)

    def alive(self):
        return [i for i, job in self.jobs.items() if job["status"] != "CANCELLED"]


def test_a_submission_takes_three_requests():
    world = ScriptedService()
    record = world.submit()
    assert world.calls == ["create", "upload", "mark_uploaded"]
    assert record.service_status == "CREATED"
    assert json.loads(world.stored[record.job_id]) == SUBMISSION.qobj
    assert world.slept == []


@pytest.mark.parametrize("fault", ["lost after", "500 after", "524 after", "garbage after"])
def test_a_lost_reply_to_the_creation_is_recovered(fault):
    world = ScriptedService(create=[fault])
    record = world.submit()
    assert world.alive() == [record.job_id]
    assert world.calls == ["create", "find", "upload_url", "upload", "mark_uploaded"]


@pytest.mark.parametrize("fault", ["500 before", "503 before", "401 before"])
def test_a_creation_that_certainly_failed_is_repeated(fault):
    world = ScriptedService(create=[fault])
    record = world.submit()
    assert world.alive() == [record.job_id]
    assert world.calls[:4] == ["create", "find", "find", "create"]


def test_the_creation_is_repeated_a_limited_number_of_times():
    world = ScriptedService(create=["503 before"] * 9)
    with pytest.raises(ApiServerError):
        world.submit()
    assert world.calls.count("create") == 3


@pytest.mark.parametrize("fault", ["lost before", "524 before"])
def test_a_creation_that_may_be_in_progress_is_not_repeated(fault):
    world = ScriptedService(create=[fault])
    with pytest.raises(IBMQJobSubmissionUncertain, match="tag-1") as caught:
        world.submit()
    assert caught.value.submission_id == "tag-1"
    assert find_api_error(caught.value) is not None
    assert world.calls == ["create", *["find"] * 4]
    assert sum(world.slept) == 7.0


def test_a_job_that_appears_late_is_found():
    world = ScriptedService(create=["lost before"])
    real_find = world.find

    def find(submission_id):
        if world.calls.count("find") == 2:
            world.jobs["late"] = {"status": "CREATING", "tag": submission_id}
        return real_find(submission_id)

    world.find = find
    assert world.submit().job_id == "late"


def test_a_failed_search_leaves_the_submission_uncertain():
    world = ScriptedService(create=["lost after"], find=["lost before"])
    with pytest.raises(IBMQJobSubmissionUncertain):
        world.submit()


@pytest.mark.parametrize("fault", ["not sent", "400 before"])
def test_a_refused_creation_is_the_error_itself(fault):
    world = ScriptedService(create=[fault])
    with pytest.raises(ApiError) as caught:
        world.submit()
    assert type(caught.value) is type(FAULTS[fault][0]())
    assert world.calls == ["create"]


def test_a_refused_account_has_no_job():
    world = ScriptedService(create=["401 before"], find=["login refused"])
    with pytest.raises(ApiAuthError):
        world.submit()
    world = ScriptedService(create=["login refused"])
    with pytest.raises(ApiAuthError):
        world.submit()
    assert world.calls == ["create"]


@pytest.mark.parametrize("fault", ["401 before", "401 after"])
def test_an_unexplained_refusal_leaves_the_submission_uncertain(fault):
    world = ScriptedService(create=[fault], find=["401 before"])
    with pytest.raises(IBMQJobSubmissionUncertain):
        world.submit()


def test_a_failed_upload_removes_the_job():
    world = ScriptedService(upload=["lost before"])
    with pytest.raises(ApiTimeoutError):
        world.submit()
    assert world.calls == ["create", "upload", "cancel", "delete"]
    assert world.alive() == []


def test_a_refused_upload_url_is_replaced_once():
    world = ScriptedService(upload=["400 before"])
    world.submit()
    assert world.calls == ["create", "upload", "upload_url", "upload", "mark_uploaded"]


def test_the_first_error_is_raised_if_removing_the_job_fails():
    world = ScriptedService(upload=["lost before"], cancel=["503 before"] * 3)
    with pytest.raises(ApiTimeoutError) as caught:
        world.submit()
    assert world.calls.count("cancel") == 3
    assert "could not be cancelled" in caught.value.__notes__[0]


def test_after_a_lost_reply_to_the_upload_report_the_state_is_read():
    world = ScriptedService(mark_uploaded=["lost after"])
    record = world.submit()
    assert record.service_status == "CREATED"
    assert world.calls[-2:] == ["mark_uploaded", "job_status"]


def test_a_failed_upload_report_removes_the_job():
    world = ScriptedService(mark_uploaded=["503 before"] * 2)
    with pytest.raises(ApiServerError):
        world.submit()
    assert world.calls.count("mark_uploaded") == 2
    assert world.alive() == []


def test_a_lost_upload_report_is_sent_again():
    world = ScriptedService(mark_uploaded=["garbage before"])
    assert world.submit().service_status == "CREATED"
    assert world.calls[-3:] == ["mark_uploaded", "job_status", "mark_uploaded"]


def test_an_unreadable_state_is_read_again():
    world = ScriptedService(
        mark_uploaded=["lost after"], job_status=["503 before", "garbage before"]
    )
    assert world.submit().service_status == "CREATED"
    assert world.calls.count("job_status") == 3


@pytest.mark.parametrize("step", ["mark_uploaded", "job_status"])
def test_an_interrupted_upload_report_removes_the_job(step):
    world = ScriptedService(mark_uploaded=["lost before"], job_status=[])
    world.faults[step] = ["interrupt before"]
    with pytest.raises(KeyboardInterrupt):
        world.submit()
    assert world.alive() == []


def test_an_interrupted_creation_removes_the_job():
    world = ScriptedService(create=["interrupt after"])
    with pytest.raises(KeyboardInterrupt) as caught:
        world.submit()
    assert world.alive() == []
    assert "tag-1" in caught.value.__notes__[0]


def test_an_upload_report_with_unknown_outcome_is_uncertain():
    world = ScriptedService(mark_uploaded=["lost after"], job_status=["lost before"] * 3)
    with pytest.raises(IBMQJobSubmissionUncertain, match="job-0"):
        world.submit()


@pytest.mark.parametrize("fault", ["401 before", "401 after"])
def test_a_refused_upload_report_may_have_been_executed(fault):
    world = ScriptedService(mark_uploaded=[fault], job_status=["503 before"] * 3)
    with pytest.raises(IBMQJobSubmissionUncertain, match=r"job-0.*state cannot be read"):
        world.submit()
    world = ScriptedService(mark_uploaded=["401 before"] * 2, cancel=["503 before"] * 3)
    with pytest.raises(IBMQJobSubmissionUncertain, match=r"job-0 could not be cancelled"):
        world.submit()


def test_a_job_that_is_too_large_is_removed():
    world = ScriptedService()
    world.largest = 10
    with pytest.raises(ApiError, match="too large"):
        world.submit()
    assert world.alive() == []


def test_an_interrupted_upload_removes_the_job():
    world = ScriptedService(upload=["interrupt after"])
    with pytest.raises(KeyboardInterrupt):
        world.submit()
    assert world.alive() == []


SCHEDULES = st.fixed_dictionaries(
    {
        step: st.lists(st.none() | st.sampled_from(sorted(FAULTS)), max_size=3)
        for step in (
            "create",
            "find",
            "upload_url",
            "upload",
            "mark_uploaded",
            "job_status",
            "cancel",
            "delete",
        )
    }
)


@pytest.mark.slow
@settings(max_examples=400)
@given(faults=SCHEDULES)
def test_at_most_one_job_and_exactly_one_on_success(faults):
    world = ScriptedService(**faults)
    failure, record = None, None
    try:
        record = world.submit()
    except (ApiError, IBMQJobSubmissionUncertain, KeyboardInterrupt) as error:
        failure = error
    assert len(world.jobs) <= 1
    if record is not None:
        assert list(world.jobs) == [record.job_id]
        assert world.jobs[record.job_id]["status"] == "CREATED"
        assert json.loads(world.stored[record.job_id]) == SUBMISSION.qobj
    elif any(job["status"] == "CREATED" for job in world.jobs.values()):
        # A job may run although run() raised only if the error says so.
        assert isinstance(failure, IBMQJobSubmissionUncertain | KeyboardInterrupt)
