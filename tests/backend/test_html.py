"""The cards of backends, as notebooks show them."""

from statistics import median

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.backend.html import backend_card
from ibmq_backend.backend.variants import IBMQRetiredBackend
from ibmq_backend.exceptions import ApiTimeoutError
from ibmq_backend.models import properties_from
from ibmq_backend.records import ServiceInfo
from tests.support.counted_requests import CountedRequests
from tests.support.small_service import FewDevices, make_service
from tests.support.static_html import read, rows

MAX_CHARACTERS = 60_000


@pytest.mark.parametrize(
    ("name", "pair_gate"),
    [
        ("ibmq_vigo", "cx"),
        ("ibmq_mumbai", "cx"),
        ("ibmq_manhattan", "cx"),
        ("ibm_sherbrooke", "ecr"),
        ("ibmqx4", "cx"),
    ],
)
def test_a_card_shows_calibration_and_map(provider, name, pair_gate):
    backend = provider.get_backend(name)
    card = backend._repr_html_()
    assert len(card) < MAX_CHARACTERS
    shown = {key: value for key, (value,) in rows(card).items()}
    properties = backend.properties()
    times = [1e6 * properties.t1(qubit) for qubit in range(len(properties.qubits))]
    assert shown["T1"].startswith(f"median {median(times):.3g} µs, {min(times):.3g} to ")
    assert shown["calibration"].startswith(f"{properties.last_update_date:%Y-%m-%d %H:%M:%S}")
    assert shown["provider"].endswith("emulated locally")
    assert shown["status"] == "active, pending jobs: 0"
    assert shown["qubits"] == str(backend.configuration().n_qubits)
    assert {"T2", "readout error", f"{pair_gate} error"} <= shown.keys()
    circles = [each for each in read(card).iter() if each.tag.endswith("circle")]
    assert len(circles) == backend.configuration().n_qubits


def test_gates_that_are_switched_off_are_counted(provider):
    shown = rows(provider.get_backend("ibmq_manhattan")._repr_html_())
    assert shown["cx error"][0].endswith("; 22 of 72 switched off")


def test_a_device_without_a_calibration(provider):
    shown = rows(provider.get_backend("ibmqx5")._repr_html_())
    assert shown["calibration"] == ["none"]
    assert not shown.keys() & {"T1", "cx error"}


def test_a_device_that_the_service_no_longer_lists(backend):
    gone = IBMQRetiredBackend.from_name(
        "ibmq_gone", backend.provider(), backend._credentials, backend._api_client
    )
    shown = rows(gone._repr_html_())
    assert shown.keys() == {"provider", "status"}
    assert shown["status"] == ["no longer available"]


def test_simulators_have_no_map(simulator):
    shown = rows(simulator._repr_html_())
    assert shown["kind"] == ["simulator"]
    assert not shown.keys() & {"calibration", "T1", "quantum volume"}
    assert "<svg" not in simulator._repr_html_()


def test_a_remote_service_is_not_asked(monkeypatch):
    with make_service(FewDevices(["ibmq_vigo"])) as service:
        backend = IBMQ.enable_account(service.api_token, service.url).get_backend("ibmq_vigo")
        requests = CountedRequests(monkeypatch)
        shown = rows(backend._repr_html_())
        assert shown["calibration"] == ["not read yet; backend.properties() reads it"]
        assert shown["provider"][0].endswith(f"emulated at {service.url}")
        assert requests.take() == {}
        backend.properties()
        requests.take()
        assert rows(backend._repr_html_())["T1"][0].startswith("median")
        assert requests.take() == {}


def test_a_service_that_does_not_answer_leaves_a_card(backend, monkeypatch):
    def fail(*args):
        raise ApiTimeoutError("The service did not answer.")

    monkeypatch.setattr(type(backend._api_client), "properties", fail)
    assert rows(backend._repr_html_())["calibration"][0].startswith("not read yet")


@pytest.mark.parametrize(
    ("target", "emulated", "words"),
    [("platform", False, "IBM Quantum Platform"), ("classic", False, "classic hub/group/project")],
)
def test_the_service_is_named(backend, target, emulated, words):
    info = ServiceInfo(target, "https://quantum.example", emulated=emulated)
    assert rows(backend_card(backend.configuration(), "IBMQ()", info))["service"] == [words]


DATE = "2021-01-01T00:00:00Z"


def calibration(qubits, gates):
    document = {"last_update_date": DATE, "backend_version": "1", "general": []}
    return properties_from({**document, "qubits": qubits, "gates": gates}, "ibmq_vigo")


def value(name, number, unit=""):
    return {"name": name, "value": number, "unit": unit, "date": DATE}


@pytest.mark.parametrize(
    ("qubits", "gates"),
    [
        ([], []),
        ([[], [], [], [], []], []),
        ([[value("T1", float("nan"), "us"), value("readout_error", float("inf"))]], []),
        ([[value("T1", 50, "us")]], [{"gate": "cx", "qubits": [0, 77], "parameters": []}]),
        ([], [{"gate": "cx", "qubits": [0, 1], "parameters": [value("gate_error", -1.0)]}]),
        ([], [{"gate": "cx", "qubits": [0, 1], "parameters": [value("gate_error", 1.0)]}]),
    ],
)
def test_incomplete_and_odd_calibrations(backend, qubits, gates):
    info = ServiceInfo("local", "http://127.0.0.1", emulated=True)
    properties = calibration(qubits, gates)
    card = backend_card(backend.configuration(), "IBMQ()", info, None, properties)
    assert rows(card)["calibration"][0].startswith("2")


@pytest.mark.parametrize(
    "couplings", [[[0, 99]], [[0, 1, 2]], [["a", "b"]], [[0, 0]], None, [7], 7]
)
def test_odd_coupling_maps(backend, couplings):
    configuration = type(backend.configuration()).from_dict(
        {**backend.configuration().to_dict(), "coupling_map": couplings}
    )
    info = ServiceInfo("local", "http://127.0.0.1", emulated=True)
    assert rows(backend_card(configuration, "IBMQ()", info))["qubits"] == ["5"]
