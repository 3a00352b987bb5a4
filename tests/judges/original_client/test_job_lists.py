"""Lists of jobs: filters, pages, and names and tags that are changed later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from accounts import BOOKED_BY_OTHERS, COURSE, DEVICE, SIMULATOR, Tokens
from circuits import constant
from qiskit import IBMQ
from qiskit.providers.ibmq.exceptions import IBMQBackendApiError, IBMQBackendValueError
from qiskit.providers.jobstatus import JobStatus
from traffic import watched


def ids(jobs: list[Any]) -> list[str]:
    return [job.job_id() for job in jobs]


def test_a_series_of_jobs_completes_with_rising_dates(series: list[Any]) -> None:
    assert {job.status() for job in series} == {JobStatus.DONE}
    dates = [job.creation_date() for job in series]
    assert dates == sorted(set(dates))


def test_pages_hold_every_job_once(provider: Any, simulator: Any, series: list[Any]) -> None:
    oldest_first = ids(series)
    newest_first = oldest_first[::-1]
    for limit in (None, 0, len(series)):
        assert ids(simulator.jobs(limit=limit, job_tags=["series"])) == newest_first
    with watched() as seen:
        assert ids(simulator.jobs(limit=1000, job_tags=["series"])) == newest_first
    assert len(seen.requests) > 1, "the list is too short for pages"
    listed = simulator.jobs(limit=None, job_tags=["series"], descending=False)
    assert ids(listed) == oldest_first
    assert ids(simulator.jobs(limit=7, skip=5, job_tags=["series"])) == newest_first[5:12]
    assert len(simulator.jobs()) == 10
    assert simulator.jobs(skip=10_000) == []
    listed = provider.backend.job_ids(limit=5, job_tags=["series"])
    assert [job["id"] for job in listed] == newest_first[:5]


def test_a_listed_job_has_all_but_its_times(simulator: Any, series: list[Any]) -> None:
    with watched() as seen:
        (job,) = simulator.jobs(limit=1, job_tags=["series"])
    ((_, path, _),) = seen.requests
    assert "timePerStep" not in seen.bodies[path][0]
    assert (job.name(), sorted(job.tags())) == (f"series odd {len(series) - 1}", ["odd", "series"])
    assert job.status() == JobStatus.DONE
    assert dict(job.result().get_counts()) == {"1": 10}
    assert job.backend().name() == SIMULATOR


def test_filter_by_status(
    provider: Any,
    series: list[Any],
    named_job: Any,
    failed_job: Any,
    submit_waiting: Callable[[], Any],
) -> None:
    service = provider.backend
    submit_waiting().cancel()
    done = service.jobs(limit=None, status=JobStatus.DONE)
    assert {job.status() for job in done} == {JobStatus.DONE}
    assert {*ids(series), named_job.job_id()} <= set(ids(done))
    cancelled = service.jobs(limit=None, status="cancelled")
    assert {job.backend().name() for job in cancelled} == {BOOKED_BY_OTHERS}
    both = service.jobs(limit=None, status=["ERROR", JobStatus.CANCELLED])
    assert {*ids(cancelled), failed_job.job_id()} <= set(ids(both))
    assert service.jobs(status=[JobStatus.QUEUED, JobStatus.RUNNING]) == []
    with pytest.raises(IBMQBackendValueError):
        service.jobs(status="resting")


@pytest.mark.usefixtures("named_job")
def test_filter_by_any_or_all_tags(provider: Any, series: list[Any]) -> None:
    service, half = provider.backend, len(series) // 2
    either = service.jobs(limit=None, job_tags=["even", "bell"], job_tags_operator="or")
    assert len(either) == half + 1
    both = service.jobs(limit=None, job_tags=["series", "odd"], job_tags_operator="AND")
    assert len(both) == half
    assert service.jobs(job_tags=["even", "odd"], job_tags_operator="AND") == []


def test_filter_by_part_of_the_name_or_pattern(
    provider: Any, series: list[Any], named_job: Any
) -> None:
    service = provider.backend
    assert len(service.jobs(limit=None, job_name="series even")) == len(series) // 2
    found = service.jobs(limit=None, job_name="^series (odd|even) 1[0-4]$", descending=False)
    assert ids(found) == ids(series[10:15])
    assert ids(service.jobs(job_name="named bell")) == [named_job.job_id()]
    assert service.jobs(job_name="^amed") == []


def test_filter_by_date_with_and_without_time_zone(simulator: Any, series: list[Any]) -> None:
    first, last = series[10].creation_date(), series[30].creation_date()
    found = simulator.jobs(limit=None, start_datetime=first, end_datetime=last, descending=False)
    assert ids(found) == ids(series[10:31]), "both ends belong to the interval"
    local = first.replace(tzinfo=None)
    found = simulator.jobs(limit=len(series), start_datetime=local, job_tags=["series"])
    assert len(found) == len(series) - 10
    # With an end but no start the client breaks its own filter after the first page.
    found = simulator.jobs(limit=31, end_datetime=last.astimezone(UTC), job_tags=["series"])
    assert ids(found) == ids(series[30::-1])
    assert simulator.jobs(start_datetime=datetime.now() + timedelta(days=1)) == []
    with pytest.raises(TypeError):
        simulator.jobs(start_datetime=5)


def test_filter_of_the_caller(provider: Any, series: list[Any], named_job: Any) -> None:
    service, shots = provider.backend, "summaryData.summary.qobj_config.shots"
    found = service.jobs(limit=None, db_filter={shots: 10}, job_tags=["series"])
    assert len(found) == len(series)
    found = service.jobs(limit=None, db_filter={shots: {"gt": 100}}, backend_name=DEVICE)
    assert named_job.job_id() in ids(found)
    either = {"or": [{"name": "named bell"}, {"name": "series odd 3"}]}
    assert len(service.jobs(limit=None, db_filter=either)) == 2
    merged = service.jobs(db_filter={"backend.name": BOOKED_BY_OTHERS}, status="DONE")
    assert merged == []
    assert len(service.jobs(limit=3, backend_name=SIMULATOR)) == 3


def test_name_and_tags_of_a_job_are_changed(device: Any, simulator: Any) -> None:
    job = simulator.run(constant(5, 3, "five"), shots=10)
    job.result()
    assert job.update_name("renamed") == "renamed"
    assert job.update_tags(replacement_tags=["one", "two"]) == job.tags()
    assert set(job.tags()) == {"one", "two"}
    job.update_tags(additional_tags=["three"], removal_tags=["one"])
    assert set(job.tags()) == {"two", "three"}
    again = simulator.retrieve_job(job.job_id())
    assert (again.name(), set(again.tags())) == ("renamed", {"two", "three"})
    assert ids(simulator.jobs(job_tags=["three"])) == [job.job_id()]
    assert device.jobs(job_tags=["three"]) == []
    assert job.update_tags(replacement_tags=[]) == []
    assert again.result().get_counts() == job.result().get_counts()


@pytest.mark.usefixtures("logged_out")
def test_jobs_of_another_user_are_not_visible(url: str, tokens: Tokens) -> None:
    IBMQ.enable_account(tokens.user, url=url)
    course = IBMQ.get_provider(hub=COURSE[0])
    job = course.get_backend(SIMULATOR).run(constant(1, 1, "one"), shots=10)
    job.result()
    assert ids(course.backend.jobs()) == [job.job_id()]
    IBMQ.disable_account()
    student = IBMQ.enable_account(tokens.student, url=url)
    assert student.backend.jobs(limit=None) == []
    with pytest.raises(IBMQBackendApiError, match="Error code: 3250"):
        student.backend.retrieve_job(job.job_id())
