from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend.api.classic import filters, mapping
from ibmq_backend.exceptions import ApiProtocolError
from ibmq_backend.records import JobQuery, JobSummary
from ibmq_backend.units import parse_time

START = datetime(2021, 5, 4, tzinfo=UTC)
END = datetime(2021, 5, 5, 12, 0, 0, 1000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "where"),
    [
        (JobQuery(), {}),
        (JobQuery(backend_name="x"), {"backend.name": "x"}),
        (JobQuery(statuses=("RUNNING",)), {"status": "RUNNING"}),
        (JobQuery(statuses=("DONE",)), {"status": "COMPLETED"}),
        (JobQuery(statuses=("ERROR",)), {"status": {"regexp": "^ERROR"}}),
        (
            JobQuery(statuses=("QUEUED", "CANCELLED")),
            {"or": [{"status": {"inq": ["PENDING_IN_QUEUE", "QUEUED"]}}, {"status": "CANCELLED"}]},
        ),
        (JobQuery(name_pattern="be.l"), {"name": {"regexp": "be.l"}}),
        (JobQuery(created_from=START), {"creationDate": {"gte": "2021-05-04T00:00:00+00:00"}}),
        (
            JobQuery(created_to=END),
            {"creationDate": {"lte": "2021-05-05T12:00:00.001000+00:00"}},
        ),
        (
            JobQuery(created_from=START, created_to=END),
            {
                "creationDate": {
                    "between": ["2021-05-04T00:00:00+00:00", "2021-05-05T12:00:00.001000+00:00"]
                }
            },
        ),
        (JobQuery(tags=("a", "b")), {"tags": {"inq": ["a", "b"]}}),
        (JobQuery(tags=("a", "b"), all_tags=True), {"and": [{"tags": "a"}, {"tags": "b"}]}),
        (JobQuery(experiment_id="e"), {"experimentTag": "e"}),
        (
            JobQuery(tags=("a",), all_tags=True, where={"and": [{"shots": 1}], "cost": 2}),
            {"cost": 2, "and": [{"shots": 1}, {"tags": "a"}]},
        ),
        (
            JobQuery(backend_name="x", where={"backend.name": "y", "cost": {"gt": 2}}),
            {"backend.name": "x", "cost": {"gt": 2}},
        ),
        (
            JobQuery(statuses=("DONE", "RUNNING"), where={"or": [{"a": 1}, {"b": 1}]}),
            {
                "or": [{"status": "COMPLETED"}, {"status": "RUNNING"}],
                "and": [{"or": [{"a": 1}, {"b": 1}]}],
            },
        ),
    ],
)
def test_conditions(query, where):
    given_before = json.dumps(query.where)
    assert filters.where_of(query) == where
    assert json.dumps(query.where) == given_before


def test_every_service_status_matches_exactly_one_condition():
    def matches(condition, word):
        if isinstance(condition, str):
            return condition == word
        if "inq" in condition:
            return word in condition["inq"]
        return word.startswith(condition["regexp"].lstrip("^"))

    for word, status in mapping.STATUSES.items():
        found = [name for name, c in filters.STATUS_CONDITIONS.items() if matches(c, word)]
        assert found == [status]


def test_the_text_of_a_filter():
    text = filters.filter_text({"a": 1}, descending=False, limit=7, skip=3, fields=("id",))
    assert json.loads(text) == {
        "order": "creationDate ASC",
        "limit": 7,
        "skip": 3,
        "where": {"a": 1},
        "fields": {"id": True},
    }
    assert "where" not in json.loads(filters.filter_text({}, descending=True, limit=1))


class JobListService:
    """A server that implements time bounds, excluded ids, order, skip and a page limit."""

    def __init__(self, jobs, cap):
        self.jobs = list(jobs)
        self.cap = cap
        self.requests = []

    def __call__(self, text):
        document = json.loads(text)
        self.requests.append(document)
        conditions = document.get("where", {}).get("and", [])
        jobs = sorted(
            (job for job in self.jobs if all(self._holds(c, job) for c in conditions)),
            key=lambda job: (job.created, job.job_id),
            reverse=document["order"].endswith("DESC"),
        )
        skip = document["skip"]
        return jobs[skip : skip + min(document["limit"], self.cap)]

    @staticmethod
    def _holds(condition, job):
        if "id" in condition:
            return job.job_id not in condition["id"]["nin"]
        bound = condition["creationDate"]
        if "lte" in bound:
            return job.created <= parse_time(bound["lte"])
        return job.created >= parse_time(bound["gte"])


SHELVES = st.lists(st.integers(0, 12), max_size=40)  # few times, so that jobs share them


@given(
    moments=SHELVES,
    cap=st.integers(1, 12),
    limit=st.none() | st.integers(1, 50),
    skip=st.integers(0, 5),
    descending=st.booleans(),
)
def test_paging_yields_each_job_once(moments, cap, limit, skip, descending):
    jobs = [
        JobSummary(f"{n:03}", START + timedelta(milliseconds=moment))
        for n, moment in enumerate(moments)
    ]
    shelf = JobListService(jobs, cap)
    found = list(filters.pages(shelf, JobQuery(descending=descending), limit, skip))
    ordered = sorted(jobs, key=lambda job: (job.created, job.job_id), reverse=descending)
    assert found == ordered[skip:][:limit]


def test_new_jobs_do_not_shift_the_pages():
    jobs = [JobSummary(f"{n:03}", START + timedelta(seconds=n)) for n in range(9)]
    shelf = JobListService(jobs, cap=3)
    listing = filters.pages(shelf, JobQuery(), None)
    found = [next(listing).job_id]
    shelf.jobs.append(JobSummary("new", START + timedelta(days=1)))
    found += [job.job_id for job in listing]
    assert found == [f"{n:03}" for n in reversed(range(9))]


def test_pages_are_requested_as_needed():
    shelf = JobListService(
        [JobSummary(str(n), START + timedelta(seconds=n)) for n in range(9)], cap=3
    )
    listing = filters.pages(shelf, JobQuery(), None)
    assert shelf.requests == []
    next(listing)
    assert len(shelf.requests) == 1


def test_no_request_beyond_the_limit():
    shelf = JobListService(
        [JobSummary(str(n), START + timedelta(seconds=n)) for n in range(9)], cap=3
    )
    assert len(list(filters.pages(shelf, JobQuery(), 6))) == 6
    assert [request["limit"] for request in shelf.requests] == [6, 3]
    assert list(filters.pages(shelf, JobQuery(), 0)) == []
    assert len(shelf.requests) == 2


def test_a_server_that_ignores_the_conditions_causes_an_error():
    job = JobSummary("1", START)
    with pytest.raises(ApiProtocolError, match="repeats"):
        list(filters.pages(lambda _: [job], JobQuery(), None))
    jobs = [JobSummary("2", START + timedelta(seconds=1)), job]
    with pytest.raises(ApiProtocolError, match="order"):
        list(filters.pages(lambda _: jobs, JobQuery(), None))
