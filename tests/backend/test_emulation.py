"""The notice at the first emulated job."""

import logging
import os
import subprocess
import sys

import pytest
from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.backend.emulation import notify_emulated
from ibmq_backend.exceptions import IBMQBackendValueError

pytestmark = pytest.mark.integration

LONGEST = 160

PROGRAM = """
from qiskit import IBMQ, QuantumCircuit, execute

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_vigo")
qc = QuantumCircuit(1, 1)
qc.measure(0, 0)
for _ in range(2):
    print(sum(execute(qc, backend, shots=7).result().get_counts().values()))
"""


@pytest.fixture
def circuit():
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    return circuit


@pytest.fixture
def notices(caplog):
    """Return the lines a program without its own logging would show."""
    return lambda: [each.message for each in caplog.records if each.levelno >= logging.WARNING]


@pytest.mark.parametrize("options", [[], ["-W", "error"]], ids=" ".join)
def test_an_old_program_prints_one_line_before_its_counts(options, clean_account):
    done = subprocess.run(
        [sys.executable, *options, "-c", PROGRAM], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines() == ["7", "7"]
    (line,) = done.stderr.splitlines()
    assert line.startswith("ibmq_vigo is emulated (calibration of 2021-01-20).")
    assert "IBMQ.save_account(API_KEY, instance=CRN)" in line
    assert "IBMQ_BACKEND_LOCAL=never" in line


def test_every_device_fits_the_line(notices):
    from ibmq_backend import notices as shown

    provider = IBMQ.load_account()
    for backend in provider.backends():
        shown.forget_notices()
        notify_emulated(backend)
        line = notices()[-1]
        assert line.startswith(f"{backend.name()} is emulated")
        assert ("calibration of 20" in line) == (backend.properties() is not None)
        assert len(line) <= LONGEST, line
    assert len(notices()) == len(provider.backends())


def test_the_first_job_is_told_and_later_ones_are_not(circuit, notices):
    provider = IBMQ.load_account()
    vigo, lima = provider.get_backend("ibmq_vigo"), provider.get_backend("ibmq_lima")
    with pytest.raises(IBMQBackendValueError):
        vigo.run(circuit, shots=0)
    assert notices() == []
    lima.run(circuit, shots=1)
    vigo.run(circuit, shots=1)
    IBMQ.load_account().get_backend("ibmq_rome").run(circuit, shots=1)
    assert [line.split()[0] for line in notices() if "emulated" in line] == ["ibmq_lima"]


def test_who_chose_the_emulator_is_told_nothing(circuit, notices):
    IBMQ.enable_local().get_backend("ibmq_vigo").run(circuit, shots=1)
    assert notices() == []


def test_the_variable_is_named_where_it_chose_the_emulator(circuit, notices, monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "always")
    IBMQ.load_account().get_backend("ibmq_vigo").run(circuit, shots=1)
    (line,) = notices()
    assert line.endswith("For real devices unset IBMQ_BACKEND_LOCAL.")
    assert "IBMQ_BACKEND_LOCAL" in os.environ
