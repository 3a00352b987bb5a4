import pytest

from ibmq_backend.emulator.service_state import DeviceState
from ibmq_backend.jupyter.tables import devices_table, jobs_table, overview_table
from tests.support.static_html import rows


def test_devices_and_jobs(provider, backend, device_bell):
    backend.run(device_bell, job_name="<script>").result()
    devices = rows(devices_table(provider))
    assert devices["ibmq_vigo"][:4] == ["1.3.6", "5", "16", "8192"]
    assert devices["ibmqx4"][2] == "-"
    assert "ibmq_qasm_simulator" not in devices
    newest = list(rows(jobs_table(provider)).values())[1:2]
    assert [(device, status, name) for device, status, _, name in newest] == [
        ("ibmq_vigo", "DONE", "<script>")
    ]


def test_overview(provider, backend):
    shown = rows(overview_table(map(provider.get_backend, ("ibmq_vigo", "ibmqx5", "ibm_prague"))))
    assert list(shown)[1:] == ["ibmq_vigo", "ibmqx5", "ibm_prague"]
    t1, t2, gate, error, readout = shown["ibmq_vigo"][5:]
    assert 20 < float(t2) < float(t1) < 200
    assert gate == "cx"
    assert 0.001 < float(error) < 0.1
    assert 0.001 < float(readout) < 0.2
    assert shown["ibmqx5"][5:] == ["-"] * 5
    assert shown["ibm_prague"][7] == "cz"


@pytest.mark.parametrize(
    ("paused", "offline", "marked"),
    [((), (), "ibmq_rome"), (["ibmq_rome"], (), "ibmq_vigo"), ((), ["ibmq_rome"], "ibmq_vigo")],
)
def test_one_available_device_is_marked(provider, service_state, paused, offline, marked):
    for name in paused:
        service_state.set_device_state(name, DeviceState(status="internal"))
    for name in offline:
        service_state.set_device_state(name, DeviceState(operational=False))
    devices = ["ibmq_rome", "ibmq_vigo", "ibmq_lima"]
    try:
        shown = rows(overview_table(map(provider.get_backend, devices)))
    finally:
        for name in devices:
            service_state.set_device_state(name, DeviceState())
    assert [name for name, cells in shown.items() if cells[4] == "yes"] == [marked]


def test_no_device_is_marked_if_none_is_available(provider, service_state):
    service_state.set_device_state("ibmq_rome", DeviceState(operational=False))
    try:
        shown = rows(overview_table([provider.get_backend("ibmq_rome")]))
    finally:
        service_state.set_device_state("ibmq_rome", DeviceState())
    assert shown["ibmq_rome"][3:5] == ["no", ""]
