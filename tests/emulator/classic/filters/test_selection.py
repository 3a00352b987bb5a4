"""The database reads fewer jobs for a filter, and never leaves out one that matches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.classic.documents.jobs import job_document
from ibmq_backend.emulator.classic.filters.loopback import compile_where
from ibmq_backend.emulator.classic.filters.selection import is_exact, select_for
from ibmq_backend.emulator.core.clock import ManualClock, milliseconds, parse_moment
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.job_scan import Selection, scan_jobs

INSTANCE = Instance("ibm-q", "open", "main")
TAGS = ("a", "A", "b_c", "b%c", "50%", 'quo"te', "back\\slash", "é", "2021-05-04", "")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[ServiceState]:
    folder: Path = tmp_path_factory.mktemp("selection")
    clock = ManualClock()
    made = ServiceState(str(folder / "store.sqlite"), catalog=catalog, clock=clock)
    for number, tag in enumerate(TAGS):
        device = ("ibmq_vigo", "ibmq_rome")[number % 2]
        request = JobRequest("a" * 24, "classic", INSTANCE, device, "1.0.0", tags=(tag, "all"))
        job = made.jobs.create(request, -1)
        if number % 3 == 0:
            made.jobs.cancel(job.id)
        clock.advance(3600)
    yield made
    made.close()


def scan(state: ServiceState, selection: Selection) -> list[dict[str, Any]]:
    found = scan_jobs(state.store, "a" * 24, "classic", INSTANCE, selection)
    return [job_document(record) for record in found]


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ({"backend.name": "ibmq_rome"}, 5),
        ({"backend.name": {"inq": ["ibmq_rome", "ibmq_paris"]}}, 5),
        ({"status": "CANCELLED"}, 4),
        ({"status": {"inq": ["CANCELLED", "CREATING"]}, "backend.name": "ibmq_rome"}, 5),
        ({"and": [{"status": "CREATING"}, {"and": [{"backend.name": "ibmq_rome"}]}]}, 3),
        ({"status": "cancelled"}, 0),
        *(({"tags": tag}, None) for tag in TAGS),
        ({"tags": {"inq": ["é", "50%"]}}, 2),
        ({"tags": ["a", "all"]}, 10),
        ({"tags": {"nin": ["a"]}}, 10),
        ({"tags": "2021-05-04T00:00:00Z"}, 10),
        ({"or": [{"status": "CANCELLED"}, {"tags": "a"}]}, 10),
        ({"status": {"neq": "CANCELLED"}}, 10),
        ({"status": {"regexp": "^CANC"}}, 10),
        ({"status": {"inq": ["CANCELLED"], "neq": "CANCELLED"}}, 10),
        ({"status": {"inq": []}}, 10),
        ({"status": None}, 10),
    ],
)
def test_no_match_is_left_out(state: ServiceState, where: Any, read: int | None) -> None:
    matches = compile_where(where)
    wanted = [one for one in scan(state, Selection()) if matches(one)]
    documents = scan(state, select_for(where))
    assert [one for one in documents if matches(one)] == wanted
    assert read in (None, len(documents))
    if is_exact(where):
        assert documents == wanted


@pytest.mark.parametrize(
    ("where", "exact"),
    [
        (None, True),
        ({}, True),
        ({"status": "CREATING", "backend.name": {"inq": ["ibmq_vigo"]}}, True),
        ({"tags": "a"}, False),
        ({"status": {"neq": "CREATING"}}, False),
        ({"and": [{"status": "CREATING"}]}, False),
    ],
)
def test_pages_are_counted_in_the_database_only_for_the_whole_filter(
    where: Any, exact: bool
) -> None:
    assert is_exact(where) is exact


@pytest.mark.parametrize(
    ("where", "earliest", "latest"),
    [
        ({}, None, None),
        ({"creationDate": {"gte": "2021-05-04T00:00:00Z"}}, "2021-05-04", None),
        ({"creationDate": {"lt": "2021-05-04T00:00:00Z"}}, None, "2021-05-04"),
        ({"creationDate": {"between": ["2021-05-04", "2021-05-05"]}}, "2021-05-04", "2021-05-05"),
        (
            {
                "and": [
                    {"creationDate": {"lte": "2021-05-06"}},
                    {"creationDate": {"lte": "2021-05-05"}},
                ]
            },
            None,
            "2021-05-05",
        ),
        ({"or": [{"creationDate": {"lte": "2021-05-04"}}]}, None, None),
        ({"creationDate": {"lte": "soon"}}, None, None),
    ],
)
def test_creation_date_bounds(where: Any, earliest: str | None, latest: str | None) -> None:
    def as_ms(text: str | None) -> int | None:
        moment = parse_moment(text) if text else None
        return milliseconds(moment) if moment else None

    selection = select_for(where)
    assert (selection.earliest, selection.latest) == (as_ms(earliest), as_ms(latest))
