"""Lists of jobs: filters, pages, names and tags changed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from checks import check, equal, raises
from qiskit import IBMQ
from qiskit.providers.ibmq.exceptions import IBMQBackendApiError, IBMQBackendValueError
from qiskit.providers.jobstatus import JobStatus
from scene import DEVICE, SIMULATOR, Scene, constant
from service import COURSE, HELD
from steps import Steps
from traffic import watched

steps = Steps("lists")

_MANY = 46


def _ids(jobs: Any) -> list[str]:
    return [job.job_id() for job in jobs]


@steps("46 jobs are submitted, for lists of several pages")
def submit(scene: Scene) -> None:
    backend = scene.backend(SIMULATOR)
    circuit = constant(1, 1, "one")
    jobs = [
        backend.run(
            circuit,
            shots=10,
            job_name=f"series {'even' if number % 2 == 0 else 'odd'} {number}",
            job_tags=["series", "even" if number % 2 == 0 else "odd"],
        )
        for number in range(_MANY)
    ]
    for job in jobs:
        job.wait_for_final_state()
    equal({job.status() for job in jobs}, {JobStatus.DONE}, "statuses")
    dates = [job.creation_date() for job in jobs]
    equal(dates, sorted(set(dates)), "dates of creation")
    scene.jobs["series"] = jobs


@steps("all pages together have every job once, newest first or oldest first")
def pages(scene: Scene) -> None:
    wanted = _ids(scene.job("series"))
    backend = scene.backend(SIMULATOR)
    for limit in (None, 0, _MANY, 1000):
        with watched() as seen:
            found = _ids(backend.jobs(limit=limit, job_tags=["series"]))
        equal(found, wanted[::-1], f"list with the limit {limit}")
    check(len(seen.requests) > 1, "the list came in one page; nothing was tried")
    found = _ids(backend.jobs(limit=None, job_tags=["series"], descending=False))
    equal(found, wanted, "list, oldest first")
    equal(_ids(backend.jobs(limit=7, skip=5, job_tags=["series"])), wanted[::-1][5:12], "a part")
    equal(len(backend.jobs()), 10, "list with the usual limit")
    equal(backend.jobs(skip=10_000), [], "list after the end")
    found = [job["id"] for job in scene.provider.backend.job_ids(limit=5, job_tags=["series"])]
    equal(found, wanted[::-1][:5], "list of ids")


@steps("a job in a list knows its name, tags, status and result, but not its times")
def entries(scene: Scene) -> None:
    with watched() as seen:
        job = scene.backend(SIMULATOR).jobs(limit=1, job_tags=["series"])[0]
    (path,) = (path for _, path, _ in seen.requests)
    check("timePerStep" not in seen.bodies[path][0], "timePerStep is in the list")
    equal(job.name(), f"series odd {_MANY - 1}", "name")
    equal(sorted(job.tags()), ["odd", "series"], "tags")
    equal(job.status(), JobStatus.DONE, "status")
    equal(dict(job.result().get_counts()), {"1": 10}, "counts")
    equal(job.backend().name(), SIMULATOR, "backend")


@steps("by status: one, several, by name")
def by_status(scene: Scene) -> None:
    service = scene.provider.backend
    done = service.jobs(limit=None, status=JobStatus.DONE)
    equal({job.status() for job in done}, {JobStatus.DONE}, "statuses")
    check(len(done) > _MANY, f"only {len(done)} are done")
    cancelled = service.jobs(limit=None, status="cancelled")
    equal({job.backend().name() for job in cancelled}, {HELD}, "backends of cancelled jobs")
    failed = scene.job("failed").job_id()
    both = service.jobs(limit=None, status=["ERROR", JobStatus.CANCELLED])
    check(failed in _ids(both) and set(_ids(cancelled)) < set(_ids(both)), "failed or cancelled")
    equal(service.jobs(status=[JobStatus.QUEUED, JobStatus.RUNNING]), [], "running jobs")
    raises(IBMQBackendValueError, lambda: service.jobs(status="resting"))


@steps("by tags, any or all of them")
def by_tags(scene: Scene) -> None:
    service = scene.provider.backend
    either = service.jobs(limit=None, job_tags=["even", "bell"], job_tags_operator="or")
    equal(len(either), _MANY // 2 + 1, "even or bell")
    both = service.jobs(limit=None, job_tags=["series", "odd"], job_tags_operator="AND")
    equal(len(both), _MANY // 2, "series and odd")
    none = service.jobs(job_tags=["even", "odd"], job_tags_operator="AND")
    equal(none, [], "even and odd")


@steps("by name: part of it, a pattern")
def by_name(scene: Scene) -> None:
    service = scene.provider.backend
    equal(len(service.jobs(limit=None, job_name="series even")), _MANY // 2, "part of the name")
    found = service.jobs(limit=None, job_name="^series (odd|even) 1[0-4]$", descending=False)
    equal([job.name()[-2:] for job in found], ["10", "11", "12", "13", "14"], "pattern")
    equal(_ids(service.jobs(job_name="session bell")), [scene.job("circuit").job_id()], "name")
    equal(service.jobs(job_name="^ession"), [], "pattern that fits nothing")


@steps("by date, at the borders too, with and without a zone")
def by_date(scene: Scene) -> None:
    jobs = scene.job("series")
    backend = scene.backend(SIMULATOR)
    first, last = jobs[10].creation_date(), jobs[30].creation_date()
    found = backend.jobs(limit=None, start_datetime=first, end_datetime=last, descending=False)
    equal(_ids(found), _ids(jobs[10:31]), "from the tenth to the thirtieth, inclusive")
    found = backend.jobs(
        limit=_MANY, start_datetime=first.replace(tzinfo=None), job_tags=["series"]
    )
    equal(len(found), _MANY - 10, "from the tenth on, in local time")
    # With an end and no start the client spoils its own filter after the first page, so one page.
    found = backend.jobs(limit=31, end_datetime=last.astimezone(UTC), job_tags=["series"])
    equal(_ids(found), _ids(jobs[30::-1]), "up to the thirtieth")
    tomorrow = datetime.now() + timedelta(days=1)
    equal(backend.jobs(start_datetime=tomorrow), [], "jobs of tomorrow")
    raises(TypeError, lambda: backend.jobs(start_datetime=5))


@steps("by a filter of one's own")
def by_filter(scene: Scene) -> None:
    service = scene.provider.backend
    path = "summaryData.summary.qobj_config.shots"
    found = service.jobs(limit=None, db_filter={path: 10}, job_tags=["series"])
    equal(len(found), _MANY, "jobs of ten shots")
    found = service.jobs(limit=None, db_filter={path: {"gt": 100}}, backend_name=DEVICE)
    check(scene.job("circuit").job_id() in _ids(found), "more than 100 shots")
    either = {"or": [{"name": "session bell"}, {"name": "series odd 3"}]}
    equal(len(service.jobs(limit=None, db_filter=either)), 2, "one of two names")
    equal(service.jobs(db_filter={"backend.name": HELD}, status="DONE"), [], "merged filters")
    equal(len(service.jobs(limit=3, backend_name=SIMULATOR)), 3, "by backend")


@steps("name and tags of a job are changed")
def update(scene: Scene) -> None:
    job = scene.job("list")
    equal(job.update_name("renamed"), "renamed", "new name")
    equal(job.update_tags(replacement_tags=["one", "two"]), job.tags(), "answer")
    equal(set(job.tags()), {"one", "two"}, "replaced")
    job.update_tags(additional_tags=["three"], removal_tags=["one"])
    equal(set(job.tags()), {"two", "three"}, "added and removed")
    again = scene.backend().retrieve_job(job.job_id())
    equal((again.name(), set(again.tags())), ("renamed", {"two", "three"}), "retrieved")
    equal(_ids(scene.backend().jobs(job_tags=["three"])), [job.job_id()], "found by its new tag")
    equal(job.update_tags(replacement_tags=[]), [], "no tags")
    equal(again.result().get_counts(0), job.result().get_counts(0), "counts")


@steps("another user sees none of these jobs")
def privacy(scene: Scene) -> None:
    course = IBMQ.get_provider(hub=COURSE[0])
    job = course.get_backend(SIMULATOR).run(constant(1, 1, "one"), shots=10)
    job.result()
    equal(_ids(course.backend.jobs()), [job.job_id()], "our jobs in the course")
    IBMQ.disable_account()
    try:
        other = IBMQ.enable_account(scene.service.student_token, url=scene.service.url)
        equal(other.backend.jobs(limit=None), [], "jobs of the student")
        raises(
            IBMQBackendApiError,
            lambda: other.backend.retrieve_job(job.job_id()),
            "Error code: 3250",
        )
    finally:
        IBMQ.disable_account()
        IBMQ.enable_account(scene.service.token, url=scene.service.url)
        scene.account_provider = IBMQ.get_provider(project="main")
