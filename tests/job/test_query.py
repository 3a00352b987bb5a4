from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.job.query import check_window, select_jobs


def test_without_arguments_all_jobs_are_listed_newest_first():
    query = select_jobs().query
    assert query.statuses == ()
    assert query.descending
    assert query.where is None


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        (JobStatus.DONE, ("DONE",)),
        ("done", ("DONE",)),
        ([JobStatus.QUEUED, "running"], ("QUEUED", "RUNNING")),
        (["error", "ERROR"], ("ERROR",)),
        ([], ()),
    ],
)
def test_statuses(given, statuses):
    assert select_jobs(status=given).query.statuses == statuses


def test_times_become_utc():
    start = datetime(2021, 5, 4, 12, 0)
    query = select_jobs(start_datetime=start, end_datetime=start + timedelta(days=1)).query
    assert query.created_from == start.astimezone(UTC)
    assert query.created_to == query.created_from + timedelta(days=1)


def test_tags_and_operator():
    query = select_jobs(job_tags=["a", "b"], job_tags_operator="and").query
    assert query.tags == ("a", "b")
    assert query.all_tags
    assert not select_jobs(job_tags=["a"]).query.all_tags


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"status": "finished"}, IBMQBackendValueError, "'finished'.*DONE"),
        ({"status": 5}, IBMQBackendValueError, "5 is not a job status"),
        ({"job_tags": "a"}, IBMQBackendValueError, "job_tags must be a list of text"),
        ({"job_tags": ["a", 1]}, IBMQBackendValueError, "1 is not text"),
        ({"job_tags_operator": "XOR"}, IBMQBackendValueError, "'XOR'"),
        ({"start_datetime": 5}, TypeError, "start_datetime.*int"),
        ({"end_datetime": "soon"}, ValueError, "end_datetime.*'soon'"),
        ({"job_name": 7}, TypeError, "job_name"),
        ({"db_filter": "x"}, TypeError, "db_filter"),
        ({"db_filter": {"$where": "1"}}, IBMQBackendValueError, "'\\$where' is not a field"),
        ({"db_filter": {"and": {"name": "x"}}}, IBMQBackendValueError, "'and' needs a list"),
        ({"job_name": "["}, IBMQBackendValueError, "not a regular expression"),
        (
            {"start_datetime": datetime(2021, 2, 1), "end_datetime": datetime(2021, 1, 1)},
            IBMQBackendValueError,
            "before start_datetime",
        ),
    ],
)
def test_invalid_arguments_are_named(arguments, error, text):
    with pytest.raises(error, match=text):
        select_jobs(**arguments)


def test_window():
    assert check_window(10, 0) == (10, 0)
    assert check_window(None, 3) == (None, 3)
    assert check_window(0, 0) == (None, 0)
    for limit, skip, named in [
        (-1, 0, "limit"),
        (1, -2, "skip"),
        ("5", 0, "limit"),
        (1.5, 0, "limit"),
    ]:
        with pytest.raises(IBMQBackendValueError, match=named):
            check_window(limit, skip)
        with pytest.raises(IBMQBackendValueError, match=named):
            select_jobs(limit, skip)


def test_jobs_of_one_backend():
    selection = select_jobs(3, 1, "DONE")
    assert (selection.limit, selection.skip) == (3, 1)
    assert selection.query.backend_name is None
    assert selection.on_backend("ibmq_vigo").query == evolve(
        selection.query, backend_name="ibmq_vigo"
    )
    with pytest.raises(TypeError, match="backend_name must be text, not 5"):
        selection.on_backend(5)
