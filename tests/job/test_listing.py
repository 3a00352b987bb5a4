"""The parameters of all methods that list jobs are declared once."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import pytest

from ibmq_backend.backend.backend import IBMQBackend
from ibmq_backend.backend.service import IBMQBackendService
from ibmq_backend.job.listing import JobListing, arguments_like, arguments_of
from ibmq_backend.job.query import select_jobs
from ibmq_backend.records import JobRecord, JobSummary

SHARED = list(inspect.signature(select_jobs).parameters)
CREATED = datetime(2021, 5, 4, 12, 0, tzinfo=UTC)


class Client:
    """Lists jobs and records the requests."""

    def __init__(self):
        self.asked = []

    def jobs(self, query, limit, skip):
        self.asked.append((query, limit, skip))
        yield JobRecord("a", "DONE", "COMPLETED", backend_name="ibmq_vigo")
        yield JobRecord("b", "DONE", "COMPLETED")

    def job_summaries(self, query, limit, skip):
        self.asked.append((query, limit, skip))
        yield JobSummary("a", CREATED, live_data=False)

    def job(self, job_id):
        return JobRecord(job_id, "DONE", "COMPLETED", backend_name="ibmq_vigo")


class Name(str):
    """A backend that is only a name."""


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def listing(client):
    return JobListing(client, Name)


def test_jobs_have_their_backend(listing, client):
    selection = select_jobs(limit=2, skip=1)
    jobs = listing.jobs(selection)
    assert [(job.job_id(), job.backend()) for job in jobs] == [("a", "ibmq_vigo"), ("b", "unknown")]
    assert listing.retrieve_job("c").backend() == "ibmq_vigo"
    assert client.asked == [(selection.query, 2, 1)]


def test_ids_of_jobs(listing):
    assert listing.job_ids(select_jobs()) == [
        {"id": "a", "liveDataEnabled": False, "creationDate": CREATED.isoformat()}
    ]


@pytest.mark.parametrize("job_id", ["", None, 5])
def test_job_id_must_be_text(listing, job_id):
    with pytest.raises(TypeError, match="job_id must be text"):
        listing.retrieve_job(job_id)


@pytest.mark.parametrize(
    ("method", "names"),
    [
        (IBMQBackend.jobs, SHARED),
        (IBMQBackendService.jobs, [*SHARED[:2], "backend_name", *SHARED[2:]]),
        (
            IBMQBackendService.job_ids,
            ["limit", "skip", "backend_name", *SHARED[2:8], "descending"],
        ),
    ],
)
def test_every_method_has_and_describes_the_parameters(method, names):
    itself, *parameters = inspect.signature(method).parameters.values()
    assert itself.name == "self"
    assert [each.name for each in parameters] == names
    for each in parameters:
        assert each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        shared = inspect.signature(select_jobs).parameters.get(each.name)
        if shared is not None:
            assert (each.default, each.annotation) == (shared.default, shared.annotation)
    text = inspect.getdoc(method)
    described = text.partition("Args:\n")[2].partition("\n\n")[0].split("\n")
    assert [line.partition(":")[0].strip() for line in described] == names
    assert text.index("Args:") < text.index("Raises:") < text.index("Wire:")


def source(first=1, second=2, third=3):
    """Take numbers.

    Args:
        first: one.
        second: two,
            or more.
        third: three.
    """


class Example:
    @arguments_of(source)
    def all(self, **arguments):
        """Return them."""
        return arguments

    @arguments_like(source, without=("second",))
    def some(self, *, own=None, **arguments):
        """Return them.

        Args:
            own: between them.
            **arguments: others.

        Raises:
            TypeError: never.
        """
        return {"own": own, **arguments}


def test_arguments_arrive_by_name_with_their_defaults():
    assert Example().all(5, third=6) == {"first": 5, "second": 2, "third": 6}
    assert Example().some(5) == {"own": None, "first": 5, "third": 3}


def test_wrong_arguments_raise_the_errors_of_python():
    with pytest.raises(TypeError, match=r"^Example.all\(\) got an unexpected keyword .* 'fourth'$"):
        Example().all(fourth=4)
    with pytest.raises(TypeError, match=r"^Example.some\(\) got an unexpected .* 'second'$"):
        Example().some(second=4)


def test_descriptions_are_those_of_the_function():
    assert inspect.getdoc(Example.all) == (
        "Return them.\n\nArgs:\n    first: one.\n    second: two,\n        or more.\n"
        "    third: three."
    )
    assert inspect.getdoc(Example.some) == (
        "Return them.\n\nArgs:\n    first: one.\n    third: three.\n    own: between them.\n\n"
        "Raises:\n    TypeError: never."
    )


def test_methods_without_docstrings_have_the_parameters():
    """Without docstrings, as with ``python -OO``."""

    def undocumented(first=1):
        pass

    class Stripped:
        @arguments_of(undocumented)
        def all(self, **arguments):
            return arguments

    assert Stripped.all.__doc__ is None
    assert Stripped().all() == {"first": 1}
