from datetime import UTC, datetime, timedelta

import pytest
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend.backend.job_limit import BackendJobLimit
from ibmq_backend.backend.reservation import BackendReservation
from ibmq_backend.job.queue_info import QueueInfo
from ibmq_backend.records import LimitRecord, QueueRecord, ReservationRecord

START = datetime(2021, 5, 4, 10, 0, tzinfo=UTC)


def test_queue_info_has_local_times_and_a_report():
    record = QueueRecord(
        position=3,
        status="PENDING_IN_QUEUE",
        estimated_start=START,
        hub_priority=0.5,
        extra={"some_new_field": 7},
    )
    info = QueueInfo.from_record(record, "abc")
    assert info.position == 3
    assert info.estimated_start_time == START
    assert info.estimated_start_time.utcoffset() == START.astimezone().utcoffset()
    assert info.estimated_complete_time is None
    assert info.some_new_field == 7
    report = info.format()
    assert "queue position: 3" in report
    assert "estimated completion time: unknown" in report
    assert "position=3" in repr(info)
    assert "QUEUED" in repr(info)
    with pytest.raises(AttributeError, match="no_such"):
        info.no_such


def test_queue_info_without_values_is_empty():
    assert QueueInfo(job_id="abc").is_empty()
    assert not QueueInfo(position=0).is_empty()
    assert QueueInfo(status=JobStatus.QUEUED).format().count("QUEUED") == 1


def test_job_limit():
    limit = BackendJobLimit.from_record(LimitRecord(5, 2, {"weekly": 9}))
    assert (limit.maximum_jobs, limit.active_jobs, limit.running_jobs) == (5, 2, 2)
    assert limit.weekly == 9
    assert BackendJobLimit(-1, 3).maximum_jobs is None
    with pytest.raises(AttributeError):
        limit.monthly


def test_reservation():
    mine = BackendReservation.from_record(
        ReservationRecord(None, START, START + timedelta(minutes=30), reservation_id="r1", hub="h"),
        "ibmq_vigo",
    )
    assert mine.backend_name == "ibmq_vigo"
    assert mine.duration == 30
    assert mine.start_datetime == START
    same_slot = BackendReservation("ibmq_vigo", START, START + timedelta(minutes=30))
    other = BackendReservation("ibmqx2", START, START + timedelta(minutes=30))
    assert mine == same_slot
    assert mine != other
    assert "hub=h" in repr(mine)
    assert "project" not in repr(mine)
