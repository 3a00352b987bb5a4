from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import fields
from ibmq_api_classic import models
from ibmq_api_classic.models import BackendStatus, Booking, Hub, Job
from qiskit.providers import JobStatus

from ibmq_backend.api.classic import instances, mapping
from ibmq_backend.exceptions import ApiProtocolError
from ibmq_backend.records import JobErrorRecord, QueueRecord
from tests.support.classic_replies import JOB_ID, job


def record_of(**changes):
    return mapping.job_record(Job.from_dict(job(**changes)))


MOMENT = datetime(2021, 5, 4, 11, 34, 58, 965000, tzinfo=UTC)


def test_every_service_status_maps_to_a_qiskit_status_and_back():
    assert set(mapping.STATUSES.values()) == set(JobStatus.__members__)


def test_unknown_error_statuses_are_errors():
    assert mapping.status_name("ERROR_OF_ANOTHER_KIND", "j") == "ERROR"
    assert mapping.status_name("completed", "j") == "DONE"


@pytest.mark.parametrize("word", ["PAUSED", "", None, 7])
def test_an_unknown_status_is_named_with_its_job(word):
    with pytest.raises(ApiProtocolError, match=rf"Job {JOB_ID} .*{word!r}"):
        record_of(status=word)


def test_a_complete_job():
    record = record_of(
        status="QUEUED",
        timePerStep={"CREATING": "2021-05-04T11:34:58.965Z"},
        runMode="fairshare",
        clientInfo={"name": "qiskit-ibmq-provider,qiskit-terra", "version": "0.20.2,0.46.3"},
        experimentTag="e1",
        error={"message": "Bad.", "code": 9990},
        infoQueue={
            "status": "PENDING_IN_QUEUE",
            "position": 3,
            "estimatedStartTime": "2021-05-04T11:34:58.965Z",
            "hubPriority": 0.5,
            "somethingNew": 1,
        },
        summaryData={"success": True},
        hubInfo={},
        objectStorageInfo={"uploadUrl": "https://secret"},
    )
    assert record.job_id == JOB_ID
    assert (record.status, record.service_status) == ("QUEUED", "QUEUED")
    assert record.created == MOMENT
    assert record.backend_name == "ibmq_vigo"
    assert record.tags == ("course",)
    assert record.time_per_step == {"CREATING": MOMENT}
    assert record.client == {"qiskit-ibmq-provider": "0.20.2", "qiskit-terra": "0.46.3"}
    assert record.experiment_id == "e1"
    assert record.error == JobErrorRecord("Bad.", 9990)
    assert record.queue == QueueRecord(
        position=3,
        status="PENDING_IN_QUEUE",
        estimated_start=MOMENT,
        hub_priority=0.5,
        extra={"something_new": 1},
    )
    assert record.extra == {"summary_data": {"success": True}, "hub_info": {}}
    assert "secret" not in repr(record)


@pytest.mark.parametrize(
    "model", [models.Job, models.JobStatus, models.ListedJobStatus, models.UploadedJob]
)
def test_mapped_fields_are_not_extra_fields_even_if_undocumented(model):
    described_elsewhere = {
        "objectStorageInfo": {"uploadUrl": "https://secret"},
        "qObject": {"qobj_id": "q"},
        "qObjectResult": {"results": []},
    }
    document = {key: value for key, value in job().items() if key not in described_elsewhere}
    record = mapping.job_record(model.from_dict({**document, **described_elsewhere, "new": 1}))
    assert record.extra["new"] == 1
    assert record.extra.keys().isdisjoint(map(mapping.snake_case, described_elsewhere))
    assert "secret" not in repr(record)


def test_mapped_fields_are_documented():
    assert mapping._MAPPED - {field.name for field in fields(Job)} == set()


def test_job_errors_with_known_codes_have_a_hint():
    record = record_of(status="ERROR", error={"message": "Bad.", "code": 1106})
    assert record.error.hint.startswith("Run transpile(circuit, backend)")


def test_queue_data_is_read_only_for_queued_jobs():
    record = record_of(status="RUNNING", infoQueue={"position": 1})
    assert record.queue is None


def test_a_job_with_required_fields_only():
    record = mapping.job_record(models.JobStatus.from_dict({"status": "RUNNING"}), "j1")
    assert record.job_id == "j1"
    assert record.created is record.tags is record.backend_name is record.error is None
    with pytest.raises(KeyError):
        mapping.job_record(models.JobStatus.from_dict({"status": "RUNNING"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 7},
        {"creationDate": "yesterday"},
        {"creationDate": 7},
        {"backend": "ibmq_vigo"},
        {"tags": "a"},
        {"timePerStep": []},
        {"infoQueue": "soon", "status": "QUEUED"},
        {"infoQueue": {"position": "first"}, "status": "QUEUED"},
    ],
)
def test_wrong_types_are_rejected(changes):
    with pytest.raises((TypeError, ValueError)):
        record_of(**changes)


@pytest.mark.parametrize(
    ("info", "client"),
    [
        (None, None),
        ({"name": None}, None),
        ({"name": "qubo", "version": None}, {"qubo": ""}),
        ({"name": "a,b", "version": "1"}, {"a,b": "1"}),
    ],
)
def test_unusual_client_names(info, client):
    assert record_of(clientInfo=info).client == client


def test_backends_without_a_name_are_skipped_with_a_warning(caplog):
    records = mapping.backend_records([7, {}, {"backend_name": "a", "simulator": True}])
    assert [(record.name, record.simulator) for record in records] == [("a", True)]
    assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ("0.0.0", False, 0, "")),
        ({"state": True, "lengthQueue": -4, "status": "active"}, ("0.0.0", True, 0, "active")),
        ({"lengthQueue": 12, "backend_version": "1.3.4"}, ("1.3.4", False, 12, "")),
    ],
)
def test_the_state_of_a_backend(document, expected):
    record = mapping.status_record(BackendStatus.from_dict(document), "x")
    assert (record.version, record.operational, record.pending_jobs, record.message) == expected


def limit_of(document):
    return mapping.limit_record(models.JobsLimit.from_dict(document))


def test_job_limits():
    record = limit_of({"maximumJobs": -1, "runningJobs": 2, "someThing": 1})
    assert (record.maximum_jobs, record.running_jobs) == (None, 2)
    assert record.extra == {"some_thing": 1}
    assert limit_of({"maximumJobs": 5, "runningJobs": 0}).maximum_jobs == 5


def test_reservations_of_a_backend_and_of_the_user():
    times = {"initialDate": "2021-05-04T11:34:58.965Z", "endDate": "2021-05-04T11:35:00Z"}
    other = mapping.reservation_record(Booking.from_dict(times), "ibmq_vigo")
    assert (other.backend_name, other.start, other.hub) == ("ibmq_vigo", MOMENT, None)
    own = mapping.reservation_record(
        Booking.from_dict(
            {
                **times,
                "backendName": "b",
                "mode": "dedicated",
                "hubInfo": {"hub": {"name": "h"}, "group": {"name": "g"}, "project": {"name": "p"}},
            }
        )
    )
    assert (own.backend_name, own.hub, own.group, own.project) == ("b", "h", "g", "p")


def test_the_order_of_instances():
    def project(default=False):
        return {"isDefault": default}

    hubs = [
        {"name": "a", "groups": {"g": {"projects": {"1": project(), "2": project(True)}}}},
        {"name": "b", "groups": {"g": {"projects": {"3": project()}}, "h": {"projects": {}}}},
        {"name": "c", "groups": {"g": {"projects": {"4": project(True), "5": project()}}}},
    ]
    records = instances.instance_records(Hub.from_dict(hub) for hub in hubs)
    assert [record.id.label for record in records] == [
        "c/g/4",
        "a/g/2",
        "a/g/1",
        "b/g/3",
        "c/g/5",
    ]
    assert [record.is_default for record in records] == [True, False, False, False, False]
    assert instances.instance_records([]) == []


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("endDate", "end_date"),
        ("summaryData", "summary_data"),
        ("ip", "ip"),
        ("qObject", "q_object"),
        ("userID", "user_id"),
        ("a-b", "a_b"),
    ],
)
def test_snake_case_names(wire, python):
    assert mapping.snake_case(wire) == python
