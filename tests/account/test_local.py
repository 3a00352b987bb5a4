"""The store of the local service: kept by default, shared by processes, replaced if unusable."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from qiskit import QuantumCircuit
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend import IBMQ
from ibmq_backend.account import local
from ibmq_backend.emulator.devices.options import DATE_VARIABLE
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.location import STORE_VARIABLE, user_store_path
from ibmq_backend.exceptions import IBMQAccountError, IBMQBackendApiError

pytestmark = pytest.mark.integration

UNKNOWN = "5f" * 12


@pytest.fixture(autouse=True)
def default_store(clean_account: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use the store that users have, in the home folder of the test."""
    monkeypatch.delenv(STORE_VARIABLE)
    return user_store_path()


def damage(path: Path) -> None:
    path.write_bytes(os.urandom(10_000))


def refuse_newer(path: Path) -> None:
    Store(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")


def replace_by_folder(path: Path) -> None:
    path.mkdir()


def use_for_something_else(path: Path) -> None:
    Store(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = 'x'")


def name_a_file_as_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("a file")


BREAK = [damage, refuse_newer, replace_by_folder, use_for_something_else, name_a_file_as_folder]


@pytest.mark.parametrize("spoil", BREAK)
def test_an_unusable_store_is_replaced_by_memory(
    default_store: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    default_store.parent.mkdir(parents=True)
    spoil(default_store)
    provider = IBMQ.load_account()
    assert provider.get_backend("ibmq_vigo").jobs() == []
    assert Path(local.start().service_state.store.url.database) != default_store
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert line.startswith("Jobs are kept in memory: ~/.qiskit/ibmq_backend/local.sqlite cannot be")
    assert len(line) <= 160
    with pytest.raises(IBMQBackendApiError, match=r"in memory \(the store cannot be used\)"):
        provider.backends.retrieve_job(UNKNOWN)


@pytest.mark.parametrize("spoil", BREAK)
def test_a_store_that_was_named_must_be_usable(
    tmp_path: Path, spoil: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jobs" / "own.sqlite"
    path.parent.mkdir()
    spoil(path)
    with pytest.raises(
        IBMQAccountError, match=r"own\.sqlite.*(cannot be used: .* or memory|not a place)"
    ):
        IBMQ.enable_local(store=path)
    monkeypatch.setenv(STORE_VARIABLE, str(path))
    with pytest.raises(
        IBMQAccountError, match="IBMQ_BACKEND_STORE (cannot be used|is .*not a place)"
    ):
        IBMQ.load_account()
    monkeypatch.setenv(STORE_VARIABLE, "off")
    with pytest.raises(IBMQAccountError, match="IBMQ_BACKEND_STORE is 'off'"):
        IBMQ.load_account()


def test_an_unknown_job_names_the_store_or_the_project(
    default_store: Path, bell: QuantumCircuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    IBMQ.load_account()
    job = IBMQ.get_provider(hub="ibm-q-x").get_backend("ibmq_qasm_simulator").run(bell, shots=5)
    with pytest.raises(IBMQBackendApiError, match=r"in ~/\.qiskit/ibmq_backend/local\.sqlite; "):
        IBMQ.get_provider(hub="ibm-q").backends.retrieve_job(UNKNOWN)
    with pytest.raises(IBMQBackendApiError, match="it was run in ibm-q-x/open/main"):
        IBMQ.get_provider(hub="ibm-q").backends.retrieve_job(job.job_id())
    monkeypatch.setenv(STORE_VARIABLE, "memory")
    with pytest.raises(IBMQBackendApiError, match="unset IBMQ_BACKEND_STORE or set it to a file"):
        IBMQ.load_account().backends.retrieve_job(UNKNOWN)
    with pytest.raises(IBMQBackendApiError, match=r"call IBMQ\.enable_local\(persist=True\)"):
        IBMQ.enable_local(persist=False).backends.retrieve_job(UNKNOWN)


def test_only_the_user_can_read_the_store(default_store: Path) -> None:
    before = os.umask(0)
    try:
        IBMQ.load_account()
    finally:
        os.umask(before)
    folder = default_store.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) > 1


def test_seeds_differ_from_session_to_session(default_store: Path, bell: QuantumCircuit) -> None:
    """Without a seed; with one they are the same, whatever the store contains already."""

    def draw(seed: int | None) -> int:
        local.stop()
        backend = IBMQ.enable_local(seed=seed).get_backend("ibmq_qasm_simulator")
        job = backend.run(bell, shots=5)
        drawn: int = local.start(seed=seed).service_state.jobs.get(job.job_id(), None, None).seed
        return drawn

    assert draw(None) != draw(None)
    assert draw(3) == draw(3)


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("1999-01", "The date 1999-01-31 is before the first calibration"),
        ("9998-01", "The date 9998-01-31 is in the future"),
        ("some day", "'some day' is not a date"),
    ],
)
def test_a_date_without_calibrations_is_refused(date, reason):
    with pytest.raises(IBMQAccountError) as caught:
        IBMQ.enable_local(date=date)
    assert reason in str(caught.value)
    assert date == "some day" or "calibrations are of 2019-08-23 to" in str(caught.value)


def test_a_date_chooses_devices_and_calibrations():
    provider = IBMQ.enable_local(date="2020-05")
    names = {backend.name() for backend in provider.backends()}
    assert {"ibmq_vigo", "ibmq_burlington", "ibmqx2"} <= names
    assert not {"ibmq_manila", "ibmq_lima", "ibm_perth"} & names
    with pytest.raises(QiskitBackendNotFoundError, match="'ibmq_manila' on the date of the emu"):
        provider.get_backend("ibmq_manila")
    backend = provider.get_backend("ibmq_vigo")
    assert backend.properties().last_update_date.date().isoformat() == "2020-04-28"
    assert {"u1", "u2", "u3"} < set(backend.configuration().basis_gates)


def test_the_variable_chooses_a_date_and_an_argument_another(monkeypatch):
    def day() -> str:
        backend = IBMQ.enable_local().get_backend("ibmq_vigo")
        return backend.properties().last_update_date.date().isoformat()

    monkeypatch.setenv(DATE_VARIABLE, "")
    assert day() == "2021-01-20"
    monkeypatch.setenv(DATE_VARIABLE, "2019-12")
    assert day() == "2019-10-16"
    backend = IBMQ.enable_local(date="2020-05").get_backend("ibmq_vigo")
    assert backend.properties().last_update_date.date().isoformat() == "2020-04-28"
    monkeypatch.setenv(DATE_VARIABLE, "last year")
    with pytest.raises(IBMQAccountError, match="IBMQ_BACKEND_DATE: 'last year' is not a date"):
        IBMQ.enable_local()


@pytest.mark.parametrize(
    ("options", "stated"),
    [
        ({}, {"noise": True, "noise_model": "full", "scheduling_method": "alap"}),
        ({"noise": "gates"}, {"noise": True, "noise_model": "gates"}),
        ({"noise": "none"}, {"noise": False, "noise_model": "none"}),
        ({"date": "2020-05"}, {"snapshot_date": "2020-04-28T06:20:46+00:00"}),
        ({"date": "2020-05", "calibration": "published"}, {"noise_source": "2020-04-28"}),
    ],
)
def test_results_state_the_options(options, stated):
    backend = IBMQ.enable_local(**options).get_backend("ibmq_vigo")
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    metadata = backend.run(circuit, shots=2000).result().to_dict()["metadata"]
    assert {name: metadata[name] for name in stated if name != "noise_source"} == {
        name: value for name, value in stated.items() if name != "noise_source"
    }
    assert stated.get("noise_source", "") in metadata.get("noise_source", "")


@pytest.mark.parametrize("option", ["calibration", "noise"])
def test_unknown_words_are_refused(option):
    with pytest.raises(IBMQAccountError, match=f"{option} must be one of"):
        IBMQ.enable_local(**{option: "loud"})


def test_the_simulator_starts_before_the_service_is_imported() -> None:
    script = """
        import sys
        from ibmq_backend.account import local
        from ibmq_backend.emulator.engine.engine import ProcessEngine

        ProcessEngine.start = lambda engine: sys.exit(f"loaded: {'sqlalchemy' in sys.modules}")
        local.start(persist=False)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stderr == "loaded: False\n"
