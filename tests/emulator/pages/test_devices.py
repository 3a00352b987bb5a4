"""Devices: who sees which, their maps and tables, and names that are HTML."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import anyio
import pytest
from sqlalchemy import update

from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.records import JobRequest
from ibmq_backend.emulator.service_state import DeviceState, ServiceState
from ibmq_backend.emulator.store.schema import jobs
from tests.emulator.pages.conftest import (
    ADA,
    ADMIN,
    BOB,
    HOSTILE,
    MALLORY,
    Browser,
    Server,
    visitor,
)


def listed(server: Server, token: str) -> list[str]:
    with server.client(token) as client:
        page = client.get("/").text
    rows = re.search(r'<tbody id="device-rows".*?</tbody>', page, re.DOTALL)
    assert rows is not None
    return re.findall(r'<a href="/web/devices/([^"]+)"', rows.group())


def test_users_see_the_devices_of_their_projects(server: Server) -> None:
    assert listed(server, BOB) == ["ibm_washington", "ibmq_lima", "ibmq_qasm_simulator"]
    everything = listed(server, ADMIN)
    assert everything == listed(server, ADA)  # who is in the open project too
    assert quote(HOSTILE, safe="") in everything
    with server.client(BOB) as client:
        assert client.get("/web/devices/ibmq_vigo").status_code == 404
        assert client.get("/web/devices/ibmq_lima").status_code == 200


def test_bookings(server: Server) -> None:
    with server.client(BOB) as client:
        page = client.get("/web/devices/ibmq_lima").text
        assert '<time datetime="2099-01-01T00:00:00Z">' in page
        assert "<td>another user</td>" in page
        assert "2099" not in client.get("/").text
    with server.client(ADMIN) as client:
        assert "<td>ada</td>" in client.get("/web/devices/ibmq_lima").text
    with server.client(ADA) as client:
        assert "<td>you</td>" in client.get("/").text


def test_queues_and_states(state: ServiceState) -> None:
    ada, now = state.accounts.user_id("ada"), state.clock.now()
    for status in (*lifecycle.WAITING, "CREATING", "RUNNING", "COMPLETED"):
        record = state.jobs.create(
            JobRequest(ada, "classic", OPEN_INSTANCE, "ibmq_lima", "1.0.0"), limit=-1
        )
        with state.store.write() as connection:
            chosen = update(jobs).where(jobs.c.id == record.id)
            connection.execute(chosen.values(status=status, final=status == "COMPLETED"))
    state.reservations.add(ada, OPEN_INSTANCE, "ibmq_quito", now, now + timedelta(hours=1))
    state.reservations.add(
        ada, OPEN_INSTANCE, "ibmq_lima", now + timedelta(hours=1), now + timedelta(hours=2)
    )
    state.set_device_state("ibmq_belem", DeviceState(status="maintenance", message="<until> noon"))
    state.set_device_state("ibmq_bogota", DeviceState(operational=False))

    async def visit() -> str:
        async with visitor(state) as client:
            await client.post("/web/login", data={"token": ADA})
            return (await client.get("/")).text

    rows = {
        row[0]: tuple(row[2:5])
        for row in re.findall(
            r"<tr>\n<th[^>]*><a[^>]*>(.*?)</a></th>" + 5 * r"\n<td[^>]*>(.*?)</td>",
            anyio.run(visit),
        )
    }
    assert rows["ibmq_lima"] == ("in operation", str(len(lifecycle.WAITING)), "1")
    assert rows["ibmq_quito"] == ("booked", "0", "0")
    assert rows["ibmq_belem"] == ("maintenance: &lt;until&gt; noon", "0", "0")
    assert rows["ibmq_bogota"] == ("off, jobs wait", "0", "0")


def test_a_device_with_127_qubits(browser: Browser) -> None:
    page = browser.open("/web/devices/ibm_washington", BOB, viewport={"width": 390, "height": 844})
    drawing = page.get_by_role("img", name="Map of ibm_washington")
    titles = drawing.locator("title").all_text_contents()
    assert "Qubit 0: sx error 0.0341 %, readout error 0.65 %" in titles
    assert "9-10: cx is switched off" in titles
    assert drawing.locator("circle").first.bounding_box()["width"] > 20
    qubits = page.get_by_role("region", name="Qubits of ibm_washington", exact=True)
    assert qubits.get_by_role("columnheader").all_text_contents() == [
        "Qubit", "T1 (µs)", "T2 (µs)", "Readout error (%)", "Frequency (GHz)",
    ]  # fmt: skip
    assert qubits.get_by_role("row").count() == 1 + 127
    assert qubits.get_by_role("row").nth(1).locator("td").all_text_contents() == [
        "69.3", "14.1", "0.65", "5.088",
    ]  # fmt: skip
    pairs = page.get_by_role("region", name="Gates on two qubits of ibm_washington")
    broken = pairs.get_by_role("row").filter(has_text="switched off")
    assert "9, 10" in broken.get_by_role("rowheader").all_text_contents()


def test_names_are_text(browser: Browser) -> None:
    page = browser.open("/", MALLORY)
    for path in ("/", f"/web/devices/{quote(HOSTILE, safe='')}"):
        page.goto(path)
        assert page.locator("img, b, svg script").count() == 0
        assert page.get_by_text(HOSTILE, exact=True).count() >= 2  # of the user and of the device


@pytest.mark.parametrize("name", ["ibmqx5", "ibmq_qasm_simulator"])
def test_devices_without_calibration(server: Server, name: str) -> None:
    with server.client(ADA) as client:
        page = client.get(f"/web/devices/{name}").text
    assert ("<svg" in page) == (name == "ibmqx5")
    assert "T1 (µs)" not in page
