"""People find their jobs, watch them, cancel them and read their results, in a real browser."""

from __future__ import annotations

import html
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import insert

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.jobs import RESULT
from ibmq_backend.emulator.store.schema import jobs, reservations
from tests.emulator.pages.conftest import ADA, ADMIN, BOB, MALLORY, Browser, Server
from tests.emulator.store.test_job_lists import job
from tests.support.emulated_platform import QASM, PlatformClient, sampler
from tests.support.emulator import Client, bell

if TYPE_CHECKING:
    from ibmq_backend.emulator.http.embedded import LocalService

PROJECT = "/Network/uni/Groups/physics/Projects/course"
DEVICE = "ibmq_quito"
BOOKED = "ibm_washington"
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture(scope="module")
def booking(server: Server) -> None:
    """A booking of a device, made by another process: jobs of other users wait."""
    store, now = Store(str(server.store)), int(time.time() * 1000)
    values = {
        "id": secrets.token_hex(12),
        "user_id": store.keyed_digest("user", "nobody")[:24],
        "hub": "uni",
        "group_name": "physics",
        "project": "course",
        "mode": "shared",
        "backend_name": BOOKED,
        "creation_ms": now,
        "start_ms": now - 1000,
        "end_ms": now + 3_600_000,
    }
    with store.write() as connection:
        connection.execute(insert(reservations).values(**values))
    store.close()


@pytest.fixture
def client_of(server: Server) -> Iterator[Callable[[str], Client]]:
    """Make clients of the API, by token."""
    clients: list[Client] = []

    def make(token: str) -> Client:
        clients.append(Client(f"{server.url}/api", token, PROJECT))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def ada(client_of: Callable[[str], Client]) -> Client:
    return client_of(ADA)


def name() -> str:
    return f"job {secrets.token_hex(4)}"


def test_a_job_runs_while_one_watches(browser: Browser, ada: Client) -> None:
    page = browser.open("/web/jobs", ADA)
    called = name()
    job_id = ada.submit(bell(1024), "ibmq_lima", name=called, tags=["lesson 3"])
    row = page.get_by_role("row").filter(has_text=called)
    row.get_by_text("done").wait_for()
    row.get_by_role("link").click()
    page.get_by_role("heading", name=called).wait_for()
    assert page.locator("nav [aria-current]").all_inner_texts() == ["Jobs"]
    steps = page.get_by_role("region", name="Time line").get_by_role("listitem")
    assert "Created" in steps.first.inner_text()
    assert "Done" in steps.last.inner_text()
    counts = page.get_by_role("region", name="Counts")
    counts.get_by_text("1024 shots").wait_for()
    values = [cell.inner_text() for cell in counts.get_by_role("rowheader").all()]
    assert {"00", "11"} <= set(values) <= {"00", "01", "10", "11"}
    drawing = page.get_by_role("region", name="Drawing of the circuit").inner_text()
    assert "q_0: " in drawing
    assert "U2(0,π)" in drawing
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    result = json.loads(started.value.path().read_text())
    assert result["job_id"] == job_id


@pytest.mark.usefixtures("booking")
def test_a_waiting_job_is_cancelled_and_found_again(browser: Browser, ada: Client) -> None:
    called = name()
    job_id = ada.submit(bell(), BOOKED, name=called)
    page = browser.open(f"/web/jobs/{job_id}", ADA)
    state = page.locator("#job-state")
    state.get_by_text("Position 1 in the queue").wait_for()
    state.get_by_text(f"{BOOKED} is booked now.").wait_for()
    page.get_by_role("button", name="Cancel the job").click()
    state.locator(".state.cancelled").wait_for()
    assert ada.job(job_id)["status"] == "CANCELLED"
    assert page.get_by_role("button", name="Cancel").count() == 0
    page.get_by_role("link", name="Jobs").click()
    page.get_by_label("Name or id").fill(called[4:].upper())
    page.get_by_label("Name or id").press("Enter")
    page.wait_for_url("**/web/jobs?text=**")
    assert page.get_by_role("row").count() == 2
    page.get_by_label("Name or id").fill("")
    page.get_by_label("State").select_option("cancelled")
    page.get_by_label("Device").select_option(BOOKED)
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**state=cancelled**")
    page.get_by_role("link", name=called).click()
    page.get_by_text(job_id).wait_for()
    page.go_back()
    assert page.get_by_label("State").input_value() == "cancelled"


@pytest.mark.usefixtures("booking")
def test_changes_arrive_where_the_focus_is(browser: Browser, ada: Client) -> None:
    called = name()
    job_id = ada.submit(bell(), BOOKED, name=called)
    page = browser.open("/", ADA)
    link = page.get_by_role("link", name=called)
    link.focus()
    ada.post(f"P/Jobs/{job_id}/cancel")
    page.get_by_role("row").filter(has_text=called).get_by_text("cancelled").wait_for()
    assert page.evaluate("document.activeElement.id") == f"job-{job_id}"


def test_a_failed_job_says_what_to_do(browser: Browser, ada: Client) -> None:
    qobj = bell()
    qobj["experiments"][0]["instructions"][1]["qubits"] = [0, 4]
    page = browser.open(f"/web/jobs/{ada.submit(qobj, 'ibmq_lima')}", ADA)
    alert = page.locator("#job-state .alert")
    alert.get_by_text("Error code 1107").wait_for()
    assert "not coupled" in alert.inner_text()
    assert "What to do: Run transpile(circuit, backend) first" in alert.inner_text()
    page.get_by_role("region", name="Drawing of the circuit").wait_for()


def test_hostile_texts_are_texts(browser: Browser, ada: Client) -> None:
    qobj = bell()
    header = qobj["experiments"][0]["header"]
    header["name"] = HOSTILE
    qobj["experiments"][0]["instructions"].insert(0, {"name": "barrier", "qubits": [0]})
    job_id = ada.submit(qobj, "ibmq_lima", name=HOSTILE, tags=[HOSTILE])
    ada.wait(job_id, "COMPLETED")
    page = browser.open(f"/web/jobs/{job_id}", ADA)
    page.get_by_role("region", name="Counts").wait_for()
    page.locator("#drawing strong").wait_for()
    texts = [page.get_by_role("heading", level=1), page.locator("#drawing strong")]
    assert [text.inner_text() for text in texts] == [HOSTILE, HOSTILE]
    assert HOSTILE in page.get_by_text("Tags").locator("..").inner_text()
    page.get_by_role("link", name="Jobs").click()
    page.get_by_role("link", name=HOSTILE).wait_for()


def test_programs(browser: Browser) -> None:
    url = f"{browser.server.url}/api"
    service = SimpleNamespace(url=url, platform_url=url, api_key=ADA, crn="")
    client = PlatformClient(cast("LocalService", service))
    with browser.server.client(ADA) as pages:
        shown = html.unescape(pages.get("/web/connect").text)
    found = re.search(r"QISKIT_IBM_INSTANCE='?(crn:[^\s'<]+)", shown)
    assert found is not None
    client.http.headers["Service-CRN"] = found[1]
    sampled = client.submit(sampler([QASM, None, 500], support_qiskit=True), DEVICE)
    page = browser.open(f"/web/jobs/{sampled}", ADA)
    page.get_by_role("region", name="Counts: Register c").get_by_text("500 shots").wait_for()
    assert "┤ X ├" in page.get_by_role("region", name="Drawing of the circuit").inner_text()
    theta = 'OPENQASM 3.0; include "stdgates.inc"; input float theta; rz(theta) $0;'
    pub = [theta, "Z", [[0.1], [0.7]]]
    estimated = client.submit({"pubs": [pub], "version": 2}, DEVICE, program_id="estimator")
    page.goto(f"/web/jobs/{estimated}")
    page.get_by_role("region", name="Expectation values").wait_for()
    assert (
        page.get_by_role("region", name="Expectation values").get_by_role("rowheader").count() == 2
    )
    client.close()


def test_pages_work_without_script(browser: Browser, ada: Client) -> None:
    job_id = ada.submit(bell(), "ibmq_lima")
    ada.wait(job_id, "COMPLETED")
    page = browser.open(f"/web/jobs/{job_id}", ADA, java_script_enabled=False)
    page.get_by_role("link", name="Draw the circuit").click()
    assert "U2(0,π)" in page.get_by_role("region", name="Drawing of the circuit").inner_text()
    page.get_by_role("link", name="Back to the job").click()
    page.get_by_role("link", name="Show the counts").click()
    page.get_by_text("100 shots").wait_for()


@pytest.mark.usefixtures("booking")
def test_others_cannot_see_or_cancel_a_job(
    server: Server, ada: Client, client_of: Callable[[str], Client]
) -> None:
    called = name()
    job_id = ada.submit(bell(), BOOKED, name=called)
    with server.client(BOB) as bob:
        assert called not in bob.get("/web/jobs").text
        assert called not in bob.get("/web/jobs", params={"user": ada.job(job_id)["userId"]}).text
        for path in ("", "/circuit", "/counts", "/result"):
            assert bob.get(f"/web/jobs/{job_id}{path}").status_code == 404
        assert bob.post(f"/web/jobs/{job_id}/cancel").status_code == 404
    assert ada.job(job_id)["status"] != "CANCELLED"
    with server.client(ADMIN) as teacher:
        page = teacher.get("/web/jobs", params={"text": called}).text
        assert called in page
        assert ">ada<" in page
        shown = teacher.get(f"/web/jobs/{job_id}").text
        assert f'<a href="/web/jobs?user={ada.job(job_id)["userId"]}">ada</a>' in shown
        assert teacher.post(f"/web/jobs/{job_id}/cancel").status_code == 303
    assert ada.job(job_id)["status"] == "CANCELLED"


def test_older_jobs_are_on_further_pages(browser: Browser) -> None:
    store = Store(str(browser.server.store))
    owner = store.keyed_digest("user", "<img src=x onerror=alert(1)>\"'&{{7*7}}")[:24]
    rows = [
        job(number, id=secrets.token_hex(12), sequence=-number, user_id=owner, name=f"old {number}")
        for number in range(1, 63)
    ]
    with store.write() as connection:
        connection.execute(insert(jobs), rows)
    store.close()
    page = browser.open("/web/jobs?text=old", MALLORY)
    first = [link.inner_text() for link in page.locator(".jobs a").all()]
    assert first == [f"old {number}" for number in range(62, 12, -1)]
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="old 12").wait_for()
    assert page.locator(".jobs a").count() == 12
    assert page.get_by_role("link", name="Older").count() == 0
    page.get_by_role("link", name="Newest").click()
    page.get_by_role("link", name="old 62").wait_for()
    page.go_back()
    page.get_by_role("link", name="old 12").wait_for()


def test_large_results_are_downloaded_only(server: Server, ada: Client) -> None:
    job_id = ada.submit(bell(), "ibmq_qasm_simulator")
    ada.wait(job_id, "COMPLETED")
    store = Store(str(server.store))
    with store.write() as connection:
        content = raw_bytes(b'{"results": [' + b" " * 2_000_000 + b"]}")
        JobData(store).write(connection, job_id, RESULT, content)
    store.close()
    with server.client(ADA) as client:
        shown = client.get(f"/web/jobs/{job_id}/counts", params={"part": 1}).text
        assert "The result takes 2.0 MB. At most 1 MB are shown on this page." in shown
        assert len(client.get(f"/web/jobs/{job_id}/result").content) == content.size
