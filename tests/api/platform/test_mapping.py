"""Replies of 2025 and 2026 give the same records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import fields
from ibmq_api_platform.models import BackendList, BackendStatus, Job, JobList, JobMetrics
from qiskit.providers import JobStatus

from ibmq_backend.api.platform import mapping
from ibmq_backend.api.platform.mapping import NAME_PREFIX, split_name
from ibmq_backend.api.platform.payloads import wire_tags
from ibmq_backend.exceptions import ApiInputError
from tests.support.platform_replies import examples, job, metrics


def job_record(document):
    return mapping.job_record(Job.from_dict(document))


def metrics_of(document):
    return mapping.metrics_of(JobMetrics.from_dict(document))


def listed_backends(devices):
    return mapping.listed_backends(BackendList.from_dict({"devices": devices}))


def status_record(document, name):
    return mapping.status_record(BackendStatus.from_dict(document), name)


@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("Queued", None, "QUEUED"),
        ("Running", None, "RUNNING"),
        ("Completed", None, "DONE"),
        ("Cancelled", None, "CANCELLED"),
        ("CANCELLED", None, "CANCELLED"),
        ("Cancelled", 1305, "ERROR"),
        ("Cancelled", "1305", "ERROR"),
        ("Cancelled - Ran too long", None, "ERROR"),
        ("Failed", 1517, "ERROR"),
    ],
)
def test_every_status(word, code, expected):
    record = job_record(job(status=word, state={"status": word, "reason_code": code}))
    assert record.status == expected
    assert JobStatus[record.status]
    assert (record.error is not None) == (expected == "ERROR")


@pytest.mark.parametrize("word", ["Held", "Queued2", "Held: 2/3 (by us)", "待機中", ""])
def test_an_unknown_status_is_initializing_with_one_notice(word, caplog):
    records = [
        job_record(job(id=name, status=word, state={"status": word, "reason": "Why"}))
        for name in ("first", "second")
    ]
    assert {each.status for each in records} == {"INITIALIZING"}
    assert not any(each.has_known_status for each in records)
    assert {each.service_status for each in records} == {each.extra["status"] for each in records}
    assert records[0].service_status == word
    assert records[0].error.message == "Why"
    (line,) = caplog.messages
    assert f"Job first has the state {word!r}" in line


@pytest.mark.parametrize("word", ["Authorization: Bearer 0a1b2c3d", "x " * 33])
def test_a_state_that_repeats_a_request_is_refused(word):
    with pytest.raises(ValueError, match="no word"):
        job_record(job(status=word, state={"status": word}))


def test_examples_of_the_specification():
    records = {name: job_record(one) for name, one in examples("getJob").items()}
    assert {name: each.status for name, each in records.items()} == {
        "queued": "QUEUED",
        "completed": "DONE",
        "failed": "ERROR",
        "ranTooLong": "ERROR",
        "in2025": "DONE",
        "private": "RUNNING",
    }
    assert records["failed"].error.code == 1517
    assert "Transpile the circuit" in records["failed"].error.message
    assert records["ranTooLong"].service_status == "Cancelled - Ran too long"
    assert records["ranTooLong"].error.code == 1305
    assert records["completed"].created == datetime(2026, 8, 17, 1, 39, 15, 646554, tzinfo=UTC)
    assert records["completed"].extra["usage"] == {
        "qpu_charge_time_seconds": 2,
        "status": "complete",
    }
    assert "params" not in records["completed"].extra
    for one in examples("getJobMetrics").values():
        assert metrics_of(one)


def test_unmapped_fields_are_kept_unchanged():
    times = {"estimated_running_time_seconds": 2.4, "calibration_id": None, "private": True}
    record = job_record(job(**times, session_id="s", new={"of": [2027]}, remote_storage={"a": 1}))
    assert record.extra == {
        "status": "Completed",
        "cost": 600,
        "usage": {"qpu_charge_time_seconds": 2, "status": "complete"},
        "session_id": "s",
        "estimated_running_time_seconds": 2.4,
        "private": True,
        "new": {"of": [2027]},
    }
    assert job_record({**job(), "calibration_id": None}).extra["calibration_id"] is None
    assert metrics_of(metrics(bss={"seconds": 1, "new": 2})).extra["bss"] == {
        "seconds": 1,
        "new": 2,
    }
    assert mapping._MAPPED - {field.name for field in fields(Job)} == set()


def test_a_job_without_optional_fields():
    record = job_record(
        {
            "id": "a",
            "created": "2025-06-01T10:00:00Z",
            "program": {"id": "estimator"},
            "state": {"status": "Queued"},
        }
    )
    assert (record.kind, record.tags, record.name, record.backend_name) == (
        "estimator",
        (),
        None,
        None,
    )
    assert record.error is None


@pytest.mark.parametrize("missing", ["id", "state"])
def test_required_fields_of_a_job(missing):
    document = job(status=None)
    del document[missing]
    with pytest.raises((KeyError, TypeError)):
        job_record(document)


@pytest.mark.parametrize("odd", [5, ["x"], {}])
def test_optional_texts_of_another_type_are_missing(odd):
    assert job_record(job(backend=odd)).backend_name is None
    status = status_record({"length_queue": 1, "status": odd, "backend_version": odd}, "a")
    assert (status.message, status.version, status.pending_jobs) == ("", "0.0.0", 1)


def test_a_list_of_jobs_loses_what_is_missing(caplog):
    documents = [job(id=f"j{number}") for number in range(5)]
    del documents[1]["created"], documents[2]["program"], documents[3]["state"]
    documents[4]["created"] = "yesterday"
    entries = [*documents, None, {}, {"id": 5}, {"id": "j9", "state": 7}]
    records = mapping.listed_jobs(JobList.from_dict({"jobs": entries}).jobs)
    assert [each and each.job_id for each in records] == [*(f"j{n}" for n in range(5)), *[None] * 4]
    assert [each.created is None for each in records[:5]] == [False, True, False, False, True]
    assert [each.kind for each in records[:5]] == [*["sampler"] * 2, "unknown", *["sampler"] * 2]
    assert {each.status for each in records[:5]} == {"DONE"}
    (line,) = caplog.messages
    assert line.startswith("4 of 9 entries in the list of jobs cannot be read and are left out; ")


def test_reasons_of_failed_jobs():
    def reason(**state):
        return job_record(job(status="Failed", state={"status": "Failed", **state})).error

    assert reason(reason="No.", reason_code=1517, reason_solution="Do.").message == "No. Do."
    assert reason(reason="No.", reason_code=1517, reason_solution="Do.").hint is None
    assert reason(reason="No.", reason_code=1517).hint.startswith("Run transpile(circuit, backend)")
    assert reason(reason="No", reasonCode=1506).code == 1506
    assert reason(reason="Do. No.", reason_solution="Do.").message == "Do. No."
    assert reason(reason_code=9999).message == "The service ended the job with the status Failed"
    assert reason().message == ""
    assert reason(reason=None).message == ""


def test_names_are_stored_as_tags():
    record = job_record(job(tags=["a", f"{NAME_PREFIX}my bell", "b"]))
    assert (record.name, record.tags) == ("my bell", ("a", "b"))
    assert split_name(["x"]) == (None, ("x",))
    assert wire_tags(["a"], "my bell", "own") == ["a", "own", f"{NAME_PREFIX}my bell"]
    assert wire_tags(["a", "a"], None) == ["a"]


@pytest.mark.parametrize(
    ("tags", "name", "message"),
    [
        (["x" * 87], None, "87 characters"),
        ([""], None, "0 characters"),
        ([str(n) for n in range(8)], None, "9 tags"),
        ([str(n) for n in range(7)], "name", "9 tags"),
        ([], "n" * 77, "may have 76"),
    ],
)
def test_invalid_tags_are_rejected(tags, name, message):
    with pytest.raises(ApiInputError, match=message):
        wire_tags(tags, name, "own")


def test_tags_of_maximum_length():
    assert len(wire_tags(["ü" * 86, *"abcde"], "n" * 76, "own")) == 8


def test_metrics_of_2026():
    found = metrics_of(metrics())
    assert list(found.steps) == ["QUEUED", "RUNNING", "COMPLETED"]
    assert found.finished == datetime(2026, 8, 17, 1, 40, 12, 300000, tzinfo=UTC)
    assert found.seconds == 2.5
    assert found.client == {"ibmq-backend": "0.1.0"}
    assert found.extra["qiskit_version"] == "2.6.2"


def test_metrics_of_2025_and_before_the_end():
    found = metrics_of(
        {
            "timestamps": {"created": "2025-06-01T10:00:00Z", "running": None, "finished": None},
            "bss": {"seconds": 3},
            "usage": {"quantum_seconds": 3, "seconds": 3},
            "position_in_queue": 5,
        }
    )
    assert list(found.steps) == ["QUEUED"]
    assert (found.finished, found.seconds, found.client) == (None, 3.0, {})
    assert metrics_of({"usage": {"seconds": 4}}).seconds == 4.0
    pending = {"usage": {"qpu_charge_time_seconds": 1, "status": "pending"}}
    assert metrics_of(pending).seconds is None
    assert metrics_of({}).steps == {}
    times = {"created": "now", "running": 5, "finished": "2025-06-01T10:00:00Z"}
    assert list(metrics_of({"timestamps": times}).steps) == ["COMPLETED"]
    assert metrics_of({"caller": "qiskit_ibm_runtime~sampler"}).client == {
        "caller": "qiskit_ibm_runtime~sampler"
    }


def test_backends_of_every_version():
    for name, one in examples("listBackends").items():
        assert [each for each, _, _ in listed_backends(one["devices"])] == [
            "ibm_example",
            "ibm_other",
        ], name
    odd = [{"name": "sim", "is_simulator": True}, {"x": 1}, None, {"name": ""}, 5]
    assert listed_backends(odd) == [("sim", True, None)]


@pytest.mark.parametrize("name", ["active", "paused"])
def test_states_of_a_backend(name):
    record = status_record(examples("getBackendStatus")[name], "ibm_example")
    assert record.operational == (name == "active")
    assert record.version == ("1.0.3" if name == "active" else "0.0.0")
    assert record.pending_jobs > 0
    assert record.message == ("active" if name == "active" else "maintenance")


def test_a_state_with_missing_fields():
    record = status_record({"length_queue": -1}, "x")
    assert (record.operational, record.pending_jobs, record.message) == (False, 0, "")
    with pytest.raises(TypeError):
        status_record({"length_queue": "many"}, "x")
