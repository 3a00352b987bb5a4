"""Filters of job lists are exact, and changes while reading lose or repeat no job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from ibmq_backend.api.platform import filters
from ibmq_backend.api.platform.filters import Page, matching_jobs
from ibmq_backend.exceptions import ApiInputError, ApiNotSupported, ApiProtocolError
from ibmq_backend.records import JobQuery, JobRecord

START = datetime(2026, 8, 17, tzinfo=UTC)
STATUSES = ("QUEUED", "RUNNING", "DONE", "CANCELLED", "ERROR")


def record(number, *, status="DONE", name=None, tags=(), minute=None):
    return JobRecord(
        job_id=f"job-{number}",
        status=status,
        service_status=status,
        created=START + timedelta(minutes=number if minute is None else minute),
        name=name,
        tags=tuple(tags),
    )


class List:
    """The list of the service with the filters of its specification."""

    def __init__(self, records, *, counts=True, before_page=None):
        self.records = list(records)
        self.asked = []
        self.counts = counts
        self.before_page = before_page

    def __call__(self, query, limit, offset):
        assert 1 <= limit <= 200
        assert offset >= 0
        if self.before_page:
            self.before_page(self, len(self.asked))
        self.asked.append((query, limit, offset))
        found = [each for each in self.records if self.matches(each, query)]
        found.sort(key=lambda each: each.created, reverse=query.descending)
        return Page(found[offset : offset + limit], len(found) if self.counts else None)

    @staticmethod
    def matches(each, query):
        pending = each.status in ("QUEUED", "RUNNING")
        return (
            (query.pending is None or query.pending == pending)
            and set(query.tags) <= set(each.tags)
            and (query.created_from is None or each.created >= query.created_from)
            and (query.created_to is None or each.created <= query.created_to)
        )


def ids(found):
    return [each.job_id for each in found]


def test_ten_jobs_are_one_request():
    service = List(record(n) for n in range(300))
    found = matching_jobs(service, JobQuery(), 10)
    assert ids(found) == [f"job-{n}" for n in range(299, 289, -1)]
    ((query, limit, offset),) = service.asked
    assert (limit, offset, query.descending, query.pending) == (10, 0, True, None)


def test_pages_are_requested_as_needed():
    service = List(record(n) for n in range(3))
    matching_jobs(service, JobQuery(), 10)
    assert service.asked == []


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(("limit", "skip"), [(None, 0), (250, 0), (None, 205), (5, 590), (50, 640)])
def test_long_lists_are_complete(counts, descending, limit, skip):
    service = List((record(n) for n in range(613)), counts=counts)
    found = ids(matching_jobs(service, JobQuery(descending=descending), limit, skip))
    every = [f"job-{n}" for n in range(613)]
    every = every[::-1] if descending else every
    assert found == every[skip:][:limit]


class OddList(List):
    """A list with entries at the edges of its pages that cannot be read, or have no date."""

    ODD = frozenset({0, 1, 199, 200, 398, 399, 611, 612})

    def __init__(self, records, odd, **options):
        super().__init__(records, **options)
        self.odd = odd

    def __call__(self, query, limit, offset):
        page = super().__call__(query, limit, offset)
        return evolve(
            page, jobs=[self.odd(each) if self.is_odd(each) else each for each in page.jobs]
        )

    def is_odd(self, each):
        return int(each.job_id.removeprefix("job-")) in self.ODD


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), ["job-1", "job-0"]),
        (("INITIALIZING", "VALIDATING", "QUEUED", "RUNNING"), ["job-1", "job-0"]),
        (("QUEUED",), ["job-0"]),
        (("INITIALIZING",), []),
    ],
)
def test_a_job_in_an_unknown_state_has_no_single_state(statuses, expected):
    held = evolve(record(1), status="INITIALIZING", has_known_status=False)

    def fetch(query, limit, offset):
        assert query.pending is (True if statuses else None)
        return Page([held, record(0, status="QUEUED")][offset:], 2)

    assert ids(matching_jobs(fetch, JobQuery(statuses=statuses), None)) == expected


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("tags", [(), ("a", "b")])
def test_odd_entries_cost_no_other_job(counts, descending, tags):
    query = JobQuery(descending=descending, tags=tags)
    jobs = [record(number, tags=("a", "b")) for number in range(613)]
    every = [f"job-{n}" for n in (range(612, -1, -1) if descending else range(613))]
    undated = OddList(jobs, lambda each: evolve(each, created=None), counts=counts)
    assert ids(matching_jobs(undated, query, None)) == every
    unreadable = OddList(jobs, lambda each: None, counts=counts)
    left = [name for name in every if int(name[4:]) not in OddList.ODD]
    assert ids(matching_jobs(unreadable, query, None)) == left
    assert len(undated.asked) <= 10
    assert len(unreadable.asked) <= 10


def test_a_list_of_exactly_one_page_is_one_request():
    service = List(record(n) for n in range(200))
    assert len(list(matching_jobs(service, JobQuery(), None))) == 200
    assert len(service.asked) == 1


def test_supported_conditions_are_sent_to_the_service():
    query = JobQuery(
        backend_name="ibm_five",
        statuses=("QUEUED", "RUNNING", "INITIALIZING"),
        created_from=START,
        created_to=START + timedelta(hours=1),
        tags=("a", "b"),
        all_tags=True,
        descending=False,
    )
    service = List([])
    list(matching_jobs(service, query, 7, 3))
    ((asked, limit, offset),) = service.asked
    assert asked == filters.ServerQuery(
        "ibm_five", START, START + timedelta(hours=1), ("a", "b"), True, False
    )
    assert (limit, offset) == (7, 3)


@pytest.mark.parametrize(
    ("statuses", "pending"),
    [
        (("DONE",), False),
        (("QUEUED",), True),
        (("DONE", "QUEUED"), None),
        (("DONE", "ERROR", "CANCELLED"), False),
        ((), None),
    ],
)
def test_statuses_are_exact(statuses, pending):
    service = List(record(n, status=STATUSES[n % 5]) for n in range(20))
    found = list(matching_jobs(service, JobQuery(statuses=statuses), None))
    assert {each.status for each in found} == set(statuses or STATUSES)
    assert len(found) == 4 * len(statuses or STATUSES)
    assert service.asked[0][0].pending is pending


def test_unused_states_need_no_request():
    service = List([record(1)])
    assert list(matching_jobs(service, JobQuery(statuses=("VALIDATING",)), None)) == []
    assert service.asked == []


def test_skip_and_limit_count_matching_jobs():
    service = List(record(n, status=STATUSES[n % 5]) for n in range(1000))
    found = ids(matching_jobs(service, JobQuery(statuses=("DONE",)), 3, 100))
    assert found == [f"job-{n}" for n in (497, 492, 487)]


def test_names_are_filtered_by_the_client():
    service = List(record(n, name=f"bell-{n}" if n % 2 else None) for n in range(10))
    found = ids(matching_jobs(service, JobQuery(name_pattern="l-[79]$"), None))
    assert found == ["job-9", "job-7"]
    with pytest.raises(ApiInputError, match="regular expression"):
        matching_jobs(service, JobQuery(name_pattern="("), None)


def test_any_of_several_tags():
    tags = (("a",), ("b",), ("a", "b"), ("c",), ())
    service = List(record(n, tags=tags[n % 5]) for n in range(500))
    found = ids(matching_jobs(service, JobQuery(tags=("a", "b")), 250, 10))
    wanted = [f"job-{n}" for n in range(499, -1, -1) if n % 5 in (0, 1, 2)]
    assert found == wanted[10:260]
    assert all(len(query.tags) == 1 for query, _, _ in service.asked)
    one = ids(matching_jobs(service, JobQuery(tags=("c",)), None))
    assert one == [f"job-{n}" for n in range(498, -1, -5)]


@pytest.mark.parametrize(
    "query",
    [JobQuery(where={"name": "x"}), JobQuery(experiment_id="e")],
    ids=["where", "experiment"],
)
def test_unsupported_conditions_are_rejected(query):
    service = List([])
    with pytest.raises(ApiNotSupported, match="db_filter|experiment_id"):
        matching_jobs(service, query, None)
    assert service.asked == []


@pytest.mark.parametrize("descending", [True, False])
def test_new_jobs_do_not_shift_the_pages(descending):
    def arrive(service, page):
        if page:
            service.records += [record(10_000 + 300 * page + n) for n in range(250)]

    service = List((record(n) for n in range(600)), before_page=arrive)
    limit = None if descending else 600
    found = ids(matching_jobs(service, JobQuery(descending=descending), limit))
    every = [f"job-{n}" for n in range(600)]
    assert found == (every[::-1] if descending else every)


@pytest.mark.parametrize("descending", [True, False])
def test_removed_jobs_do_not_hide_others(descending):
    def remove(service, page):
        if page == 1:
            gone = {f"job-{n}" for n in (*range(150), *range(450, 600))}
            service.records = [each for each in service.records if each.job_id not in gone]

    service = List((record(n) for n in range(600)), before_page=remove)
    found = ids(matching_jobs(service, JobQuery(descending=descending), None))
    assert len(found) == len(set(found))
    assert set(found) >= {f"job-{n}" for n in range(150, 450)}


def test_all_jobs_are_removed_while_reading():
    def remove(service, page):
        if page == 1:
            service.records = []

    service = List((record(n) for n in range(600)), before_page=remove)
    assert len(list(matching_jobs(service, JobQuery(), None))) == 200


def test_a_skipped_list_may_grow():
    def arrive(service, page):
        service.records.append(record(10_000 + page))

    service = List((record(n) for n in range(600)), before_page=arrive)
    found = ids(matching_jobs(service, JobQuery(), None, 100))
    assert found == [f"job-{n}" for n in range(500, -1, -1)]


def test_a_list_that_always_changes_is_an_error():
    def churn(service, page):
        service.records = [record(n - 1000 * page) for n in range(600)]

    with pytest.raises(ApiProtocolError, match="faster"):
        list(matching_jobs(List([], before_page=churn), JobQuery(), None, 100))

    def grow(service, page):
        service.records += [record(1000 + 1000 * page + n) for n in range(300)]

    service = List((record(n) for n in range(600)), before_page=grow)
    with pytest.raises(ApiProtocolError, match="faster"):
        list(matching_jobs(service, JobQuery(), None, 100))


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 6), max_size=25),
    descending=st.booleans(),
    limit=st.one_of(st.none(), st.integers(1, 30)),
    skip=st.integers(0, 30),
    page=st.integers(2, 7),
)
def test_jobs_with_the_same_creation_time(minutes, descending, limit, skip, page):
    service = List(record(n, minute=minute) for n, minute in enumerate(minutes))
    query = JobQuery(descending=descending)
    whole = ids(service(filters.ServerQuery(descending=descending), 200, 0).jobs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filters, "MAX_PAGE_SIZE", page)
        assert ids(matching_jobs(service, query, limit, skip)) == whole[skip:][:limit]
