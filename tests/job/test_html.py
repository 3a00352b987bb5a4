"""The cards of jobs and results, as notebooks show them."""

import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest
from qiskit.result import Result

from ibmq_backend import IBMQ
from ibmq_backend.exceptions import ApiTimeoutError
from ibmq_backend.job.html import job_card
from ibmq_backend.records import JobErrorRecord, JobRecord, QueueRecord
from tests.support.counted_requests import CountedRequests
from tests.support.small_service import FewDevices, make_service, placed_bell
from tests.support.static_html import bars, read, rows

START = datetime(2021, 5, 4, 11, 0, tzinfo=UTC)


def record(status="DONE", **fields):
    return JobRecord("5f0", status, status, **fields)


def test_a_job_shows_its_times_and_counts(backend, device_bell):
    job = backend.run(device_bell, shots=1000, job_name="<script>", job_tags=["a&b"])
    job.result()
    shown = rows(job._repr_html_())
    assert shown["name"] == ["<script>"]
    assert shown["tags"] == ["a&b"]
    assert shown["emulated"] == ["noise: median of 4 calibrations, 2019-10-16 to 2021-01-20"]
    for name, moment in job.time_per_step().items():
        assert shown[name][0] == f"{moment:%H:%M:%S}"
    counts = job.result().get_counts()
    assert {state: int(shown[state][0]) for state in counts} == counts
    assert len(job._repr_html_()) < 20_000


def test_a_local_job_is_read_when_it_is_shown(backend, device_bell):
    job = backend.run(device_bell, shots=100)
    other = backend.retrieve_job(job.job_id())
    job.wait_for_final_state()
    shown = rows(other._repr_html_())
    assert shown["status"] == ["DONE"]
    assert "00" in shown


def test_a_local_service_that_does_not_answer_leaves_a_card(backend, device_bell, monkeypatch):
    job = backend.run(device_bell, shots=100)

    def fail(*args):
        raise ApiTimeoutError("The service did not answer.")

    monkeypatch.setattr(type(backend._api_client), "job", fail)
    assert "job.status() reads it again" in rows(job._repr_html_())["status"][0]


def test_a_remote_service_is_not_asked(monkeypatch):
    with make_service(FewDevices(["ibmq_vigo"])) as service:
        backend = IBMQ.enable_account(service.api_token, service.url).get_backend("ibmq_vigo")
        job = backend.run(placed_bell())
        job.wait_for_final_state()
        requests = CountedRequests(monkeypatch)
        shown = rows(job._repr_html_())
        assert shown["result"] == ["not read yet; job.result() reads it"]
        assert shown["times"] == ["not read yet; job.time_per_step() reads them"]
        assert "CREATED" not in shown
        assert requests.take() == {}
        job.time_per_step()
        shown = rows(job._repr_html_())
        assert {"CREATED", "COMPLETED"} < shown.keys()
        assert "times" not in shown
        result = job.result()
        requests.take()
        assert len(rows(job._repr_html_())) > len(rows(result._repr_html_())) > 5
        assert requests.take() == {}


def test_the_time_line_is_to_scale():
    steps = {
        "COMPLETED": START + timedelta(hours=4),
        "QUEUED": START,
        "RUNNING": START + timedelta(hours=3),
    }
    card = job_card(record(time_per_step=steps), "ibmq_vigo", "IBMQ()")
    assert bars(card) == {"QUEUED": (0, 75), "RUNNING": (75, 25)}
    shown = rows(card)
    assert shown["QUEUED"][1] == "3:00:00"
    assert shown["COMPLETED"][1] == ""


@pytest.mark.parametrize("steps", [{"CREATED": START}, {"CREATED": START, "QUEUED": START}, {}])
def test_times_without_duration(steps):
    card = job_card(record("QUEUED", time_per_step=steps), "ibmq_vigo", "IBMQ()")
    assert bars(card) == {}
    assert steps.keys() <= rows(card).keys()


def test_a_queued_job_shows_its_position():
    card = job_card(record("QUEUED", queue=QueueRecord(position=3)), "ibmq_vigo", "IBMQ()")
    status = "QUEUED, position 3 (when last read; job.status() reads it again)"
    assert rows(card)["status"] == [status]


def test_a_failed_job_shows_the_reason_and_the_next_step():
    secret = "Kj3" * 15
    error = JobErrorRecord(f"<b> failed; token={secret}", 1002, "Transpile the circuits.")
    shown = rows(job_card(record("ERROR", error=error), "ibmq_vigo", "IBMQ()"))
    assert shown["error"] == ["<b> failed; token=... Error code: 1002."]
    assert shown["next step"] == ["Transpile the circuits."]
    unknown = rows(job_card(record("ERROR"), "ibmq_vigo", "IBMQ()"))
    assert unknown["error"] == ["not read yet; job.error_message() reads it"]


@pytest.mark.parametrize(
    "document",
    [{}, {"results": 5}, {"results": [5]}, {"results": [{"success": True}], "metadata": [1]}],
)
def test_odd_results(document):
    read(job_card(record(result=document), "ibmq_vigo", "IBMQ()"))


def test_a_result_is_shown_and_saved_as_qiskits_own(backend, device_bell):
    result = backend.run(device_bell, shots=100).result()
    shown = rows(result._repr_html_())
    assert shown["emulated"] == ["noise: median of 4 calibrations, 2019-10-16 to 2021-01-20"]
    assert int(shown["00"][0]) == result.get_counts()["00"]
    copied = copy.deepcopy(result)
    assert copied._repr_html_() == result._repr_html_()
    assert copied.results[0] is not result.results[0]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        loaded = pickle.loads(pickle.dumps(result, protocol))
        assert type(loaded) is Result
        assert loaded.to_dict() == result.to_dict()
